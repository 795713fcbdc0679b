"""The command that lists the families of this deployment, and those that are gone, when its register says which."""

import argparse
import json
from typing import Any

import asyncpg

from db.pool import connect
from graph.text import Text
from plugins.loading import brought
from plugins.soundness import contract_version
from resolvers.known_families import gone
from server.database import database_url, embedded
from server.settings import Settings

COLUMNS = ("code", "type", "distribution", "version", "requires", "state")


async def families(settings: Settings, given: argparse.Namespace) -> None:
    """Prints the families in their order, each with what brings it, as a table or as JSON."""
    listed = [
        _listed(one.family.code, one.family.label, one.family.type.__name__, one.distribution, one.version, one.family.requires)
        for one in brought()
    ] + await _gone(settings)
    if given.json:
        print(json.dumps({"contract": contract_version(), "families": listed}, ensure_ascii=False, indent=2))
        return
    header: dict[str, Any] = dict(zip(COLUMNS, COLUMNS, strict=True)) | {"label": Text("label", "label")._asdict()}
    rows = [header, *listed]
    widths = {name: max(len(row[name]) for row in rows) for name in COLUMNS}
    for row in rows:
        print(*(row[name].ljust(widths[name]) for name in COLUMNS), row["label"]["fr"], sep="  ")
    print(f"contract {contract_version()}")


async def _gone(settings: Settings) -> list[dict[str, Any]]:
    """Those that the register has known; none where there is no register to ask, or one that knows of no families yet."""
    if settings.database_url is None and embedded(settings).pid() is None:
        return []
    try:
        async with database_url(settings) as url:
            connection = await connect(url)
            try:
                return [
                    _listed(one.family.code, one.family.label, one.type_name, one.distribution, one.version, one.family.requires)
                    | {"state": "gone", "diplomas": one.diplomas}
                    for one in await gone(connection)
                ]
            finally:
                await connection.close()
    except (OSError, asyncpg.PostgresError):
        return []


def _listed(code: str, label: Text, type_name: str, distribution: str, version: str, requires: str) -> dict[str, Any]:
    return {
        "code": code, "type": type_name, "distribution": distribution, "version": version, "requires": requires, "state": "installed",
        "label": label._asdict(),
    }  # fmt: skip
