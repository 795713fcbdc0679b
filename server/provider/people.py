"""Whom one may be at the demonstration providers: people of the fictitious register, each case of theirs once or twice, and agents."""

import hashlib
import hmac
import json
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from db.statements import Database, Row, statement
from graph.text import Text

PEOPLE = statement("demonstration.people")

FRANCE = "99100"
GENDERS = {"F": "female", "M": "male"}

CASES = {
    "ORDINARY": Text("identité semblable au dossier", "identity like the record"),
    "ACCENTS": Text("accents dans le nom et le prénom", "accents in both names"),
    "HOMONYMS": Text("homonyme : une autre personne a le même nom, le même prénom et la même date de naissance",
                     "namesake: another person has the same names and date of birth"),
    "TWINS": Text("jumeaux : même nom, même jour, même commune", "twins: same name, day and commune"),
    "USED_NAME": Text("nom d’usage différent du nom de naissance", "used name other than the birth name"),
    "COMPOUND": Text("nom ou prénoms composés", "compound names"),
    "PACIFIC": Text("naissance dans le Pacifique", "born in the Pacific"),
    "ABROAD": Text("naissance à l’étranger : pas de commune de naissance", "born abroad: no commune of birth"),
    "ABROAD_PARTIAL": Text("naissance à l’étranger, jour de naissance inconnu : FranceConnect le complète par 01",
                           "born abroad, day of birth unknown: FranceConnect completes it with 01"),
    "PARTIAL": Text("jour de naissance inconnu, complété par 01", "day of birth unknown, completed with 01"),
    "CAPITALS": Text("dossier ancien en capitales", "older record in capitals"),
    "DIFFERENT": Text("le jour de naissance n’est pas celui du dossier", "the day of birth is not that of the record"),
    "NO_DIPLOMA": Text("aucun diplôme dans ce registre", "no diploma in this register"),
    "AGENT": Text("agent relié au registre", "agent linked to the register"),
    "UNKNOWN_AGENT": Text("agent que le registre ne connaît pas encore", "agent whom the register does not know yet"),
}  # fmt: skip
NOBODY = {
    "given_name": "Maël Corentin", "given_name_array": ["Maël", "Corentin"], "family_name": "Sansdiplôme", "birthdate": "1999-05-17",
    "idp_birthdate": "1999-05-17", "gender": "male", "birthplace": "29232", "birthcountry": FRANCE,
    "email": "mael.sansdiplome@exemple.test",
}  # fmt: skip
SIRET = "11004301500012"

AGENTS = {
    "first": ("Claude", "Préparant"),
    "second": ("Dominique", "Publiant"),
    "siec-1": ("Camille", "Instruisant"),
    "siec-2": ("Lou", "Relisant"),
    "delegate-1": ("Noa", "Déléguant"),
    "delegate-2": ("Sasha", "Décidant"),
    "auditor": ("Andrea", "Auditant"),
    "operator": ("Charlie", "Exploitant"),
}
"""Given and usual name of the agents whom the register knows, by the value of the button."""


@dataclass(frozen=True, repr=False)
class Subject:
    """Somebody whom one may choose: the value of the button, the name and case on the page, and all the claims.

    `record` is where his diploma stands in the register: family, year and academy.
    """

    choice: str
    name: str
    case: str
    claims: dict[str, Any]
    record: Mapping[str, Any] = field(default_factory=dict[str, Any])


Source = Callable[[Database], Awaitable[Sequence[Subject]]]
"""Where a provider's subjects come from."""


async def holders(database: Database) -> list[Subject]:
    """People of the published register, and one who has no diploma there."""
    counts: Counter[str] = Counter()
    subjects: list[Subject] = []
    for row in await PEOPLE.rows(database):
        counts[row["kind"]] += 1
        choice = f"{row['kind']}-{counts[row['kind']]}".lower().replace("_", "-")
        record = {"family": row["family"], "year": row["session_year"], "academy": row["academy_code"]}
        subjects.append(_subject(choice, row["kind"], _pivot(row), record))
    return [*subjects, _subject("no-diploma", "NO_DIPLOMA", NOBODY, {})]


async def agents(_: Database) -> list[Subject]:
    """The agents of the demonstration, and one whom nobody has linked."""
    linked = [_agent(choice, "AGENT", given, usual) for choice, (given, usual) in AGENTS.items()]
    return [*linked, _agent("unknown", "UNKNOWN_AGENT", "Sacha", "Inconnue")]


def subject_of(person: Subject, client: str, secret: bytes) -> str:
    """The `sub` of a person for one client: it depends on who he is, and changes when that changes (64 hexadecimal digits and `v1`)."""
    identity = json.dumps({name: value for name, value in person.claims.items() if name != "email"}, sort_keys=True)
    return hmac.new(secret, f"{client}\n{identity}".encode(), hashlib.sha256).hexdigest() + "v1"


def _pivot(row: Row) -> dict[str, Any]:
    """The pivot identity that FranceConnect would give of the person of a record."""
    names = [_written(name) if row["capitals"] else name for name in row["given_names"]]
    declared = _other_day(row["birth_date"]) if row["kind"] == "DIFFERENT" else row["birth_date"]
    given = " ".join(names)
    family = _written(row["birth_name"]) if row["capitals"] else row["birth_name"]
    claims = {
        "given_name": given,
        "given_name_array": names,
        "family_name": family,
        "birthdate": declared.replace("-00", "-01"),
        "idp_birthdate": declared,
        "gender": GENDERS[row["sex"]],
        "birthplace": row["birth_commune"] or "" if row["birth_country"] == FRANCE else "",
        "birthcountry": row["birth_country"],
        "email": f"{row['ine'].lower()}@exemple.test",
    }
    return claims | ({"preferred_username": row["used_name"]} if row["used_name"] else {})


def _other_day(date: str) -> str:
    return f"{date[:8]}{int(date[8:]) + 1:02}"


def _written(name: str) -> str:
    """A name in capitals as a registrar writes it."""
    return re.sub(r"\w+", lambda word: word[0].capitalize(), name.lower())


def _subject(choice: str, case: str, claims: dict[str, Any], record: Mapping[str, Any]) -> Subject:
    used = f" (usage : {claims['preferred_username']})" if "preferred_username" in claims else ""
    return Subject(choice, f"{claims['given_name']} {claims['family_name']}{used}", case, claims, record)


def _agent(choice: str, case: str, given: str, usual: str) -> Subject:
    claims = {
        "given_name": given, "usual_name": usual, "email": f"{choice}@academie.exemple.test", "uid": choice, "siret": SIRET,
        "idp_id": "00000000-0000-4000-8000-000000000001",
    }  # fmt: skip
    return Subject(choice, f"{given} {usual}", case, claims)
