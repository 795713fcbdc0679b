"""The import files on disk: one per family, academy and session, written line by line."""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from population.lines import Titles, columns, lines
from population.nation import FilePlan
from population.tables import chance_of


@dataclass(frozen=True)
class Form:
    """How a file is written; both encodings hold every letter of our tables, Windows-1252 being what « Latin-1 » files are."""

    encoding: str
    delimiter: str


USUAL = Form("utf-8", ";")
OTHERS = (Form("cp1252", ";"), Form("utf-8", ","), Form("utf-8-sig", ";"), Form("cp1252", ","))
VARIED = 0.25
"""Share of files in one of the other accepted forms, when forms are varied."""


def form(plan: FilePlan, seed: int, varied: bool) -> Form:
    """The form of a file: the usual one or, when forms are varied, for a quarter of the files another that an import accepts."""
    chance = chance_of(seed, plan.name, "form")
    return chance.choice(OTHERS) if varied and chance.random() < VARIED else USUAL


def write(plan: FilePlan, seed: int, directory: Path, titles: Titles, *, varied: bool = False) -> Path:
    """The file of `plan`, written in `directory`; the same arguments give the same bytes. Memory does not grow with the file."""
    path = directory / plan.name
    chosen = form(plan, seed, varied)
    with path.open("w", encoding=chosen.encoding, newline="") as file:
        writer = csv.writer(file, delimiter=chosen.delimiter, lineterminator="\r\n")
        writer.writerow(columns(plan.family))
        writer.writerows(line.values() for line in lines(plan, seed, titles))
    return path


def write_all(plans: Iterable[FilePlan], seed: int, directory: Path, titles: Titles, *, varied: bool = False) -> Iterator[Path]:
    """Each file of the nation as soon as it is written; makes the directory."""
    directory.mkdir(parents=True, exist_ok=True)
    for plan in plans:
        yield write(plan, seed, directory, titles, varied=varied)
