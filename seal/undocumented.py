"""What parsers raise, without saying so, for bytes that are not what they should be.

Listed one by one: what is not on the list is ours, and is not hidden. The hostile files of the tests have raised most of them.
"""

UNDOCUMENTED = (
    ValueError, TypeError, KeyError, IndexError, AttributeError, ArithmeticError, RecursionError, NotImplementedError,
)  # fmt: skip
