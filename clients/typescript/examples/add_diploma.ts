/** A holder adds a diploma: refusals are members of a union, told apart by `__typename`. */

import { GraphRefused, type Request } from "../client.ts";
import { AddDiplomaDocument, type AddDiplomaInput } from "../generated/graph.ts";

export async function addDiploma(request: Request, input: AddDiplomaInput): Promise<string> {
  try {
    const { addDiploma: answer } = await request(AddDiplomaDocument, { input });
    switch (answer.__typename) {
      case "HeldDiploma":
        return `${answer.diploma.title}: ${answer.controlKey}`;
      case "DiplomaNotLinked":
        return `${answer.reference}: ${answer.examService?.name ?? "the academy"} looks into it`;
      default:
        return answer.message;
    }
  } catch (error) {
    // nobody is signed in, or no longer: not a refusal of the diploma
    if (error instanceof GraphRefused && error.has("UNAUTHENTICATED")) return "Sign in first: /login";
    throw error;
  }
}
