// PostGraphile over the same tables: fields of its own making wherever it has them, plans for what is ours (keys, callers, limits).
import { createServer } from "node:http";
import { postgraphile } from "postgraphile";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";
import { makePgService } from "postgraphile/adaptors/pg";
import { grafserv } from "postgraphile/grafserv/node";
import { gql, extendSchema, jsonPgSmartTags } from "postgraphile/utils";
import { connection, context, get, lambda, object } from "postgraphile/grafast";
import { TYPES, listOfCodec } from "postgraphile/@dataplan/pg";
import { academiesOf, holderOf, verified } from "./resolvers.mjs";
import { controlKey, keptUntil } from "./secrets.mjs";

const tags = jsonPgSmartTags({
  version: 1,
  config: {
    class: {
      published_diploma: { tags: { primaryKey: "id" } },
      holding: {
        tags: { foreignKey: "(diploma_id) references published_diploma (id)|@fieldName diploma" },
        attribute: { frozen_at: { tags: { behavior: "+filterBy" } } },
      },
      claim_candidate: { tags: { foreignKey: "(diploma_id) references published_diploma (id)|@fieldName diploma" } },
    },
  },
});

const ours = extendSchema((build) => {
  const { account, claim, published_diploma: published } = build.pgResources, { sql } = build;
  const texts = listOfCodec(TYPES.text);
  return {
    typeDefs: gql`
      type VerifiedDiploma { replacedOn: Datetime verifiedAt: Datetime! diploma: PublishedDiploma }
      extend type Query {
        verification(key: String!, birthName: String!): VerifiedDiploma
        viewer: Account
        diplomaReviews: ClaimConnection
      }
      extend type Account { person: JSON }
      extend type Holding { controlKey: String! keptUntil: String! }
      extend type ClaimCandidate { heldByAnother: Boolean! }
    `,
    objects: {
      Query: {
        plans: {
          verification(_, { $key, $birthName }) {
            return lambda([context(), $key, $birthName], ([asking, key, name]) => verified(asking, key, name, "verify_key"));
          },
          viewer: () => account.get({ id: context().get("account") }),
          // PostGraphile gives it the arguments of a connection, and applies them
          diplomaReviews() {
            const $claims = claim.find(), { alias } = $claims;
            const $academies = $claims.placeholder(context().get("academies"), texts);
            // the first page, by the index of each academy: a plain condition would be looked for along the primary key
            $claims.where(sql`${alias}.id = any(array(select w.id from unnest(${$academies}) as a (code) cross join lateral (
              select id from claim where academy_code = a.code and state in ('REVIEW', 'FROZEN') order by id limit 51) w))`);
            $claims.orderBy({ attribute: "id", direction: "ASC" });
            $claims.setOrderIsUnique();
            return connection($claims);
          },
        },
      },
      VerifiedDiploma: {
        plans: {
          replacedOn: ($found) => get($found, "replaced_on"),
          verifiedAt: () => lambda(null, () => new Date().toISOString()),
          diploma: ($found) => published.get({ id: get($found, "id") }),
        },
      },
      Account: { plans: { person: () => context().get("person") } },
      Holding: {
        plans: {
          controlKey($holding) {
            const $diploma = $holding.singleRelation("diploma");
            const $of = object(Object.fromEntries(["id", "version", "key_generation"].map((name) => [name, $diploma.get(name)])));
            return lambda($of, controlKey, true);
          },
          keptUntil($holding) {
            const $diploma = $holding.singleRelation("diploma");
            const $delivered = [$diploma.get("awarded_on"), $diploma.get("session_year")];
            return lambda($delivered, ([day, year]) => keptUntil(day ?? `${year}-12-31`), true);
          },
        },
      },
      ClaimCandidate: {
        plans: {
          heldByAnother($candidate) {
            const { alias } = $candidate.getClassStep();
            return $candidate.select(
              sql`exists (select from holding h join claim c on c.id = ${alias}.claim_id
                where h.diploma_id = ${alias}.diploma_id and h.account_id <> c.account_id)`,
              TYPES.boolean,
            );
          },
        },
      },
    },
  };
});

// who asks is looked up once a request, as the others do
async function contextOf({ node }) {
  const { headers, socket } = node.req;
  const asking = { cookie: headers.cookie, authorization: headers.authorization };
  const holder = headers.cookie ? await holderOf(asking) : null;
  return {
    address: headers["x-forwarded-for"] ?? socket.remoteAddress, account: holder?.account_id, person: holder?.person,
    academies: headers.authorization ? await academiesOf(asking) : [],
  };
}

// plans are made once, as for the others
const url = `${process.env.DATABASE_URL}?options=${encodeURIComponent("-c plan_cache_mode=force_generic_plan")}`;

export async function serve(port) {
  const preset = {
    extends: [PostGraphileAmberPreset],
    plugins: [tags, ours],
    pgServices: [makePgService({ connectionString: url, schemas: ["public", "bench"] })],
    grafserv: { graphqlPath: "/graphql", graphiql: false, watch: false },
    grafast: { explain: false, context: contextOf },
  };
  const instance = postgraphile(preset);
  if (process.env.BENCH_SCHEMA) {
    const { printSchema } = await import("postgraphile/graphql");
    console.log(printSchema(await instance.getSchema()));
  }
  const server = createServer();
  await instance.createServ(grafserv).addTo(server);
  server.listen(port, "127.0.0.1");
}
