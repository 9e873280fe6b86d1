"""Lets requests in: the body whole and within the limit first, and then only so many at a time.

A WSGI server hands over a request as soon as its headers are there, and whoever reads the body then waits for
the client. Here nobody who waits for a client holds anything others need: the body is put aside as it comes
in, and work begins when it is complete. A body that breaks off is never acted upon.
"""

import io
import logging
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from http import HTTPStatus
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from werkzeug.wsgi import ClosingIterator

from qbwc_server.desk.feeds.waits import ASIDE

log = logging.getLogger(__name__)

_PIECE = 64 * 1024

_IN_MEMORY = 1024 * 1024
"""Bodies up to this size wait in memory, larger ones in a temporary file; in bytes."""

AT_ONCE = 8
"""Requests of one process that are worked on at a time. They are short, and SQLite has one writer."""

LARGE_AT_ONCE = 2
LARGE = 16 * 1024 * 1024
"""Of those, how many may have a body over `LARGE` bytes: reading one takes several times its size in memory."""


class Refused(Exception):
    """The body is not let in; `status` is the answer, the message its words."""

    def __init__(self, status: HTTPStatus, words: str) -> None:
        super().__init__(words)
        self.status = status


_OPEN = nullcontext()
"""The gate of those that are not large."""

Wording = Callable[["WSGIEnvironment", Refused], tuple[str, bytes]]
"""Puts a refusal into the form its address answers in: media type and body."""


def in_plain_words(environ: "WSGIEnvironment", refusal: Refused) -> tuple[str, bytes]:
    """The sentence alone."""
    return "text/plain; charset=utf-8", f"{refusal}\n".encode()


class Admission:
    """WSGI middleware that reads bodies and lets `at_once` requests through at a time.

    Args:
        application: gets every body as a complete file, with its length declared.
        max_body_bytes: larger bodies are answered with 413, at once when they declare their length.
        large: bodies over this size are worked on `LARGE_AT_ONCE` at a time.
        wording: what a refused request is answered.
    """

    def __init__(
        self,
        application: "WSGIApplication",
        *,
        max_body_bytes: int,
        at_once: int = AT_ONCE,
        large: int = LARGE,
        wording: Wording = in_plain_words,
    ) -> None:
        self._application = application
        self._max_bytes = max_body_bytes
        self._large = large
        self._wording = wording
        self._gate = threading.BoundedSemaphore(at_once)
        self._large_gate = threading.BoundedSemaphore(LARGE_AT_ONCE)

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Read the body, wait for a free place, pass the request on."""
        try:
            body, size = self._body(environ)
        except Refused as refusal:
            return self._refuse(environ, refusal, start_response)
        environ["wsgi.input"] = body
        environ["CONTENT_LENGTH"] = str(size)
        try:
            # first, so that large ones that wait for each other hold no place others need
            with self._large_gate if size > self._large else _OPEN, self._gate:
                environ[ASIDE] = self._aside
                answer = self._application(environ, start_response)
        except BaseException:
            body.close()
            raise
        if isinstance(body, io.BytesIO):
            return answer
        return ClosingIterator(answer, body.close)  # it may still be read from while the answer is sent

    @contextmanager
    def _aside(self) -> Iterator[None]:
        """Give one's place to others while one waits for something; then get a place again."""
        self._gate.release()
        try:
            yield
        finally:
            self._gate.acquire()

    def _body(self, environ: "WSGIEnvironment") -> tuple[IO[bytes], int]:
        declared = _declared_length(environ)
        if declared == 0:
            return io.BytesIO(), 0
        if declared is not None and declared > self._max_bytes:
            raise self._too_large()
        small = declared is not None and declared <= _IN_MEMORY
        body: IO[bytes] = io.BytesIO() if small else tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - closed when the answer is
        try:
            return body, self._taken_in(environ["wsgi.input"], body, declared)
        except BaseException:
            body.close()
            raise

    def _taken_in(self, source: Any, body: IO[bytes], declared: int | None) -> int:
        size = self._copy(source, body, declared)
        if declared is not None and size < declared:
            raise Refused(HTTPStatus.BAD_REQUEST, "The request body broke off.")
        return size

    def _copy(self, source: Any, target: IO[bytes], declared: int | None) -> int:
        # Of a body of unknown length, one byte more than is allowed is enough to know.
        wanted = self._max_bytes + 1 if declared is None else declared
        size = 0
        while size < wanted and (piece := _piece(source, min(_PIECE, wanted - size))):
            with _room():
                target.write(piece)
            size += len(piece)
        with _room():
            target.seek(0)
        if size > self._max_bytes:
            raise self._too_large()
        return size

    def _too_large(self) -> Refused:
        words = (
            f"Request bodies over {self._max_bytes} bytes are not accepted "
            "([server] max_body_mb in this server's configuration)."
        )
        return Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, words)

    def _refuse(
        self, environ: "WSGIEnvironment", refusal: Refused, start_response: "StartResponse"
    ) -> Iterable[bytes]:
        media_type, body = self._wording(environ, refusal)
        start_response(
            f"{refusal.status.value} {refusal.status.phrase}",
            [
                ("Content-Type", media_type),
                ("Content-Length", str(len(body))),
                # What is left of the body is not going to be read, so the connection cannot be used again.
                ("Connection", "close"),
            ],
        )
        return [body]


def _declared_length(environ: "WSGIEnvironment") -> int | None:
    """The body's length, None when it has to be read to be known."""
    declared = environ.get("CONTENT_LENGTH") or ""
    if declared.isdecimal():
        return int(declared)
    # Only a server that says so ends the stream where the body ends; from another, reading would never return.
    return None if environ.get("wsgi.input_terminated") else 0


@contextmanager
def _room() -> Iterator[None]:
    """Whatever is put aside meanwhile may not fit on the disk."""
    try:
        yield
    except OSError as error:
        log.error("a request body could not be put aside: %s", error)
        words = (
            "The server's disk is full, so that this request could not be taken in. Nothing of it was done."
        )
        raise Refused(HTTPStatus.INSUFFICIENT_STORAGE, words) from None


def _piece(source: Any, size: int) -> bytes:
    try:
        piece: bytes = source.read(size)
    except OSError:  # the client went away
        return b""
    return piece
