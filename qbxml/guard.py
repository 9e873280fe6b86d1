"""The one gate through which XML enters: no DTD, no entities, no network, known encodings, bounded bytes.

Besides guarding, it saves responses: QuickBooks data may hold control characters, which arrive as references
such as `&#xB;` that no XML parser accepts. They are dropped before parsing and the caller is told.
"""

from __future__ import annotations

import codecs
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from lxml import etree

from qbxml.errors import NotQbxml, ParseError, Position, ReadError, TooDeep, TooLarge

CHUNK = 1 << 16
DEFAULT_LIMIT = 64 << 20
"""Bytes read before TooLarge unless the caller says otherwise: 64 MiB."""

_HEAD_LIMIT = 1 << 14
_ENCODINGS = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "us-ascii": "utf-8",
    "ascii": "utf-8",
    "utf-16": "utf-16",
    "iso-8859-1": "latin-1",
    "latin1": "latin-1",
    "windows-1252": "cp1252",
    "cp1252": "cp1252",
}
_DECLARATION = re.compile(rb"\s*<\?xml\s[^>]*?encoding\s*=\s*[\"']([A-Za-z0-9._-]+)[\"'][^>]*\?>")
_PROLOG_PART = re.compile(rb"\s+|<\?.*?\?>|<!--.*?-->", re.S)
_ROOT = re.compile(rb"<([A-Za-z_][\w.:-]*)")
_REFERENCE = re.compile(rb"&#(?:x([0-9A-Fa-f]{1,8})|([0-9]{1,10}));")
_HALF = rb"&#(?:x[dD][89a-fA-F][0-9a-fA-F]{2}|5[5-7][0-9]{3});"
_PAIR = re.compile(_HALF + _HALF)
_PARTIAL = re.compile(rb"&[^;<]{0,24}\Z")
_LONGEST_PARTIAL = 25
_CONTROLS = bytes(code for code in range(0x20) if code not in (0x09, 0x0A, 0x0D))


@dataclass(frozen=True, slots=True)
class Text:
    """A document as text, whatever it begins with; the encoding it declares was undone when it became text."""

    text: str

    def utf8(self) -> Iterator[bytes]:
        """Its bytes, encoded piece by piece: a large one is not held twice. Raises ParseError."""
        text = self.text.lstrip("\ufeff")
        for start in range(0, len(text), CHUNK):
            try:
                yield text[start : start + CHUNK].encode()
            except UnicodeEncodeError as error:
                near = error.object[max(0, error.start - 20) : error.end + 20]
                line = text.count("\n", 0, start + error.start) + 1
                raise ParseError("half of a surrogate pair", Position(line, 1), repr(near)) from None


Source = bytes | bytearray | memoryview | str | os.PathLike[str] | BinaryIO | Text
"""A document (bytes, or text that begins with `<`), a path, or a binary file."""


class Cleaned:
    """The bytes of a document as UTF-8, chunk by chunk, guarded and free of characters XML forbids.

    `dropped` counts those. Raises NotQbxml, TooLarge, ParseError (bytes that are no text).
    """

    def __init__(self, source: Source, limit: int = DEFAULT_LIMIT, encoding: str | None = None) -> None:
        self.dropped = 0
        self.root = ""
        self._limit = limit
        if isinstance(source, str) and (not source.strip() or source.lstrip("\ufeff \t\r\n")[:1] == "<"):
            source = Text(source)  # not a path
        self._source = source
        self._encoding = encoding

    def __iter__(self) -> Iterator[bytes]:
        chunks = self._raw() if isinstance(self._source, Text) else self._utf8(self._raw())
        head = b""
        for chunk in chunks:
            head += chunk
            self.root = root_name(head)
            if self.root:
                break
            if len(head) > _HEAD_LIMIT:
                raise NotQbxml("no element in the first bytes", Position(1, 1), _sample(head))
        else:
            raise NotQbxml("no XML element at all", Position(1, 1), _sample(head))
        rest = b""
        for chunk in _chain(head.lstrip(), chunks):
            rest += chunk
            tail = _PARTIAL.search(rest, max(0, len(rest) - _LONGEST_PARTIAL))
            cut = tail.start() if tail else len(rest)
            yield self._clean(rest[:cut])
            rest = rest[cut:]
        if rest:
            yield rest

    def _raw(self) -> Iterator[bytes]:
        total = 0
        for chunk in _chunks(self._source):
            total += len(chunk)
            if total > self._limit:
                raise TooLarge(f"more than {self._limit} bytes")
            yield chunk

    def _utf8(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        first = next(chunks, b"")
        decoder = codecs.getincrementaldecoder(self._encoding or sniff(first))()
        lines = 0
        for chunk in _chain(first, chunks):
            try:
                text = decoder.decode(chunk)
            except UnicodeDecodeError as error:
                raise _not_text(error, lines) from None
            lines += text.count("\n")
            yield text.lstrip("\ufeff").encode() if chunk is first else text.encode()
        try:
            yield decoder.decode(b"", final=True).encode()
        except UnicodeDecodeError as error:
            raise _not_text(error, lines) from None

    def _clean(self, chunk: bytes) -> bytes:
        plain = chunk.translate(None, _CONTROLS)
        self.dropped += len(chunk) - len(plain)
        # a single byte is looked for ten times as fast, and most texts have none
        if b"#" not in plain or b"&#" not in plain:
            return plain
        return _REFERENCE.sub(self._reference, _PAIR.sub(_joined, plain))

    def _reference(self, match: re.Match[bytes]) -> bytes:
        code = int(match[1], 16) if match[1] else int(match[2])
        if code in (0x09, 0x0A, 0x0D) or 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD:
            return match[0]
        if 0x10000 <= code <= 0x10FFFF:
            return match[0]
        self.dropped += 1
        return b""


def _joined(match: re.Match[bytes]) -> bytes:
    """Two references to the halves of one character, as programs of the UTF-16 age write them."""
    high, low = (int(a, 16) if a else int(b) for a, b in _REFERENCE.findall(match[0]))
    if not (0xD800 <= high < 0xDC00 <= low < 0xE000):
        return match[0]
    return b"&#%d;" % (0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))


def sniff(head: bytes) -> str:
    """The codec of a document by its byte-order mark or declaration; UTF-8 without either.

    Raises NotQbxml for an encoding QuickBooks never uses: exotic ones can hide markup from a guard.
    """
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if head.startswith(b"<\0"):
        return "utf-16-le"
    if head.startswith(b"\0<"):
        return "utf-16-be"
    match = _DECLARATION.match(head.removeprefix(codecs.BOM_UTF8))
    if match is None:
        return "utf-8"
    name = match[1].decode().lower()
    codec = _ENCODINGS.get(name)
    if codec is None:
        raise NotQbxml("an encoding QuickBooks does not use", Position(1, 1), name)
    # Declared as UTF-16 but plainly bytes: text that was decoded and encoded again on its way.
    return "utf-8" if codec == "utf-16" else codec


def root_name(head: bytes) -> str:
    """The name of the root element, "" where more bytes are needed. Raises NotQbxml at a DTD."""
    at = 0
    while (part := _PROLOG_PART.match(head, at)) is not None:
        at = part.end()
    if head[at : at + 2] == b"<!" and not b"<!--".startswith(head[at : at + 4]):
        raise NotQbxml("a document type declaration is not allowed", _position(head, at), _sample(head[at:]))
    match = _ROOT.match(head, at)
    if match is None:
        if head[at : at + 1] not in (b"", b"<"):
            raise NotQbxml("this is no XML", _position(head, at), _sample(head[at:]))
        return ""
    return "" if match.end() == len(head) else match[1].decode("utf-8", "replace")


def parser_options() -> dict[str, Any]:
    """What every parser here is made with. huge_tree lifts lxml's 10 MB per text node; the byte limit and
    the refusal of DTDs stand in for the bounds it takes away."""
    return {
        "resolve_entities": False,
        "no_network": True,
        "load_dtd": False,
        "dtd_validation": False,
        "huge_tree": True,
        "remove_comments": True,
        "remove_pis": True,
    }


def refusal(error: etree.XMLSyntaxError, context: bytes = b"", first_line: int = 1) -> ReadError:
    """lxml's complaint as ours, with the text around the place where it can be found."""
    line, column = error.position
    text = _around(context, line - first_line, column)
    message = (error.msg or "not well-formed").split(", line ")[0]
    if "xcessive depth" in message:
        return TooDeep("nested too deep", Position(line, column), text)
    return ParseError(message, Position(line, max(column, 1)), text)


def parse_one(source: bytes, limit: int = DEFAULT_LIMIT) -> etree._Element:
    """A small document as an element, through the same gate. Raises ReadError."""
    cleaned = b"".join(Cleaned(source, limit))
    parser = etree.XMLParser(encoding="utf-8", **parser_options())
    try:
        return etree.fromstring(cleaned, parser)
    except etree.XMLSyntaxError as error:
        raise refusal(error, cleaned) from None


def _chunks(source: Source) -> Iterator[bytes]:
    if isinstance(source, Text):
        yield from source.utf8()
    elif isinstance(source, bytes | bytearray | memoryview):
        for start in range(0, len(source), CHUNK):
            yield bytes(source[start : start + CHUNK])
    elif isinstance(source, str | os.PathLike):
        with open(source, "rb") as file:
            yield from _blocks(file)
    else:
        yield from _blocks(source)


def _blocks(file: BinaryIO) -> Iterator[bytes]:
    while block := file.read(CHUNK):
        yield block


def _chain(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def _not_text(error: UnicodeDecodeError, lines: int) -> ParseError:
    near = error.object[max(0, error.start - 20) : error.end + 20]
    return ParseError(f"bytes that are not {error.encoding}", Position(lines + 1, 1), repr(near))


def _position(data: bytes, at: int) -> Position:
    return Position(data.count(b"\n", 0, at) + 1, at - (data.rfind(b"\n", 0, at) + 1) + 1)


def _sample(data: bytes) -> str:
    return data[:80].decode("utf-8", "replace")


def _around(context: bytes, line: int, column: int) -> str:
    rows = context.split(b"\n")
    if not 0 <= line < len(rows):
        return ""
    row = rows[line]
    return row[max(0, column - 40) : column + 40].decode("utf-8", "replace")
