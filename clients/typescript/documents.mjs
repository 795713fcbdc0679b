// Prints the manifest of trusted documents (docs/trusted-documents.md): each digest with its text, to the last space as client.ts sends it.
//   node documents.mjs [FOLDER of graph.ts]

import { createHash } from "node:crypto";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [folder = join(import.meta.dirname, "generated")] = process.argv.slice(2);
const graph = await import(pathToFileURL(join(folder, "graph.ts")).href);
const texts = Object.entries(graph).filter(([name]) => name.endsWith("Document")).map(([, document]) => document.toString());
const digest = (text) => createHash("sha256").update(text).digest("hex");
console.log(JSON.stringify(Object.fromEntries(texts.map((text) => [digest(text), text])), null, 2));
