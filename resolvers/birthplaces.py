"""The commune that somebody means who writes where he was born: a name, a name with its department, or a code."""

import re
from collections import defaultdict
from collections.abc import Mapping, Set
from functools import cache

from resolvers.places import ASIDE, DEPARTMENT, department, place_key, places

CODE = re.compile(r"(?:2[AB]|[0-9]{2})[0-9]{3}", re.IGNORECASE)
"""Any code: our table has gaps."""


class UnknownCommune(Exception):
    """No commune has that name or code."""


class AmbiguousCommune(Exception):
    """Several communes have that name."""


def commune_called(label: str) -> str:
    """The COG code of a commune: of `25056`, `Besançon` or `Saint-Denis (93)`.

    Of a commune and those that it was merged from, which share its name, it is the one they belong to.
    Raises `UnknownCommune`, `AmbiguousCommune`.
    """
    if CODE.fullmatch(label):
        return label.upper()
    aside = ASIDE.fullmatch(label)
    name, where = (aside[1], aside[2].upper()) if aside is not None and DEPARTMENT.fullmatch(aside[2]) else (label, None)
    found = {code for code in _by_name().get(place_key(name), ()) if where in (None, department(code))}
    if not found:
        raise UnknownCommune
    whole = {_whole(code, found) for code in found}
    if len(whole) > 1:
        raise AmbiguousCommune
    return whole.pop()


def _whole(code: str, among: Set[str]) -> str:
    """What a commune belongs to among those."""
    while (above := places().belongs_to.get(code)) in among:
        assert above is not None
        code = above
    return code


@cache
def _by_name() -> Mapping[str, tuple[str, ...]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for code, keys in places().communes.items():
        for key in keys:
            found[key].append(code)
    return {key: tuple(codes) for key, codes in found.items()}
