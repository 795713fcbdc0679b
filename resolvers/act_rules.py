"""What each act on a diploma takes and does: who prepares and approves it, on which status, and what it may change.

The facts are in docs/life.md, with the articles of law.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from graph.acts import DiplomaActKind
from resolvers.roles import Act

Kind = DiplomaActKind

PERSON = (
    "nom_naissance", "nom_usage", "prenoms", "sexe", "date_naissance", "commune_naissance", "lieu_naissance", "pays_naissance",
)  # fmt: skip
"""Columns of an import that say who somebody is."""

AWARD = ("code_diplome", "mention", "date_jury")
"""Those that say what he was awarded; a family's own are beside them."""

STANDING = frozenset({"VALID", "SUSPENDED"})


@dataclass(frozen=True)
class Rule:
    """An act. `after` is the status that it leads to, or None when it keeps the one there is; `columns` are those that it may change.

    An act that `writes` makes a new version; one that `renames` takes the names of older ones away, and closes what they opened.
    """

    prepare: Act
    approve: frozenset[Act]
    before: frozenset[str]
    after: str | None = None
    columns: tuple[str, ...] = ()
    family_columns: bool = False
    writes: bool = True
    renames: bool = False


RULES: Mapping[Kind, Rule] = {
    Kind.MATERIAL_CORRECTION: Rule(
        Act.CORRECT, frozenset({Act.CORRECT}), STANDING, columns=("ine", *PERSON, "etablissement", *AWARD), family_columns=True
    ),
    Kind.IDENTITY_CHANGE: Rule(Act.CORRECT, frozenset({Act.CORRECT}), STANDING, columns=PERSON, renames=True),
    # a head of service writes down what the jury decided; the delegate, who alone carries both rights, approves it
    Kind.JURY_REVISION: Rule(Act.REVISE, frozenset({Act.REVISE, Act.SANCTION}), STANDING, columns=AWARD, family_columns=True),
    Kind.SUSPENSION: Rule(Act.SANCTION, frozenset({Act.SANCTION}), frozenset({"VALID"}), "SUSPENDED", writes=False),
    Kind.SUSPENSION_LIFTED: Rule(Act.SANCTION, frozenset({Act.SANCTION}), frozenset({"SUSPENDED"}), "VALID", writes=False),
    Kind.WITHDRAWAL: Rule(Act.SANCTION, frozenset({Act.SANCTION}), STANDING, "REVOKED"),
    Kind.ANNULMENT: Rule(Act.SANCTION, frozenset({Act.SANCTION}), STANDING, "REVOKED"),
    Kind.REINSTATEMENT: Rule(Act.SANCTION, frozenset({Act.SANCTION}), frozenset({"REVOKED"}), "VALID"),
    Kind.ERASURE: Rule(Act.CORRECT, frozenset({Act.ERASE}), STANDING | {"REVOKED"}, "ERASED", writes=False, renames=True),
}
