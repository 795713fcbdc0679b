"""A JSON object read field by field, each of which must be there with the right type."""

from base64 import urlsafe_b64decode
from binascii import Error as NotBase64
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID


class AttestationRefused(ValueError):
    """What was given is no attestation."""


class Malformed(AttestationRefused):
    """A field is missing, or has a value that it cannot have. `field` is its path, `diploma.title`; its value is never told."""

    def __init__(self, field: str) -> None:
        super().__init__(f"the field {field} is missing, or has a value that it cannot have")
        self.field = field


class Fields:
    """A JSON object that is read field by field: each is there with the right type, or `Malformed` says which is not."""

    def __init__(self, value: object, path: str) -> None:
        if not isinstance(value, dict):
            raise Malformed(path.rstrip(".") or "(all)")
        self.fields: dict[str, Any] = value
        self.path = path

    def has(self, name: str) -> bool:
        return name in self.fields

    def text(self, name: str) -> str:
        value = self.fields.get(name)
        if not isinstance(value, str):
            raise Malformed(self.path + name)
        return value

    def maybe(self, name: str) -> str | None:
        return self.text(name) if name in self.fields else None

    def number(self, name: str) -> int:
        value = self.fields.get(name)
        if type(value) is not int or not 0 <= value < 100_000:
            raise Malformed(self.path + name)
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        value = self.fields.get(name)
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            raise Malformed(self.path + name)
        return tuple(value)

    def part(self, name: str) -> "Fields":
        return Fields(self.fields.get(name), f"{self.path}{name}.")

    def parts(self, name: str) -> list["Fields"]:
        value = self.fields.get(name)
        if not isinstance(value, list):
            raise Malformed(self.path + name)
        return [Fields(each, f"{self.path}{name}.") for each in value]

    def pair(self, name: str) -> tuple[str, str]:
        both = self.part(name)
        return both.text("fr"), both.text("en")

    def identifier(self, name: str) -> UUID:
        try:
            return UUID(self.text(name))
        except ValueError:
            raise Malformed(self.path + name) from None

    def day(self, name: str) -> date:
        try:
            return date.fromisoformat(self.text(name))
        except ValueError:
            raise Malformed(self.path + name) from None

    def moment(self, name: str) -> datetime:
        try:
            return datetime.strptime(self.text(name), "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        except ValueError:
            raise Malformed(self.path + name) from None

    def birth_date(self, name: str) -> str:
        return self.text(name) + "-00" * (2 - self.text(name).count("-"))

    def octets(self, name: str) -> bytes:
        try:
            return urlsafe_b64decode(self.text(name).encode() + b"=")
        except (NotBase64, UnicodeEncodeError):
            raise Malformed(self.path + name) from None
