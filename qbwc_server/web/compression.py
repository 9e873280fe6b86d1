"""Answers are compressed for whoever takes them so; what is streamed is sent as it comes."""

import gzip
import io
import secrets
from functools import lru_cache

from flask import Flask, Response, request

SMALLEST = 1_024
"""An answer with fewer bytes is sent as it is."""
LONGEST_PADDING = 100
_LEVEL = 5
_TYPES = frozenset(
    (
        "application/json",
        "application/problem+json",
        "image/svg+xml",
        "text/css",
        "text/csv",
        "text/html",
        "text/javascript",
    )
)


def install(app: Flask) -> None:
    """Have `app` compress what is worth it."""
    app.after_request(_packed)


def _packed(response: Response) -> Response:
    is_file = response.direct_passthrough
    if (
        (response.is_streamed and not is_file)
        or response.mimetype not in _TYPES
        or "Content-Encoding" in response.headers
        or "Content-Range" in response.headers
    ):
        return response
    response.vary.add("Accept-Encoding")
    if request.accept_encodings.quality("gzip") <= 0 or (response.content_length or 0) < SMALLEST:
        return response
    if is_file:
        response.direct_passthrough = False
        response.set_data(_of_file(response.get_data()))
    else:
        response.set_data(_padded(response.get_data()))
    response.headers["Content-Encoding"] = "gzip"
    # it stands for these bytes no more, only for what they mean
    tag, _ = response.get_etag()
    if tag is not None:
        response.set_etag(tag, weak=True)
    return response


@lru_cache(maxsize=32)
def _of_file(data: bytes) -> bytes:
    return gzip.compress(data, mtime=0)


def _padded(data: bytes) -> bytes:
    """Compressed, and longer by what nobody can foretell.

    A page holds secrets (the token of its forms) beside words that whoever listens may have put there; from how far
    both together shrink the secret could be guessed, letter by letter (BREACH). The name of the file in gzip's head
    is read by nobody.
    """
    packed = io.BytesIO()
    name = "x" * (1 + secrets.randbelow(LONGEST_PADDING))
    with gzip.GzipFile(filename=name, mode="wb", compresslevel=_LEVEL, fileobj=packed, mtime=0) as file:
        file.write(data)
    return packed.getvalue()
