"""What every page of ours is: plain HTML without script, French or English, nothing from elsewhere, kept by nobody."""

from html import escape

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from graph.text import Language, Text
from server.identity import language_of


def policy(form_action: str = "'self'") -> str:
    """The content security policy of a page whose forms lead there (Content Security Policy Level 3)."""
    return (
        f"default-src 'none'; style-src 'self'; img-src data:; form-action {form_action}; base-uri 'none'; frame-ancestors 'none'"
    )


def page(
    request: Request,
    title: Text,
    body: str,
    *,
    owner: str,
    style: str,
    status: int = 200,
    head: str = "",
    security: str | None = None,
) -> Response:
    """A page of `owner`. `body` and `head` are HTML: whoever makes them escapes what comes from elsewhere."""
    language = language_of(request.headers)
    named = escape(say(title, language))
    return HTMLResponse(
        f"""<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{named} – {escape(owner)}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="{style}">
{head}</head>
<body>
<header><p>{escape(owner)}</p></header>
<main>
<h1>{named}</h1>
{body}
</main>
</body>
</html>
""",
        status_code=status,
        headers={
            "Content-Security-Policy": security or policy(),
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "same-origin",  # forms keep their Origin, and no other site learns an address
            "Cache-Control": "no-store",
            "Content-Language": language,
            "Vary": "Accept-Language, Cookie",
        },
    )


def say(text: Text, language: Language) -> str:
    """The sentence in a language."""
    return getattr(text, language)


def paragraph(text: Text, language: Language) -> str:
    """A sentence as a paragraph."""
    return f"<p>{escape(say(text, language))}</p>"


def style_sheet(text: str) -> Response:
    """A style sheet."""
    return Response(text, media_type="text/css", headers={"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"})
