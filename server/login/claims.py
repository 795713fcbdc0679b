"""What a provider says of a person, as declared sets: which claims must be there, which may be, which nobody vouches for.

The sets are tables; `docs/login.md` shows them with their sources. A claim of another form than its table says is refused, and never
repaired: a person is matched with exam records by it.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum
from typing import Any

from resolvers.people import FRANCE, Person


class Need(Enum):
    """REQUIRED: there, and well formed. OPTIONAL: well formed if it is there. UNVERIFIABLE: nobody vouches for it, so that it is
    taken when it is well formed, and left out otherwise."""

    REQUIRED = "REQUIRED"
    OPTIONAL = "OPTIONAL"
    UNVERIFIABLE = "UNVERIFIABLE"


class ClaimRefused(Exception):
    """A claim is missing or malformed. Says which, and never its value."""

    def __init__(self, claim: str, fault: str) -> None:
        super().__init__(f"{claim} is {fault}")
        self.claim = claim
        self.fault = fault


@dataclass(frozen=True)
class Claim:
    """A claim that is looked at: its name in our tables, how much it is needed, how its value is read (ValueError when it cannot be),
    and its name at the provider."""

    name: str
    need: Need
    read: Callable[[Any], Any]
    there: str


LONGEST_NAME = 200
COMMUNE = re.compile(r"(?:2[AB]|[0-9]{2})[0-9]{3}")
COUNTRY = re.compile(r"99[0-9]{3}")
DATE = re.compile(r"([12][0-9]{3})-([0-9]{2})-([0-9]{2})")


def text(value: Any) -> str:
    """A text of one line, in the composed form of Unicode (NFC), without spaces around it."""
    if not isinstance(value, str) or len(value) > LONGEST_NAME:
        raise ValueError
    kept = unicodedata.normalize("NFC", value).strip()
    if not kept or any(unicodedata.category(symbol) in ("Cc", "Cf", "Co", "Cn", "Cs", "Zl", "Zp") for symbol in kept):
        raise ValueError
    return kept


def texts(value: Any) -> tuple[str, ...]:
    """A list of one text or more."""
    if not isinstance(value, list) or not 1 <= len(value) <= 20:
        raise ValueError
    return tuple(text(one) for one in value)


def whole_date(value: Any) -> str:
    """A day that was, as `YYYY-MM-DD`."""
    if not isinstance(value, str) or not DATE.fullmatch(value) or date.fromisoformat(value) > date.today():
        raise ValueError
    return value


def declared_date(value: Any) -> str:
    """A day, or `YYYY-MM-00` or `YYYY-00-00` when the civil registry does not know it."""
    parts = DATE.fullmatch(value) if isinstance(value, str) else None
    if parts is None or (parts[2] == "00" and parts[3] != "00"):
        raise ValueError
    whole_date(f"{parts[1]}-{parts[2].replace('00', '01')}-{parts[3].replace('00', '01')}")
    return parts[0]


def sex(value: Any) -> str:
    """`male` or `female` (OpenID Connect Core 1.0, §5.1), as M or F."""
    return {"male": "M", "female": "F"}[value] if value in ("male", "female") else _refuse()


def coded(pattern: re.Pattern[str]) -> Callable[[Any], str]:
    """Reads a code of that pattern."""
    return lambda value: value if isinstance(value, str) and pattern.fullmatch(value) else _refuse()


def _refuse() -> str:
    raise ValueError


def _claim(name: str, need: Need, read: Callable[[Any], Any]) -> Claim:
    return Claim(name, need, read, name)


FRANCECONNECT = (
    _claim("family_name", Need.REQUIRED, text),
    _claim("given_name", Need.REQUIRED, text),
    _claim("given_name_array", Need.OPTIONAL, texts),
    _claim("birthdate", Need.REQUIRED, whole_date),
    _claim("idp_birthdate", Need.OPTIONAL, declared_date),
    _claim("gender", Need.REQUIRED, sex),
    _claim("birthcountry", Need.REQUIRED, coded(COUNTRY)),
    _claim("birthplace", Need.OPTIONAL, coded(COMMUNE)),
    _claim("preferred_username", Need.UNVERIFIABLE, text),
)
PROCONNECT = (
    _claim("given_name", Need.REQUIRED, text),
    _claim("usual_name", Need.REQUIRED, text),
    _claim("siret", Need.REQUIRED, coded(re.compile(r"[0-9]{14}"))),
    _claim("idp_id", Need.OPTIONAL, text),
    _claim("email", Need.UNVERIFIABLE, text),
)
NAMED = (_claim("name", Need.UNVERIFIABLE, text), _claim("email", Need.UNVERIFIABLE, text))
"""For agents of any other provider: only for the administrator who links them."""

MAPPED = tuple(replace(claim, need=Need.OPTIONAL) if claim.name == "birthcountry" else claim for claim in FRANCECONNECT)
"""For any other provider: few know a country of birth."""


def mapped(names: Mapping[str, str]) -> tuple[Claim, ...]:
    """The claims of a provider that calls some of them otherwise."""
    return tuple(replace(claim, there=names.get(claim.name, claim.name)) for claim in MAPPED)


def checked(claims: tuple[Claim, ...], given: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a declared set, by our names; a claim that is not there, or is empty, is left out. Raises `ClaimRefused`."""
    values: dict[str, Any] = {}
    for claim in claims:
        value = given.get(claim.there)
        if value is None or value == "":  # FranceConnect writes "" for what it does not have
            if claim.need is Need.REQUIRED:
                raise ClaimRefused(claim.name, "missing")
            continue
        try:
            values[claim.name] = claim.read(value)
        except ValueError as error:
            if claim.need is not Need.UNVERIFIABLE:
                raise ClaimRefused(claim.name, "malformed") from error
    return values


def person_of(claims: tuple[Claim, ...], given: Mapping[str, Any]) -> Person:
    """The person of a holder's claims.

    Raises `ClaimRefused`, also when the claims contradict each other: somebody born in France has a commune of birth where the
    country is required, and an array of given names says the same as the text.
    """
    values = checked(claims, given)
    written: str = values["given_name"]
    names: tuple[str, ...] = values.get("given_name_array", tuple(written.split()))
    if "".join(names).replace(" ", "") != written.replace(" ", ""):
        raise ClaimRefused("given_name_array", "malformed")
    country: str = values.get("birthcountry", FRANCE)
    if country == FRANCE and "birthcountry" in values and "birthplace" not in values:
        raise ClaimRefused("birthplace", "missing")
    return Person(
        family_name=values["family_name"],
        given_names=names,
        birth_date=values["birthdate"],
        sex=values["gender"],
        birth_country=country,
        birth_commune=values.get("birthplace") if country == FRANCE else None,
        declared_birth_date=values.get("idp_birthdate"),
        used_name=values.get("preferred_username"),
    )
