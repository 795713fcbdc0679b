"""Requests that are turned away before anything is executed."""


class RequestRefused(Exception):
    """What is wrong with a request, and what to do.

    Without a `status` it is an error of the request like an invalid document: 400, or 200 for who reads `application/json` alone
    (GraphQL over HTTP, 6.4.1).
    """

    def __init__(self, status: int | None, code: str, message: str, *, headers: tuple[tuple[bytes, bytes], ...] = ()) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = headers
