// Mercurius on Fastify, with its compiled execution (graphql-jit) from the first request on.
import Fastify from "fastify";
import mercurius from "mercurius";
import { contextOf, resolvers, types } from "./resolvers.mjs";
import { sdl } from "./statements.mjs";

export async function serve(port) {
  const app = Fastify({ trustProxy: "127.0.0.1" });
  const typed = Object.fromEntries(Object.entries(types).map(([name, resolveType]) => [name, { resolveType }]));
  app.register(mercurius, {
    schema: sdl, resolvers: { ...resolvers, ...typed }, context: (request) => contextOf(request.headers, request.ip), jit: 1,
    path: "/graphql",
  });
  await app.listen({ port, host: "127.0.0.1" });
}
