"""Our own applications for telephones and computers: who may be one, and where a browser may be sent back to (RFC 8252).

They are public clients (RFC 6749, §2.1): a secret that is installed everywhere is none, so a redirect URI is what tells one from another.
"""

import re
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import SplitResult, urlsplit

from db.statements import Database, Row, statement
from graph.problems import Refused
from graph.text import Text
from resolvers.web_sessions import SignedIn

ADD = statement("apps.add")
BY_ID = statement("apps.by_id")
ALL = statement("apps.all")
RETIRE = statement("apps.retire")

ID = re.compile(r"[a-z0-9][a-z0-9.-]{2,63}")
LOOPBACK = ("127.0.0.1", "::1")
"""Addresses and not `localhost`, a name that may lead elsewhere (RFC 8252, §8.3)."""

PRINTABLE = re.compile(r"[!-~]{1,200}")
PRIVATE_USE = re.compile(r"[a-z][a-z0-9-]*(\.[a-z0-9-]+)+")
"""A reversed domain name (RFC 8252, §7.1): nobody else's, and neither `javascript` nor `data`."""


@dataclass(frozen=True)
class App:
    """An application that may sign holders in, agents, or both."""

    id: str
    name: str
    redirect_uris: tuple[str, ...]
    for_holders: bool
    for_agents: bool

    def serves(self, who: SignedIn) -> bool:
        """Whether it is for people like the one who is signed in."""
        return self.for_agents if who.agent else self.for_holders

    def may_redirect_to(self, uri: str) -> bool:
        """Whether a redirect URI is one that was registered, character for character (RFC 9700, §2.1). The port of a loopback address is
        the app's choice at the time (RFC 8252, §7.3)."""
        return uri in self.redirect_uris or _without_port(uri) in self.redirect_uris


async def add(database: Database, app: App) -> None:
    """Adds an app, or changes the one of that id. Raises `Refused` for an id or a redirect URI that cannot be one."""
    if not ID.fullmatch(app.id):
        raise Refused(
            Text(
                f"« {app.id} » n'est pas un identifiant : de 3 à 64 lettres minuscules, chiffres, points et tirets.",
                f"“{app.id}” is no id: 3 to 64 lower-case letters, digits, dots and hyphens.",
            )
        )
    for uri in app.redirect_uris:
        _check(uri)
    await ADD.run(
        database, id=app.id, name=app.name, redirect_uris=list(app.redirect_uris), for_holders=app.for_holders,
        for_agents=app.for_agents,
    )  # fmt: skip


async def by_id(database: Database, id_: str) -> App | None:
    """The app of a `client_id`, or None when it is unknown or retired."""
    row = await BY_ID.row(database, id=id_) if ID.fullmatch(id_) else None
    return App(row["id"], row["name"], tuple(row["redirect_uris"]), row["for_holders"], row["for_agents"]) if row else None


async def listed(database: Database, idle: timedelta) -> list[Row]:
    """Every app, those that are retired too, with how many are signed in."""
    return await ALL.rows(database, idle=idle)


async def retire(database: Database, id_: str) -> int:
    """Retires an app, whose tokens are worth nothing from then on; how many were signed in. Raises `Refused` when there is no such app."""
    ended = await RETIRE.value(database, id=id_)
    if ended is None:
        raise Refused(Text(f"Aucune application en service ne s'appelle « {id_} ».", f"No app in service is called “{id_}”."))
    return ended


def _check(uri: str) -> None:
    """Raises `Refused` when a redirect URI is none of the three kinds of RFC 8252, §7."""
    parts = _split(uri)
    plain = parts is not None and not (parts.query or parts.fragment or "?" in uri or "#" in uri) and parts.path.startswith("/")
    if parts is None or not plain or not (_is_claimed(parts) or _is_private_use(uri, parts) or _without_port(uri) == uri):
        raise Refused(
            Text(
                f"« {uri} » ne peut pas être une adresse de retour : https://hôte/chemin, fr.exemple.appli:/chemin, ou "
                "http://127.0.0.1/chemin sans port.",
                f"“{uri}” cannot be a redirect URI: https://host/path, com.example.app:/path, or http://127.0.0.1/path without a port.",
            )
        )


def _is_claimed(parts: SplitResult) -> bool:
    return parts.scheme == "https" and bool(parts.hostname) and "." in parts.netloc and "@" not in parts.netloc


def _is_private_use(uri: str, parts: SplitResult) -> bool:
    # no authority, not even an empty one: nobody gives names to such a scheme (RFC 8252, §7.1)
    return bool(PRIVATE_USE.fullmatch(parts.scheme)) and "//" not in uri


def _without_port(uri: str) -> str | None:
    """A loopback redirect URI as it is registered, or None when the URI is not one."""
    parts = _split(uri)
    if parts is None or parts.scheme != "http" or parts.hostname not in LOOPBACK:
        return None
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    if not re.fullmatch(re.escape(host) + r"(:[0-9]{1,5})?", parts.netloc):
        return None
    return uri.replace(parts.netloc, host, 1)


def _split(uri: str) -> SplitResult | None:
    """The parts of a URI in printable ASCII, or None when it is not one."""
    try:
        return urlsplit(uri) if PRINTABLE.fullmatch(uri) else None
    except ValueError:
        return None
