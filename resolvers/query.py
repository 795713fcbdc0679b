"""The root fields that read."""

import binascii
from datetime import UTC, date, datetime
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry import relay
from strawberry.relay.utils import from_base64

from db.statements import statement
from graph.pages import DEFAULT_PAGE, After, First, checked, key_of, page_of
from graph.reference import Academy, Availability, DiplomaFamily, DiplomaTitle, ForeignCentre
from graph.sessions import ExamSession
from graph.text import Text
from graph.verification import Verification, VerificationRefused, VerifiedDiploma
from plugins.loading import families
from resolvers import rows, viewer_query
from resolvers.availability import available, most_rows
from resolvers.callers import Act
from resolvers.context import Context
from resolvers.document_query import DocumentQuery
from resolvers.review_fields import ReviewQuery, reviews_of
from resolvers.viewer_query import Info, Organisation, ViewerQuery, declared

ACADEMIES = statement("reference.academies")
FOREIGN_CENTRES = statement("reference.foreign_centres")
TITLES_PAGE = statement("reference.titles_page")
TITLES_BY_CODE = statement("reference.titles_by_code")
SESSIONS_PAGE = statement("sessions.page")
SESSIONS = statement("sessions.by_id")
FIND_SESSION = statement("sessions.find")
IMPORTS = statement("imports.report")
PUBLICATIONS = statement("publication.by_id")

NOTHING_SHOWN = Text(
    "Le registre ne montre rien pour cette clé et ce nom de naissance. Vérifier les huit caractères (il n'y a ni I, ni L, ni O, ni U) et "
    "l'orthographe du nom de naissance ; demander au besoin une nouvelle clé au titulaire. Après plusieurs essais, attendre une heure.",
    "The register shows nothing for this key and this birth name. Check the eight characters (there is no I, L, O or U) and the spelling "
    "of the birth name; ask the holder for a new key if need be. After several attempts, wait for an hour.",
)

Key = Annotated[str, strawberry.argument(description="Control key, eight characters; case, spaces and dashes do not matter")]
BirthName = Annotated[str, strawberry.argument(description="Nom de naissance; accents, case and hyphens do not matter")]


@strawberry.type(description="What can be read.")
class Query(ViewerQuery, ReviewQuery, DocumentQuery):
    @strawberry.field(
        description="What the register says of a diploma, to whoever has its control key and the holder's birth name."
    )
    async def verification(self, info: Info, key: Key, birth_name: BirthName, organisation: Organisation = None) -> Verification:
        context = info.context
        row = await context.verifier.verify(context.pool, key, birth_name, context.address, declared(organisation))
        if row is None:
            return VerificationRefused(message=context.say(NOTHING_SHOWN))
        older = row["key_version"] < row["version"]
        return VerifiedDiploma(
            diploma=rows.diploma(row), replaced_on=row["recorded_at"] if older else None, verified_at=datetime.now(UTC)
        )

    @strawberry.field(
        description="Where diplomas are to be found, for each academy, family and session of the years asked for.",
        metadata={"most": most_rows},
    )
    async def availability(
        self,
        info: Info,
        from_year: Annotated[int, strawberry.argument(name="from", description="First year")],
        to_year: Annotated[int, strawberry.argument(name="to", description="Last year, at most 59 later")],
        academy: Annotated[
            str | None, strawberry.argument(description="One academy, with those that merged into it, instead of all")
        ] = None,
        family: Annotated[str | None, strawberry.argument(description="One family instead of all")] = None,
    ) -> list[Availability]:
        known = {code: declared for code, declared in families().items() if family in (None, code)}
        found = await available(info.context.pool, known, academy, from_year, to_year, date.today())
        return [rows.availability(row) for row in found]

    @strawberry.field(description="The families of diplomas that this register holds.")
    def families(self, info: Info) -> list[DiplomaFamily]:
        return [rows.family(declared, info.context) for declared in families().values()]

    @strawberry.field(description="The academies, former ones included; some forty.")
    async def academies(self, info: Info) -> list[Academy]:
        return [rows.academy(row) for row in await ACADEMIES.rows(info.context.pool, codes=None)]

    @strawberry.field(description="Whom to ask for a diploma of an examination taken abroad, by country.")
    async def foreign_centres(self, info: Info) -> list[ForeignCentre]:
        return [rows.foreign_centre(row) for row in await FOREIGN_CENTRES.rows(info.context.pool)]

    @strawberry.field(description="The national titles of a family, by their codes.")
    async def diploma_titles(
        self,
        info: Info,
        family: Annotated[str, strawberry.argument(description="Code of the family")],
        session: Annotated[int | None, strawberry.argument(description="Only those that this session may award")] = None,
        first: First = DEFAULT_PAGE,
        after: After = None,
    ) -> relay.Connection[DiplomaTitle]:
        declared = families().get(family)
        (code,) = key_of(after, ("",))
        found = await TITLES_PAGE.rows(
            info.context.pool, kinds=list(declared.title_kinds) if declared else [], after=code, session=session,
            count=checked(first) + 1,
        )  # fmt: skip
        return page_of(found, first, rows.title, lambda row: (row["code"],))

    @strawberry.field(description="An object by its id, or null when it does not exist or is not the caller's to see.")
    async def node(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="Global id")]
    ) -> relay.Node | None:
        return await node(info.context, id)

    @strawberry.field(description="An exam session of the agent's academies, or null.")
    async def exam_session(
        self,
        info: Info,
        family: Annotated[str, strawberry.argument(description="Code of the family")],
        academy: Annotated[str, strawberry.argument(description="Code of the academy")],
        year: Annotated[int, strawberry.argument(description="Year")],
    ) -> ExamSession | None:
        caller = info.context.agent(Act.READ)
        found = await FIND_SESSION.value(
            info.context.pool, family=family, academy=academy, year=year, academies=list(caller.academies)
        )
        return await session_by_id(info.context, found) if found else None

    @strawberry.field(description="The exam sessions of the agent's academies, the latest year first.")
    async def exam_sessions(
        self,
        info: Info,
        family: Annotated[str | None, strawberry.argument(description="Only this family")] = None,
        year: Annotated[int | None, strawberry.argument(description="Only this year")] = None,
        first: First = DEFAULT_PAGE,
        after: After = None,
    ) -> relay.Connection[ExamSession]:
        context = info.context
        academies = list(context.agent(Act.READ).academies)
        after_year, after_family, after_academy = key_of(after, (9999, "~", "~"))
        listed = await SESSIONS_PAGE.rows(
            context.pool, academies=academies, family=family, year=year, after_year=after_year, after_family=after_family,
            after_academy=after_academy, count=checked(first) + 1,
        )  # fmt: skip
        found = await SESSIONS.rows(context.pool, sessions=[row["id"] for row in listed], academies=academies)
        by_id = {row["id"]: row for row in found}
        return page_of(
            [by_id[row["id"]] for row in listed], first, rows.session,
            lambda row: (row["year"], row["family"], row["academy_code"]),
        )  # fmt: skip


async def node(context: Context, id_: str) -> relay.Node | None:
    """The object of a global id, as far as the caller may see it."""
    try:
        type_name, key = from_base64(id_)
    except (ValueError, binascii.Error):
        return None
    match type_name:
        case "Academy":
            found = await ACADEMIES.rows(context.pool, codes=[key])
            return rows.academy(found[0]) if found else None
        case "DiplomaTitle":
            found = await TITLES_BY_CODE.rows(context.pool, codes=[key])
            return rows.title(found[0]) if found else None
        case "DiplomaFamily":
            declared = families().get(key)
            return rows.family(declared, context) if declared else None
        case "ExamSession" | "Import" | "Publication" | "DiplomaReview":
            return await _agents_node(context, type_name, key)
        case "HeldDiploma" | "Attestation" | "Share" | "DiplomaRequest":
            uuid = _uuid(key)
            return await viewer_query.node(context, type_name, uuid) if uuid else None
        case _:
            return None


async def _agents_node(context: Context, type_name: str, key: str) -> relay.Node | None:
    caller, uuid = context.signed_in(), _uuid(key)
    if caller is None or uuid is None:
        return None
    academies = list(caller.academies)
    if type_name == "ExamSession":
        return await session_by_id(context, uuid)
    if type_name == "DiplomaReview":
        return next(iter(await reviews_of(context, [uuid])), None)
    if type_name == "Import":
        found = await IMPORTS.row(context.pool, imports=[uuid], academies=academies)
        return rows.results_import(found, context) if found else None
    found = await PUBLICATIONS.row(context.pool, publications=[uuid], academies=academies)
    return rows.publication(found, context) if found else None


def _uuid(key: str) -> UUID | None:
    try:
        return UUID(key)
    except ValueError:
        return None


async def session_by_id(context: Context, session: UUID) -> ExamSession | None:
    """A session of the agent's academies, or None."""
    academies = list(context.agent(Act.READ).academies)
    row = await SESSIONS.row(context.pool, sessions=[session], academies=academies)
    return rows.session(row) if row else None
