"""The ways through a session, each as frequent as the figures say: admitted with or without mention, failed, absent, second group, …"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import pairwise
from random import Random
from typing import NamedTuple

from graph.enums import Decision, Mention
from plugins import Family, Session
from population.figures import SECOND_GROUP_SUCCESS, Figures
from population.results import MENTION_CELLS, POINTS, TWENTY, Band, Exam, Mark, Rules
from population.tables import Weighted

SPREAD = 0.0012
"""Share of candidates whose tests are spread over several sessions (estimated)."""
REPLACED = 0.0015
"""Share of candidates present who sat the replacement session of September (estimated)."""
RAISED = 0.0005
"""Share of candidates present whom the jury raised above what the rules make of their marks (estimated)."""
INDIVIDUAL = 0.009
"""Share of individual candidates of the DNB: 128 of 14,490 in Besançon, 2023 (macommune.info)."""
PROGRESSIVE = 0.06
"""Share of candidates of the CAP who sit it unit by unit (estimated)."""

PASSABLE = 0.5
"""Share of « passable » among those whom an establishment that awards mentions gave none of the others (estimated)."""

ECTS = {"LICENCE": "180", "LICENCE_PRO": "180", "BUT": "180", "MASTER": "300", "INGENIEUR": "300"}
AFTER_FIRST = frozenset({"SECOND", "CONTROLE"})
SEPTEMBER = "REMPLACEMENT"
DESCENDING = (Mention.TRES_BIEN_FELICITATIONS, Mention.TRES_BIEN, Mention.BIEN, Mention.ASSEZ_BIEN, Mention.PASSABLE, None)


class Course(NamedTuple):
    """One way through the session: the cells that it fixes, and the marks to draw."""

    cells: Mapping[str, str]
    marks: tuple[Mark, ...]

    def line(self, chance: Random) -> dict[str, str]:
        """The cells of one candidate who went this way."""
        return {**self.cells, **{mark.column: mark.draw(chance) for mark in self.marks}}


Way = tuple[Course, float]


def courses(family: Family, figures: Figures, session: Session, code: str) -> Weighted[Course]:
    """The ways through the session of one series, `code` being one of its national titles (empty where there is none)."""
    ways: list[Way] = []
    for share, cells, exams in candidates_of(family.code, figures.series):
        for exam in exams:
            rules = Rules(family, session, exam, cells, code)
            if rules.understood():
                ways += [(course, weight * share) for course, weight in Ways(rules, figures).all()]
                break
        else:
            group = family.groups(session.year)[0].code
            ways += [(course, weight * share) for course, weight in without_rules(cells, figures, group)]
    return Weighted(ways)


def without_rules(cells: Mapping[str, str], figures: Figures, group: str) -> Iterator[Way]:
    """The ways through a session of which no national rule speaks: the jury's decision and mention, without any mark."""

    def decided(decision: Decision, mention: Mention | None = None) -> Course:
        return Course({**cells, "groupe": group, "decision": decision.name, "mention": MENTION_CELLS[mention]}, ())

    present = figures.present / figures.entered
    yield decided(Decision.ABSENT), 1 - present
    yield decided(Decision.AJOURNE), present * (1 - figures.final_rate)
    admitted = present * figures.final_rate
    mentions = {Mention.ASSEZ_BIEN: figures.ab, Mention.BIEN: figures.b, Mention.TRES_BIEN: figures.tb}
    for mention, share in mentions.items():
        yield decided(Decision.ADMIS, mention), admitted * share
    rest = 1 - sum(mentions.values())
    passable = PASSABLE if rest < 1 else 0
    yield decided(Decision.ADMIS, Mention.PASSABLE), admitted * rest * passable
    yield decided(Decision.ADMIS), admitted * rest * (1 - passable)


def candidates_of(family: str, series: str) -> list[tuple[float, dict[str, str], tuple[Exam, ...]]]:
    """Kinds of candidate of a series: share, fixed cells, and where marks are, the first that the session's rules read."""
    twenty = Exam("moyenne")
    match family:
        case "dnb":
            return [
                (1 - INDIVIDUAL, {"statut": "SCOLAIRE"}, (Exam("total_points", scale=POINTS[800]), twenty)),
                (INDIVIDUAL, {"statut": "INDIVIDUEL"}, (Exam("total_points", scale=POINTS[400]), twenty)),
            ]
        case "cap":
            both = (Exam("moyenne", "moyenne_professionnelle"),)
            return [(1 - PROGRESSIVE, {"forme": "GLOBALE"}, both), (PROGRESSIVE, {"forme": "PROGRESSIVE"}, both)]
        case "bep":
            return [(1.0, {}, (Exam("moyenne", "moyenne_professionnelle"),))]
        case "bac":
            beside = "note_pratique_professionnelle" if series == "BAC_PRO" else None
            return [(1.0, {}, (Exam("moyenne", beside, "moyenne_second_groupe"),))]
        case "bts":
            return [(1.0, {}, (Exam("moyenne", "moyenne_professionnelle", "moyenne_controle"),))]
        case _:
            cells = {"diplome": series} | ({"ects": ECTS[series]} if series in ECTS else {})
            return [(1.0, cells, (Exam("moyenne", "note_minimale" if series in ("DCG", "DSCG") else None, lowest=True),))]


class Ways:
    """The ways through a session for one kind of candidate."""

    def __init__(self, rules: Rules, figures: Figures) -> None:
        self.rules = rules
        self.figures = figures
        self.groups = [group.code for group in rules.family.groups(rules.session.year)]
        self.high = {rules.exam.beside: Decimal(20)} if rules.exam.beside else {}

    def all(self) -> Iterator[Way]:
        """Every way with its share of the candidates entered."""
        first = self.groups[0]
        present = self.figures.present / self.figures.entered
        yield self.without_marks(first, Decision.ABSENT), 1 - present
        yield self.without_marks(first, Decision.ETALEMENT), SPREAD
        sat = present - SPREAD
        replaced = sat * REPLACED if SEPTEMBER in self.groups else 0
        raised = list(self.raised(first))
        yield from ((course, sat * RAISED / len(raised)) for course in raised)
        usual = sat * (1 - RAISED) - replaced
        yield from ((course, usual * share) for course, share in self.sitting(first))
        if replaced:
            yield from ((course, replaced * share) for course, share in self.sitting(SEPTEMBER))

    def sitting(self, group: str) -> Iterator[Way]:
        """The ways of those who sat the tests of a group and, where it leads to one, the second group after it."""
        bands = self.rules.bands(group, self.rules.exam.first, **self.high)
        second = next((band for band in bands if band.expects(Decision.SECOND_GROUPE)), None)
        after = next((code for code in self.groups if code in AFTER_FIRST), None)
        if second and after and group == self.groups[0]:
            rate = self.figures.first_rate
            saved = self.figures.final_rate - rate
            retaking = min(saved / SECOND_GROUP_SUCCESS, 1 - rate)
            yield from self.retaking(group, second, after, saved, retaking - saved)
        else:
            rate, retaking = self.figures.final_rate, 0.0
        admitted = {band.outcome.mention: band for band in bands if band.outcome and band.expects(Decision.ADMIS)}
        for mention, share in self.mention_shares(rate, admitted):
            yield self.admitted(group, admitted[mention], mention), share
        failing = list(self.failing(group, bands, second or admitted.get(None)))
        yield from ((course, max(0.0, 1 - rate - retaking) / len(failing)) for course in failing)

    def mention_shares(self, rate: float, admitted: Mapping[Mention | None, Band]) -> Iterator[tuple[Mention | None, float]]:
        """Each mention that the rules know with its share of those present; what they do not know goes to the one below."""
        figures = self.figures
        wanted: dict[Mention | None, float] = {
            Mention.TRES_BIEN_FELICITATIONS: figures.felicitations,
            Mention.TRES_BIEN: max(0.0, figures.tb - figures.felicitations),
            Mention.BIEN: figures.b,
            Mention.ASSEZ_BIEN: figures.ab,
        }
        left, carried = rate, 0.0
        lowest = next(mention for mention in reversed(DESCENDING) if mention in admitted)
        for mention in DESCENDING:
            carried += wanted.get(mention, 0.0) * figures.final_rate
            if mention in admitted and mention is not lowest:
                yield mention, min(left, carried)
                left, carried = max(0.0, left - carried), 0.0
        yield lowest, left

    def admitted(self, group: str, band: Band, mention: Mention | None) -> Course:
        """Admitted with marks of a band."""
        lean = -1 if mention in DESCENDING[:2] else 0
        return self.course(group, Decision.ADMIS, mention, self.first(band, lean), self.beside(group, band, Decision.ADMIS))

    def failing(self, group: str, bands: list[Band], short: Band | None) -> Iterator[Course]:
        """Not admitted: marks too low, or of the band `short` of what the mark beside them was to complete.

        Where every mark below the pass opens the second group, these are the candidates who did not come to it.
        """
        low = [band for band in bands if band.expects(Decision.AJOURNE)] or [
            band for band in bands if band.outcome and Decision.AJOURNE in band.outcome.decisions
        ]
        for band in low:
            yield self.course(group, Decision.AJOURNE, None, *self.low_marks(band))
        if short and (beside := self.beside(group, short, Decision.AJOURNE)):
            yield self.course(group, Decision.AJOURNE, None, self.first(short, 0), beside)

    def retaking(self, group: str, band: Band, after: str, saved: float, lost: float) -> Iterator[Way]:
        """The second group: `saved` of those present are admitted after it, without a mention, `lost` are not."""
        again = self.rules.exam.again
        assert again is not None, "a family with a second group says where its marks are"
        first, beside = self.first(band, 1), self.beside(group, band, Decision.SECOND_GROUPE)
        fixed = {self.rules.exam.first: self.rules.value(self.rules.exam.first, band.middle), **self.high}
        for found in self.rules.bands(after, again, **fixed):
            if found.expects(Decision.ADMIS):
                mark = self.rules.mark(again, found.low, min(found.high, found.low + 300), -1)
                yield self.course(after, Decision.ADMIS, None, first, beside, mark), saved
            elif found.expects(Decision.AJOURNE):
                mark = self.rules.mark(again, max(found.low, found.high - 250), found.high, 1)
                yield self.course(after, Decision.AJOURNE, None, first, beside, mark), lost

    def raised(self, group: str) -> Iterator[Course]:
        """Lines that contradict the rules: the jury gave the diploma, or a mention, to marks just below."""
        bands = self.rules.bands(group, self.rules.exam.first, **self.high)
        for below, above in pairwise(bands):
            if below.outcome is None or above.outcome is None or not above.expects(Decision.ADMIS):
                continue
            if Decision.ADMIS not in below.outcome.decisions or below.outcome.mention is not above.outcome.mention:
                near = Band(below.outcome, max(below.low, below.high - 24), below.high)
                beside = self.beside(group, above, Decision.ADMIS)
                yield self.course(group, Decision.ADMIS, above.outcome.mention, self.first(near, 1), beside)

    def without_marks(self, group: str, decision: Decision) -> Course:
        """Absent, or tests spread over several sessions: no mark is final."""
        return self.course(group, decision, None)

    def course(self, group: str, decision: Decision, mention: Mention | None, *marks: Mark | None) -> Course:
        """A way through the session, without the marks that the exam does not have."""
        cells = {**self.rules.cells, "groupe": group, "decision": decision.name, "mention": MENTION_CELLS[mention]}
        return Course(cells, tuple(mark for mark in marks if mark is not None))

    def first(self, band: Band, lean: int) -> Mark:
        """The first mark, within a band."""
        return self.rules.mark(self.rules.exam.first, band.low, band.high, lean)

    def beside(self, group: str, band: Band, decision: Decision) -> Mark | None:
        """The mark beside the first one of a band, such that the rules expect `decision`; near the first one where they allow."""
        column = self.rules.exam.beside
        if column is None:
            return None
        fixed = {self.rules.exam.first: self.rules.value(self.rules.exam.first, band.middle)}
        found = next((one for one in self.rules.bands(group, column, **fixed) if one.expects(decision)), None)
        if found is None:
            return None
        low, high = (0, band.low) if self.rules.exam.lowest else (band.low - 150, band.high + 150)
        low, high = max(found.low, low), min(found.high, high)
        return self.rules.mark(column, min(low, found.high), max(high, found.low), 0)

    def low_marks(self, band: Band) -> tuple[Mark, ...]:
        """Marks of a band that decides alone, with whatever is beside the first one."""
        exam = self.rules.exam
        if exam.beside is None:
            return (self.first(band, 1),)
        if exam.lowest:
            middle = band._replace(low=band.middle)
            return self.first(middle, 0), self.rules.mark(exam.beside, band.middle // 2, band.middle, 0)
        return self.first(band, 1), Mark(exam.beside, TWENTY.texts[band.high * 3 // 10 : band.high], 1)
