"""How names are compared: by their letters alone, whatever the accents, case, hyphens and spaces.

The register shows the civil registry's spelling (circulaire JUSC1412888C of 23 July 2014) and compares this form.
"""

import unicodedata
from functools import lru_cache

# letters that decomposition leaves whole, and apostrophes that Unicode counts as letters (Polynesian names)
SPELLED_OUT = str.maketrans({"Œ": "OE", "Æ": "AE", "ẞ": "SS", "Ø": "O", "Đ": "D", "Ł": "L", "Þ": "TH", "Ð": "D", "ʻ": "", "ʼ": ""})


@lru_cache(maxsize=65536)
def name_key(name: str) -> str:
    """The compact form: `Béraud-Lefèvre` and `BERAUD LEFEVRE` are both `BERAUDLEFEVRE`, `Lecœur` is `LECOEUR`."""
    upper = name.upper().translate(SPELLED_OUT)
    if upper.isascii():
        return "".join(letter for letter in upper if letter.isalnum())
    return "".join(letter for letter in unicodedata.normalize("NFKD", upper) if letter.isalnum())
