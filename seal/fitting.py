"""How a value fits in its place: at which size, in how many lines."""

from dataclasses import dataclass
from functools import lru_cache

from seal.drawing import Face
from seal.typesetting import Slot

BREAKS = frozenset(" -–—/")
"""The letters after which a line may end; a no-break space is none of them."""


class ValueTooLong(ValueError):
    """A value does not fit in the place that the page has for it, even at its smallest size."""

    def __init__(self, slot: str) -> None:
        super().__init__(f"the value of {slot} is too long for the page")
        self.slot = slot


@dataclass(frozen=True)
class Place:
    """A slot, and the face in which it is written."""

    slot: Slot
    face: Face

    def fitted(self, text: str) -> tuple[list[str], float]:
        """The lines of a text and their size, the largest at which it fits. Raises `ValueTooLong` or `LetterOutside`."""
        slot, whole = self.slot, self.face.width(text)
        if whole * slot.size <= slot.width * 1000:
            return [text], slot.size
        for size in (slot.size, (slot.size + slot.least) / 2, slot.least):
            room = slot.width * 1000 / size
            lines = [text] if whole <= room else wrapped(text, self.face, room)
            if len(lines) <= slot.lines:
                return balanced(text, self.face, room) if slot.to == "center" and len(lines) > 1 else lines, size
        raise ValueTooLong(slot.name)


def wrapped(text: str, face: Face, room: float) -> list[str]:
    """The lines of a text, each as full as may be; a word that is wider than a line is cut. Their joining gives the text again."""
    lines, line, width = list[str](), "", 0.0
    for word in _words(text):
        wide = face.width(word)
        # the space at the end of a line takes no room
        if line and width + face.width(word.rstrip(" ")) > room:
            lines.append(line)
            line, width = "", 0.0
        while not line and face.width(word.rstrip(" ")) > room:
            held = _held(word, face, room)
            lines.append(word[:held])
            word = word[held:]
            wide = face.width(word)
        line, width = line + word, width + wide
    return [*lines, line]


@lru_cache(256)
def balanced(text: str, face: Face, room: float) -> list[str]:
    """The lines of a text in the narrowest room that takes no more of them: centred lines look best when about as long."""
    lines = wrapped(text, face, room)
    for part in range(95, 50, -5):
        narrower = wrapped(text, face, room * part / 100)
        if len(narrower) > len(lines):
            break
        lines = narrower
    return lines


def _words(text: str) -> list[str]:
    """The pieces between which a line may end, each with what ends it."""
    words, begin = list[str](), 0
    for at, letter in enumerate(text, 1):
        if letter in BREAKS and at < len(text) and text[at] != " ":
            words.append(text[begin:at])
            begin = at
    return [*words, text[begin:]]


def _held(word: str, face: Face, room: float) -> int:
    """How many letters of a word a line holds; at least one."""
    held = 1
    while held < len(word) and face.width(word[: held + 1]) <= room:
        held += 1
    return held
