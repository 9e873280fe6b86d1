"""Reads a request body into an lxml tree, in one pass, whatever QuickBooks data it carries.

The bytes pass through three generators before the parser sees them: `as_utf8` (one encoding from here on),
`without_control_characters` (QuickBooks data may hold characters XML forbids; losing one of them is better
than losing the session) and `bounded_markup` (no document type, no flood of tags). The text of the one big
argument is only ever bounded by the caller's limit on the body.
"""

import codecs
import logging
import re
from collections.abc import Iterable, Iterator
from itertools import chain

from lxml import etree

log = logging.getLogger(__name__)

MAX_TAG = 8 * 1024
MAX_MARKUP = 256 * 1024
"""A SOAP call has some twenty tags; these bounds are for what only an attacker sends. In bytes."""

_UTF8_NAMES = {"utf-8", "ascii"}


class EnvelopeError(ValueError):
    """The body cannot be read as a SOAP request; the sentence is fit for the client to see."""


def read_envelope(chunks: Iterable[bytes], charset: str | None) -> etree._Element:
    """Parse a request body and return its root element.

    Args:
        chunks: the body in pieces of any size; an exception raised by it passes through.
        charset: the encoding named by the HTTP Content-Type, None when it names none.

    Raises:
        EnvelopeError: not XML, a document type, too much markup, an unknown encoding.
    """
    parser = _parser()
    pieces = iter(chunks)
    first = _at_least(1, pieces)
    second = next(pieces, b"")
    everything = chain((first, second), pieces)
    try:
        if not second and is_plain(first, charset):
            parser.feed(first)
        else:
            for chunk in bounded_markup(without_control_characters(as_utf8(everything, charset))):
                if chunk:
                    parser.feed(chunk)
        root: etree._Element | None = parser.close()
    except etree.XMLSyntaxError as error:
        line, column = error.position
        place = f"line {line}, column {column}" if line else "it is empty"
        raise EnvelopeError(f"the request is not well-formed XML ({place})") from None
    if root is None:  # libxml2 passes over an undeclared entity in an attribute, and lxml has no tree then
        raise EnvelopeError("the request is not well-formed XML")
    return root


def is_plain(body: bytes, charset: str | None) -> bool:
    """Whether a whole body is such that none of the three generators would change or refuse anything of it: nearly
    all calls are small and in UTF-8, and hold nothing odd."""
    return (
        0 < len(body) <= MAX_TAG
        and (charset is None or charset.lower() == "utf-8")
        and not body.startswith(_BYTE_ORDER_MARKS)
        and not any(oddity in body for oddity in _ODDITIES)
        and len(body.translate(None, _RAW_CONTROLS)) == len(body)
    )


_BYTE_ORDER_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)

# The beginnings of document types, CDATA and comments, of references by number, and of what is no character.
_ODDITIES = (b"<!", b"&#", b"\xef\xbf", b"\xed")


def _parser() -> etree.XMLParser:
    # huge_tree: lxml refuses text over 10 MB otherwise, and a response of QuickBooks is one text.
    # Comments and processing instructions are dropped because they would cut a text in two.
    return etree.XMLParser(
        encoding="utf-8",
        huge_tree=True,
        resolve_entities=False,
        no_network=True,
        remove_comments=True,
        remove_pis=True,
    )


def as_utf8(chunks: Iterable[bytes], charset: str | None) -> Iterator[bytes]:
    """The same text as UTF-8, without byte order mark.

    The Content-Type's charset counts, then a UTF-16 byte order mark; otherwise it is UTF-8, which is what
    the Web Connector sends. An encoding in the XML declaration is not looked at.
    """
    pieces = iter(chunks)
    first = _at_least(3, pieces)
    encoding = _encoding(first, charset)
    if encoding in _UTF8_NAMES:
        yield first.removeprefix(codecs.BOM_UTF8)
        yield from pieces
        return
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        yield decoder.decode(first).removeprefix("\ufeff").encode()
        for piece in pieces:
            yield decoder.decode(piece).encode()
        yield decoder.decode(b"", final=True).encode()
    except UnicodeError:
        raise EnvelopeError(f"the request is not {encoding} text") from None


def _at_least(size: int, pieces: Iterator[bytes]) -> bytes:
    start = b""
    while len(start) < size:
        piece = next(pieces, None)
        if piece is None:
            break
        start += piece
    return start


def _encoding(first: bytes, charset: str | None) -> str:
    if charset is None:
        return "utf-16" if first.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8"
    try:
        found = codecs.lookup(charset.strip("\"' "))
    except (LookupError, ValueError):
        raise EnvelopeError("the Content-Type names an unknown character set") from None
    if not found._is_text_encoding:
        raise EnvelopeError("the Content-Type names an unknown character set")
    return found.name


_RAW_CONTROLS = bytes(code for code in range(0x20) if code not in b"\t\n\r")

# Raw U+FFFE and U+FFFF, raw surrogates.
_RAW_NOT_XML = re.compile(rb"\xef\xbf[\xbe\xbf]|\xed[\xa0-\xbf][\x80-\xbf]")

# As references, hexadecimal then decimal; a row each for controls (and nothing at all), surrogates, U+FFFE
# and U+FFFF, what lies beyond Unicode.
_REFERENCE_NOT_XML = re.compile(
    rb"""&\#(?:
          x0*+(?: (?:[0-8BbCcEeFf]|1[0-9A-Fa-f])?
                | [Dd][89A-Fa-f][0-9A-Fa-f]{2}
                | [Ff]{3}[EFef]
                | 1[1-9A-Fa-f][0-9A-Fa-f]{4} | [2-9A-Fa-f][0-9A-Fa-f]{5} | [0-9A-Fa-f]{7,} )
        | 0*+(?: (?:[0-8]|1[124-9]|2[0-9]|3[01])?
                | 5529[6-9] | 55[3-9][0-9]{2} | 56[0-9]{3} | 57[0-2][0-9]{2} | 573[0-3][0-9] | 5734[0-3]
                | 6553[45]
                | 11141(?:1[2-9]|[2-9][0-9]) | 1114[2-9][0-9]{2} | 111[5-9][0-9]{3} | 11[2-9][0-9]{4}
                | 1[2-9][0-9]{5} | [2-9][0-9]{6} | [0-9]{8,} )
      );
    """,
    re.VERBOSE,
)

# What may be the beginning of one of those at the end of a piece. Longer ones (padded with more zeros than
# anyone writes) are left to the parser when they straddle two pieces.
_UNFINISHED = re.compile(rb"(?:&(?:#(?:x[0-9A-Fa-f]{0,32}|[0-9]{0,32})?)?|\xef\xbf?|\xed[\xa0-\xbf]?)\Z")


def without_control_characters(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """UTF-8 XML without the characters XML 1.0 forbids, written raw or as references, wherever they stand.

    QuickBooks lets users paste such characters into names and memos, and hands them out again; .NET sends
    them as ``&#xB;``, which no XML parser accepts. The text ``&#xB;`` inside CDATA goes as well: there it
    belongs to the qbXML document within, which may not have it either.
    """
    held = b""
    removed = 0
    for chunk in chunks:
        data = held + chunk.translate(None, _RAW_CONTROLS)
        removed += len(held) + len(chunk) - len(data)
        tail = _UNFINISHED.search(data, max(0, len(data) - 40))
        held = tail.group() if tail else b""
        data, count = _without_forbidden(data[: len(data) - len(held)])
        removed += count
        yield data
    yield held
    if removed:
        log.info("%d characters that XML does not allow were left out of a request", removed)


def _without_forbidden(data: bytes) -> tuple[bytes, int]:
    # The searches for a constant first: they are ten times as fast as the expressions, and mostly fruitless; those for
    # a single byte are ten times as fast again, as every tag of an answer begins with an ampersand here.
    raw = referenced = 0
    if not data.isascii() and (b"\xef\xbf" in data or b"\xed" in data):
        data, raw = _RAW_NOT_XML.subn(b"", data)
    if b"#" in data and b"&#" in data:
        data, referenced = _REFERENCE_NOT_XML.subn(b"", data)
    return data, raw + referenced


_TAG = re.compile(rb"""<[^<"'>]*+(?:"[^"]*+"[^<"'>]*+|'[^']*+'[^<"'>]*+)*+>""")
_SECTIONS = {b"<!--": b"-->", b"<![CDATA[": b"]]>", b"<?": b"?>"}


def bounded_markup(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes, cut only between tags, refused when the markup is not that of a SOAP call.

    A parser told to accept huge texts also accepts millions of elements or attributes, and an entity that
    explodes; 64 MiB of either cost gigabytes. Text, CDATA and comments are not counted.

    Raises:
        EnvelopeError: a document type, a tag over `MAX_TAG`, tags of more than `MAX_MARKUP` in all.
    """
    scan = _MarkupScan()
    for chunk in chunks:
        yield scan.feed(chunk)
    yield scan.held


class _MarkupScan:
    """Where the scan of a piecewise document stands."""

    def __init__(self) -> None:
        self.held = b""  # a piece of markup whose end has not come yet
        self._end = b""  # inside CDATA, a comment or an instruction: what ends it
        self._markup = 0

    def feed(self, chunk: bytes) -> bytes:
        """Take the next piece; answer what can be passed on."""
        data = self.held + chunk
        position, more = 0, True
        while more:
            position, more = self._in_section(data, position) if self._end else self._in_text(data, position)
        self.held = data[position:]
        return data[:position]

    def _in_section(self, data: bytes, position: int) -> tuple[int, bool]:
        found = data.find(self._end, position)
        if found < 0:
            return max(position, len(data) - len(self._end) + 1), False
        position = found + len(self._end)
        self._end = b""
        return position, True

    def _in_text(self, data: bytes, position: int) -> tuple[int, bool]:
        start = data.find(b"<", position)
        if start < 0:
            return len(data), False
        for opening, end in _SECTIONS.items():
            if data.startswith(opening, start):
                self._end = end
                return self._after(start, len(opening)), True
        return self._at_tag(data, start)

    def _at_tag(self, data: bytes, start: int) -> tuple[int, bool]:
        rest = len(data) - start
        declaration = data.startswith(b"<!", start)
        if declaration and rest >= len(b"<![CDATA["):
            raise EnvelopeError("document type declarations are not accepted")
        tag = None if declaration else _TAG.match(data, start)
        if tag:
            return self._after(start, tag.end() - start), True
        if rest > MAX_TAG:
            raise EnvelopeError("a tag of the request is too long")
        return start, False

    def _after(self, start: int, size: int) -> int:
        self._markup += size
        if size > MAX_TAG or self._markup > MAX_MARKUP:
            raise EnvelopeError("the request has too many or too long tags")
        return start + size
