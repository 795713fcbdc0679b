"""Input that the schema's types let through and that is still wrong."""


class CallerError(Exception):
    """What the caller asked cannot be answered to him: he may not, or his input is wrong."""


class BadInput(CallerError, ValueError):
    """An argument is out of its bounds; the sentence is shown to the client as an error with the code BAD_USER_INPUT."""
