"""What each step of a verification is called, and what it says when it passes and when it fails. `docs/verify-a-file.md` lists them."""

from dataclasses import dataclass

from seal.report import Bilingual


@dataclass(frozen=True)
class StepTexts:
    """The name of a step and its two ends."""

    name: Bilingual
    passed: Bilingual
    failed: Bilingual


FORM = StepTexts(
    Bilingual("Le fichier a la forme d'un PDF et une taille admise", "The file has the form of a PDF and an accepted size"),
    Bilingual("Un PDF entier, de 2 Mo au plus.", "A whole PDF of 2 MB at most."),
    Bilingual(
        "Ce n'est pas un PDF entier, ou il dépasse 2 Mo. Demander au titulaire le fichier d'origine, ni réimprimé ni recadré.",
        "This is not a whole PDF, or it is over 2 MB. Ask the holder for the original file, neither printed again nor cropped.",
    ),
)
RANGE = StepTexts(
    Bilingual("Un cachet couvre toute la première version du fichier", "A seal covers the whole first version of the file"),
    Bilingual(
        "Tout ce qui est scellé l'est d'un bout à l'autre, le cachet lui-même excepté.",
        "Everything is covered but the seal itself.",
    ),
    Bilingual(
        "Aucun cachet ne couvre ce fichier en entier : il n'est pas un original, ou il a été tronqué ou modifié. Demander l'original.",
        "No seal covers this whole file: it is no original, or it was cut or changed. Ask for the original.",
    ),
)
INTACT = StepTexts(
    Bilingual("Rien n'a changé depuis le cachet", "Nothing has changed since the seal"),
    Bilingual("L'empreinte et la signature sont exactes.", "The digest and the signature are right."),
    Bilingual(
        "Le contenu ou le cachet a changé depuis qu'il a été scellé. Ne pas s'y fier ; demander l'original.",
        "The content or the seal has changed since it was sealed. Do not rely on it; ask for the original.",
    ),
)
OURS = StepTexts(
    Bilingual("Le cachet est celui de l'émetteur", "The seal is the issuer's"),
    Bilingual(
        "Son certificat descend d'une racine reconnue et nomme l'émetteur.",
        "Its certificate descends from a trusted root and names the issuer.",
    ),
    Bilingual(
        "Le cachet est d'un autre : son certificat ne descend pas d'une racine reconnue, nomme une autre organisation, "
        "ou ne sert pas à sceller.",
        "The seal is somebody else's: its certificate descends from no trusted root, names another organization, or is not for seals.",
    ),
)
CERTIFIED = StepTexts(
    Bilingual(
        "Le cachet certifie le document et n'y permet aucun changement", "The seal certifies the document and allows no change"
    ),
    Bilingual("Une seule signature, qui certifie (DocMDP, niveau 1).", "One signature, which certifies (DocMDP, level 1)."),
    Bilingual(
        "Le document scellé n'est pas une attestation : il porte d'autres signatures, ou permet des changements.",
        "What was sealed is no attestation: it has other signatures, or allows changes.",
    ),
)
REVISIONS = StepTexts(
    Bilingual("Ce qui fut ajouté depuis n'est que preuves", "What was added since is proofs alone"),
    Bilingual(
        "Rien, ou des données de validation et des horodatages d'archivage.",
        "Nothing, or validation data and archival time stamps.",
    ),
    Bilingual(
        "Quelque chose a été ajouté ou changé après le cachet. Ne pas s'y fier ; demander l'original.",
        "Something was added or changed after the seal. Do not rely on it; ask for the original.",
    ),
)
TIME = StepTexts(
    Bilingual(
        "L'heure du cachet est attestée par une autorité d'horodatage", "A time-stamping authority attests when it was sealed"
    ),
    Bilingual("L'horodatage est d'une autorité reconnue.", "The time stamp is from a trusted authority."),
    Bilingual(
        "Un horodatage porte sur autre chose, ou a changé. Ne pas s'y fier ; demander l'original.",
        "A time stamp is of something else, or has changed. Do not rely on it; ask for the original.",
    ),
)
VALID = StepTexts(
    Bilingual("Le certificat du cachet était valable à cette heure", "The seal's certificate was valid at that time"),
    Bilingual("Ni expiré ni révoqué quand le cachet fut posé.", "Neither expired nor revoked when the seal was set."),
    Bilingual(
        "Le cachet a été posé avec un certificat expiré, pas encore valable ou révoqué, ou des preuves étrangères l'accompagnent. "
        "Ne pas s'y fier.",
        "The seal was set with a certificate that had expired, was not valid yet or was revoked, or foreign proofs stand beside it. "
        "Do not rely on it.",
    ),
)
PAGE = StepTexts(
    Bilingual("Le document a une seule page et n'exécute rien", "The document has one page and runs nothing"),
    Bilingual("Une page, sans script ni action.", "One page, without scripts or actions."),
    Bilingual(
        "Le document scellé n'est pas une attestation : plusieurs pages, ou des actions.",
        "What was sealed is no attestation: several pages, or actions.",
    ),
)
DATA = StepTexts(
    Bilingual("Il porte les données de l'attestation, et rien d'autre", "It carries the attestation's data, and nothing else"),
    Bilingual(
        "Un seul fichier joint, attestation.json, en forme canonique (RFC 8785).",
        "One attachment, attestation.json, in canonical form (RFC 8785).",
    ),
    Bilingual(
        "Les données jointes manquent, ne sont pas seules, ou ne se lisent pas.",
        "The attached data are missing, are not alone, or cannot be read.",
    ),
)
WORDS = StepTexts(
    Bilingual("La page dit ce que disent les données", "The page says what the data say"),
    Bilingual("Chaque valeur de l'attestation est écrite sur la page.", "Each value of the attestation is written on the page."),
    Bilingual("La page et les données jointes ne disent pas la même chose.", "The page and the attached data do not say the same."),
)

UNSTAMPED = Bilingual(
    "Le cachet n'est pas horodaté : rien ne dit quand il fut posé. Un tel fichier n'est jamais délivré ; demander l'original au titulaire.",
    "The seal has no time stamp: nothing says when it was set. No such file is ever issued; ask the holder for the original.",
)
NO_TIME = Bilingual(
    "L'heure du cachet n'étant pas établie, la validité du certificat à cette heure ne l'est pas non plus.",
    "As the time of the seal is not known, neither is whether its certificate was valid then.",
)
UNKNOWN_STATUS = Bilingual(
    "Aucune liste de révocation, dans le fichier ou au dossier de confiance, ne dit si le certificat du cachet était révoqué. "
    "Mettre à jour le dossier de confiance, ou vérifier en ligne.",
    "No revocation list, in the file or in the trust folder, tells whether the seal's certificate was revoked. "
    "Update the trust folder, or verify online.",
)
EVERY_STEP = (FORM, RANGE, INTACT, OURS, CERTIFIED, REVISIONS, TIME, VALID, PAGE, DATA, WORDS)
"""In the order in which `seal/verifying.py` takes them; the register's own step comes after."""


def not_reached(number: int) -> Bilingual:
    """Why a step has no result when the one of this number failed."""
    return Bilingual(f"Non examiné : l'étape {number} a échoué.", f"Not looked at: step {number} failed.")
