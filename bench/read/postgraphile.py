"""The four operations in PostGraphile's own schema, and its answers in the form of ours: the same facts, field by field."""

import json
from base64 import b64decode
from collections.abc import Callable
from datetime import datetime
from typing import Any

from strawberry.relay.utils import to_base64

from bench.read.operations import Asking
from graph.pages import cursor_of
from plugins.bac import TRACKS

DOCUMENTS = {
    "verification": """query Verification($key: String!, $name: String!) {
  verification(key: $key, birthName: $name) { replacedOn verifiedAt
    diploma { rowId family title sessionYear mention status academyCode academyName birthName givenNames titleCode details } } }""",
    "dashboard": """query Dashboard {
  viewer { person holdingsByAccountId(first: 20, orderBy: DIPLOMA_ID_DESC, condition: {frozenAt: null}) {
    nodes { diplomaId controlKey attachedAt keptUntil diploma { rowId title sessionYear mention status academyName } }
    pageInfo { hasNextPage endCursor } } } }""",
    "availability": """query Availability($from: Int!, $to: Int!) {
  benchAvailability(fromYear: $from, toYear: $to) { nodes { family session state count academyCode academyName } } }""",
    "queue": """query Queue($first: Int!) {
  diplomaReviews(first: $first) { edges { cursor node { rowId reference family year state createdAt academyByAcademyCode { name }
    claimCandidatesByClaimId { nodes { heldByAnother diploma { rowId title sessionYear birthName givenNames birthDate } } }
    reviewDecisionsByClaimId(first: 10, orderBy: ROW_ID_DESC) { nodes { kind agentByPreparedBy { name } } } } }
    pageInfo { hasNextPage endCursor } } }""",
}  # fmt: skip


def _verification(data: Any) -> Any:
    found = data["verification"]
    row = found["diploma"]
    diploma = _diploma(row) | {
        "mention": row["mention"],
        "status": row["status"],
        "academy": {"code": row["academyCode"], "name": row["academyName"]},
        "holder": _names(row),
    }
    if row["family"] == "bac":
        details = row["details"]
        diploma |= {
            "track": TRACKS[row["titleCode"][:3]].name,
            "specialities": details.get("specialities"),
            "options": details.get("options"),
            "sectionLanguage": details.get("section_language"),
        }
    return {"verification": {"replacedOn": found["replacedOn"], "diploma": diploma}}


def _dashboard(data: Any) -> Any:
    viewer = data["viewer"]
    person, held = viewer["person"], viewer["holdingsByAccountId"]
    edges = [
        {"node": {
            "id": to_base64("HeldDiploma", node["diplomaId"]), "controlKey": node["controlKey"], "addedAt": _time(node["attachedAt"]),
            "keptUntil": node["keptUntil"],
            "diploma": _diploma(node["diploma"]) | {
                "mention": node["diploma"]["mention"], "status": node["diploma"]["status"],
                "academy": {"name": node["diploma"]["academyName"]},
            },
        }}
        for node in held["nodes"]
    ]  # fmt: skip
    return {"viewer": {
        "identity": {"familyName": person["family_name"], "givenNames": person["given_names"]},
        "diplomas": {"edges": edges, "pageInfo": _page_info(held["pageInfo"])},
    }}  # fmt: skip


def _availability(data: Any) -> Any:
    return {"availability": [
        {"family": node["family"], "session": node["session"], "state": node["state"], "count": node["count"],
         "academy": {"code": node["academyCode"], "name": node["academyName"]}}
        for node in data["benchAvailability"]["nodes"]
    ]}  # fmt: skip


def _queue(data: Any) -> Any:
    found = data["diplomaReviews"]
    edges = [
        {"cursor": _cursor(edge["cursor"]), "node": {
            "id": to_base64("DiplomaReview", node["rowId"]), "reference": node["reference"], "familyCode": node["family"],
            "session": node["year"], "state": node["state"], "createdAt": _time(node["createdAt"]),
            "academy": node["academyByAcademyCode"],
            "candidates": [_candidate(one) for one in node["claimCandidatesByClaimId"]["nodes"]],
            "decisions": [
                {"kind": one["kind"], "preparedBy": one["agentByPreparedBy"]["name"]}
                for one in node["reviewDecisionsByClaimId"]["nodes"]
            ],
        }}
        for edge in found["edges"] for node in (edge["node"],)
    ]  # fmt: skip
    return {"diplomaReviews": {"edges": edges, "pageInfo": _page_info(found["pageInfo"])}}


def _candidate(node: Any) -> Any:
    row = node["diploma"]
    return {
        "heldByAnother": node["heldByAnother"],
        "diploma": _diploma(row) | {"holder": _names(row)},
        "person": _names(row) | {"birthDate": row["birthDate"]},
    }


def _diploma(row: Any) -> dict[str, Any]:
    return {"id": to_base64("Diploma", row["rowId"]), "title": row["title"], "session": row["sessionYear"]}


def _names(row: Any) -> dict[str, Any]:
    return {"birthName": row["birthName"], "givenNames": row["givenNames"]}


def _page_info(found: Any) -> dict[str, Any]:
    return {"hasNextPage": found["hasNextPage"], "endCursor": _cursor(found["endCursor"])}


def _time(theirs: str) -> str:
    """Theirs has microseconds even where there are none."""
    return datetime.fromisoformat(theirs).isoformat()


def _cursor(theirs: str) -> str:
    """Their cursor names the order and the key, ours the key alone."""
    return cursor_of(json.loads(b64decode(theirs))[-1])


MAPPED: dict[str, Callable[[Any], Any]] = {
    "verification": _verification, "dashboard": _dashboard, "availability": _availability, "queue": _queue,
}  # fmt: skip
POSTGRAPHILE = Asking(documents=DOCUMENTS, mapped=MAPPED)
