"""The command that runs the conformance kit over a family that is installed."""

import argparse
import sys
from importlib.util import find_spec

from rich.console import Console

from plugins.loading import families


def check_family(given: argparse.Namespace) -> int:
    """Tells each check of a family; 0 when it conforms, 1 when it does not, 2 when it cannot be tried.

    Raises `FamilyError` when this environment does not start with the families that it has.
    """
    if find_spec("pytest") is None:
        print("check-family: the kit needs pytest: pip install 'parchemin[kit]'", file=sys.stderr)
        return 2
    family = families().get(given.code)
    if family is None:
        print(f"check-family: no family '{given.code}' is installed here; there are {', '.join(families())}", file=sys.stderr)
        return 2
    from server.conformance.report import checked  # it needs pytest, which a deployment does not have

    return 0 if checked(family, Console(highlight=False, markup=False, soft_wrap=True), given.report) else 1
