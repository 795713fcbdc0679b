"""family 'tiny' of distribution 'defective' does not load: ModuleNotFoundError: No module named 'parchemin_nowhere'"""

from parchemin_nowhere import family  # pyright: ignore  # noqa: F401
