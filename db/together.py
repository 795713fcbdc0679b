"""Calls that are made at the same moment, answered by one statement."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextvars import Context
from itertools import islice
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")

MOST_TOGETHER = 64
"""Calls that one statement answers: what one failure may cost."""

MOST_AT_ONCE = 4
"""Statements of one kind under way."""

PATIENCE = 0.02
"""Seconds during which calls gather behind a statement under way: most end sooner, and one beside would halve what each answers."""


class Together(Generic[K, V]):
    """Gathers the calls of one tick of the event loop, and those that wait while the statements before them run."""

    def __init__(self, run: Callable[[Sequence[K]], Awaitable[Sequence[V | Exception]]]) -> None:
        """`run` answers each of its keys, in their order, by a value or by the exception that its call raises."""
        self._run = run
        self._waiting: deque[tuple[K, asyncio.Future[V]]] = deque()
        self._runners: set[asyncio.Task[None]] = set()
        self._running = 0
        """Runners that will still look at what waits: one that has ended stays a moment among the tasks."""

        self._gathers = False
        """Whether a runner is about to take what waits."""

        self._since = 0.0
        """When the latest runner began."""

    async def one(self, key: K) -> V:
        """What `run` answers to a key. Raises what it raises: for this key, or as a whole."""
        answer: asyncio.Future[V] = asyncio.get_running_loop().create_future()
        self._waiting.append((key, answer))
        self._begin()
        return await answer

    def _begin(self) -> None:
        if self._gathers or self._running >= MOST_AT_ONCE:
            return
        now = asyncio.get_running_loop().time()
        if self._running and len(self._waiting) < MOST_TOGETHER and now < self._since + PATIENCE:
            return
        self._since = now
        self._gathers = True
        self._running += 1
        # of no call's context: it answers those of others too
        runner = asyncio.create_task(self._work(), context=Context())
        self._runners.add(runner)
        runner.add_done_callback(self._runners.discard)

    async def _work(self) -> None:
        try:
            try:
                await asyncio.sleep(0)
            finally:
                self._gathers = False
            while self._waiting:
                taken = [self._waiting.popleft() for _ in islice(range(len(self._waiting)), MOST_TOGETHER)]
                # whose caller went away needs no answer
                asked = [(key, future) for key, future in taken if not future.done()]
                if self._waiting:
                    self._begin()
                if asked:
                    self._since = asyncio.get_running_loop().time()
                    await self._answer([key for key, _ in asked], [future for _, future in asked])
        finally:
            self._running -= 1

    async def _answer(self, keys: Sequence[K], futures: Sequence["asyncio.Future[V]"]) -> None:
        answers: Sequence[V | Exception]
        try:
            answers = await self._run(keys)
            if len(answers) != len(keys):
                raise RuntimeError(f"{len(answers)} answers to {len(keys)} calls")
        except Exception as error:
            # not ours to judge: each caller gets it
            answers = [error] * len(keys)
        except BaseException:
            # the loop ends: nobody waits for ever
            for future in futures:
                future.cancel()
            raise
        for future, answer in zip(futures, answers, strict=True):
            if future.done():
                continue
            if isinstance(answer, Exception):
                future.set_exception(answer)
            else:
                future.set_result(answer)
