"""The attestations of a family: each published sample has one, and the file with the longest names is PDF/A-3a and PDF/UA-1."""

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

from db.pool import connect
from db.statements import statement
from plugins.contract import Family
from plugins.titles import titles_in
from resolvers.attestations import attestation_of, page_of
from seal.attestation import Attestation, Issuer, Malformed
from seal.drawing import LetterOutside
from seal.filling import check, fill
from seal.fitting import ValueTooLong
from seal.typesetting import Page, PageFull, PageRefused
from server.conformance.publishing import Published
from server.conformance.samples import KEYRING

VERSION = statement("documents.version")
ISSUER = Issuer(
    "Service interacadémique des examens et concours des académies de Créteil, Paris et Versailles", "000000000", "NTRFR-000000000"
)
BASE = "https://registre-national-des-diplomes.exemple.invalid"
LONGEST_NAME = "DE LA ROCHEFOUCAULD-MONTBAZON DU PLESSIS-BELLIÈRE VON HABSBURG-LOTHRINGEN ET DE CASTELNAU-TURENNE-ANJOU"
"""A hundred letters: the longest name that the register takes."""
GIVEN_NAMES = (
    "Marie-Antoinette-Joséphine", "Anne-Charlotte-Élisabeth", "Wilhelmine-Frédérique", "Marguerite-Bernardine", "Jeanne-Geneviève",
    "Rose-Hippolyte",
)  # fmt: skip
PROFILES = {"3a": "PDF/A-3a", "ua1": "PDF/UA-1"}
VALIDATOR = "page"
MOST_FILES = 40


def missing() -> str | None:
    """Why files cannot be validated here, or None."""
    return None if find_spec(VALIDATOR) is not None else "the validator of PDF files is not installed: pip install 'parchemin[kit]'"


async def undrawn(family: Family, of: Published) -> list[str]:
    """Attestations that cannot be drawn: the page by itself, each published sample, the longest names with the longest lines."""
    page = page_of(family.code, None)
    try:
        check(page)
    except (PageRefused, PageFull) as error:
        return [f"its page cannot be used: {error or 'it is more than one page'}"]
    made, faults = await attestations(of)
    for one in (*made, *longest(family, made)):
        if reason := fault(one, page):
            faults.append(f"the attestation of “{one.title}” cannot be drawn: {reason}")
    return faults


async def unfit(family: Family, of: Published) -> list[str]:
    """What the validator finds of the longest file and of a sample's against the standards."""
    import page as validation  # with the kit alone

    page = page_of(family.code, None)
    made, found = await attestations(of)
    with tempfile.TemporaryDirectory() as folder:
        for place, attestation in enumerate([*made[:1], *longest(family, made)]):
            if reason := fault(attestation, page):
                found.append(f"the attestation of “{attestation.title}” cannot be drawn: {reason}")
                continue
            file = Path(folder) / f"{place}.pdf"
            file.write_bytes(fill(attestation, page).filled())
            for profile, name in PROFILES.items():
                report = validation.validate_pdf(str(file), profile=profile)
                found += [f"not {name}: {failure.message}" for failure in report.failures]
    return found


async def attestations(of: Published) -> tuple[list[Attestation], list[str]]:
    """Those of the published samples, as the seal service makes them, and why there are none of others."""
    found, faults = list[Attestation](), list[str]()
    connection = await connect(of.url)
    try:
        for one in of.diplomas[:MOST_FILES]:
            row = await VERSION.row(connection, diploma=one["id"], version=one["version"])
            assert row is not None
            try:
                found.append(attestation_of(row, one["key_generation"], KEYRING, ISSUER, BASE))
            except Malformed as error:
                faults.append(f"the attestation of candidate {one['candidate_number']} cannot be made: {error}")
    finally:
        await connection.close()
    return found, faults


def longest(family: Family, made: list[Attestation]) -> Iterator[Attestation]:
    """An attestation with every line of the samples at its longest, the longest title of the family, and the longest names."""
    if not made:
        return
    found = {
        line.name: line for line in sorted((line for one in made for line in one.particulars), key=lambda line: len(line.value))
    }
    lines = [found[name] for name in ("mention", *(line.name for line in family.lines)) if name in found]
    titles = [one.title for one in made] + [title["label"] or "" for title in titles_in(family).values()]
    yield replace(
        made[0], particulars=tuple(lines), title=max(titles, key=len), birth_name=LONGEST_NAME, used_name=LONGEST_NAME,
        given_names=GIVEN_NAMES, birth_place="Saint-Remy-en-Bouzemont-Saint-Genest-et-Isson (Marne)",
    )  # fmt: skip


def fault(attestation: Attestation, page: Page) -> str | None:
    """Why the page cannot bear an attestation, or None."""
    try:
        fill(attestation, page)
    except PageFull:
        return "its values need more than one page"
    except ValueTooLong as error:
        return f"a value is too long for its place ({error})"
    except LetterOutside as error:
        return f"the page has not the letter {error.letter!r}"
    except PageRefused as error:
        return str(error)
    return None
