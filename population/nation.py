"""How many candidates each file holds: a size shared out over families, academies and sessions as the figures say."""

from collections.abc import Iterable
from dataclasses import dataclass

from plugins.loading import families as loaded_families
from population.figures import academy_shares, national
from population.tables import rows


@dataclass(frozen=True)
class FilePlan:
    """One import file: the candidates of a family in an academy at a session."""

    family: str
    academy: str
    year: int
    candidates: int

    @property
    def name(self) -> str:
        """Name of the file, `bac-24-2024.csv`."""
        return f"{self.family}-{self.academy}-{self.year}.csv"


def drawn() -> list[str]:
    """The families of the deployment that figures are known of, in its order: no other can be drawn."""
    known = {row["family"] for row in rows("figures")}
    return [code for code in loaded_families() if code in known]


def plan(size: int, families: Iterable[str], sessions: Iterable[int], academies: Iterable[str] | None = None) -> list[FilePlan]:
    """Files whose candidates sum to `size`, in the order of families, sessions and academies; empty files are left out.

    `academies` keeps some of them (codes); None takes all that are valid at each session. Raises ValueError for a family or an academy
    that does not exist, for a family without figures, and when no family holds a session in those academies and years.
    """
    families = list(families)
    wanted = None if academies is None else frozenset(academies)
    if unknown := sorted(set(families) - loaded_families().keys()):
        raise ValueError(f"no family is called {', '.join(unknown)}")
    if undrawn := sorted(set(families) - set(drawn())):
        raise ValueError(
            f"no figures are known of {', '.join(undrawn)}: nobody can be drawn; import the family's own samples instead"
        )
    if unknown := sorted((wanted or frozenset()) - {row["code"] for row in rows("academies")}):
        raise ValueError(f"no academy has the code {', '.join(unknown)}")
    years = sorted(set(sessions))
    weights: dict[tuple[str, str, int], float] = {}
    for family in families:
        for year in years:
            if not loaded_families()[family].held(year):
                continue
            entered = sum(series.entered for series in national(family, year))
            for academy, share in academy_shares(family, year).items():
                if wanted is None or academy in wanted:
                    weights[family, academy, year] = entered * share
    if not any(weights.values()):
        raise ValueError("no family holds a session in those academies and years")
    counts = shared_out(size, list(weights.values()))
    return [FilePlan(*key, count) for key, count in zip(weights, counts, strict=True) if count]


def shared_out(size: int, weights: list[float]) -> list[int]:
    """Whole numbers proportional to `weights` that sum exactly to `size` (largest remainders, the first one wins a tie)."""
    total = sum(weights)
    exact = [size * weight / total for weight in weights]
    counts = [int(value) for value in exact]
    by_remainder = sorted(range(len(exact)), key=lambda index: counts[index] - exact[index])
    for index in by_remainder[: size - sum(counts)]:
        counts[index] += 1
    return counts
