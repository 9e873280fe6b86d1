"""Gives every request of an application its id, and every answer the id of its request."""

from typing import TYPE_CHECKING, Any

from werkzeug.wsgi import ClosingIterator

from qbwc_server import request_ids

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

HEADER = "X-Request-Id"
_LOWER = HEADER.lower()


def identified(application: "WSGIApplication") -> "WSGIApplication":
    """`application`, with an id for each of its requests."""

    def answered(environ: "WSGIEnvironment", start_response: "StartResponse") -> "Iterable[bytes]":
        request_id = request_ids.begin(environ.get("HTTP_X_REQUEST_ID"))

        def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            others = [(name, value) for name, value in headers if name.lower() != _LOWER]
            return start_response(status, [*others, (HEADER, request_id)], *more)

        answer = application(environ, start)
        if isinstance(answer, list):  # servers send what is there as a whole in one go
            request_ids.end()
            return answer
        return ClosingIterator(answer, request_ids.end)

    return answered
