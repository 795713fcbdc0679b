"""A register that has something of everything: odd texts, nulls wherever they may be, every state, and who asks it."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import EnumMeta
from random import Random
from typing import Any
from uuid import UUID

from strawberry.types import get_object_definition
from strawberry.types.base import StrawberryContainer
from strawberry.types.enum import StrawberryEnumDefinition

from bench.sameness.requests import filled_requests
from db.statements import Connection
from graph.stored import Detail
from plugins.contract import Family
from plugins.loading import families
from resolvers import callers
from resolvers.accounts import Holder
from resolvers.keys import Keyring
from resolvers.known_families import family_of
from resolvers.names import name_key
from resolvers.people import Person
from resolvers.web_sessions import SignedIn

KEYRING = Keyring.of(b"a master secret of the tests, 32+")

ODD = (
    "Zoé", 'O\'Brien dit "Bob"', "\\ et \\\\ et \\u0041 et \\n", "😀👩‍🔬 𝔘𝔫𝔦𝔠𝔬𝔡𝔢", "avant\u2028après\u2029fin",
    "\x01\x02\x03\x04\x1b\x1f\x7f\x80\x9f", '\x011:["x"]\x02 \x03', "tab\tligne\nretour\rsaut\fcloche\b", "long " * 500, "", " ",
    "null", "{}", "$1 x.p1 :family", "e\u0301 \ufeff \u200f", "</script>&amp;", "N'Diaye", "Lecœur", "İstanbul ﬁ", "%s {0} ''",
)  # fmt: skip
"""Texts that a careless writer of JSON or of SQL would break."""

TITLE_CODES = {"bac": ("47010019", "43010019", "40010019"), "dnb": ("67110001", "67110002", "67110003", "67110004")}
"""Of the families whose types read them."""

GONE = "gone"
"""Of a family that is not installed."""

ACADEMIES, YEARS = ("01", "10", "70"), (2024, 2025, 2026)

NOBODY = SignedIn(None, None)


@dataclass(frozen=True)
class People:
    """Who asks."""

    holders: tuple[SignedIn, ...]
    agents: tuple[SignedIn, ...]

    @property
    def all(self) -> tuple[SignedIn, ...]:
        """Everybody, and nobody."""
        return (NOBODY, *self.holders, *self.agents)


@dataclass(frozen=True)
class Register:
    """What a generator of documents may ask for, and for whom."""

    people: People
    verifications: tuple[tuple[str, str], ...]
    """Control keys, with their holders' birth names."""
    references: tuple[str, ...]


async def filled(connection: Connection, random: Random) -> Register:
    """Fills an empty register."""
    return await _Filling(connection, random).everything()


class _Filling:
    def __init__(self, connection: Connection, random: Random) -> None:
        self._connection = connection
        self._random = random
        self._serial = 0

    async def everything(self) -> Register:
        agents = [
            await callers.add(self._connection, 'Claude "C"', "AGENT", ["01", "70"]),
            await callers.add(self._connection, "Dominique \\", "HEAD_OF_SERVICE", ["01", "70"]),
            await callers.add(self._connection, "Sacha 😀", "HEAD_OF_SERVICE", ["10"]),
        ]
        diplomas, verifications = await self._diplomas()
        holders = [await self._holder(diplomas[:12]), await self._holder(diplomas[12:15]), await self._holder([])]
        references = await self._reviews(holders, diplomas[15:])
        references += await filled_requests(
            self._connection, self._random, [holder.id for holder in holders], [agent.id for agent in agents], ACADEMIES, ODD
        )
        for session in self._random.sample(await self._connection.fetch("select id from exam_session order by id"), 20):
            await self._session(session["id"], [agent.id for agent in agents])
        return Register(
            People(tuple(SignedIn(holder, None) for holder in holders), tuple(SignedIn(None, agent) for agent in agents)),
            tuple(verifications),
            tuple(references),
        )

    def text(self) -> str:
        """Any text."""
        return self._random.choice(ODD)

    def perhaps(self, value: Any) -> Any:
        """The value or nothing."""
        return value if self._random.random() < 0.6 else None

    async def _diplomas(self) -> tuple[list[UUID], list[tuple[str, str]]]:
        diplomas: list[UUID] = []
        verifications: list[tuple[str, str]] = []
        for family in (*families().values(), family_of(GONE)):
            for academy in ACADEMIES:
                for year in YEARS:
                    session = await self._connection.fetchval(
                        "insert into exam_session (family, academy_code, year, state, published_at, published_count)"
                        " values ($1, $2, $3, $4, now(), 2) returning id",
                        family.code, academy, year, self._random.choice(("PUBLISHED", "PUBLISHED", "PUBLISHED", "OPEN", "WITHDRAWN")),
                    )  # fmt: skip
                    for _ in range(2):
                        diploma, name = await self._diploma(session, family)
                        diplomas.append(diploma)
                        verifications.append((KEYRING.control_key(diploma.bytes, 1, 1), name))
        self._random.shuffle(diplomas)
        return diplomas, verifications

    async def _diploma(self, session: UUID, family: Family) -> tuple[UUID, str]:
        """A diploma of one version, or two of which the second may have another name; the name on the first."""
        self._serial += 1
        name, versions = self._random.choice([*ODD, "Lecœur"]), self._random.choice((1, 1, 2))
        diploma = await self._connection.fetchval(
            "insert into diploma (session_id, candidate_number, status, version) values ($1, $2, $3, $4) returning id",
            session, f"C{self._serial}", self._random.choice(("VALID", "VALID", "SUSPENDED", "REVOKED")), versions,
        )  # fmt: skip
        for version in range(1, versions + 1):
            await self._version(diploma, version, name if version == 1 else self._random.choice((name, self.text())), family)
            await self._connection.execute(
                "insert into control_key (lookup, diploma_id, version, generation) values ($1, $2, $3, 1)",
                KEYRING.lookup(diploma.bytes, version, 1), diploma, version,
            )  # fmt: skip
        return diploma, name

    async def _version(self, diploma: UUID, version: int, name: str, family: Family) -> None:
        title_code = self._random.choice(TITLE_CODES[family.code]) if family.code in TITLE_CODES else self.perhaps(self.text())
        await self._connection.execute(
            "insert into diploma_version (diploma_id, version, publication_id, status, content_hash, ine, birth_name, used_name,"
            " given_names, sex, birth_date, birth_commune, birth_place, birth_country, establishment, title_code, title,"
            " national_level, mention, awarded_on, name_key, details, recorded_at)"
            " values ($1, $2, uuidv7(), 'VALID', '', $3, $4, $5, $6, $7, $8, $9, $10, '99100', $11, $12, $13, $14, $15, $16, $17, $18,"
            " $19)",
            diploma, version, self.perhaps("123456789AB"), name, self.perhaps(self.text()),
            self._random.choices(ODD, k=self._random.randrange(4)), self.perhaps("F"), self.perhaps("2008-00-00"),
            self.perhaps("25056"), self.perhaps(self.text()), self.perhaps("0250001A"), title_code, self.text(), self.perhaps(4),
            self.perhaps(self._random.choice(("ASSEZ_BIEN", "TRES_BIEN"))),
            self.perhaps(self._random.choice((date(2024, 2, 29), date(2026, 7, 4)))), name_key(name), self._details(family),
            datetime(2026, 7, 4, 8, 0, 0, self._random.choice((0, 500_000, 123_456)), tzinfo=UTC),
        )  # fmt: skip

    def _details(self, family: Family) -> dict[str, Any]:
        """A value for each field that the type keeps there, or none where there may be none."""
        details: dict[str, Any] = {}
        for field in get_object_definition(family.type, strict=True).fields:
            stored = field.metadata.get("stored")
            if isinstance(stored, Detail):
                value = self._value(field.type)
                if value is not None or self._random.random() < 0.5:
                    details[stored.name] = value
        if family.code == "belt":
            details |= {
                "course": self._course(),
                "former_course": self.perhaps(self._course()),
                "stages": self.perhaps(self._parts()),
            }
        return details

    def _course(self) -> dict[str, Any]:
        return {"label": self.perhaps(self.text()), "parts": self._parts()}

    def _parts(self) -> list[dict[str, Any]]:
        places = ({"town": self.text(), "country": None}, {"town": self.text()}, None)
        return [
            {"name": self.text(), "hours": self.perhaps(12), "place": self._random.choice(places)}
            for _ in range(self._random.randrange(4))
        ]

    def _value(self, of: Any) -> Any:
        nullable, listed = False, False
        while isinstance(of, StrawberryContainer):
            optional = type(of).__name__ == "StrawberryOptional"
            nullable, listed = nullable or optional, listed or not optional
            of = of.of_type
        if nullable and self._random.random() < 0.4:
            return None
        if listed:
            return [self._single(of) for _ in range(self._random.randrange(4))]
        return self._single(of)

    def _single(self, of: Any) -> Any:
        if isinstance(of, StrawberryEnumDefinition):
            of = of.wrapped_cls
        if isinstance(of, EnumMeta):
            return self._random.choice(list(of)).name  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType, reportUnknownArgumentType, reportAttributeAccessIssue]
        kinds: dict[Any, Any] = {bool: self._random.random() < 0.5, int: self._random.choice((0, -1, 12, 999_999_999))}
        return kinds.get(of, self.text())

    async def _holder(self, diplomas: list[UUID]) -> Holder:
        account = await self._connection.fetchval("insert into account (id) values (uuidv7()) returning id")
        session = await self._connection.fetchval(
            "insert into web_session (digest, account_id, provider, subject, device, ends_at)"
            " values (sha256($1::uuid::text::bytea), $1, 'local', '', $2, now() + interval '1 day') returning id",
            account, self.text(),
        )  # fmt: skip
        for diploma in diplomas:
            claim = await self._claim(account, "ADDED")
            await self._connection.execute(
                "insert into holding (diploma_id, account_id, claim_id) values ($1, $2, $3)", diploma, account, claim
            )
            await self._share(account, diploma)
            await self._document(diploma)
        person = Person(
            self.text(), tuple(self._random.choices(ODD, k=3)), "2001-01-01", "F", used_name=self.perhaps(self.text()),
            birth_commune=self.perhaps("25056"),
        )  # fmt: skip
        return Holder(account, person, bool(diplomas), self.perhaps(session))

    async def _share(self, account: UUID, diploma: UUID) -> None:
        for days in (1, -1):
            await self._connection.execute(
                "insert into share (lookup, account_id, diploma_id, scope, label, expires_at, most_views, views)"
                " values (sha256($1::uuid::text::bytea || $5::int::text::bytea), $2, $1, $3, $4, now() + make_interval(days => $5), $6, 3)",
                diploma, account, self._random.choice(("EXISTS", "STANDARD", "FULL")), self.text(), days,
                self._random.choice((None, 3, 10)),
            )  # fmt: skip

    async def _document(self, diploma: UUID) -> None:
        state = self._random.choice(("WAITING", "SEALED", "ARCHIVED", "OVERTAKEN", "IMPOSSIBLE"))
        sealed = state in ("SEALED", "ARCHIVED")
        await self._connection.execute(
            "insert into document (diploma_id, version, generation, link_lookup, urgent, state, sealed_at, digest, size)"
            " values ($1, 1, 1, $2, true, $3, $4, $5, $6)",
            diploma, diploma.bytes, state, datetime.now(UTC) if sealed else None, b"\x00\xff" if sealed else None,
            12 if sealed else None,
        )  # fmt: skip

    async def _claim(self, account: UUID, state: str) -> UUID:
        self._serial += 1
        person = {
            "family_name": self.text(), "given_names": self._random.choices(ODD, k=2), "used_name": self.perhaps(self.text()),
            "birth_date": "2001-01-01", "declared_birth_date": self.perhaps("2001-00-00"), "sex": "F", "birth_commune": None,
            "birth_country": "99100", "identity": self._random.choice(("FRANCECONNECT", "DECLARED")),
        }  # fmt: skip
        facts = {"ine": self.perhaps("1"), "candidate_number": self.perhaps(self.text()), "establishment": None}
        return await self._connection.fetchval(
            "insert into claim (reference, account_id, family, academy_code, year, facts, person, state)"
            " values ($1, $2, $3, $4, $5, $6, $7, $8) returning id",
            f"REF{self._serial}", account, self._random.choice(("bac", "belt", self.text())), self._random.choice(ACADEMIES), 2026,
            facts, self._random.choice((person, person, {})), state,
        )  # fmt: skip

    async def _reviews(self, holders: list[Holder], diplomas: list[UUID]) -> list[str]:
        agent = await self._connection.fetchval("select id from agent order by name limit 1")
        for _ in range(40):
            holder, state = self._random.choice(holders), self._random.choice(("REVIEW", "FROZEN", "NOT_FOUND", "REFUSED"))
            claim = await self._claim(holder.id, state)
            for diploma in self._random.sample(diplomas, self._random.randrange(4)):
                comparison = {
                    "family": self._random.choice(("USAGE", "EQ")), "given": "EQ", "date": "EQ",
                    "place": self._random.choice(("UNKNOWN", "EQ")), "sex": self._random.choice(("DIFFERS", "EQ")),
                }  # fmt: skip
                await self._connection.execute(
                    "insert into claim_candidate values ($1, $2, 'REVIEW', $3)", claim, diploma, comparison
                )
            if self._random.random() < 0.5:
                await self._connection.execute(
                    "insert into review_decision (claim_id, kind, reason, two_agents, prepared_by, cancelled_at)"
                    " values ($1, 'REFUSE', $2, false, $3, $4)",
                    claim, self.text(), agent, self.perhaps(datetime.now(UTC)),
                )  # fmt: skip
        return [row["reference"] for row in await self._connection.fetch("select reference from claim order by id")]

    async def _session(self, session: UUID, agents: list[UUID]) -> None:
        """Jury groups, imports and publications."""
        for place, code in enumerate(("PREMIER", "SECOND", self.text()), 1):
            closed = self._random.random() < 0.5
            await self._connection.execute(
                "insert into jury_group values ($1, $2, $3, $4, $5) on conflict do nothing",
                session, code, place, agents[0] if closed else None, datetime.now(UTC) if closed else None,
            )  # fmt: skip
        standing = await self._import(session, agents[0], "CURRENT", None)
        await self._connection.execute("update exam_session set import_id = $2 where id = $1", session, standing)
        await self._import(session, agents[1], "STAGED", standing)
        await self._import(session, agents[1], "FAILED", None)
        for edition in (1, 2):
            await self._connection.execute(
                "insert into publication (session_id, edition, import_id, count, added, changed, revoked, warnings, content_hash,"
                " prepared_by, approved_by, approved_at, released_at, withdrawal_requested_by, withdrawal_reason)"
                " values ($1, $2, $3, 5, 4, 1, 0, $4, '\\x00ff', $5, $6, now(), now(), $7, $8)",
                session, edition, standing, [{"fr": self.text(), "en": self.text()} for _ in range(self._random.randrange(3))],
                agents[0], agents[1], self.perhaps(agents[0]), self.perhaps(self.text()),
            )  # fmt: skip

    async def _import(self, session: UUID, agent: UUID, state: str, replaces: UUID | None) -> UUID:
        self._serial += 1
        difference = {"added": 1, "changed": 2, "removed": 0, "unchanged": 7}
        made = await self._connection.fetchval(
            "insert into import (session_id, digest, file_name, state, encoding, lines, total_lines, accepted, replaces, difference,"
            " problem, submitted_by, ended_at, content_hash) values ($1, $2, $3, $4, $5, 9, $6, 8, $7, $8, $9, $10, $11, '')"
            " returning id",
            session, str(self._serial).encode(), self.text(), state, self.perhaps("utf-8"), self.perhaps(9), replaces,
            self.perhaps(difference), {"fr": self.text(), "en": self.text()} if state == "FAILED" else None, agent,
            self.perhaps(datetime.now(UTC)),
        )  # fmt: skip
        for line in range(2, 5):
            await self._connection.execute(
                "insert into import_refusal values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'x')",
                made, line, self._random.randrange(9), self._random.choice(("", "moyenne")), *(self.text() for _ in range(5)),
            )  # fmt: skip
            await self._candidate(session, made, line, agent)
        return made

    async def _candidate(self, session: UUID, import_id: UUID, line: int, agent: UUID) -> None:
        flag = {
            "expected_decision": "ADMIS", "expected_mention": self._random.choice((None, "ASSEZ_BIEN")),
            "reason": {"fr": self.text(), "en": self.text()}, "reference": self.text(),
        }  # fmt: skip
        confirmed = self.perhaps(datetime.now(UTC) - timedelta(hours=1))
        await self._connection.execute(
            "insert into candidate (session_id, import_id, line, raw, content_hash, diploma_id, candidate_number, birth_name, given_names,"
            " title, jury_group, decision, mention, name_key, results, details, flag, confirmed_by, confirmed_at)"
            " values ($1, $2, $3, '', $4, uuidv7(), $5, $6, '{}', $7, 'PREMIER', $8, $9, '', '{}', '{}', $10, $11, $12)",
            session, import_id, line, self.text().encode(), f"{self.text()[:20]}{line}", self.text(), self.text(),
            self._random.choice(("ADMIS", "AJOURNE", "EN_ATTENTE")), self.perhaps("TRES_BIEN"), flag, agent if confirmed else None,
            confirmed,
        )  # fmt: skip
