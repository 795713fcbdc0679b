"""What compares both executors: it draws what it is told to, and sees a difference when there is one."""

from random import Random
from typing import Any

import pytest
from graphql import parse, validate

from bench.sameness.comparing import Executors
from bench.sameness.documents import Documents
from tests.planned import Planned

SEED = 5


def documents_of(planned: Planned) -> Documents:
    return Documents(planned.executors.schema.core, planned.register, Random(SEED))


async def test_the_same_seed_draws_the_same_documents(planned: Planned) -> None:
    first, second = documents_of(planned), documents_of(planned)
    for _ in range(20):
        one, other = first.draw(), second.draw()
        assert (one.text, one.operation, [asking.variables for asking in one.askings]) == (
            other.text,
            other.operation,
            [asking.variables for asking in other.askings],
        )


async def test_documents_mostly_suit_the_schema_and_differ(planned: Planned) -> None:
    documents, schema = documents_of(planned), planned.executors.schema.core
    texts = {documents.draw().text for _ in range(60)}
    assert len(texts) > 50
    assert sum(not validate(schema, parse(text)) for text in texts) > 0.9 * len(texts)


async def test_documents_have_every_feature(planned: Planned) -> None:
    documents = documents_of(planned)
    text = "".join(documents.draw().text for _ in range(300))
    features = ("fragment ", "... on ", "...F", "@skip", "@include", "__typename", "Int = ", "null", "after: ", "pageInfo")
    assert [feature for feature in (*features, "Baccalaureat", "Belted") if feature not in text] == []


async def test_cursors_are_learnt_by_their_field(planned: Planned) -> None:
    documents = documents_of(planned)
    documents.learn(
        {"a_shares": {"edges": [{"cursor": "one", "node": {"x": 1}}], "pageInfo": {"b_endCursor": "two"}}, "other": None}
    )
    assert dict(documents.cursors) == {"shares": ["one", "two"]}


@pytest.mark.parametrize(
    ("document", "answer"),
    [
        ("{ academies { code } }", b'{"data":{"academies":[]}}'),
        ("{ academies { code } }", None),
        ("{ examSessions { edges { cursor } } }", b'{"data":{"examSessions":null}}'),
    ],
)
async def test_a_planner_that_answers_otherwise_is_seen(
    planned: Planned, monkeypatch: pytest.MonkeyPatch, document: str, answer: bytes | None
) -> None:
    executors = Executors(planned.pool)

    async def wrong(*_: Any) -> bytes | None:
        return answer

    monkeypatch.setattr(executors.planner, "answer", wrong)
    differences, _ = await executors.compare(planned.drawn(document))
    assert len(differences) == 1
    assert document in str(differences[0])
