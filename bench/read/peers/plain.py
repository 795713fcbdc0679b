# pyright: basic, reportMissingImports=false, reportOptionalMemberAccess=false
"""No GraphQL: a route for each operation, a statement written for it by hand, and orjson. What a framework can hope to come near to."""

from datetime import UTC, datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bench.read.peers.common import (
    FAMILIES,
    FIRST,
    LAST,
    NOTHING_SHOWN,
    TRACKS,
    academies_of,
    control_key,
    cursor_of,
    global_id,
    holder_of,
    kept_until,
    statements,
    verified,
    with_pool,
)

SQL = statements("plain.sql")


async def verification(request: Request) -> Response:
    """What the register says of a key and a birth name."""
    asked = await variables(request)
    row = await verified(request.state.pool, request.client.host, asked["key"], asked["name"], SQL["verify"])
    if row is None:
        return answer({"verification": {"message": NOTHING_SHOWN}})
    shown = {
        "id": global_id("Diploma", row["id"]), "title": row["title"], "session": row["year"], "mention": row["mention"],
        "status": row["status"], "academy": {"code": row["academy_code"], "name": row["academy_name"]},
        "holder": {"birthName": row["birth_name"], "givenNames": row["given_names"]},
    }  # fmt: skip
    if row["family"] == "bac":
        details = row["details"]
        shown |= {
            "track": TRACKS[row["title_code"][:3]], "specialities": details.get("specialities"), "options": details.get("options"),
            "sectionLanguage": details.get("section_language"),
        }  # fmt: skip
    return answer({"verification": {"replacedOn": row["replaced_on"], "verifiedAt": datetime.now(UTC), "diploma": shown}})


async def dashboard(request: Request) -> Response:
    """The holder's diplomas."""
    holder = await holder_of(request)
    if holder is None:
        return answer({"viewer": None})
    rows = await request.state.pool.fetch(SQL["held"], holder["account_id"], LAST, 21)
    edges = [
        {"node": {
            "id": global_id("HeldDiploma", row["id"]), "controlKey": control_key(row), "addedAt": row["attached_at"],
            "keptUntil": kept_until(row),
            "diploma": {
                "id": global_id("Diploma", row["id"]), "title": row["title"], "session": row["year"], "mention": row["mention"],
                "status": row["status"], "academy": {"name": row["academy_name"]},
            },
        }}
        for row in rows[:20]
    ]  # fmt: skip
    person = holder["person"]
    return answer({"viewer": {
        "identity": {"familyName": person["family_name"], "givenNames": person["given_names"]},
        "diplomas": {"edges": edges, "pageInfo": page_info(rows, 20)},
    }})  # fmt: skip


async def queue(request: Request) -> Response:
    """The requests that wait for the agent."""
    academies, asked = await academies_of(request), await variables(request)
    first = asked["first"]
    rows = await request.state.pool.fetch(SQL["reviews"], academies, FIRST, first + 1)
    found = [list(of_one) for _, of_one in groupby(rows, itemgetter("id"))]
    edges = [{"cursor": cursor_of(of_one[0]["id"]), "node": review(of_one)} for of_one in found[:first]]
    return answer({"diplomaReviews": {"edges": edges, "pageInfo": page_info([of_one[0] for of_one in found], first)}})


def review(rows: list[Any]) -> dict[str, Any]:
    """A request by the rows of its candidates."""
    row = rows[0]
    return {
        "id": global_id("DiplomaReview", row["id"]), "reference": row["reference"], "familyCode": row["family"],
        "session": row["year"], "state": row["state"], "createdAt": row["created_at"], "academy": {"name": row["academy_name"]},
        "candidates": [candidate(one) for one in rows if one["diploma_id"] is not None],
        "decisions": [
            {"kind": kind, "preparedBy": agent} for kind, agent in zip(row["kinds"] or (), row["agents"] or (), strict=True)
        ],
    }  # fmt: skip


def candidate(row: Any) -> dict[str, Any]:
    """A record that a request found."""
    names = {"birthName": row["birth_name"], "givenNames": row["given_names"]}
    return {
        "heldByAnother": row["held_by_another"],
        "diploma": {
            "id": global_id("Diploma", row["diploma_id"]), "title": row["title"], "session": row["session"], "holder": names,
        },
        "person": names | {"birthDate": row["birth_date"]},
    }  # fmt: skip


async def availability(request: Request) -> Response:
    """Where diplomas are to be found."""
    asked = await variables(request)
    rows = await request.state.pool.fetch(SQL["availability"], *FAMILIES, asked["from"], asked["to"])
    return answer({"availability": [
        {"family": row["family"], "session": row["session"], "state": row["state"], "count": row["count"],
         "academy": {"code": row["code"], "name": row["name"]}}
        for row in rows
    ]})  # fmt: skip


async def variables(request: Request) -> dict[str, Any]:
    """What an operation asks for."""
    return orjson.loads(await request.body())["variables"]


def page_info(rows: list[Any], first: int) -> dict[str, Any]:
    """Whether there is a next page, and where it begins."""
    return {"hasNextPage": len(rows) > first, "endCursor": cursor_of(rows[:first][-1]["id"]) if rows else None}


def answer(data: dict[str, Any]) -> Response:
    """The data as JSON."""
    return Response(orjson.dumps({"data": data}), media_type="application/json")


def application() -> Starlette:
    """The application of one process."""
    operations = (verification, dashboard, queue, availability)
    return Starlette(routes=[Route(f"/{one.__name__}", one, methods=["POST"]) for one in operations], lifespan=with_pool)
