"""The id of a request: the one it came with, or a new one; in its answer, and in every line of the log about it."""

import re
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from werkzeug.wsgi import ClosingIterator

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

HEADER = "X-Request-Id"
_LOWER = HEADER.lower()
NOBODYS = "-"
_SANE = re.compile(r"[!-~]{1,128}")
"""Printable, without blanks: it stands between others in a line of the log."""

_current: ContextVar[str] = ContextVar("request_id", default=NOBODYS)


def current() -> str:
    """The id of the request that is being answered; `NOBODYS` where none is."""
    return _current.get()


def _nobodys() -> None:
    _current.set(NOBODYS)


def of(sent: str | None) -> str:
    """The id a request came with, where that is one a log can show as it is; else a new one."""
    return sent if sent is not None and _SANE.fullmatch(sent) else uuid4().hex


def identified(application: "WSGIApplication") -> "WSGIApplication":
    """Give every request of `application` its id, and every answer the id of its request."""

    def answered(environ: "WSGIEnvironment", start_response: "StartResponse") -> "Iterable[bytes]":
        request_id = of(environ.get("HTTP_X_REQUEST_ID"))
        _current.set(request_id)

        def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            others = [(name, value) for name, value in headers if name.lower() != _LOWER]
            return start_response(status, [*others, (HEADER, request_id)], *more)

        answer = application(environ, start)
        if isinstance(answer, list):  # servers send what is there as a whole in one go
            _nobodys()
            return answer
        return ClosingIterator(answer, _nobodys)

    return answered
