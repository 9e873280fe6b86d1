"""The tree of an answer while it grows: the parser is fed a piece at a time.

An element is known to be complete when another one follows it or an element around it is complete.
"""

from __future__ import annotations

from lxml import etree

from qbxml.decode import Element
from qbxml.errors import NotQbxml, Position
from qbxml.guard import Cleaned, parser_options, refusal


class Feed:
    """The growing tree of one document."""

    def __init__(self, cleaned: Cleaned) -> None:
        self.cleaned = cleaned
        self.closed = False
        self._chunks = iter(cleaned)
        self._parser = etree.XMLPullParser(
            events=("start",), tag="QBXML", encoding="utf-8", **parser_options()
        )
        self._line = 1
        self._before = b""
        self.root: Element | None = None

    def advance(self) -> bool:
        """Feeds one more piece. False when there is none left and the document has ended well."""
        if self.closed:
            return False
        chunk = next(self._chunks, None)
        try:
            if chunk is None:
                self._close()
                return True
            self._parser.feed(chunk)
        except etree.XMLSyntaxError as error:
            raise refusal(error, self._before + (chunk or b""), self._line) from None
        self._line += self._before.count(b"\n")
        self._before = chunk
        self._find_root()
        return True

    def _close(self) -> None:
        self._parser.close()
        self.closed = True
        self._find_root()

    def _find_root(self) -> None:
        if self.root is None:
            if self.cleaned.root != "QBXML":
                raise NotQbxml("the root element is not QBXML", Position(1, 1), f"<{self.cleaned.root}")
            for _, element in self._parser.read_events():
                if isinstance(element, Element):
                    self.root = element
                    break

    def complete(self, element: Element) -> bool:
        """Whether the parser is done with this element."""
        if self.closed:
            return True
        at: Element | None = element
        while at is not None:
            if at.getnext() is not None:
                return True
            at = at.getparent()
        return False

    def first_child(self, parent: Element) -> Element | None:
        """The first child of `parent`, fed for until there is one; None when it has none (left)."""
        while len(parent) == 0:
            if self.complete(parent) or not self.advance():
                return None
        return parent[0]
