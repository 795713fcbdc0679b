"""Settings, read once from the environment. `docs/operations.md` lists them."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from db.pool import check
from resolvers.emails import read_email
from server.login.providers import Provider, ProvidersError, read_providers
from server.mail.smtp import SmtpServer

NOBODY = "nobody@parchemin.invalid"
"""Whom letters are from that only go to files."""


class SettingsError(SystemExit):
    """The environment cannot be used; the sentence says which variable and why."""


@dataclass(frozen=True, repr=False)
class Settings:
    """How this process runs. `database_url` is None for the embedded server, which production refuses.

    `public_url` is the origin that browsers see, without a slash at its end; `demonstration` adds identity providers that prove nothing;
    letters go to files where there is no `smtp_url`. `documents` holds the sealed documents, `pieces` the files of requests, `trust` what
    verifies documents; `seal` says with what they are sealed, None is the development authority, and `theme` how they look. A document is
    compiled when it comes for the `compile_at`-th time, the first or the second; 0 is never. `trusted_documents` is a manifest or a folder
    of them; with `trusted_only` no other document is executed, with `automatic_documents` those that clients send are kept by their digest.
    `read_urls` are read replicas; `direct_url` leads to the database past a pooler, for what listens.
    """

    production: bool
    database_url: str | None
    data: Path
    master_secret: bytes
    largest_upload: int
    graphiql: bool
    trusted_proxies: str
    public_url: str = ""
    providers: tuple[Provider, ...] = ()
    demonstration: bool = False
    documents: Path = Path()
    pieces: Path = Path()
    trust: Path = Path()
    seal: Path | None = None
    theme: Path | None = None
    smtp_url: str | None = None
    mail_from: str = NOBODY
    compile_at: int = 2
    trusted_documents: Path | None = None
    trusted_only: bool = False
    automatic_documents: bool = False
    read_urls: tuple[str, ...] = ()
    direct_url: str | None = None

    def __post_init__(self) -> None:
        """Raises `SettingsError` when settings contradict each other."""
        if self.production and self.demonstration:
            raise SettingsError("The demonstration's identity providers prove nothing: PARCHEMIN_ENV=production refuses them.")
        if self.trusted_only and self.trusted_documents is None:
            raise SettingsError("PARCHEMIN_TRUSTED_ONLY needs PARCHEMIN_TRUSTED_DOCUMENTS: without them no document is executed.")
        if self.trusted_only and self.automatic_documents:
            raise SettingsError("PARCHEMIN_TRUSTED_ONLY and PARCHEMIN_AUTOMATIC_DOCUMENTS contradict each other: choose one.")

    @property
    def sends_mail(self) -> bool:
        """Whether letters go anywhere: to a server, or to files in development."""
        return self.smtp_url is not None or not self.production

    @property
    def local_accounts(self) -> bool:
        """Whether people may open accounts by e-mail and password: letters go out, and their links lead here."""
        return self.sends_mail and bool(self.public_url)


MEGABYTE = 1 << 20


def read_settings(environment: Mapping[str, str]) -> Settings:
    """The settings of an environment. Raises `SettingsError`."""
    kind = environment.get("PARCHEMIN_ENV", "development")
    if kind not in ("development", "production"):
        raise SettingsError(f"PARCHEMIN_ENV is 'production' or 'development', not '{kind}'.")
    production = kind == "production"
    database_url = environment.get("DATABASE_URL") or None
    data = Path(environment.get("PARCHEMIN_DATA", ".data"))
    if production and database_url is None:
        raise SettingsError("PARCHEMIN_ENV=production needs DATABASE_URL: the embedded server is for development.")
    read_urls = tuple(environment.get("DATABASE_READ_URLS", "").replace(",", " ").split())
    direct_url = environment.get("DATABASE_DIRECT_URL") or None
    if database_url is None and (read_urls or direct_url):
        raise SettingsError("DATABASE_READ_URLS and DATABASE_DIRECT_URL need DATABASE_URL: they lead to the same register.")
    for url in (database_url, direct_url, *read_urls):
        _check_url(url)
    smtp_url, mail_from = _mail(environment)
    return Settings(
        production=production,
        database_url=database_url,
        data=data,
        master_secret=_secret(environment.get("PARCHEMIN_SECRET"), data, production),
        largest_upload=_number(environment, "PARCHEMIN_LARGEST_UPLOAD_MB", 1024) * MEGABYTE,
        graphiql=environment.get("PARCHEMIN_GRAPHIQL", "0" if production else "1") == "1",
        trusted_proxies=environment.get("PARCHEMIN_TRUSTED_PROXIES", "127.0.0.1"),
        documents=Path(environment.get("PARCHEMIN_DOCUMENTS") or data / "documents"),
        pieces=Path(environment.get("PARCHEMIN_PIECES") or data / "pieces"),
        trust=Path(environment.get("PARCHEMIN_TRUST") or data / "trust"),
        seal=Path(environment["PARCHEMIN_SEAL"]) if environment.get("PARCHEMIN_SEAL") else None,
        theme=Path(environment["PARCHEMIN_THEME"]) if environment.get("PARCHEMIN_THEME") else None,
        public_url=_origin(environment.get("PARCHEMIN_PUBLIC_URL", ""), production),
        providers=_providers(environment, production),
        smtp_url=smtp_url,
        mail_from=mail_from,
        compile_at=_number(environment, "PARCHEMIN_COMPILE_AT", 2),
        trusted_documents=Path(environment["PARCHEMIN_TRUSTED_DOCUMENTS"])
        if environment.get("PARCHEMIN_TRUSTED_DOCUMENTS")
        else None,
        trusted_only=environment.get("PARCHEMIN_TRUSTED_ONLY") == "1",
        automatic_documents=environment.get("PARCHEMIN_AUTOMATIC_DOCUMENTS") == "1",
        read_urls=read_urls,
        direct_url=direct_url,
    )


def trust_folder(environment: Mapping[str, str]) -> Path:
    """The folder of what verifies sealed files: roots and revocation lists, which are public. Needs no other setting."""
    given = environment.get("PARCHEMIN_TRUST")
    return Path(given) if given else Path(environment.get("PARCHEMIN_DATA", ".data")) / "trust"


def _check_url(url: str | None) -> None:
    """Raises `SettingsError`, which does not show the URL: it holds a password."""
    if url is None:
        return
    try:
        check(url)
    except ValueError as error:
        raise SettingsError(
            "DATABASE_URL, DATABASE_DIRECT_URL and each of DATABASE_READ_URLS are postgresql://user:password@host:5432/parchemin; "
            "statement_cache_size, if it stands there, is a whole number."
        ) from error


def _mail(environment: Mapping[str, str]) -> tuple[str | None, str]:
    """The server that letters go to, if there is one, and whom they are from."""
    url = environment.get("PARCHEMIN_SMTP_URL")
    if not url:
        return None, NOBODY
    try:
        SmtpServer.of(url)
    except ValueError as error:
        raise SettingsError("PARCHEMIN_SMTP_URL is smtps://user:password@host:465 or smtp://user:password@host:587") from error
    sender = read_email(environment.get("PARCHEMIN_MAIL_FROM", ""))
    if sender is None or not environment.get("PARCHEMIN_PUBLIC_URL"):
        raise SettingsError(
            "PARCHEMIN_SMTP_URL needs PARCHEMIN_MAIL_FROM, an address, and PARCHEMIN_PUBLIC_URL: links of letters lead there."
        )
    return url, sender.address


def _providers(environment: Mapping[str, str], production: bool) -> tuple[Provider, ...]:
    path = environment.get("PARCHEMIN_PROVIDERS")
    if not path:
        return ()
    if not environment.get("PARCHEMIN_PUBLIC_URL"):
        raise SettingsError("PARCHEMIN_PROVIDERS needs PARCHEMIN_PUBLIC_URL: identity providers send browsers back to it.")
    try:
        return read_providers(Path(path), environment, production=production)
    except ProvidersError as error:
        raise SettingsError(f"PARCHEMIN_PROVIDERS, {path}: {error}") from error


def _origin(text: str, production: bool) -> str:
    parts = urlsplit(text)
    if text and (parts.scheme not in ("https", "http") or not parts.hostname or text != f"{parts.scheme}://{parts.netloc}"):
        raise SettingsError("PARCHEMIN_PUBLIC_URL is an origin, without a path or a slash at its end: https://diplomes.example")
    if text and production and parts.scheme != "https":
        raise SettingsError("PARCHEMIN_ENV=production needs an https PARCHEMIN_PUBLIC_URL: sessions travel in its cookies.")
    return text


def _secret(text: str | None, data: Path, production: bool) -> bytes:
    """The master secret: from the environment, or kept beside the development data."""
    if text is not None:
        try:
            secret = bytes.fromhex(text)
        except ValueError:
            secret = b""
        if len(secret) < 32:
            raise SettingsError("PARCHEMIN_SECRET needs at least 64 hexadecimal digits: openssl rand -hex 32 makes them.")
        return secret
    if production:
        raise SettingsError(
            "PARCHEMIN_ENV=production needs PARCHEMIN_SECRET: openssl rand -hex 32 makes one. Losing it loses every key."
        )
    path = data / "secret"
    if not path.exists():
        data.mkdir(parents=True, exist_ok=True)
        path.touch(0o600)
        path.write_text(secrets.token_hex(32))
    return bytes.fromhex(path.read_text())


def _number(environment: Mapping[str, str], name: str, default: int) -> int:
    try:
        return int(environment.get(name, default))
    except ValueError as error:
        raise SettingsError(f"{name} must be a whole number.") from error
