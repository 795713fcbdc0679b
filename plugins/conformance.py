"""The kit: what a family must do to be taken by an operator, as tests that its author runs in his own repository.

    from plugins.conformance import FamilyContract
    from parchemin_agri.capa import family

    class TestCapa(FamilyContract):
        family = family

pytest runs each method below; `parchemin check-family CODE` runs the same and writes a report. They need `parchemin[kit]`, no
network, and no server: they start a PostgreSQL of their own. docs/families.md says what each looks at.
"""

from collections.abc import Iterable
from typing import ClassVar

import pytest

from plugins.contract import Family
from server.conformance import ceilings, declaration, page, publication, reading, rules


def conforms(faults: Iterable[str]) -> None:
    """Fails with every fault, a line each."""
    found = list(faults)
    if found:
        pytest.fail("\n".join(found), pytrace=False)


class FamilyContract:
    """The contract of a family. A subclass, whose name begins with `Test`, names the family."""

    family: ClassVar[Family]

    def test_its_package_is_installed_and_the_register_starts_with_it(self) -> None:
        """The entry point, the distribution's name, and no clash with the families beside it."""
        conforms(declaration.not_installed(self.family))

    def test_the_declaration_is_sound_and_everything_is_described(self) -> None:
        """All faults of the declaration and of its GraphQL types at once, where a start tells the first."""
        conforms(declaration.unsound(self.family))

    def test_every_file_that_it_names_is_in_the_distribution(self) -> None:
        """Titles, cases, samples and page: a file that was left out of the wheel is missed on the server alone."""
        conforms(declaration.lost_files(self.family))

    def test_the_schema_with_it_breaks_nothing_of_ours(self) -> None:
        """No breaking change for clients of the other families, and the same root fields."""
        conforms(declaration.broken_schema(self.family))

    def test_the_rules_give_what_the_worked_cases_say(self) -> None:
        """Decisions, mention and reference of every case of `Family.cases`."""
        conforms(rules.wrong_cases(self.family))

    def test_the_rules_are_pure(self) -> None:
        """The same answer twice, in another order, to a line that cannot be changed; nothing read, opened or sent meanwhile."""
        conforms(rules.impure(self.family))

    def test_the_rules_take_a_line_that_lacks_anything(self) -> None:
        """`decide` and `check` answer, whatever cells are empty and whatever the jury group."""
        conforms(rules.unready(self.family))

    def test_the_rules_hold_at_the_edge_of_every_session(self) -> None:
        """Around each year at which something begins or ends, there are groups to close, and `decide`, `check` and readers answer."""
        conforms(rules.failing_at_edges(self.family))

    def test_every_column_reads_its_example_and_refuses_what_it_cannot_take(self) -> None:
        """Any cell is read, or refused by `Invalid` with a reason and a remedy in both languages."""
        conforms(rules.unread_cells(self.family))

    def test_its_samples_are_imported_whole_and_come_out_as_they_were_read(self) -> None:
        """No line refused, the same details in the register as the readers give, and no difference when the lines come again."""
        conforms(publication.import_faults(self.family))

    def test_its_samples_are_published_through_every_gate(self) -> None:
        """Not before every group is closed, nor by one agent; then by two."""
        conforms(publication.publication_faults(self.family))

    def test_a_key_shows_each_published_diploma_the_same_by_both_executors(self) -> None:
        """Every field of the type is compiled, has no error, and gives the same bytes as Strawberry."""
        conforms(reading.different(self.family))

    def test_every_published_sample_and_the_longest_names_have_an_attestation(self) -> None:
        """The page can be drawn, on one page, with all its lines."""
        conforms(page.undrawn(self.family))

    def test_its_attestation_is_pdf_a_3a_and_pdf_ua_1(self) -> None:
        """ISO 19005-3 and ISO 14289-1, of a sample's file and of the one with the longest names."""
        if reason := page.missing():
            pytest.skip(reason)
        conforms(page.unfit(self.family))

    def test_a_line_costs_little_time(self) -> None:
        """`decide` and readers, as ratios to ours in the same run."""
        conforms(ceilings.slow(self.family))

    def test_memory_does_not_grow_with_the_lines(self) -> None:
        """Nothing is kept for each line."""
        conforms(ceilings.growing(self.family))
