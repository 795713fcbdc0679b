"""Who somebody says he is, as he fills in the form of a new account. Nobody vouches for it: it is spelled with care and never believed."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import cache

from db import reference
from graph.text import Text
from resolvers.birthplaces import AmbiguousCommune, UnknownCommune, commune_called
from resolvers.people import FRANCE, Person
from server.account.fields import Errors, Field

LONGEST_NAME = 100
MOST_NAMES = 10
OLDEST = 130

FAMILY_NAME = Field(
    "family-name", Text("Nom de naissance", "Birth name"),
    Text("Celui de votre acte de naissance.", "The one of your birth certificate."), {"type": "text", "maxlength": "100"},
)  # fmt: skip
GIVEN_NAMES = Field(
    "given-names", Text("Prénoms", "Given names"),
    Text(
        "Tous, dans l’ordre de l’état civil, séparés par des virgules : Éloïse, Marie.",
        "All of them, in the order of your civil status, separated by commas: Éloïse, Marie.",
    ),
    {"type": "text", "maxlength": "200"},
)  # fmt: skip
USED_NAME = Field(
    "used-name", Text("Nom d’usage", "Used name"), attributes={"type": "text", "autocomplete": "family-name", "maxlength": "100"},
    optional=Text("facultatif", "optional"),
)  # fmt: skip
BIRTH_DATE = Field("birth-date", Text("Date de naissance", "Date of birth"), attributes={"type": "date", "autocomplete": "bday"})
SEX = Field("sex", Text("Sexe à l’état civil", "Sex in civil status"))
SEXES = (("F", Text("Féminin", "Female")), ("M", Text("Masculin", "Male")))
BIRTH_COUNTRY = Field("birth-country", Text("Pays de naissance", "Country of birth"))
BIRTH_COMMUNE = Field(
    "birth-commune", Text("Commune de naissance", "Commune of birth"),
    Text(
        "Quand plusieurs communes portent ce nom, ajoutez le département : Saint-Denis (93).",
        "When several communes have that name, add the department: Saint-Denis (93).",
    ),
    {"type": "text", "maxlength": "100"}, optional=Text("si vous êtes né en France", "if you were born in France"),
)  # fmt: skip

MISSING = Text("Ce champ est nécessaire.", "This field is needed.")
NOT_A_NAME = Text("Écrivez un nom, sans signe particulier.", "Write a name, without special signs.")
NOT_A_DATE = Text("Donnez une date passée : jour, mois, année.", "Give a date in the past: day, month, year.")
UNKNOWN_COMMUNE = Text(
    "Nous ne connaissons pas cette commune. Vérifiez son nom, ou donnez son code Insee.",
    "We do not know this commune. Check its name, or give its Insee code.",
)
AMBIGUOUS_COMMUNE = Text(
    "Plusieurs communes portent ce nom : ajoutez le département entre parenthèses.",
    "Several communes have this name: add the department in brackets.",
)


def read_person(given: Mapping[str, str]) -> tuple[Person | None, Errors]:
    """The person of a form, or what is wrong with its fields."""
    errors: dict[str, Text] = {}
    names = {field.name: _name(given.get(field.name, ""), field, errors) for field in (FAMILY_NAME, USED_NAME)}
    given_names = _given_names(given.get(GIVEN_NAMES.name, ""), errors)
    born = _born(given.get(BIRTH_DATE.name, ""), errors)
    sex = given.get(SEX.name)
    if sex not in ("F", "M"):
        errors[SEX.name] = MISSING
    country = given.get(BIRTH_COUNTRY.name, "")
    if country not in dict(countries()):
        errors[BIRTH_COUNTRY.name] = MISSING
    commune = _commune(given.get(BIRTH_COMMUNE.name, ""), errors) if country == FRANCE else None
    if errors or sex not in ("F", "M"):
        return None, errors
    used = names[USED_NAME.name] or None
    return Person(names[FAMILY_NAME.name], given_names, born, sex, country, commune, used_name=used), errors


@cache
def countries() -> tuple[tuple[str, str], ...]:
    """The countries by code, France first, then in the order of their names."""
    found = [(row["code"] or "", row["name"] or "") for row in reference.rows("country")]
    return tuple(sorted(found, key=lambda one: (one[0] != FRANCE, _unaccented(one[1]))))


def _name(text: str, field: Field, errors: dict[str, Text]) -> str:
    name = _one_line(text)
    if not name and field.optional is None:
        errors[field.name] = MISSING
    elif name and not _is_name(name):
        errors[field.name] = NOT_A_NAME
    return name


def _given_names(text: str, errors: dict[str, Text]) -> tuple[str, ...]:
    """By commas if there is one, and by spaces otherwise: `Anne Marie, Lou` are two."""
    separated = text.split(",") if "," in text else text.split()
    names = tuple(name for name in map(_one_line, separated) if name)
    if not names:
        errors[GIVEN_NAMES.name] = MISSING
    elif len(names) > MOST_NAMES or not all(map(_is_name, names)):
        errors[GIVEN_NAMES.name] = NOT_A_NAME
    return names


def _born(text: str, errors: dict[str, Text]) -> str:
    today = datetime.now(UTC).date()
    try:
        born = date.fromisoformat(text.strip())
    except ValueError:
        errors[BIRTH_DATE.name] = NOT_A_DATE if text.strip() else MISSING
        return ""
    if not today.year - OLDEST <= born.year or born > today:
        errors[BIRTH_DATE.name] = NOT_A_DATE
    return born.isoformat()


def _commune(text: str, errors: dict[str, Text]) -> str | None:
    if not text.strip():
        errors[BIRTH_COMMUNE.name] = MISSING
        return None
    try:
        return commune_called(_one_line(text))
    except UnknownCommune:
        errors[BIRTH_COMMUNE.name] = UNKNOWN_COMMUNE
    except AmbiguousCommune:
        errors[BIRTH_COMMUNE.name] = AMBIGUOUS_COMMUNE
    return None


def _one_line(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def _is_name(name: str) -> bool:
    """Letters with what civil registries write between them."""
    return len(name) <= LONGEST_NAME and re.fullmatch(r"[^\W\d_](?:[^\W\d_]|[ '’ʼʻ.\-]|[\u0300-\u036f])*", name) is not None


def _unaccented(name: str) -> str:
    return "".join(symbol for symbol in unicodedata.normalize("NFKD", name) if symbol.isalpha()).casefold()
