"""What the register says of a version of a diploma, as its attestation says it: the seal service builds every document from here."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from uuid import UUID

from db import reference
from db.statements import Row
from graph.diploma import Diploma
from graph.enums import Mention
from graph.text import Text
from plugins.contract import Family
from plugins.mentions import LABELS
from resolvers import rows
from resolvers.keys import Keyring
from resolvers.known_families import family_of
from resolvers.people import FRANCE
from seal.attestation import Attestation, Issuer, Particular
from seal.typesetting import Page

MENTION = Text("Mention", "Honours")
HONOURS = {
    Mention.PASSABLE: "pass",
    Mention.ASSEZ_BIEN: "honours",
    Mention.BIEN: "high honours",
    Mention.TRES_BIEN: "highest honours",
    Mention.TRES_BIEN_FELICITATIONS: "highest honours, with the congratulations of the jury",
}
"""English companions of the mentions: a help to read them, without legal value."""


def attestation_of(row: Row, generation: int, keyring: Keyring, issuer: Issuer, base: str) -> Attestation:
    """The attestation of a row of `published_version`, with its control key of that generation; links begin with `base`.

    The same row makes the same attestation, always. Raises `seal.attestation.Malformed` for what no attestation can say.
    """
    diploma, family, version = rows.diploma(row), family_of(row["family"]), row["version"]
    key: UUID = row["id"]
    place, country = birthplace(row)
    return Attestation(
        id=key,
        version=version,
        supersedes_version=version - 1 or None,
        issuer=issuer,
        birth_name=row["birth_name"],
        used_name=row["used_name"],
        given_names=tuple(row["given_names"]),
        birth_date=row["birth_date"],
        birth_place=place,
        birth_commune=row["birth_commune"],
        birth_country=country,
        birth_country_code=row["birth_country"],
        family=row["family"],
        family_label=family.label.fr,
        title=row["title"],
        title_code=row["title_code"],
        session=row["session_year"],
        awarded_on=row["awarded_on"],
        academy=row["academy_code"],
        academy_name=row["academy_name"],
        national_level=row["national_level"],
        particulars=(*mention_of(diploma), *lines_of(family, diploma)),
        issued_at=row["recorded_at"],
        control_key=keyring.shown_key(key, version, generation),
        link=f"{base}/v#{keyring.document_secret(key, version, generation)}",
        site=f"{base.partition('://')[2]}/v",
        salt=keyring.salt(key, version),
    )


def mention_of(diploma: Diploma) -> tuple[Particular, ...]:
    """The line of the jury's mention, where there is one."""
    mention = diploma.mention
    return () if mention is None else (Particular("mention", *MENTION, LABELS[mention], HONOURS[mention]),)


def lines_of(family: Family, diploma: Diploma) -> tuple[Particular, ...]:
    """The lines that the family adds."""
    found: list[Particular] = []
    for line in family.lines:
        value = line.value(diploma)
        if value is not None:
            fr, en = value if isinstance(value, Text) else (value, None)
            found.append(Particular(line.name, *line.label, fr, en))
    return tuple(found)


def birthplace(row: Row) -> tuple[str | None, str | None]:
    """Where the holder was born, in the record's words or else by the name of its commune, and the country when it is not France."""
    country = row["birth_country"]
    place: str | None = row["birth_place"] or names().get(row["birth_commune"])
    return place, None if country in (None, FRANCE) else names().get(country)


@cache
def names() -> Mapping[str, str]:
    """The names of communes and countries by code (COG)."""
    return {row["code"] or "": row["name"] or "" for table in ("commune", "country") for row in reference.rows(table)}


@cache
def page_of(family: str, theme: Path | None) -> Page:
    """The page of a family's attestations, in the look of the operator's theme. Raises `seal.typesetting.PageRefused`."""
    own = family_of(family).page
    return Page.of(theme=theme) if own is None else Page.of(own, theme)
