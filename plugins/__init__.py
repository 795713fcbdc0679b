"""What a family of diplomas is: the contract, and the six families of national and higher education.

Authors of a family import this module alone: `__all__` is the whole public Python API (docs/families.md).
Imports graph; knows no storage, no network.
"""

from graph.diploma import Diploma
from graph.enums import Decision, Mention
from graph.stored import column, computed, detail, member, part, parts
from graph.text import Text
from plugins.columns import mark, one_of, several_of, text, texts, whole
from plugins.contract import (
    CONTRACT,
    AskedAt,
    Column,
    Dated,
    Elsewhere,
    Entry,
    Family,
    Invalid,
    JuryGroup,
    Line,
    Misfit,
    Outcome,
    Reader,
    Results,
    Sample,
    Session,
    Table,
    Value,
    at,
)
from plugins.mentions import (
    AVERAGE,
    NO_MENTION,
    Ladder,
    Step,
    Thresholds,
    admitted,
    cited,
    reached,
    refused,
    thresholds,
)
from plugins.tables import code_at, code_of, table

__all__ = [
    "AVERAGE",
    "CONTRACT",
    "NO_MENTION",
    "AskedAt",
    "Column",
    "Dated",
    "Decision",
    "Diploma",
    "Elsewhere",
    "Entry",
    "Family",
    "Invalid",
    "JuryGroup",
    "Ladder",
    "Line",
    "Mention",
    "Misfit",
    "Outcome",
    "Reader",
    "Results",
    "Sample",
    "Session",
    "Step",
    "Table",
    "Text",
    "Thresholds",
    "Value",
    "admitted",
    "at",
    "cited",
    "code_at",
    "code_of",
    "column",
    "computed",
    "detail",
    "mark",
    "member",
    "one_of",
    "part",
    "parts",
    "reached",
    "refused",
    "several_of",
    "table",
    "text",
    "texts",
    "thresholds",
    "whole",
]
