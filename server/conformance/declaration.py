"""What the declaration of a family says, and the distribution that brings it."""

import sys
from collections.abc import Iterator
from importlib.metadata import Distribution, distribution
from pathlib import Path

from plugins.contract import Family
from plugins.loading import OUR_DISTRIBUTION, OURS, Brought, FamilyError, brought
from plugins.soundness import faults
from resolvers import deployment


def unsound(family: Family) -> Iterator[str]:
    """What the declaration lacks by itself."""
    return (f"{family.code}: {fault}" for fault in faults(family))


def not_taken(family: Family) -> Iterator[str]:
    """Why this environment does not take the family beside the others."""
    try:
        deployment.check()
    except FamilyError as refused:
        yield str(refused)
        return
    if bringing(family) is None:
        yield not_installed(family)


def not_installed(family: Family) -> str:
    """What to do about a family that no distribution of this environment brings."""
    declared = f'[project.entry-points."parchemin.families"] {family.code} = "package.module:attribute"'
    return (
        f"no installed distribution brings this '{family.code}': declare it in pyproject.toml ({declared}) and run `pip install .`"
    )


def bringing(family: Family) -> Brought | None:
    """What brings the family, None when this very declaration is not installed."""
    return next((one for one in brought() if one.family is family), None)


def missing_files(family: Family) -> Iterator[str]:
    """Files that the declaration names and the installed distribution does not have: a package that was built without them."""
    one = bringing(family)
    if one is None:
        yield not_installed(family)
    elif family.code not in OURS:
        yield from _missing(family, distribution(one.distribution))


def _missing(family: Family, of: Distribution) -> Iterator[str]:
    shipped = {Path(str(of.locate_file(file))).resolve() for file in of.files or ()}
    if not any(file.suffix == ".py" for file in shipped):
        return  # an editable installation lists none of its files, and loses none
    # tests that run in the repository import the package from there: what counts is its place in the package
    package = sys.modules[family.decide.__module__.partition(".")[0]]
    here, there = Path(str(package.__file__)).resolve().parent.parent, Path(str(of.locate_file("."))).resolve()
    named = (family.titles, family.page, family.cases, *(sample.file for sample in family.samples))
    for file in (file.resolve() for file in named if file is not None):
        if file not in shipped and not (file.is_relative_to(here) and there / file.relative_to(here) in shipped):
            yield f"{file.name} is not among the files of the distribution '{of.name}': put it in the package, and build it again"


def unusual_name(family: Family) -> str | None:
    """What is unusual about the name of the distribution."""
    one = bringing(family)
    if one is None or one.distribution == OUR_DISTRIBUTION or one.distribution.startswith("parchemin-"):
        return None
    return f"the distribution '{one.distribution}' is better named 'parchemin-…': that is how operators find families"
