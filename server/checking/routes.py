"""The routes of checking a diploma."""

from starlette.routing import BaseRoute, Route

from server.checking import by_file, by_key, by_link, page


def checking_routes() -> list[BaseRoute]:
    """The page, what its forms post to, its script and style."""
    return [
        Route("/", page.to_the_page),
        Route("/v", page.ask, methods=["GET"]),
        Route("/v", by_link.show, methods=["POST"]),
        Route("/v/key", by_key.show, methods=["POST"]),
        Route("/v/file", by_file.show, methods=["POST"]),
        Route("/v/key", page.to_the_page),
        Route("/v/file", page.to_the_page),
        Route("/v/open.js", page.script),
        Route("/v/style.css", page.style),
    ]
