"""Refuses request bodies over a limit before they are read, whichever application they are for.

The server in front has no such limit of its own, and the largest legitimate body, a QuickBooks response, is
tens of megabytes.
"""

import io
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from werkzeug.exceptions import RequestEntityTooLarge

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment


_BUFFER = 64 * 1024


class BodyTooLarge(RequestEntityTooLarge):
    """A body of undeclared length went over the limit while it was being read."""


class BodyLimit:
    """WSGI middleware: 413 for bodies over `max_bytes`, at once when the length is declared."""

    def __init__(self, application: "WSGIApplication", max_bytes: int) -> None:
        self._application = application
        self._max_bytes = max_bytes

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Pass the request on, its body counted where its length is not known beforehand."""
        declared = environ.get("CONTENT_LENGTH") or ""
        if declared.isdecimal():
            if int(declared) > self._max_bytes:
                return self._too_large(start_response)
        else:
            counted = _CountedInput(environ["wsgi.input"], self._max_bytes)
            environ["wsgi.input"] = io.BufferedReader(counted, _BUFFER)
        try:
            return self._application(environ, start_response)
        except BodyTooLarge:
            return self._too_large(start_response)

    def _too_large(self, start_response: "StartResponse") -> Iterable[bytes]:
        body = f"Request bodies over {self._max_bytes} bytes are not accepted.\n".encode()
        start_response(
            "413 Content Too Large",
            [
                ("Content-Type", "text/plain; charset=utf-8"),
                ("Content-Length", str(len(body))),
                # The rest of the body is not going to be read, so the connection cannot be used again.
                ("Connection", "close"),
            ],
        )
        return [body]


class _CountedInput(io.RawIOBase):
    """A stream that raises `BodyTooLarge` once more than `left` bytes have come out of it."""

    def __init__(self, stream: Any, left: int) -> None:
        self._stream = stream
        self._left = left

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        # One byte more than is allowed is enough to know.
        data = self._stream.read(min(len(buffer), self._left + 1))
        self._left -= len(data)
        if self._left < 0:
            raise BodyTooLarge
        buffer[: len(data)] = data
        return len(data)
