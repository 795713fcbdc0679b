"""What a family's functions do besides computing from what they are given.

Files, network and processes are told by Python's audit events (PEP 578); the clock, chance and the environment have none, and are seen by
the calls that ask for them. It finds mistakes, not malice: code that runs in a process can hide from that process.
"""

import gc
import inspect
import os
import random
import sys
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from types import FrameType
from typing import Any

OUTSIDE = (
    "open", "os.", "socket.", "subprocess.", "shutil.", "sqlite3.", "ctypes.", "urllib.", "http.", "ftplib.", "smtplib.", "imaplib.",
    "poplib.", "telnetlib.", "glob.", "pathlib.", "tempfile.", "mmap.", "fcntl.", "syslog.", "webbrowser.",
)  # fmt: skip
"""What audit events begin with that leave the process or its memory."""

TODAY = frozenset({"today", "now", "utcnow"})
"""Class methods of dates that answer otherwise each day."""

ASKING = frozenset({
    *(f"time.{name}{unit}" for name in ("time", "monotonic", "perf_counter", "process_time", "thread_time") for unit in ("", "_ns")),
    *(f"{system}.{name}" for system in ("posix", "nt") for name in ("urandom", "getpid", "getcwd")),
    *(f"{system}.{name}" for system in ("posix", "nt") for name in ("stat", "lstat", "access", "readlink")),
    "time.localtime", "time.gmtime", "time.ctime", "_uuid.generate_time_safe",
    "_thread.start_new_thread", "builtins.print", "builtins.input",
})  # fmt: skip
"""Functions that answer otherwise in another run or elsewhere, that let code run unseen, or that show a candidate's line where logs are
kept, and leave no audit event."""

ENVIRONMENT = frozenset(
    method.__code__ for method in (type(os.environ).__getitem__, type(os.environ).__iter__, type(os.environ).copy)
)
"""Whatever is asked of `os.environ` comes through one of these."""

IMPORTING = "<frozen importlib"
"""A module that is imported late reads its own file: that is the interpreter's doing."""

_seen: ContextVar[list[str] | None] = ContextVar("seen", default=None)
_hooked: list[bool] = []


@contextmanager
def watched() -> Generator[list[str]]:
    """Notes what runs inside, in this context alone, and does more than compute, each with what it is about; the list grows meanwhile."""
    if not _hooked:
        # a hook stays for the life of the process, and does nothing outside of a block
        sys.addaudithook(_note)
        _hooked.append(True)
    seen = list[str]()
    # what is collected meanwhile is not the author's: finalizers and callbacks of others would run inside
    collecting = gc.isenabled()
    gc.disable()
    token = _seen.set(seen)
    before = sys.getprofile()
    # a profiler of the author's keeps its place: calls are then not looked at
    if before is None:
        sys.setprofile(_called)
    try:
        yield seen
    finally:
        if before is None:
            sys.setprofile(None)
        _seen.reset(token)
        if collecting:
            gc.enable()


def _note(event: str, arguments: tuple[Any, ...]) -> None:
    if (seen := _seen.get(None)) is None or not event.startswith(OUTSIDE) or _is_import():
        return
    what = next((str(one) for one in arguments if isinstance(one, str | bytes)), "")
    seen.append(f"{event} {what}".rstrip()[:200])


def _called(frame: FrameType, event: str, function: Any) -> None:
    asked = None
    if event == "c_call":
        asked = _asked(function)
    elif event == "call" and frame.f_code in ENVIRONMENT:
        asked = "os.environ"
    if asked is not None and (seen := _seen.get(None)) is not None and not _is_import():
        seen.append(asked)


def _asked(function: Any) -> str | None:
    """The clock or the chance that a built-in function asks, if it does."""
    of, name = getattr(function, "__self__", None), function.__name__
    if isinstance(of, type) and issubclass(of, date):
        return f"{of.__name__}.{name}" if name in TODAY else None
    if isinstance(of, random.Random):
        # its methods in Python end in one of these
        return f"random.{name}" if name in ("random", "getrandbits") else None
    full = f"{getattr(function, '__module__', None)}.{name}"
    return full if full in ASKING else None


def _is_import() -> bool:
    frame = inspect.currentframe()
    while frame is not None:
        if frame.f_code.co_filename.startswith(IMPORTING):
            return True
        frame = frame.f_back
    return False
