"""Commands by which a named agent acts on sessions: the same use cases as the graph's mutations."""

import argparse
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from uuid import UUID

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from db.statements import Connection, Row, statement
from graph.problems import NotFound
from graph.sessions import missing_of
from graph.text import Text
from resolvers import callers, documents, imports, publication, sessions
from resolvers.callers import Caller
from resolvers.keys import Keyring
from server.database import connections
from server.settings import Settings
from server.transfers import REPORT_HEADER, csv_lines, report_line

SESSION = statement("sessions.by_id")
GROUPS = statement("sessions.groups")
FLAGS = statement("imports.flags")
PUBLICATIONS_OF_SESSION = statement("publication.of_session")
PUBLICATIONS = statement("publication.by_id")
SHOWN = 10

console = Console(highlight=False, markup=False, soft_wrap=True)


async def acting(connection: Connection, name: str) -> Caller:
    """The agent of that name. Raises `NotFound`."""
    caller = await callers.by_name(connection, name)
    if caller is None:
        raise NotFound.refuse(
            Text(f"Aucun agent ne s'appelle « {name} » : parchemin agent en ajoute un.", f"No agent is called “{name}”.")
        )
    return caller


async def named(connection: Connection, caller: Caller, text: str) -> UUID:
    """The session that `family/academy/year` names. Raises `NotFound`."""
    return await sessions.find(connection, caller, *parts(text))


def parts(text: str) -> tuple[str, str, int]:
    """Family, academy and year of `bac/01/2026`. Raises `NotFound` when the text is not so."""
    pieces = text.split("/")
    if len(pieces) != 3 or not pieces[2].isdecimal():
        raise NotFound.refuse(
            Text(f"« {text} » ne nomme pas une session : écrire bac/01/2026.", f"“{text}” names no session: write bac/01/2026.")
        )
    return pieces[0], pieces[1], int(pieces[2])


@asynccontextmanager
async def on_session(settings: Settings, given: argparse.Namespace) -> AsyncGenerator[tuple[Connection, Caller, UUID]]:
    """The agent and the session of a command; shows the session when the act is done."""
    async with connections(settings) as (connection, _):
        caller = await acting(connection, given.agent)
        session = await named(connection, caller, given.session)
        yield connection, caller, session
        await _print(connection, caller, session)


async def open_session(settings: Settings, given: argparse.Namespace) -> None:
    """Opens an exam session."""
    async with connections(settings) as (connection, _):
        caller = await acting(connection, given.agent)
        session = await sessions.open_session(connection, caller, *parts(given.session))
        await _print(connection, caller, session)


async def show(settings: Settings, given: argparse.Namespace) -> None:
    """Shows a session."""
    async with on_session(settings, given):
        pass


async def import_file(settings: Settings, given: argparse.Namespace) -> int:
    """Reads a file, shows its report and difference, and applies it when told to."""
    if not given.file.is_file():
        console.print(f"Ce fichier n'existe pas : {given.file}")
        return 1
    async with connections(settings) as (connection, monitor):
        caller = await acting(connection, given.agent)
        session = await named(connection, caller, given.session)
        bar = Progress(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=console)
        with bar:
            task = bar.add_task("Lecture", total=None, visible=False)
            import_id, new = await imports.import_path(
                connection, monitor, Keyring.of(settings.master_secret), caller, session, given.file,
                lambda read, total: bar.update(task, completed=read, total=total, visible=True),
            )  # fmt: skip
        report = await imports.reported(connection, caller, import_id)
        if not new:
            console.print(f"Ce fichier est déjà importé ({report['state']}) : rien ne change.")
        _print_report(report)
        await _print_refusals(connection, caller, import_id, given.refusals)
        if report["state"] == "STAGED":
            if not (given.apply or (sys.stdin.isatty() and console.input("Appliquer ? [o/N] ").strip().lower() in ("o", "oui"))):
                console.print(f"En attente. Appliquer : parchemin apply {import_id} --as '{caller.name}'")
                return 0
            await imports.apply(connection, caller, import_id)
            console.print("Appliqué.")
        await _print(connection, caller, session)
    return 0


async def apply_import(settings: Settings, given: argparse.Namespace) -> None:
    """Applies a staged import."""
    async with connections(settings) as (connection, _):
        caller = await acting(connection, given.agent)
        await _print(connection, caller, await imports.apply(connection, caller, uuid(given.import_id)))


async def discard_import(settings: Settings, given: argparse.Namespace) -> None:
    """Discards a staged import."""
    async with connections(settings) as (connection, _):
        caller = await acting(connection, given.agent)
        await _print(connection, caller, await imports.discard(connection, caller, uuid(given.import_id)))


async def confirm(settings: Settings, given: argparse.Namespace) -> None:
    """Confirms decisions that contradict the rules."""
    lines = [int(line) for line in given.lines.split(",")] if given.lines else None
    async with on_session(settings, given) as (connection, caller, session):
        console.print(f"{await imports.confirm(connection, caller, session, lines)} décisions confirmées.")


async def close_group(settings: Settings, given: argparse.Namespace) -> None:
    """Closes a jury group."""
    async with on_session(settings, given) as (connection, caller, session):
        await sessions.close_group(connection, caller, session, given.group)


async def reopen_group(settings: Settings, given: argparse.Namespace) -> None:
    """Opens a jury group again."""
    async with on_session(settings, given) as (connection, caller, session):
        await sessions.reopen_group(connection, caller, session, given.group)


async def prepare(settings: Settings, given: argparse.Namespace) -> None:
    """Prepares a publication."""
    async with on_session(settings, given) as (connection, caller, session):
        await publication.prepare(connection, caller, session)


async def cancel(settings: Settings, given: argparse.Namespace) -> None:
    """Takes a preparation back."""
    async with on_session(settings, given) as (connection, caller, session):
        await publication.cancel(connection, caller, session)


async def release(settings: Settings, given: argparse.Namespace) -> int:
    """Approves a publication; releases it here when its time is now."""
    at = datetime.fromisoformat(given.at) if given.at else None
    if at is not None and at.tzinfo is None:
        console.print("Donner l'heure avec son fuseau, par exemple 2026-07-05T10:00:00+02:00.")
        return 2
    async with connections(settings) as (connection, beside):
        caller = await acting(connection, given.agent)
        session = await named(connection, caller, given.session)
        approved = await publication.approve(connection, caller, session, at)
        if at is None:
            await publication.release(connection, beside, Keyring.of(settings.master_secret), approved)
        else:
            console.print(f"Publication prévue le {at:%d/%m/%Y à %H:%M %Z} : le processus « parchemin worker » la fera.")
        await _print(connection, caller, session)
    return 0


async def preseal(settings: Settings, given: argparse.Namespace) -> None:
    """Asks for the attestations of a published session that have none."""
    async with on_session(settings, given) as (connection, caller, session):
        asked = await documents.preseal(connection, Keyring.of(settings.master_secret), caller, session)
        console.print(f"{asked} attestations à sceller : le processus « parchemin sealer » les fera quand personne n'attend.")


async def withdraw(settings: Settings, given: argparse.Namespace) -> None:
    """Asks for a withdrawal with a reason; without one, does the withdrawal that another agent asked."""
    async with on_session(settings, given) as (connection, caller, session):
        if given.reason:
            await publication.request_withdrawal(connection, caller, session, given.reason)
        elif given.refuse:
            await publication.refuse_withdrawal(connection, caller, session)
        else:
            await publication.withdraw(connection, caller, session)


async def reopen_session(settings: Settings, given: argparse.Namespace) -> None:
    """Opens a withdrawn session again."""
    async with on_session(settings, given) as (connection, caller, session):
        await sessions.reopen_withdrawn(connection, caller, session)


def uuid(text: str) -> UUID:
    """The identifier of an import. Raises `NotFound` when the text is not one."""
    try:
        return UUID(text)
    except ValueError:
        raise NotFound.refuse(Text("Ce n'est pas l'identifiant d'un import.", "This is not the id of an import.")) from None


async def _print(connection: Connection, caller: Caller, session: UUID) -> None:
    academies = list(caller.academies)
    row = await SESSION.row(connection, sessions=[session], academies=academies)
    assert row is not None
    groups = await GROUPS.rows(connection, sessions=[session], academies=academies)
    shown = ", ".join(f"{group['code']} {'clos' if group['closed_at'] else 'ouvert'}" for group in groups)
    console.print(f"{row['family']}/{row['academy_code']}/{row['year']} : {row['state']} ; groupes : {shown}")
    if row["state"] == "OPEN":
        for text in missing_of(row["import_id"], row["open_groups"], row["undecided"], row["unconfirmed"]):
            console.print(f"  - {text.fr}")
    if found := await PUBLICATIONS_OF_SESSION.row(connection, sessions=[session], academies=academies):
        _print_publication(found)
    if row["state"] == "PUBLISHED":
        console.print(f"  {row['published_count']} diplômes visibles")
    if row["unconfirmed"]:
        flags = await FLAGS.rows(connection, import_id=row["import_id"], academies=academies, line=0, unconfirmed=True, count=SHOWN)
        for flag in flags:
            console.print(f"    ligne {flag['line']} : {flag['decision']} {flag['mention'] or ''} ; {flag['flag']['reason']['fr']}")


def _print_publication(found: Row) -> None:
    """What the second agent looks at before he approves, and what became of it."""
    console.print(
        f"  publication {found['edition']} préparée par {found['prepared_by']} : {found['count']} diplômes ({found['added']} nouveaux, "
        f"{found['changed']} changés, {found['revoked']} retirés), empreinte {found['content_hash_hex'][:16]}…"
    )
    for warning in found["warnings"]:
        console.print(f"    attention : {warning['fr']}")
    for what, at, by in (
        ("autorisée", "approved_at", "approved_by"),
        ("annulée", "cancelled_at", None),
        ("retrait demandé", "withdrawal_requested_at", "withdrawal_requested_by"),
        ("retirée", "withdrawn_at", "withdrawn_by"),
    ):
        if found[at] is not None:
            console.print(f"    {what}{f' par {found[by]}' if by else ''}")
    if found["release_at"] is not None and found["released_at"] is None and found["cancelled_at"] is None:
        console.print(f"    à publier le {found['release_at'].astimezone():%d/%m/%Y à %H:%M %Z}")


def _print_report(report: Row) -> None:
    console.print(
        f"Import {report['id']} : {report['lines']} lignes ({report['encoding']}), {report['accepted']} acceptées, "
        f"{report['refused']} refusées, {report['flagged']} contraires aux règles"
    )
    if report["difference"]:
        difference = report["difference"]
        console.print(
            f"Différence : {difference['added']} ajoutés, {difference['changed']} changés, {difference['removed']} retirés, "
            f"{difference['unchanged']} inchangés"
        )


async def _print_refusals(connection: Connection, caller: Caller, import_id: UUID, path: Path | None) -> None:
    shown = 0
    target = path.open("w", encoding="utf-8-sig", newline="") if path else None
    try:
        if target:
            target.write(csv_lines([REPORT_HEADER["fr"]]))
        async for page in imports.refusal_pages(connection, caller, import_id):
            if target:
                target.write(csv_lines([report_line(row, "fr") for row in page]))
            for row in page[: max(0, SHOWN - shown)]:
                console.print(
                    f"  ligne {row['line']}, {row['column_name'] or 'toute la ligne'} : {row['reason_fr']} ; {row['remedy_fr']}"
                )
                shown += 1
            if shown == SHOWN and not target:
                console.print("  … --refusals FICHIER.csv les écrit tous")
                return
    finally:
        if target:
            target.close()
