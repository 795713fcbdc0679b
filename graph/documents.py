"""Sealed documents: the certified attestation of a diploma, and what a file that claims to be one is found to be."""

from datetime import datetime
from enum import Enum

import strawberry
from strawberry import relay
from strawberry.relay.utils import to_base64

from graph.diploma import Diploma
from graph.problems import Problem
from graph.stored import column, computed, identity

FILE_STATES = ("SEALED", "ARCHIVED")
"""Of a document that has its file."""


@strawberry.enum(description="Where an attestation stands.")
class AttestationState(Enum):
    PENDING = strawberry.enum_value("PENDING", description="It is being sealed: `viewerChanged` tells when it is ready")
    READY = strawberry.enum_value("READY", description="It can be downloaded")
    OVERTAKEN = strawberry.enum_value(
        "OVERTAKEN", description="The register changed before it was sealed: ask for it again, for what it says now"
    )
    IMPOSSIBLE = strawberry.enum_value(
        "IMPOSSIBLE", description="What the register says does not go on the page: the exam service can help"
    )


def attestation_state(stored: str) -> AttestationState:
    """Where a document stands for its holder: one whose proofs are complete is as ready as one that waits for them."""
    if stored == "WAITING":
        return AttestationState.PENDING
    return AttestationState.READY if stored in FILE_STATES else AttestationState[stored]


def attestation_url(key: str, stored: str) -> str | None:
    """Where the file of a document is, once there is one."""
    return f"/attestations/{to_base64('Attestation', key)}" if stored in FILE_STATES else None


@strawberry.type(description="The certified attestation of one version of a diploma: a sealed PDF that proves itself.")
class Attestation(relay.Node):
    uuid: relay.NodeID[str] = identity("id")
    state: AttestationState = computed(("state",), attestation_state, "Where it stands")
    version: int = column("version", "Version of the diploma that it attests")
    asked_at: datetime = column("asked_at", "When it was first asked for")
    sealed_at: datetime | None = column("sealed_at", "When it was sealed; null until it is")
    size: int | None = column("size", "Bytes of the file; null until it is sealed")
    digest: str | None = column("digest_hex", "SHA-256 of the file, in hexadecimal; it changes when proofs are added")
    url: str | None = computed(
        ("id", "state"), attestation_url, "Where its holder downloads it, signed in as here; null until it is sealed"
    )


@strawberry.type(description="This diploma has no attestation: it is no longer valid, or is suspended.")
class NoAttestation(Problem):
    pass


@strawberry.enum(description="What a file is found to be.")
class FileVerdict(Enum):
    GENUINE = strawberry.enum_value(
        "GENUINE", description="An attestation of ours, as it was sealed; see `status` for what the register says now"
    )
    NOT_GENUINE = strawberry.enum_value("NOT_GENUINE", description="Not one of ours, or no longer as it was sealed")
    UNDETERMINED = strawberry.enum_value("UNDETERMINED", description="Neither can be told: the steps say why and what to do")


@strawberry.enum(description="What a step found.")
class StepOutcome(Enum):
    PASSED = strawberry.enum_value("PASSED", description="As it must be")
    FAILED = strawberry.enum_value("FAILED", description="Not as it must be")
    UNDETERMINED = strawberry.enum_value("UNDETERMINED", description="Not looked at, or not decided by what is at hand")


@strawberry.type(description="A step of the verification of a file, in the order in which it was taken.")
class FileStep:
    number: int = strawberry.field(description="From 1")
    name: str = strawberry.field(description="What is looked at")
    outcome: StepOutcome = strawberry.field(description="What was found")
    reason: str = strawberry.field(description="What it means, and what to do")


@strawberry.enum(description="What the register says today of what a file attests.")
class AttestedStatus(Enum):
    CURRENT = strawberry.enum_value("CURRENT", description="The diploma stands as the file says")
    REPLACED = strawberry.enum_value(
        "REPLACED",
        description="The record has changed since: `registered` has what stands now, unless the holder has another identity",
    )
    UNAVAILABLE = strawberry.enum_value("UNAVAILABLE", description="The diploma is unavailable for the time being")
    NO_LONGER_VALID = strawberry.enum_value(
        "NO_LONGER_VALID", description="The diploma is no longer valid: `invalidSince` says since when"
    )
    DELIVERED = strawberry.enum_value(
        "DELIVERED", description="An exam service delivered the file at request; the register does not have this diploma"
    )
    NOT_SHOWN = strawberry.enum_value("NOT_SHOWN", description="The register does not show this diploma at present")


@strawberry.type(description="What a file said to be an attestation is found to be.")
class FileVerification:
    verdict: FileVerdict = strawberry.field(description="In one word")
    summary: str = strawberry.field(description="In one sentence")
    steps: list[FileStep] = strawberry.field(description="Every step, numbered; the last one asks the register")
    status: AttestedStatus | None = strawberry.field(description="What the register says today, of a genuine file")
    registered: Diploma | None = strawberry.field(
        description="What the register says today, to compare with the page; of a genuine file, as long as it shows the diploma"
    )
    invalid_since: datetime | None = strawberry.field(
        description="Since when the diploma is no longer valid, of one that was withdrawn"
    )
    sealed_at: datetime | None = strawberry.field(description="When the file was sealed, as a trusted time stamp says")
    level: str | None = strawberry.field(description="Baseline level of PAdES that was verified: B-B, B-T, B-LT or B-LTA")
    sealed_by: str | None = strawberry.field(description="Subject of the seal's certificate")


@strawberry.type(
    description="There is no such file: it was sent more than a quarter of an hour ago, or never. Send it again to `POST /documents`."
)
class FileNotThere(Problem):
    pass


@strawberry.type(description="Too many files are being verified: try again in a minute.")
class TooBusy(Problem):
    pass
