"""The draft of what is to be sealed: its values written into the template of their shape, nothing being drawn anew."""

from dataclasses import dataclass
from functools import lru_cache

from seal.attested import Attested, heading, words
from seal.attested import lines as lines_of
from seal.describing import Description
from seal.draft import Draft
from seal.drawing import Line, lines
from seal.fitting import Place
from seal.qr_code import path
from seal.template import Template
from seal.typesetting import Page, PageFull, PageRefused, drawn, slots

HOLE = 16_384
"""Hexadecimal digits that are kept for the signature: with RSA-3072, its chain and a time stamp it takes some 15,000."""
DENSITIES = (0, 1, 2, 3, 4)
"""How tight a page is set; the first at which everything fits is taken."""


@dataclass(frozen=True)
class Shape:
    """What a template is drawn for: the lines and size of each value, how many lines the family adds, how tight the page is."""

    values: tuple[tuple[str, int, float], ...]
    particulars: int
    tight: int


def fill(attested: Attested, page: Page, hole: int = HOLE) -> Draft:
    """The draft of what is attested on a page, the same bytes for the same.

    Raises `LetterOutside`, `ValueTooLong` or `PageFull` for values that the page cannot bear, `PageRefused` for a page that is none.
    """
    said = words(attested)
    for tight in DENSITIES:
        places = places_of(page, tight)
        fitted = {name: places[name.partition(".")[0]].fitted(value) for name, value in said.items()}
        values = tuple([(name, len(held), size) for name, (held, size) in fitted.items()])
        template = template_of(page, Shape(values, lines_of(attested), tight))
        if template is not None:
            written = [line for held, _ in fitted.values() for line in held]
            attached = attested.canonical()
            described = Description.of(
                heading(attested), attested.issuer.name, attested.id, attested.issued_at, template.prefix.state.digest(), attached
            )
            return template.filled(_content(template, written, attested.link), attached, described, hole)
    raise PageFull


def check(page: Page) -> None:
    """Raises `PageRefused` for a page on which no attestation can be written: a slot missing, two pages, letters that its fonts lack."""
    for tight in DENSITIES:
        places = places_of(page, tight)
        values = tuple((name, 1, places[name.partition(".")[0]].slot.size) for name in page.everything)
        if template_of(page, Shape(values, 1, tight)) is not None:
            return
    raise PageFull


def _content(template: Template, written: list[str], link: str) -> bytes:
    """The content stream of a page: what is constant in it, with the lines and the code."""
    parts = list[bytes]()
    for part in template.parts:
        if isinstance(part, bytes):
            parts.append(part)
        elif isinstance(part, Line):
            parts.append(part.shown(written[part.number]))
        else:
            parts.append(path(link, part.side))
    return b"".join(parts)


@lru_cache(32)
def places_of(page: Page, tight: int) -> dict[str, Place]:
    """The slots of a page and their faces, learned from the page with every value."""
    declared = slots(page, tight)
    values = {
        name: ([_placeholder(number, declared[name.partition(".")[0]].to)], declared[name.partition(".")[0]].size)
        for number, name in enumerate(page.everything)
    }
    faces = {line.number: line.face for line in lines(drawn(page, values, 1, tight))}
    places = dict[str, Place]()
    for number, name in enumerate(page.everything):
        if number not in faces:
            raise PageRefused(f"the page does not draw the slot {name}")
        slot = declared[name.partition(".")[0]]
        places[slot.name] = Place(slot, faces[number])
    return places


@lru_cache(256)
def template_of(page: Page, shape: Shape) -> Template | None:
    """The template of a shape, or None when the shape needs more than one page."""
    places, values, number = places_of(page, shape.tight), dict[str, tuple[list[str], float]](), 0
    for name, count, size in shape.values:
        to = places[name.partition(".")[0]].slot.to
        values[name] = [_placeholder(each, to) for each in range(number, number + count)], size
        number += count
    try:
        template = Template.of(drawn(page, values, shape.particulars, shape.tight))
    except PageFull:
        return None
    if sorted(part.number for part in template.parts if isinstance(part, Line)) != list(range(number)):
        raise PageRefused("a page draws each line of a value once")
    return template


def _placeholder(number: int, to: str) -> str:
    return f"§{number}{to[0]}§"
