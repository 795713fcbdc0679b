"""What a third party reads."""

from datetime import datetime
from typing import Annotated

import strawberry

from graph.diploma import Diploma
from graph.stored import column, within


@strawberry.type(description="What the register says of a diploma, now.")
class VerifiedDiploma:
    diploma: Diploma = within("The diploma as the register holds it today")
    replaced_on: datetime | None = column(
        "replaced_on",
        "When the record was replaced, if the key belongs to an older version: ask the holder for his new attestation",
    )
    invalid_since: datetime | None = column(
        "invalid_since", "Since when it is no longer valid, of a diploma that was withdrawn; the ground is told to nobody"
    )
    verified_at: datetime = column("verified_at", "When the register was read")


@strawberry.type(
    description="The register shows nothing for this key and this name: one of them is wrong, or the diploma is not visible, or there "
    "were too many attempts. The answer is the same for each cause."
)
class VerificationRefused:
    message: str = strawberry.field(description="What to try, for a person")


Verification = Annotated[
    VerifiedDiploma | VerificationRefused,
    strawberry.union("Verification", description="What the register says of a key and a birth name."),
]
