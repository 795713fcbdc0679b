"""Commands that run the product: serve, worker, migrate, schema, population, and the demonstration."""

import argparse
import asyncio
import multiprocessing
import os
from pathlib import Path

import uvicorn
from rich.console import Console
from rich.progress import track

from graph.text import Text
from plugins.loading import declared, families
from population.files import write_all
from population.nation import plan
from resolvers.schema import exported, published
from resolvers.titles import in_force
from server import demonstration
from server.app import create_app
from server.database import database_url, prepare
from server.logs import configure_logs
from server.settings import Settings, SettingsError, read_settings
from server.worker import work

SCHEMA = Path(__file__).parent.parent / "schema.graphql"
GRACE_SECONDS = 10
console = Console(highlight=False)


def web_server(settings: Settings, url: str, host: str, port: int) -> uvicorn.Server:
    """The HTTP server of one process. It logs no request: keys and names travel in bodies, and the proxy counts requests."""
    return uvicorn.Server(
        uvicorn.Config(
            create_app(settings, url),
            host=host,
            port=port,
            log_level="warning",
            access_log=False,
            server_header=False,
            forwarded_allow_ips=settings.trusted_proxies,
            timeout_graceful_shutdown=GRACE_SECONDS,
            limit_concurrency=1000,
        )
    )


async def serve(settings: Settings, given: argparse.Namespace) -> int:
    """Serves the graph until a signal. Several workers are several processes, begun anew when one dies."""
    if given.workers > 1:
        return await asyncio.to_thread(_serve_in_processes, given)
    async with database_url(settings) as url:
        await web_server(settings, url, given.host, given.port).serve()
    return 0


def _serve_in_processes(given: argparse.Namespace) -> int:
    uvicorn.run(
        "server.running:application", factory=True, host=given.host, port=given.port, workers=given.workers,
        log_level="warning", access_log=False, server_header=False, timeout_graceful_shutdown=GRACE_SECONDS,
        limit_concurrency=1000,
    )  # fmt: skip
    return 0


def application() -> object:
    """The application of one of several processes. Raises `SettingsError` without DATABASE_URL, which they must share."""
    settings = read_settings(os.environ)
    if settings.database_url is None:
        raise SettingsError("Several processes need DATABASE_URL.")
    return create_app(settings, settings.database_url)


async def worker(settings: Settings, given: argparse.Namespace) -> None:
    """Works until a signal."""
    async with database_url(settings) as url:
        await work(settings, url, given.parent)


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


def list_families(_: Settings, __: argparse.Namespace) -> None:
    """Lists the families with what brings them."""
    for distribution, family in declared():
        console.print(f"{family.code:10} {family.type.__name__:32} {distribution:12} {family.label.fr}")


def write_population(__: Settings, given: argparse.Namespace) -> None:
    """Writes the import files of a fictitious nation."""
    first, _, last = given.sessions.partition("-")
    plans = plan(
        given.size, given.families.split(",") if given.families else list(families()),
        range(int(first), int(last or first) + 1), given.academies.split(",") if given.academies else None,
    )  # fmt: skip
    written = write_all(plans, given.seed, given.out, in_force)
    for _ in track(written, "Population", total=len(plans), console=console):
        pass
    console.print(f"{len(plans)} fichiers, {sum(file.candidates for file in plans)} candidats : {given.out}")


async def demo(settings: Settings, given: argparse.Namespace) -> int:
    """Starts the demonstration: an embedded server, a register of fictitious people, the graph, a worker."""
    if settings.production:
        raise SettingsError("The demonstration is for development: PARCHEMIN_ENV=production refuses it.")
    async with database_url(settings) as url:
        await prepare(url)
        port = demonstration.free_port(given.port)
        base = f"http://127.0.0.1:{port}"
        await demonstration.furnish(settings, url, base, given.size)
        web = web_server(settings, url, "127.0.0.1", port)
        # a fresh interpreter: forking a process that has threads and connections would share them
        beside = multiprocessing.get_context("spawn").Process(target=_work_beside, args=(os.getpid(), url), daemon=False)
        beside.start()
        try:
            _welcome(settings, base)
            await web.serve()
        finally:
            beside.terminate()
            beside.join(GRACE_SECONDS)
    return 0


def _work_beside(parent: int, url: str) -> None:
    configure_logs()
    asyncio.run(work(read_settings(os.environ), url, parent))


def _welcome(settings: Settings, base: str) -> None:
    text = Text(
        f"Parchemin est prêt.\n  GraphiQL           {base}/graphiql\n  Graphe             {base}/graphql\n"
        f"  Clés, agents       {settings.data / 'demo.json'}\n  Arrêter            Ctrl-C (les données restent)",
        "",
    )
    console.print(text.fr)
