"""A provider of FranceConnect+'s kind, whose userinfo only its client can read."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from httpx2 import Request, Response
from joserfc import jwe
from joserfc.jwk import ECKey, RSAKey

from server.login.providers import Kind
from tests.signing import Site, signing


@asynccontextmanager
async def encrypting(url: str, own: ECKey | RSAKey, algorithm: str, encryption: str = "A256GCM") -> AsyncGenerator[Site]:
    """The register, which holds the key `own`, and a provider that encrypts for it."""
    own.ensure_kid()
    async with signing(url, kind=Kind.FRANCECONNECT_PLUS, decrypts=own) as site:

        def change(request: Request, response: Response) -> Response:
            if not request.url.path.endswith("/userinfo") or response.status_code != 200:
                return response
            header = {"alg": algorithm, "enc": encryption, "cty": "JWT"}
            sealed = jwe.encrypt_compact(header, response.text, own, algorithms=[algorithm, encryption])
            return Response(200, text=sealed, headers={"content-type": "application/jwt"}, request=request)

        site.network.change = change
        yield site
