"""Input that the schema's types let through and that is still wrong."""


class BadInput(ValueError):
    """An argument is out of its bounds; the sentence is shown to the client as an error with the code BAD_USER_INPUT."""
