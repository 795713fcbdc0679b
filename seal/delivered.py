"""What a document says that an exam service delivers at request, from archives that are not in the register: one object, one spelling.

It has no control key: nothing of it is looked up. Who has the file sends it to be verified, and the register knows it by its commitment.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Literal, cast
from uuid import UUID

from seal.attestation import (
    LINK,
    Issuer,
    SealedObject,
    check_birth_date,
    check_texts,
    holder_object,
    holder_of,
    issuer_object,
    issuer_of,
    known,
    octets,
)
from seal.fields import Fields, Malformed

TYPE = "urn:fr:document-delivre:1"
MOST_MARKS = 30
"""Of a mark sheet: an old baccalauréat technologique has some twenty."""

Kind = Literal["ATTESTATION", "MARK_SHEET"]
KINDS = ("ATTESTATION", "MARK_SHEET")


@dataclass(frozen=True)
class Mark:
    """A test of an examination: its subject, what the jury wrote (`14,5 / 20`, `dispensé`), its coefficient."""

    subject: str
    mark: str
    coefficient: str | None = None


@dataclass(frozen=True, kw_only=True, repr=False)
class DeliveredDocument(SealedObject):
    """An attestation of success or a mark sheet. Raises `Malformed` for a value that none can have.

    `service` is the exam service that answered the request `reference`. Names, dates and places are as those of an attestation. `series`
    is a série, spécialité or option; `average` is the jury's, as it wrote it. `issued_at` is when the service decided, to the second.
    """

    id: UUID
    kind: Kind
    issuer: Issuer
    service: str
    reference: str
    birth_name: str
    used_name: str | None = None
    given_names: tuple[str, ...]
    birth_date: str | None = None
    birth_place: str | None = None
    birth_commune: str | None = None
    birth_country: str | None = None
    birth_country_code: str | None = None
    family: str
    family_label: str
    title: str
    series: str | None = None
    mention: str | None = None
    session: int
    awarded_on: date | None = None
    academy: str
    academy_name: str
    marks: tuple[Mark, ...] = ()
    average: str | None = None
    issued_at: datetime
    link: str
    site: str
    salt: bytes

    def __post_init__(self) -> None:
        object.__setattr__(self, "issued_at", self.issued_at.astimezone(UTC).replace(microsecond=0))
        check_birth_date(self.birth_date)
        if self.kind not in KINDS:
            raise Malformed("kind")
        if not LINK.fullmatch(self.link):
            raise Malformed("control.link")
        if len(self.salt) != 32:
            raise Malformed("salt")
        if len(self.marks) > MOST_MARKS or bool(self.marks) is not (self.kind == "MARK_SHEET"):
            raise Malformed("marks")
        check_texts(self.object())

    def object(self) -> dict[str, Any]:
        return {
            "@type": TYPE,
            "id": self.id.urn,
            "kind": self.kind,
            "issuer": issuer_object(self.issuer),
            "request": {"service": self.service, "reference": self.reference},
            "holder": holder_object(self),
            "diploma": self._diploma(),
            "control": {"link": self.link, "site": self.site},
            "issued_at": self.issued_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "salt": octets(self.salt),
            **known(marks=[_mark(each) for each in self.marks] or None, average=self.average),
        }

    def _diploma(self) -> dict[str, Any]:
        return {
            "family": self.family,
            "family_label": self.family_label,
            "title": self.title,
            "session": self.session,
            "academy": self.academy,
            "academy_name": self.academy_name,
            **known(series=self.series, mention=self.mention, jury_date=self.awarded_on.isoformat() if self.awarded_on else None),
        }


def delivered_of(top: Fields) -> DeliveredDocument:
    """The document of an object. Raises `Malformed`."""
    request, diploma, control = (top.part(name) for name in ("request", "diploma", "control"))
    return DeliveredDocument(
        id=top.identifier("id"),
        kind=cast("Kind", top.text("kind")),
        issuer=issuer_of(top.part("issuer")),
        service=request.text("service"),
        reference=request.text("reference"),
        **holder_of(top.part("holder")),
        family=diploma.text("family"),
        family_label=diploma.text("family_label"),
        title=diploma.text("title"),
        series=diploma.maybe("series"),
        mention=diploma.maybe("mention"),
        session=diploma.number("session"),
        awarded_on=diploma.day("jury_date") if diploma.has("jury_date") else None,
        academy=diploma.text("academy"),
        academy_name=diploma.text("academy_name"),
        marks=tuple(
            Mark(each.text("subject"), each.text("mark"), each.maybe("coefficient"))
            for each in (top.parts("marks") if top.has("marks") else ())
        ),
        average=top.maybe("average"),
        issued_at=top.moment("issued_at"),
        link=control.text("link"),
        site=control.text("site"),
        salt=top.octets("salt"),
    )


def _mark(each: Mark) -> dict[str, Any]:
    return {"subject": each.subject, "mark": each.mark, **known(coefficient=each.coefficient)}
