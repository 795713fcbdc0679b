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
from server.conformance import register
from server.conformance.publication import KEYRING, Key, trials

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


def undrawn(family: Family) -> Iterator[str]:
    """Attestations that cannot be drawn: the page by itself, each published sample, the longest names with the longest lines."""
    page = page_of(family.code, None)
    try:
        check(page)
    except (PageRefused, PageFull) as error:
        yield f"its page cannot be used: {error or 'it is more than one page'}"
        return
    for attestation in (*attestations(family), *longest(family)):
        if fault := _fault(attestation, page):
            yield f"the attestation of “{attestation.title}” cannot be drawn: {fault}"


def unfit(family: Family) -> Iterator[str]:
    """What the validator finds of the longest file and of a sample's against the standards."""
    import page as validation  # with the kit alone

    page = page_of(family.code, None)
    tried = [*list(attestations(family))[:1], *longest(family)]
    with tempfile.TemporaryDirectory() as folder:
        for place, attestation in enumerate(tried):
            if _fault(attestation, page):
                continue
            file = Path(folder) / f"{place}.pdf"
            file.write_bytes(fill(attestation, page).filled())
            for profile, name in PROFILES.items():
                report = validation.validate_pdf(str(file), profile=profile)
                yield from (f"not {name}: {failure.message}" for failure in report.failures)


def attestations(family: Family) -> list[Attestation]:
    """Those of the published samples, as the seal service makes them."""
    keys = [key for trial in trials(family) for key in trial.keys[:MOST_FILES]]
    return register.run(_made(keys))


async def _made(keys: list[Key]) -> list[Attestation]:
    found = list[Attestation]()
    connection = await connect(register.url())
    try:
        for key in keys:
            row = await VERSION.row(connection, diploma=key.diploma, version=key.version)
            if row is not None:
                found.append(attestation_of(row, key.generation, KEYRING, ISSUER, BASE))
    except Malformed:
        pass  # `undrawn` would say no more than what the import refused
    finally:
        await connection.close()
    return found


def longest(family: Family) -> Iterator[Attestation]:
    """An attestation with every line of the samples at its longest, the longest title of the family, and the longest names."""
    made = attestations(family)
    if not made:
        return
    lines = {line.name: line for one in made for line in sorted(one.particulars, key=lambda line: len(line.value))}
    titles = [one.title for one in made] + [title["label"] or "" for title in titles_in(family).values()]
    yield replace(
        made[0], particulars=tuple(lines.values()), title=max(titles, key=len), birth_name=LONGEST_NAME, used_name=LONGEST_NAME,
        given_names=GIVEN_NAMES, birth_place="Saint-Remy-en-Bouzemont-Saint-Genest-et-Isson (Marne)",
    )  # fmt: skip


def _fault(attestation: Attestation, page: Page) -> str | None:
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
