"""Golden operations: what a front end asks, the answer, and the SQL that ran, each beside the other in `tests/golden/`.

`./dev test tests/test_golden.py --rewrite` writes answers and SQL again: read the difference before it is committed.
"""

import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from bench.sameness.comparing import Executors
from bench.sameness.documents import Asking
from bench.sameness.register import KEYRING, NOBODY
from db.embedded import EmbeddedServer
from db.pool import open_pool
from resolvers.accounts import Holder
from resolvers.callers import Caller
from resolvers.people import Person
from resolvers.web_sessions import SignedIn
from tests.planned import Counted, drawn_once

FOLDER = Path(__file__).parent / "golden"
NAMES = sorted(path.stem for path in FOLDER.glob("*.graphql"))
ID = "00000000-0000-7000-8000-0000000000{}".format
PERSON = Person("LECŒUR", ("Éloïse", 'Marie "M"'), "2007-03-12", "F", birth_commune="25056", used_name="Martin")
CALLERS = {
    "nobody": NOBODY,
    "holder": SignedIn(Holder(UUID(ID("c1")), PERSON, True, UUID("00000000-0000-7000-8000-000000001101")), None),
    "agent": SignedIn(None, Caller(UUID(ID("a1")), "Claude", "AGENT", ("01",))),
    "head": SignedIn(None, Caller(UUID(ID("a2")), 'Dominique "D"', "HEAD_OF_SERVICE", ("01",))),
}
KEY = re.compile(r"\{key of ([0-9a-f-]+)\}")


@dataclass(frozen=True)
class Golden:
    """An operation with who asks it and its variables, which its first lines say."""

    name: str
    text: str

    @staticmethod
    def read(name: str) -> "Golden":
        return Golden(name, (FOLDER / f"{name}.graphql").read_text("utf-8"))

    def said(self, what: str) -> str:
        found = re.search(rf"^# {what}: (.+)$", self.text, re.MULTILINE)
        assert found is not None, f"{self.name}.graphql does not say its {what}"
        return found[1]

    @property
    def asking(self) -> Asking:
        variables = KEY.sub(lambda found: KEYRING.control_key(UUID(found[1]).bytes, 2, 1), self.said("variables"))
        return Asking(CALLERS[self.said("caller")], json.loads(variables), "fr", "192.0.2.1")

    def matches(self, kind: str, text: str, *, rewrite: bool) -> None:
        path = FOLDER / f"{self.name}.{kind}"
        if rewrite:
            path.write_text(text, "utf-8")
        assert path.read_text("utf-8") == text, f"{path.name}: see the docstring of this module"


def in_lines(sql: str) -> str:
    """A statement as it ran, broken where its pieces are joined."""
    return re.sub(r" (\|\| |from \(|from unnest|cross join lateral)", r"\n\1", sql) + ";\n"


@pytest.fixture(scope="module")
async def golden_pool(postgres: EmbeddedServer, template: str) -> AsyncIterator["asyncpg.Pool[asyncpg.Record]"]:
    admin = await asyncpg.connect(postgres.url())
    await admin.execute(f"create database golden template {template} strategy file_copy")
    pool = await open_pool(postgres.url("golden"), 2)
    await pool.execute((FOLDER / "register.sql").read_text("utf-8"))
    for diploma, version in ((UUID("00000000-0000-7000-8000-000000000d01"), 2),):
        lookup = KEYRING.lookup(diploma.bytes, version, 1)
        await pool.execute(
            "insert into control_key (lookup, diploma_id, version, generation) values ($1, $2, $3, 1)", lookup, diploma, version
        )
    yield pool
    await pool.close()
    await admin.execute("drop database golden with (force)")
    await admin.close()


@pytest.mark.parametrize("name", NAMES)
async def test_a_golden_operation_has_its_answer_by_its_statements(
    golden_pool: Any, name: str, pytestconfig: pytest.Config
) -> None:
    golden, rewrite = Golden.read(name), bool(pytestconfig.getoption("--rewrite"))
    counted = Counted(golden_pool, [])
    executors = Executors(counted)  # pyright: ignore[reportArgumentType]
    drawn = drawn_once(golden.text, golden.asking)
    answer = await executors.compiled_answer(drawn, golden.asking)
    assert answer is not None, executors.refusals
    planned = [sql for sql in counted.statements if "convert_to" in sql]
    expected, _ = await executors.strawberry_answer(drawn, golden.asking)
    assert answer == expected
    shown = json.loads(answer)
    golden.matches("json", json.dumps(shown, ensure_ascii=False, indent=2) + "\n", rewrite=rewrite)
    golden.matches("sql", "\n".join(in_lines(sql) for sql in planned), rewrite=rewrite)
    assert len(planned) <= len(shown["data"])
