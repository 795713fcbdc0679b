"""What was found of a file: the verdict, what the register says today, the seal, the steps."""

from html import escape

from cryptography.x509 import Name
from cryptography.x509.oid import NameOID

from graph.documents import AttestedStatus
from graph.text import Language, Text
from resolvers.file_verification import TEXTS, Confirmed
from seal.report import Bilingual, Outcome, Report, SealCertificate, Step, Verdict
from server.checking.facts import Fact, facts, listed, moment, read_now, replaced, standing, status
from server.pages import paragraph, say

REGISTERED = Text("Ce que dit le registre aujourd’hui", "What the register says today")
COMPARE = Text(
    "Comparer ces valeurs avec la page que l’on vous montre : un fichier authentique ne prouve rien d’une autre page.",
    "Compare these values with the page that you are shown: a genuine file proves nothing of another page.",
)
SEAL = Text("Le cachet", "The seal")
CONFIRMED = (AttestedStatus.CURRENT, AttestedStatus.DELIVERED)
"""What the register says of a genuine file to which there is nothing to add."""

MARKS = {
    Outcome.PASSED: ("✓", Text("Conforme", "Passed")),
    Outcome.FAILED: ("✗", Text("Non conforme", "Failed")),
    Outcome.UNDETERMINED: ("?", Text("Indéterminé", "Undetermined")),
}


def findings(found: Confirmed, language: Language) -> str:
    """The verdict first. Of a file that is not genuine, nothing is repeated that it says of itself."""
    report = found.report
    parts = [_verdict(found, language)]
    if report.verdict is not Verdict.NOT_GENUINE:
        parts += [_registered(found, language), _seal(report, language)]
    return "\n".join((*parts, _steps(report, language)))


def _verdict(found: Confirmed, language: Language) -> str:
    report = found.report
    confirmed = report.verdict is not Verdict.GENUINE or found.status in CONFIRMED
    verdict = status(report.verdict.lower() if confirmed else "undetermined", _text(report.sentence), language)
    if report.verdict is Verdict.GENUINE:
        return verdict
    outcome = Outcome.FAILED if report.verdict is Verdict.NOT_GENUINE else Outcome.UNDETERMINED
    decisive = next(step for step in report.every_step if step.outcome is outcome)
    return f"{verdict}\n{paragraph(_text(decisive.reason), language)}"


def _registered(found: Confirmed, language: Language) -> str:
    """Values of today. The birth stands in the file, and is shown when it is still the file's version that the register shows."""
    if found.status is None:
        return ""
    title = f'<h2 id="registered">{escape(say(REGISTERED, language))}</h2>'
    current = found.status in CONFIRMED
    body = status("valid" if current else "suspended", _text(TEXTS[found.status]), language)
    row = found.row
    if row is not None:
        if found.status is AttestedStatus.REPLACED:
            body = replaced(row, language)
        elif not current:
            body = standing(row, language)
        name = (Text("Diplôme", "Diploma"), row["title"])
        shown = facts(row, "FULL" if current else "STANDARD", language, (name,))
        body += f"\n{paragraph(COMPARE, language)}\n{shown}\n{read_now(language)}"
    return f'<section aria-labelledby="registered">\n{title}\n{body}\n</section>'


def _seal(report: Report, language: Language) -> str:
    lines: list[Fact] = []
    if report.sealed_at is not None:
        lines.append((Text("Apposé le", "Set on"), say(moment(report.sealed_at), language)))
    if report.certificate is not None:
        lines.extend(_sealed_by(report.certificate))
    if not lines:
        return ""
    title = f'<h2 id="seal">{escape(say(SEAL, language))}</h2>'
    return f'<section aria-labelledby="seal">\n{title}\n{listed(lines, language)}\n</section>'


def _sealed_by(certificate: SealCertificate) -> list[Fact]:
    """The name of the seal and of whose it is. The subject is written as RFC 4514 says, by what wrote the report."""
    subject = Name.from_rfc4514_string(certificate.subject)
    names = [str(part.value) for part in subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    owners = [str(part.value) for part in subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)]
    owner = " ".join((*owners, f"({certificate.organization_identifier})"))
    return [(Text("Cachet de", "Seal of"), owner), (Text("Certificat", "Certificate"), ", ".join(names) or certificate.serial)]


def _steps(report: Report, language: Language) -> str:
    """Folded away when there is nothing to explain."""
    steps = report.every_step
    passed = sum(step.outcome is Outcome.PASSED for step in steps)
    label = Text(
        f"Les étapes de la vérification ({passed} conformes sur {len(steps)})",
        f"The steps of the verification ({passed} of {len(steps)} passed)",
    )
    opened = "" if passed == len(steps) else " open"
    failed = next((step.number for step in steps if step.outcome is Outcome.FAILED), len(steps))
    listed_steps = "\n".join(_step(step, step.number <= failed, language) for step in steps)
    return (
        f'<details class="steps"{opened}>\n<summary>{escape(say(label, language))}</summary>\n'
        f"<ol>\n{listed_steps}\n</ol>\n</details>"
    )


def _step(step: Step, taken: bool, language: Language) -> str:
    """A step with its mark, if it was taken; its reason says when it was not."""
    sign, word = MARKS[step.outcome]
    mark = (
        f'<span class="mark {step.outcome.lower()}"><span aria-hidden="true">{sign}</span> {escape(say(word, language))}</span>\n'
    )
    return (
        f'<li value="{step.number}"><strong>{escape(say(_text(step.name), language))}</strong>\n'
        f"{mark if taken else ''}{paragraph(_text(step.reason), language)}</li>"
    )


def _text(sentence: Bilingual) -> Text:
    return Text(sentence.fr, sentence.en)
