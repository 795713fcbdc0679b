"""The families that this register knows: those that are installed, and those that were, whose diplomas it still shows.

A family that is *gone* has a stand-in, made of what it declared when it was last here: the plain type, no columns of its own, no rules, no
lines. Readers need no more, and tell no difference. What needs the family itself asks `plugins.loading.families()`, and refuses with
`absence`.
"""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Any, NamedTuple

import structlog

from db.statements import Database, Row, statement
from graph.diploma import OtherDiploma
from graph.text import Text
from plugins.contract import AskedAt, Dated, Elsewhere, Family, JuryGroup
from plugins.loading import Brought, brought, families

REMEMBER = statement("known_families.remember")
GONE = statement("known_families.gone")

log = structlog.get_logger()


class Gone(NamedTuple):
    """A family that is not installed: what stands for it, the distribution that brought it, and how many diplomas of it are published."""

    family: Family
    type_name: str
    distribution: str
    version: str
    diplomas: int


_gone: Mapping[str, Gone] = MappingProxyType({})
"""Those of this process, as `recall` read them: like `families()`, they do not change while it runs."""


def families_known() -> Mapping[str, Family]:
    """The families of the register by code: those that are installed, then what stands for those that are gone."""
    return {**families(), **{code: one.family for code, one in _gone.items()}}


def family_of(code: str) -> Family:
    """The family of a row, or what stands for it."""
    installed = families().get(code)
    if installed is not None:
        return installed
    return _gone[code].family if code in _gone else _stranger(code)


def absence(code: str) -> Text:
    """Why an act that needs the family itself cannot be done, and what the operator can do about it."""
    label = family_of(code).label
    if code not in _gone:
        return Text(f"La famille « {label.fr} » n'est pas installée ici.", f"The family “{label.en}” is not installed here.")
    which = f"{_gone[code].distribution} {_gone[code].version}".strip()
    return Text(
        f"La famille « {label.fr} » n'est plus installée ici : ses diplômes restent lisibles et vérifiables, mais cet acte a besoin "
        f"d'elle. Demander à l'exploitant d'installer à nouveau la distribution {which}.",
        f"The family “{label.en}” is no longer installed here: its diplomas stay readable and verifiable, but this act needs it. Ask the "
        f"operator to install the distribution {which} again.",
    )


async def remember(database: Database) -> None:
    """Writes what the installed families declare, where the register does not have it, and once a day that they are here."""
    await REMEMBER.run(database, families=[_row(one) for one in brought()])


async def gone(database: Database) -> list[Gone]:
    """The families that the register has known and that are not installed."""
    return [_read(row) for row in await GONE.rows(database, installed=list(families()))]


async def recall(database: Database) -> None:
    """Has this process know the families that are gone."""
    global _gone
    _gone = MappingProxyType({one.family.code: one for one in await gone(database)})


async def begin(database: Database) -> None:
    """What a process that answers, works or seals does first: remembers, recalls, and says which families are gone."""
    await remember(database)
    await recall(database)
    for code, one in _gone.items():
        log.warning(
            "family_gone", family=code, distribution=one.distribution, version=one.version, diplomas=one.diplomas,
            detail="its diplomas are shown as OtherDiploma, no session of it opens: install the distribution again",
        )  # fmt: skip


@cache
def _stranger(code: str) -> Family:
    """What stands for a family of which the register has the code alone: its process began before another one brought it."""
    return _stand_in(code, Text(code, code), ministry=Text("", ""), legal_basis=(), jury_groups=())


def _stand_in(code: str, label: Text, **known: Any) -> Family:
    return Family(code=code, label=label, type=OtherDiploma, columns=(), decide=lambda _results, _session: None, **known)


def _row(one: Brought) -> dict[str, Any]:
    """The row of a family."""
    family, distribution, version = one
    return {
        "code": family.code, "label_fr": family.label.fr, "label_en": family.label.en, "ministry_fr": family.ministry.fr,
        "ministry_en": family.ministry.en, "legal_basis": list(family.legal_basis), "type_name": family.type.__name__,
        "title_kinds": list(family.title_kinds), "first_session": family.first_session, "last_session": family.last_session,
        "jury_groups": [
            {"code": group.code, "label": group.label._asdict(), "reference": group.reference, "first": group.first, "last": group.last}
            for group in family.jury_groups
        ],
        "asked_at": _asked_as_json(family.asked_at), "distribution": distribution, "distribution_version": version,
        "requires": family.requires,
    }  # fmt: skip


def _read(row: Row) -> Gone:
    groups = tuple(JuryGroup(**one | {"label": Text(**one["label"])}) for one in row["jury_groups"])
    family = _stand_in(
        row["code"], Text(row["label_fr"], row["label_en"]), ministry=Text(row["ministry_fr"], row["ministry_en"]),
        legal_basis=tuple(row["legal_basis"]), jury_groups=groups, title_kinds=tuple(row["title_kinds"]),
        first_session=row["first_session"], last_session=row["last_session"], asked_at=_asked(row["asked_at"]),
        requires=row["requires"],
    )  # fmt: skip
    return Gone(family, row["type_name"], row["distribution"], row["distribution_version"], row["diplomas"])


def _asked_as_json(asked: AskedAt | tuple[Dated[AskedAt], ...]) -> Any:
    """A name, a document of where else to ask, or a list of either with its sessions."""
    if isinstance(asked, tuple):
        return [
            {"value": _asked_as_json(one.value), "reference": one.reference, "first": one.first, "last": one.last} for one in asked
        ]
    if isinstance(asked, Elsewhere):
        return {"instructions": asked.instructions._asdict(), "website": asked.website}
    return asked


def _asked(stored: Any) -> Any:
    if isinstance(stored, list):
        return tuple(Dated(**one | {"value": _asked(one["value"])}) for one in stored)
    if isinstance(stored, dict):
        return Elsewhere(Text(**stored["instructions"]), stored["website"])
    return stored
