/** Asks the graph over HTTP: one operation a request, typed from the document to the answer. */

import type { DocumentTypeDecoration } from "@graphql-typed-document-node/core";

/** A document that knows the types of its answer and variables: those of `generated/graph.ts`. */
export type Document<Answer, Variables> = DocumentTypeDecoration<Answer, Variables> & { toString(): string };

/** The codes that a client may want to handle; every other one is listed in docs/clients.md, docs/http.md and docs/limits.md. */
export type Code =
  | "UNAUTHENTICATED" | "FORBIDDEN" | "BAD_USER_INPUT" | "BUSY" | "TIMEOUT" | "INTERNAL_ERROR" | "PERSISTED_QUERY_NOT_FOUND"
  | (string & {}); // prettier-ignore

export interface GraphError {
  readonly message: string;
  readonly path?: ReadonlyArray<string | number>;
  readonly extensions?: { readonly code?: Code };
}

/** The register answered, with errors: the document is refused, or a field has none of what was asked. */
export class GraphRefused extends Error {
  readonly errors: ReadonlyArray<GraphError>;
  /** What was answered beside the errors, of no type: any field of it may be missing. */
  readonly data: unknown;

  constructor(errors: ReadonlyArray<GraphError>, data: unknown) {
    super(errors.map((error) => error.message).join("; "));
    this.errors = errors;
    this.data = data;
  }

  has(code: Code): boolean {
    return this.errors.some((error) => error.extensions?.code === code);
  }
}

/** What answered is not the graph: a proxy, a register that is starting. */
export class NoAnswer extends Error {
  readonly status: number;

  constructor(status: number) {
    super(`HTTP ${status}`);
    this.status = status;
  }
}

export interface Options {
  /** Of messages and labels. */
  readonly language?: "fr" | "en";
  /** The access token of an app or a program, asked for at each request (docs/mobile.md); a browser needs none, it has its cookie. */
  readonly token?: () => string | Promise<string>;
  readonly fetch?: typeof globalThis.fetch;
}

/** Variables may be left out where every one of them may. */
type Given<Variables> = {} extends Variables ? [variables?: Variables] : [variables: Variables];

/** Answers the data of one operation. Rejects with `GraphRefused`, `NoAnswer`, or the error of `fetch`. */
export type Request = <Answer, Variables>(document: Document<Answer, Variables>, ...given: Given<Variables>) => Promise<Answer>;

/** Asks the graph at `url`, which is `/graphql` for a page that the register's proxy serves. */
export function connect(url: string, options: Options = {}): Request {
  const send = options.fetch ?? globalThis.fetch;
  return async <Answer, Variables>(document: Document<Answer, Variables>, ...[variables]: Given<Variables>) => {
    const headers: Record<string, string> = {
      Accept: "application/graphql-response+json",
      "Content-Type": "application/json",
      "Accept-Language": options.language ?? "fr",
    };
    if (options.token) headers["Authorization"] = `Bearer ${await options.token()}`;
    const response = await send(url, { method: "POST", headers, body: JSON.stringify({ query: document.toString(), variables }) });
    if (!response.headers.get("Content-Type")?.startsWith("application/graphql-response+json")) throw new NoAnswer(response.status);
    const answer = (await response.json()) as { data?: Answer | null; errors?: ReadonlyArray<GraphError> };
    if (answer.errors || answer.data == null) throw new GraphRefused(answer.errors ?? [], answer.data);
    return answer.data;
  };
}
