"""The servers, each by the command that starts it and the way it is asked."""

import json
import sys
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.load import SECRET, wait_for
from bench.read.installing import HERE, NotInstalled, python_of_peers, servers_of_node
from bench.read.operations import Asking
from bench.read.postgraphile import POSTGRAPHILE
from bench.read.processes import started
from bench.read.register import FAMILIES, Register

FIRST_PORT = 18_800
SERVING = ("-m", "bench.read.serving")
GRAPH = Asking()


@dataclass(frozen=True)
class Variant:
    """A server that can be started: its name in the table, its command without port and workers, and how it is asked."""

    name: str
    title: str
    command: Sequence[str]
    asking: Asking = GRAPH
    folder: Path | None = None


@dataclass(frozen=True)
class Server:
    """A variant that runs over a register."""

    variant: Variant
    register: Register
    port: int
    pid: int


def variants(folder: Path) -> list[Variant]:
    """Those that can run here; a sentence is printed for each group that cannot."""
    own = (sys.executable, *SERVING)
    found = [
        Variant("ours", "**ours**", (*own, "bench.read.ours:application")),
        Variant("unplanned", "ours without the planner", (*own, "bench.read.ours:without_planner")),
        Variant("strawberry", "Strawberry, data loaders", (*own, "bench.read.peers.idiomatic:application")),
    ]
    try:
        peers = (str(python_of_peers(folder)), *SERVING)
        found += [
            Variant(
                "plain", "Starlette, SQL by hand", (*peers, "bench.read.peers.plain:application"), Asking(lambda name: f"/{name}")
            ),
            Variant("ariadne", "Ariadne", (*peers, "bench.read.peers.with_ariadne:application")),
        ]
    except NotInstalled as reason:
        print(f"left out: {reason}", flush=True)
    try:
        node, servers = servers_of_node(folder)
        found += [
            Variant("mercurius", "Mercurius, JIT", (str(node), "workers.mjs", "mercurius"), GRAPH, servers),
            Variant("postgraphile", "PostGraphile 5", (str(node), "workers.mjs", "postgraphile"), POSTGRAPHILE, servers),
            Variant("apollo", "Apollo Server 5", (str(node), "workers.mjs", "apollo"), GRAPH, servers),
        ]
    except NotInstalled as reason:
        print(f"left out: {reason}", flush=True)
    return found


@asynccontextmanager
async def serving(chosen: Sequence[tuple[Variant, Register]], workers: int, cores: set[int]) -> AsyncGenerator[list[Server]]:
    """The variants over their registers, each with as many workers, on some cores."""
    environment = {
        "PARCHEMIN_SECRET": SECRET.hex(), "BENCH_FAMILIES": json.dumps(FAMILIES), "BENCH_PEERS": str((HERE / "peers").absolute()),
        "PYTHONPATH": str(Path.cwd()), "PARCHEMIN_ENV": "production", "NODE_ENV": "production",
        "GRAPHILE_ENV": "production",
    }  # fmt: skip
    async with AsyncExitStack() as stack:
        servers: list[Server] = []
        for port, (variant, register) in enumerate(chosen, FIRST_PORT):
            command = [*variant.command, str(port), str(workers)]
            here = environment | {"DATABASE_URL": register.url}
            pid = await stack.enter_async_context(started(command, here, variant.folder, cores))
            await wait_for(port)
            servers.append(Server(variant, register, port, pid))
        yield servers
