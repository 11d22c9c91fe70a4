"""Guards for reading page after page."""

from __future__ import annotations

from hashlib import blake2b

from connectors.kit.errors import PagingLoop


class LoopGuard:
    """Watches one pull for a vendor that hands out the same position twice. One guard per pull and stream."""

    def __init__(self) -> None:
        self._tokens: set[str] = set()
        self._last = b""

    def step(self, token: str | None, page: bytes) -> None:
        """Told of every page: the token of the page after it (None: it is the last) and its records as bytes.

        An empty page is given as b"" and may repeat. Raises PagingLoop.
        """
        if token is not None and token in self._tokens:
            raise PagingLoop(
                f"the vendor handed out a page position for the second time, after {len(self._tokens)} pages"
            )
        digest = blake2b(page, digest_size=16).digest() if page else b""
        if digest and digest == self._last:
            raise PagingLoop(f"the vendor sent the same page twice in a row, after {len(self._tokens)} pages")
        self._last = digest
        if token is not None:
            self._tokens.add(token)
