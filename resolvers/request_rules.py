"""What may be asked of an academy, until when, with which pieces and what delay: one rule for each kind, its sources beside its values.

Pure: `routing` says where a diploma is asked for, and these rules what the answer is there on a day.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import Enum
from typing import TypeAlias
from zoneinfo import ZoneInfo

from graph.document_requests import AskingState, DocumentRequestKind, RequestPieceKind, Silence
from graph.text import Text
from plugins.contract import Dated

Kind: TypeAlias = DocumentRequestKind
Piece: TypeAlias = RequestPieceKind
YearDay: TypeAlias = tuple[int, int]
"""Month and day."""


class Acting(Enum):
    """In whose name an applicant asks."""

    FOR_HIMSELF = "FOR_HIMSELF"
    BY_MANDATE = "BY_MANDATE"
    BY_LAW = "BY_LAW"


@dataclass(frozen=True)
class Needed:
    """A piece that a request needs: what it is and when."""

    piece: Piece
    reason: Text
    source: str


@dataclass(frozen=True)
class Rule:
    """What the law makes of one kind of request."""

    explanation: Text
    delay: Dated[int]
    """Months."""
    silence: Dated[Silence]
    sources: tuple[str, ...]
    pieces: tuple[Needed, ...] = ()
    """Besides those of identity and representation, which every kind needs."""
    opens: Dated[YearDay] | None = None
    """The day of the session's year before which there is nothing to ask; the results' day where there is none."""
    years_open: Dated[int] | None = None
    """Years after the last results of the session's year during which it may be asked; always where there is none."""
    cents_per_page: Dated[int] | None = None
    """The most that a posted copy costs."""


@dataclass(frozen=True)
class Place:
    """Where a diploma is asked for, as `routing` found it.

    `never` says which sessions there are when this one is none, `elsewhere` what the answer is when no exam service answers.
    """

    academy: str
    year: int
    online: bool
    abroad: bool
    desk: str | None
    service_known: bool
    never: Text | None
    elsewhere: "Answer | None"


@dataclass(frozen=True)
class Answer:
    """Whether something may be asked for, what to know of it, and between which days."""

    state: AskingState
    explanation: Text
    opens: date | None = None
    closes: date | None = None


FRENCH_TIME = ZoneInfo("Europe/Paris")

PERSONAL = "CRPA, art. L311-6 : communicable à l'intéressé seul"
IDENTITY = Needed(
    Piece.IDENTITY,
    Text(
        "Copie d'une pièce d'identité de la personne du diplôme ; inutile à qui demande pour lui-même, connecté par FranceConnect.",
        "Copy of an identity document of the person of the diploma; not needed from who asks for himself, signed in by FranceConnect.",
    ),
    "service-public.fr, F10492",
)
MANDATE = Needed(
    Piece.MANDATE,
    Text(
        "Mandat exprès, pour qui demande à la place de la personne du diplôme sans la représenter légalement : un employeur ou le parent "
        "d'un majeur n'y a pas droit sans lui.",
        "Express mandate, from who asks in the place of the person of the diploma without representing him legally: an employer or the "
        "parent of an adult may not ask without it.",
    ),
    "circulaire n° 2015-0012 du 24 mars 2015 ; ac-toulouse.fr, diplômes et attestations de réussite",
)
AUTHORITY = Needed(
    Piece.AUTHORITY,
    Text(
        "Preuve de l'autorité, pour un représentant légal : livret de famille pour un mineur, jugement pour un majeur protégé.",
        "Proof of authority, from a legal representative: livret de famille for a minor, judgment for a protected adult.",
    ),
    "code civil, art. 371-1, 408 et 473",
)
CIVIL_STATUS = Needed(
    Piece.CIVIL_STATUS,
    Text(
        "Acte d'état civil ou jugement qui montre le changement.",
        "Civil-status record, or judgment, that shows the change.",
    ),
    "circulaire n° 2015-0012 du 24 mars 2015",
)

DOCUMENT_DELAY = Dated(1, "CRPA, art. R311-13")
DOCUMENT_SILENCE = Dated(Silence.REFUSAL, "CRPA, art. R*311-12")
DECISION_DELAY = Dated(2, "CRPA, art. L231-1", certain=False)
DECISION_SILENCE = Dated(
    Silence.ACCEPTANCE, "CRPA, art. L231-1 (no exception to the rule was found for this procedure)", certain=False
)
PRICE = Dated(18, "CRPA, art. R311-11 ; arrêté du 1er octobre 2001, art. 2")

RESULTS = Dated(
    (7, 15), "results of 2024 on 5 and 8 July, of the brevet of 2023 from 5 to 11 July, the second group days later", certain=False
)
"""The day by which the results of the second group are known; a published session has its results whatever the day."""

SOUTHERN: Dated[YearDay] = Dated((12, 22), "gouv.nc, novembre 2020 : results from 11 to 22 December", certain=False)
RESULTS_ELSEWHERE: Mapping[str, Dated[YearDay]] = {"40": SOUTHERN, "42": SOUTHERN}
"""By academy, where the school year is the calendar's."""

LAST_RESULTS: Dated[YearDay] = Dated(
    (9, 30), "code de l'éducation, art. D334-19 et D337-157 : session de remplacement, in September", certain=False
)
"""The day by which the results of the replacement session are known."""

RULES: Mapping[Kind, Rule] = {
    Kind.ATTESTATION: Rule(
        Text(
            "Le service des examens délivre une attestation de réussite. Elle a la même valeur que le diplôme, dont il n'existe pas de "
            "duplicata, même perdu ou volé.",
            "The exam service issues an attestation of success. It has the same value as the diploma, of which no duplicate is ever made, "
            "even when it is lost or stolen.",
        ),
        DOCUMENT_DELAY,
        DOCUMENT_SILENCE,
        (PERSONAL, "service-public.fr, F10492", "siec.education.fr, ac-creteil.fr and ac-nancy-metz.fr : no duplicate"),
    ),
    Kind.MARK_SHEET: Rule(
        Text(
            "Le service des examens délivre un relevé des notes de la session.",
            "The exam service issues a sheet of the marks of the session.",
        ),
        DOCUMENT_DELAY,
        DOCUMENT_SILENCE,
        (PERSONAL, "ac-creteil.fr, demandes et infos pratiques"),
    ),
    Kind.SCRIPTS: Rule(
        Text(
            "Les copies se demandent dans l'année qui suit les résultats, puis sont détruites. Le jury est souverain : une copie "
            "communiquée n'est pas corrigée de nouveau. Les consulter sur place est gratuit ; une copie envoyée par la poste se paie à la "
            "page.",
            "Scripts are asked for within the year after the results, then destroyed. The jury is sovereign: a script that is shown is "
            "not marked again. To see them on the spot is free; a copy sent by post is paid by the page.",
        ),
        DOCUMENT_DELAY,
        DOCUMENT_SILENCE,
        (PERSONAL, "notes de service n° 82-028 et n° 85-041 ; question écrite n° 78319 (Assemblée nationale)"),
        years_open=Dated(1, "question écrite n° 78319 (Assemblée nationale)"),
        cents_per_page=PRICE,
    ),
    Kind.COLLECTION: Rule(
        Text(
            "L'établissement remet les diplômes à l'automne et les garde un an : s'adresser d'abord à lui, puis au service des examens.",
            "The establishment hands diplomas over in autumn and keeps them for a year: ask there first, and then the exam service.",
        ),
        DECISION_DELAY,
        DECISION_SILENCE,
        (PERSONAL, "ac-nancy-metz.fr and ac-toulouse.fr, retrait des diplômes"),
        opens=Dated((10, 1), "ac-nancy-metz.fr : at school from October or November to mid-December", certain=False),
    ),
    Kind.REISSUE: Rule(
        Text(
            "Après un changement d'état civil, le service des examens réédite le diplôme à la nouvelle identité.",
            "After a change of civil status the exam service makes the diploma again with the new identity.",
        ),
        DECISION_DELAY,
        DECISION_SILENCE,
        ("circulaire n° 2012-0015 du 22 août 2012", "circulaire n° 2015-0012 du 24 mars 2015", "code civil, art. 100"),
        pieces=(CIVIL_STATUS,),
    ),
}

RECEIVED: Mapping[Silence, Text] = {
    Silence.REFUSAL: Text(
        "Demande reçue le {received}. Sans réponse le {day} au soir, elle est réputée refusée. La Commission d'accès aux documents "
        "administratifs (CADA) peut alors être saisie dans les deux mois, ce qu'il faut faire avant tout recours devant le tribunal "
        "administratif (CRPA, art. R*311-12 à R311-15, L342-1 et R343-1). Le délai est suspendu tant que le service attend une réponse.",
        "Request received on {received}. Without an answer by the end of {day} it counts as refused. The commission on access to "
        "administrative documents (CADA) can then be asked within two months, which must be done before any action before the tribunal "
        "administratif (CRPA, art. R*311-12 to R311-15, L342-1 and R343-1). The delay rests while the service waits for an answer.",
    ),
    Silence.ACCEPTANCE: Text(
        "Demande reçue le {received}. Sans réponse le {day} au soir, elle est réputée acceptée, et une attestation peut en être demandée "
        "(CRPA, art. L231-1 et L232-3). Le délai est suspendu tant que le service attend une réponse.",
        "Request received on {received}. Without an answer by the end of {day} it counts as granted, and a statement of this can be asked "
        "for (CRPA, art. L231-1 and L232-3). The delay rests while the service waits for an answer.",
    ),
}

TOO_EARLY = Text("Rien ne peut être demandé avant le {day}.", "Nothing can be asked before {day}.")
TOO_LATE = Text("Cela pouvait être demandé jusqu'au {day}.", "This could be asked until {day}.")
COUNTRY_NEEDED = Text(
    "Le service qui répond dépend du pays du centre d'examen : l'indiquer.",
    "Which service answers depends on the country of the exam centre: name it.",
)
SERVICE_UNKNOWN = Text(
    "Le registre ne sait pas quel service répond pour ce lieu : s'adresser à l'établissement où le diplôme a été préparé, qui l'indique.",
    "The register does not know which service answers for this place: ask the establishment where the diploma was prepared.",
)
ONLINE = Text(
    "Cette session est en ligne : ajouter le diplôme à son compte donne aussitôt une attestation scellée.",
    "This session is online: adding the diploma to one's account gives a sealed attestation at once.",
)


def today() -> date:
    """The day in France."""
    return datetime.now(FRENCH_TIME).date()


def answer(kind: Kind, place: Place, country: str | None, today: date) -> Answer:
    """Whether a document may be asked for there on a day, and what to know of it."""
    rule = RULES[kind]
    if place.never is not None:
        return Answer(AskingState.NO_SESSION, place.never)
    if place.elsewhere is not None:
        return place.elsewhere
    if place.abroad and country is None:
        return Answer(AskingState.COUNTRY_NEEDED, COUNTRY_NEEDED)
    if not place.service_known:
        return Answer(AskingState.SERVICE_UNKNOWN, SERVICE_UNKNOWN)
    opens, closes = _window(rule, place)
    given = Answer(AskingState.ASK, rule.explanation, opens, closes)
    if today < opens and not (place.online and rule.opens is None):
        return replace(given, state=AskingState.TOO_EARLY, explanation=_dated(TOO_EARLY, day=opens))
    if closes is not None and today > closes:
        return replace(given, state=AskingState.TOO_LATE, explanation=_joined(_dated(TOO_LATE, day=closes), rule.explanation))
    if kind is Kind.ATTESTATION and place.online:
        return replace(given, explanation=_joined(ONLINE, rule.explanation))
    return given


def pieces(kind: Kind) -> tuple[Needed, ...]:
    """Every piece that a kind of request may need, with when it does."""
    return (*RULES[kind].pieces, IDENTITY, MANDATE, AUTHORITY)


def required(kind: Kind, acting: Acting, *, proven: bool) -> list[Piece]:
    """The pieces that a request needs of an applicant; `proven` when an identity provider vouches for him."""
    needed = [one.piece for one in RULES[kind].pieces]
    if acting is Acting.FOR_HIMSELF:
        return needed if proven else [*needed, Piece.IDENTITY]
    return [*needed, Piece.IDENTITY, Piece.MANDATE if acting is Acting.BY_MANDATE else Piece.AUTHORITY]


def sources(kind: Kind) -> list[str]:
    """The texts on which a rule and its values rest."""
    rule = RULES[kind]
    values = (rule.delay, rule.silence, rule.opens or RESULTS, rule.years_open, rule.cents_per_page)
    found = (*rule.sources, *(one.source for one in pieces(kind)), *(value.reference for value in values if value is not None))
    return list(dict.fromkeys(found))


def acknowledgement(received: date, due: date, silence: Silence) -> Text:
    """The receipt of a request (CRPA, art. L112-3 and R112-5)."""
    return _dated(RECEIVED[silence], received=received, day=due)


def _window(rule: Rule, place: Place) -> tuple[date, date | None]:
    results = RESULTS_ELSEWHERE.get(place.academy, RESULTS).value
    opens = date(place.year, *(rule.opens.value if rule.opens else results))
    if rule.years_open is None:
        return opens, None
    return opens, date(place.year + rule.years_open.value, *max(results, LAST_RESULTS.value))


def _dated(text: Text, **days: date) -> Text:
    french = {name: f"{day:%d/%m/%Y}" for name, day in days.items()}
    return Text(text.fr.format(**french), text.en.format(**days))


def _joined(first: Text, second: Text) -> Text:
    return Text(f"{first.fr} {second.fr}", f"{first.en} {second.en}")
