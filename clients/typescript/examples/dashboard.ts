/** A holder's diplomas across families, page after page: what all have, then what the families that we know add. */

import type { Request } from "../client.ts";
import { type DiplomaCardFragment, HeldDiplomasDocument, type HeldDiplomasQuery, type Mention } from "../generated/graph.ts";

const MENTIONS: Partial<Record<Mention, string>> = { ASSEZ_BIEN: "assez bien", BIEN: "bien", TRES_BIEN: "très bien" };

export async function* cards(request: Request): AsyncGenerator<string> {
  for (let after: string | null = null; ; ) {
    const { viewer }: HeldDiplomasQuery = await request(HeldDiplomasDocument, { first: 20, after });
    if (viewer === null) throw new Error("Sign in first: /login");
    for (const { node } of viewer.diplomas.edges) yield card(node.diploma);
    if (!viewer.diplomas.pageInfo.hasNextPage) return;
    after = viewer.diplomas.pageInfo.endCursor;
  }
}

function card(diploma: DiplomaCardFragment): string {
  const mention = diploma.mention === null ? "" : `, mention ${MENTIONS[diploma.mention] ?? diploma.mention}`;
  return [`${diploma.title} (${diploma.session}${mention})`, ...details(diploma)].join("\n");
}

function details(diploma: DiplomaCardFragment): ReadonlyArray<string> {
  switch (diploma.__typename) {
    case "Baccalaureat":
      return [diploma.track, ...(diploma.specialities ?? [])];
    case "HigherEducationDiploma":
      return [diploma.degree, diploma.subject, diploma.establishment].filter((one) => one !== null);
    case "BrevetTechnicienSuperieur":
      return diploma.option === null ? [] : [diploma.option];
    case "CertificatAptitudeProfessionnelle":
      return diploma.form === null ? [] : [diploma.form];
    default: // without it this does not compile: other ministries add families without notice
      return [];
  }
}
