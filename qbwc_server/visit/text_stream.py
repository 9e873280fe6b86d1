"""A long text as a binary file: an answer of QuickBooks is not held a second time just to be parsed."""

import io
from typing import Any, BinaryIO

_BUFFER = 256 * 1024


class _Encoder(io.RawIOBase):
    """Encodes as much as is asked for. A character takes four bytes at most."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        end = self._at + len(buffer) // 4
        # half a surrogate pair is for the reader to refuse, in its own words
        piece = self._text[self._at : end].encode("utf-8", "surrogatepass")
        self._at = end
        buffer[: len(piece)] = piece
        return len(piece)


def as_utf8_file(text: str) -> BinaryIO:
    """The text as a file in UTF-8, encoded piece by piece."""
    return io.BufferedReader(_Encoder(text), _BUFFER)


def is_longer_than(limit: int, text: str) -> bool:
    """Whether the text has more than so many bytes in UTF-8; told without a second copy of it."""
    if len(text) > limit or text.isascii():
        return len(text) > limit
    pieces = (text[start : start + _BUFFER] for start in range(0, len(text), _BUFFER))
    return sum(len(piece.encode("utf-8", "surrogatepass")) for piece in pieces) > limit
