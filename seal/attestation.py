"""What an attestation says: one object with one spelling (RFC 8785), from which the page and the commitment derive."""

import re
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any, Protocol
from uuid import UUID

import rfc8785

from seal.fields import AttestationRefused, Fields, Malformed

TYPE = "urn:fr:attestation-diplome:1"
COMMITTING = b"attestation-diplome/v1\0"
LARGEST = 16 * 1024
"""Bytes of the largest object that is read."""
LONGEST = 600
"""Characters of the longest text of an attestation."""
MOST = 24
"""Particulars, or given names, that an attestation has at most."""
UNWRITABLE = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]")
"""Characters that are not seen or that reorder what is seen: a page cannot show them."""
BIRTH_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
CONTROL_KEY = re.compile(r"[0-9A-Z]{4}-[0-9A-Z]{4}")
LINK = re.compile(r"https?://[!-~]{1,192}")


class TooLarge(AttestationRefused):
    """There are more bytes than any attestation has."""

    def __init__(self) -> None:
        super().__init__(f"an attestation has at most {LARGEST} bytes")


class NotCanonical(AttestationRefused):
    """The bytes are not the one spelling of what they say (RFC 8785), or they say more than an attestation does."""

    def __init__(self) -> None:
        super().__init__("the bytes are not in canonical form, or hold what an attestation does not")


@dataclass(frozen=True)
class Issuer:
    """The legal person that attests: its name, its SIREN, and its identifier in the seal's certificate (ETSI EN 319 412-1, 5.1.4)."""

    name: str
    siren: str
    organization_identifier: str


@dataclass(frozen=True)
class Particular:
    """A line that a family adds to the page, in French with its English companion: a mention, specialities, an option."""

    name: str
    label_fr: str
    label_en: str
    value: str
    value_en: str | None = None


class SealedObject:
    """What a sealed file says, as one object."""

    def object(self) -> dict[str, Any]:
        """The JSON object that the file carries. What is not known is absent, never null."""
        raise NotImplementedError

    def canonical(self) -> bytes:
        """The bytes that the file carries (RFC 8785)."""
        return rfc8785.dumps(self.object())

    def commitment(self) -> bytes:
        """What a register may publish of it without telling anything of it, and by which it knows it again: see `commitment`."""
        return commitment(self.object())


@dataclass(frozen=True, kw_only=True, repr=False)
class Attestation(SealedObject):
    """One version of a diploma as its attestation says it. Raises `Malformed` for a value that no attestation can have.

    Names are spelled as the civil registry does. `birth_date` is ISO 8601, with 00 for an unknown month or day; `birth_commune`
    and `birth_country_code` are COG codes. `issued_at` is when the register recorded this version, to the second.
    """

    id: UUID
    version: int
    supersedes_version: int | None = None
    issuer: Issuer
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
    title_code: str | None = None
    session: int
    awarded_on: date | None = None
    academy: str
    academy_name: str
    national_level: int | None = None
    particulars: tuple[Particular, ...] = ()
    issued_at: datetime
    control_key: str
    link: str
    site: str
    salt: bytes

    def __post_init__(self) -> None:
        object.__setattr__(self, "issued_at", self.issued_at.astimezone(UTC).replace(microsecond=0))
        check_birth_date(self.birth_date)
        if not CONTROL_KEY.fullmatch(self.control_key):
            raise Malformed("control.key")
        if not LINK.fullmatch(self.link):
            raise Malformed("control.link")
        if len(self.salt) != 32:
            raise Malformed("salt")
        if self.version < 1 or (self.supersedes_version is not None and not 1 <= self.supersedes_version < self.version):
            raise Malformed("version")
        if len(self.particulars) > MOST or len(self.given_names) > MOST:
            raise Malformed("particulars" if len(self.particulars) > MOST else "holder.given_names")
        check_texts(self.object())

    def object(self) -> dict[str, Any]:
        return {
            "@type": TYPE,
            "id": self.id.urn,
            "version": self.version,
            "issuer": issuer_object(self.issuer),
            "holder": holder_object(self),
            "diploma": self._diploma(),
            "particulars": [_particular(each) for each in self.particulars],
            "control": {"key": self.control_key, "link": self.link, "site": self.site},
            "issued_at": self.issued_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "salt": octets(self.salt),
            **known(supersedes_version=self.supersedes_version),
        }

    def _diploma(self) -> dict[str, Any]:
        return {
            "family": self.family,
            "family_label": self.family_label,
            "title": self.title,
            "session": self.session,
            "academy": self.academy,
            "academy_name": self.academy_name,
            **known(
                code=self.title_code,
                jury_date=self.awarded_on and self.awarded_on.isoformat(),
                national_level=self.national_level,
            ),
        }


def commitment(attested: dict[str, Any]) -> bytes:
    """The salted SHA-256 of an attestation's object: it binds to every value and, the salt unknown, tells none."""
    salted = Fields(attested, "").octets("salt")
    return sha256(COMMITTING + salted + rfc8785.dumps({name: value for name, value in attested.items() if name != "salt"})).digest()


def attestation_of(top: "Fields") -> Attestation:
    """The attestation of an object. Raises `Malformed`."""
    diploma, control = top.part("diploma"), top.part("control")
    return Attestation(
        id=top.identifier("id"),
        version=top.number("version"),
        supersedes_version=top.number("supersedes_version") if top.has("supersedes_version") else None,
        issuer=issuer_of(top.part("issuer")),
        **holder_of(top.part("holder")),
        family=diploma.text("family"),
        family_label=diploma.text("family_label"),
        title=diploma.text("title"),
        title_code=diploma.maybe("code"),
        session=diploma.number("session"),
        awarded_on=diploma.day("jury_date") if diploma.has("jury_date") else None,
        academy=diploma.text("academy"),
        academy_name=diploma.text("academy_name"),
        national_level=diploma.number("national_level") if diploma.has("national_level") else None,
        particulars=tuple(
            Particular(each.text("name"), *each.pair("label"), each.text("value"), each.maybe("value_en"))
            for each in top.parts("particulars")
        ),
        issued_at=top.moment("issued_at"),
        control_key=control.text("key"),
        link=control.text("link"),
        site=control.text("site"),
        salt=top.octets("salt"),
    )


class Named(Protocol):
    """Whoever a sealed document names."""

    @property
    def birth_name(self) -> str: ...
    @property
    def used_name(self) -> str | None: ...
    @property
    def given_names(self) -> tuple[str, ...]: ...
    @property
    def birth_date(self) -> str | None: ...
    @property
    def birth_place(self) -> str | None: ...
    @property
    def birth_commune(self) -> str | None: ...
    @property
    def birth_country(self) -> str | None: ...
    @property
    def birth_country_code(self) -> str | None: ...


def known(**values: object) -> dict[str, Any]:
    """The values that there are: what is not known is absent, never null."""
    return {name: value for name, value in values.items() if value is not None}


def octets(value: bytes) -> str:
    """Bytes as an object has them (base64url without padding, RFC 4648)."""
    return urlsafe_b64encode(value).decode().rstrip("=")


def issuer_object(issuer: Issuer) -> dict[str, Any]:
    """The object `issuer` of a sealed document."""
    return {"name": issuer.name, "siren": issuer.siren, "organizationIdentifier": issuer.organization_identifier}


def issuer_of(fields: Fields) -> Issuer:
    """The issuer of an object. Raises `Malformed`."""
    return Issuer(fields.text("name"), fields.text("siren"), fields.text("organizationIdentifier"))


def holder_object(of: Named) -> dict[str, Any]:
    """The object `holder` of a sealed document."""
    place = known(label=of.birth_place, cog=of.birth_commune, country=of.birth_country, country_cog=of.birth_country_code)
    return {
        "birth_name": of.birth_name,
        "given_names": list(of.given_names),
        **known(usual_name=of.used_name, birth_date=of.birth_date and _shortened(of.birth_date), birth_place=place or None),
    }


def holder_of(fields: Fields) -> dict[str, Any]:
    """What an object says of a holder, by the names of `Named`. Raises `Malformed`."""
    place = fields.part("birth_place") if fields.has("birth_place") else Fields({}, "holder.birth_place.")
    return {
        "birth_name": fields.text("birth_name"),
        "used_name": fields.maybe("usual_name"),
        "given_names": fields.texts("given_names"),
        "birth_date": fields.birth_date("birth_date") if fields.has("birth_date") else None,
        "birth_place": place.maybe("label"),
        "birth_commune": place.maybe("cog"),
        "birth_country": place.maybe("country"),
        "birth_country_code": place.maybe("country_cog"),
    }


def _particular(each: Particular) -> dict[str, Any]:
    return {
        "name": each.name,
        "label": {"fr": each.label_fr, "en": each.label_en},
        "value": each.value,
        **known(value_en=each.value_en),
    }


def _shortened(birth_date: str) -> str:
    """ISO 8601 with reduced precision: `2008` where month and day are not known."""
    return birth_date.replace("-00", "")


def check_birth_date(text: str | None) -> None:
    """Raises `Malformed` for a date of birth that there is not."""
    if text is not None and not _is_birth_date(text):
        raise Malformed("holder.birth_date")


def _is_birth_date(text: str) -> bool:
    found = BIRTH_DATE.fullmatch(text)
    if found is None:
        return False
    year, month, day = (int(part) for part in found.groups())
    if month == 0 and day != 0:
        return False
    try:
        date(year, month or 1, day or 1)
    except ValueError:
        return False
    return True


def check_texts(value: object, path: str = "") -> None:
    """Raises `Malformed` where a text is empty, too long, or has characters that a page cannot show."""
    if isinstance(value, str):
        if not 0 < len(value) <= LONGEST or UNWRITABLE.search(value) is not None:
            raise Malformed(path)
    elif isinstance(value, dict):
        for name, each in value.items():
            check_texts(each, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for each in value:
            check_texts(each, path)
