"""Acts on a diploma after its publication: one agent prepares, another approves, and what the act does is done in that transaction.

An act is tied to the version on which it was prepared: when the diploma has changed meanwhile, it is refused and prepared anew.
"""

import json
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag

from db.statements import Connection, Row, statement
from graph.acts import ActNotPossible, ActOutdated, ActPending, DiplomaActKind
from graph.enums import Mention
from graph.problems import AlreadyDone, NotFound, SecondAgentNeeded
from graph.text import Text
from resolvers import redaction
from resolvers.act_contents import Cell, Change, Proposed, proposed
from resolvers.act_effects import Means, take_effect
from resolvers.act_rules import RULES
from resolvers.callers import Caller
from resolvers.keys import Keyring
from resolvers.names import words
from resolvers.records import pads, prove_publication
from resolvers.sessions import locked

REGISTERED = statement("acts.registered")
RESULTS = statement("acts.results")
NEW_ID = statement("acts.new_id")
PREPARE = statement("acts.prepare")
PENDING_OF = statement("acts.pending_of")
FIND = statement("acts.find")
APPROVE = statement("acts.approve")
PROVE = statement("acts.prove")
CANCEL = statement("acts.cancel")

NOTHING = Proposed({}, ())
SETTLED = Text(
    "Une erreur du jury en faveur du candidat crée des droits : elle ne se reprend que dans les quatre mois (CRPA, L242-1).",
    "A jury's error in the candidate's favour creates rights: it is taken back within four months only (CRPA, L242-1).",
)
SHORTEST_NAME = 3
"""Letters of a name that a reason may not hold: shorter ones are words of the language."""


async def prepare(
    connection: Connection,
    keyring: Keyring,
    caller: Caller,
    diploma: UUID,
    kind: DiplomaActKind,
    *,
    reason: str,
    reference: str,
    cells: Iterable[Cell] = (),
) -> UUID:
    """Prepares an act on a diploma as it is now; nothing changes before another agent approves it. Returns the act.

    Raises `NotFound`, `CellRefused`, `ActPending` when another act waits, `ActNotPossible` when the diploma's status, its retention or the
    text given does not allow it.
    """
    rule = RULES[kind]
    caller.may(rule.prepare)
    async with connection.transaction():
        row = await REGISTERED.row(connection, diplomas=[diploma], academies=list(caller.academies))
        if row is None:
            raise unknown_diploma()
        given = list(cells)
        if bool(given) is not bool(rule.columns):
            raise ActNotPossible.refuse(
                Text("Cet acte n'écrit rien : ne donner aucune valeur.", "This act writes nothing: give no value.")
                if given
                else Text("Cet acte écrit des valeurs : en donner au moins une.", "This act writes values: give one at least.")
            )
        results: Row = await RESULTS.value(connection, diploma=diploma) or {}
        content = await proposed(connection, keyring, rule, row, results, given) if given else NOTHING
        if kind is DiplomaActKind.JURY_REVISION and row["settled"] and _worse(row["mention"], content):
            raise ActNotPossible.refuse(SETTLED)
        _check_names(row, content, f"{reason} {reference}")
        act: UUID = await NEW_ID.value(connection)
        prepared = await PREPARE.value(
            connection, id=act, diploma=diploma, kind=kind.name, version=row["version"], before=sorted(rule.before), reason=reason,
            reference=reference, proposed=_sealed(keyring, act, content) if given else None, agent=caller.id,
            academies=list(caller.academies),
        )  # fmt: skip
        if prepared is None:
            raise await _not_prepared(connection, caller, row, kind)
        await caller.journal(connection, "PREPARE_ACT", row["session_id"], diploma_act=act, diploma=diploma, kind=kind.name)
    return act


async def approve(connection: Connection, means: Means, caller: Caller, act: UUID) -> None:
    """Approves an act that another agent prepared: it takes effect.

    Raises `NotFound`, `AlreadyDone` when it is decided, `SecondAgentNeeded`, `ActOutdated` when the diploma has changed since.
    """
    found = await _found(connection, caller, act)
    kind = DiplomaActKind[found["kind"]]
    rule = RULES[kind]
    for right in rule.approve:
        caller.may(right)
    # acts, releases and withdrawals of a session wait for each other here
    async with locked(connection, caller, found["session_id"]):
        academies = list(caller.academies)
        found = await _found(connection, caller, act)
        # what a version said is proven before an act may take a part of it away
        while await prove_publication(connection, means.keyring, found["session_id"]):
            pass
        before = await REGISTERED.row(connection, diplomas=[found["diploma_id"]], academies=academies)
        after = await APPROVE.row(
            connection, act=act, agent=caller.id, academies=academies, writes=rule.writes, after=rule.after, renames=rule.renames
        )
        if after is None or before is None:
            raise _not_approved(caller, found)
        changes = dict(_opened(means.keyring, found).stored)
        await take_effect(connection, means, act, kind, before, after, changes)
        inner_pad, outer_pad = pads(means.keyring, act)
        await PROVE.value(connection, act=act, inner_pad=inner_pad, outer_pad=outer_pad)
        await caller.journal(
            connection,
            "APPROVE_ACT",
            found["session_id"],
            diploma_act=act,
            diploma=after["id"],
            kind=kind.name,
            version=after["version"],
        )


async def cancel(connection: Connection, caller: Caller, act: UUID) -> None:
    """Takes a pending act back. Raises `NotFound`, `AlreadyDone` when it is decided."""
    async with connection.transaction():
        found = await _found(connection, caller, act)
        kind = DiplomaActKind[found["kind"]]
        if caller.id != found["prepared_by"]:
            for right in RULES[kind].approve:
                caller.may(right)
        if await CANCEL.value(connection, act=act, agent=caller.id, academies=list(caller.academies)) is None:
            raise _decided()
        await caller.journal(
            connection, "CANCEL_ACT", found["session_id"], diploma_act=act, diploma=found["diploma_id"], kind=kind.name
        )


def changes_of(keyring: Keyring, act: UUID, kept: bytes) -> tuple[Change, ...]:
    """How a pending act is shown to the agent who is to approve it; nothing when what is kept does not open."""
    try:
        content = redaction.content_of(redaction.opened(keyring, kept, _place(act)))
    except (InvalidTag, ValueError):
        return ()
    return tuple(Change(*change) for change in content["changes"])


def unknown_diploma() -> Exception:
    """The refusal of an act on a diploma that is not of the caller's academies, or is not published."""
    return NotFound.refuse(
        Text(
            "Ce diplôme n'existe pas, n'est pas publié ou relève d'une autre académie.",
            "This diploma does not exist, is not published, or belongs to another academy.",
        )
    )


async def _found(connection: Connection, caller: Caller, act: UUID) -> Row:
    row = await FIND.row(connection, act=act, academies=list(caller.academies))
    if row is None:
        raise NotFound.refuse(
            Text("Cet acte n'existe pas ou relève d'une autre académie.", "This act does not exist or belongs to another academy.")
        )
    return row


def _worse(mention: str | None, content: Proposed) -> bool:
    """Whether a revision takes a mention away, or lowers it."""
    ranks = [None, *Mention.__members__]
    return ranks.index(content.stored.get("mention", mention)) < ranks.index(mention)


def _check_names(row: Row, content: Proposed, text: str) -> None:
    """Raises `ActNotPossible` when a reason or a reference names the holder: it stays when his name is to be forgotten."""
    said = words(text)
    names = (row["birth_name"], row["used_name"], content.stored.get("birth_name"), content.stored.get("used_name"))
    for name in map(words, filter(None, names)):
        held = any(said[place : place + len(name)] == name for place in range(len(said)))
        if held and len("".join(name)) >= SHORTEST_NAME:
            raise ActNotPossible.refuse(
                Text(
                    "Le motif et la référence ne nomment personne : ils restent quand le nom change.",
                    "Reason and reference name no person: they stay when the name changes.",
                )
            )


def _sealed(keyring: Keyring, act: UUID, content: Proposed) -> bytes:
    text = json.dumps({"stored": dict(content.stored), "changes": content.changes}, ensure_ascii=False)
    return redaction.sealed(keyring, text, _place(act))


def _opened(keyring: Keyring, found: Row) -> Proposed:
    if found["proposed"] is None:
        return NOTHING
    content: dict[str, Any] = redaction.content_of(redaction.opened(keyring, found["proposed"], _place(found["id"])))
    return Proposed(content["stored"], ())


def _place(act: UUID) -> str:
    return f"diploma_act:{act}"


async def _not_prepared(connection: Connection, caller: Caller, row: Row, kind: DiplomaActKind) -> Exception:
    if row["status"] not in RULES[kind].before:
        return ActNotPossible.refuse(
            Text(
                f"Le statut de ce diplôme ({row['status']}) ne permet pas cet acte.",
                f"The status of this diploma ({row['status']}) does not allow this act.",
            )
        )
    if await PENDING_OF.value(connection, diploma=row["id"], academies=list(caller.academies)) is not None:
        return ActPending.refuse(
            Text(
                "Un autre acte attend déjà sur ce diplôme : l'autoriser ou le reprendre d'abord.",
                "Another act waits on this diploma: approve it or take it back first.",
            )
        )
    if kind is DiplomaActKind.ERASURE:
        day = row["kept_until"]
        return ActNotPossible.refuse(
            Text(f"Ce diplôme se conserve jusqu'au {day:%d/%m/%Y}.", f"This diploma is to be kept until {day:%Y-%m-%d}.")
        )
    return _outdated()


def _not_approved(caller: Caller, found: Row) -> Exception:
    if found["approved_at"] is not None or found["cancelled_at"] is not None:
        return _decided()
    if found["prepared_by"] == caller.id:
        return SecondAgentNeeded.refuse(
            Text(
                "L'agent qui a préparé cet acte ne peut pas l'autoriser : il en faut un autre.",
                "The agent who prepared this act cannot approve it: another one must.",
            )
        )
    return _outdated()


def _decided() -> Exception:
    return AlreadyDone.refuse(Text("Cet acte est déjà autorisé ou repris.", "This act is approved or taken back already."))


def _outdated() -> Exception:
    return ActOutdated.refuse(
        Text(
            "Ce diplôme a changé depuis : reprendre cet acte, relire le diplôme et préparer l'acte à nouveau.",
            "This diploma has changed since: take this act back, read the diploma again, and prepare the act anew.",
        )
    )
