"""What the nation's results must look like: published figures, interpolated between the sessions where they are known.

`data/figures.csv` and `data/academy_rates.csv` name a source per line and say which are estimated. Between two known sessions a
figure is interpolated linearly; before the first and after the last one, the nearest is carried over.
"""

from dataclasses import dataclass
from functools import cache

from population.tables import rows

SECOND_GROUP_SUCCESS = 0.71
"""Share of the second group that ends admitted: bac 2023, 8.4 % of those present sat it for 5.9 % admitted (estimated)."""


@dataclass(frozen=True)
class Figures:
    """One series (`BAC_GENERAL`) at one session. Candidates are counts; the rest are shares from 0 to 1.

    `first_rate` and `final_rate` are shares of those present; mentions are shares of all admitted, `tb` with the félicitations.
    """

    series: str
    kind: str
    entered: float
    present: float
    first_rate: float
    final_rate: float
    ab: float
    b: float
    tb: float
    felicitations: float

    def harder(self, ratio: float) -> "Figures":
        """The same series where failure, in the first group and at the end, is `ratio` times as frequent."""
        first = 1 - min(0.95, (1 - self.first_rate) * ratio)
        final = 1 - min(0.95, (1 - self.final_rate) * ratio)
        shares = (self.entered, self.present, first, final, self.ab, self.b, self.tb, self.felicitations)
        return Figures(self.series, self.kind, *shares)


@cache
def known(series: str, column: str) -> tuple[tuple[int, float], ...]:
    """The sessions where the figure `column` of a series is known, with it, in order."""
    found = ((int(row["session"]), row[column]) for row in rows("figures") if row["series"] == series)
    return tuple(sorted((session, float(value)) for session, value in found if value))


def figure(series: str, column: str, year: int) -> float | None:
    """The figure `column` at the session `year`, interpolated, or None when it is known at no session."""
    points = known(series, column)
    if not points:
        return None
    before = [point for point in points if point[0] <= year]
    after = [point for point in points if point[0] >= year]
    if not before or not after:
        return (before or after)[-1 if before else 0][1]
    (low, start), (high, end) = before[-1], after[0]
    return start if low == high else start + (end - start) * (year - low) / (high - low)


@cache
def national(family: str, year: int) -> tuple[Figures, ...]:
    """The series of a family at a session, those without any candidate left out."""
    kinds = {row["series"]: row["kind"] for row in rows("figures") if row["family"] == family}
    return tuple(found for series, kind in kinds.items() if (found := of_series(series, kind, year)).entered > 0)


def of_series(series: str, kind: str, year: int) -> Figures:
    """The interpolated figures of one series; a first-group rate that is known nowhere is the final one."""

    def share(column: str) -> float:
        return (figure(series, column, year) or 0) / 100

    return Figures(
        series,
        kind,
        figure(series, "entered", year) or 0,
        figure(series, "present", year) or 0,
        share("first_rate") or share("final_rate"),
        share("final_rate"),
        share("mention_ab"),
        share("mention_b"),
        share("mention_tb"),
        share("felicitations"),
    )


@cache
def published_ratios(series: str, family: str, year: int) -> dict[str, float]:
    """How much more frequent failure is than in the nation, by academy, from the nearest published session of each.

    A rate published for the whole family counts for each of its series.
    """
    nearest: dict[str, tuple[bool, int, float]] = {}
    for row in rows("academy_rates"):
        if row["series"] not in (series, family):
            continue
        session = int(row["session"])
        whole = [found for found in national(family, session) if row["series"] in (found.series, family)]
        present = sum(found.present for found in whole)
        failing = sum(found.present * (1 - found.final_rate) for found in whole) / present
        ratio = (1 - float(row["final_rate"]) / 100) / failing
        candidate = (row["series"] != series, abs(session - year), ratio)
        nearest[row["academy"]] = min(nearest.get(row["academy"], candidate), candidate)
    return {academy: ratio for academy, (_, _, ratio) in nearest.items()}


@cache
def in_academy(family: str, year: int, academy: str) -> tuple[Figures, ...]:
    """The series of a family in one academy: published rates where there are, and what keeps the nation's rate elsewhere."""
    return tuple(found.harder(failure_ratio(found.series, family, year, academy)) for found in national(family, year))


@cache
def failure_ratio(series: str, family: str, year: int, academy: str) -> float:
    """Frequency of failure in the academy, relative to the nation's."""
    published = published_ratios(series, family, year)
    if academy in published:
        return published[academy]
    shares = academy_shares(family, year)
    covered = sum(share for code, share in shares.items() if code in published)
    explained = sum(share * published[code] for code, share in shares.items() if code in published)
    return max(0.3, (1 - explained) / (1 - covered)) if covered < 1 else 1.0


@cache
def academy_shares(family: str, year: int) -> dict[str, float]:
    """Share of the nation's candidates in each academy valid at the session (estimated from the population), summing to 1."""
    shares = {
        row["code"]: float(row["share"])
        for row in rows("academies")
        if (not row["families"] or family in row["families"].split())
        and int(row["first"] or year) <= year <= int(row["last"] or year)
    }
    total = sum(shares.values())
    return {code: share / total for code, share in shares.items()}
