"""Letters as files, and the page that shows them: in the place of an SMTP server, for development alone."""

import asyncio
from collections.abc import Callable
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP, default
from html import escape
from pathlib import Path
from re import sub

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from graph.text import Text
from resolvers.outbox import Mail
from server.identity import language_of
from server.mail.smtp import message
from server.pages import page, paragraph, say

FOLDER = "mail"
MOST_SHOWN = 50
PATH = "/demonstration/mail"


async def send(mail: Mail, folder: Path, sender: str) -> None:
    """Writes a letter to a file of the folder, which only its owner reads."""
    await asyncio.to_thread(_write, folder, f"{mail.id}.eml", message(mail, sender).as_bytes(policy=SMTP))


def _write(folder: Path, name: str, content: bytes) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    target = folder / name
    target.touch(0o600)
    target.write_bytes(content)


def mail_routes(data: Path, style: str) -> list[BaseRoute]:
    """The page that shows the letters of a data folder. Whoever mounts it is not in production."""

    async def shown(request: Request) -> Response:
        return _page(request, await asyncio.to_thread(_letters, data / FOLDER), style)

    return [Route(PATH, shown, methods=["GET"])]


def _letters(folder: Path) -> list[EmailMessage]:
    """The latest letters of a folder, the latest first."""
    files = sorted(folder.glob("*.eml"), key=lambda file: file.stat().st_mtime_ns, reverse=True)
    read: Callable[[Path], EmailMessage] = lambda file: message_from_bytes(file.read_bytes(), EmailMessage, policy=default)  # noqa: E731
    return [read(file) for file in files[:MOST_SHOWN]]


def _page(request: Request, letters: list[EmailMessage], style: str) -> Response:
    language = language_of(request.headers)
    told = Text(
        "Cette démonstration n’envoie aucun courriel : ceux qu’elle aurait envoyés sont ici, les plus récents d’abord.",
        "This demonstration sends no mail: what it would have sent is here, the latest first.",
    )
    nothing = Text("Aucun courriel pour l’instant.", "No mail yet.")
    body = paragraph(told, language) + ("".join(map(_letter, letters)) or paragraph(nothing, language))
    return page(request, Text("Courriels", "Mail"), body, owner=say(Text("Démonstration", "Demonstration"), language), style=style)


def _letter(letter: EmailMessage) -> str:
    text = escape(letter.get_content())
    linked = sub(r"https?://[^\s&]+", lambda found: f'<a href="{found[0]}">{found[0]}</a>', text)
    about = " · ".join(escape(str(letter[name])) for name in ("To", "Date"))
    return f'<article class="letter"><h2>{escape(str(letter["Subject"]))}</h2><p class="about">{about}</p><pre>{linked}</pre></article>\n'
