"""The columns that every results file has in common, each with the reader of its cells. `docs/import.md` is the contract."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from graph.enums import Decision
from graph.text import Text
from plugins.contract import COMMON_COLUMNS, Family, Invalid
from plugins.mentions import LETTERS
from resolvers.copy_format import cell_fields, day_field, joined_texts_field, text_field, texts_field

OLDEST_BIRTH = 1850
UAI_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"
CANDIDATE_NUMBER = re.compile(r"[0-9A-Z][0-9A-Z-]{0,19}")
# RNIE, BEA, apprenticeship, and the older base-36 form of universities. The key's algorithm is unknown: it is never checked.
INE = re.compile(r"\d{9}[A-Z]{2}|\d{10}[A-Z]|\d{4}A\d{5}[A-Z]|[0-9A-Z]{11}")
UAI = re.compile(r"(\d{7})([A-Z])")
COMMUNE = re.compile(r"(?:2[AB]|\d\d)\d{3}")
COUNTRY = re.compile(r"99\d{3}")
TITLE_CODE = re.compile(r"[0-9A-Z]{8}")
FRENCH_DATE = re.compile(r"(\d\d)/(\d\d)/(\d{4})")
ISO_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)")
# every letter of a script, marks that do not compose, and what joins them
NAME = re.compile(r"[^\W\d_](?:[^\W\d_]|[\u0300-\u036f]|[ '’.\-()])*")
DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


@dataclass(frozen=True)
class CommonColumn:
    """A column of every file: how its cells are read and stored, and whether they may be empty.

    Where nearly all cells differ, `at_once` makes the fields of a whole column, or nothing when one of its cells is to be looked at.
    """

    name: str
    read: Callable[[str], Any]
    required: bool = False
    field: Callable[[Any], bytes] = text_field
    at_once: Callable[[Sequence[bytes]], list[bytes] | None] | None = None


def as_they_stand(pattern: bytes) -> Callable[[Sequence[bytes]], list[bytes] | None]:
    """Makes fields of codes that are stored as they are written, when all of a column are of that form."""
    column = re.compile(b"(?:" + pattern + b"\\n)*")

    def fields(cells: Sequence[bytes]) -> list[bytes] | None:
        return cell_fields(cells) if column.fullmatch(b"\n".join((*cells, b""))) else None

    return fields


def matching(pattern: re.Pattern[str], reason: Text, remedy: Text) -> Callable[[str], str]:
    """A reader of upper-case codes of a given form."""

    matches = pattern.fullmatch

    def read(cell: str) -> str:
        if matches(cell):
            return cell
        if matches(code := cell.upper()):
            return code
        raise Invalid(reason, remedy)

    return read


@lru_cache(maxsize=20_000)
def name(cell: str) -> str:
    """A name in the civil registry's spelling, composed (NFC), of at most 100 letters."""
    composed = unicodedata.normalize("NFC", " ".join(cell.split()))
    if NAME.fullmatch(composed) is None or len(composed) > 100:
        raise Invalid(
            Text("n'est pas un nom d'état civil", "is not a civil registry name"),
            Text(
                "lettres, traits d'union, apostrophes et espaces seulement",
                "letters, hyphens, apostrophes and spaces only",
            ),
        )
    return composed


def given_names(cell: str) -> list[str]:
    """Given names separated by commas, or by spaces when there is no comma."""
    parts = cell.split(",") if "," in cell else cell.split()
    return [name(part) for part in parts if part.strip()]


@lru_cache(maxsize=20_000)
def _given_name_field(part: bytes) -> bytes:
    """The field of one given name; empty when it is to be looked at."""
    text = part.decode()
    return text_field(name(text)) if len(text.split()) == 1 else b""


def given_names_at_once(cells: Sequence[bytes]) -> list[bytes] | None:
    """The fields of a column of given names: people have a few thousand, which they combine without end."""
    fields: list[bytes] = []
    try:
        for cell in cells:
            if b"," in cell:
                fields.append(texts_field(given_names(cell.decode())))
                continue
            names = list(map(_given_name_field, cell.split()))
            if b"" in names:
                return None
            fields.append(joined_texts_field(names))
    except (Invalid, UnicodeDecodeError):
        return None
    return fields


def birth_date(cell: str) -> str:
    """ISO 8601 with 00 for an unknown day, or an unknown month and day. Raises `Invalid` for a day that never was."""
    if match := FRENCH_DATE.fullmatch(cell):
        day, month, year = (int(part) for part in match.groups())
    elif match := ISO_DATE.fullmatch(cell):
        year, month, day = (int(part) for part in match.groups())
    else:
        raise Invalid(
            Text("n'est pas une date", "is not a date"),
            Text(
                "écrire JJ/MM/AAAA, avec 00 pour un jour ou un mois inconnu",
                "write DD/MM/YYYY, with 00 for an unknown part",
            ),
        )
    partial = day == 0 and 0 <= month <= 12
    if not (partial or _is_day(year, month, day)) or year < OLDEST_BIRTH:
        raise Invalid(
            Text("est une date impossible", "is an impossible date"),
            Text(
                "corriger d'après l'acte de naissance ; 00 si inconnu",
                "correct it from the birth record; 00 if unknown",
            ),
        )
    return f"{year:04}-{month:02}-{day:02}"


def _is_day(year: int, month: int, day: int) -> bool:
    if not (1 <= month <= 12 and 1 <= day <= DAYS[month - 1]):
        return False
    return (month, day) != (2, 29) or (year % 4 == 0 and (year % 100 != 0 or year % 400 == 0))


def whole_date(cell: str) -> str:
    """A date whose day is known, in ISO 8601."""
    text = birth_date(cell)
    if text.endswith("-00"):
        raise Invalid(
            Text("n'est pas une date complète", "is not a complete date"),
            Text("écrire JJ/MM/AAAA, ou laisser vide", "write DD/MM/YYYY, or leave it empty"),
        )
    return text


def establishment(cell: str) -> str:
    """A UAI whose letter agrees with its digits: the 23 letters at their number modulo 23."""
    match = UAI.fullmatch(cell.upper())
    if match is None:
        raise Invalid(
            Text("n'est pas un UAI", "is not a UAI"),
            Text("sept chiffres et une lettre, ou laisser vide", "seven digits and a letter, or leave it empty"),
        )
    digits, letter = match.groups()
    if UAI_LETTERS[int(digits) % 23] != letter:
        raise Invalid(
            Text("a une lettre de contrôle fausse", "has a wrong check letter"),
            Text("vérifier le numéro de l'établissement", "check the number of the establishment"),
        )
    return match[0]


def label(cell: str) -> str:
    """A place as the record names it, of at most 100 characters."""
    if len(cell) > 100:
        raise Invalid(
            Text("dépasse 100 caractères", "is longer than 100 characters"),
            Text("abréger le libellé", "shorten the label"),
        )
    return unicodedata.normalize("NFC", cell)


def decision(cell: str) -> str:
    """The name of a decision."""
    word = cell.upper()
    if word not in Decision.__members__:
        listed = ", ".join(Decision.__members__)
        raise Invalid(Text("n'est pas une décision", "is not a decision"), Text(f"employer : {listed}", f"use one of: {listed}"))
    return word


def mention(cell: str) -> str:
    """The name of a mention from its usual letters."""
    found = LETTERS.get(cell.upper())
    if found is None:
        listed = ", ".join(LETTERS)
        raise Invalid(
            Text("n'est pas une mention", "is not a mention"),
            Text(f"employer : {listed}, ou vide", f"use: {listed}, or nothing"),
        )
    return found.name


def sex(cell: str) -> str:
    """M or F."""
    if cell.upper() not in ("M", "F"):
        raise Invalid(Text("n'est pas un sexe", "is not a sex"), Text("écrire M, F ou rien", "write M, F or nothing"))
    return cell.upper()


def group(cell: str) -> str:
    """The code of a jury group, checked against the session's."""
    return cell.upper()


COMMON = (
    CommonColumn(
        "numero_candidat",
        matching(
            CANDIDATE_NUMBER,
            Text("n'est pas un numéro de candidat", "is not a candidate number"),
            Text("20 chiffres, lettres ou tirets au plus", "at most 20 digits, letters or hyphens"),
        ),
        required=True,
        at_once=as_they_stand(rb"[0-9A-Z][0-9A-Z-]{0,19}"),
    ),
    CommonColumn(
        "ine",
        matching(
            INE,
            Text("n'a pas la forme d'un INE", "has not the form of an INE"),
            Text("onze caractères, ou laisser vide", "eleven characters, or leave it empty"),
        ),
        at_once=as_they_stand(rb"(?:[0-9A-Z]{11})?"),
    ),
    CommonColumn("nom_naissance", name, required=True),
    CommonColumn("nom_usage", name),
    CommonColumn("prenoms", given_names, field=texts_field, at_once=given_names_at_once),
    CommonColumn("sexe", sex),
    CommonColumn("date_naissance", birth_date),
    CommonColumn(
        "commune_naissance",
        matching(
            COMMUNE,
            Text("n'est pas un code de commune", "is not the code of a commune"),
            Text("cinq caractères du COG, vide si né à l'étranger", "five characters of the COG, empty if born abroad"),
        ),
    ),
    CommonColumn("lieu_naissance", label),
    CommonColumn(
        "pays_naissance",
        matching(
            COUNTRY,
            Text("n'est pas un code de pays", "is not the code of a country"),
            Text("99 et trois chiffres du COG (99100 : France)", "99 and three digits of the COG (99100: France)"),
        ),
    ),
    CommonColumn("etablissement", establishment),
    CommonColumn(
        "code_diplome",
        matching(
            TITLE_CODE,
            Text("n'est pas un code diplôme", "is not a diploma code"),
            Text("huit caractères de la nomenclature (BCN)", "eight characters of the nomenclature (BCN)"),
        ),
    ),
    CommonColumn("groupe", group, required=True),
    CommonColumn("decision", decision, required=True),
    CommonColumn("mention", mention),
    CommonColumn("date_jury", whole_date, field=day_field),
)
assert tuple(column.name for column in COMMON) == COMMON_COLUMNS
REQUIRED = tuple(column.name for column in COMMON if column.required)


MISSING = Text("est obligatoire", "is required"), Text("donner une valeur", "give a value")
"""Why an empty cell of a required column is refused, and the remedy."""


def columns_of(family: Family) -> tuple[str, ...]:
    """The names of every column that a file of the family may have, common ones first."""
    return tuple(column.name for column in COMMON) + tuple(column.name for column in family.columns)


def required_of(family: Family) -> tuple[str, ...]:
    """The columns that a file of the family must have."""
    own = tuple(column.name for column in family.columns if column.required)
    return REQUIRED + (("code_diplome",) if family.title_kinds and family.title is None else ()) + own
