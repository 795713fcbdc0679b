"""What every use case of local accounts works with, and a local account as it is stored."""

from dataclasses import dataclass
from uuid import UUID

import asyncpg

from db.statements import Database, Row, statement
from graph.text import Language
from resolvers import outbox
from resolvers.accounts import person_of
from resolvers.emails import Email
from resolvers.keys import Keyring
from resolvers.letters import Template
from resolvers.local_keys import LocalKeys
from resolvers.passwords import Passwords
from resolvers.people import Person

BY_EMAIL = statement("local_accounts.by_email")
BY_ID = statement("local_accounts.by_id")
OF_ACCOUNT = statement("local_accounts.of_account")

PROVIDER = "local"
"""What stands for an identity provider: this register itself, which vouches for nothing."""


@dataclass(frozen=True, repr=False)
class Local:
    """The register, the secrets and the threads of one process; `site` is the origin that links lead to."""

    pool: "asyncpg.Pool[asyncpg.Record]"
    keyring: Keyring
    keys: LocalKeys
    passwords: Passwords
    site: str

    async def write(self, database: Database, to: str, template: Template, language: Language, path: str = "") -> None:
        """Puts a letter in the outbox, in the transaction that causes it."""
        await outbox.put(database, self.keys, to, template.letter(language, self.site, path))


@dataclass(frozen=True, repr=False)
class LocalAccount:
    """A local account. `email`, `totp` are sealed; `has_second_factor` once its first code was given."""

    id: UUID
    account: UUID
    email_lookup: bytes
    email: bytes
    language: Language
    password: str
    totp: bytes | None
    has_second_factor: bool
    person: Person

    @property
    def subject(self) -> str:
        """What its identity is called."""
        return str(self.id)

    def address(self, keys: LocalKeys) -> str:
        """Its e-mail address."""
        return keys.opened(self.email, email_place(self.id))

    def personal(self, keys: LocalKeys) -> tuple[str, ...]:
        """What its password may not contain."""
        return personal(Email(self.address(keys)), self.person)


def personal(email: Email, person: Person) -> tuple[str, ...]:
    """What the password of an address and a person may not contain."""
    names = (person.family_name, person.used_name or "", *person.given_names)
    return (email.address, email.owner, *names)


def email_place(local_account: UUID) -> str:
    """Where the sealed address of an account stands."""
    return f"local_account.email:{local_account}"


def _account(row: Row | None) -> LocalAccount | None:
    if row is None:
        return None
    values = dict(row)
    return LocalAccount(account=values.pop("account_id"), person=person_of(values.pop("person")), **values)


async def by_email(local: Local, email: Email) -> LocalAccount | None:
    """The account of an address."""
    return _account(await BY_EMAIL.row(local.pool, email_lookup=local.keys.email_lookup(email.key)))


async def by_id(database: Database, local_account: UUID) -> LocalAccount | None:
    """The account of an id."""
    return _account(await BY_ID.row(database, id=local_account))


async def of_account(database: Database, account: UUID) -> LocalAccount | None:
    """The local account that opens an account, if one does."""
    return _account(await OF_ACCOUNT.row(database, account=account))
