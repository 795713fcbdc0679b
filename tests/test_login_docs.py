"""docs/login.md says what the code does: claims, reasons, settings."""

import tomllib
from pathlib import Path

import pytest

from server.login.claims import FRANCECONNECT, PROCONNECT, Claim
from server.login.providers import Kind, read_providers
from server.login.refusals import Reason
from tests.test_docs import FENCED, page, rows, section

PAGE = page("login.md")


@pytest.mark.parametrize(("heading", "claims"), [("### Holders", FRANCECONNECT), ("### Agents", PROCONNECT)])
def test_the_tables_of_claims_are_those_of_the_code(heading: str, claims: tuple[Claim, ...]) -> None:
    told = [tuple(cells[:2]) for cells in rows(section(PAGE, heading)) if cells[0].startswith("`")]
    assert told == [(f"`{claim.name}`", claim.need.value) for claim in claims]


def test_every_refusal_is_documented_with_its_status() -> None:
    told = [tuple(cells[:2]) for cells in rows(section(PAGE, "## Errors")) if cells[0].startswith("`")]
    assert told == [(f"`{reason.name}`", str(reason.value.status)) for reason in Reason]


def test_the_file_that_is_shown_can_be_used_in_production(tmp_path: Path) -> None:
    [shown] = [text for _, language, text in FENCED.findall(PAGE) if language == "toml"]
    path = tmp_path / "providers.toml"
    path.write_text(shown, "utf-8")
    secrets = {table["secret"]: "secret" for table in tomllib.loads(shown)["provider"]}
    read = read_providers(path, secrets, production=True)
    assert [provider.kind for provider in read] == [Kind.FRANCECONNECT, Kind.PROCONNECT, Kind.OIDC]
    assert {claim.name: claim.there for claim in read[2].claims}["family_name"] == "birth_name"
