"""Documents delivered at request, for the tests of their object and page."""

from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from typing import Any
from uuid import UUID

from seal.delivered import DeliveredDocument, Mark
from seal.typesetting import Page
from tests.attestations import ISSUER, LONGEST

SUBJECTS = (
    "Philosophie", "Mathématiques", "Physique-chimie", "Sciences de la vie et de la Terre", "Histoire et géographie",
    "Langue vivante 1 : anglais", "Langue vivante 2 : allemand", "Éducation physique et sportive", "Français (écrit)", "Français (oral)",
    "Spécialité : mathématiques", "Option facultative : latin",
)  # fmt: skip


def delivered(**changes: Any) -> DeliveredDocument:
    """The attestation of a baccalauréat of 1998, with these changes."""
    values: dict[str, Any] = {
        "id": UUID("0199c1f2-7c3e-7a41-9d6e-2f0b1c5a8e77"),
        "kind": "ATTESTATION",
        "issuer": ISSUER,
        "service": "Maison des examens (SIEC)",
        "reference": "7KQM-4XRD",
        "birth_name": "LE GOFF-DUBOIS",
        "given_names": ("Éléonore", "Marie"),
        "birth_date": "1980-03-14",
        "birth_place": "Besançon (Doubs)",
        "birth_commune": "25056",
        "family": "bac",
        "family_label": "Baccalauréat",
        "title": "Baccalauréat de l’enseignement du second degré",
        "series": "S, spécialité mathématiques",
        "mention": "Assez bien",
        "session": 1998,
        "awarded_on": date(1998, 7, 4),
        "academy": "01",
        "academy_name": "Paris",
        "issued_at": datetime(2026, 11, 27, 9, tzinfo=UTC),
        "link": "https://parchemin.example/v",
        "site": "parchemin.example/v",
        "salt": bytes(range(32)),
    }
    return DeliveredDocument(**{**values, **changes})


def marks(count: int, long: str = "") -> tuple[Mark, ...]:
    return tuple(
        Mark(SUBJECTS[number % len(SUBJECTS)] + long, f"{8 + number % 12},50 / 20", str(1 + number % 9) if number % 4 else None)
        for number in range(count)
    )


MARK_SHEET = delivered(kind="MARK_SHEET", marks=marks(12), average="13,42 / 20")
FULL = replace(
    MARK_SHEET, used_name=LONGEST.used_name, birth_name=LONGEST.birth_name, given_names=LONGEST.given_names, marks=marks(30),
)  # fmt: skip
BARE = delivered(
    birth_date="1980-00-00", birth_place=None, birth_commune=None, birth_country="Sénégal", birth_country_code="99341", series=None,
    mention=None, awarded_on=None,
)  # fmt: skip
SHAPES = {"attestation": delivered(), "bare": BARE, "mark sheet": MARK_SHEET, "longest": FULL}


@cache
def delivered_page() -> Page:
    return Page.delivered()
