"""Time stamps (RFC 3161), checked before they are believed."""

import hashlib
import hmac
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from asn1crypto import cms, core, tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.sign.general import SigningError, as_signing_certificate_v2, simple_cms_attribute
from pyhanko.sign.timestamps import DummyTimeStamper, HTTPTimeStamper, TimeStamper
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.generic_cms import validate_tst_signed_data
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.errors import PathError, ValidationError

from seal.keys import SigningKey

NO_POLICY = "2.999"
"""The arc of examples (ITU-T X.660): what follows it means nothing."""


class TimestampUnavailable(Exception):
    """No time stamp that can be trusted was had: the document waits, and is asked for again."""


def asn1_certificate(certificate: x509.Certificate) -> asn1_x509.Certificate:
    """The same certificate, in the terms of pyHanko."""
    return asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER))


class CheckedTimeStamper(TimeStamper):
    """A client whose every token is the answer to its own request, signed by an authority that `roots` vouch for."""

    roots: tuple[asn1_x509.Certificate, ...] = ()

    async def token(self, message: bytes) -> bytes:
        """The token (DER) of this message's SHA-256. Raises `TimestampUnavailable`."""
        token = await self.async_timestamp(hashlib.sha256(message).digest(), "sha256")
        return token.dump()

    async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> cms.ContentInfo:
        """The token of this digest: pyHanko's own entry, which its document time stamps use too. Raises `TimestampUnavailable`."""
        nonce, request = self.request_cms(message_digest, md_algorithm)
        try:
            response = await self.async_request_tsa_response(request)
            token = granted(response)
            await self._check(token, nonce, message_digest, md_algorithm)
        except OSError as error:  # pyHanko's TimestampRequestError, timeouts and sockets
            raise TimestampUnavailable(f"the time stamp authority does not answer: {error.__cause__ or error}") from error
        except (ValueError, TypeError, KeyError, SignatureValidationError, SigningError, ValidationError, PathError) as error:
            raise TimestampUnavailable(f"the time stamp authority's answer cannot be read or trusted: {error}") from error
        return token

    async def _check(self, token: cms.ContentInfo, nonce: int | None, digest: bytes, algorithm: str) -> None:
        signed: Any = token["content"]
        content: Any = signed["encap_content_info"]["content"].parsed
        imprint = content["message_imprint"]
        if content["nonce"].native != nonce:
            raise TimestampUnavailable("the time stamp answers another request (nonce)")
        if imprint["hash_algorithm"]["algorithm"].native != algorithm or not hmac.compare_digest(
            imprint["hashed_message"].native, digest
        ):
            raise TimestampUnavailable("the time stamp is another document's (imprint)")
        moment: datetime | None = content["gen_time"].native
        # the authority's certificate is judged at the time that the token says (RFC 3161, 4)
        context = ValidationContext(trust_roots=list(self.roots), allow_fetching=False, moment=moment)
        status = await validate_tst_signed_data(signed, context, lambda _: digest)
        if not (status["valid"] and status["intact"] and status["trust_problem_indic"] is None):
            raise TimestampUnavailable("the time stamp's signature is not of an authority that is trusted here")


def granted(response: tsp.TimeStampResp) -> cms.ContentInfo:
    """The token of an answer. Raises `TimestampUnavailable` for a refusal."""
    answer: Any = response  # asn1crypto's types do not know the fields of its values
    status = answer["status"]["status"].native
    if status not in ("granted", "granted_with_mods"):
        raise TimestampUnavailable(f"the time stamp authority refuses: {status}")
    return answer["time_stamp_token"]


class TimestampClient(CheckedTimeStamper, HTTPTimeStamper):
    """The authority at a URL. Each request opens and closes its own connection."""

    def __init__(self, url: str, roots: Iterable[x509.Certificate], timeout: int = 5) -> None:
        """`roots` are what its certificate must chain to."""
        HTTPTimeStamper.__init__(self, url, timeout=timeout)
        self.roots = tuple(asn1_certificate(root) for root in roots)


class UnsafeDevelopmentTimestamps(CheckedTimeStamper, DummyTimeStamper):
    """An authority inside this process, with a key of development: it proves nothing."""

    def __init__(
        self, key: SigningKey, certificate: x509.Certificate, roots: Iterable[x509.Certificate], moment: datetime | None = None
    ) -> None:
        """`moment` is what its clock says, the present unless told."""
        no_key: Any = None  # signed below by `key`, which stays loaded
        DummyTimeStamper.__init__(self, asn1_certificate(certificate), no_key, fixed_dt=moment)
        self.roots = tuple(asn1_certificate(root) for root in roots)
        self._key = key

    def _build_tst_info(self, message_imprint: tsp.MessageImprint, dt: datetime, req: tsp.TimeStampReq) -> tsp.TSTInfo:
        info = super()._build_tst_info(message_imprint, dt, req)
        info["policy"] = NO_POLICY  # pyHanko would name a policy of somebody else
        return info

    def _sign_tst_info(self, tst_info_data: bytes, md_algorithm: str, dt: datetime) -> tuple[bytes, cms.CMSAttributes]:
        attributes = cms.CMSAttributes(
            [
                simple_cms_attribute("content_type", "tst_info"),
                simple_cms_attribute("signing_time", cms.Time({"utc_time": core.UTCTime(dt.astimezone(UTC))})),
                simple_cms_attribute("signing_certificate_v2", as_signing_certificate_v2(self.tsa_cert)),
                simple_cms_attribute("message_digest", hashlib.new(md_algorithm, tst_info_data).digest()),
            ]
        )
        return self._key.sign(attributes.dump()), attributes
