"""A run of the kit over one family: a line for each check as it ends, and files for those who were not there."""

import json
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from warnings import WarningMessage

import pytest
from rich.console import Console
from rich.status import Status

from plugins.contract import Family
from plugins.soundness import contract_version
from server.conformance import chosen

INDENT = "    "


class Told:
    """Tells the checks of a run, as a plugin of pytest."""

    def __init__(self, console: Console, status: Status) -> None:
        self._console, self._status = console, status
        self.ended = 0
        self.failed: list[str] = []

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Shows which check runs."""
        self._status.update(f"{_sentence(nodeid)} …")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Prints what became of a check, or of what was to be tidied after it."""
        if report.when == "call" or report.failed:
            self.ended += report.when == "call"
            name = _sentence(report.nodeid)
            if report.failed:
                self.failed.append(name)
            self._console.print(f"{'✗' if report.failed else '–' if report.skipped else '✓'} {name}")
            if not report.passed:
                self._console.print("\n".join(INDENT + line for line in _reasons(report)))

    def pytest_warning_recorded(self, warning_message: WarningMessage) -> None:
        """Prints what a check advises."""
        self._console.print(f"! {warning_message.message}")

    @property
    def message(self) -> str:
        """What came of the run, in a few words."""
        return f"{len(self.failed)} of {self.ended} checks fail" if self.failed else "conforms"


def checked(family: Family, console: Console, report: Path | None) -> bool:
    """Runs the kit over a family; whether it conforms. `report` is the folder of `CODE.xml` (JUnit) and `CODE.json` (a badge)."""
    here = Path(chosen.__file__)
    options = ["-c", os.devnull, "--rootdir", str(here.parent), "--capture=no", "-p", "no:terminal", "-p", "no:cacheprovider"]
    if report is not None:
        report.mkdir(parents=True, exist_ok=True)
        options += ["--junitxml", str(report / f"{family.code}.xml"), "-o", f"junit_suite_name={family.code}"]
    chosen.TestFamily.family = family
    with _alone(), console.status("") as status:
        told = Told(console, status)
        ended = pytest.main([*options, str(here)], plugins=[told])
    console.print(f"{family.code}: {told.message}.")
    if report is not None:
        (report / f"{family.code}.json").write_text(json.dumps(_badge(told)) + "\n", encoding="utf-8")
    return ended == pytest.ExitCode.OK


@contextmanager
def _alone() -> Generator[None]:
    """Without the plugins and options of pytest that this environment has for tests of its own."""
    kept = {name: value for name, value in os.environ.items() if name.startswith("PYTEST_")}
    for name in kept:
        del os.environ[name]
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    try:
        yield
    finally:
        os.environ.pop("PYTEST_DISABLE_PLUGIN_AUTOLOAD", None)
        os.environ.update(kept)


def _badge(told: Told) -> dict[str, object]:
    """What shields.io and its like make a badge of (the schema of their endpoints, version 1)."""
    return {
        "schemaVersion": 1,
        "label": f"parchemin contract {contract_version()}",
        "message": told.message,
        "color": "red" if told.failed else "brightgreen",
    }


def _sentence(node: str) -> str:
    return node.rpartition("::")[2].removeprefix("test_").replace("_", " ")


def _reasons(report: pytest.TestReport) -> list[str]:
    """Why a check failed or was skipped: its own sentences, or else the exception without its traceback."""
    if isinstance(report.longrepr, tuple):
        return [report.longrepr[2].removeprefix("Skipped: ")]
    crash = getattr(report.longrepr, "reprcrash", None)
    return (crash.message.removeprefix("Failed: ") if crash is not None else str(report.longrepr)).splitlines()
