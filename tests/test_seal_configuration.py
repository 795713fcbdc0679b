"""What the seal service is started with: each mistake is one sentence; the development authority is made once; a signal ends it."""

import argparse
import asyncio
import os
import shutil
import signal
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat

from db.embedded import EmbeddedServer
from resolvers import documents
from resolvers.sealing import Workshop
from seal.report import Verdict
from seal.timestamps import TimestampClient
from seal.trust import Trust
from seal.verifying import verify_file
from server import running
from server.sealing import service
from server.sealing.configuration import DEMONSTRATION, workshop_of
from server.settings import SettingsError
from tests.client import SECRET, settings_of_tests
from tests.issuing import SITE, Desk, authority, authority_folder, opened, trust
from tests.security_module import TOKEN, module

SEAL = """
[issuer]
name = "Ministère d'essai"
siren = "000000000"

[timestamps]
url = "https://tsa.example/"

[[key]]
certificate = "seal.pem"
file = "key.pem"
secret = "SEAL_SECRET"
"""
PASSPHRASE = "the passphrase of the tests"


@dataclass
class Room:
    """A folder with a seal, and what the process is told."""

    folder: Path

    def write(self, text: str = SEAL) -> None:
        (self.folder / "seal.toml").write_text(text, "utf-8")

    async def workshop(self, text: str = SEAL) -> Workshop:
        self.write(text)
        return await workshop_of(
            settings_of_tests(
                seal=self.folder / "seal.toml", trust=self.folder / "trust", documents=self.folder / "documents", public_url=SITE
            )
        )

    async def mistake(self, text: str = SEAL) -> str:
        """The one sentence that is said of it."""
        with pytest.raises(SettingsError) as told:
            await self.workshop(text)
        said = str(told.value)
        assert PASSPHRASE not in said and "\n" not in said
        return said


def key_file(path: Path, key: RSAPrivateKey, passphrase: str | None = None) -> Path:
    path.touch(0o600)
    hidden = BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, hidden))
    return path


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Room:
    seal = authority().issued_seals[0]
    key_file(tmp_path / "key.pem", seal.key.private_key, PASSPHRASE)
    (tmp_path / "seal.pem").write_bytes(seal.certificate.public_bytes(Encoding.PEM))
    trust(datetime.now(UTC)).write(tmp_path / "trust")
    monkeypatch.setenv("SEAL_SECRET", PASSPHRASE)
    return Room(tmp_path)


async def test_a_key_in_a_file_seals_with_a_passphrase_from_the_environment(room: Room) -> None:
    made = await room.workshop()
    [identity] = made.sealer.identities
    assert identity.key.public_key == authority().issued_seals[0].key.public_key
    assert (made.issuer.name, made.issuer.siren, made.issuer.organization_identifier) == (
        "Ministère d'essai", "000000000", DEMONSTRATION.organization_identifier,
    )  # fmt: skip
    assert (made.base, made.store.folder) == (SITE, room.folder / "documents")
    assert isinstance(made.timestamps, TimestampClient) and made.timestamps.url == "https://tsa.example/"
    assert PASSPHRASE not in repr(made)
    key_file(room.folder / "key.pem", authority().issued_seals[0].key.private_key)
    assert await room.workshop(SEAL.replace('secret = "SEAL_SECRET"', ""))


async def test_the_proofs_of_archives_are_those_of_the_trust_folder_as_it_is_then(room: Room) -> None:
    made = await room.workshop()
    now = datetime.now(UTC)
    [before] = made.evidence(now).crls
    trust(now + timedelta(hours=1)).write(room.folder / "trust")
    [after] = made.evidence(now).crls
    assert before != after


async def test_a_key_in_a_security_module_seals_with_its_pin_from_the_environment(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = module()
    monkeypatch.setenv("SEAL_SECRET", "5678")
    text = SEAL.replace('file = "key.pem"', f'library = "{library}"\ntoken = "{TOKEN}"\nlabel = "issuing"')
    [identity] = (await room.workshop(text)).sealer.identities
    assert len(identity.key.sign(b"message")) == 384
    assert "'label' is missing" in await room.mistake(text.replace('label = "issuing"', ""))
    assert "cannot be opened" in await room.mistake(text.replace('label = "issuing"', 'label = "other"'))


MISTAKES = {
    "no issuer": ("[issuer]", "[publisher]", "'issuer' is missing"),
    "no name": ("name =", "title =", "'name' is missing"),
    "a siren that is a number": ('"000000000"', "110043015", "siren is a text, between quotes"),
    "no url": ("url =", "uri =", "'url' is missing"),
    "no key": ("[[key]]", "[[chiave]]", "'key' is missing"),
    "one key instead of several": ("[[key]]", "[key]", "[[key]] one for each key"),
    "an issuer that is no table": ("[issuer]", 'issuer = "x"\n[other]', "[issuer] and [timestamps] are tables"),
    "no certificate": ("certificate =", "cert =", "'certificate' is missing"),
    "a certificate that is not there": ("seal.pem", "none.pem", "No such file"),
    "a certificate that is none": ("seal.pem", "seal.toml", "seal.toml"),
    "no file": ("file =", "path =", "'file' is missing"),
    "a key that is not there": ("key.pem", "none.pem", "none.pem cannot be read"),
    "a key that is none": ('"key.pem"', '"seal.pem"', "seal.pem"),
    "no variable": ("SEAL_SECRET", "OTHER_SECRET", "the environment variable OTHER_SECRET, which opens a key, is missing"),
    "no TOML": ("[issuer]", "[issuer", "seal.toml"),
}


@pytest.mark.parametrize(("right", "wrong", "said"), MISTAKES.values(), ids=MISTAKES)
async def test_each_mistake_is_one_sentence_that_names_the_file_and_what_is_wrong(
    room: Room, right: str, wrong: str, said: str
) -> None:
    assert right in SEAL
    sentence = await room.mistake(SEAL.replace(right, wrong))
    assert sentence.startswith(f"PARCHEMIN_SEAL, {room.folder / 'seal.toml'}: ")
    assert said in sentence


async def test_what_is_beside_the_file_must_be_right_too(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEAL_SECRET", "another")
    assert "no PEM private key that this passphrase opens" in await room.mistake()
    monkeypatch.setenv("SEAL_SECRET", PASSPHRASE)
    (room.folder / "key.pem").chmod(0o644)
    assert f"chmod 600 {room.folder / 'key.pem'}" in await room.mistake()
    key_file(room.folder / "key.pem", authority().issued_stamps[0].key.private_key, PASSPHRASE).chmod(0o600)
    assert "is not the key's" in await room.mistake()
    (room.folder / "trust" / "organization").write_text("NTRFR-552100554\n")
    assert "is not a certificate of NTRFR-552100554" in await room.mistake()
    (room.folder / "seal.toml").rename(room.folder / "moved.toml")
    with pytest.raises(SettingsError, match=r"seal\.toml"):
        await workshop_of(settings_of_tests(seal=room.folder / "seal.toml", trust=room.folder / "trust", public_url=SITE))
    shutil.rmtree(room.folder / "trust")
    sentence = await room.mistake()
    assert sentence.startswith("PARCHEMIN_TRUST: ") and str(room.folder / "trust") in sentence


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"production": True, "public_url": SITE}, "PARCHEMIN_SEAL"),
        ({"production": False, "public_url": ""}, "PARCHEMIN_PUBLIC_URL"),
    ],
)
async def test_the_service_refuses_to_start_without_a_seal_in_production_and_without_an_address_anywhere(
    settings: dict[str, bool | str], said: str
) -> None:
    with pytest.raises(SettingsError, match=said):
        await running.sealer(settings_of_tests(**settings), argparse.Namespace(parent=None))


@pytest.fixture
async def desk(postgres: EmbeddedServer, template: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desk]:
    monkeypatch.setattr(documents, "PATIENCE", 0.0)
    async with opened(postgres, template, folder) as desk:
        yield desk


async def test_the_development_authority_is_made_once_and_its_trust_folder_verifies_what_it_sealed(
    desk: Desk, tmp_path: Path
) -> None:
    authority()
    settings = settings_of_tests(data=tmp_path, trust=tmp_path / "trust", documents=tmp_path / "documents", public_url=SITE)
    await asyncio.to_thread(shutil.copytree, authority_folder(), tmp_path / "seal")  # keys take long to make
    (tmp_path / "seal" / "timestamps-1.pem").unlink()
    first, second = await workshop_of(settings), await workshop_of(settings)
    assert first.sealer.identities[0].certificate == second.sealer.identities[0].certificate
    assert sorted(path.name for path in (tmp_path / "seal").iterdir()) == ["root-1.pem", "seal-1.pem", "timestamps-1.pem"]
    await desk.ask()
    await desk.seal(sealer=first.sealer, timestamps=first.timestamps)
    given, at = Trust.read(tmp_path / "trust"), datetime.now(UTC) + timedelta(minutes=1)
    report = await asyncio.to_thread(verify_file, desk.file(await desk.row()), given, at)
    assert report.verdict is Verdict.GENUINE


async def state(desk: Desk, wanted: str) -> None:
    """Until the document is in this state, for some seconds at the most."""
    for _ in range(500):
        if any(row["state"] == wanted for row in await desk.rows()):
            return
        await asyncio.sleep(0.02)
    pytest.fail(f"no document is {wanted}")


async def test_a_service_that_sleeps_is_woken_by_who_asks_and_archives_what_is_due(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def ours(_: object) -> Workshop:
        return desk.workshop

    monkeypatch.setattr(service, "workshop_of", ours)
    working = asyncio.create_task(service.seal(settings_of_tests(), desk.url))
    await asyncio.sleep(0.2)
    await desk.ask()
    await state(desk, "SEALED")
    os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.wait_for(working, 5)
    await asyncio.sleep(1.1)  # its revocation list must be newer than the time stamp
    await desk.due()
    working = asyncio.create_task(service.seal(settings_of_tests(), desk.url))
    await state(desk, "ARCHIVED")
    os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.wait_for(working, 5)
    left = "select count(*) from pg_stat_activity where datname = current_database() and query ilike 'listen %'"
    assert await desk.connection.fetchval(left) == 0


async def test_the_command_seals_until_it_is_told_to_stop_and_leaves_nothing(desk: Desk, tmp_path: Path) -> None:
    authority()
    data = tmp_path / "data"
    await asyncio.to_thread(shutil.copytree, authority_folder(), data / "seal")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PARCHEMIN_")} | {
        "DATABASE_URL": desk.url, "PARCHEMIN_SECRET": SECRET.hex(), "PARCHEMIN_DATA": str(data), "PARCHEMIN_PUBLIC_URL": SITE,
    }  # fmt: skip
    await desk.ask()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "server", "sealer", env=environment, stderr=asyncio.subprocess.PIPE
    )
    try:
        await state(desk, "SEALED")
        process.send_signal(signal.SIGTERM)
        _, told = await asyncio.wait_for(process.communicate(), 10)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 0 and b"sealer_stopped" in told, told
    assert b"Lec" not in told
    [file] = [path for path in (data / "documents").rglob("*") if path.is_file()]
    assert file.name == (await desk.row())["digest"].hex()
