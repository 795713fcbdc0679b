/** An academy imports the results of a session, closes its jury groups, and has their publication approved by a second agent. */

import type { Request } from "../client.ts";
import {
  ApplyImportDocument,
  CloseGroupDocument,
  ExamSessionDocument,
  ImportReportDocument,
  PrepareDocument,
  ReleaseDocument,
} from "../generated/graph.ts";
import { type Instant, instant } from "../scalars.ts";

export interface Session {
  readonly family: string;
  readonly academy: string;
  readonly year: number;
}

/** Files are sent over HTTP, not in the graph (docs/import.md): the id of the import, which a worker reads. */
export async function upload(base: string, token: string, session: Session, file: Blob): Promise<string> {
  const { family, academy, year } = session;
  const name = new URLSearchParams({ family, academy, year: `${year}`, name: `${family}.csv` });
  const answer = await fetch(`${base}/imports?${name}`, {
    method: "POST", headers: { Authorization: `Bearer ${token}` }, body: file,
  }); // prettier-ignore
  const said = (await answer.json()) as { importId: string } | { message: string };
  if ("message" in said) throw new Error(said.message);
  return said.importId;
}

/** What an import would change and what it refused; `null` as long as it is being read. */
export async function report(request: Request, importId: string): Promise<string | null> {
  const { node } = await request(ImportReportDocument, { import: importId });
  if (node === null || !("accepted" in node)) throw new Error("No such import, or not of your academies.");
  if (node.state === "WAITING" || node.state === "RUNNING") return null;
  const refused = node.refusals.edges.map(({ node: line }) => `line ${line.line}, ${line.column}: ${line.reason} ${line.remedy}`);
  return [`${node.accepted} of ${node.totalLines ?? "?"} lines`, ...refused].join("\n");
}

/** Applies an import. A refusal is an answer: what it says depends on which one it is. */
export async function apply(request: Request, importId: string): Promise<string> {
  const { applyImport } = await request(ApplyImportDocument, { input: { importId } });
  switch (applyImport.__typename) {
    case "ExamSession":
      return applyImport.missing.join("\n");
    case "ClosedGroupChanged":
      return `Open the groups of these decisions again first: ${applyImport.decisions}`;
    default: // every other problem, those of tomorrow too, has a sentence for a person
      return applyImport.message;
  }
}

/** Closes every open jury group and prepares the publication: the digest that the second agent is to compare. */
export async function prepare(request: Request, session: Session): Promise<string> {
  const { examSession } = await request(ExamSessionDocument, session);
  if (examSession === null) throw new Error("No such session.");
  const input = { sessionId: examSession.id };
  for (const { code } of examSession.juryGroups.filter((group) => group.closedAt === null)) {
    const { closeJuryGroup } = await request(CloseGroupDocument, { input: { ...input, group: code } });
    if (closeJuryGroup.__typename !== "ExamSession") throw new Error(closeJuryGroup.message);
  }
  const { preparePublication: prepared } = await request(PrepareDocument, { input });
  if (prepared.__typename === "NotComplete") throw new Error(prepared.missing.join("\n"));
  if (prepared.__typename !== "ExamSession") throw new Error(prepared.message);
  const last = prepared.publications[0];
  if (last === undefined) throw new Error("Nothing was prepared.");
  return last.contentHash;
}

/** Approves as another agent than the one who prepared; at a time when the results are announced. */
export async function release(request: Request, sessionId: string, at: Date): Promise<Instant | null> {
  const { approvePublication: released } = await request(ReleaseDocument, { input: { sessionId, releaseAt: instant(at) } });
  if (released.__typename !== "ExamSession") throw new Error(released.message);
  return released.publications[0]?.releaseAt ?? null;
}
