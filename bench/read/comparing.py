"""Whether every server answers the same: facts, forms, their order, and what a verification leaves in the journal."""

from collections.abc import Sequence
from datetime import UTC, datetime
from statistics import mean

from bench.load import KEYRING, connected
from bench.read.operations import OPERATIONS, Operation
from bench.read.register import Register
from bench.read.variants import Server
from db.pool import connect
from resolvers import consultations

MOST = 20
"""Requests of each operation that are compared, byte by byte."""

LAST = "ffffffff-ffff-ffff-ffff-ffffffffffff"

Lengths = dict[tuple[str, str], float]
"""Bytes of an answer with its headers, in the mean, by server and operation: a load whose answers are shorter met refusals."""


async def compare(servers: Sequence[Server]) -> Lengths:
    """The lengths of answers. Raises `SystemExit` at the first answer of a server that is not the first server's."""
    lengths: Lengths = {}
    for operation in OPERATIONS:
        expected: list[str] = []
        for server in servers:
            answers, length = await _answers(server, operation)
            lengths[server.variant.name, operation.name] = length
            expected = expected or answers
            for ours, theirs in zip(expected, answers, strict=True):
                if ours != theirs:
                    raise SystemExit(
                        f"{server.variant.name} answers {operation.name} otherwise:\n{theirs[:3000]}\ninstead of\n{ours[:3000]}"
                    )
            if operation.name == "verification":
                await _journalled(server.register, server.variant.name, len(answers))
        print(f"{operation.name}: {len(servers)} servers, the same {len(expected)} answers", flush=True)
    return lengths


async def lengths_of(server: Server) -> Lengths:
    """The same for a server over another register, whose answers are others."""
    return {(server.variant.name, operation.name): (await _answers(server, operation))[1] for operation in OPERATIONS}


async def _answers(server: Server, operation: Operation) -> tuple[list[str], float]:
    asking, forms, lengths = server.variant.asking, list[str](), list[int]()
    async with connected(server.port) as connection:
        for request in asking.requests(operation, server.register, MOST):
            head, body = await connection.answer(request)
            forms.append(asking.form(operation, head, body))
            lengths.append(len(head) + len(body))
    return forms, mean(lengths)


async def _journalled(register: Register, name: str, count: int) -> None:
    """Raises `SystemExit` unless the holders' journals now have each reading of the server, sealed as ours are."""
    connection = await connect(register.url)
    since = {id: datetime.fromtimestamp(0, UTC) for id, _ in register.diplomas}
    found = await consultations.read(connection, KEYRING, since, LAST, 2 * count)
    await connection.execute("truncate consultation")
    await connection.close()
    if len(found) != count or any(one.entry != consultations.Entry("SHOWN", "KEY") for one in found):
        raise SystemExit(f"{name} leaves {len(found)} readings in the journal for {count}, or others than were made")
