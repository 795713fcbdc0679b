"""Time stamps: one that is had, and every way of not having one."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import pytest
from asn1crypto import tsp
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from seal.authority import LEAF_LIFE, Issued
from seal.timestamps import TimestampClient, TimestampUnavailable, UnsafeDevelopmentTimestamps
from tests.browser import served
from tests.sealing import NOW, authority, drafted, pyhanko_status, sealer

Lie = Callable[[Any], Any]


def unchanged(it: Any) -> Any:
    return it


class Lying(UnsafeDevelopmentTimestamps):
    """Answers another request, or alters its answer."""

    def __init__(self, signer: Issued, request: Lie, answer: Lie) -> None:
        super().__init__(signer.key, signer.certificate, authority().roots, NOW)
        self._request, self._answer = request, answer

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        return tsp.TimeStampResp.load(self._answer(self.request_tsa_response(self._request(req)).dump()))


def other_nonce(request: Any) -> Any:
    return tsp.TimeStampReq({**fields(request), "nonce": 42})


def no_nonce(request: Any) -> Any:
    return tsp.TimeStampReq({name: value for name, value in fields(request).items() if name != "nonce"})


def other_imprint(request: Any) -> Any:
    imprint = {"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": bytes(32)}
    return tsp.TimeStampReq({**fields(request), "message_imprint": imprint})


def other_algorithm(request: Any) -> Any:
    imprint = {"hash_algorithm": {"algorithm": "sha512"}, "hashed_message": bytes(64)}
    return tsp.TimeStampReq({**fields(request), "message_imprint": imprint})


def fields(request: Any) -> dict[str, Any]:
    return {name: request[name] for name in ("version", "message_imprint", "nonce", "cert_req")}


def refused(encoded: Any) -> bytes:
    token = tsp.TimeStampResp.load(encoded)["time_stamp_token"]
    return tsp.TimeStampResp({"status": {"status": "rejection"}, "time_stamp_token": token}).dump()


def alone(_: Any) -> bytes:
    return bytes.fromhex("30053003020102")  # status: rejection, and no more


def altered(encoded: Any) -> bytes:
    return encoded[:-1] + bytes((encoded[-1] ^ 1,))


LIES: dict[str, tuple[Lie, Lie, str]] = {
    "nonce": (other_nonce, unchanged, "another request"),
    "no nonce": (no_nonce, unchanged, "another request"),
    "imprint": (other_imprint, unchanged, "another document"),
    "algorithm": (other_algorithm, unchanged, "another document"),
    "refusal": (unchanged, refused, "refuses: rejection"),
    "no token": (unchanged, alone, "cannot be read"),
    "signature": (unchanged, altered, "not of an authority that is trusted"),
}


@pytest.mark.parametrize("lie", LIES)
async def test_an_authority_that_lies_gives_no_time_stamp(lie: str) -> None:
    request, answer, reason = LIES[lie]
    with pytest.raises(TimestampUnavailable, match=reason):
        await sealer().timestamped(drafted(), NOW, Lying(authority().issued_stamps[0], request, answer))


async def test_a_certificate_that_is_not_for_time_stamps_gives_none() -> None:
    with pytest.raises(TimestampUnavailable, match="not of an authority that is trusted"):
        await Lying(authority().issued_seals[0], unchanged, unchanged).token(b"document")


async def test_an_authority_that_is_not_trusted_gives_no_time_stamp() -> None:
    issued = authority().issued_stamps[-1]
    with pytest.raises(TimestampUnavailable, match="not of an authority that is trusted"):
        await UnsafeDevelopmentTimestamps(issued.key, issued.certificate, (), NOW).token(b"document")


async def test_an_authority_whose_certificate_has_ended_gives_no_time_stamp() -> None:
    with pytest.raises(TimestampUnavailable, match="not of an authority that is trusted"):
        await authority().timestamps(NOW + LEAF_LIFE + timedelta(days=1)).token(b"document")


@pytest.fixture
async def tsa() -> AsyncIterator[str]:
    """An authority over HTTP, and paths where it fails."""

    async def stamp(request: Request) -> Response:
        answer = authority().timestamps(NOW).request_tsa_response(tsp.TimeStampReq.load(await request.body()))
        return Response(answer.dump(), media_type="application/timestamp-reply")

    async def slow(_: Request) -> Response:
        await asyncio.sleep(1.5)
        return Response()

    async def failing(_: Request) -> Response:
        return Response(status_code=503)

    async def chatting(_: Request) -> Response:
        return Response("<p>maintenance")

    async def babbling(_: Request) -> Response:
        return Response(b"babble", media_type="application/timestamp-reply")

    answers = {"/": stamp, "/slow": slow, "/failing": failing, "/chatting": chatting, "/babbling": babbling}
    async with served(Starlette(routes=[Route(path, answer, methods=["POST"]) for path, answer in answers.items()])) as origin:
        yield origin


async def test_a_time_stamp_is_had_over_http(tsa: str) -> None:
    document = await sealer().timestamped(drafted(), NOW, TimestampClient(f"{tsa}/", authority().roots))
    assert (await pyhanko_status(document, authority().roots, NOW)).timestamp_validity.timestamp == NOW


@pytest.mark.parametrize("path", ["slow", "failing", "chatting", "babbling", "missing"])
async def test_an_authority_that_fails_gives_no_time_stamp(tsa: str, path: str) -> None:
    with pytest.raises(TimestampUnavailable):
        await TimestampClient(f"{tsa}/{path}", authority().roots, timeout=1).token(b"document")


async def test_an_authority_that_is_not_there_gives_no_time_stamp(tsa: str) -> None:
    with pytest.raises(TimestampUnavailable, match="does not answer"):
        await TimestampClient("http://127.0.0.1:9/", authority().roots).token(b"document")
