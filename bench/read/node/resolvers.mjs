// Resolvers and data loaders of the servers that begin with a schema: Mercurius and Apollo.
import DataLoader from "dataloader";
import { GraphQLScalarType } from "graphql";
import * as secrets from "./secrets.mjs";
import { row, rows } from "./statements.mjs";

const LAST = "ffffffff-ffff-ffff-ffff-ffffffffffff", FIRST = "00000000-0000-0000-0000-000000000000";
const TRACKS = { 470: "GENERAL", 430: "TECHNOLOGICAL", 400: "PROFESSIONAL" };
const FAMILIES = JSON.parse(process.env.BENCH_FAMILIES);

const byKey = (name, of) => async (keys) => {
  const found = new Map((await rows(name, keys)).map((one) => [one[of], one]));
  return keys.map((key) => found.get(key));
};
const ofClaims = (name) => async (claims) => {
  const found = new Map(claims.map((claim) => [claim, []]));
  for (const one of await rows(name, claims)) found.get(one.claim_id).push(one);
  return claims.map((claim) => found.get(claim));
};

export const contextOf = (headers, address) => ({
  cookie: headers.cookie, authorization: headers.authorization, address,
  academies: new DataLoader(byKey("academies", "code")),
  diplomas: new DataLoader(byKey("diplomas", "id")),
  candidates: new DataLoader(ofClaims("candidates")),
  decisions: new DataLoader(ofClaims("decisions")),
});

export async function holderOf({ cookie }) {
  const secret = /(?:^|; )parchemin=([^;]+)/.exec(cookie ?? "")?.[1];
  return secret ? row("session", secrets.digest(secret)) : null;
}

export async function academiesOf({ authorization }) {
  const agent = await row("agent", secrets.digest((authorization ?? "").replace("Bearer ", "")));
  if (agent === null) throw new Error("Sign in as an agent.");
  return agent.academies;
}

export async function verified({ address }, key, birthName, statement = "verify") {
  const name = secrets.nameKey(birthName), symbols = secrets.normalised(key);
  const subjects = secrets.subjectsOf(address, name, symbols);
  const found = await row(statement, ...subjects, secrets.lookupOf(symbols), name);
  const exhausted = secrets.isExhausted(found.failures);
  if (exhausted || found.id === null) {
    if (!exhausted) await rows("count_failure", ...subjects);
    return null;
  }
  await rows("consult", ...secrets.sealed(found.id, found.version));
  return found;
}

function connection(found, first) {
  const edges = found.slice(0, first).map((one) => ({ cursor: secrets.cursorOf(one.id), node: one }));
  return { edges, pageInfo: { hasNextPage: found.length > first, endCursor: edges.at(-1)?.cursor ?? null } };
}

const text = (name) => new GraphQLScalarType({ name, serialize: (value) => value });
const holderNames = (one) => ({ birthName: one.birth_name, givenNames: one.given_names });
const academy = (one, _, context) => context.academies.load(one.academy_code);
const diploma = {
  id: (one) => secrets.globalId("Diploma", one.id),
  familyCode: (one) => one.family,
  session: (one) => one.year,
  holder: holderNames,
  academy,
};

export const types = {
  Diploma: (one) => (one.family === "bac" ? "Baccalaureat" : "Brevet"),
  Verification: (one) => (one.diploma ? "VerifiedDiploma" : "VerificationRefused"),
};

export const resolvers = {
  Date: text("Date"),
  DateTime: text("DateTime"),
  Query: {
    async verification(_, { key, birthName }, context) {
      const found = await verified(context, key, birthName);
      if (found === null) return { message: "The register shows nothing for this key and this birth name." };
      return { diploma: found, replacedOn: found.replaced_on, verifiedAt: new Date().toISOString() };
    },
    viewer: (_, __, context) => holderOf(context),
    availability: (_, { from, to }) => rows("availability", ...FAMILIES, from, to),
    diplomaReviews: async (_, { first, after }, context) =>
      connection(await rows("reviews", await academiesOf(context), secrets.keyOf(after, FIRST), first + 1), first),
  },
  Baccalaureat: {
    ...diploma,
    track: (one) => TRACKS[one.title_code.slice(0, 3)],
    specialities: (one) => one.details.specialities ?? null,
    options: (one) => one.details.options ?? null,
    sectionLanguage: (one) => one.details.section_language ?? null,
  },
  Brevet: diploma,
  Viewer: {
    identity: ({ person }) => ({ familyName: person.family_name, givenNames: person.given_names }),
    diplomas: async (viewer, { first, after }) => connection(await rows("held", viewer.account_id, secrets.keyOf(after, LAST), first + 1), first),
  },
  HeldDiploma: {
    id: (one) => secrets.globalId("HeldDiploma", one.id),
    controlKey: secrets.controlKey,
    addedAt: (one) => one.attached_at,
    keptUntil: (one) => secrets.keptUntil(one.delivered_on),
    diploma: (one) => one,
  },
  Availability: { academy },
  DiplomaReview: {
    id: (one) => secrets.globalId("DiplomaReview", one.id),
    familyCode: (one) => one.family,
    session: (one) => one.year,
    createdAt: (one) => one.created_at,
    academy,
    candidates: (one, _, context) => context.candidates.load(one.id),
    decisions: (one, _, context) => context.decisions.load(one.id),
  },
  ReviewCandidate: {
    heldByAnother: (one) => one.held_by_another,
    diploma: (one, _, context) => context.diplomas.load(one.diploma_id),
    person: async (one, _, context) => {
      const found = await context.diplomas.load(one.diploma_id);
      return { ...holderNames(found), birthDate: found.birth_date };
    },
  },
  ReviewDecision: { preparedBy: (one) => one.prepared_by },
};
