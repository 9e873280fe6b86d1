"""Bodies of requests that are compressed on their way: they are taken within their bounds."""

import zlib
from collections.abc import Iterable, Iterator

from flask import request

from qbwc_server.web.api.failures import Refusal

_PIECE = 64 * 1024
_GZIP = 16 + zlib.MAX_WBITS


def is_compressed() -> bool:
    """Whether the body of the request is.

    Raises:
        Refusal: 415 in a way that is not understood.
    """
    encoding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in ("identity", "gzip", "x-gzip"):
        raise Refusal(
            415, "send the body as it is, or with Content-Encoding: gzip", {"Accept-Encoding": "gzip"}
        )
    return encoding != "identity"


def unpacked(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """What these pieces of a gzip file hold, a bounded piece at a time, however much it grows.

    Raises:
        Refusal: 400 they are no gzip file, or not all of one.
    """
    reader = zlib.decompressobj(_GZIP)
    is_whole = False
    for piece in pieces:
        left = piece
        while left:
            if reader.eof:  # a file may be several, one behind the other
                reader = zlib.decompressobj(_GZIP)
            found = _some(reader, left)
            is_whole = reader.eof
            left = reader.unused_data if reader.eof else reader.unconsumed_tail
            if found:
                yield found
    while not reader.eof and (found := _some(reader, b"")):
        yield found
    if not (is_whole or reader.eof):
        raise Refusal(400, "the body was cut off on its way: its gzip has no end")


def _some(reader: "zlib._Decompress", packed: bytes) -> bytes:
    try:
        return reader.decompress(packed, _PIECE)
    except zlib.error:
        raise Refusal(400, "the body is not gzip, though Content-Encoding says so") from None
