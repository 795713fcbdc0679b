"""What the page of a delivered document says, in French with an English companion."""

from seal.delivered import DeliveredDocument
from seal.wording import SPACE, in_english, in_french, place_of

NAMES = (
    "issuer", "service", "birth_name", "used_name", "given_names", "birth_date", "birth_date_en", "birth_place", "title", "series",
    "mention", "session", "awarded_on", "awarded_on_en", "academy", "average", "site", "sealer", "sealer_id", "document", "document_en",
)  # fmt: skip
"""The slots that its page has, besides those of the marks."""
LINES = ("subject", "mark", "coefficient")
"""The slots that it has for each mark."""
HEADINGS = {"ATTESTATION": "Attestation de réussite", "MARK_SHEET": "Relevé de notes"}


def words(delivered: DeliveredDocument) -> dict[str, str]:
    """Each value by the name of its slot; one that is not known has no entry."""
    said: dict[str, str | None] = {
        "issuer": delivered.issuer.name,
        "service": delivered.service,
        "birth_name": delivered.birth_name,
        "used_name": delivered.used_name,
        "given_names": ", ".join(delivered.given_names),
        "birth_date": delivered.birth_date and in_french(delivered.birth_date),
        "birth_date_en": delivered.birth_date and in_english(delivered.birth_date),
        "birth_place": place_of(delivered.birth_place, delivered.birth_country),
        "title": delivered.title,
        "series": delivered.series,
        "mention": delivered.mention,
        "session": str(delivered.session),
        "awarded_on": delivered.awarded_on and in_french(delivered.awarded_on.isoformat()),
        "awarded_on_en": delivered.awarded_on and in_english(delivered.awarded_on.isoformat()),
        "academy": delivered.academy_name,
        "average": delivered.average,
        "site": delivered.site,
        "sealer": delivered.issuer.name,
        "sealer_id": f"SIREN{SPACE}{delivered.issuer.siren}",
        "document": f"Document {delivered.id} · demande {delivered.reference} · établi le {in_french(_day(delivered))}",
        "document_en": f"Request {delivered.reference} · issued on {in_english(_day(delivered))}",
    }
    for index, each in enumerate(delivered.marks):
        said[f"subject.{index}"] = each.subject
        said[f"mark.{index}"] = each.mark
        said[f"coefficient.{index}"] = each.coefficient and f"coef.{SPACE}{each.coefficient}"
    return {name: value for name, value in said.items() if value}


def _day(delivered: DeliveredDocument) -> str:
    return delivered.issued_at.date().isoformat()
