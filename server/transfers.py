"""Files in and out over HTTP: results files that agents upload, refusal reports that they download, a holder's export."""

import asyncio
import csv
import io
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import quote
from uuid import UUID

import asyncpg
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route
from strawberry.relay.utils import from_base64, to_base64

from db.statements import Row
from graph.text import Text
from resolvers import accounts, imports, local_accounts, sessions
from resolvers.accounts import NotSignedIn
from resolvers.callers import Act, Caller, Forbidden
from server.answers import answered, problem
from server.identity import language_of, signed_in_of

MEGABYTE = 1 << 20
REPORT_HEADER = {
    "fr": ("ligne", "colonne", "valeur", "motif", "remede", "contenu"),
    "en": ("line", "column", "value", "reason", "remedy", "content"),
}
FORMULA = ("=", "+", "-", "@", "\t")
"""How a cell begins that a spreadsheet would compute."""


def transfer_routes(largest: int) -> list[BaseRoute]:
    """The routes of uploads (of at most `largest` bytes) and downloads."""

    async def upload(request: Request) -> Response:
        return await answered(request, lambda: _upload(request, largest))

    async def report(request: Request) -> Response:
        return await answered(request, lambda: _report(request))

    async def account_export(request: Request) -> Response:
        return await answered(request, lambda: _account_export(request))

    return [
        Route("/imports", upload, methods=["POST"]),
        Route("/imports/{id}/refusals.csv", report, methods=["GET"]),
        Route("/account/export.json", account_export, methods=["GET"]),
    ]


async def _upload(request: Request, largest: int) -> Response:
    """Takes the body, a results file, for the session `family`, `academy`, `year` of the query string; a worker reads it.

    202 with the id of the import, 200 when the same file is there already.
    """
    caller = await _caller(request)
    query = request.query_params
    if not query.get("year", "").isdecimal():
        return problem(request, 400, Text("Il faut family, academy et year.", "Give family, academy and year."))
    pool = request.state.pool
    session = await sessions.find(pool, caller, query.get("family", ""), query.get("academy", ""), int(query["year"]))
    with tempfile.NamedTemporaryFile() as spool:
        size = 0
        async for chunk in request.stream():
            size += len(chunk)
            if size > largest:
                limit = largest // MEGABYTE
                return problem(request, 413, Text(f"Un fichier a au plus {limit} Mo.", f"A file has at most {limit} MB."))
            await asyncio.to_thread(spool.write, chunk)
        spool.flush()
        file = await asyncio.to_thread(imports.examined_for, Path(spool.name), query["family"])
        async with pool.acquire() as connection:
            submitted, new = await imports.submit_upload(
                connection, caller, session, file, query.get("name", f"{query['family']}.csv"), MEGABYTE
            )
        await request.state.register.wrote(agent=caller.id)
    return JSONResponse(
        {"importId": to_base64("Import", submitted), "new": new, "lines": file.lines}, status_code=202 if new else 200
    )


async def _report(request: Request) -> Response:
    """The refused cells of an import as CSV (UTF-8 with a mark, `;`), streamed."""
    caller = await _caller(request)
    try:
        type_name, key = from_base64(request.path_params["id"])
        import_id = UUID(key)
    except ValueError:
        type_name, import_id = "", UUID(int=0)
    if type_name != "Import":
        return problem(request, 404, Text("Cet import n'existe pas.", "This import does not exist."))
    report = await imports.reported(request.state.pool, caller, import_id)
    name = quote(Path(report["file_name"]).stem)
    return StreamingResponse(
        _refusals(request.state.pool, caller, import_id, language_of(request.headers)),
        media_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{name}-refus.csv",
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
        },
    )


async def _account_export(request: Request) -> Response:
    """All that the register holds on the holder who asks, as JSON."""
    holder = (await signed_in_of(request)).holder
    if holder is None:
        raise NotSignedIn
    email = await local_accounts.address_of(request.state.local, holder.id)
    return Response(
        await accounts.export(request.state.pool, request.state.keyring, holder, email),
        media_type="application/json",
        headers={
            "Content-Disposition": 'attachment; filename="parchemin.json"',
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
        },
    )


async def _refusals(pool: "asyncpg.Pool[asyncpg.Record]", caller: Caller, import_id: UUID, language: str) -> AsyncIterator[str]:
    yield "\ufeff" + csv_lines([REPORT_HEADER[language]])
    async for page in imports.refusal_pages(pool, caller, import_id):
        yield csv_lines([report_line(row, language) for row in page])


def report_line(row: Row, language: str) -> tuple[object, ...]:
    """The cells of a refusal in a report."""
    texts = (row["column_name"], row["value"], row[f"reason_{language}"], row[f"remedy_{language}"], row["raw"])
    return (row["line"], *(f"'{text}" if text.startswith(FORMULA) else text for text in texts))


def csv_lines(lines: list[tuple[object, ...]] | list[tuple[str, ...]]) -> str:
    """Lines of a report as text."""
    out = io.StringIO()
    csv.writer(out, delimiter=";", lineterminator="\r\n").writerows(lines)
    return out.getvalue()


async def _caller(request: Request) -> Caller:
    caller = (await signed_in_of(request)).agent
    if caller is None:
        raise Forbidden(Act.IMPORT, None)
    return caller
