// Writes OUT/graph.ts, the types and texts of operations, from a schema: node generate.mjs [SCHEMA [OUT]]
//
// SCHEMA is schema.graphql of this repository by default, or what /schema.graphql of a deployment answers. The operations are those of
// operations/ and the examples of GraphiQL.

import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { codegen } from "@graphql-codegen/core";
import * as typedDocuments from "@graphql-codegen/typed-document-node";
import * as operations from "@graphql-codegen/typescript-operations";
import { Kind, Source, parse } from "graphql";

const HERE = import.meta.dirname;
const OPERATIONS = [join(HERE, "operations"), join(HERE, "../../server/graphiql/examples")];
const OTHER = "'%other'"; // as Relay writes it: no name of GraphQL, so no server ever says it
const [schema = join(HERE, "../../schema.graphql"), out = join(HERE, "generated")] = process.argv.slice(2);

const CONFIG = {
  documentMode: "string", // sent as it is, and what the digest of a trusted document is made of
  skipTypename: true, // `__typename` is there where the operation asks for it, and nowhere else
  futureProofEnums: true,
  strictScalars: true,
  scalars: { ID: "string", Date: "Day", DateTime: "Instant" },
  enumType: "string-literal",
  immutableTypes: true,
  useTypeImports: true,
};

const named = (name) => ({ kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: name } });
const future = (name) => `Future${name}`;

/**
 * The schema with one more implementation of each interface and one more member of each union. The register gains families and problems
 * without notice: types that name only those of today would let a client forget the others.
 */
function openEnded(document) {
  const problems = new Set(document.definitions.filter(isProblem).map((type) => type.name.value));
  const added = document.definitions.filter((type) => type.kind === Kind.INTERFACE_TYPE_DEFINITION).map((type) => ({
    kind: Kind.OBJECT_TYPE_DEFINITION,
    name: { kind: Kind.NAME, value: future(type.name.value) },
    interfaces: [named(type.name.value), ...type.interfaces],
    fields: type.fields,
  }));
  const extra = parse(`type ${future("Member")} { other: Boolean }`).definitions;
  const definitions = document.definitions.map((type) => {
    if (type.kind !== Kind.UNION_TYPE_DEFINITION) return type;
    const refuses = type.types.some((member) => problems.has(member.name.value));
    return { ...type, types: [...type.types, named(future(refuses ? "Problem" : "Member"))] };
  });
  const names = [...added, ...extra].map((type) => type.name.value);
  return { schema: { ...document, definitions: [...definitions, ...added, ...extra] }, names };
}

const isProblem = (type) => type.interfaces?.some((one) => one.name.value === "Problem") ?? false;

function documents() {
  return OPERATIONS.flatMap((folder) =>
    readdirSync(folder).filter((name) => name.endsWith(".graphql")).sort().map((name) => {
      const location = join(folder, name);
      return { location, document: parse(new Source(readFileSync(location, "utf8"), location)) };
    }),
  );
}

const open = openEnded(parse(readFileSync(schema, "utf8")));
const text = await codegen({
  filename: "graph.ts",
  schema: open.schema,
  documents: documents(),
  config: CONFIG,
  plugins: [{ operations: {} }, { typedDocuments: {} }],
  pluginMap: { operations, typedDocuments },
});
const typenames = new RegExp(`'(${open.names.join("|")})'`, "g");
mkdirSync(out, { recursive: true });
writeFileSync(join(out, "graph.ts"), `import type { Day, Instant } from "../scalars.ts";\n${text.replace(typenames, OTHER)}`);
