"""Commands that run the product: serve, worker, migrate, schema, population, and the demonstration."""

import argparse
import asyncio
import gc
import multiprocessing
import os
import sys
from collections.abc import Awaitable
from dataclasses import replace
from pathlib import Path

import uvicorn
from rich.console import Console
from rich.progress import track
from starlette.applications import Starlette

from graph.text import Text
from population.files import write_all
from population.nation import drawn, plan
from resolvers.schema import exported, published
from resolvers.titles import in_force
from server import demonstration
from server.app import create_app
from server.connections import Connection, allow_files
from server.database import database_url, embedded, prepare
from server.graph.body import LONGEST_BODY
from server.logs import configure_logs
from server.sealing.service import seal
from server.settings import Settings, SettingsError, read_settings
from server.worker import work

SCHEMA = Path(__file__).parent.parent / "schema.graphql"
GRACE_SECONDS = 10
"""Bytes of one message of a WebSocket, which carries a request of the graph."""

console = Console(highlight=False, markup=False, soft_wrap=True)


def web_server(settings: Settings, url: str, host: str, port: int) -> uvicorn.Server:
    """The HTTP server of one process. It logs no request: keys and names travel in bodies, and the proxy counts requests."""
    return uvicorn.Server(
        uvicorn.Config(
            settled(create_app(settings, url)),
            host=host,
            port=port,
            log_level="warning",
            access_log=False,
            server_header=False,
            forwarded_allow_ips=settings.trusted_proxies,
            timeout_graceful_shutdown=GRACE_SECONDS,
            http=Connection,
            ws_max_size=LONGEST_BODY,
        )
    )


def serve(settings: Settings, given: argparse.Namespace) -> int | Awaitable[int]:
    """Serves the graph until a signal. Several workers are several processes, begun anew when one dies."""
    allow_files()
    if given.workers == 1:
        return _serve(settings, given)
    if settings.database_url is None:
        raise SettingsError("Several processes need DATABASE_URL: the embedded server belongs to one.")
    # in the main thread and without a loop: uvicorn's supervisor takes the signals
    uvicorn.run(
        "server.running:application", factory=True, host=given.host, port=given.port, workers=given.workers,
        forwarded_allow_ips=settings.trusted_proxies, log_level="warning", access_log=False, server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS, http=Connection, ws_max_size=LONGEST_BODY,
    )  # fmt: skip
    return 0


async def _serve(settings: Settings, given: argparse.Namespace) -> int:
    async with database_url(settings) as url:
        await web_server(settings, url, given.host, given.port).serve()
    return 0


def application() -> Starlette:
    """The application of one of several processes."""
    configure_logs()
    settings = read_settings(os.environ)
    assert settings.database_url is not None
    return settled(create_app(settings, settings.database_url))


def settled(app: Starlette) -> Starlette:
    """The same, with all that was made until now left out of garbage collection: going through the schema took 100 ms each time."""
    gc.collect()
    gc.freeze()
    return app


async def worker(settings: Settings, given: argparse.Namespace) -> None:
    """Works until a signal."""
    async with database_url(settings) as url:
        await work(settings, url, given.parent)


async def sealer(settings: Settings, given: argparse.Namespace) -> None:
    """Seals until a signal."""
    if settings.seal is None and settings.production:
        raise SettingsError(
            "PARCHEMIN_ENV=production needs PARCHEMIN_SEAL: the development authority proves nothing (docs/seal.md)."
        )
    if not settings.public_url:
        raise SettingsError("The seal service needs PARCHEMIN_PUBLIC_URL: it stands on every attestation.")
    async with database_url(settings) as url:
        await seal(settings, url, given.parent)


async def migrate(settings: Settings, _: argparse.Namespace) -> None:
    """Brings the database to this version."""
    async with database_url(settings) as url:
        done = await prepare(url)
    console.print("\n".join(done) if done else "La base est à jour.")


def schema(_: Settings, given: argparse.Namespace) -> int:
    """Prints, writes or checks the schema."""
    if given.write:
        SCHEMA.write_text(exported(), encoding="utf-8")
    elif given.check:
        if not SCHEMA.exists() or SCHEMA.read_text(encoding="utf-8") != exported():
            console.print("schema.graphql is not the schema of our families: ./dev parchemin schema --write")
            return 1
    else:
        print(published(), end="")
    return 0


def write_population(__: Settings, given: argparse.Namespace) -> int:
    """Writes the import files of a fictitious nation."""
    first, _, last = given.sessions.partition("-")
    try:
        plans = plan(
            given.size, given.families.split(",") if given.families else drawn(),
            range(int(first), int(last or first) + 1), given.academies.split(",") if given.academies else None,
        )  # fmt: skip
    except ValueError as error:
        print(f"population: {error}", file=sys.stderr)
        return 1
    written = write_all(plans, given.seed, given.out, in_force)
    for _ in track(written, "Population", total=len(plans), console=console):
        pass
    console.print(f"{len(plans)} fichiers, {sum(file.candidates for file in plans)} candidats : {given.out}")
    return 0


async def demo(settings: Settings, given: argparse.Namespace) -> int:
    """Starts the demonstration: an embedded server, a register of fictitious people, the graph, a worker, the seal service."""
    if settings.production:
        raise SettingsError("The demonstration is for development: PARCHEMIN_ENV=production refuses it.")
    async with database_url(settings) as url:
        await prepare(url)
        port = demonstration.free_port(given.port)
        base = f"http://127.0.0.1:{port}"
        settings = replace(settings, public_url=base, demonstration=True)
        await demonstration.furnish(settings, url, base, given.size)
        web = web_server(settings, url, "127.0.0.1", port)
        # fresh interpreters: forking a process that has threads and connections would share them
        spawn = multiprocessing.get_context("spawn")
        beside = [spawn.Process(target=one, args=(os.getpid(), url, base)) for one in (_work_beside, _seal_beside)]
        for process in beside:
            process.start()
        try:
            _welcome(settings, base)
            await web.serve()
        finally:
            for process in beside:
                process.terminate()
            for process in beside:
                process.join(GRACE_SECONDS)
            if settings.database_url is None:
                embedded(settings).stop()  # also one that a killed demonstration left running
    return 0


def _work_beside(parent: int, url: str, _: str) -> None:
    configure_logs()
    asyncio.run(work(read_settings(os.environ), url, parent))


def _seal_beside(parent: int, url: str, base: str) -> None:
    configure_logs()
    asyncio.run(seal(replace(read_settings(os.environ), public_url=base), url, parent))


def _welcome(settings: Settings, base: str) -> None:
    text = Text(
        f"Parchemin est prêt.\n  Se connecter       {base}/login?next=/graphiql\n"
        f"  GraphiQL           {base}/graphiql\n  Graphe             {base}/graphql\n"
        f"  Courriels          {base}/demonstration/mail\n"
        f"  Clés, personnes    {settings.data / 'demo.json'}\n  Arrêter            Ctrl-C (les données restent)",
        "",
    )
    console.print(text.fr)
