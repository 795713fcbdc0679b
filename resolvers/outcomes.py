"""What each test of a matching may say, with its sentence for the agent who reviews it (docs/matching.md)."""

from enum import Enum

from graph.text import Text


class Outcome(Enum):
    """The outcome of one test. Its name is what a case or a log of decisions keeps."""

    @property
    def explanation(self) -> Text:
        """What was found, for an agent who has both sides before their eyes."""
        return self.value


class FamilyTest(Outcome):
    """The person's birth name against the name of the record."""

    EQ = Text("le nom de naissance est le même", "the birth name is the same")
    USAGE = Text(
        "le relevé porte le nom d'usage de la personne, non son nom de naissance",
        "the record has the person's used name instead of the birth name",
    )
    SWAP = Text("le nom et le prénom sont intervertis", "the family name and the given name are exchanged")
    NO = Text("le nom est différent", "the name is different")


class GivenTest(Outcome):
    """The person's given names against those of the record."""

    EQ = Text(
        "le premier prénom est le même, et les suivants quand les deux côtés les ont",
        "the first given name is the same, and so are the others where both sides have them",
    )
    OTHER = Text(
        "le relevé porte un autre prénom de la personne que le premier",
        "the record has a given name of the person that is not the first",
    )
    UNKNOWN = Text("un côté n'a pas de prénom", "one side has no given name")
    NO = Text("le prénom est différent", "the given name is different")


class DateTest(Outcome):
    """The person's date of birth against that of the record."""

    EQ = Text("la date de naissance est la même", "the date of birth is the same")
    PARTIAL = Text(
        "la même date incomplète des deux côtés : le jour ou le mois est inconnu",
        "the same incomplete date on both sides: the day or the month is unknown",
    )
    PRESUMED = Text(
        "la même date, mais son premier jour du mois ou de l'année tient sans doute lieu d'un jour inconnu",
        "the same date, but its first day of the month or year may stand for a day that is unknown",
    )
    COMPAT = Text(
        "ce qui est connu des deux dates concorde, l'une est moins précise",
        "what is known of both dates agrees, one of them is less precise",
    )
    NO = Text("la date de naissance est différente ou manque", "the date of birth is different or missing")


class PlaceTest(Outcome):
    """The person's place of birth against that of the record."""

    EQ = Text(
        "la commune de naissance est la même, ou celle qui l'a précédée, suivie ou qui la contient",
        "the commune of birth is the same, or the one that preceded, followed or contains it",
    )
    UNKNOWN = Text(
        "le relevé n'a pas de lieu de naissance, ou un libellé inconnu",
        "the record has no place of birth, or an unknown label",
    )
    COUNTRY = Text(
        "né à l'étranger : le pays concorde, la ville ne peut être comparée",
        "born abroad: the country agrees, the town cannot be compared",
    )
    CONFLICT = Text("le lieu de naissance est différent", "the place of birth is different")


class SexTest(Outcome):
    """The person's sex against that of the record."""

    EQ = Text("le sexe est le même", "the sex is the same")
    DIFFERS = Text("le sexe est différent", "the sex is different")
    UNKNOWN = Text("le relevé n'indique pas le sexe", "the record does not give the sex")


class Decision(Enum):
    """What becomes of a record: attached, shown to an agent, or left alone. The last two have the same answer to the person."""

    MATCH = "MATCH"
    REVIEW = "REVIEW"
    NO_MATCH = "NO_MATCH"
