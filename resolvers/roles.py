"""What each role may do, as `db/reference/role.csv` and `role_right.csv` say; the register holds the same rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from db import reference
from graph.text import Text


class Act(Enum):
    """What an agent may do for his academies."""

    READ = "READ"
    IMPORT = "IMPORT"
    CLOSE = "CLOSE"
    PREPARE = "PREPARE"
    RELEASE = "RELEASE"
    WITHDRAW = "WITHDRAW"
    REVIEW = "REVIEW"
    REQUESTS = "REQUESTS"
    """Answer requests at the desk."""
    CORRECT = "CORRECT"
    """Correct a published diploma: a material error, or the identity of its holder."""
    REVISE = "REVISE"
    """Write what a jury decided anew: a head of service prepares it, a rector's delegate approves it."""
    SANCTION = "SANCTION"
    """Suspend, withdraw, annul or reinstate a diploma."""
    ERASE = "ERASE"
    """Release the erasure of what has been kept to the end."""
    AUDIT = "AUDIT"
    """Read the journal, and change nothing."""
    STATISTICS = "STATISTICS"
    OPERATE = "OPERATE"
    """Read the queues of this deployment."""


@dataclass(frozen=True)
class Role:
    """What people call a role, and what it carries."""

    label: Text
    acts: frozenset[Act]


def _roles() -> Mapping[str, Role]:
    rights = [(row["role"], Act[row["act"] or ""]) for row in reference.rows("role_right")]
    return {
        code: Role(Text(row["label_fr"] or "", row["label_en"] or ""), frozenset(act for role, act in rights if role == code))
        for row in reference.rows("role")
        if (code := row["code"])
    }


ROLES = _roles()
"""By code."""
