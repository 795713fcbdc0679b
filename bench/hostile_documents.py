"""GraphQL documents that are made to harm, each with the code of its refusal; for tests and for the measurement of attacks."""

LONGEST = 60_000
"""Characters: what a body of 64 KiB has room for."""

DOCUMENTS = {
    "thousands of aliases": ("{ … }", 2500, "a§: families { code }", "TOO_MANY_TOKENS"),
    "aliases of a costly field": ("{ viewer { … } }", 31, "a§: shares { edges { cursor } }", "TOO_MANY_ALIASES"),
    "ten thousand levels": ("…", 10_000, "{ a", "TOO_MANY_TOKENS"),
    "three hundred levels": ("…", 300, "{ a", "DOCUMENT_TOO_DEEP"),
    "strings without an end": ("{ a(b: …", 8_000, '"\\', "TOO_MANY_TOKENS"),
    "levels by fragments": (
        "{ ...F0 } … fragment F20 on Query { a }", 20, "fragment F§ on Query { a { a { ...F¶ } } }", "DOCUMENT_TOO_DEEP"
    ),
    "a thousand directives": ("{ families … { code } }", 1000, "@skip(if: false)", "TOO_MANY_TOKENS"),
    "directives": ("{ families … { code } }", 100, "@skip(if: false)", "TOO_MANY_DIRECTIVES"),
    "thousands of fragments": ("{ ...F0 } …", 1500, "fragment F§ on Query { a }", "TOO_MANY_TOKENS"),
    "fragments": ("{ ...F0 } …", 100, "fragment F§ on Query { a }", "TOO_MANY_FRAGMENTS"),
    "fragments that double": (
        "{ ...F0 } … fragment F25 on Query { a }", 25, "fragment F§ on Query { ...F¶ ...F¶ }", "TOO_MANY_ROOT_FIELDS"
    ),
    "fragments in a circle": ("{ ...F0 } fragment F2 on Query { ...F0 } …", 2, "fragment F§ on Query { ...F¶ }", "FRAGMENT_CYCLE"),
    "one field over and over": ("{ families { … } }", 950, "code", "TOO_MANY_REPEATS"),
    "fields to compare in pairs": ("{ families { … } }", 200, "... { code }", "TOO_MANY_REPEATS"),
    "many operations": ("…", 100, "query Q§ { families { code } }", "TOO_MANY_OPERATIONS"),
    "many root fields": ("{ … }", 20, "a§: verification(key: 1, birthName: 1) { __typename }", "TOO_MANY_ROOT_FIELDS"),
    "every diploma that is to be found": (
        "{ … }", 5, "a§: availability(from: 1967, to: 2026) { session family state count academy { name } }", "TOO_COSTLY"
    ),
    "nested pages": (
        "{ diplomaReviews(first: 50) { edges { node { … } } } }", 3,
        "a§: candidates { comparisons { field outcome reason: explanation } }", "TOO_COSTLY"
    ),
    "comments": ("… { families { code } }", 10_000, "#\n", "TOO_MANY_TOKENS"),
}  # fmt: skip


def document(name: str) -> str:
    """An attack: a document in which something stands again and again. There § is its number, ¶ the next one."""
    whole, count, one, _ = DOCUMENTS[name]
    again = (one.replace("§", str(number)).replace("¶", str(number + 1)) for number in range(count))
    return whole.replace("…", " ".join(again))[:LONGEST]
