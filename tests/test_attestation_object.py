"""An attestation is one object with one spelling: what is read back is what was written, and nothing else is read."""

import json
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from seal.attestation import LARGEST, AttestationRefused, Malformed, NotCanonical, TooLarge, commitment
from seal.attested import read
from tests.attestations import BREVET, SHAPES, attestation


def altered(*path: str, value: Any = None) -> bytes:
    """The canonical bytes of an object one field of which was changed, or taken out."""
    whole = attestation().object()
    place = whole
    for name in path[:-1]:
        place = place[name]
    if value is None:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return rfc8785.dumps(whole)


@pytest.mark.parametrize("shape", SHAPES)
def test_what_is_read_is_what_was_written(shape: str) -> None:
    assert read(SHAPES[shape].canonical()) == SHAPES[shape]


def test_the_brevet_is_spelled_so() -> None:
    assert BREVET.canonical().decode() == (
        '{"@type":"urn:fr:attestation-diplome:1",'
        '"control":{"key":"7KQM-4XRD","link":"https://parchemin.example/v#AbCdEfGhIjKlMnOpQrStUv","site":"parchemin.example/verifier"},'
        '"diploma":{"academy":"03","academy_name":"Besançon","code":"47010019","family":"dnb","family_label":"Brevet","session":2026,'
        '"title":"Diplôme national du brevet, série générale"},'
        '"holder":{"birth_date":"2011-01","birth_name":"O’Brien","birth_place":{"country":"Irlande","country_cog":"99136"},'
        '"given_names":["Noé"]},'
        '"id":"urn:uuid:0199c1f2-7c3e-7a41-9d6e-2f0b1c5a8e77","issued_at":"2026-07-10T09:00:00Z",'
        '"issuer":{"name":"Service interacadémique des examens et concours","organizationIdentifier":"NTRFR-110043015",'
        '"siren":"110043015"},'
        '"particulars":[],"salt":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8","version":1}'
    )


def test_a_commitment_is_the_salted_hash_of_all_but_the_salt() -> None:
    whole = json.loads(BREVET.canonical())
    del whole["salt"]
    spelled = json.dumps(whole, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    assert BREVET.commitment() == sha256(b"attestation-diplome/v1\0" + bytes(range(32)) + spelled).digest()
    assert BREVET.commitment().hex() == "547414978a1944af42b20c9a83dbff524a219fbef472bf260274d78b5303097e"


def test_a_commitment_changes_with_the_salt_and_with_each_value() -> None:
    committed = {
        each.commitment()
        for each in (attestation(), attestation(salt=bytes(32)), attestation(birth_name="LE GOFF"), attestation(version=3))
    }
    assert len(committed) == 4


def test_a_commitment_needs_a_salt() -> None:
    with pytest.raises(Malformed, match="salt"):
        commitment({"@type": "urn:fr:attestation-diplome:1"})


def test_what_is_not_known_is_absent() -> None:
    assert b"null" not in BREVET.canonical()
    assert "awarded_on" not in BREVET.canonical().decode()


def test_the_moment_of_issue_is_kept_in_utc_to_the_second() -> None:
    paris = timezone(timedelta(hours=2))
    made = attestation(issued_at=datetime(2026, 7, 10, 11, 0, 0, 123456, tzinfo=paris))
    assert made.issued_at == datetime(2026, 7, 10, 9, tzinfo=UTC)
    assert made == attestation()


@pytest.mark.parametrize(
    ("field", "path", "value"),
    [
        ("holder.birth_name", ("holder", "birth_name"), None),
        ("holder.birth_name", ("holder", "birth_name"), 7),
        ("holder.birth_name", ("holder", "birth_name"), ""),
        ("diploma.title", ("diploma", "title"), "a" * 601),
        ("diploma.title", ("diploma", "title"), "Bac\u202egénéral"),
        ("holder.given_names", ("holder", "given_names"), "Marie"),
        ("holder.birth_date", ("holder", "birth_date"), "2008-02-30"),
        ("holder.birth_date", ("holder", "birth_date"), "2008-00-12"),
        ("holder.birth_date", ("holder", "birth_date"), "14/03/2008"),
        ("diploma.jury_date", ("diploma", "jury_date"), "2026-13-01"),
        ("diploma.session", ("diploma", "session"), True),
        ("control.key", ("control", "key"), "7KQM4XRD"),
        ("control.link", ("control", "link"), "javascript:alert(1)"),
        ("version", ("version",), 0),
        ("version", ("supersedes_version",), 2),
        ("id", ("id",), "7"),
        ("salt", ("salt",), "AAAA"),
        ("salt", ("salt",), "é"),
        ("issuer", ("issuer",), []),
        ("particulars", ("particulars",), {}),
        ("issued_at", ("issued_at",), "yesterday"),
    ],
)
def test_a_value_that_no_attestation_has_is_refused_by_its_name(field: str, path: tuple[str, ...], value: Any) -> None:
    with pytest.raises(Malformed) as refused:
        read(altered(*path, value=value))
    assert refused.value.field == field
    assert value is None or not isinstance(value, str) or len(value) < 2 or value not in str(refused.value)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"\xff",
        b"[" * 10_000,
        json.dumps(attestation().object()).encode(),
        attestation().canonical() + b"\n",
        attestation().canonical().replace(b'"version":2', b'"version":2,"version":2'),
        altered("mark", value="18/20"),
        altered("@type", value="urn:fr:attestation-diplome:2"),
        altered("id", value="0199c1f2-7c3e-7a41-9d6e-2f0b1c5a8e77"),
    ],
)
def test_bytes_that_are_not_the_one_spelling_are_refused(data: bytes) -> None:
    with pytest.raises(NotCanonical):
        read(data)


def test_more_bytes_than_an_attestation_has_are_not_looked_at() -> None:
    with pytest.raises(TooLarge):
        read(b" " * (LARGEST + 1))


@settings(max_examples=50)
@given(
    st.binary(max_size=200)
    | st.recursive(st.none() | st.integers() | st.text(max_size=5), st.lists).map(lambda x: json.dumps(x).encode())
)
def test_whatever_the_bytes_they_are_read_or_refused(data: bytes) -> None:
    with pytest.raises(AttestationRefused):
        read(data)


def test_an_attestation_tells_nothing_in_logs() -> None:
    assert "GOFF" not in repr(attestation())


def test_the_example_of_the_documentation_is_an_attestation() -> None:
    documented = (Path(__file__).parent.parent / "docs" / "attestation.md").read_text("utf-8")
    example = documented.partition("```json\n")[2].partition("```")[0]
    assert read(rfc8785.dumps(json.loads(example))) == attestation(particulars=attestation().particulars[1:])
