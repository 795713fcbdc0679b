"""Which families this deployment has: ours, then those of other distributions, through the same checks."""

import tomllib
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points, packages_distributions, version
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from plugins.contract import Family
from plugins.sound_types import types_of
from plugins.soundness import unsound
from plugins.titles import titles_in

OURS = ("dnb", "cap", "bep", "bac", "bts", "higher")
"""A literal tuple, not entry points: a bare checkout must never start without its families."""

OUR_DISTRIBUTION = "parchemin"
GROUP = "parchemin.families"

PACKAGES = ("graph", "plugins", "db", "seal", "resolvers", "planner", "population", "server")
"""Names under which this product is imported; they are common words, and pip lets a second distribution overwrite them silently."""


class Brought(NamedTuple):
    """A family with the distribution that brings it, and the version of that."""

    family: Family
    distribution: str
    version: str


class FamilyError(SystemExit):
    """A family cannot be taken, in one sentence. The process stops: skipping it would make diplomas disappear."""


def declared() -> Iterator[Brought]:
    """Each family with what brings it, ours first, others sorted by name; not yet whether they are sound.

    Raises `FamilyError` for one that cannot be imported.
    """
    ours = our_version()
    for name in OURS:
        yield Brought(import_module(f"plugins.{name}").family, OUR_DISTRIBUTION, ours)
    for point in sorted(entry_points(group=GROUP), key=lambda point: (point.name, distribution_of(point))):
        yield Brought(loaded(point), distribution_of(point), point.dist.version if point.dist is not None else "")


def our_version() -> str:
    """Version of this distribution: of the checkout that runs, else as it was installed."""
    project = Path(__file__).parent.parent / "pyproject.toml"
    if project.exists():
        return str(tomllib.loads(project.read_text("utf-8"))["project"]["version"])
    return version(OUR_DISTRIBUTION)


def distribution_of(point: EntryPoint) -> str:
    """Name of the distribution that declares an entry point."""
    return point.dist.name if point.dist is not None else point.value


def loaded(point: EntryPoint) -> Family:
    """The family an entry point names. Raises `FamilyError` with the distribution's name when there is none."""
    distribution = distribution_of(point)
    for file in (point.dist.files or ()) if point.dist is not None else ():
        if len(file.parts) > 1 and file.parts[0] in PACKAGES and distribution != OUR_DISTRIBUTION:
            raise FamilyError(f"distribution '{distribution}' ships '{file.parts[0]}', one of the import names of this product")
    try:
        family = point.load()
    except (Exception, SystemExit) as error:  # another's code runs here, and may fail in any way
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        raise FamilyError(f"family '{point.name}' of distribution '{distribution}' does not load: {reason}") from error
    if not isinstance(family, Family):
        raise FamilyError(f"'{point.value}' of distribution '{distribution}' is not a plugins.Family")
    if family.code != point.name:
        raise FamilyError(
            f"distribution '{distribution}' declares the family '{family.code}' as '{point.name}': name it as its code"
        )
    return family


@cache
def brought() -> tuple[Brought, ...]:
    """The families of this deployment in stable order. Raises `FamilyError` on the first one that is unsound or clashes."""
    _refuse_other_homes()
    taken: dict[tuple[str, str], tuple[Brought, object]] = {}
    found: list[Brought] = []
    for one in declared():
        if reason := unsound(one.family):
            raise FamilyError(f"family '{one.family.code}' of distribution '{one.distribution}' is refused: {reason}")
        for what, name, value in _claims(one):
            other, before = taken.setdefault((what, name), (one, value))
            if before is not value:
                raise FamilyError(
                    f"distributions '{other.distribution}' and '{one.distribution}' both bring {what} '{name}', the second in its family "
                    f"'{one.family.code}': remove one"
                )
        found.append(one)
    return tuple(found)


@cache
def families() -> MappingProxyType[str, Family]:
    """The families of this deployment by code, in stable order. Raises `FamilyError` on the first one that is unsound."""
    return MappingProxyType({one.family.code: one.family for one in brought()})


def _claims(one: Brought) -> Iterator[tuple[str, str, object]]:
    """What no two families may both have: what it is, its name, and the thing itself, for one that they share."""
    yield "the family", one.family.code, one
    for name, of in types_of(one.family).items():
        yield "the GraphQL type", name, of
    for kind in one.family.title_kinds:
        yield "the kind of title", kind, one
    for code in titles_in(one.family):
        yield "the title", code, one


def _refuse_other_homes() -> None:
    """Raises `FamilyError` when one of our packages would be imported from another place than the others."""
    here = Path(__file__).parent.parent
    for name in PACKAGES:
        spec = find_spec(name)
        if spec is None or spec.origin is None or Path(spec.origin).parent.parent != here:
            bringing = ", ".join(f"'{one}'" for one in packages_distributions().get(name, ())) or "another distribution than ours"
            raise FamilyError(
                f"the import name '{name}' of this product is shipped by {bringing}, in {spec and spec.origin}: remove that"
            )
