"""Which families this deployment has: ours, then those of other distributions, through the same checks."""

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points, version
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from graph.diploma import Diploma
from plugins.contract import Family

OURS = ("dnb", "cap", "bep", "bac", "bts", "higher")
"""A literal tuple, not entry points: a bare checkout must never start without its families."""

GROUP = "parchemin.families"
CONTRACT = 1


class Brought(NamedTuple):
    """A family with the distribution that brings it, and the version of that."""

    family: Family
    distribution: str
    version: str


class FamilyError(SystemExit):
    """A family cannot be loaded. The process stops: skipping it would make diplomas disappear."""


def declared() -> Iterator[Brought]:
    """Each family with what brings it, ours first, others sorted by name; not yet whether they are sound."""
    version = our_version()
    for name in OURS:
        yield Brought(import_module(f"plugins.{name}").family, "parchemin", version)
    for point in sorted(entry_points(group=GROUP), key=lambda point: point.name):
        yield Brought(loaded(point), distribution_of(point), point.dist.version if point.dist is not None else "")


def our_version() -> str:
    """Version of this distribution: of the checkout that runs, else as it was installed."""
    project = Path(__file__).parent.parent / "pyproject.toml"
    return str(tomllib.loads(project.read_text("utf-8"))["project"]["version"]) if project.exists() else version("parchemin")


def distribution_of(point: EntryPoint) -> str:
    """Name of the distribution that declares an entry point."""
    return point.dist.name if point.dist is not None else point.value


def loaded(point: EntryPoint) -> Family:
    """The family an entry point names. Raises `FamilyError` with the distribution's name when it cannot be imported."""
    try:
        family = point.load()
    except ImportError as error:
        raise FamilyError(f"family '{point.name}' of distribution '{distribution_of(point)}' does not load: {error}") from error
    if not isinstance(family, Family):
        raise FamilyError(f"'{point.value}' of distribution '{distribution_of(point)}' is not a plugins.Family")
    return family


@cache
def families() -> MappingProxyType[str, Family]:
    """The families of this deployment by code, in stable order. Raises `FamilyError` on the first one that is unsound."""
    found: dict[str, Family] = {}
    brought_by: dict[str, str] = {}
    for family, distribution, _ in declared():
        if reason := unsound(family):
            raise FamilyError(f"family '{family.code}' of distribution '{distribution}' is refused: {reason}")
        if family.code in found:
            raise FamilyError(
                f"distributions '{brought_by[family.code]}' and '{distribution}' both bring a family '{family.code}': remove one"
            )
        found[family.code] = family
        brought_by[family.code] = distribution
    return MappingProxyType(found)


def unsound(family: Family) -> str | None:
    """Why a declaration cannot be taken, or None."""
    if not re.fullmatch(r"[a-z][a-z0-9_]{1,30}", family.code):
        return "its code must be a slug of 2 to 31 lower-case letters, digits and underscores"
    if Diploma not in family.type.__mro__:
        return "its type does not implement Diploma"
    if not family.legal_basis:
        return "it names no legal basis"
    if not family.jury_groups:
        return "it has no jury group, so nothing could ever be published"
    if f">={CONTRACT}" not in family.requires:
        return f"it requires the contract {family.requires}, and this is version {CONTRACT}"
    return None
