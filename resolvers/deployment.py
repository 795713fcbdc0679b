"""What the families of other distributions may not take from the register itself: names of its schema, codes of its titles."""

from db.reference import rows
from plugins.loading import OURS, Brought, FamilyError, brought
from plugins.sound_types import types_of
from plugins.titles import titles_in
from resolvers.schema import schema_of


def check() -> None:
    """Raises `FamilyError` for the first family that cannot be loaded, is unsound, or takes what is the register's."""
    others = [one for one in brought() if one.family.code not in OURS]
    if others:
        # making our schema takes a tenth of a second, which a deployment of our families alone is spared
        names, codes = frozenset(schema_of(()).core.type_map), frozenset(row["code"] for row in rows("diploma_title"))
        for one in others:
            _refuse(one, "GraphQL type", types_of(one.family).keys() & names)
            _refuse(one, "title", titles_in(one.family).keys() & codes)


def _refuse(one: Brought, what: str, taken: set[str]) -> None:
    if taken:
        refused = f"family '{one.family.code}' of distribution '{one.distribution}' is refused"
        raise FamilyError(f"{refused}: its {what} '{min(taken)}' is one of the register's")
