"""`python -m server`, and the command `parchemin`.

Imports nothing until it runs: each process that reads lines beside an import begins by importing the main module.
"""

import sys


def main() -> int:
    """Runs the command line."""
    from server.cli import main as run

    return run()


if __name__ == "__main__":
    sys.exit(main())
