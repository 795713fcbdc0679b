"""What the families' rules share: mentions awarded by thresholds, and the outcome that a mark reaches.

A `Ladder` is made once per session from the values in force; a decision then only climbs down it.
"""

from decimal import Decimal
from typing import Any, NamedTuple, TypeAlias

from graph.enums import Decision, Mention
from graph.text import Text
from plugins.contract import Dated, Outcome

Thresholds: TypeAlias = tuple[tuple[Decimal, Mention], ...]
"""The lowest mark of each mention, from the highest mention to the lowest."""

NO_MENTION: Thresholds = ()

LETTERS = {
    "P": Mention.PASSABLE,
    "AB": Mention.ASSEZ_BIEN,
    "B": Mention.BIEN,
    "TB": Mention.TRES_BIEN,
    "TBF": Mention.TRES_BIEN_FELICITATIONS,
}
"""Mentions as academies write them."""

LABELS = {
    Mention.PASSABLE: "passable",
    Mention.ASSEZ_BIEN: "assez bien",
    Mention.BIEN: "bien",
    Mention.TRES_BIEN: "très bien",
    Mention.TRES_BIEN_FELICITATIONS: "très bien avec les félicitations du jury",
}

AVERAGE = Text("une moyenne", "an average")


class Step(NamedTuple):
    """The outcome of those whose mark is at least `lowest`."""

    lowest: Decimal
    outcome: Outcome


Ladder: TypeAlias = tuple[Step, ...]
"""Steps from the highest mark to the lowest."""


def thresholds(assez_bien: int, bien: int, tres_bien: int, felicitations: int | None = None) -> Thresholds:
    """The mentions of a scale; without `felicitations`, the highest is très bien."""
    highest = () if felicitations is None else ((Decimal(felicitations), Mention.TRES_BIEN_FELICITATIONS),)
    return (
        *highest,
        (Decimal(tres_bien), Mention.TRES_BIEN),
        (Decimal(bien), Mention.BIEN),
        (Decimal(assez_bien), Mention.ASSEZ_BIEN),
    )


def reached(ladder: Ladder, mark: Decimal) -> Outcome | None:
    """The outcome of a mark, or None below the last step."""
    for lowest, outcome in ladder:
        if mark >= lowest:
            return outcome
    return None


def cited(*values: Dated[Any]) -> str:
    """The references of values, each once; one that no official source confirmed says so."""
    references = (value.reference if value.certain else f"{value.reference} (à vérifier)" for value in values)
    return " ; ".join(dict.fromkeys(references))


def admitted(passing: Dated[Decimal], mentions: Dated[Thresholds], measure: Text = AVERAGE) -> Ladder:
    """The steps of those who pass, from the highest mention down to none; `measure` is what is compared (an average, a total)."""
    reference = cited(passing, mentions)
    steps = [
        Step(
            lowest,
            Outcome(
                (Decision.ADMIS,),
                mention,
                Text(
                    f"{measure.fr} d'au moins {lowest} donne la mention « {LABELS[mention]} »",
                    f"{measure.en} of at least {lowest} gives the mention “{LABELS[mention]}”",
                ),
                reference,
            ),
        )
        for lowest, mention in mentions.value
    ]
    if steps:
        first = steps[-1].lowest
        plain = Text(
            f"{measure.fr} d'au moins {passing.value} et inférieure à {first} : admis sans mention",
            f"{measure.en} of at least {passing.value} and below {first}: admitted without a mention",
        )
    else:
        plain = Text(
            f"{measure.fr} d'au moins {passing.value} : admis ; aucune mention n'est prévue",
            f"{measure.en} of at least {passing.value}: admitted; there is no mention",
        )
    return (*steps, Step(passing.value, Outcome((Decision.ADMIS,), None, plain, reference)))


def refused(passing: Dated[Decimal], measure: Text = AVERAGE) -> Outcome:
    """The outcome of those who do not reach the pass mark."""
    return Outcome(
        (Decision.AJOURNE,),
        None,
        Text(f"{measure.fr} inférieure à {passing.value} : ajourné", f"{measure.en} below {passing.value}: not admitted"),
        cited(passing),
    )
