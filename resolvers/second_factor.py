"""The optional second factor of a local account: codes that change with time (TOTP, RFC 6238), and ten codes for its loss.

A code counts once: the step of the last one is kept, and none of that step or before is taken again. One step of clock difference is
allowed on either side (RFC 6238, §5.2).
"""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from hmac import compare_digest
from uuid import UUID

from pyotp import random_base32
from pyotp.totp import TOTP

from db.statements import Connection, statement
from graph.control_key import normalised, shown, spelled
from resolvers import letters
from resolvers.accounts import journal
from resolvers.attempts import SECOND_FACTOR, Attempt
from resolvers.local import Local, LocalAccount

PROPOSE = statement("second_factor.propose")
BEGIN = statement("second_factor.begin")
TAKE_STEP = statement("second_factor.take_step")
END = statement("second_factor.end")
END_CODES = statement("second_factor.end_codes")
KEEP_CODES = statement("second_factor.keep_codes")
TAKE_CODE = statement("second_factor.take_code")
CODES_LEFT = statement("second_factor.codes_left")

STEP_SECONDS = 30
RECOVERY_CODES = 10
"""Each of 40 bits, used once: more than the 20 that NIST SP 800-63B (§3.1.2.2) asks of look-up secrets whose attempts are limited."""


class NoSecondFactor(Exception):
    """The account has no second factor, or has one already where it should have none."""


class CodeRefused(Exception):
    """The code is none of the secret that was proposed."""


@dataclass(frozen=True, repr=False)
class Proposal:
    """A secret for the owner's device: as text, and as the address that a QR code carries."""

    secret: str
    address: str


async def propose(local: Local, known: LocalAccount) -> Proposal:
    """A new secret of 160 bits (RFC 4226, §4), which counts once its first code is given. Raises `NoSecondFactor` if there is one."""
    secret = random_base32(32)
    sealed = local.keys.sealed(secret, _place(known.id))
    if await PROPOSE.value(local.pool, id=known.id, totp=sealed) is None:
        raise NoSecondFactor
    return _proposal(local, known, secret)


def proposed(local: Local, known: LocalAccount) -> Proposal:
    """The secret that was proposed last. Raises `NoSecondFactor` when there is none, or it counts already."""
    if known.totp is None or known.has_second_factor:
        raise NoSecondFactor
    return _proposal(local, known, _secret(local, known, known.totp))


async def begin(local: Local, known: LocalAccount, code: str) -> list[str]:
    """Makes the proposed secret the second factor, by its first code; returns the recovery codes, shown once.

    Raises `CodeRefused`, `NoSecondFactor`, `TooManyAttempts`.
    """
    if known.totp is None or known.has_second_factor:
        raise NoSecondFactor
    attempt = Attempt.now(local.keyring, (SECOND_FACTOR, known.subject))
    await attempt.spend(local.pool)
    step = _step_of(_secret(local, known, known.totp), code)
    if step is None:
        raise CodeRefused
    await attempt.give_back(local.pool)
    async with local.pool.acquire() as connection, connection.transaction():
        if await BEGIN.value(connection, id=known.id, step=step) is None:
            raise NoSecondFactor
        codes = await _new_codes(local, connection, known)
        await journal(connection, known.account, "BEGIN_SECOND_FACTOR")
        await local.write(connection, known.address(local.keys), letters.SECOND_FACTOR_ON, known.language)
    return codes


async def takes(local: Local, connection: Connection, known: LocalAccount, code: str) -> bool:
    """Whether a code opens the account, in the transaction that it opens: one of the device, or a recovery code, each only once."""
    assert known.totp is not None
    step = _step_of(_secret(local, known, known.totp), code)
    if step is not None:
        return await TAKE_STEP.value(connection, id=known.id, step=step) is not None
    recovery = normalised(code)
    if recovery is None:
        return False
    if await TAKE_CODE.value(connection, id=known.id, digest=local.keys.recovery_digest(known.id, recovery)) is None:
        return False
    await journal(connection, known.account, "USE_RECOVERY_CODE")
    await local.write(connection, known.address(local.keys), letters.RECOVERY_CODE_USED, known.language)
    return True


async def new_codes(local: Local, known: LocalAccount) -> list[str]:
    """Ten new recovery codes in the place of all others, shown once. Raises `NoSecondFactor`."""
    if not known.has_second_factor:
        raise NoSecondFactor
    async with local.pool.acquire() as connection, connection.transaction():
        codes = await _new_codes(local, connection, known)
        await journal(connection, known.account, "NEW_RECOVERY_CODES")
        await local.write(connection, known.address(local.keys), letters.NEW_RECOVERY_CODES, known.language)
    return codes


async def end(local: Local, known: LocalAccount) -> None:
    """Takes the second factor away. Raises `NoSecondFactor`."""
    async with local.pool.acquire() as connection, connection.transaction():
        if await END.value(connection, id=known.id) is None:
            raise NoSecondFactor
        await journal(connection, known.account, "END_SECOND_FACTOR")
        await local.write(connection, known.address(local.keys), letters.SECOND_FACTOR_OFF, known.language)


async def codes_left(local: Local, known: LocalAccount) -> int:
    """How many recovery codes are left."""
    return await CODES_LEFT.value(local.pool, id=known.id)


async def _new_codes(local: Local, connection: Connection, known: LocalAccount) -> list[str]:
    codes = [spelled(secrets.randbits(40)) for _ in range(RECOVERY_CODES)]
    await END_CODES.run(connection, id=known.id)
    await KEEP_CODES.run(connection, id=known.id, digests=[local.keys.recovery_digest(known.id, code) for code in codes])
    return [shown(code) for code in codes]


def _proposal(local: Local, known: LocalAccount, secret: str) -> Proposal:
    address = TOTP(secret).provisioning_uri(name=known.address(local.keys), issuer_name="Parchemin")
    return Proposal(" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)), address)


def _secret(local: Local, known: LocalAccount, sealed: bytes) -> str:
    return local.keys.opened(sealed, _place(known.id))


def current_step() -> int:
    """The number of whole steps since 1970 (RFC 6238, §4.2)."""
    return int(datetime.now(UTC).timestamp()) // STEP_SECONDS


def _step_of(secret: str, code: str) -> int | None:
    """The step whose code it is, the latest first; every step is compared, whichever agrees."""
    given = "".join(code.split()).encode()
    now = current_step()
    totp = TOTP(secret, interval=STEP_SECONDS)
    agreeing = [step for step in (now + 1, now, now - 1) if compare_digest(totp.generate_otp(step).encode(), given)]
    return agreeing[0] if agreeing else None


def _place(local_account: UUID) -> str:
    return f"local_account.totp:{local_account}"
