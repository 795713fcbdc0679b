"""Ours as a deployment serves it, with the planner and without it."""

import os

from starlette.applications import Starlette

from server.app import create_app
from server.connections import Connection
from server.logs import configure_logs
from server.running import settled
from server.settings import read_settings

HTTP = Connection
"""The protocol of our web server, with its bounds."""


def application() -> Starlette:
    """The application of one process."""
    return _application()


def without_planner() -> Starlette:
    """The same, with every operation executed by Strawberry."""
    return _application(PARCHEMIN_COMPILE_AT="0")


def _application(**settings: str) -> Starlette:
    configure_logs()
    read = read_settings({**os.environ, **settings})
    assert read.database_url is not None
    return settled(create_app(read, read.database_url))
