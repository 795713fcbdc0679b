"""The attestations of a family once they are sealed: anybody who is given the file verifies it, and reads on it what it attests."""

import asyncio
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from plugins.contract import Family
from resolvers.attestations import page_of
from seal.attestation import Attestation
from seal.authority import UnsafeDevelopmentAuthority
from seal.certificates import revocation_list
from seal.filling import fill
from seal.report import Outcome, Report
from seal.sealing import Sealer
from seal.trust import Trust
from seal.verifying import verify_file
from server.conformance.page import ISSUER, attestations, fault, longest
from server.conformance.publishing import Published

ORGANIZATION = "Registre d’essai"
"""A certificate has no room for an issuer's name at its longest (RFC 5280, appendix A.1)."""
MOST_SEALED = 10
"""Files of the samples that are sealed: a seal and its verification take a twentieth of a second."""


async def unverified(family: Family, of: Published) -> list[str]:
    """Sealed attestations that are not genuine to who verifies them, with the steps that say so."""
    page = page_of(family.code, None)
    made, faults = await attestations(of)
    authority, at = _authority(), datetime.now(UTC)
    sealer, trust = await Sealer.of(authority.seals), _trust(authority, at)
    for one in (*made[:MOST_SEALED], *longest(family, made)):
        if fault(one, page) is None:  # what cannot be drawn is told where it is drawn
            pdf = await sealer.timestamped(fill(one, page), at, authority.timestamps(at))
            report = await asyncio.to_thread(verify_file, pdf, trust, at)
            faults += _failed(one, report)
    return faults


def _failed(attestation: Attestation, report: Report) -> Iterator[str]:
    for step in report.steps:
        if step.outcome is not Outcome.PASSED:
            yield f"the sealed attestation of “{attestation.title}” is not genuine: {step.reason.en} ({step.detail or step.name.en})"
            return


@cache
def _authority() -> UnsafeDevelopmentAuthority:
    """One of the kit's own, whose keys end with the process."""
    with tempfile.TemporaryDirectory() as folder:
        return UnsafeDevelopmentAuthority.open(Path(folder), ORGANIZATION, ISSUER.siren, datetime.now(UTC))


def _trust(authority: UnsafeDevelopmentAuthority, at: datetime) -> Trust:
    lists = tuple(revocation_list(one) for one in authority.crls(at))
    return Trust(authority.roots, ISSUER.organization_identifier, authority.roots, lists)
