"""What runs in a process that reads one file of a stranger, within limits. Imports little: the server of processes begins with it."""

import resource
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from io import StringIO
from multiprocessing.connection import Connection
from pathlib import Path

from resolvers.piece_content import Nature, nature_of
from seal.report import Report, TrustUnreadable

Found = Report | TrustUnreadable | Nature
"""What a process says of a file: how it is verified or why it cannot be, or what a piece does when it is opened."""


def within(
    seconds: int,
    memory: int,
    sender: "Connection[Found, Found]",
    read: Callable[[bytes, Path], Found],
    pdf: bytes,
    trust: Path,
) -> None:
    """Reads a file in so much processor time and memory, and sends what is found; what a failing parser says may quote the file."""
    sys.stderr = StringIO()
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    sender.send(read(pdf, trust))


def looked_into(pdf: bytes, _: Path) -> Found:
    """What a PDF does when it is opened."""
    return nature_of(pdf)


def verified(pdf: bytes, trust: Path) -> Found:
    """What the file is found to be, or why nothing can be."""
    # only here: the server that starts these processes would carry forty megabytes of parsers that it never uses
    from seal.trust import Trust
    from seal.verifying import verify_file

    try:
        return verify_file(pdf, Trust.read(trust), datetime.now(UTC))
    except TrustUnreadable as error:
        return error
