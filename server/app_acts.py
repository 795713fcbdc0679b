"""Commands on the apps that may sign people in."""

import argparse

from resolvers import apps
from resolvers.app_tokens import IDLE
from resolvers.apps import App
from server.acts import console
from server.database import connections
from server.settings import Settings

PEOPLE = {"holders": (True, False), "agents": (False, True), "both": (True, True)}


async def add_app(settings: Settings, given: argparse.Namespace) -> None:
    """Adds an app, or changes one."""
    app = App(given.id, given.name, tuple(given.redirect), *PEOPLE[given.people])
    async with connections(settings) as (connection, _):
        await apps.add(connection, app)
    console.print(f"{app.id} : {app.name}, retour vers {', '.join(app.redirect_uris)}")


async def list_apps(settings: Settings, given: argparse.Namespace) -> None:  # noqa: ARG001
    """Lists the apps."""
    async with connections(settings) as (connection, _):
        for row in await apps.listed(connection, IDLE):
            people = " et ".join(word for word, held in (("titulaires", row["for_holders"]), ("agents", row["for_agents"])) if held)
            state = f"retirée le {row['retired_at']:%d/%m/%Y}" if row["retired_at"] else f"{row['signed_in']} connectées"
            console.print(f"{row['id']} : {row['name']}, pour {people} ; {state} ; retour vers {', '.join(row['redirect_uris'])}")


async def retire_app(settings: Settings, given: argparse.Namespace) -> None:
    """Retires an app and signs it out everywhere."""
    async with connections(settings) as (connection, _):
        ended = await apps.retire(connection, given.id)
    console.print(f"{given.id} est retirée ; {ended} connexions sont fermées, ses jetons ne valent plus rien.")
