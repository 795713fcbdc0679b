"""Calls of one moment share one statement, and none of them suffers from its neighbours."""

import asyncio
from collections.abc import Sequence
from contextvars import ContextVar

import pytest

from db.together import MOST_AT_ONCE, MOST_TOGETHER, Together

WHOSE: ContextVar[str] = ContextVar("WHOSE", default="nobody's")


class Doubling:
    """Doubles numbers, refuses negative ones, and keeps what it was asked together."""

    def __init__(self) -> None:
        self.asked: list[list[int]] = []
        self.under_way = 0
        self.most_under_way = 0
        self.whose = ""
        self.begun = asyncio.Event()

    async def run(self, keys: Sequence[int]) -> list[int | Exception]:
        self.asked.append(list(keys))
        self.begun.set()
        self.whose = WHOSE.get()
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        await asyncio.sleep(0.005)
        self.under_way -= 1
        return [ValueError(str(key)) if key < 0 else 2 * key for key in keys]


async def test_calls_of_one_tick_are_asked_once_and_each_hears_its_own_answer() -> None:
    doubling = Doubling()
    together = Together[int, int](doubling.run)
    assert await asyncio.gather(*(together.one(key) for key in (3, 1, 2, 1))) == [6, 2, 4, 2]
    assert doubling.asked == [[3, 1, 2, 1]]


async def test_a_key_that_fails_harms_no_other() -> None:
    together = Together[int, int](Doubling().run)
    answers = await asyncio.gather(*(together.one(key) for key in (1, -5, 2)), return_exceptions=True)
    assert (answers[0], answers[2]) == (2, 4)
    assert isinstance(answers[1], ValueError) and str(answers[1]) == "-5"


async def test_more_calls_than_one_statement_takes_are_answered_by_several_that_run_at_once() -> None:
    doubling = Doubling()
    together = Together[int, int](doubling.run)
    count = 3 * MOST_TOGETHER + 1
    assert await asyncio.gather(*(together.one(key) for key in range(count))) == [2 * key for key in range(count)]
    assert [len(keys) for keys in doubling.asked] == [MOST_TOGETHER] * 3 + [1]
    assert doubling.most_under_way == 3 < MOST_AT_ONCE


async def test_calls_gather_behind_a_statement_and_begin_another_when_it_takes_long(monkeypatch: pytest.MonkeyPatch) -> None:
    doubling = Doubling()
    together = Together[int, int](doubling.run)

    async def later(ticks: int, key: int) -> int:
        for _ in range(ticks):
            await asyncio.sleep(0)
        return await together.one(key)

    await asyncio.gather(*(later(5 * key, key) for key in range(6)))
    assert doubling.asked == [[0], [1, 2, 3, 4, 5]]
    doubling.asked.clear()
    monkeypatch.setattr("db.together.PATIENCE", 0.0)
    await asyncio.gather(*(later(5 * key, key) for key in range(6)))
    assert doubling.asked == [[0], [1], [2], [3], [4, 5]]


async def test_a_caller_who_goes_away_before_is_not_asked_for_and_one_who_goes_meanwhile_harms_nobody() -> None:
    doubling = Doubling()
    together = Together[int, int](doubling.run)
    first, second, third = (asyncio.create_task(together.one(key)) for key in (1, 2, 3))
    await asyncio.sleep(0)
    first.cancel()
    await doubling.begun.wait()
    second.cancel()
    assert await third == 6
    assert doubling.asked == [[2, 3]]
    assert first.cancelled() and second.cancelled()


async def test_what_the_statement_raises_reaches_every_caller_and_the_next_calls_are_answered() -> None:
    async def broken(keys: Sequence[int]) -> list[int | Exception]:
        if len(keys) == 2:
            raise OSError("the server is away")
        return list(keys)

    together = Together[int, int](broken)
    answers = await asyncio.gather(together.one(1), together.one(2), return_exceptions=True)
    assert [type(answer) for answer in answers] == [OSError, OSError]
    assert await together.one(3) == 3


async def test_an_answer_too_few_is_an_error_for_all_and_nobody_waits_for_ever() -> None:
    async def short(keys: Sequence[int]) -> list[int | Exception]:
        return list(keys[1:])

    together = Together[int, int](short)
    async with asyncio.timeout(1):
        answers = await asyncio.gather(together.one(1), together.one(2), return_exceptions=True)
    assert [type(answer) for answer in answers] == [RuntimeError, RuntimeError]


async def test_callers_are_let_go_when_the_statement_is_cancelled() -> None:
    async def cancelled(keys: Sequence[int]) -> list[int | Exception]:
        raise asyncio.CancelledError

    together = Together[int, int](cancelled)
    with pytest.raises(asyncio.CancelledError):
        async with asyncio.timeout(1):
            await together.one(1)


async def test_a_statement_for_several_runs_in_the_context_of_none() -> None:
    doubling = Doubling()
    token = WHOSE.set("the first caller's")
    try:
        await Together[int, int](doubling.run).one(1)
    finally:
        WHOSE.reset(token)
    assert doubling.whose == "nobody's"


async def test_a_call_that_comes_as_the_last_statement_ends_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("db.together.MOST_AT_ONCE", 1)

    async def run(keys: Sequence[int]) -> Sequence[int]:
        return list(keys)

    together = Together[int, int](run)
    for number in range(5):
        assert await asyncio.wait_for(together.one(number), 1) == number
