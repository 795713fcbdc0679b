"""What a family's functions do besides computing: files, network, processes, as Python's audit events tell (PEP 578).

It finds mistakes, not malice: code that runs in a process can hide from that process.
"""

import inspect
import sys
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

OUTSIDE = (
    "open", "os.", "socket.", "subprocess.", "shutil.", "sqlite3.", "ctypes.", "urllib.", "http.", "ftplib.", "smtplib.", "imaplib.",
    "poplib.", "telnetlib.", "glob.", "pathlib.", "tempfile.", "mmap.", "fcntl.", "syslog.", "webbrowser.",
)  # fmt: skip
"""What audit events begin with that leave the process or its memory."""

IMPORTING = "<frozen importlib"
"""A module that is imported late reads its own file: that is the interpreter's doing."""

_seen: ContextVar[list[str] | None] = ContextVar("seen", default=None)
_hooked: list[bool] = []


@contextmanager
def watched() -> Generator[list[str]]:
    """Notes the audit events of what runs inside, in this context alone; the list grows meanwhile."""
    if not _hooked:
        # a hook stays for the life of the process, and does nothing outside of a block
        sys.addaudithook(_note)
        _hooked.append(True)
    seen = list[str]()
    token = _seen.set(seen)
    try:
        yield seen
    finally:
        _seen.reset(token)


def _note(event: str, arguments: tuple[Any, ...]) -> None:
    if (seen := _seen.get(None)) is None or not event.startswith(OUTSIDE) or _is_import():
        return
    what = next((str(one) for one in arguments if isinstance(one, str | bytes)), "")
    seen.append(f"{event} {what}".rstrip()[:200])


def _is_import() -> bool:
    frame = inspect.currentframe()
    while frame is not None:
        if frame.f_code.co_filename.startswith(IMPORTING):
            return True
        frame = frame.f_back
    return False
