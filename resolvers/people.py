"""Who a person is: as an identity provider knows them, and as an exam record has them. Never shown in a log: no `repr`."""

from dataclasses import dataclass
from typing import Literal

Sex = Literal["M", "F"]

Identity = Literal["FRANCECONNECT", "PROVED", "DECLARED"]
"""What an identity rests on: FranceConnect; a local account after a proof of identity or a code sent by the academy; nothing."""

FRANCE = "99100"
"""Country code of France in the Code officiel géographique (COG)."""


@dataclass(frozen=True, repr=False)
class Person:
    """The pivot identity that FranceConnect gives (arrêté du 8 novembre 2018), or what the owner of a local account declares.

    Dates are ISO 8601. `birth_date` is whole: the civil registry's directory completes an unknown day or month with 01, so
    `declared_birth_date`, with 00 for what is unknown, tells whether it really is. Places are COG codes; someone born abroad has
    no `birth_commune`.
    """

    family_name: str
    given_names: tuple[str, ...]
    birth_date: str
    sex: Sex
    birth_country: str = FRANCE
    birth_commune: str | None = None
    declared_birth_date: str | None = None
    used_name: str | None = None
    identity: Identity = "DECLARED"


@dataclass(frozen=True, repr=False)
class ExamRecord:
    """The person of a diploma as the exam record spells them: old files lack accents, hyphens, given names, dates or places.

    `birth_date` has 00 for an unknown day or month; `birth_place` is a label, `birth_commune` and `birth_country` COG codes.
    `exam` is the family and the year of the session, `bac/2024`; `establishment` is a UAI.
    """

    birth_name: str
    given_names: tuple[str, ...]
    used_name: str | None = None
    birth_date: str | None = None
    sex: Sex | None = None
    birth_commune: str | None = None
    birth_place: str | None = None
    birth_country: str | None = None
    ine: str | None = None
    candidate_number: str | None = None
    establishment: str | None = None
    exam: str | None = None
