"""The tables of `docs/performance.md`, and the goals."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.read.measuring import Measured, Sample
from bench.read.variants import Server

PEERS = ("mercurius", "postgraphile", "apollo", "ariadne")
OURS, SMALL, STRAWBERRY = "ours", "small", "strawberry"
Results = Mapping[str, Mapping[str, Measured]]
"""What was measured, by operation and server."""


@dataclass(frozen=True)
class Goal:
    """How many times less processor a request of ours must cost than the best peer's, and than idiomatic Strawberry's."""

    peers: float
    strawberry: float | None


GOALS = {"verification": Goal(4, 20), "dashboard": Goal(4, 20), "queue": Goal(2.5, None)}
RATE_GOAL, GROWTH_GOAL = 1000, 1.3


def table(name: str, measured: Mapping[str, Measured], servers: Sequence[Server]) -> str:
    """What was measured of an operation, in Markdown."""
    lines = [
        f"| {name} | requests/s | server µs | PostgreSQL µs | × ours | p50, p99 ms | at half load | MB |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for server in servers:
        found, ours = measured[server.variant.name], measured[OURS]
        lines.append(
            f"| {server.variant.title} | {found.middle(rate):,.0f} | {found.middle(lambda one: one.server) * 1e6:,.0f} "
            f"| {found.middle(lambda one: one.database) * 1e6:,.0f} | {found.ratio(ours, cost):.2f} "
            f"| {found.middle(lambda one: one.outcome.p50):.1f}, {found.middle(lambda one: one.outcome.p99):.1f} "
            f"| {found.half.outcome.p50:.1f}, {found.half.outcome.p99:.1f} | {found.half.memory:.0f} |"
        )
    return "\n".join(lines)


def goals(results: Results) -> str:
    """Each goal with what was measured, as a list in Markdown; those that this run cannot tell are left out."""
    lines: list[str] = []
    for name, goal in GOALS.items():
        measured = results.get(name, {})
        peers = {peer: measured[peer].ratio(measured[OURS], cost) for peer in PEERS if peer in measured}
        if peers:
            best = min(peers, key=peers.__getitem__)
            lines.append(_goal(f"{name}: processor against the best peer ({best})", peers[best], goal.peers))
        if STRAWBERRY in measured and goal.strawberry:
            ratio = measured[STRAWBERRY].ratio(measured[OURS], cost)
            lines.append(_goal(f"{name}: processor against idiomatic Strawberry", ratio, goal.strawberry))
        if SMALL in measured:
            growth = measured[OURS].ratio(measured[SMALL], cost)
            lines.append(_goal(f"{name}: processor against the register of 10,000", growth, GROWTH_GOAL, most=True))
    measured = results.get("availability", {})
    if STRAWBERRY in measured:
        ratio = measured[OURS].ratio(measured[STRAWBERRY], rate)
        lines.append(_goal("availability: requests a second against Strawberry", ratio, RATE_GOAL))
    return "\n".join(lines)


def _goal(what: str, ratio: float, goal: float, *, most: bool = False) -> str:
    reached = ratio <= goal if most else ratio >= goal
    return (
        f"- {what}: × {ratio:.2f}, goal {'at most' if most else 'at least'} {goal:g}: {'reached' if reached else '**not reached**'}"
    )


def rate(sample: Sample) -> float:
    """Answers a second."""
    return sample.outcome.rate


def cost(sample: Sample) -> float:
    """Processor of the server and PostgreSQL a request."""
    return sample.cost
