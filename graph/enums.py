"""The closed lists of the register."""

from enum import Enum

import strawberry


@strawberry.enum(description="Distinction that a jury awards with the diploma.")
class Mention(Enum):
    PASSABLE = strawberry.enum_value("PASSABLE", description="Passable (establishments of higher education only)")
    ASSEZ_BIEN = strawberry.enum_value("ASSEZ_BIEN", description="Assez bien")
    BIEN = strawberry.enum_value("BIEN", description="Bien")
    TRES_BIEN = strawberry.enum_value("TRES_BIEN", description="Très bien")
    TRES_BIEN_FELICITATIONS = strawberry.enum_value(
        "TRES_BIEN_FELICITATIONS", description="Très bien avec les félicitations du jury"
    )


@strawberry.enum(description="What a jury decided for a candidate.")
class Decision(Enum):
    ADMIS = strawberry.enum_value("ADMIS", description="Admis: the diploma is awarded")
    AJOURNE = strawberry.enum_value("AJOURNE", description="Ajourné: not admitted at this session")
    ABSENT = strawberry.enum_value("ABSENT", description="Absent: did not sit the examination")
    ETALEMENT = strawberry.enum_value(
        "ETALEMENT", description="Sans décision finale, tests spread over several sessions: final for this session"
    )
    SECOND_GROUPE = strawberry.enum_value("SECOND_GROUPE", description="Allowed to the second group: not final")
    REMPLACEMENT = strawberry.enum_value("REMPLACEMENT", description="Waits for the replacement session: not final")
    EN_ATTENTE = strawberry.enum_value("EN_ATTENTE", description="The jury has not decided yet: not final")

    @property
    def final(self) -> bool:
        """Whether nothing more is awaited for the candidate at this session."""
        return self in FINAL_DECISIONS


FINAL_DECISIONS = frozenset({Decision.ADMIS, Decision.AJOURNE, Decision.ABSENT, Decision.ETALEMENT})


@strawberry.enum(description="What the register says of a diploma today.")
class DiplomaStatus(Enum):
    VALID = strawberry.enum_value("VALID", description="The diploma stands as shown")
    SUPERSEDED = strawberry.enum_value("SUPERSEDED", description="A newer version of this record exists")
    SUSPENDED = strawberry.enum_value("SUSPENDED", description="Temporarily unavailable")
    REVOKED = strawberry.enum_value("REVOKED", description="No longer valid")


@strawberry.enum(description="Where an exam session stands on its way to publication.")
class SessionState(Enum):
    OPEN = strawberry.enum_value("OPEN", description="Results are still expected or unconfirmed")
    COMPLETE = strawberry.enum_value("COMPLETE", description="Every jury group is closed and every candidate decided")
    PREPARED = strawberry.enum_value("PREPARED", description="A first agent prepared the publication")
    PUBLISHED = strawberry.enum_value("PUBLISHED", description="Holders and third parties see the diplomas")
    WITHDRAWN = strawberry.enum_value("WITHDRAWN", description="The publication was withdrawn by two agents")
