"""A register beside the distribution of another ministry, in a process of its own: the tests' own process has our families alone.

As a program, it walks a register through the demonstration of the families that are brought, and prints what their keys then open.
"""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from server.database import prepare
from server.demonstration import furnish
from tests.client import served, settings_of_tests

ROOT = Path(__file__).parent.parent
UV = Path(sys.prefix) / "bin" / "uv"

VERIFY = """
query ($key: String!, $birthName: String!) {
  verification(key: $key, birthName: $birthName) {
    ... on VerifiedDiploma { diploma { __typename familyCode title titleCode session academy { code } mention nationalLevel %s } }
  }
}
"""


def installed(project: Path, target: Path) -> dict[str, str]:
    """The environment of processes that have a distribution beside this checkout; installed as `./dev run` does, without network."""
    run(
        dict(os.environ),
        UV,
        "pip",
        "install",
        "-q",
        "--offline",
        "--no-deps",
        "--python",
        sys.executable,
        "--target",
        target,
        project,
    )
    return os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{target}"}


def run(environment: dict[str, str], *command: str | Path, folder: Path = ROOT) -> str:
    """What a command prints. It must succeed."""
    done = subprocess.run([str(part) for part in command], env=environment, cwd=folder, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def python(environment: dict[str, str], *arguments: str | Path, folder: Path = ROOT) -> str:
    """What a Python program prints. It must succeed."""
    return run(environment, sys.executable, *arguments, folder=folder)


def diplomas(environment: dict[str, str], url: str, folder: Path, fields: str = "") -> list[dict[str, Any]]:
    """What the keys of brought families open, once the demonstration has published their samples in the register at `url`."""
    return json.loads(python(environment, "-m", "tests.brought", url, folder, fields).splitlines()[-1])


async def walk(url: str, folder: Path, fields: str) -> list[dict[str, Any]]:
    """Publishes the samples of the families that are brought, and nobody else; the diplomas that their keys open."""
    await prepare(url)
    await furnish(settings_of_tests(data=folder), url, "http://register.test", 0)
    keys = json.loads((folder / "demo.json").read_text("utf-8"))["verify"]
    async with served(url) as client:
        opened = [await client.data(VERIFY % fields, {"key": one["key"], "birthName": one["birthName"]}) for one in keys]
    return [one["verification"]["diploma"] for one in opened]


if __name__ == "__main__":
    print(json.dumps(asyncio.run(walk(sys.argv[1], Path(sys.argv[2]), sys.argv[3]))))
