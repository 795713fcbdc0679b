"""What the attestation of each family says of a row of the register, and that who answers requests cannot seal."""

import subprocess
import sys
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from graph.diploma import Diploma
from graph.enums import Mention
from graph.stored import Column, declarations
from plugins.loading import families
from resolvers.attestations import HONOURS, attestation_of, page_of
from resolvers.keys import Keyring
from seal.attestation import Attestation, Malformed
from seal.attested import read
from seal.filling import fill
from tests.issuing import DEMONSTRATION, SITE
from tests.journey import BAC_GENERAL, KEYRING

ROW: dict[str, Any] = {
    "id": UUID(int=7), "version": 1, "status": "VALID", "family": "bac", "session_year": 2026, "title": "Baccalauréat général",
    "title_code": BAC_GENERAL, "mention": None, "national_level": 4, "awarded_on": date(2026, 7, 5), "birth_name": "LECŒUR",
    "used_name": None, "given_names": ["Éloïse"], "birth_date": "2008-03-12", "birth_commune": "25056", "birth_place": None,
    "birth_country": "99100", "details": {}, "recorded_at": datetime(2026, 7, 10, 9, 0, 1, 500, UTC),
    "published_at": datetime(2026, 7, 10, 9, tzinfo=UTC), "academy_code": "01", "academy_name": "Paris", "academy_kind": "ACADEMY",
    "academy_departments": "75", "academy_valid_from": None, "academy_valid_until": None, "academy_successor_code": None,
    "region_code": None, "service_code": None,
}  # fmt: skip


def attested(**changes: Any) -> Attestation:
    return attestation_of(
        {**dict.fromkeys(stored.name for _, stored, _ in declarations(Diploma) if isinstance(stored, Column)), **ROW, **changes},
        1,
        KEYRING,
        DEMONSTRATION,
        SITE,
    )


FAMILIES = [
    pytest.param(
        "bac", BAC_GENERAL,
        {"specialities": ["Mathématiques", "Arts"], "options": ["SECTION_EUROPEENNE", "OIB"], "section_language": "Italien"},
        [("specialities", "Mathématiques, Arts", None), ("options", "section européenne, option internationale du baccalauréat",
          "European section, international option of the baccalauréat"), ("section_language", "Italien", None)], id="bac",
    ),
    pytest.param("bac", BAC_GENERAL, {}, [], id="bac that says nothing more"),
    pytest.param("bts", "32031212", {"option": "A"}, [("option", "A", None)], id="bts"),
    pytest.param("dnb", "67110003", {}, [("series", None, None)], id="dnb"),
    pytest.param("cap", "50022139", {"form": "GLOBALE"}, [], id="cap"),
    pytest.param("bep", "51033003", {}, [], id="bep"),
    pytest.param(
        "higher", None,
        {"degree": "MASTER", "subject": "Informatique", "course": "Génie logiciel", "establishment": "Université de Lorraine",
         "ects": 300},
        [("establishment", "Université de Lorraine", None),
         ("ects", "300", None)], id="higher",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("family", "code", "details", "lines"), FAMILIES)
def test_each_family_has_its_lines_and_its_page_can_be_drawn(
    family: str, code: str | None, details: dict[str, Any], lines: list[tuple[str, str | None, str | None]]
) -> None:
    said = attested(family=family, title_code=code, details=details)
    assert [each.name for each in said.particulars] == [name for name, _, _ in lines]
    for each, (_, value, companion) in zip(said.particulars, lines, strict=True):
        assert each.label_fr and each.label_en
        assert each.value == value if value else each.value
        assert companion is None or each.value_en == companion
    assert said.family_label == families()[family].label.fr
    assert read(said.canonical()) == said
    assert fill(said, page_of(family, None)).filled(b"").startswith(b"%PDF")


def test_every_mention_has_its_line_with_an_english_companion_before_those_of_the_family() -> None:
    assert set(HONOURS) == set(Mention)
    for mention in Mention:
        first, *others = attested(mention=mention.name, details={"specialities": ["Arts"]}).particulars
        assert (first.name, first.value_en, [each.name for each in others]) == ("mention", HONOURS[mention], ["specialities"])


@pytest.mark.parametrize(
    ("birth", "place", "country"),
    [
        ({}, "Besançon", None),
        ({"birth_place": "Besançon-les-Bains"}, "Besançon-les-Bains", None),
        ({"birth_commune": None, "birth_place": "Berlin", "birth_country": "99109"}, "Berlin", "Allemagne"),
        ({"birth_commune": None, "birth_country": "99109"}, None, "Allemagne"),
        ({"birth_commune": None, "birth_country": None}, None, None),
        ({"birth_commune": "00000", "birth_country": "00000"}, None, None),
    ],
)
def test_a_birthplace_is_said_in_the_records_words_or_by_the_official_code(
    birth: dict[str, Any], place: str | None, country: str | None
) -> None:
    said = attested(**birth)
    assert (said.birth_place, said.birth_country) == (place, country)


@pytest.mark.parametrize("birth_date", ["2008-00-00", "2008-03-00", "2008-03-12", None])
def test_a_date_of_birth_is_as_precise_as_the_record(birth_date: str | None) -> None:
    said = attested(birth_date=birth_date, used_name="Durand")
    assert (said.birth_date, said.used_name) == (birth_date, "Durand")
    assert read(said.canonical()) == said


def test_a_record_that_no_attestation_can_say_is_malformed() -> None:
    with pytest.raises(Malformed):
        attested(birth_name="")


def test_a_version_says_which_one_it_replaces_and_has_a_key_a_link_and_a_salt_of_its_own() -> None:
    first, second = attested(), attested(version=2)
    assert (first.supersedes_version, second.supersedes_version) == (None, 1)
    for name in ("control_key", "link", "salt"):
        assert getattr(first, name) != getattr(second, name)
    assert attested() == first
    renewed = KEYRING.document_secret(UUID(int=7), 1, 2)
    assert renewed != KEYRING.document_secret(UUID(int=7), 1, 1) and len(renewed) == 22
    elsewhere = Keyring.of(b"another master secret of 32 bytes")
    assert elsewhere.salt(UUID(int=7), 1) != first.salt
    assert KEYRING.share_lookup_of(renewed) == KEYRING.document_lookup(UUID(int=7), 1, 2)
    assert KEYRING.document_secret(UUID(int=7), 1, 1) != KEYRING.share_secret(UUID(int=7)), "no link of a holder is a printed one"


def test_a_process_that_answers_requests_has_nothing_that_seals_or_parses_the_files_of_strangers() -> None:
    forbidden = ("resolvers.sealing", "server.sealing", "seal.authority", "seal.sealing", "pkcs11", "pyhanko", "pikepdf", "pypdf")
    code = f"import sys, server.app; print([name for name in sys.modules if name.startswith({forbidden!r})])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
