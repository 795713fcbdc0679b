"""Documents that are known before they are asked: those of our own front ends and apps, and, where asked for, those seen before."""

from collections import OrderedDict
from collections.abc import Mapping

from server.graph.manifest import digest_of
from server.graph.refusals import RequestRefused
from server.graph.request import Asked

MOST_AUTOMATIC = 4 << 20
"""Bytes of the documents that are kept because a client sent them (automatic persisted queries)."""


class TrustedDocuments:
    """The documents that requests may name by their digest.

    With `only`, a document that no manifest lists is not executed. With `automatic`, one that a client sends with its digest is kept for
    its next requests, for as long as there is room.
    """

    def __init__(self, texts: Mapping[str, str] | None = None, *, only: bool = False, automatic: bool = False) -> None:
        self._texts = dict(texts or {})
        self._trusted = frozenset(self._texts.values()) if only else None
        self._automatic: OrderedDict[str, str] | None = OrderedDict() if automatic else None
        self._automatic_size = 0

    def text_of(self, asked: Asked) -> str:
        """The document that a request asks for. Raises `RequestRefused` when it is unknown or not trusted."""
        text, digest = asked.query, asked.digest
        if text is None:
            assert digest is not None
            return self._found(digest)
        if self._trusted is not None and text not in self._trusted:
            raise RequestRefused(
                None,
                "DOCUMENT_NOT_TRUSTED",
                "This register executes the documents of its own front ends and apps alone: add yours to their manifest.",
            )
        if digest is not None and digest not in self._texts:
            self._keep(digest, text)
        return text

    def _found(self, digest: str) -> str:
        text = self._texts.get(digest)
        if text is None and self._automatic is not None and (text := self._automatic.get(digest)) is not None:
            self._automatic.move_to_end(digest)
        if text is None:
            raise RequestRefused(
                None, "PERSISTED_QUERY_NOT_FOUND", "No document has this digest here: send its text as `query`, or update the app."
            )
        return text

    def _keep(self, digest: str, text: str) -> None:
        if self._automatic is None or digest in self._automatic:
            return
        if digest != digest_of(text):
            raise RequestRefused(400, "BAD_DIGEST", "`sha256Hash` is not the SHA-256 of `query`.")
        self._automatic[digest] = text
        self._automatic_size += len(text)
        while self._automatic_size > MOST_AUTOMATIC:
            _, gone = self._automatic.popitem(last=False)
            self._automatic_size -= len(gone)
