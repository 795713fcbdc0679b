"""A family that a plugin brings: fields of every kind that a type may declare, one of them otherwise than every other family does."""

from collections.abc import Generator
from contextlib import contextmanager
from enum import Enum
from importlib.metadata import EntryPoint
from unittest.mock import patch

import strawberry

from graph.diploma import Diploma
from graph.stored import column, computed, detail, each, member, within
from graph.text import Text
from plugins.contract import Family, JuryGroup
from plugins.loading import GROUP, families
from resolvers.schema import deployed, published


@strawberry.enum(description="Colour of the belt.")
class Belt(Enum):
    WHITE = strawberry.enum_value("WHITE", description="First")
    BLACK = strawberry.enum_value("BLACK", description="Last")


@strawberry.type(description="A place of the course.")
class Place:
    town: str = column("town", "Town")
    country: str | None = column("country", "Country, when it is told")


@strawberry.type(description="A part of the course.")
class Part:
    name: str = column("name", "Name")
    hours: int | None = column("hours", "Hours, when they are counted")
    place: Place | None = within("Where it was, when it was anywhere", document="place")


@strawberry.type(description="What the course was made of.")
class Course:
    label: str | None = column("label", "Label, when it has one")
    parts: list[Part] = each("parts", "Its parts", most=10)


def spelled(day: str | None, session: int) -> str:
    """A day or else a year, as a sentence."""
    return f"« {day} »" if day else f"\u2028{session}"


@strawberry.type(description="Diploma of a plugin.")
class Belted(Diploma):
    # the other families keep theirs in another column
    title_code: str | None = detail("local_code", "Code of the establishment")
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
    course: Course = within("What the course was made of", document="details")


BELT = Family(
    code="belt",
    label=Text("Ceinture", "Belt"),
    ministry=Text("Sports", "Sports"),
    legal_basis=("code du sport",),
    type=Belted,
    jury_groups=(JuryGroup("UNIQUE", Text("Unique", "Only one"), "code du sport"),),
    columns=(),
    decide=lambda results, session: None,  # noqa: ARG005
)


@contextmanager
def installed(family: str = f"{__name__}:BELT") -> Generator[None]:
    """A deployment that has this family as well, as it would from another distribution."""
    point = EntryPoint("belt", family, GROUP)
    with patch("plugins.loading.entry_points", return_value=(point,)):
        for made in (families, deployed, published):
            made.cache_clear()
        yield
    for made in (families, deployed, published):
        made.cache_clear()
