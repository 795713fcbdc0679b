"""How the routes that carry files answer: what an act gives, or what was refused, as a JSON problem with a fitting status."""

import errno
from collections.abc import Awaitable, Callable

import asyncpg
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from graph.problems import NotFound, Refused
from graph.text import Text
from resolvers import imports
from resolvers.accounts import NotSignedIn
from resolvers.callers import Forbidden
from resolvers.import_file import UnreadableFile
from server.identity import language_of


async def answered(request: Request, act: Callable[[], Awaitable[Response]]) -> Response:
    """The answer of an act, or what was refused as a JSON problem with a fitting status."""
    try:
        return await act()
    except Forbidden as forbidden:
        status = 403 if forbidden.signed_in else 401
        return problem(request, status, Text("Accès refusé.", "Access denied."))
    except NotSignedIn:
        return problem(request, 401, Text("Il faut d'abord se connecter.", "Sign in first."))
    except Refused as refused:
        return problem(request, 404 if isinstance(refused, NotFound.refusal) else 409, refused.text)
    except asyncpg.DataError:
        return problem(request, 400, Text("Une valeur ne peut pas être enregistrée.", "A value cannot be stored."))
    except UnreadableFile as unreadable:
        return problem(request, 422, unreadable.text)
    except (asyncpg.DiskFullError, OSError) as error:
        if isinstance(error, OSError) and error.errno != errno.ENOSPC:
            raise
        return problem(request, 507, imports.STORAGE_FULL)
    except ClientDisconnect:
        return Response(status_code=400)


def problem(request: Request, status: int, text: Text) -> Response:
    """A problem in the caller's language."""
    return JSONResponse({"message": getattr(text, language_of(request.headers))}, status_code=status)
