"""The root fields of requests to the academies: what may be asked, and the acts of who asks."""

import re
from collections.abc import Callable
from datetime import date
from typing import Annotated
from uuid import UUID

import strawberry

from db.statements import statement
from graph.document_requests import (
    AlreadyRequested,
    DocumentRequest,
    DocumentRequestKind,
    DocumentRequestOption,
    NotAskable,
    Representation,
    RequestClosed,
    RequiredPiece,
    SessionNeverHeld,
    Sex,
)
from graph.holdings import TooManyRequests
from graph.input import BadInput
from graph.problems import NotFound
from graph.stored import from_row
from resolvers import document_requests, request_rules, routing
from resolvers.context import Context
from resolvers.document_requests import Asked, NewRequest
from resolvers.people import FRANCE, Person
from resolvers.request_notices import Writer
from resolvers.request_rules import RULES, Acting
from resolvers.routing import Obtained, Route
from resolvers.viewer_mutation import Given, uuid_of
from resolvers.viewer_query import Info

ONE = statement("document_requests.one")

MOST_OPTIONS = 25
"""Five kinds in each of the academies that merged into one."""

COMMUNE = re.compile(r"(?:2[AB]|[0-9]{2})[0-9]{3}")
COUNTRY = re.compile(r"99[0-9]{3}")
LONGEST_BODY, LONGEST_FACT, LONGEST_ADDRESS, LONGEST_NAME, MOST_NAMES = 4000, 200, 500, 100, 10
OLDEST = date(1900, 1, 1)

Family = Annotated[str, strawberry.argument(description="Code of the family")]
Session = Annotated[int, strawberry.argument(description="Year of the exam session")]
AcademyCode = Annotated[str, strawberry.argument(description="Code of the academy where the exam was passed; 00 abroad")]
Country = Annotated[str | None, strawberry.argument(description="Abroad: code of the country of the centre (99350 is Morocco)")]
TitleCode = Annotated[
    str | None, strawberry.argument(description="National code of the title: other ministries' are asked elsewhere")
]


@strawberry.input(description="The person of the diploma, when somebody else asks for it.")
class RepresentedPersonInput:
    representation: Representation = strawberry.field(description="By what right the viewer asks")
    family_name: str = strawberry.field(description="Nom de naissance, 1 to 100 characters")
    given_names: list[str] = strawberry.field(description="Prénoms, in order, 1 to 10 of 1 to 100 characters")
    birth_date: date = strawberry.field(description="Date of birth")
    sex: Sex = strawberry.field(description="Sex")
    used_name: str | None = strawberry.field(description="Nom d'usage", default=None)
    birth_commune: str | None = strawberry.field(description="COG code of the commune of birth; none abroad", default=None)
    birth_country: str = strawberry.field(description="COG code of the country of birth", default=FRANCE)


@strawberry.input(description="What is asked, of which diploma, for whom.")
class SubmitDocumentRequestInput:
    kind: DocumentRequestKind = strawberry.field(description="What is asked")
    family: str = strawberry.field(description="Code of the family")
    session: int = strawberry.field(description="Year of the exam session")
    academy: str = strawberry.field(description="Code of the academy where the exam was passed, as it was called then; 00 abroad")
    country: str | None = strawberry.field(description="Abroad: COG code of the country of the centre", default=None)
    title_code: str | None = strawberry.field(description="National code of the title, if known", default=None)
    title: str | None = strawberry.field(description="Exact title, 200 characters at most", default=None)
    series: str | None = strawberry.field(description="Série, spécialité or option, 200 characters at most", default=None)
    establishment: str | None = strawberry.field(description="Establishment then: its UAI, or its name", default=None)
    candidate_number: str | None = strawberry.field(description="Candidate number, if known", default=None)
    ine: str | None = strawberry.field(description="Identifiant national élève, if known", default=None)
    address: str | None = strawberry.field(
        description="Postal address, where something is to be sent; 500 characters at most", default=None
    )
    represented: RepresentedPersonInput | None = strawberry.field(
        description="The person of the diploma, when the viewer asks in his place", default=None
    )


@strawberry.input(description="The request to take back.")
class WithdrawDocumentRequestInput:
    request_id: strawberry.ID = strawberry.field(description="Id of the request")


@strawberry.input(description="What to write to the exam service.")
class ReplyToDocumentRequestInput:
    request_id: strawberry.ID = strawberry.field(description="Id of the request")
    body: str = strawberry.field(description="The message, 1 to 4000 characters")


SubmitDocumentRequestResult = Annotated[
    DocumentRequest | SessionNeverHeld | NotAskable | AlreadyRequested | TooManyRequests,
    strawberry.union("SubmitDocumentRequestResult", description="The request, or why it was not taken and whom to ask."),
]
WithdrawDocumentRequestResult = Annotated[
    DocumentRequest | NotFound | RequestClosed,
    strawberry.union("WithdrawDocumentRequestResult", description="The request, withdrawn, or why it was not."),
]
ReplyToDocumentRequestResult = Annotated[
    DocumentRequest | NotFound | RequestClosed | TooManyRequests,
    strawberry.union("ReplyToDocumentRequestResult", description="The request with the message, or why it was not taken."),
]


@strawberry.type
class DocumentRequestQuery:
    @strawberry.field(
        description="What may be asked of an academy for a diploma: of whom, until when, with which pieces and delay, or why not. For an "
        "academy of today that had no such session, those that merged into it answer. Empty for what is not known.",
        metadata={"most": MOST_OPTIONS},
    )
    async def document_request_options(
        self,
        info: Info,
        family: Family,
        session: Session,
        academy: AcademyCode,
        country: Country = None,
        title_code: TitleCode = None,
    ) -> list[DocumentRequestOption]:
        found = await routing.routes(info.context.pool, Obtained(family, session, academy, country, title_code))
        return [_option(info.context, kind, route, country) for route in found for kind in DocumentRequestKind]


@strawberry.type
class DocumentRequestMutation:
    @strawberry.mutation(
        description="Asks an academy for a document of the viewer's diploma, or of that of a person whom he represents. Pieces are sent "
        "afterwards: see `missingPieces`."
    )
    async def submit_document_request(self, info: Info, input: Given[SubmitDocumentRequestInput]) -> SubmitDocumentRequestResult:
        holder, new = info.context.holder(), _new(input)
        async with info.context.acting() as connection:
            made = await document_requests.submit(connection, holder, Writer.of(info.context.local), new)
        return await _request(info.context, made)

    @strawberry.mutation(description="Takes a request back that is not decided yet.")
    async def withdraw_document_request(
        self, info: Info, input: Given[WithdrawDocumentRequestInput]
    ) -> WithdrawDocumentRequestResult:
        holder, request = info.context.holder(), uuid_of(input.request_id, "DocumentRequest")
        async with info.context.acting() as connection:
            await document_requests.withdraw(connection, holder, request)
        return await _request(info.context, request)

    @strawberry.mutation(
        description="Writes to the exam service about a request. When it waited for the viewer, its delay runs again from then on."
    )
    async def reply_to_document_request(
        self, info: Info, input: Given[ReplyToDocumentRequestInput]
    ) -> ReplyToDocumentRequestResult:
        holder, request = info.context.holder(), uuid_of(input.request_id, "DocumentRequest")
        body = _bounded("body", input.body, LONGEST_BODY)
        async with info.context.acting() as connection:
            await document_requests.reply(connection, holder, request, body)
        return await _request(info.context, request)


async def _request(context: Context, request: UUID) -> DocumentRequest:
    row = await ONE.row(context.pool, account=context.holder().id, request=request)
    assert row is not None
    return from_row(DocumentRequest, row, context)


def _option(context: Context, kind: DocumentRequestKind, route: Route, country: str | None) -> DocumentRequestOption:
    rule = RULES[kind]
    found = request_rules.answer(kind, route.place, country, request_rules.today())
    needed = request_rules.pieces(kind)
    return DocumentRequestOption(
        kind=kind,
        state=found.state,
        academy=route.academy,
        exam_service=route.service,
        explanation=context.say(found.explanation),
        required_pieces=[RequiredPiece(kind=one.piece, reason=context.say(one.reason)) for one in needed],
        open_from=found.opens,
        open_until=found.closes,
        delay_months=rule.delay.value,
        silence=rule.silence.value,
        price_cents_per_page=rule.cents_per_page.value if rule.cents_per_page else None,
        sources=request_rules.sources(kind),
    )


def _new(given: SubmitDocumentRequestInput) -> NewRequest:
    """The request of an input. Raises `BadInput`."""
    obtained = Obtained(given.family, given.session, given.academy, given.country, given.title_code)
    asked = Asked(
        _optional("title", given.title),
        _optional("series", given.series),
        _optional("establishment", given.establishment),
        _optional("candidateNumber", given.candidate_number),
        _optional("ine", given.ine),
        _optional("address", given.address, LONGEST_ADDRESS, lines=True),
    )
    if given.represented is None:
        return NewRequest(given.kind, obtained, asked)
    return NewRequest(given.kind, obtained, asked, ACTING[given.represented.representation], _person(given.represented))


ACTING = {Representation.MANDATE: Acting.BY_MANDATE, Representation.LAW: Acting.BY_LAW}


def _person(given: RepresentedPersonInput) -> Person:
    if not 1 <= len(given.given_names) <= MOST_NAMES:
        raise BadInput(f"`givenNames` takes 1 to {MOST_NAMES} names")
    if not OLDEST <= given.birth_date <= request_rules.today():
        raise BadInput("`birthDate` is not that of a living person")
    in_france = given.birth_country == FRANCE
    if not COUNTRY.fullmatch(given.birth_country):
        raise BadInput("`birthCountry` is not a code of the Code officiel géographique")
    if in_france != (given.birth_commune is not None) or not COMMUNE.fullmatch(given.birth_commune or "00000"):
        raise BadInput("`birthCommune` is the code of a commune for who was born in France, and of nobody else")
    return Person(
        family_name=_bounded("familyName", given.family_name, LONGEST_NAME),
        given_names=tuple(_bounded("givenNames", name, LONGEST_NAME) for name in given.given_names),
        birth_date=given.birth_date.isoformat(),
        sex="F" if given.sex is Sex.F else "M",
        birth_country=given.birth_country,
        birth_commune=given.birth_commune,
        used_name=_optional("usedName", given.used_name, LONGEST_NAME),
    )


def _optional(name: str, value: str | None, most: int = LONGEST_FACT, *, lines: bool = False) -> str | None:
    """A text without spaces around it; None when there is none. Raises `BadInput`."""
    tidy: Callable[[str], str] = str.strip if lines else lambda text: " ".join(text.split())
    return _bounded(name, tidied, most) if (tidied := tidy(value or "")) else None


def _bounded(name: str, value: str, most: int) -> str:
    text = value.strip()
    if not 1 <= len(text) <= most:
        raise BadInput(f"`{name}` takes 1 to {most} characters")
    return text
