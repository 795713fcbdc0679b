"""Loads on the servers in turn, and what each request cost of processor, time and memory."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median

from bench.read.clients import Load, Outcome, asked, written
from bench.read.comparing import Lengths
from bench.read.operations import Operation
from bench.read.processes import cpu, memory, settled
from bench.read.variants import Server

SHORT = 0.85
"""Of the compared answers' mean length: below it, a load met refusals."""

FEWEST = 20
"""Requests at half load, however slow the server."""


@dataclass(frozen=True)
class Sample:
    """A load on one server: what its clients saw, processor seconds of the server and of PostgreSQL a request, megabytes after it."""

    outcome: Outcome
    server: float
    database: float
    memory: float

    @property
    def cost(self) -> float:
        """Seconds of processor a request, of the server and PostgreSQL together."""
        return self.server + self.database


@dataclass(frozen=True)
class Measured:
    """The rounds of one operation on one server, and the load at half its rate."""

    rounds: list[Sample]
    half: Sample

    def middle(self, of: Callable[[Sample], float]) -> float:
        """The median over the rounds."""
        return median(of(sample) for sample in self.rounds)

    def ratio(self, to: "Measured", of: Callable[[Sample], float]) -> float:
        """How many times that of another server, round by round, in the median."""
        return median(of(own) / of(theirs) for own, theirs in zip(self.rounds, to.rounds, strict=True))


@dataclass(frozen=True)
class Bench:
    """Where and how long loads run: the folder of their requests, the cores of the clients, PostgreSQL, seconds, rounds."""

    folder: Path
    cores: set[int]
    database: int
    seconds: float
    rounds: int

    async def measure(self, operation: Operation, servers: Sequence[Server], lengths: Lengths) -> dict[str, Measured]:
        """The operation on each server, in turn within each round, by the server's name."""
        samples: dict[str, list[Sample]] = defaultdict(list)
        files = {server.variant.name: self._requests(operation, server) for server in servers}
        load = {
            server.variant.name: partial(self._sample, operation, server, files[server.variant.name], lengths) for server in servers
        }
        for server in servers:
            # documents are parsed, planned and compiled, pools filled
            await asked(files[server.variant.name], server.port, Load(operation.clients, self.seconds), self.cores)
        for _ in range(self.rounds):
            for name in load:
                samples[name].append(await load[name](Load(operation.clients, self.seconds)))
        halves: dict[str, Sample] = {}
        for name in load:
            rate = median(sample.outcome.rate for sample in samples[name]) / 2
            # few enough for none to pause until its server closes the connection
            clients = max(1, min(operation.clients, round(rate)))
            halves[name] = await load[name](Load(clients, max(self.seconds, FEWEST / rate), clients / rate * 1000))
        return {name: Measured(samples[name], halves[name]) for name in load}

    def _requests(self, operation: Operation, server: Server) -> Path:
        requests = server.variant.asking.requests(operation, server.register)
        return written(requests, self.folder / f"{operation.name}-{server.variant.name}.requests")

    async def _sample(self, operation: Operation, server: Server, file: Path, lengths: Lengths, load: Load) -> Sample:
        costs = (partial(cpu, server.pid), partial(cpu, self.database))
        await settled(*costs)
        before = [cost() for cost in costs]
        outcome = await asked(file, server.port, load, self.cores)
        await settled(*costs)
        own, database = ((cost() - earlier) / outcome.requests for cost, earlier in zip(costs, before, strict=True))
        if outcome.failed or outcome.bytes < SHORT * lengths[server.variant.name, operation.name] * outcome.requests:
            raise SystemExit(f"{server.variant.name} did not answer every {operation.name}: {outcome}")
        return Sample(outcome, own, database, memory(server.pid))
