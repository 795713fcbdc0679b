"""The command that writes a new family's repository."""

import argparse
import sys
from pathlib import Path

from plugins.loading import families
from server.scaffold.repository import CannotWrite, values_of, write


def new_family(given: argparse.Namespace) -> int:
    """Writes the repository and says what to do next; 1 when it cannot be written."""
    folder: Path = given.directory or Path(f"parchemin-{given.code.replace('_', '-')}")
    try:
        files = write(folder, values_of(given.code, given.ministry, given.label or given.code.upper(), families()))
    except CannotWrite as refused:
        print(f"new-family: {refused}", file=sys.stderr)
        return 1
    print(f"{len(files)} files in {folder}. Next:")
    print(f"  cd {folder}")
    print("  python3 -m venv .venv && .venv/bin/pip install --editable '.[dev]'")
    print("  .venv/bin/python -m pytest")
    return 0
