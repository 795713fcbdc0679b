"""The command that tries a family as its own tests do, and writes a report for continuous integration."""

import argparse
import importlib.util
import json
import os
import sys
from pathlib import Path
from typing import Any

from rich.console import Console

from plugins.contract import Family
from plugins.loading import FamilyError, families
from plugins.soundness import contract_version
from server.logs import configure_logs

console = Console(highlight=False, markup=False, soft_wrap=True)


def check_family(given: argparse.Namespace) -> int:
    """Tries a family: 0 when it conforms, 1 when it does not, 2 when there is none of that code or the kit is not installed."""
    configure_logs()
    if importlib.util.find_spec("pytest") is None:
        print("check-family: the kit is not installed: pip install 'parchemin[kit]'", file=sys.stderr)
        return 2
    try:
        family = families().get(given.code)
    except FamilyError as error:
        print(error, file=sys.stderr)
        return 1
    if family is None:
        print(f"check-family: no family '{given.code}' is installed; there are {', '.join(families())}", file=sys.stderr)
        return 2
    return _tried(family, given.report)


def _tried(family: Family, report: Path | None) -> int:
    import pytest  # with the kit alone

    told = Telling()
    # nothing of the author's settings of pytest, and none of its plugins: the same run everywhere
    arguments = ["-p", "no:terminal", "-p", "no:cacheprovider", "--assert=plain", "-W", "error", "-c", os.devnull, os.fspath(TESTS)]
    if report is not None:
        report.mkdir(parents=True, exist_ok=True)
        arguments += [f"--junitxml={report / f'{family.code}.xml'}", "-o", f"junit_suite_name=parchemin contract: {family.code}"]
    os.environ.update({TRIED: family.code, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": ""})
    status = pytest.main(arguments, plugins=[told])
    if report is not None:
        (report / f"{family.code}.json").write_text(json.dumps(told.badge()) + "\n", "utf-8")
    console.print(f"{family.code}: {told.badge()['message']} ({told.badge()['label']})")
    return 0 if status == 0 and not told.failed else 1


TRIED = "PARCHEMIN_FAMILY_TRIED"
TESTS = Path(__file__).parent / "conformance" / "trying.py"


class Telling:
    """What a run found, a line for each check as soon as it is known (a plugin of pytest)."""

    def __init__(self) -> None:
        self.passed, self.skipped, self.failed = 0, 0, 0

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Prints the outcome of a check."""
        sentence = report.nodeid.rpartition("::")[2].removeprefix("test_").replace("_", " ")
        if report.failed:
            self.failed += 1
            console.print(f"✗ {sentence}")
            # an exception that nobody expected is told by its last line: pytest shows where, in the author's own run
            crash = getattr(report.longrepr, "reprcrash", None)
            for line in str(crash.message if crash is not None else report.longreprtext).splitlines():
                console.print(f"    {line}")
        elif report.skipped:
            self.skipped += 1
            console.print(f"– {sentence}: {report.longrepr[2] if isinstance(report.longrepr, tuple) else ''}")
        elif report.when == "call":
            self.passed += 1
            console.print(f"✓ {sentence}")

    def badge(self) -> dict[str, Any]:
        """What a badge shows, in the form that services of badges read from an address (endpoint, version 1)."""
        count = self.passed + self.skipped + self.failed
        if self.failed:
            message, colour = f"{self.failed} of {count} checks fail", "red"
        elif self.skipped or not self.passed:
            message, colour = f"{self.passed} of {count} checks pass", "yellow"
        else:
            message, colour = "conforms", "brightgreen"
        return {"schemaVersion": 1, "label": f"parchemin contract {contract_version()}", "message": message, "color": colour}
