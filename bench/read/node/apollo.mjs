// Apollo Server by its standalone start; it keeps parsed and validated documents by default.
import { ApolloServer } from "@apollo/server";
import { startStandaloneServer } from "@apollo/server/standalone";
import { contextOf, resolvers, types } from "./resolvers.mjs";
import { sdl } from "./statements.mjs";

export async function serve(port) {
  const typed = Object.fromEntries(Object.entries(types).map(([name, __resolveType]) => [name, { __resolveType }]));
  const server = new ApolloServer({ typeDefs: sdl, resolvers: { ...resolvers, ...typed } });
  await startStandaloneServer(server, {
    listen: { port, host: "127.0.0.1" },
    context: async ({ req }) => contextOf(req.headers, req.headers["x-forwarded-for"] ?? req.socket.remoteAddress),
  });
}
