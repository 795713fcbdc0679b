"""A family that a plugin brings: fields of every kind that a type may declare, one of them otherwise than every other family does."""

from collections.abc import Generator
from contextlib import contextmanager
from enum import Enum
from importlib.metadata import EntryPoint
from typing import Any
from unittest.mock import patch

import strawberry

from plugins import (
    Column,
    Diploma,
    Family,
    JuryGroup,
    Reader,
    Text,
    Value,
    column,
    computed,
    detail,
    member,
    one_of,
    part,
    parts,
    several_of,
    text,
    texts,
    whole,
)
from plugins.loading import GROUP, brought, families
from resolvers.schema import deployed, published


@strawberry.enum(description="Colour of the belt.")
class Belt(Enum):
    WHITE = strawberry.enum_value("WHITE", description="First")
    BLACK = strawberry.enum_value("BLACK", description="Last")


@strawberry.type(description="A place of the course.")
class Place:
    town: str = detail("town", "Town")
    country: str | None = detail("country", "Country, when it is told")


@strawberry.type(description="A part of the course.")
class Part:
    name: str = detail("name", "Name")
    hours: int | None = detail("hours", "Hours, when they are counted")
    place: Place | None = part("place", "Where it was, when it was anywhere")


def summed(label: str | None, listed: list[Any] | None) -> str:
    """A label and how many parts there are."""
    return f"{label} : {len(listed or ())}"


@strawberry.type(description="What the course was made of.")
class Course:
    label: str | None = detail("label", "Label, when it has one")
    parts: list[Part] = parts("parts", "Its parts", most=10)
    summary: str = computed((), summed, "In words", details=("label", "parts"))


def spelled(day: str | None, session: int) -> str:
    """A day or else a year, as a sentence."""
    return f"« {day} »" if day else f"\u2028{session}"


def yes_or_no(cell: str) -> Value:
    """OUI or NON as a truth value."""
    return one_of("OUI", "NON")(cell) == "OUI"


def stages(cell: str) -> Value:
    """Names separated by bars as parts."""
    return [{"name": name} for name in cell.split("|")]


def course(cell: str) -> Value:
    """A label, then names of parts, as a document."""
    label, *names = cell.split("|")
    return {"label": label, "parts": [{"name": name, "hours": None, "place": None} for name in names]}


@strawberry.type(description="Diploma of a plugin.")
class Belted(Diploma):
    # another family keeps its field of that name under another key
    option: str | None = detail("local_code", "Code of the establishment")
    art: str = detail("art", "Art")
    master: str | None = detail("master", "Master, when there was one")
    bouts: int = detail("bouts", "Bouts")
    rank: int | None = detail("rank", "Rank, when there is one")
    abroad: bool = detail("abroad", "Whether it was awarded abroad")
    renewed: bool | None = detail("renewed", "Whether it was renewed, when that is known")
    techniques: list[str] = detail("techniques", "Techniques")
    nicknames: list[str] | None = detail("nicknames", "Nicknames, when there are any")
    belt: Belt | None = detail("belt", "Belt", member(Belt))
    belts: list[Belt] | None = detail("belts", "Belts before it", lambda names: [Belt[name] for name in names])
    awarded_text: str = computed(("awarded_on", "session_year"), spelled, "When, in words")
    moment: str = computed(("published_at",), str, "When it was published, as text")
    academy_number: str = column("academy_code", "Code of its academy")
    course: Course = part("course", "What the course was made of")
    former_course: Course | None = part("former_course", "What an earlier course was made of, when there was one")
    stages: list[Part] = parts("stages", "Its stages", most=10)


def written(name: str, read: Reader, *, required: bool = False) -> Column:
    """A column that is published under its own name."""
    return Column(name, Text(name, name), read, required, name)


BELT = Family(
    code="belt",
    label=Text("Ceinture", "Belt"),
    ministry=Text("Sports", "Sports"),
    legal_basis=("code du sport",),
    type=Belted,
    jury_groups=(JuryGroup("UNIQUE", Text("Unique", "Only one"), "code du sport"),),
    columns=(
        written("local_code", text(20)),
        written("art", text(20), required=True),
        written("master", text(50)),
        written("bouts", whole(0, 999), required=True),
        written("rank", whole(1, 10)),
        written("abroad", yes_or_no, required=True),
        written("renewed", yes_or_no),
        written("techniques", texts(50), required=True),
        written("nicknames", texts(50)),
        written("belt", one_of(*Belt.__members__)),
        written("belts", several_of(*Belt.__members__)),
        written("course", course, required=True),
        written("former_course", course),
        written("stages", stages),
    ),
    decide=lambda results, session: None,  # noqa: ARG005
    title=lambda label, results: label or f"Ceinture ({results['art']})",
)


@contextmanager
def installed(family: str = f"{__name__}:BELT", code: str = "belt") -> Generator[None]:
    """A deployment that has this family as well, as it would from another distribution."""
    point = EntryPoint(code, family, GROUP)
    with patch("plugins.loading.entry_points", return_value=(point,)):
        for made in (brought, families, deployed, published):
            made.cache_clear()
        yield
    for made in (brought, families, deployed, published):
        made.cache_clear()
