"""What a family is before it decides anything: installed, sound, and an addition to the schema that changes nothing of it."""

import sys
from collections.abc import Iterator
from datetime import date
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from graphql import build_schema, print_type

from plugins.contract import Family
from plugins.loading import OURS, Brought, FamilyError, brought
from plugins.soundness import faults
from resolvers.deployment import check
from resolvers.schema import schema_of
from server.schema_changes import Weight, changes

NAMED = "parchemin"
ROOTS = ("Query", "Mutation", "Subscription")


def bringing(family: Family) -> Brought | None:
    """What brings the family to this deployment, or None. Raises `FamilyError` when the deployment would not start."""
    return next((one for one in brought() if one.family is family), None)


def not_installed(family: Family) -> Iterator[str]:
    """Why a deployment that has the package does not have the family."""
    try:
        check()
        found = bringing(family)
    except FamilyError as error:
        yield str(error)
        return
    if found is None:
        yield f"no entry point of the group parchemin.families names it as '{family.code}': install its package (pip install .)"
    elif not found.distribution.replace("_", "-").startswith(NAMED):
        yield f"its distribution is called '{found.distribution}', and the names of families' distributions begin with {NAMED}-"


def unsound(family: Family) -> Iterator[str]:
    """Everything that the register would refuse of the declaration."""
    yield from faults(family)


def lost_files(family: Family) -> Iterator[str]:
    """Files that the declaration names and the installed distribution does not have."""
    found = bringing(family)
    if found is None:
        return
    named = [family.titles, family.cases, family.page, *(sample.file for sample in family.samples)]
    try:
        listed = distribution(found.distribution).files
    except PackageNotFoundError:
        listed = None
    # by their place in the package: tests may import it from the repository, where nothing is ever missing
    shipped = {file.as_posix() for file in listed or ()}
    package = family.decide.__module__.partition(".")[0]
    if f"{package}/__init__.py" not in shipped:
        return  # an editable installation lists none of its files, and loses none
    root = Path(str(sys.modules[package].__file__)).parent.parent
    for file in named:
        if file is not None and file.resolve().relative_to(root.resolve()).as_posix() not in shipped:
            yield f"the file {file.name} is not in the installed distribution"


def broken_schema(family: Family) -> Iterator[str]:
    """What clients of our families would lose by this one, and root fields that they would find."""
    others = [one.family.type for one in brought() if one.family.code in OURS and one.family is not family]
    before, after = (build_schema(schema_of(types, in_order=True).as_str()) for types in (others, [*others, family.type]))
    for change in changes(before, after, date.today()):
        if change.weight is Weight.BREAKING:
            yield f"the schema with it breaks ours: {change.text}"
    for name in ROOTS:
        if print_type(before.type_map[name]) != print_type(after.type_map[name]):
            yield f"the schema with it changes {name}"
