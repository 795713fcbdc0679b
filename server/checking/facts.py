"""What the register says of a diploma, as these pages write it."""

from collections.abc import Iterable
from datetime import UTC, datetime
from html import escape

from db.statements import Row
from graph.text import Language, Text
from resolvers import rows
from resolvers.attestations import birthplace, lines_of, mention_of
from resolvers.known_families import family_of
from seal.attestation import Particular
from seal.wording import in_english, in_french
from server.pages import paragraph, say

STATUS = {
    "VALID": Text("Ce diplôme est valide.", "This diploma is valid."),
    "SUSPENDED": Text("Ce diplôme est momentanément indisponible.", "This diploma is unavailable for the time being."),
}
UNKNOWN = Text("inconnu", "unknown")

Fact = tuple[Text, str]


def standing(row: Row, language: Language) -> str:
    """Whether the diploma is valid today, and since when it is not; why is told to nobody."""
    since = row["invalid_since"]
    if since is None:
        return status(row["status"].lower(), STATUS[row["status"]], language)
    no_longer = Text(
        f"Ce diplôme n’est plus valide depuis le {since:%d/%m/%Y}.", f"This diploma is no longer valid, since {since:%Y-%m-%d}."
    )
    return status("revoked", no_longer, language)


def status(kind: str, text: Text, language: Language) -> str:
    """A sentence that counts more than what follows it; `kind` says how it looks."""
    return f'<p class="status {kind}">{escape(say(text, language))}</p>'


def replaced(row: Row, language: Language) -> str:
    """Since when there is a newer version than that of the paper in hand."""
    day = row["recorded_at"]
    return status(
        "suspended",
        Text(
            f"L’attestation que vous avez est remplacée depuis le {day:%d/%m/%Y} : en demander une nouvelle au titulaire. "
            "Voici le diplôme tel qu’il est aujourd’hui.",
            f"The attestation that you have was replaced on {day:%Y-%m-%d}: ask the holder for the new one. "
            "This is the diploma as it stands today.",
        ),
        language,
    )


def read_now(language: Language) -> str:
    """The answer holds for this moment alone."""
    now = moment(datetime.now(UTC))
    return paragraph(Text(f"Lu dans le registre le {now.fr}.", f"Read in the register on {now.en}."), language)


def moment(at: datetime) -> Text:
    """A moment to the minute."""
    at = at.astimezone(UTC)
    return Text(f"{at:%d/%m/%Y à %H:%M} UTC", f"{at:%Y-%m-%d at %H:%M} UTC")


def facts(row: Row, scope: str, language: Language, before: Iterable[Fact] = ()) -> str:
    """What a scope shows of a diploma (`graph.shares.ShareScope`), line by line, after other lines."""
    return listed((*before, *_facts(row, scope, language)), language)


def listed(lines: Iterable[Fact], language: Language) -> str:
    """Names and values."""
    shown = "\n".join(f"<dt>{escape(say(name, language))}</dt><dd>{escape(value)}</dd>" for name, value in lines)
    return f"<dl>{shown}</dl>"


def _facts(row: Row, scope: str, language: Language) -> list[Fact]:
    """In the words of the attestation's page, which readers compare with these."""
    session = (Text("Session", "Session"), str(row["session_year"]))
    if scope == "EXISTS":
        return [session]
    diploma = rows.diploma(row)
    found = [session, (Text("Académie", "Academy"), row["academy_name"])]
    found.extend(_particular(line, language) for line in (*mention_of(diploma), *lines_of(family_of(row["family"]), diploma)))
    if row["awarded_on"]:
        found.append((Text("Décision du jury", "Decision of the jury"), _day(row["awarded_on"].isoformat(), language)))
    if row["national_level"]:
        found.append((Text("Niveau de qualification", "Qualification level (EQF)"), str(row["national_level"])))
    found.append((Text("Nom de naissance", "Birth name"), row["birth_name"]))
    if row["used_name"]:
        found.append((Text("Nom d’usage", "Used name"), row["used_name"]))
    found.append((Text("Prénoms", "Given names"), ", ".join(row["given_names"]) or "–"))
    return [*found, *_birth(row, language)] if scope == "FULL" else found


def _birth(row: Row, language: Language) -> list[Fact]:
    unknown = say(UNKNOWN, language)
    date, (place, country) = row["birth_date"], birthplace(row)
    where = f"{place} ({country})" if place and country else place or country
    return [
        (Text("Date de naissance", "Date of birth"), _day(date, language) if date else unknown),
        (Text("Lieu de naissance", "Place of birth"), where or unknown),
    ]


def _particular(line: Particular, language: Language) -> Fact:
    """A line of the family: its French value has legal force, the English one helps to read it."""
    companion = f" ({line.value_en})" if language == "en" and line.value_en else ""
    return Text(line.label_fr, line.label_en), line.value + companion


def _day(date: str, language: Language) -> str:
    return in_french(date) if language == "fr" else in_english(date)
