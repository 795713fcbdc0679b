"""Calls that are made at the same moment, answered by one statement."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")

MOST_TOGETHER = 64
"""Calls that one statement answers: what one failure may cost."""

MOST_AT_ONCE = 2
"""Statements of one kind under way: while they are, the calls that follow gather for the next."""


class Together(Generic[K, V]):
    """Gathers the calls of one tick of the event loop, and those that wait while the statement before them runs."""

    def __init__(self, run: Callable[[Sequence[K]], Awaitable[Sequence[V | Exception]]]) -> None:
        """`run` answers each of its keys, in their order, by a value or by the exception that its call raises."""
        self._run = run
        self._waiting: list[tuple[K, asyncio.Future[V]]] = []
        self._runners: set[asyncio.Task[None]] = set()

    async def one(self, key: K) -> V:
        """What `run` answers to a key."""
        answer: asyncio.Future[V] = asyncio.get_running_loop().create_future()
        self._waiting.append((key, answer))
        if len(self._runners) < MOST_AT_ONCE:
            runner = asyncio.create_task(self._work())
            self._runners.add(runner)
            runner.add_done_callback(self._runners.discard)
        return await answer

    async def _work(self) -> None:
        await asyncio.sleep(0)
        while taken := self._waiting[:MOST_TOGETHER]:
            del self._waiting[:MOST_TOGETHER]
            try:
                answers = await self._run([key for key, _ in taken])
            except Exception as error:
                # not ours to judge: each caller gets it
                answers = [error] * len(taken)
            for (_, future), answer in zip(taken, answers, strict=True):
                if future.done():  # its caller went away
                    continue
                if isinstance(answer, Exception):
                    future.set_exception(answer)
                else:
                    future.set_result(answer)
