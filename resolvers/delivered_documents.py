"""What an exam service delivers on a request, as its document says it: the request's person and diploma, and what the agent read in the
archives. The seal service builds such documents from here."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from db.statements import Row
from resolvers.attestations import names
from resolvers.keys import Keyring
from resolvers.known_families import family_of
from resolvers.people import FRANCE
from seal.attestation import Issuer
from seal.delivered import DeliveredDocument, Kind, Mark
from seal.fields import Malformed
from seal.typesetting import Page

NOBODY_YET = Issuer("Émetteur", "000000000", "NTRFR-000000000")
"""The issuer of a document that is only looked at: whether its values can stand there."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, repr=False)
class Found:
    """What an agent found in the archives of his service; `session` is the one that was asked for, unless it was another."""

    title: str
    series: str | None = None
    mention: str | None = None
    session: int | None = None
    awarded_on: date | None = None
    marks: tuple[Mark, ...] = ()
    average: str | None = None


def facts_of(request: Row, kind: Kind, found: Found) -> dict[str, Any]:
    """All that the document of a request says, but who issues it and when, as it is stored: it stays when an account is closed.

    Takes a row of `deliveries.deliverable`. Raises `seal.fields.Malformed` for what no document can say.
    """
    person = request["person"]
    country: str = person["birth_country"]
    session = found.session or request["year"]
    if found.awarded_on is not None and found.awarded_on.year < session:
        raise Malformed("diploma.awarded_on")
    facts = {
        "kind": kind,
        "service": request["service_name"],
        "reference": request["reference"],
        "birth_name": person["family_name"],
        "used_name": person["used_name"],
        "given_names": person["given_names"],
        "birth_date": person.get("declared_birth_date") or person["birth_date"],
        "birth_place": names().get(person["birth_commune"] or ""),
        "birth_commune": person["birth_commune"],
        "birth_country": None if country == FRANCE else names().get(country),
        "birth_country_code": country,
        "family": request["family"],
        "family_label": family_of(request["family"]).label.fr,
        "academy": request["academy_code"],
        "academy_name": request["academy_name"],
        **asdict(found),
        "session": session,
        "awarded_on": found.awarded_on.isoformat() if found.awarded_on else None,
    }
    _document(facts, UUID(int=0), NOBODY_YET, "https://registre.invalid", bytes(32))
    return facts


def document_of(row: Row, keyring: Keyring, issuer: Issuer, base: str) -> DeliveredDocument:
    """The document of a row of `deliveries.to_draw`; the same row makes the same document. Raises `seal.fields.Malformed`."""
    return _document(row["facts"], row["id"], issuer, base, keyring.salt(row["id"], 1), row["asked_at"])


def _document(
    facts: Mapping[str, Any], id_: UUID, issuer: Issuer, base: str, salt: bytes, issued_at: datetime = EPOCH
) -> DeliveredDocument:
    given: dict[str, Any] = {field.name: facts.get(field.name) for field in fields(DeliveredDocument)}
    given |= {
        "given_names": tuple(facts["given_names"]),
        "marks": tuple(Mark(**mark) for mark in facts["marks"]),
        "awarded_on": date.fromisoformat(facts["awarded_on"]) if facts["awarded_on"] else None,
    }
    given |= {
        "id": id_,
        "issuer": issuer,
        "issued_at": issued_at,
        "salt": salt,
        "link": f"{base}/v",
        "site": f"{base.partition('://')[2]}/v",
    }
    return DeliveredDocument(**given)


@cache
def delivered_page(theme: Path | None) -> Page:
    """The page of such documents, in the look of the operator's theme. Raises `seal.typesetting.PageRefused`."""
    return Page.delivered(theme)
