"""What the agricultural examinations share: who awards and answers, eliminatory marks, and a second stage after the first.

Each family keeps its own values, by session and with their references; here is only what is done with them.
"""

from decimal import Decimal
from typing import NamedTuple

from plugins import (
    AVERAGE,
    Dated,
    Decision,
    JuryGroup,
    Ladder,
    Outcome,
    Results,
    Step,
    Text,
    Thresholds,
    admitted,
    cited,
    reached,
    refused,
)

MINISTRY = Text("Agriculture", "Agriculture")

REPLACEMENT = JuryGroup(
    "REMPLACEMENT",
    Text("Épreuves de remplacement", "Replacement tests"),
    "code rural D811-149 et D811-142 (rédactions antérieures à 2015 et à 2022)",
)
"""For those whom illness or force majeure kept away from the normal session."""

LOWEST = Decimal(0)


def whole_ladder(passing: Dated[Decimal], mentions: Dated[Thresholds], measure: Text = AVERAGE) -> Ladder:
    """The outcome of every average: admitted with each mention, then without, then not admitted."""
    return (*admitted(passing, mentions, measure), Step(LOWEST, refused(passing, measure)))


def eliminated(floor: Dated[Decimal], what: Text) -> Outcome:
    """The outcome of those whose mark `what` is below an eliminatory one."""
    return Outcome(
        (Decision.AJOURNE,),
        None,
        Text(
            f"{what.fr} inférieure à {floor.value}, éliminatoire : ajourné",
            f"{what.en} below {floor.value}, eliminatory: not admitted",
        ),
        cited(floor),
    )


class Stages(NamedTuple):
    """The rules of a session with a second stage. `practice` is the professional mark that opens it, None where none is asked for."""

    first: Ladder
    second: Ladder
    called: Outcome
    practice: Decimal | None = None
    not_called: Outcome | None = None


def stages(
    passing: Dated[Decimal],
    mentions: Dated[Thresholds],
    opens: Dated[Decimal],
    after: tuple[Dated[Thresholds], Text],
    practice: tuple[Dated[Decimal], Text] | None = None,
) -> Stages:
    """Rules where an average of at least `opens` calls those who did not pass to a second stage; `after` is what comes then."""
    called = Outcome(
        (Decision.SECOND_GROUPE, Decision.AJOURNE),
        None,
        Text(
            f"une moyenne d'au moins {opens.value} et inférieure à {passing.value} ouvre les épreuves de rattrapage",
            f"an average of at least {opens.value} and below {passing.value} opens the second stage",
        ),
        cited(opens),
    )
    first = (*admitted(passing, mentions), Step(opens.value, called), Step(LOWEST, refused(passing)))
    second = whole_ladder(passing, *after)
    if practice is None:
        return Stages(first, second, called)
    floor, what = practice
    not_called = Outcome(
        (Decision.AJOURNE,),
        None,
        Text(
            f"{what.fr} inférieure à {floor.value} : pas d'épreuve de contrôle", f"{what.en} below {floor.value}: no second stage"
        ),
        cited(floor),
    )
    return Stages(first, second, called, floor.value, not_called)


def first_outcome(rules: Stages, results: Results) -> Outcome | None:
    """The outcome of the first stage, or None when a mark that matters is missing."""
    average = results.get("moyenne")
    outcome = None if average is None else reached(rules.first, average)
    if outcome is not rules.called or rules.practice is None:
        return outcome
    practice = results.get("note_professionnelle")
    if practice is None:
        return None
    return outcome if practice >= rules.practice else rules.not_called


def in_two_stages(rules: Stages, results: Results, group: str) -> Outcome | None:
    """The outcome of the line's jury group, `group` being that of the second stage; None when a mark that matters is missing.

    A line of the second stage that the first average did not open keeps its first outcome.
    """
    first = first_outcome(rules, results)
    if results.get("groupe") == group and (first is None or first is rules.called):
        after = results.get("moyenne_rattrapage")
        return None if after is None else reached(rules.second, after)
    return first
