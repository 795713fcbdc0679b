"""A person in front of a browser without script: opens pages, fills forms in, keeps cookies, reads his mail."""

from dataclasses import dataclass, field
from html import unescape
from http.cookies import SimpleCookie
from json import loads
from re import findall, search
from typing import Any
from urllib.parse import urlencode

from httpx2 import Response
from pyotp.totp import TOTP

from resolvers import second_factor
from resolvers.local_keys import LocalKeys
from tests.client import SECRET, Client
from tests.conftest import DatabaseConnection

SITE = "http://register.test"
PASSWORD = "quatre mots sans rapport"
OTHER_PASSWORD = "tout autre chose encore"
EMAIL = "eloise@example.fr"
ELOISE = {
    "family-name": "Lecœur", "given-names": "Éloïse, Marie", "birth-date": "2008-03-12", "sex": "F", "birth-country": "99100",
    "birth-commune": "Besançon",
}  # fmt: skip
KEYS = LocalKeys.of(SECRET)


@dataclass
class Visitor:
    """One browser. It follows redirections, and says which site its forms come from."""

    client: Client
    address: str = "192.0.2.1"
    language: str = "fr"
    cookies: dict[str, str] = field(default_factory=dict[str, str])

    async def opens(self, path: str) -> Response:
        """The page at a path, or at the end of a link."""
        return await self._sends("GET", path.removeprefix(SITE))

    async def fills(self, path: str, **given: str) -> Response:
        """What comes of a form; `_` in the name of a field stands for `-`."""
        fields = {name.replace("_", "-"): value for name, value in given.items()}
        return await self._posts(path, fields)

    async def asks_for_an_account(self, email: str = EMAIL, password: str = PASSWORD, **changed: str) -> Response:
        """The form of a new account, filled in."""
        given = ELOISE | {"email": email, "new-password": password} | {name.replace("_", "-"): v for name, v in changed.items()}
        return await self._posts("/account/create", given)

    async def signs_in(self, email: str = EMAIL, password: str = PASSWORD) -> Response:
        """Address and password."""
        return await self.fills("/login/local", email=email, password=password)

    @property
    def is_signed_in(self) -> bool:
        """Whether the browser has a session's cookie."""
        return "parchemin" in self.cookies

    async def is_let_in(self) -> bool:
        """Whether the register takes that cookie for a session."""
        return (await self.opens("/account/security")).url.path == "/account/security"

    async def _posts(self, path: str, fields: dict[str, str]) -> Response:
        # browsers name the type of an empty form too
        typed = {"Content-Type": "application/x-www-form-urlencoded"}
        return await self._sends("POST", path, typed, content=urlencode(fields))

    async def _sends(self, method: str, path: str, typed: dict[str, str] | None = None, **options: Any) -> Response:
        headers = (typed or {}) | {"Accept-Language": self.language, "Sec-Fetch-Site": "same-origin", "User-Agent": "Firefox"}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        answer = await self.client.send(method, path, self.address, headers=headers, **options)
        for line in answer.headers.get_list("set-cookie"):
            for name, morsel in SimpleCookie(line).items():
                if morsel["max-age"] == "0":
                    self.cookies.pop(name, None)
                else:
                    self.cookies[name] = morsel.value
        if answer.is_redirect:
            return await self._sends("GET", answer.headers["location"].removeprefix(SITE))
        return answer


async def mailbox(connection: DatabaseConnection, to: str = EMAIL) -> list[dict[str, str]]:
    """The letters that wait in the outbox for an address, in the order in which they were put there."""
    rows = await connection.fetch("select id, sealed from mail order by due_at, id")
    letters = [loads(KEYS.opened(row["sealed"], f"mail:{row['id']}")) for row in rows]
    return [letter for letter in letters if letter["to"] == to]


async def link_to(connection: DatabaseConnection, page: str, to: str = EMAIL) -> str:
    """The latest link to a page that an address was sent."""
    found = [link for letter in await mailbox(connection, to) for link in findall(rf"{SITE}/account/{page}/\S+", letter["text"])]
    assert found, f"no letter to {to} has a link to {page}"
    return found[-1].removeprefix(SITE)


async def with_account(
    client: Client, connection: DatabaseConnection, email: str = EMAIL, password: str = PASSWORD, **changed: str
) -> Visitor:
    """A visitor who has opened an account and is signed in; the outbox is empty."""
    visitor = Visitor(client)
    await visitor.asks_for_an_account(email, password, **changed)
    await visitor.opens(await link_to(connection, "confirm", email))
    await visitor.fills("/account/confirm", password=password)
    assert visitor.is_signed_in
    await connection.execute("delete from mail")
    return visitor


def problems(page: Response) -> list[str]:
    """What a page says is wrong, the form as a whole first."""
    return [unescape(text) for text in findall(r'<p class="problem"[^>]*>([^<]*)</p>', page.text)]


def title(page: Response) -> str:
    """The heading of a page."""
    found = search(r"<h1>(.*?)</h1>", page.text)
    assert found is not None
    return unescape(found[1])


def secret_of(page: Response) -> str:
    """The secret that the page of a second factor shows."""
    found = search(r'<span class="secret">([A-Z2-7 ]+)</span>', page.text)
    assert found is not None
    return found[1].replace(" ", "")


def code_of(secret: str, steps: int = 0) -> str:
    """The code that an application shows now, or some steps of 30 seconds later."""
    return TOTP(secret).generate_otp(second_factor.current_step() + steps)


def recovery_codes(page: Response) -> list[str]:
    """The recovery codes that a page shows."""
    return findall(r"<li>([0-9A-Z]{4}-[0-9A-Z]{4})</li>", page.text)


async def with_second_factor(visitor: Visitor, password: str = PASSWORD) -> tuple[str, list[str]]:
    """Adds a second factor; its secret, and its recovery codes."""
    secret = secret_of(await visitor.fills("/account/security/factor", password=password))
    codes = recovery_codes(await visitor.fills("/account/security/factor/begin", code=code_of(secret, -1)))
    assert len(codes) == 10
    return secret, codes
