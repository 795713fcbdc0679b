"""Ours as a deployment serves it, with the planner and without it."""

import os
from inspect import signature
from typing import Any

from starlette.applications import Starlette

from server.app import create_app
from server.logs import configure_logs
from server.settings import read_settings


def application() -> Starlette:
    """The application of one process."""
    return _application()


def without_planner() -> Starlette:
    """The same, with every operation executed by Strawberry."""
    # the parameter exists once the planner does
    return _application(**({"planner": False} if "planner" in signature(create_app).parameters else {}))


def _application(**switches: Any) -> Starlette:
    configure_logs()
    settings = read_settings(os.environ)
    assert settings.database_url is not None
    return create_app(settings, settings.database_url, **switches)
