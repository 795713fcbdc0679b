"""The walk of docs/mobile.md, request by request, and its figures."""

import json
import re
import shlex
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from httpx2 import Response

from resolvers import app_tokens, apps
from server.demonstration import MOBILE, REDIRECT_URI
from tests.client import Client, served
from tests.conftest import DatabaseConnection
from tests.mobile import Phone
from tests.people import signed_in

PAGE = (Path(__file__).parent.parent / "docs" / "mobile.md").read_text("utf-8")
BASE = "http://register.test"


def steps() -> Iterator[tuple[str, dict[str, Any]]]:
    """The commands that ask the register something, each with the answer that the page shows."""
    for command, answer in re.findall(r"```sh\n(?:[^`]*\n)?(curl [^`]*?)\n```\n+```json\n(.*?)\n```", PAGE, re.DOTALL):
        yield command, json.loads(answer)


async def sent(client: Client, command: str, known: dict[str, str]) -> Response:
    """The answer to a command, whose variables are known."""
    words = [re.sub(r"\$([A-Z]+)", lambda name: known[name[1]], word) for word in shlex.split(command.replace("\\\n", ""))]
    assert words[:2] == ["curl", "-s"]
    given = [words[place + 1] for place, word in enumerate(words) if word == "-d"]
    headers = dict(words[place + 1].split(": ", 1) for place, word in enumerate(words) if word == "-H")
    path = words[2].removeprefix(BASE)
    if not given:
        return await client.send("GET", path, headers=headers)
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    return await client.send("POST", path, content="&".join(given), headers=form | headers)


def shape(value: Any) -> Any:
    """What an answer consists of, whatever its texts and numbers."""
    if isinstance(value, dict):
        return {name: shape(one) for name, one in value.items()}
    return [shape(one) for one in value] if isinstance(value, list) else type(value)


async def test_the_metadata_are_those_that_the_page_shows(url: str) -> None:
    [shown] = [answer for command, answer in steps() if "well-known" in command]
    async with served(url) as client:
        found = (await client.send("GET", "/.well-known/oauth-authorization-server")).text
    assert json.loads(found.replace(BASE, "http://127.0.0.1:8000")) == shown


async def test_every_request_of_the_walk_has_the_answer_that_the_page_shows(url: str, connection: DatabaseConnection) -> None:
    await apps.add(connection, MOBILE)
    async with served(url) as client:
        phone = Phone(client, MOBILE, (await signed_in(connection)).secret)
        known = {"BASE": BASE, "APP": MOBILE.id, "BACK": REDIRECT_URI, "VERIFIER": phone.verifier}
        known["CODE"] = await phone.code(redirect_uri=REDIRECT_URI)
        walked = list(steps())
        assert len(walked) == 5
        for command, shown in walked:
            answer = await sent(client, command, known)
            assert answer.status_code == 200
            assert shape(answer.json()) == shape(shown)
            if "access_token" in shown:
                known |= {"ACCESS": answer.json()["access_token"], "REFRESH": answer.json()["refresh_token"]}


def test_the_app_of_the_page_is_that_of_the_demonstration() -> None:
    assert f"APP={MOBILE.id}\nBACK={REDIRECT_URI}\n" in PAGE


def test_the_limits_of_the_page_are_those_of_the_code() -> None:
    unit = {"seconds": timedelta(seconds=1), "minutes": timedelta(minutes=1), "days": timedelta(days=1)}
    table = PAGE.partition("## Limits")[2].partition("\n## ")[0]
    said = [int(number) * unit[name] for number, name in re.findall(r"\| (\d+) (\w+)", table)]
    assert said == [app_tokens.CODE_LASTS, app_tokens.ACCESS_LASTS, app_tokens.IDLE, app_tokens.LONGEST, app_tokens.GRACE]


def test_the_page_names_the_kinds_of_tokens() -> None:
    assert set(re.findall(r"parchemin_[a-z]+_", PAGE)) == {kind.value for kind in app_tokens.Kind}
