"""The command line `parchemin`. `docs/operations.md` shows a session from import to publication."""

import argparse
import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import asyncpg
from uvicorn.loops.auto import auto_loop_factory

from graph.problems import Refused
from resolvers import deployment
from resolvers.callers import Forbidden
from resolvers.roles import ROLES
from server import (
    acts,
    agent_acts,
    app_acts,
    audit_act,
    check_family_act,
    documents_act,
    erase_act,
    families_act,
    running,
    scaffold_act,
    schema_act,
    verify_act,
)
from server.logs import configure_logs
from server.settings import Settings, read_settings

Command = Callable[[Settings, argparse.Namespace], Awaitable[int | None] | int | None]


SERVING = (running.serve, running.worker, running.sealer, running.demo)
"""Commands that Ctrl-C is meant to end."""


ALONE = (verify_act.verify, check_family_act.check_family, documents_act.documents, scaffold_act.new_family, schema_act.diff)
"""Commands that need no setting of a deployment: neither its database nor its master secret."""


UNREACHABLE = (
    ConnectionError,
    asyncpg.PostgresConnectionError,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
)


def main(arguments: list[str] | None = None) -> int:
    """Runs a command; 0 when it was done, 1 when it was refused, 2 when it was not understood."""
    given = parser().parse_args(arguments)
    if given.command is not verify_act.verify:
        # here, where the sentence that stops the start is all that is printed, and before there are processes to begin anew
        deployment.check()
    if given.command in ALONE:
        return given.command(given)
    configure_logs()
    command: Command = given.command
    try:
        done = command(read_settings(os.environ), given)
        if not isinstance(done, Awaitable):
            return done or 0
        # uvicorn's own choice of a loop: uvloop takes half of the time of asyncio's
        with asyncio.Runner(loop_factory=auto_loop_factory()) as runner:
            return runner.run(_awaited(done)) or 0
    except Refused as refused:
        print(f"Refusé : {refused.text.fr}", file=sys.stderr)
    except Forbidden:
        print("Refusé : le rôle de cet agent ne permet pas cet acte.", file=sys.stderr)
    except UNREACHABLE as error:
        print(f"La base ne répond pas ou refuse la connexion ({type(error).__name__}) : vérifier DATABASE_URL.", file=sys.stderr)
    except KeyboardInterrupt:
        if command in SERVING:
            return 0
        print("Interrompu : rien n'a été gardé de ce qui était en cours.", file=sys.stderr)
    return 1


async def _awaited(done: Awaitable[int | None]) -> int | None:
    return await done


def parser() -> argparse.ArgumentParser:
    """The commands and their options."""
    root = argparse.ArgumentParser(prog="parchemin", description="The national register of diplomas.")
    commands = root.add_subparsers(required=True, metavar="COMMAND")

    def add(
        name: str,
        command: Command | Callable[[argparse.Namespace], int],
        text: str,
        *,
        acting: bool = False,
        parser: Callable[..., argparse.ArgumentParser] = commands.add_parser,
    ) -> argparse.ArgumentParser:
        made = parser(name, help=text, description=text)
        made.set_defaults(command=command)
        if acting:
            made.add_argument("--as", dest="agent", required=True, metavar="NAME", help="the agent who acts")
        return made

    def of_session(made: argparse.ArgumentParser) -> argparse.ArgumentParser:
        made.add_argument("session", metavar="FAMILY/ACADEMY/YEAR", help="for example bac/01/2026")
        return made

    serve = add("serve", running.serve, "serve the graph")
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--port", type=int, default=8000)
    serve.add_argument("--workers", type=int, default=1, help="processes")
    worker = add("worker", running.worker, "read uploaded files and release publications when their time comes")
    worker.add_argument("--parent", type=int, help=argparse.SUPPRESS)
    sealer = add("sealer", running.sealer, "seal the attestations that are asked for, archive and renew them")
    sealer.add_argument("--parent", type=int, help=argparse.SUPPRESS)
    demo = add("demo", running.demo, "start the demonstration (./dev run)")
    demo.add_argument("--port", type=int, default=8000)
    demo.add_argument("--size", type=int, default=6000, help="candidates of the demonstration register")
    add("migrate", running.migrate, "bring the database to this version and load the reference tables")
    schema = add("schema", running.schema, "print this deployment's schema, or check schema.graphql")
    schema.add_argument("--check", action="store_true", help="whether schema.graphql is our own families' schema")
    schema.add_argument("--write", action="store_true", help="write schema.graphql")
    of_schemas = schema.add_subparsers(metavar="COMMAND")
    diff = add("diff", schema_act.diff, "tell what a schema changes for front ends and apps", parser=of_schemas.add_parser)
    diff.add_argument("old", type=Path, metavar="OLD", help="the schema of before; - for standard input")
    diff.add_argument("new", type=Path, metavar="NEW", nargs="?", help="the schema of after; this deployment's by default")
    diff.add_argument(
        "--documents", type=Path, metavar="PATH", action="append", default=[],
        help="operations that must go on: a folder of *.graphql, a document, or a manifest (.json); as often as needed",
    )  # fmt: skip
    diff.add_argument("--format", choices=("text", "json"), default="text")
    listed = add("families", families_act.families, "list the families of this deployment, and what brings each")
    listed.add_argument("--json", action="store_true", help="print them as JSON")

    new_family = add("new-family", scaffold_act.new_family, "write the repository of a new family, tested and packaged")
    new_family.add_argument("code", help="its code, stored in the register for ever: lower-case letters, digits, underscores")
    new_family.add_argument("--ministry", required=True, help="who awards it, in French, for example “Agriculture”")
    new_family.add_argument("--label", help="what it is called, in French; its code by default")
    new_family.add_argument("--directory", type=Path, help="folder to write; parchemin-CODE by default")
    check_family = add(
        "check-family", check_family_act.check_family, "try an installed family as an operator's register would use it"
    )
    check_family.add_argument("code", metavar="CODE", help="its code")
    check_family.add_argument("--report", type=Path, metavar="FOLDER", help="where CODE.xml (JUnit) and CODE.json (a badge) go")

    documents = add(
        "documents", documents_act.documents, "print the manifest of trusted documents, checked on this deployment's schema"
    )
    documents.add_argument("files", type=Path, nargs="+", metavar="FILE", help="a document (.graphql) or a manifest (.json)")

    verify = add("verify", verify_act.verify, "tell whether a file is a sealed attestation as it was issued; works offline")
    verify.add_argument("file", type=Path)
    verify.add_argument("--trust", type=Path, metavar="FOLDER", help="roots and revocation lists; PARCHEMIN_TRUST by default")
    verify.add_argument("--json", action="store_true", help="print the report as JSON")

    audited = add("audit", audit_act.audit_register, "compare every row of the register with what wrote it")
    audited.add_argument("--session", metavar="FAMILY/ACADEMY/YEAR", help="one session, without what belongs to none")

    population = add("population", running.write_population, "write import files of a fictitious nation")
    population.add_argument("--size", type=int, required=True, help="candidates over all files")
    population.add_argument("--seed", type=int, default=1)
    population.add_argument("--out", type=Path, required=True, help="folder of the files")
    population.add_argument("--families", default="", help="codes separated by commas; all by default")
    population.add_argument("--sessions", default="2019-2026", help="first and last year")
    population.add_argument("--academies", default="", help="codes separated by commas; all by default")

    agent = add("agent", agent_acts.add_agent, "add an agent, or change his role and academies")
    agent.add_argument("name")
    agent.add_argument("--role", choices=sorted(ROLES), required=True)
    agent.add_argument("--academies", required=True, help="codes separated by commas")
    retire = add("retire", agent_acts.retire_agent, "end an agent's rights and tokens; what he did stays in the journal")
    retire.add_argument("name")
    revoke = add("revoke", agent_acts.revoke_tokens, "revoke every token of an agent")
    revoke.add_argument("name")
    link = add("link", agent_acts.link_agent, "let an agent sign in with the identity that asked under a reference")
    link.add_argument("name")
    link.add_argument("--reference", required=True, help="what the page showed the agent when he signed in")
    link.add_argument("--yes", action="store_true", help="link without asking")
    unlink = add("unlink", agent_acts.unlink_agent, "take an agent's identities away and end his sessions")
    unlink.add_argument("name")
    token = add("token", agent_acts.new_token, "make a bearer token for an agent, shown once")
    token.add_argument("name")
    token.add_argument("--days", type=int, default=30)

    of_apps = commands.add_parser("app", help="the apps that may sign people in").add_subparsers(required=True, metavar="COMMAND")
    add("list", app_acts.list_apps, "list the apps", parser=of_apps.add_parser)
    app = add("add", app_acts.add_app, "add an app, or change the one of that id", parser=of_apps.add_parser)
    app.add_argument("id", help="its client_id, for example fr.exemple.diplomes")
    app.add_argument("--name", required=True, help="what people call it")
    app.add_argument("--redirect", action="append", required=True, metavar="URI", help="a redirect URI; as often as needed")
    app.add_argument("--for", dest="people", choices=sorted(app_acts.PEOPLE), required=True, help="whom it signs in")
    app = add("retire", app_acts.retire_app, "retire an app and sign it out everywhere", parser=of_apps.add_parser)
    app.add_argument("id")

    of_session(add("open", acts.open_session, "open an exam session", acting=True))
    of_session(add("show", acts.show, "show a session: groups, imports, what is missing", acting=True))
    imported = add("import", acts.import_file, "read a results file, show what it changes, and apply it if asked", acting=True)
    imported.add_argument("file", type=Path)
    imported.add_argument("--session", required=True, metavar="FAMILY/ACADEMY/YEAR")
    imported.add_argument("--apply", action="store_true", help="apply it without asking")
    imported.add_argument("--refusals", type=Path, metavar="CSV", help="write the refused lines to this file")
    for name, act, text in (
        ("apply", acts.apply_import, "apply a staged import"),
        ("discard", acts.discard_import, "discard a staged import"),
    ):
        add(name, act, text, acting=True).add_argument("import_id", metavar="IMPORT")
    confirm = of_session(add("confirm", acts.confirm, "confirm decisions that contradict the rules", acting=True))
    confirm.add_argument("--lines", help="their lines, separated by commas; all by default")
    for name, act, text in (
        ("close", acts.close_group, "close a jury group"),
        ("reopen", acts.reopen_group, "open a jury group again"),
    ):
        of_session(add(name, act, text, acting=True)).add_argument("group")
    of_session(add("prepare", acts.prepare, "prepare the publication of a complete session", acting=True))
    of_session(add("cancel", acts.cancel, "take a preparation back", acting=True))
    release = of_session(add("release", acts.release, "approve a publication another agent prepared, and release it", acting=True))
    release.add_argument("--at", help="a time with its zone, for example 2026-07-05T10:00:00+02:00; now by default")
    withdraw = of_session(add("withdraw", acts.withdraw, "ask to withdraw a publication; a second agent does it", acting=True))
    chosen = withdraw.add_mutually_exclusive_group()
    chosen.add_argument("--reason", help="why: asks for the withdrawal; without it, withdraws what another agent asked")
    chosen.add_argument("--refuse", action="store_true", help="turn down what another agent asked")
    of_session(
        add("preseal", acts.preseal, "ask for the attestations of a published session, to be sealed at leisure", acting=True)
    )
    erase = of_session(
        add("erase", erase_act.erase, "prepare the erasure of diplomas that have been kept for fifty years", acting=True)
    )
    erase.add_argument("--release", action="store_true", help="erase what another agent prepared")
    of_session(add("reopen-session", acts.reopen_session, "open a withdrawn session again", acting=True))
    return root
