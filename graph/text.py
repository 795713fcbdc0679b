"""A sentence for a person, in the two languages of the register."""

from typing import Literal, NamedTuple

Language = Literal["fr", "en"]


class Text(NamedTuple):
    """The same sentence in French and in English."""

    fr: str
    en: str

    def format(self, **values: object) -> "Text":
        """Both languages with `{name}` replaced by the values given."""
        return Text(self.fr.format(**values), self.en.format(**values))
