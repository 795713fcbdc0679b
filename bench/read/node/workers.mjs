// node workers.mjs SERVER PORT WORKERS: a server in one process, or in several that share its port.
import cluster from "node:cluster";

const [server, port, workers] = process.argv.slice(2);

if (workers === "1" || !cluster.isPrimary) {
  const { serve } = await import(`./${server}.mjs`);
  await serve(Number(port));
} else {
  for (let nth = 0; nth < Number(workers); nth++) cluster.fork();
  process.on("SIGTERM", () => process.exit());
}
