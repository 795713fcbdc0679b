"""The kit with which the author of a family tries it: a class whose tests pytest collects under the name of a subclass.

    from plugins.conformance import FamilyContract
    from parchemin_agri.capa import family as capa

    class TestCapa(FamilyContract):
        family = capa

Each test is a promise that the register counts on, and fails with sentences about the family. A PostgreSQL starts with the first test that
needs one, and ends with the process; `DATABASE_URL` names another, on which databases are made and dropped. It needs `parchemin[kit]`.
"""

import warnings
from collections.abc import Callable, Coroutine, Iterable
from itertools import islice
from typing import Any, ClassVar

import pytest

from plugins.contract import Family
from server.conformance import (
    ceilings,
    composition,
    computing,
    declaration,
    page,
    publishing,
    registers,
    rules,
    sameness,
    samples,
    sealed,
    sessions,
    showing,
)
from server.conformance.publishing import Published

MOST_SENTENCES = 20
"""Faults that one test tells: the others often follow from them."""


class FamilyContract:
    """What a family promises by being installed."""

    family: ClassVar[Family]
    _published: ClassVar[Published | None] = None

    def test_its_declaration_is_sound(self) -> None:
        """Everything that is declared is there, described in both languages, and of the kind that the contract says."""
        _agreed(lambda: declaration.unsound(self.family))

    def test_it_is_installed_and_taken_beside_the_other_families(self) -> None:
        """A distribution brings it, and nothing of it clashes with the register or another family."""
        _agreed(lambda: declaration.not_taken(self.family))

    def test_its_files_are_in_its_distribution(self) -> None:
        """Titles, cases, samples and page are where others install it."""
        _agreed(lambda: declaration.missing_files(self.family))
        if unusual := declaration.unusual_name(self.family):
            warnings.warn(unusual, stacklevel=2)

    def test_the_schema_with_it_breaks_nothing_of_ours(self) -> None:
        """Clients of the register find all that they had, and no other root field."""
        _agreed(lambda: composition.broken(self.family))

    def test_its_rules_decide_the_worked_cases_as_written(self) -> None:
        """`decide` answers what each case says, under its reference."""
        _agreed(lambda: rules.undecided(self.family))

    def test_its_worked_cases_are_of_sessions_and_groups_that_it_holds(self) -> None:
        """Each case could be the line of a results file."""
        _agreed(lambda: rules.unimportable(self.family))

    def test_its_rules_decide_from_the_line_alone_and_leave_it_as_it_was(self) -> None:
        """`decide` is pure: twice the same, in any order of columns, nothing changed, opened or asked besides."""
        _agreed(lambda: rules.impure(self.family))

    def test_its_rules_have_an_answer_for_every_line(self) -> None:
        """`decide` raises neither for an empty line nor at the edges of marks."""
        _agreed(lambda: rules.raising(self.family))

    def test_every_session_that_it_holds_can_be_imported(self) -> None:
        """Where anything begins or ends, and a session before and after, there are jury groups, and nothing fails."""
        _agreed(lambda: sessions.edges(self.family))

    def test_a_session_that_it_does_not_hold_does_not_open(self) -> None:
        """Before the first and after the last session there is none."""
        _agreed(lambda: publishing.unopened(self.family))

    def test_every_column_reads_its_own_example(self) -> None:
        """What the documentation shows is what an academy may write."""
        _agreed(lambda: sessions.unread_examples(self.family))

    def test_every_column_reads_or_refuses_whatever_stands_in_a_cell(self) -> None:
        """A cell that nobody means is refused with a reason and a remedy in both languages."""
        _agreed(lambda: sessions.unrefused_junk(self.family))

    def test_its_samples_are_imported_whole_and_kept_as_read(self) -> None:
        """No line is refused, details are what the columns read, and the same again changes nothing."""
        _agreed(lambda: samples.not_kept(self.family))

    def test_its_samples_are_published_by_two_agents_after_every_group_is_closed(self) -> None:
        """A session is opened, imported, completed, prepared by one agent and released by another, not before and not alone."""
        _agreed(lambda: self._samples().faults)

    def test_its_diplomas_are_verified_by_key_and_birth_name_with_all_its_fields(self) -> None:
        """What was published answers as its type, with every field of its own."""
        _agreed(lambda: publishing.unverified(self.family, self._samples()))

    def test_its_fields_and_lines_are_computed_from_the_diploma_alone(self) -> None:
        """`computed`, `read` and the lines of the attestation: the same twice, and nothing opened."""
        _agreed(lambda: computing.impure(self.family, self._samples()))

    def test_its_fields_and_lines_show_whatever_its_columns_read(self) -> None:
        """At the edges of every column, and where an optional one is empty: no field fails, is null, or lists more than it may."""
        _agreed(lambda: showing.unshown(self.family, self._samples()))

    def test_both_executors_give_the_same_bytes_for_its_type(self) -> None:
        """Every field is compiled by the planner, alone and together, and answers as Strawberry does."""
        _agreed(lambda: sameness.different(self.family, self._samples()))

    def test_each_sample_and_the_longest_names_have_an_attestation(self) -> None:
        """The page is drawn with all its lines, on one page."""
        _agreed(lambda: page.undrawn(self.family, self._samples()))

    def test_its_attestation_is_pdf_a_3a_and_pdf_ua_1(self) -> None:
        """ISO 19005-3 and ISO 14289-1, of a sample's file and of the one with the longest names."""
        if reason := page.missing():
            pytest.skip(reason)
        _agreed(lambda: page.unfit(self.family, self._samples()))

    def test_its_sealed_attestations_are_genuine(self) -> None:
        """Sealed and time-stamped by an authority of the kit's own, each passes every step of who verifies a file."""
        _agreed(lambda: sealed.unverified(self.family, self._samples()))

    def test_its_lines_cost_little_time(self) -> None:
        """`decide`, readers, computed fields and lines of the attestation, as ratios to ours in the same run."""
        _agreed(lambda: ceilings.slow(self.family))
        _agreed(lambda: ceilings.slow_to_show(self.family, self._samples()))

    def test_memory_does_not_grow_with_its_lines(self) -> None:
        """Nothing is kept for each line."""
        _agreed(lambda: ceilings.growing(self.family))

    @classmethod
    def _samples(cls) -> Published:
        """The samples of the family, published once for all tests that need them."""
        if cls._published is None:
            cls._published = registers.finished(publishing.published(cls.family))
        return cls._published

    @classmethod
    def teardown_class(cls) -> None:
        """Ends the register of the samples."""
        if cls._published is not None:
            registers.finished(registers.drop(cls._published.url))
            cls._published = None


def _agreed(check: Callable[[], Iterable[str] | Coroutine[Any, Any, list[str]]]) -> None:
    """Fails with what a check says, if it says anything."""
    try:
        said = check()
        found = list(islice(registers.finished(said) if isinstance(said, Coroutine) else said, MOST_SENTENCES))
    except SystemExit as refusal:  # a family that this deployment does not take, no PostgreSQL: the sentence says what to do
        found = [str(refusal)]
    if found:
        pytest.fail("\n".join(found), pytrace=False)
