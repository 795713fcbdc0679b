"""What a family of diplomas is: the contract, and the six families of national and higher education.

Authors of a family import this module alone: `__all__` is the whole public Python API. Imports graph; knows no storage, no network.
"""

from graph.diploma import Diploma
from graph.enums import Decision, Mention
from graph.stored import column, detail
from graph.text import Text
from plugins.contract import (
    Column,
    Dated,
    Family,
    Invalid,
    JuryGroup,
    Line,
    Outcome,
    Results,
    Session,
    Value,
    at,
)

__all__ = [
    "Column",
    "Dated",
    "Decision",
    "Diploma",
    "Family",
    "Invalid",
    "JuryGroup",
    "Line",
    "Mention",
    "Outcome",
    "Results",
    "Session",
    "Text",
    "Value",
    "at",
    "column",
    "detail",
]
