"""Reads what QuickBooks answered: the responses of a document, one by one, in constant memory."""

from __future__ import annotations

from collections.abc import Iterator

from qbxml.decode import Element
from qbxml.errors import NotQbxml, Position, TooLarge
from qbxml.feed import Feed
from qbxml.guard import DEFAULT_LIMIT, Cleaned, Source
from qbxml.response import Response, whole_number

MOST_RESPONSES = 10_000
"""Elements a message set may hold: far more than anyone asks for at a time, far fewer than fit in a document."""


class Reader:
    """Iterates the responses of one document; knows the attributes of its message set.

    `new_message_set_id` and `message_set_status_code` (None where absent) are filled when the first response
    or the end has been reached.
    """

    def __init__(self, source: Source, max_bytes: int = DEFAULT_LIMIT, encoding: str | None = None) -> None:
        self._feed = Feed(Cleaned(source, max_bytes, encoding))
        self._responses = self._iterate()
        self.new_message_set_id: str | None = None
        self.message_set_status_code: int | None = None

    def __iter__(self) -> Iterator[Response]:
        return self._responses

    def __next__(self) -> Response:
        return next(self._responses)

    def _iterate(self) -> Iterator[Response]:
        for message_set in self._message_sets():
            self.new_message_set_id = message_set.get("newMessageSetID", self.new_message_set_id)
            code = whole_number(message_set, "messageSetStatusCode")
            self.message_set_status_code = self.message_set_status_code if code is None else code
            held = 0
            while (element := self._feed.first_child(message_set)) is not None:
                held += 1
                if held > MOST_RESPONSES:
                    raise TooLarge(f"more than {MOST_RESPONSES} responses")
                if str(element.tag).endswith("Rs"):
                    response = Response(element, self._feed)
                    yield response
                    response.skip()
                else:
                    self._finish(element)
                message_set.remove(element)

    def _message_sets(self) -> Iterator[Element]:
        while self._feed.root is None:
            self._feed.advance()
        root = self._feed.root
        found = False
        while (element := self._feed.first_child(root)) is not None:
            if element.tag == "QBXMLMsgsRs":
                found = True
                yield element
            self._finish(element)
            root.remove(element)
        if not found:
            raise NotQbxml("no QBXMLMsgsRs in the document", Position(1, 1), "<QBXML")

    def _finish(self, element: Element) -> None:
        while not self._feed.complete(element) and self._feed.advance():
            del element[: max(0, len(element) - 1)]


def read(source: Source, *, max_bytes: int = DEFAULT_LIMIT, encoding: str | None = None) -> Reader:
    """The responses in `source`: the document as bytes or text (beginning with `<`), a path, or a binary file.

    `max_bytes` bounds what is read (TooLarge). `encoding` overrides what a document in bytes declares. Raises
    ReadError while iterating, OSError where a file cannot be read.
    """
    return Reader(source, max_bytes, encoding)
