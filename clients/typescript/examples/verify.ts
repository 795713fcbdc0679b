/** A third party checks a diploma with the control key and the birth name that its holder gave. */

import type { Request } from "../client.ts";
import { VerificationDocument, type VerificationQuery } from "../generated/graph.ts";

type Verified = Extract<VerificationQuery["verification"], { __typename: "VerifiedDiploma" }>;

export async function verify(request: Request, key: string, birthName: string): Promise<string> {
  const { verification } = await request(VerificationDocument, { key, birthName });
  switch (verification.__typename) {
    case "VerifiedDiploma":
      return shown(verification);
    case "VerificationRefused":
      return verification.message;
    case "%other":
      return "This register answers what this program does not know yet: update it.";
  }
}

function shown({ diploma, replacedOn }: Verified): string {
  const { title, session, academy, holder } = diploma;
  const lines = [`${title}, session ${session}, ${academy.name}`, [...holder.givenNames, holder.birthName].join(" ")];
  if (diploma.status !== "VALID") lines.unshift(diploma.status); // first, and large
  if (replacedOn !== null) lines.push(`The attestation is older than the diploma as it stands (${replacedOn}): ask for the new one.`);
  // a family that we do not know has been shown already, by what every diploma has
  if (diploma.__typename === "Baccalaureat") lines.push(diploma.track, ...(diploma.specialities ?? []));
  return lines.join("\n");
}
