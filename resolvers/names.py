"""How names are compared: by their letters alone, whatever the accents, case, hyphens and spaces.

The register shows the civil registry's spelling (circulaire JUSC1412888C of 23 July 2014) and compares this form.
"""

import re
import unicodedata
from functools import lru_cache

# letters that decomposition leaves whole, and apostrophes that Unicode counts as letters (Polynesian names)
SPELLED_OUT = str.maketrans({"Œ": "OE", "Æ": "AE", "ẞ": "SS", "Ø": "O", "Đ": "D", "Ł": "L", "Þ": "TH", "Ð": "D", "ʻ": "", "ʼ": ""})

WORD = re.compile(r"[^\W_]+")


@lru_cache(maxsize=65536)
def name_key(name: str) -> str:
    """The compact form: `Béraud-Lefèvre` and `BERAUD LEFEVRE` are both `BERAUDLEFEVRE`, `Lecœur` is `LECOEUR`."""
    return "".join(words(name))


def words(name: str) -> list[str]:
    """The same form word by word: `Saint-Étienne` is `SAINT`, `ETIENNE`."""
    if name.isascii():
        return WORD.findall(name.upper())
    # marks come off first: Ǽ is Æ and an accent
    letters = "".join(letter for letter in unicodedata.normalize("NFKD", name) if unicodedata.category(letter)[0] != "M")
    return WORD.findall(letters.upper().translate(SPELLED_OUT))
