"""The command that erases what has been kept to the end."""

import argparse

from resolvers import retention
from resolvers.act_effects import Means
from resolvers.keys import Keyring
from resolvers.local_keys import LocalKeys
from server.acts import acting, console, named
from server.database import connections
from server.settings import Settings


async def erase(settings: Settings, given: argparse.Namespace) -> None:
    """Prepares the erasure of a session's diplomas whose fifty years are over; `--release` approves what another agent prepared."""
    async with connections(settings) as (connection, _):
        caller = await acting(connection, given.agent)
        session = await named(connection, caller, given.session)
        if given.release:
            means = Means(Keyring.of(settings.master_secret), LocalKeys.of(settings.master_secret), settings.public_url)
            erased = await retention.release_due(connection, means, caller, session)
            console.print(f"{erased} diplômes effacés.")
            return
        prepared = await retention.prepare_due(connection, caller, session)
        console.print(f"{prepared} effacements préparés : un autre agent les autorise par « parchemin erase … --release ».")
