"""The four operations, as requests of each way to ask, and their answers in one form."""

import gzip
import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bench.load import KEYRING, request
from bench.read.register import Register
from server.identity import COOKIE

VERIFICATION = """query Verification($key: String!, $name: String!) {
  verification(key: $key, birthName: $name) { ... on VerifiedDiploma { replacedOn verifiedAt
    diploma { id title session mention status academy { code name } holder { birthName givenNames }
      ... on Baccalaureat { track specialities options sectionLanguage } } } } }"""
DASHBOARD = """query Dashboard {
  viewer { identity { familyName givenNames } diplomas(first: 20) {
    edges { node { id controlKey addedAt keptUntil diploma { id title session mention status academy { name } } } }
    pageInfo { hasNextPage endCursor } } } }"""
AVAILABILITY = """query Availability($from: Int!, $to: Int!) {
  availability(from: $from, to: $to) { family session state count academy { code name } } }"""
QUEUE = """query Queue($first: Int!) {
  diplomaReviews(first: $first) { edges { cursor node { id reference familyCode session state createdAt academy { name }
    candidates { heldByAnother diploma { id title session holder { birthName givenNames } } person { birthName givenNames birthDate } }
    decisions { kind preparedBy } } }
    pageInfo { hasNextPage endCursor } } }"""


@dataclass(frozen=True)
class Operation:
    """An operation: its document, and who asks what (headers and variables), again and again.

    So many clients ask at once.
    """

    name: str
    document: str
    asked: Callable[[Register], list[tuple[dict[str, str], dict[str, Any]]]]
    clients: int = 32


def _verifications(register: Register) -> list[tuple[dict[str, str], dict[str, Any]]]:
    """Each by somebody at an address of his own, behind the proxy."""
    return [({"X-Forwarded-For": _address()}, {"key": KEYRING.shown_key(id, 1, 1), "name": name}) for id, name in register.diplomas]


def _dashboards(register: Register) -> list[tuple[dict[str, str], dict[str, Any]]]:
    return [({"Cookie": f"{COOKIE}={cookie}"}, {}) for cookie in register.cookies]


def _queues(register: Register) -> list[tuple[dict[str, str], dict[str, Any]]]:
    return [({"Authorization": f"Bearer {token}"}, {"first": 50}) for token in register.tokens]


def _address() -> str:
    return ".".join(str(random.randrange(1, 255)) for _ in range(4))


OPERATIONS = (
    Operation("verification", VERIFICATION, _verifications),
    Operation("dashboard", DASHBOARD, _dashboards),
    Operation("queue", QUEUE, _queues),
    # an answer of four thousand rows: more clients would only wait for each other
    Operation("availability", AVAILABILITY, lambda _: [({}, {"from": 2009, "to": 2026})], 8),
)


@dataclass(frozen=True)
class Asking:
    """How a server is asked: the path of an operation, its documents where they are its own, and its answers in the form of ours."""

    path: Callable[[str], str] = lambda _: "/graphql"
    documents: Mapping[str, str] | None = None
    mapped: Mapping[str, Callable[[Any], Any]] | None = None

    def requests(self, operation: Operation, register: Register, most: int | None = None) -> list[bytes]:
        """What clients send, in no order but the same for every server."""
        chance = random.Random(7)
        asked = operation.asked(register)
        chance.shuffle(asked)
        document = (self.documents or {}).get(operation.name, operation.document)
        return [
            request(
                self.path(operation.name),
                {"Content-Type": "application/json", "Accept": "application/json", "Accept-Encoding": "gzip", **headers},
                json.dumps({"query": document, "variables": variables}).encode(),
            )
            for headers, variables in asked[:most]
        ]

    def form(self, operation: Operation, head: str, body: bytes) -> str:
        """An answer as it is compared: compact, without the time of reading. Raises `SystemExit` when it holds an error."""
        if "content-encoding: gzip" in head.lower():
            body = gzip.decompress(body)
        answer = json.loads(body)
        if "errors" in answer or not isinstance(answer.get("data"), dict):
            raise SystemExit(f"{operation.name} was answered by an error: {body[:2000].decode()}")
        data = answer["data"]
        if self.mapped:
            data = self.mapped[operation.name](data)
        return json.dumps(_timeless(data), ensure_ascii=False, separators=(",", ":"))


def _timeless(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _timeless(inner) for name, inner in value.items() if name != "verifiedAt"}
    return [_timeless(inner) for inner in value] if isinstance(value, list) else value
