"""Sends a letter to an SMTP server (RFC 5321), over TLS."""

from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate
from ipaddress import ip_address
from urllib.parse import unquote, urlsplit

import aiosmtplib

from resolvers.outbox import Mail, NotSent

SECONDS = 30
"""How long the server may take: less than `outbox.KEPT`."""

PORTS = {"smtp": 587, "smtps": 465}


@dataclass(frozen=True, repr=False)
class SmtpServer:
    """A server by its URL. `tls` is from the start (`smtps`, RFC 8314); otherwise STARTTLS is, unless the server is this machine."""

    host: str
    port: int
    tls: bool
    local: bool
    user: str | None
    password: str | None

    @staticmethod
    def of(url: str) -> "SmtpServer":
        """The server of `smtps://user:password@host:port` or `smtp://…`. Raises `ValueError`."""
        parts = urlsplit(url)
        if parts.scheme not in PORTS or not parts.hostname or parts.path.strip("/") or parts.query or parts.fragment:
            raise ValueError("no SMTP URL")
        return SmtpServer(
            parts.hostname, parts.port or PORTS[parts.scheme], parts.scheme == "smtps", _is_local(parts.hostname),
            unquote(parts.username) if parts.username else None, unquote(parts.password) if parts.password else None,
        )  # fmt: skip


def message(mail: Mail, sender: str) -> EmailMessage:
    """The letter as it travels (RFC 5322). It has the same id at each attempt, and asks no machine to answer (RFC 3834)."""
    made = EmailMessage(policy=SMTP)
    made["From"] = Address("Parchemin", addr_spec=sender)
    made["To"] = mail.to
    made["Subject"] = mail.subject
    made["Date"] = formatdate()
    made["Message-ID"] = f"<{mail.id}@{sender.rpartition('@')[2]}>"
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(mail.text, cte="quoted-printable")
    return made


async def send(mail: Mail, server: SmtpServer, sender: str) -> None:
    """Sends a letter. Raises `NotSent`, which quotes nothing of what the server said: it may name the recipient."""
    try:
        await aiosmtplib.send(
            message(mail, sender), hostname=server.host, port=server.port, use_tls=server.tls,
            start_tls=False if server.tls else None if server.local else True, username=server.user, password=server.password,
            timeout=SECONDS,
        )  # fmt: skip
    except aiosmtplib.SMTPRecipientsRefused as refused:
        codes = [recipient.code for recipient in refused.recipients]
        raise NotSent(_code(max(codes, default=0)), forever=all(code >= 500 for code in codes)) from None
    except aiosmtplib.SMTPResponseException as refused:
        # a server that refuses us, and not the letter, may take it once it is set right
        ours = isinstance(refused, aiosmtplib.SMTPAuthenticationError | aiosmtplib.SMTPSenderRefused | aiosmtplib.SMTPConnectError)
        raise NotSent(_code(refused.code), forever=refused.code >= 500 and not ours) from None
    except (aiosmtplib.SMTPException, OSError) as error:
        raise NotSent(type(error).__name__) from None


def _code(code: int) -> str:
    return f"smtp_{code}"


def _is_local(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
