"""What is a file found to be? Numbered steps, each with its outcome and reason, and the verdict that follows from them."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from seal.attested import Attested


class TrustUnreadable(ValueError):
    """A folder of trust is not there, or a file of it is missing or cannot be read; the text names it."""


@dataclass(frozen=True)
class Bilingual:
    """A sentence in French and in English."""

    fr: str
    en: str


class Outcome(StrEnum):
    """What a step found. Undetermined: what is at hand decides neither way."""

    PASSED = "PASSED"
    FAILED = "FAILED"
    UNDETERMINED = "UNDETERMINED"


class Verdict(StrEnum):
    """What a file is: one of ours as it was sealed; not one of ours or no longer as it was sealed; or neither can be told today."""

    GENUINE = "GENUINE"
    NOT_GENUINE = "NOT_GENUINE"
    UNDETERMINED = "UNDETERMINED"


class Level(StrEnum):
    """The baseline levels of PAdES (ETSI EN 319 142-1, 6): sealed; its time trusted; its proofs inside; these stamped in turn."""

    B_B = "B-B"
    B_T = "B-T"
    B_LT = "B-LT"
    B_LTA = "B-LTA"


@dataclass(frozen=True)
class Step:
    """One thing that was looked at, in the order in which it was. `reason` says what was found, what it means and what to do.

    `detail` is for the operator: which check of the step failed. It quotes nothing of the file.
    """

    number: int
    name: Bilingual
    outcome: Outcome
    reason: Bilingual
    detail: str = ""


REGISTER = Bilingual("Le registre confirme l'attestation aujourd'hui", "The register confirms the attestation today")
OFFLINE = Bilingual(
    "Le registre n'a pas été interrogé : le diplôme a pu être corrigé ou retiré depuis le cachet. "
    "Le savoir : suivre le lien ou saisir la clé de contrôle, à l'adresse imprimée sur l'attestation.",
    "The register was not asked: the diploma may have been corrected or withdrawn since it was sealed. "
    "To know: follow the link or type the control key, at the address printed on the attestation.",
)


@dataclass(frozen=True)
class SealCertificate:
    """Who sealed: the subject of the certificate and its serial number in hexadecimal."""

    subject: str
    organization_identifier: str
    serial: str


@dataclass(frozen=True, kw_only=True, repr=False)
class Report:
    """What was found of a file. `steps` are about the file alone; `register` is the step after them, of whoever has the register.

    `sealed_at` is what a trusted time stamp says; `level` is what was verified, never what the file says of itself. `attestation` is
    there when the file is genuine, and only then.
    """

    steps: tuple[Step, ...]
    register: Step
    attestation: Attested | None = None
    sealed_at: datetime | None = None
    level: Level | None = None
    certificate: SealCertificate | None = None

    @property
    def verdict(self) -> Verdict:
        """Genuine when every step about the file passed and the register, if it was asked, agrees. One failure outweighs every doubt."""
        outcomes = {step.outcome for step in self.steps}
        if Outcome.FAILED in outcomes or self.register.outcome is Outcome.FAILED:
            return Verdict.NOT_GENUINE
        return Verdict.UNDETERMINED if Outcome.UNDETERMINED in outcomes else Verdict.GENUINE

    @property
    def every_step(self) -> tuple[Step, ...]:
        """The steps about the file, then the register's."""
        return (*self.steps, self.register)

    @property
    def sentence(self) -> Bilingual:
        """The verdict in one sentence, which says so when it is about the file alone."""
        return SENTENCES[self.verdict, self.register.outcome is Outcome.PASSED]

    def with_register(self, outcome: Outcome, reason: Bilingual) -> "Report":
        """The report completed by what the register says of the attestation today: `PASSED` when it is the current version of a diploma.

        `UNDETERMINED` leaves the verdict one about the file: what was genuine and is replaced or withdrawn since remains a genuine file.
        `FAILED` is for what the register knows to be false: it never recorded such a version.
        """
        attestation = None if outcome is Outcome.FAILED else self.attestation
        return replace(self, register=replace(self.register, outcome=outcome, reason=reason), attestation=attestation)


ABOUT_THE_FILE = Bilingual(
    "Fichier authentique : il est tel qu'il a été scellé. Le registre n'en confirme pas l'état d'aujourd'hui (dernière étape).",
    "Genuine file: it is as it was sealed. The register does not confirm it as of today (last step).",
)
CONFIRMED = Bilingual(
    "Attestation authentique : le fichier est tel qu'il a été scellé, et le registre la confirme aujourd'hui.",
    "Genuine attestation: the file is as it was sealed, and the register confirms it today.",
)
REFUSED = Bilingual(
    "Fichier non authentique : ne pas s'y fier.",
    "Not genuine: do not rely on this file.",
)
UNDECIDED = Bilingual(
    "Authenticité indéterminée : ne pas s'y fier avant d'avoir levé le doute.",
    "Could not be determined: do not rely on this file before the doubt is settled.",
)
SENTENCES = {
    (Verdict.GENUINE, True): CONFIRMED,
    (Verdict.GENUINE, False): ABOUT_THE_FILE,
    (Verdict.NOT_GENUINE, True): REFUSED,
    (Verdict.NOT_GENUINE, False): REFUSED,
    (Verdict.UNDETERMINED, True): UNDECIDED,
    (Verdict.UNDETERMINED, False): UNDECIDED,
}
