"""The root fields that read."""

import binascii
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from typing import Annotated, Any
from uuid import UUID

import strawberry
from strawberry import relay
from strawberry.relay.utils import from_base64

from db.statements import Row, Statement, statement
from graph.acts import DiplomaAct, RegisteredDiploma
from graph.desk import DeskRequest
from graph.pages import DEFAULT_PAGE, After, First, checked, key_of
from graph.reading import Parameters, Root, Turn, root
from graph.reference import Academy, Availability, DiplomaFamily, DiplomaTitle, ForeignCentre
from graph.reviews import DiplomaReview
from graph.sessions import ExamSession, Import, Publication
from graph.stored import from_row
from graph.text import Text
from graph.verification import Verification, VerificationRefused, VerifiedDiploma
from resolvers import rows, verification, viewer_query
from resolvers.act_fields import ActQuery
from resolvers.availability import most_rows, of_span
from resolvers.callers import Act
from resolvers.context import Context
from resolvers.desk_fields import DeskQuery
from resolvers.document_query import DocumentQuery
from resolvers.document_request_fields import DocumentRequestQuery
from resolvers.known_families import families_known
from resolvers.operator_fields import OperatorQuery
from resolvers.review_fields import ReviewQuery
from resolvers.viewer_query import Info, Organisation, ViewerQuery, declared

NOTHING_SHOWN = Text(
    "Le registre ne montre rien pour cette clé et ce nom de naissance. Vérifier les huit caractères (il n'y a ni I, ni L, ni O, ni U) et "
    "l'orthographe du nom de naissance ; demander au besoin une nouvelle clé au titulaire. Après plusieurs essais, attendre une heure.",
    "The register shows nothing for this key and this birth name. Check the eight characters (there is no I, L, O or U) and the spelling "
    "of the birth name; ask the holder for a new key if need be. After several attempts, wait for an hour.",
)

MOST_ACADEMIES, MOST_COUNTRIES = 50, 250


def verified(
    context: Context,
    key: Annotated[str, strawberry.argument(description="Control key, eight characters; case, spaces and dashes do not matter")],
    birth_name: Annotated[str, strawberry.argument(description="Nom de naissance; accents, case and hyphens do not matter")],
    organisation: Organisation = None,
) -> Parameters:
    """A key and a birth name, and who gives them."""
    return context.verifier.asked(key, birth_name, context.address, declared(organisation))


def attended(context: Context, asked: Parameters) -> AbstractAsyncContextManager[Turn]:
    """What precedes and follows a verification."""
    return context.verifier.attended(context.register.primary, asked, context.address)


def titles(
    context: Context,  # noqa: ARG001
    family: Annotated[str, strawberry.argument(description="Code of the family")],
    session: Annotated[int | None, strawberry.argument(description="Only those that this session may award")] = None,
    first: First = DEFAULT_PAGE,
    after: After = None,
) -> Parameters:
    """A page of the titles of a family."""
    known = families_known().get(family)
    (code,) = key_of(after, ("",))
    return {"kinds": list(known.title_kinds) if known else [], "after": code, "session": session, "count": checked(first) + 1}


def one_session(
    context: Context,
    family: Annotated[str, strawberry.argument(description="Code of the family")],
    academy: Annotated[str, strawberry.argument(description="Code of the academy")],
    year: Annotated[int, strawberry.argument(description="Year")],
) -> Parameters:
    """The session of a family, academy and year."""
    return {"family": family, "academy": academy, "year": year, "academies": list(context.agent(Act.READ).academies)}


def sessions(
    context: Context,
    family: Annotated[str | None, strawberry.argument(description="Only this family")] = None,
    year: Annotated[int | None, strawberry.argument(description="Only this year")] = None,
    first: First = DEFAULT_PAGE,
    after: After = None,
) -> Parameters:
    """A page of the sessions of the agent's academies."""
    academies = list(context.agent(Act.READ).academies)
    after_year, after_family, after_academy = key_of(after, (9999, "~", "~"))
    return {
        "academies": academies, "family": family, "year": year, "after_year": after_year, "after_family": after_family,
        "after_academy": after_academy, "count": checked(first) + 1,
    }  # fmt: skip


def nothing_shown(context: Context) -> VerificationRefused:
    """The one answer to whatever does not show a diploma."""
    return VerificationRefused(message=context.say(NOTHING_SHOWN))


def most_families(given: Mapping[str, Any]) -> int:  # noqa: ARG001
    """How many families there are."""
    return len(families_known())


def every_academy(context: Context) -> Parameters:  # noqa: ARG001
    """Without a choice of codes."""
    return {"codes": None}


def every_centre(context: Context) -> Parameters:  # noqa: ARG001
    """Without a choice."""
    return {}


@strawberry.type(description="What can be read.")
class Query(ViewerQuery, ReviewQuery, DocumentQuery, DocumentRequestQuery, DeskQuery, ActQuery, OperatorQuery):
    verification: Verification = root(
        Root(
            statement="verification.verify", of=VerifiedDiploma, shape="one", parameters=verified, gathers=True, primary=True,
            shared=verification.SHARED, attended=attended,
            absent=nothing_shown,
        ),
        "What the register says of a diploma, to whoever has its control key and the holder's birth name.",
    )  # fmt: skip
    availability: list[Availability] = root(
        Root(statement="reference.availability", of=Availability, shape="list", parameters=of_span),
        "Where diplomas are to be found, for each academy, family and session of the years asked for.",
        most=most_rows,
        public=True,
    )

    @strawberry.field(
        description="The families of diplomas that this register holds: those that are installed, then those that were.",
        metadata={"most": most_families, "public": True},
    )
    def families(self, info: Info) -> list[DiplomaFamily]:
        return [rows.family(declared, info.context) for declared in families_known().values()]

    academies: list[Academy] = root(
        Root(statement="reference.academies", of=Academy, shape="list", parameters=every_academy),
        "The academies, former ones included; some forty.",
        most=MOST_ACADEMIES,
        public=True,
    )
    foreign_centres: list[ForeignCentre] = root(
        Root(statement="reference.foreign_centres", of=ForeignCentre, shape="list", parameters=every_centre),
        "Whom to ask for a diploma of an examination taken abroad, by country.",
        most=MOST_COUNTRIES,
        public=True,
    )
    diploma_titles: relay.Connection[DiplomaTitle] = root(
        Root(statement="reference.titles_page", of=DiplomaTitle, shape="page", key=("code",), parameters=titles),
        "The national titles of a family, by their codes.",
        public=True,
    )

    @strawberry.field(description="An object by its id, or null when it does not exist or is not the caller's to see.")
    async def node(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="Global id")]
    ) -> relay.Node | None:
        return await node(info.context, id)

    exam_session: ExamSession | None = root(
        Root(statement="sessions.one", of=ExamSession, shape="one", parameters=one_session),
        "An exam session of the agent's academies, or null.",
    )
    exam_sessions: relay.Connection[ExamSession] = root(
        Root(
            statement="sessions.page", of=ExamSession, shape="page", key=("year", "family", "academy_code"), parameters=sessions
        ),
        "The exam sessions of the agent's academies, the latest year first.",
    )  # fmt: skip


AGENTS_NODES: dict[str, tuple[type[relay.Node], Statement, str]] = {
    "ExamSession": (ExamSession, statement("sessions.by_id"), "sessions"),
    "Import": (Import, statement("imports.report"), "imports"),
    "Publication": (Publication, statement("publication.by_id"), "publications"),
    "DiplomaReview": (DiplomaReview, statement("reviews.by_id"), "claims"),
    "DeskRequest": (DeskRequest, statement("desk.by_id"), "requests"),
    "DiplomaAct": (DiplomaAct, statement("acts.by_id"), "acts"),
    "RegisteredDiploma": (RegisteredDiploma, statement("acts.registered"), "diplomas"),
}
"""What an agent finds by its id: its type, the statement, and the parameter that takes ids."""

ACADEMIES = statement("reference.academies")
TITLES_BY_CODE = statement("reference.titles_by_code")


async def node(context: Context, id_: str) -> relay.Node | None:
    """The object of a global id, as far as the caller may see it."""
    try:
        type_name, key = from_base64(id_)
    except (ValueError, binascii.Error):
        return None
    match type_name:
        case "Academy":
            return _made(context, Academy, await ACADEMIES.row(context.pool, codes=[key]))
        case "DiplomaTitle":
            return _made(context, DiplomaTitle, await TITLES_BY_CODE.row(context.pool, codes=[key]))
        case "DiplomaFamily":
            known = families_known().get(key)
            return rows.family(known, context) if known else None
        case "ExamSession" | "Import" | "Publication" | "DiplomaReview" | "DeskRequest" | "DiplomaAct" | "RegisteredDiploma":
            return await agents_node(context, type_name, key)
        case "HeldDiploma" | "Attestation" | "Share" | "DiplomaRequest" | "DocumentRequest":
            uuid = _uuid(key)
            return await viewer_query.node(context, type_name, uuid) if uuid else None
        case _:
            return None


async def agents_node(context: Context, type_name: str, key: str) -> relay.Node | None:
    """An object of the agent's academies by its type and key, or None."""
    caller, uuid = context.signed_in(), _uuid(key)
    if caller is None or uuid is None:
        return None
    caller.may({"DiplomaReview": Act.REVIEW, "DeskRequest": Act.REQUESTS}.get(type_name, Act.READ))
    of, by_id, taking = AGENTS_NODES[type_name]
    return _made(context, of, await by_id.row(context.pool, **{taking: [uuid], "academies": list(caller.academies)}))


def _made(context: Context, of: type[relay.Node], row: Row | None) -> relay.Node | None:
    return from_row(of, row, context) if row is not None else None


def _uuid(key: str) -> UUID | None:
    try:
        return UUID(key)
    except ValueError:
        return None
