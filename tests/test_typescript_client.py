"""The typed client of `clients/typescript`: generated from our schema and from that of a deployment with another family, compiled, and run.

Its tools are installed beforehand, by `.ci/run` or by `npm ci --ignore-scripts` in its folder: nothing here asks the network.
"""

import json
import os
import re
import shutil
import subprocess
from collections import defaultdict
from pathlib import Path

import pytest
from graphql import assert_interface_type, build_schema

from bench.sameness.family import installed
from resolvers import verification
from resolvers.callers import Caller
from resolvers.keys import Keyring
from resolvers.schema import deployed, published
from server.app import create_app
from server.graph.manifest import read_manifest
from tests.browser import served as on_a_port
from tests.client import settings_of_tests, with_state
from tests.conftest import DatabaseConnection
from tests.journey import Journey, candidate
from tests.node import NODE, ROOT, output_of

CLIENT = ROOT / "clients" / "typescript"
COPIED = ("client.ts", "scalars.ts", "examples")

ANOTHER_FAMILY = """
import type { DiplomaCardFragment } from "../generated/graph.ts";
export const isBelt = (diploma: DiplomaCardFragment): boolean => diploma.__typename === "Belted";
"""

HEADER = """
import type { Request } from "../client.ts";
import { AvailabilityDocument, ReleaseDocument, VerificationDocument } from "../generated/graph.ts";
import type { DiplomaCardFragment, VerificationQuery } from "../generated/graph.ts";
type Verified = Extract<VerificationQuery["verification"], { __typename: "VerifiedDiploma" }>;
export { AvailabilityDocument, ReleaseDocument, VerificationDocument };
export type { DiplomaCardFragment, Request, Verified };
"""

DIPLOMAS = build_schema((ROOT / "schema.graphql").read_text("utf-8"))
FAMILIES = " ".join(f'case "{one}":' for one in DIPLOMAS.get_possible_types(assert_interface_type(DIPLOMAS.type_map["Diploma"])))

MISTAKES = {
    "a_field_that_is_not_selected": ("TS2339", "export const f = (found: Verified) => found.diploma.titleCode;"),
    "a_field_of_one_family_alone": ("TS2339", "export const f = (found: Verified) => found.diploma.track;"),
    "a_value_that_may_be_null": ("TS18047", "export const f = (found: Verified) => found.diploma.mention.length;"),
    "a_variable_that_is_left_out": (
        "TS2741",
        'export const f = (request: Request) => request(VerificationDocument, { key: "A" });',
    ),
    "variables_that_are_left_out": ("TS2554", "export const f = (request: Request) => request(AvailabilityDocument);"),
    "a_day_for_a_moment": (
        "TS2322",
        'export const f = (request: Request) => request(ReleaseDocument, { input: { sessionId: "A", releaseAt: "2026-07-05" } });',
    ),
    "a_refusal_that_is_not_thought_of": (
        "TS2339",
        "export const f = async (request: Request) =>"
        ' (await request(VerificationDocument, { key: "A", birthName: "B" })).verification.verifiedAt;',
    ),
    "families_to_come_that_are_not_thought_of": (
        "TS2366",
        "export function f(diploma: DiplomaCardFragment): string {"
        f" switch (diploma.__typename) {{ {FAMILIES} return diploma.title; }} }}",
    ),
    "a_family_that_is_not_of_this_deployment": (
        "TS2367",
        'export const f = (diploma: DiplomaCardFragment) => diploma.__typename === "Belted";',
    ),
}
"""What must not compile, with the error of the compiler."""

RUN = """
import { connect, GraphRefused, NoAnswer } from "./client.ts";
import { addDiploma } from "./examples/add_diploma.ts";
import { verify } from "./examples/verify.ts";
import { DiplomaReviewsDocument } from "./generated/graph.ts";

const [origin, key] = process.argv.slice(2);
const request = connect(`${origin}/graphql`, { language: "en", token: () => "nobody's" });
const failure = async (promise) => promise.then(() => "none", (error) => error);
const refused = await failure(request(DiplomaReviewsDocument));
const elsewhere = await failure(connect(`${origin}/nowhere`)(DiplomaReviewsDocument));
console.log(JSON.stringify({
  verified: await verify(request, key, "LECOEUR"),
  unknown: await verify(request, "ABCD-EFGH", "LECOEUR"),
  added: await addDiploma(request, { family: "bac", academy: "01", session: 2026 }),
  refused: refused instanceof GraphRefused && refused.errors[0].extensions.code,
  elsewhere: elsewhere instanceof NoAnswer && elsewhere.status,
}));
"""


@pytest.fixture(scope="module")
def clients(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two generated clients, `ours` and `theirs`, beside each other."""
    if not (CLIENT / "node_modules" / ".package-lock.json").exists():
        missing = "this test wants the tools of the typed client: npm ci --ignore-scripts in clients/typescript"
        pytest.fail(missing) if os.environ.get("CI") else pytest.skip(missing)
    folder = tmp_path_factory.mktemp("clients")
    with installed():
        (folder / "theirs.graphql").write_text(published(), "utf-8")
    for name, schema in (("ours", ROOT / "schema.graphql"), ("theirs", folder / "theirs.graphql")):
        (folder / name).mkdir()
        for one in COPIED:
            copy = shutil.copytree if (CLIENT / one).is_dir() else shutil.copy
            copy(CLIENT / one, folder / name / one)
        subprocess.run([NODE, CLIENT / "generate.mjs", schema, folder / name / "generated"], check=True, timeout=30)
    shutil.copy(CLIENT / "package.json", folder)
    (folder / "node_modules").symlink_to(CLIENT / "node_modules")
    return folder


def test_the_client_compiles_over_every_example_and_mistakes_do_not(clients: Path) -> None:
    for name, (_, text) in MISTAKES.items():
        path = clients / "ours" / "mistakes" / f"{name}.ts"
        path.parent.mkdir(exist_ok=True)
        path.write_text(HEADER + text, "utf-8")
    (clients / "theirs" / "examples" / "another_family.ts").write_text(ANOTHER_FAMILY, "utf-8")
    settings = json.loads((CLIENT / "tsconfig.json").read_text("utf-8"))
    (clients / "tsconfig.json").write_text(json.dumps(settings | {"include": ["ours", "theirs"]}), "utf-8")
    tsc = clients / "node_modules" / "typescript" / "bin" / "tsc"
    done = subprocess.run([NODE, tsc, "--pretty", "false"], cwd=clients, capture_output=True, text=True, timeout=60)
    errors = defaultdict[str, set[str]](set)
    for file, code in re.findall(r"^(\S+\.ts)\(\d+,\d+\): error (TS\d+)", done.stdout, re.MULTILINE):
        errors[file].add(code)
    assert errors == {f"ours/mistakes/{name}.ts": {code} for name, (code, _) in MISTAKES.items()}, done.stdout + done.stderr


def operations() -> set[str]:
    """The names of the operations that the client is generated over."""
    folders = (CLIENT / "operations", ROOT / "server" / "graphiql" / "examples")
    texts = (file.read_text("utf-8") for folder in folders for file in folder.glob("*.graphql"))
    return {name for text in texts for name in re.findall(r"^(?:query|mutation) (\w+)", text, re.MULTILINE)}


def test_every_operation_that_we_ship_is_typed(clients: Path) -> None:
    text = (clients / "ours" / "generated" / "graph.ts").read_text("utf-8")
    assert operations() == set(re.findall(r"^export const (\w+)Document = ", text, re.MULTILINE))


def test_its_documents_are_a_manifest_that_the_register_takes(clients: Path) -> None:
    written = subprocess.run([NODE, CLIENT / "documents.mjs", clients / "theirs" / "generated"], check=True, capture_output=True)
    (clients / "manifest.json").write_bytes(written.stdout)
    with installed():
        texts = read_manifest(clients / "manifest.json", deployed())
    assert len(texts) == len(operations())
    assert any("query HeldDiplomas" in text and "fragment DiplomaCard" in text for text in texts.values())


async def test_the_client_and_its_examples_speak_with_the_register(
    clients: Path, url: str, connection: DatabaseConnection, monitor: DatabaseConnection, first: Caller, second: Caller,
    folder: Path, keyring: Keyring, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(verification, "FAILURE_SECONDS", 0.0)
    journey = await Journey.begin(connection, monitor, first, second, folder)
    await journey.publish(keyring, candidate(1))
    (clients / "ours" / "run.mjs").write_text(RUN, "utf-8")
    app = create_app(settings_of_tests(), url)
    async with app.router.lifespan_context(app) as state, on_a_port(with_state(app, dict(state or {}))) as origin:
        said = json.loads(await output_of(clients / "ours", "run.mjs", [origin, await journey.key_of(keyring, 1)]))
    assert said["verified"].splitlines() == ["Baccalauréat général, session 2026, Paris", "Éloïse Marie Lecœur", "GENERAL"]
    assert said["unknown"].startswith("The register shows nothing for this key and this birth name.")
    assert said["added"] == "Sign in first: /login"
    assert said["refused"] == "UNAUTHENTICATED"
    assert said["elsewhere"] == 404
