"""A register beside the distribution of another ministry, in a process of its own: the tests' own process has our families alone.

As a program, it walks a register through the demonstration of the families that are brought, and prints what their keys then open.
"""

import asyncio
import json
import os
import shutil
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

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


def with_uv() -> Path:
    """The tool that installs without network; without it, as on the platforms that have none, the test is skipped."""
    if not UV.exists():
        pytest.skip("there is no uv in this environment")
    return UV


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


@dataclass(frozen=True)
class Fresh:
    """A new environment with our wheel and the distributions of projects; what they depend on is this one's, for want of a network."""

    folder: Path

    @staticmethod
    def made(folder: Path, *projects: Path) -> "Fresh":
        """Builds our wheel from this checkout, whose path the new environment then does not know."""
        here, fresh = dict(os.environ), Fresh(folder)
        run(here, with_uv(), "build", "-q", "--offline", "--wheel", "--out-dir", folder / "wheel", ROOT)
        run(here, UV, "venv", "-q", "--offline", "--python", sys.executable, folder / "venv")
        install = (UV, "pip", "install", "-q", "--offline", "--no-deps", "--python", fresh.interpreter)
        run(here, *install, *(folder / "wheel").glob("*.whl"), *projects)
        packages = Path(fresh.python("-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip())
        (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
        (folder / "tests").mkdir()
        for module in ("__init__.py", "brought.py", "client.py"):
            shutil.copy(ROOT / "tests" / module, folder / "tests")
        return fresh

    @property
    def interpreter(self) -> Path:
        """Its Python."""
        return self.folder / "venv" / "bin" / "python"

    def python(self, *arguments: str | Path) -> str:
        """What a Python program prints in it. It must succeed."""
        alone = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        return run(alone, self.interpreter, *arguments, folder=self.folder)

    def diplomas(self, url: str, folder: Path, fields: str) -> list[dict[str, Any]]:
        """As `diplomas`, by our wheel."""
        return json.loads(self.python("-m", "tests.brought", url, folder, fields).splitlines()[-1])


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
