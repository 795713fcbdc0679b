"""Whom to ask for a diploma for which no exam service answers: by its family, or by the ministry of a title that no family has."""

from graph.document_requests import AskingState
from graph.text import Text
from plugins.contract import AskedAt, Elsewhere
from resolvers.request_rules import Answer

HEALTH_SPECIALITY = "331"
"""Santé, in the nomenclature of specialities (NSF, décret n° 94-522): characters 4 to 6 of a national code."""

AT_ESTABLISHMENT = Text(
    "L'établissement qui a délivré ce diplôme répond pour lui. Si l'original est perdu, volé ou détruit, il en fait un duplicata, qui "
    "porte ce mot, sur justificatif : plainte, déclaration à l'assurance ou déclaration sur l'honneur.",
    "The establishment that awarded this diploma answers for it. When the original is lost, stolen or destroyed, it makes a duplicate, "
    "marked as one, on proof: police report, statement to the insurance, or sworn statement.",
)
AGRICULTURE = Text(
    "Ce diplôme est délivré par le ministère de l'agriculture : le demander à l'établissement où il a été préparé.",
    "The ministry of agriculture awards this diploma: ask the establishment where it was prepared.",
)
HEALTH = Text(
    "Ce diplôme est délivré par le ministère de la santé : le demander à l'institut de formation où il a été préparé.",
    "The ministry of health awards this diploma: ask the training institute where it was prepared.",
)
SPORT = Text(
    "Ce diplôme est délivré par le ministère des sports : le demander à l'organisme de formation où il a été préparé.",
    "The ministry of sport awards this diploma: ask the training body where it was prepared.",
)


def of_family(asked: AskedAt) -> Answer | None:
    """What a family says that answers for its diplomas, or None where it leaves that to the exam service."""
    if isinstance(asked, Elsewhere):
        told, site = asked.instructions, asked.website
        return Answer(AskingState.ELSEWHERE, Text(*(f"{one} {site}" for one in told)) if site else told)
    return Answer(AskingState.ESTABLISHMENT, AT_ESTABLISHMENT) if asked == "ESTABLISHMENT" else None


def of_ministry(ministry: str, title_code: str) -> Answer | None:
    """Whom to ask for a title that no family has, by the ministry of its level; None where it is the exam service."""
    text = {"Agriculture": AGRICULTURE, "Jeunesse et sports": SPORT}.get(ministry)
    if text is None and ministry == "Autres" and title_code[3:6] == HEALTH_SPECIALITY:
        text = HEALTH
    return Answer(AskingState.ESTABLISHMENT, text) if text is not None else None
