"""What a sealed file attests, whichever it is: a diploma of the register, or what an exam service delivered at request."""

import json
from collections.abc import Mapping
from typing import TypeAlias

from seal import delivered_wording, wording
from seal.attestation import LARGEST, Attestation, NotCanonical, TooLarge, attestation_of
from seal.delivered import TYPE, DeliveredDocument, delivered_of
from seal.fields import Fields

Attested: TypeAlias = Attestation | DeliveredDocument


def read(data: bytes) -> Attested:
    """What these bytes spell. Raises `AttestationRefused`: `TooLarge`, `Malformed` or `NotCanonical`."""
    if len(data) > LARGEST:
        raise TooLarge
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        raise NotCanonical from None
    top = Fields(value, "")
    attested = delivered_of(top) if top.fields.get("@type") == TYPE else attestation_of(top)
    if attested.canonical() != data:
        raise NotCanonical
    return attested


def words(attested: Attested) -> Mapping[str, str]:
    """Each value that its page says, by the name of its slot."""
    return wording.words(attested) if isinstance(attested, Attestation) else delivered_wording.words(attested)


def heading(attested: Attested) -> str:
    """What its file is called."""
    kind = "ATTESTATION" if isinstance(attested, Attestation) else attested.kind
    return f"{delivered_wording.HEADINGS[kind]} : {attested.title}"


def lines(attested: Attested) -> int:
    """How often its page repeats the slots of a line."""
    return len(attested.particulars if isinstance(attested, Attestation) else attested.marks)
