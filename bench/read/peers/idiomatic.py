"""Strawberry as its documentation shows it: types with resolvers, data loaders in the context, caches of parsing and validation."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime
from enum import Enum
from typing import Annotated, Any, Generic, TypeVar

import strawberry
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.dataloader import DataLoader
from strawberry.extensions import ParserCache, ValidationCache

from bench.read.peers.common import (
    FAMILIES,
    FIRST,
    LAST,
    NOTHING_SHOWN,
    SQL,
    TRACKS,
    Pool,
    Row,
    academies_of,
    control_key,
    cursor_of,
    global_id,
    holder_of,
    kept_until,
    key_of,
    verified,
    with_pool,
)

N = TypeVar("N")
Info = strawberry.Info[dict[str, Any], None]


@strawberry.enum
class Mention(Enum):
    PASSABLE = "PASSABLE"
    ASSEZ_BIEN = "ASSEZ_BIEN"
    BIEN = "BIEN"
    TRES_BIEN = "TRES_BIEN"
    TRES_BIEN_FELICITATIONS = "TRES_BIEN_FELICITATIONS"


@strawberry.enum
class DiplomaStatus(Enum):
    VALID = "VALID"
    SUPERSEDED = "SUPERSEDED"
    SUSPENDED = "SUSPENDED"
    REVOKED = "REVOKED"


@strawberry.enum
class BaccalaureatTrack(Enum):
    GENERAL = "GENERAL"
    TECHNOLOGICAL = "TECHNOLOGICAL"
    PROFESSIONAL = "PROFESSIONAL"


@strawberry.enum
class BaccalaureatOption(Enum):
    SECTION_EUROPEENNE = "SECTION_EUROPEENNE"
    SECTION_LANGUE_ORIENTALE = "SECTION_LANGUE_ORIENTALE"
    DNL_LV = "DNL_LV"
    MOBILITE_EUROPEENNE_INTERNATIONALE = "MOBILITE_EUROPEENNE_INTERNATIONALE"
    OIB = "OIB"
    BFI = "BFI"


@strawberry.enum
class AvailabilityState(Enum):
    AVAILABLE = "AVAILABLE"
    AWAITING_RESULTS = "AWAITING_RESULTS"
    PAPER_ONLY = "PAPER_ONLY"
    ESTABLISHMENT = "ESTABLISHMENT"
    OUT_OF_SCOPE = "OUT_OF_SCOPE"


@strawberry.enum
class ReviewState(Enum):
    REVIEW = "REVIEW"
    FROZEN = "FROZEN"
    NOT_FOUND = "NOT_FOUND"
    ADDED = "ADDED"
    REFUSED = "REFUSED"


@strawberry.enum
class ReviewDecisionKind(Enum):
    ATTACH = "ATTACH"
    REFUSE = "REFUSE"
    DETACH = "DETACH"


@strawberry.type
class PageInfo:
    has_next_page: bool
    end_cursor: str | None


@strawberry.type
class Edge(Generic[N]):
    cursor: str
    node: N


@strawberry.type
class Connection(Generic[N]):
    edges: list[Edge[N]]
    page_info: PageInfo


@strawberry.type
class Academy:
    code: str
    name: str


@strawberry.type
class HolderNames:
    birth_name: str
    given_names: list[str]


@strawberry.interface
class Diploma:
    id: strawberry.ID
    family_code: str
    title: str
    session: int
    mention: Mention | None
    status: DiplomaStatus
    version: int
    holder: HolderNames
    academy_code: strawberry.Private[str]

    @strawberry.field
    async def academy(self, info: Info) -> Academy:
        return await info.context["academies"].load(self.academy_code)


@strawberry.type
class Baccalaureat(Diploma):
    track: BaccalaureatTrack
    specialities: list[str] | None
    options: list[BaccalaureatOption] | None
    section_language: str | None


@strawberry.type
class Brevet(Diploma):
    pass


@strawberry.type
class VerifiedDiploma:
    diploma: Diploma
    replaced_on: datetime | None
    verified_at: datetime


@strawberry.type
class VerificationRefused:
    message: str


Verification = Annotated[VerifiedDiploma | VerificationRefused, strawberry.union("Verification")]


@strawberry.type
class ViewerIdentity:
    family_name: str
    given_names: list[str]


@strawberry.type
class HeldDiploma:
    id: strawberry.ID
    control_key: str
    added_at: datetime
    kept_until: date
    diploma: Diploma


@strawberry.type
class Viewer:
    identity: ViewerIdentity
    account: strawberry.Private[Any]

    @strawberry.field
    async def diplomas(self, info: Info, first: int = 20, after: str | None = None) -> Connection[HeldDiploma]:
        found = await info.context["pool"].fetch(SQL["held"], self.account, key_of(after, LAST), first + 1)
        return connection([(row["id"], held(row)) for row in found], first)


@strawberry.type
class Availability:
    family: str
    session: int
    state: AvailabilityState
    count: int | None
    academy_code: strawberry.Private[str]

    @strawberry.field
    async def academy(self, info: Info) -> Academy:
        return await info.context["academies"].load(self.academy_code)


@strawberry.type
class RecordPerson:
    birth_name: str
    given_names: list[str]
    birth_date: str | None


@strawberry.type
class ReviewCandidate:
    held_by_another: bool
    diploma_id: strawberry.Private[Any]

    @strawberry.field
    async def diploma(self, info: Info) -> Diploma:
        return diploma(await info.context["diplomas"].load(self.diploma_id))

    @strawberry.field
    async def person(self, info: Info) -> RecordPerson:
        row = await info.context["diplomas"].load(self.diploma_id)
        return RecordPerson(birth_name=row["birth_name"], given_names=row["given_names"], birth_date=row["birth_date"])


@strawberry.type
class ReviewDecision:
    kind: ReviewDecisionKind
    prepared_by: str


@strawberry.type
class DiplomaReview:
    id: strawberry.ID
    reference: str
    family_code: str
    session: int
    state: ReviewState
    created_at: datetime
    claim: strawberry.Private[Any]
    academy_code: strawberry.Private[str]

    @strawberry.field
    async def academy(self, info: Info) -> Academy:
        return await info.context["academies"].load(self.academy_code)

    @strawberry.field
    async def candidates(self, info: Info) -> list[ReviewCandidate]:
        rows = await info.context["candidates"].load(self.claim)
        return [ReviewCandidate(held_by_another=row["held_by_another"], diploma_id=row["diploma_id"]) for row in rows]

    @strawberry.field
    async def decisions(self, info: Info) -> list[ReviewDecision]:
        rows = await info.context["decisions"].load(self.claim)
        return [ReviewDecision(kind=ReviewDecisionKind(row["kind"]), prepared_by=row["prepared_by"]) for row in rows]


@strawberry.type
class Query:
    @strawberry.field
    async def verification(self, info: Info, key: str, birth_name: str) -> Verification:
        context = info.context
        row = await verified(context["pool"], context["request"].client.host, key, birth_name)
        if row is None:
            return VerificationRefused(message=NOTHING_SHOWN)
        return VerifiedDiploma(diploma=diploma(row), replaced_on=row["replaced_on"], verified_at=datetime.now(UTC))

    @strawberry.field
    async def viewer(self, info: Info) -> Viewer | None:
        row = await holder_of(info.context["request"])
        if row is None:
            return None
        person = row["person"]
        identity = ViewerIdentity(family_name=person["family_name"], given_names=person["given_names"])
        return Viewer(identity=identity, account=row["account_id"])

    @strawberry.field
    async def availability(
        self, info: Info, from_year: Annotated[int, strawberry.argument(name="from")], to: int
    ) -> list[Availability]:
        rows = await info.context["pool"].fetch(SQL["availability"], *FAMILIES, from_year, to)
        return [
            Availability(
                family=row["family"], session=row["session"], state=AvailabilityState(row["state"]), count=row["count"],
                academy_code=row["academy_code"],
            )
            for row in rows
        ]  # fmt: skip

    @strawberry.field
    async def diploma_reviews(self, info: Info, first: int = 20, after: str | None = None) -> Connection[DiplomaReview]:
        academies = await academies_of(info.context["request"])
        rows = await info.context["pool"].fetch(SQL["reviews"], academies, key_of(after, FIRST), first + 1)
        return connection([(row["id"], review(row)) for row in rows], first)


def connection(nodes: Sequence[tuple[Any, N]], first: int) -> Connection[N]:
    """A page of nodes, each with its key."""
    edges = [Edge(cursor=cursor_of(key), node=node) for key, node in nodes[:first]]
    return Connection(
        edges=edges, page_info=PageInfo(has_next_page=len(nodes) > first, end_cursor=edges[-1].cursor if edges else None)
    )


def diploma(row: Row) -> Diploma:
    """The diploma of a row."""
    common: dict[str, Any] = {
        "id": global_id("Diploma", row["id"]), "family_code": row["family"], "title": row["title"], "session": row["year"],
        "mention": Mention(row["mention"]) if row["mention"] else None, "status": DiplomaStatus(row["status"]),
        "version": row["version"], "academy_code": row["academy_code"],
        "holder": HolderNames(birth_name=row["birth_name"], given_names=row["given_names"]),
    }  # fmt: skip
    if row["family"] != "bac":
        return Brevet(**common)
    options = row["details"].get("options")
    return Baccalaureat(
        **common,
        track=BaccalaureatTrack(TRACKS[row["title_code"][:3]]),
        specialities=row["details"].get("specialities"),
        options=None if options is None else [BaccalaureatOption(option) for option in options],
        section_language=row["details"].get("section_language"),
    )


def held(row: Row) -> HeldDiploma:
    """A diploma of the holder."""
    return HeldDiploma(
        id=strawberry.ID(global_id("HeldDiploma", row["id"])), control_key=control_key(row), added_at=row["attached_at"],
        kept_until=kept_until(row), diploma=diploma(row),
    )  # fmt: skip


def review(row: Row) -> DiplomaReview:
    """A request that waits for an agent."""
    return DiplomaReview(
        id=strawberry.ID(global_id("DiplomaReview", row["id"])), reference=row["reference"], family_code=row["family"],
        session=row["year"], state=ReviewState(row["state"]), created_at=row["created_at"], claim=row["id"],
        academy_code=row["academy_code"],
    )  # fmt: skip


def loaders(pool: Pool) -> dict[str, DataLoader[Any, Any]]:
    """The data loaders of a request."""

    async def academies(codes: list[str]) -> list[Academy]:
        found = {row["code"]: Academy(**row) for row in await pool.fetch(SQL["academies"], codes)}
        return [found[code] for code in codes]

    async def diplomas(ids: list[Any]) -> list[Any]:
        found = {row["id"]: row for row in await pool.fetch(SQL["diplomas"], ids)}
        return [found[id] for id in ids]

    async def of_claims(name: str, claims: list[Any]) -> list[list[Any]]:
        found: dict[Any, list[Any]] = defaultdict(list)
        for row in await pool.fetch(SQL[name], claims):
            found[row["claim_id"]].append(row)
        return [found[claim] for claim in claims]

    return {
        "academies": DataLoader(academies),
        "diplomas": DataLoader(diplomas),
        "candidates": DataLoader(lambda claims: of_claims("candidates", claims)),
        "decisions": DataLoader(lambda claims: of_claims("decisions", claims)),
    }


class App(GraphQL[dict[str, Any], None]):
    """The graph, with a context for each request."""

    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> dict[str, Any]:
        """The request, the pool and new loaders."""
        pool: Pool = request.state.pool
        return {"request": request, "response": response, "pool": pool, **loaders(pool)}


def application() -> Starlette:
    """The application of one process."""
    schema = strawberry.Schema(query=Query, types=[Baccalaureat, Brevet], extensions=[ParserCache, ValidationCache])
    return Starlette(routes=[Route("/graphql", App(schema), methods=["POST"])], lifespan=with_pool)
