"""Letters: written with what causes them, sent once, tried again, given up; over TLS, or to files in development."""

import asyncio
import os
import signal
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from graph.text import Language, Text
from resolvers import letters, outbox
from resolvers.letters import Letter, Template
from resolvers.outbox import Mail, NotSent
from server.mail import folder, smtp
from server.mail.postman import sender
from server.mail.smtp import SmtpServer
from server.settings import SettingsError, read_settings
from server.worker import work
from tests.client import served, settings_of_tests
from tests.conftest import DatabaseConnection
from tests.smtp import self_signed, smtp_stub
from tests.visitor import EMAIL, KEYS, SITE, Visitor, mailbox

LETTER = Letter("Objet é", "Bonjour,\n\nhttps://register.test/account/reset/secret-token\n")
FROM = "register@example.fr"


class Postbox:
    """Takes letters, after it has failed as it was told to."""

    def __init__(self, *failures: NotSent) -> None:
        self.failures = list(failures)
        self.taken: list[Mail] = []

    async def send(self, mail: Mail) -> None:
        if self.failures:
            raise self.failures.pop(0)
        self.taken.append(mail)


async def put(connection: DatabaseConnection, letter: Letter = LETTER) -> None:
    await outbox.put(connection, KEYS, EMAIL, letter)


async def waits(connection: DatabaseConnection) -> int:
    """Seconds until the letter is tried again."""
    return await connection.fetchval("select round(extract(epoch from due_at - now()))::int from mail")


async def test_a_letter_is_sent_once_and_forgotten(connection: DatabaseConnection) -> None:
    box = Postbox()
    await put(connection)
    assert await outbox.send_next(connection, KEYS, box.send)
    assert not await outbox.send_next(connection, KEYS, box.send)
    assert [(mail.to, mail.subject, mail.text) for mail in box.taken] == [(EMAIL, LETTER.subject, LETTER.text)]
    assert await connection.fetchval("select count(*) from mail") == 0


async def test_a_transaction_that_fails_writes_to_nobody(connection: DatabaseConnection) -> None:
    with pytest.raises(ZeroDivisionError):
        async with connection.transaction():
            await put(connection)
            raise ZeroDivisionError
    assert await mailbox(connection) == []


async def test_a_letter_that_could_not_be_sent_is_tried_again_later_and_later(connection: DatabaseConnection) -> None:
    box = Postbox(*(NotSent("smtp_451") for _ in range(4)))
    await put(connection)
    delays: list[int] = []
    for _ in range(4):
        assert await outbox.send_next(connection, KEYS, box.send)
        assert not await outbox.send_next(connection, KEYS, box.send)
        delays.append(await waits(connection))
        await connection.execute("update mail set due_at = now()")
    assert delays == [60, 180, 600, 1800]
    await outbox.send_next(connection, KEYS, box.send)
    assert len(box.taken) == 1


async def test_a_letter_that_nobody_will_ever_take_is_given_up_at_once(
    connection: DatabaseConnection, capsys: pytest.CaptureFixture[str]
) -> None:
    await put(connection)
    await outbox.send_next(connection, KEYS, Postbox(NotSent("smtp_550", forever=True)).send)
    assert await mailbox(connection) == []
    said = capsys.readouterr().out
    assert "mail_given_up" in said
    assert EMAIL not in said


async def test_a_letter_is_given_up_after_its_last_attempt(connection: DatabaseConnection) -> None:
    box = Postbox(*(NotSent("timeout") for _ in range(20)))
    await put(connection)
    tried = 0
    while await outbox.send_next(connection, KEYS, box.send):
        tried += 1
        await connection.execute("update mail set due_at = now()")
    assert tried == len(outbox.DELAYS) + 1
    assert await mailbox(connection) == []


async def test_a_letter_is_not_sent_once_its_link_is_over(connection: DatabaseConnection) -> None:
    box = Postbox()
    await put(connection, replace(LETTER, lasts=timedelta(0)))
    assert await outbox.send_next(connection, KEYS, box.send)
    assert box.taken == []
    assert await mailbox(connection) == []


async def test_two_workers_do_not_send_the_same_letter(connection: DatabaseConnection, monitor: DatabaseConnection) -> None:
    box = Postbox()
    for _ in range(20):
        await put(connection)

    async def empty(worker: DatabaseConnection) -> None:
        while await outbox.send_next(worker, KEYS, box.send):
            pass

    await asyncio.gather(empty(connection), empty(monitor))
    assert len({mail.id for mail in box.taken}) == len(box.taken) == 20


async def test_the_letter_of_a_worker_that_dies_is_sent_by_another_after_a_while(
    connection: DatabaseConnection, monitor: DatabaseConnection
) -> None:
    async def dies(_: Mail) -> None:
        raise asyncio.CancelledError

    await put(connection)
    with pytest.raises(asyncio.CancelledError):
        await outbox.send_next(connection, KEYS, dies)
    box = Postbox()
    assert not await outbox.send_next(monitor, KEYS, box.send)
    assert await waits(connection) == pytest.approx(outbox.KEPT.total_seconds(), abs=2)
    await connection.execute("update mail set due_at = now()")
    assert await outbox.send_next(monitor, KEYS, box.send)
    assert len(box.taken) == 1


# SMTP


MAIL = Mail(UUID(int=7), to=EMAIL, subject=LETTER.subject, text=LETTER.text)


async def test_a_letter_reaches_a_server_as_plain_text_that_no_machine_answers() -> None:
    async with smtp_stub() as stub:
        await smtp.send(MAIL, SmtpServer.of(f"smtp://127.0.0.1:{stub.port}"), FROM)
    [letter] = stub.letters
    assert letter.get_content() == LETTER.text
    assert letter.get_content_type() == "text/plain"
    assert (letter["To"], letter["From"], letter["Subject"]) == (EMAIL, f"Parchemin <{FROM}>", LETTER.subject)
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter["Message-ID"] == f"<{MAIL.id}@example.fr>"


@pytest.mark.parametrize(
    ("command", "answer", "code", "forever"),
    [
        ("RCPT", "550 no such user eloise@example.fr", "smtp_550", True),
        ("RCPT", "451 later, eloise@example.fr", "smtp_451", False),
        ("DATA", "554 no", "smtp_554", True),
        ("MAIL", "530 who are you", "smtp_530", False),
    ],
)
async def test_what_a_server_refuses_is_told_by_its_code_alone(command: str, answer: str, code: str, forever: bool) -> None:
    async with smtp_stub(answers={command: answer}) as stub:
        with pytest.raises(NotSent) as refused:
            await smtp.send(MAIL, SmtpServer.of(f"smtp://127.0.0.1:{stub.port}"), FROM)
    assert (refused.value.code, refused.value.forever) == (code, forever)
    assert refused.value.__cause__ is None
    assert EMAIL not in str(refused.value)


async def test_a_server_that_is_not_there_or_speaks_no_tls_or_has_a_doubtful_certificate_gets_no_letter(tmp_path: Path) -> None:
    async with smtp_stub() as plain, smtp_stub(self_signed(tmp_path)) as doubtful:
        for server in (
            replace(SmtpServer.of(f"smtp://127.0.0.1:{plain.port}"), local=False),
            SmtpServer.of(f"smtps://127.0.0.1:{doubtful.port}"),
            SmtpServer.of("smtp://127.0.0.1:9"),
        ):
            with pytest.raises(NotSent) as refused:
                await smtp.send(MAIL, server, FROM)
            assert not refused.value.forever
        assert plain.letters + doubtful.letters == []


# Settings


SMTP = {"PARCHEMIN_SMTP_URL": "smtps://us%40er:p%3Ass@smtp.example.fr", "PARCHEMIN_MAIL_FROM": FROM, "PARCHEMIN_PUBLIC_URL": SITE}


def test_the_url_of_a_server_names_its_port_its_tls_and_who_we_are() -> None:
    assert SmtpServer.of(SMTP["PARCHEMIN_SMTP_URL"]) == SmtpServer("smtp.example.fr", 465, True, False, "us@er", "p:ss")
    assert SmtpServer.of("smtp://localhost:25") == SmtpServer("localhost", 25, False, True, None, None)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"PARCHEMIN_SMTP_URL": "http://x"}, "PARCHEMIN_SMTP_URL is"),
        ({"PARCHEMIN_SMTP_URL": "smtp://user:pass@host:port"}, "PARCHEMIN_SMTP_URL is"),
        ({"PARCHEMIN_MAIL_FROM": ""}, "needs PARCHEMIN_MAIL_FROM"),
        ({"PARCHEMIN_PUBLIC_URL": ""}, "PARCHEMIN_PUBLIC_URL"),
        ({"PARCHEMIN_PUBLIC_URL": "https://x/"}, "without a path"),
    ],
)
def test_a_mail_setting_that_cannot_be_used_stops_the_start_and_shows_no_password(
    tmp_path: Path, changed: dict[str, str], told: str
) -> None:
    with pytest.raises(SettingsError, match=told) as refused:
        read_settings({"PARCHEMIN_DATA": str(tmp_path)} | SMTP | changed)
    assert "pass@" not in str(refused.value).replace("user:password@", "")


def test_production_has_local_accounts_only_with_a_mail_server() -> None:
    production = {
        "PARCHEMIN_ENV": "production", "DATABASE_URL": "postgresql://x", "PARCHEMIN_SECRET": "5e" * 32,
        "PARCHEMIN_PUBLIC_URL": "https://diplomes.example",
    }  # fmt: skip
    assert not read_settings(production).local_accounts
    assert read_settings(SMTP | production).local_accounts


# Development


async def test_development_writes_letters_to_files_and_shows_them_with_their_links(
    url: str, connection: DatabaseConnection, tmp_path: Path
) -> None:
    settings = settings_of_tests(data=tmp_path, public_url=SITE)
    await put(connection, replace(LETTER, text="<b>https://register.test/x</b>"))
    assert await outbox.send_next(connection, KEYS, sender(settings))
    [file] = (tmp_path / folder.FOLDER).glob("*.eml")
    assert file.stat().st_mode & 0o77 == 0
    async with served(url, data=tmp_path, public_url=SITE) as client:
        page = await Visitor(client).opens("/demonstration/mail")
    assert "Objet é" in page.text
    assert '&lt;b&gt;<a href="https://register.test/x">https://register.test/x</a>&lt;/b&gt;' in page.text


async def test_production_shows_no_letter(url: str, tmp_path: Path) -> None:
    async with served(url, production=True, data=tmp_path, public_url=SITE, smtp_url="smtp://localhost") as client:
        assert (await client.send("GET", "/demonstration/mail")).status_code == 404
        assert (await client.send("GET", "/account/create")).status_code == 200


async def emptied(connection: DatabaseConnection) -> None:
    """Waits until the outbox is empty, for five seconds at the most."""
    for _ in range(250):
        if not await mailbox(connection):
            return
        await asyncio.sleep(0.02)
    pytest.fail("the letter still waits")


async def test_a_worker_sends_what_is_put_in_the_outbox_while_it_sleeps(
    url: str, connection: DatabaseConnection, tmp_path: Path
) -> None:
    working = asyncio.create_task(work(settings_of_tests(data=tmp_path), url))
    for _ in range(2):  # while it starts, and while it sleeps
        await put(connection)
        await emptied(connection)
    os.kill(os.getpid(), signal.SIGTERM)
    await working


# Texts


TEMPLATES = {name: value for name, value in vars(letters).items() if isinstance(value, Template)}


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_letter_says_in_both_languages_where_it_comes_from_and_what_to_do_when_it_was_somebody_else(name: str) -> None:
    known: list[tuple[Language, tuple[str, ...]]] = [
        ("fr", ("Si ce n’était pas vous", "Sinon, ne faites rien")),
        ("en", ("If it was not you", "Otherwise do nothing")),
    ]
    for language, words in known:
        letter = TEMPLATES[name].letter(language, SITE, "/account/x/token")
        assert any(word in letter.text for word in words)
        assert SITE in letter.text
        assert not {"{", "}"} & set(letter.text + letter.subject)
        assert letter.lasts <= timedelta(days=2)


def test_a_letter_holds_no_link_but_those_of_its_own_site() -> None:
    for template in TEMPLATES.values():
        assert isinstance(template.subject, Text)
        text = template.letter("fr", SITE, "/account/x/token").text
        assert text.count("http") == text.count(SITE)
