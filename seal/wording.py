"""What the page says: an attestation's values as they are written, in French with an English companion."""

from seal.attestation import Attestation

MONTHS = ("janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre")
MONTHS_EN = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
)  # fmt: skip
NAMES = (
    "issuer", "birth_name", "used_name", "given_names", "birth_date", "birth_date_en", "birth_place", "title", "session",
    "awarded_on", "awarded_on_en", "academy", "level", "key", "site", "sealer", "sealer_id", "document", "document_en",
)  # fmt: skip
"""The slots that a page has, besides those of a family's lines."""
LINES = ("particular", "particular_en", "particular_value", "particular_value_en")
"""The slots that a page has for each of a family's lines."""
SPACE = "\N{NO-BREAK SPACE}"


def words(attestation: Attestation) -> dict[str, str]:
    """Each value by the name of its slot; one that is not known has no entry. The page and these words make the whole text."""
    said: dict[str, str | None] = {
        "issuer": attestation.issuer.name,
        "birth_name": attestation.birth_name,
        "used_name": attestation.used_name,
        "given_names": ", ".join(attestation.given_names),
        "birth_date": attestation.birth_date and in_french(attestation.birth_date),
        "birth_date_en": attestation.birth_date and in_english(attestation.birth_date),
        "birth_place": place_of(attestation.birth_place, attestation.birth_country),
        "title": attestation.title,
        "session": str(attestation.session),
        "awarded_on": attestation.awarded_on and in_french(attestation.awarded_on.isoformat()),
        "awarded_on_en": attestation.awarded_on and in_english(attestation.awarded_on.isoformat()),
        "academy": attestation.academy_name,
        "level": str(attestation.national_level) if attestation.national_level else None,
        "key": attestation.control_key,
        "site": attestation.site,
        "sealer": attestation.issuer.name,
        "sealer_id": f"SIREN{SPACE}{attestation.issuer.siren}",
        "document": _document(attestation),
        "document_en": _document_en(attestation),
    }
    for index, particular in enumerate(attestation.particulars):
        said[f"particular.{index}"] = particular.label_fr
        said[f"particular_en.{index}"] = particular.label_en
        said[f"particular_value.{index}"] = particular.value
        said[f"particular_value_en.{index}"] = particular.value_en
    return {name: value for name, value in said.items() if value}


def in_french(day: str) -> str:
    """A date with 00 for what is not known: `1er mars 2008`, `en mars 2008`, `en 2008`."""
    year, month, number = day.split("-")
    if month == "00":
        return f"en{SPACE}{year}"
    if number == "00":
        return f"en {MONTHS[int(month) - 1]}{SPACE}{year}"
    return f"{'1er' if number == '01' else int(number)}{SPACE}{MONTHS[int(month) - 1]}{SPACE}{year}"


def in_english(day: str) -> str:
    """The same in English: `1 March 2008`, `in March 2008`, `in 2008`."""
    year, month, number = day.split("-")
    if month == "00":
        return f"in{SPACE}{year}"
    if number == "00":
        return f"in {MONTHS_EN[int(month) - 1]}{SPACE}{year}"
    return f"{int(number)}{SPACE}{MONTHS_EN[int(month) - 1]}{SPACE}{year}"


def place_of(place: str | None, country: str | None) -> str | None:
    """A place of birth, with its country when it is not France."""
    return f"{place} ({country})" if place and country else place or country


def _document(attestation: Attestation) -> str:
    replaced = attestation.supersedes_version
    return (
        f"Attestation {attestation.id} · version {attestation.version}"
        + (f", remplace la version {replaced}" if replaced else "")
        + f" · établie le {in_french(attestation.issued_at.date().isoformat())}"
    )


def _document_en(attestation: Attestation) -> str:
    replaced = attestation.supersedes_version
    return (
        f"Version {attestation.version}"
        + (f", which replaces version {replaced}" if replaced else "")
        + f" · issued on {in_english(attestation.issued_at.date().isoformat())}"
    )
