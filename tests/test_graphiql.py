"""GraphiQL: from our own origin alone, with its examples, under a strict policy."""

import hashlib
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import strawberry
from graphql import OperationDefinitionNode, parse
from httpx2 import ASGITransport, AsyncClient
from playwright.async_api import ConsoleMessage, Page, Request
from starlette.applications import Starlette
from starlette.routing import Route
from strawberry.asgi import GraphQL

import server.graphiql
from server.graphiql import examples, routes
from tests.browser import chromium, served

HERE = Path(server.graphiql.__file__).parent
STATIC = HERE / "static"


@strawberry.type
class Query:
    @strawberry.field
    def motto(self) -> str:
        return "Tel quel, sans détour"


@pytest.fixture
def app() -> Starlette:
    endpoint = GraphQL[None, None](strawberry.Schema(Query), graphql_ide=None)
    return Starlette(routes=[*routes(), Route("/graphql", endpoint)])


@pytest.fixture
async def client(app: Starlette) -> AsyncIterator[AsyncClient]:
    async with AsyncClient(transport=ASGITransport(app), base_url="http://register.test") as client:
        yield client


def digests() -> dict[str, str]:
    """File name → SHA-256, as LICENSES.md states them."""
    stated = re.findall(r"^([0-9a-f]{64})  (\S+)$", (STATIC / "LICENSES.md").read_text("utf-8"), re.MULTILINE)
    return {name: digest for digest, name in stated}


async def test_the_page_and_its_own_files_name_no_other_origin(client: AsyncClient):
    page = (await client.get("/graphiql")).text
    for text in (page, *((STATIC / name).read_text("utf-8") for name in ("start.js", "start.css"))):
        assert not re.search(r"https?://|wss?://|[\"'(]//", text)


async def test_the_page_holds_no_inline_script_or_style(client: AsyncClient):
    page = (await client.get("/graphiql")).text
    assert re.findall(r"<script(?![^>]* src=)", page) == []
    assert not re.search(r"<style| style=| on\w+=", page)


async def test_the_vendored_styles_fetch_nothing(client: AsyncClient):
    for sheet in STATIC.glob("*.css"):
        text = sheet.read_text("utf-8")
        assert "@import" not in text
        assert [url for url in re.findall(r"url\([\"']?([^)]{0,20})", text) if not url.startswith("data:")] == []


async def test_the_page_is_french_and_sent_under_a_strict_policy(client: AsyncClient):
    answer = await client.get("/graphiql")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert '<html lang="fr">' in answer.text
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["connect-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == policy["form-action"] == "'none'"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"


async def test_every_file_that_the_page_names_is_served_with_its_type(client: AsyncClient):
    page = (await client.get("/graphiql")).text
    named = re.findall(r'(?:src|href)="(/[^"]+)"', page)
    assert len(named) == 7
    types = {"js": {"text/javascript", "application/javascript"}, "css": {"text/css"}}
    for path in named:
        answer = await client.get(path)
        assert answer.status_code == 200, path
        assert answer.headers["content-type"].split(";")[0] in types[path.rpartition(".")[2]]
        assert answer.headers["x-content-type-options"] == "nosniff"


async def test_a_file_already_in_the_browser_is_not_sent_again(client: AsyncClient):
    first = await client.get("/graphiql/static/graphiql.min.js")
    again = await client.get("/graphiql/static/graphiql.min.js", headers={"If-None-Match": first.headers["etag"]})
    assert first.headers["cache-control"] == "no-cache"
    assert (again.status_code, again.content) == (304, b"")


async def test_the_endpoint_is_written_in_the_page_as_text():
    app = Starlette(routes=routes('/register/"graphql'))
    async with AsyncClient(transport=ASGITransport(app), base_url="http://register.test") as client:
        assert 'data-endpoint="/register/&quot;graphql"' in (await client.get("/graphiql")).text


def test_the_vendored_files_are_those_that_the_licences_name():
    ours = {"start.js", "start.css", "LICENSES.md"}
    vendored = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in STATIC.iterdir() if path.name not in ours}
    assert vendored == digests()


async def test_the_examples_list_every_file_in_order_with_its_variables(client: AsyncClient):
    listed = (await client.get("/graphiql/examples.json")).json()
    files = sorted((HERE / "examples").glob("*.graphql"))
    assert [example["query"] for example in listed] == [path.read_text("utf-8") for path in files]
    assert [example["name"] for example in listed] == [path.read_text("utf-8").split("\n")[0][2:] for path in files]
    with_variables = {path.name.split(".")[0] for path in (HERE / "examples").glob("*.variables.json")}
    assert {path.stem for path, one in zip(files, listed, strict=True) if one["variables"]} == with_variables


@pytest.mark.parametrize("example", examples(), ids=lambda example: example["name"])
def test_an_example_is_one_named_operation_whose_variables_are_all_given(example: server.graphiql.Example):
    [operation] = parse(example["query"]).definitions
    assert isinstance(operation, OperationDefinitionNode)
    assert operation.name is not None
    declared = {definition.variable.name.value for definition in operation.variable_definitions or ()}
    assert declared == set(json.loads(example["variables"] or "{}"))


TOOL = ".graphiql-editor-tool .graphiql-editor:not(.hidden)"


async def typed(page: Page, pane: str, text: str) -> None:
    await page.locator(f"{pane} .CodeMirror").evaluate("(element, text) => element.CodeMirror.setValue(text)", text)


async def shown(page: Page, pane: str) -> str:
    return await page.locator(f"{pane} .CodeMirror").evaluate("element => element.CodeMirror.getValue()")


async def run(page: Page, name: str, operation: str) -> str:
    """What the answer pane shows once the operation of that name, typed in a new tab, was executed with the button."""
    await page.get_by_role("button", name="Add tab").click()
    await typed(page, ".graphiql-query-editor", operation)
    await page.get_by_role("tab", name=name).wait_for()
    await page.get_by_role("button", name="Execute query").click()
    await page.locator(".result-window").get_by_text('"data"').first.wait_for()
    return await shown(page, ".result-window")


async def test_a_browser_runs_operations_and_asks_no_other_origin(app: Starlette):
    asked: list[str] = []
    complaints: list[str] = []

    def note_request(request: Request) -> None:
        asked.append(request.url)

    def note_console(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            complaints.append(message.text)

    async with chromium() as browser, served(app) as origin:
        page = await browser.new_page(locale="fr-FR")
        page.on("request", note_request)
        page.on("console", note_console)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        await page.goto(f"{origin}/graphiql")

        await page.get_by_role("tab", name="Verification").wait_for()
        [first, *_] = examples()
        assert await shown(page, ".graphiql-query-editor") == first["query"]
        assert await shown(page, TOOL) == first["variables"]
        assert '"motto": "Tel quel, sans détour"' in await run(page, "Motto", "query Motto { motto }")
        await page.get_by_role("button", name="Headers").click()
        await typed(page, TOOL, '{"Authorization": "Bearer of-an-agent"}')
        async with page.expect_request(lambda request: "authorization" in request.headers) as sent:
            await page.get_by_role("button", name="Execute query").click()
        assert (await sent.value).headers["authorization"] == "Bearer of-an-agent"
        await page.get_by_role("button", name="Open settings dialog").click()
        await page.get_by_role("dialog").wait_for()
        kept = await page.evaluate("JSON.stringify({...localStorage, ...sessionStorage})")
        assert "query Motto" in kept
        assert "of-an-agent" not in kept
        assert await page.evaluate("localStorage.length") == 0

    assert f"{origin}/graphql" in asked
    assert [url for url in asked if not url.startswith((f"{origin}/", "data:"))] == []
    assert complaints == []
