"""Exam sessions as agents see them: jury groups, imports, publications."""

from datetime import datetime
from enum import Enum
from typing import Any

import strawberry
from strawberry import relay

from graph.enums import Decision, Mention, SessionState
from graph.stored import column, for_caller, identity, many, member, paged, within
from graph.text import Text

MOST_GROUPS = 10


def said(french: str, english: str, description: str) -> Any:
    """A sentence that is stored in both languages, in the caller's."""
    return for_caller((french, english), "said", description)


def missing_of(import_id: str | None, open_groups: list[str], undecided: int, unconfirmed: int) -> list[Text]:
    """What a session lacks for it to be complete, a sentence each; empty when nothing is missing."""
    found: list[Text] = []
    if import_id is None:
        found.append(Text("Aucun résultat n'est importé.", "No results are imported."))
    if listed := ", ".join(open_groups):
        found.append(Text(f"Groupes d'épreuves à clore : {listed}.", f"Jury groups to close: {listed}."))
    if undecided:
        found.append(Text(f"Candidats sans décision finale : {undecided}.", f"Candidates without a final decision: {undecided}."))
    if unconfirmed:
        found.append(
            Text(
                f"Décisions contraires aux règles, à confirmer : {unconfirmed}.",
                f"Decisions against the rules, to confirm: {unconfirmed}.",
            )
        )
    return found


@strawberry.type(description="A jury group of a session.")
class JuryGroup:
    code: str = column("code", "Code in import files")
    closed_at: datetime | None = column("closed_at", "When it was closed; its final decisions stand from then on")
    closed_by: str | None = column("closed_by", "Agent who closed it")


@strawberry.enum(description="Where an import stands.")
class ImportState(Enum):
    WAITING = strawberry.enum_value("WAITING", description="Waits for a worker")
    RUNNING = strawberry.enum_value("RUNNING", description="Is being read")
    STAGED = strawberry.enum_value("STAGED", description="Was read; changes nothing until it is applied")
    CURRENT = strawberry.enum_value("CURRENT", description="Its lines are the results of the session")
    REPLACED = strawberry.enum_value("REPLACED", description="A later file took its place")
    DISCARDED = strawberry.enum_value("DISCARDED", description="Was turned down, or gave way to another staged file")
    FAILED = strawberry.enum_value("FAILED", description="Could not be read: see `problem`")


@strawberry.type(description="How many lines a file adds, changes and removes against the results that stand.")
class Difference:
    added: int = column("added", "Candidates who were not there")
    changed: int = column("changed", "Candidates whose line changed")
    removed: int = column("removed", "Candidates who are no longer there")
    unchanged: int = column("unchanged", "Candidates whose line is the same")


@strawberry.type(description="A cell that was not taken.")
class Refusal(relay.Node):
    place: relay.NodeID[str] = identity("import_id", "line", "position")
    line: int = column("line", "Line of the file; the header is line 1")
    value: str = column("value", "What stands in the cell")
    reason: str = said("reason_fr", "reason_en", "Why it is refused")
    remedy: str = said("remedy_fr", "remedy_en", "What to do")
    # the last: it hides the function
    column: str | None = column("column_shown", "Column, or null when the line as a whole is refused")


@strawberry.type(
    description="A line whose decision contradicts the rules of the family. The jury is sovereign: an agent confirms it."
)
class Flag(relay.Node):
    place: relay.NodeID[str] = identity("import_id", "line")
    line: int = column("line", "Line of the file")
    candidate_number: str = column("candidate_number", "Candidate")
    decision: Decision = column("decision", "What the jury decided", member(Decision))
    mention: Mention | None = column("mention", "The mention that the jury awarded", member(Mention))
    expected_decision: Decision = column("expected_decision", "What the rules would give", member(Decision))
    expected_mention: Mention | None = column("expected_mention", "The mention that the rules would give", member(Mention))
    reason: str = said("reason_fr", "reason_en", "The rule")
    reference: str = column("reference", "Its text")
    confirmed_at: datetime | None = column("confirmed_at", "When an agent confirmed it")
    confirmed_by: str | None = column("confirmed_by", "Agent who confirmed it")


@strawberry.enum(description="How a line differs from the results that stand.")
class Change(Enum):
    ADDED = strawberry.enum_value("ADDED", description="Not among the results that stand")
    CHANGED = strawberry.enum_value("CHANGED", description="Stands with another line")
    REMOVED = strawberry.enum_value("REMOVED", description="Stands, and is not in the file")


@strawberry.type(description="A candidate whose line a file would add, change or remove.")
class DifferenceLine(relay.Node):
    place: relay.NodeID[str] = identity("import_id", "candidate_number")
    candidate_number: str = column("candidate_number", "Candidate")
    change: Change = column("change", "What would happen", member(Change))
    decision_before: Decision | None = column("decision_before", "Decision that stands", member(Decision))
    decision_after: Decision | None = column("decision_after", "Decision in the file", member(Decision))
    mention_before: Mention | None = column("mention_before", "Mention that stands", member(Mention))
    mention_after: Mention | None = column("mention_after", "Mention in the file", member(Mention))


@strawberry.type(description="A prepared publication of a session, with its two agents.")
class Publication(relay.Node):
    uuid: relay.NodeID[str] = identity("id")
    edition: int = column("edition", "1, and one more after each withdrawal")
    count: int = column("count", "Diplomas that the session will show")
    added: int = column("added", "Diplomas that are new")
    changed: int = column("changed", "Diplomas published before that change")
    revoked: int = column("revoked", "Diplomas published before that are no longer awarded")
    content_hash: str = column("content_hash_hex", "SHA-256 of what will be published, in hexadecimal")
    warnings: list[str] = for_caller(
        ("warnings",),
        "sentences",
        "What the second agent should look at, a sentence each",
    )
    prepared_by: str = column("prepared_by", "First agent")
    prepared_at: datetime = column("prepared_at", "When he prepared it")
    approved_by: str | None = column("approved_by", "Second agent")
    approved_at: datetime | None = column("approved_at", "When he approved it")
    release_at: datetime | None = column("release_at", "When it is to be released")
    released_at: datetime | None = column("released_at", "When everybody saw it")
    cancelled_at: datetime | None = column("cancelled_at", "When it was taken back before its release")
    withdrawal_requested_by: str | None = column("withdrawal_requested_by", "Agent who asks to withdraw it")
    withdrawal_reason: str | None = column("withdrawal_reason", "Why")
    withdrawn_by: str | None = column("withdrawn_by", "Agent who withdrew it")
    withdrawn_at: datetime | None = column("withdrawn_at", "When it was withdrawn")


@strawberry.type(description="A results file of a session.")
class Import(relay.Node):
    uuid: relay.NodeID[str] = identity("id")
    file_name: str = column("file_name", "Name of the file")
    state: ImportState = column("state", "Where it stands", member(ImportState))
    encoding: str | None = column("encoding", "Its encoding, once read")
    lines: int = column("lines", "Lines read so far, without the header")
    total_lines: int | None = column("total_lines", "Lines in all, once the file is examined")
    accepted: int = column("accepted", "Lines taken")
    refused: int = column("refused", "Lines refused")
    flagged: int = column("flagged", "Lines taken whose decision contradicts the rules")
    difference: Difference | None = within("What applying it would change, once staged", document="difference")
    problem: str | None = for_caller(("problem",), "sentence", "Why it failed")
    submitted_by: str = column("submitted_by", "Agent who sent it")
    submitted_at: datetime = column("submitted_at", "When he sent it")
    ended_at: datetime | None = column("ended_at", "When it was read to its end, or failed")
    refusals: relay.Connection[Refusal] = paged("refusals", "The cells that were not taken, by line")
    flags: relay.Connection[Flag] = paged("flags", "The lines whose decision contradicts the rules, by line")
    difference_lines: relay.Connection[DifferenceLine] = paged(
        "difference_lines", "The candidates that applying it would add, change or remove, while it is staged"
    )


@strawberry.type(description="The session of a family, an academy and a year, as its agents see it.")
class ExamSession(relay.Node):
    uuid: relay.NodeID[str] = identity("id")
    family: str = column("family", "Code of the family")
    academy_code: str = column("academy_code", "Code of the academy")
    year: int = column("year", "Year")
    state: SessionState = column("state", "Where it stands on its way to publication", member(SessionState))
    edition: int = column("edition", "1, and one more each time it opens again after a withdrawal")
    undecided: int = column("undecided", "Candidates without a final decision")
    unconfirmed: int = column("unconfirmed", "Decisions against the rules that no agent has confirmed")
    published_at: datetime | None = column("published_at", "When everybody saw its diplomas")
    published_count: int = column("published_count", "Diplomas that everybody sees")
    missing: list[str] = for_caller(
        ("import_id", "open_groups", "undecided", "unconfirmed"),
        "missing",
        "What keeps it from being complete, a sentence each",
    )
    jury_groups: list[JuryGroup] = many("jury_groups", "Its jury groups, in their order", most=MOST_GROUPS)
    imports: list[Import] = many("imports", "Its latest imports, ten at most, the latest first", most=10)
    publications: list[Publication] = many("publications", "Its latest publications, ten at most, the latest first", most=10)
