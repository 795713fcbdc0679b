"""`./dev bench`: the measurements by name."""

import argparse
import asyncio

from bench import attacks, desk, families, importing, matching, releasing, sealing, signing_in, verifying, viewing
from bench.machine import described
from bench.read import measure as reading
from bench.sameness import measuring


def main() -> None:
    """Runs one measurement, or all of them at their usual sizes."""
    root = argparse.ArgumentParser(prog="./dev bench", description="Measurements, as ratios in one run.")
    names = root.add_subparsers(dest="name", metavar="NAME")
    attacks_ = names.add_parser("attacks", help="milliseconds to refuse each attack, and what others wait beside it")
    attacks_.add_argument("--rounds", type=int, default=3)
    attacks_.add_argument("--seconds", type=float, default=2.0)
    families_ = names.add_parser(
        "families", help="what families of another ministry cost ours, and what their parts and computed fields cost"
    )
    families_.add_argument("--size", type=int, default=10_000)
    families_.add_argument("--seconds", type=float, default=4.0)
    importing_ = names.add_parser("import", help="lines imported against COPY")
    importing_.add_argument("--size", type=int, default=200_000)
    importing_.add_argument("--rounds", type=int, default=3)
    releasing_ = names.add_parser("release", help="a national session, from release to visible")
    releasing_.add_argument("--size", type=int, default=800_000)
    matching_ = names.add_parser("match", help="people matched with their exam records: false attachments, and what is missed")
    matching_.add_argument("--size", type=int, default=200_000)
    verifying_ = names.add_parser("verify", help="verifications a second and p99, by the size of the register")
    verifying_.add_argument("--full", action="store_true", help="23 million diplomas too (some 20 GB; filled once, in ten minutes)")
    verifying_.add_argument("--seconds", type=float, default=5.0)
    viewing_ = names.add_parser("dashboard", help="dashboards a second and p99, by the size of the register")
    viewing_.add_argument("--diplomas", type=int, default=1_000_000)
    viewing_.add_argument("--holders", type=int, default=20_000)
    viewing_.add_argument("--seconds", type=float, default=5.0)
    desk_ = names.add_parser("desk", help="pages of an agent's queue a second and p99, by the number of requests")
    desk_.add_argument("--requests", type=int, default=1_000_000)
    desk_.add_argument("--seconds", type=float, default=5.0)
    signing_in_ = names.add_parser("login", help="sign-ins a second and p99, the provider's part and the database's")
    signing_in_.add_argument("--seconds", type=float, default=10.0)
    sealing_ = names.add_parser(
        "seal", help="attestations drawn and sealed a second, against the bare signature and against pyHanko"
    )
    sealing_.add_argument("--size", type=int, default=200)
    sameness = names.add_parser("sameness", help="documents of our own schema, asked of the planner and of Strawberry")
    sameness.add_argument("--documents", type=int, default=2000)
    sameness.add_argument("--seed", type=int, default=1)
    reading_ = names.add_parser("read", help="four operations on ours and on the servers that one would pick instead, by processor")
    reading_.add_argument("--full", action="store_true", help="23 million diplomas (some 20 GB; filled once, in ten minutes)")
    reading_.add_argument("--size", type=int, help="another number of diplomas, for a look")
    reading_.add_argument("--seconds", type=float, default=3.0)
    reading_.add_argument("--rounds", type=int, default=5)
    reading_.add_argument("--workers", type=int, choices=(1, 2), default=1)
    reading_.add_argument("--servers", default="", help="ours and these, separated by commas; all by default")
    reading_.add_argument("--minutes", type=int, default=0, help="instead: the memory of one worker under a load that long")
    measurements = {
        "attacks": attacks.measure,
        "import": importing.measure,
        "dashboard": viewing.measure,
        "desk": desk.measure,
        "families": families.measure,
        "login": signing_in.measure,
        "match": matching.measure,
        "read": reading.measure,
        "release": releasing.measure,
        "sameness": measuring.measure,
        "seal": sealing.measure,
        "verify": verifying.measure,
    }
    given = root.parse_args()
    print(described())
    for name, measure in measurements.items():
        if given.name in (None, name):
            print(f"\n{name}")
            asyncio.run(measure(given if given.name else root.parse_args([name])))
