"""A small SMTP server: says what it is told to, keeps what it takes."""

import asyncio
import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


@dataclass
class SmtpStub:
    """What the server answers to each command, and the letters that it took."""

    answers: dict[str, str] = field(default_factory=dict[str, str])
    port: int = 0
    letters: list[EmailMessage] = field(default_factory=list[EmailMessage])
    commands: list[str] = field(default_factory=list[str])

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        writer.write(b"220 stub\r\n")
        while line := (await reader.readline()).decode().strip():
            command = line.partition(" ")[0].upper()
            self.commands.append(line)
            answer = self.answers.get(command, "354 go on" if command == "DATA" else "250 ok")
            writer.write(f"{answer}\r\n".encode())
            if command == "DATA" and answer.startswith("354"):
                content = (await reader.readuntil(b"\r\n.\r\n")).removesuffix(b".\r\n").replace(b"\r\n", b"\n")
                self.letters.append(message_from_bytes(content, EmailMessage, policy=default))
                writer.write(b"250 taken\r\n")
            if command == "QUIT":
                break
        writer.close()


@asynccontextmanager
async def smtp_stub(tls: ssl.SSLContext | None = None, answers: dict[str, str] | None = None) -> AsyncGenerator[SmtpStub]:
    """A server on a free local port; over TLS from the start when it is given a certificate."""
    stub = SmtpStub(answers or {})
    server = await asyncio.start_server(stub.talk, "127.0.0.1", 0, ssl=tls)
    stub.port = server.sockets[0].getsockname()[1]
    try:
        yield stub
    finally:
        server.close()


def self_signed(folder: Path) -> ssl.SSLContext:
    """A certificate of 127.0.0.1 that nobody vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
        .not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1)).sign(key, hashes.SHA256())
    )  # fmt: skip
    file = folder / "certificate.pem"
    file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context
