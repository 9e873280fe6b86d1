"""Every failure becomes one answer: ``application/problem+json`` (RFC 9457), and never a page or a traceback."""

import json
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from flask import Flask, Response, has_request_context, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.http import HTTP_STATUS_CODES

from qbwc_server.desk.deciding.choice_views import ErrorInFullView
from qbwc_server.desk.error_records.choices import Stale
from qbwc_server.domain.faults import (
    Conflict,
    DatabaseUnavailable,
    Fault,
    Gone,
    InvalidInput,
    NoRoom,
    NotFound,
    PreconditionFailed,
    SchemaMismatch,
)

MEDIA_TYPE = "application/problem+json"
MOUNT = "/api"
"""Where the API is, in this server."""

DOCUMENT = f"{MOUNT}/v1/openapi.json"
"""Where the OpenAPI document stands; the types of problems are addresses inside it."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Problem:
    """What a status means in this API.

    Attributes:
        name: of the response in the OpenAPI document.
        title: the same for every occurrence.
        detail: said when there is nothing more precise to say.
    """

    name: str
    title: str
    detail: str


PROBLEMS: Mapping[int, Problem] = {
    400: Problem("BadRequest", "The request cannot be read", "The request is not what HTTP or JSON allow."),
    401: Problem("Unauthorized", "A good API key is needed", "Send it as: Authorization: Bearer KEY"),
    403: Problem("Forbidden", "The API key may not be used for this", "Use a key of a wider scope."),
    404: Problem(
        "NotFound",
        "There is no such thing",
        f"There is no such address; {DOCUMENT} lists them all. A slash within an id is written %2F.",
    ),
    405: Problem("MethodNotAllowed", "This address does not take this method", "Use another method."),
    409: Problem("Conflict", "The state of things does not allow it", "Look at the record again."),
    410: Problem(
        "Gone",
        "What is named is not here any more",
        "Ask from the beginning.",
    ),
    412: Problem(
        "PreconditionFailed",
        "The record is not the one the request expects",
        "Look at the record again before changing it.",
    ),
    413: Problem("ContentTooLarge", "The body is too large", "Send less at a time."),
    415: Problem("UnsupportedMediaType", "The body has the wrong media type", "Send application/json."),
    422: Problem("InvalidInput", "The request has faults", "Nothing was stored; every fault is listed."),
    429: Problem(
        "TooManyRequests",
        "The API key has used its minute up",
        "Many records cost least in a batch.",
    ),
    500: Problem(
        "ServerError",
        "Something went wrong in the server",
        "It is not your fault, and nothing that was queued is lost. The server's log says more.",
    ),
    503: Problem(
        "Unavailable",
        "The database does not answer",
        "It is not known whether the request was carried out. Try again soon: every PUT may be repeated.",
    ),
    507: Problem(
        "InsufficientStorage",
        "The server's disk is full",
        "Nothing of this request was stored, and nothing that was accepted before is lost. Send it again once "
        "whoever runs the server has made room.",
    ),
}
"""The statuses of failures, all of them documented."""

RETRY_AFTER_SECONDS = 5


class Refusal(Exception):
    """The request is refused before any step of the server is reached.

    Attributes:
        status: one of `PROBLEMS`.
        detail: a sentence for whoever writes the host application.
        headers: what the status asks for beside the answer.
    """

    def __init__(self, status: int, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = headers or {}


def problem(
    status: int,
    detail: str | None = None,
    *,
    faults: Iterable[Fault] = (),
    headers: Mapping[str, str] | None = None,
    more: Mapping[str, object] | None = None,
    prefix: str | None = None,
) -> Response:
    """The answer to a failure, with `more` that is particular to it.

    Args:
        prefix: under which address this server is mounted in another one; None: as this request says.
    """
    known = PROBLEMS.get(status)
    document = (mounted_at() if prefix is None else prefix) + DOCUMENT
    detail = detail or (known.detail.replace(DOCUMENT, document) if known else "")
    body = {
        "type": f"{document}#/components/responses/{known.name}" if known else "about:blank",
        "title": known.title if known else HTTP_STATUS_CODES.get(status, "Failure"),
        "status": status,
        "detail": _sentence(detail),
        "faults": [as_json(fault) for fault in faults],
        **(more or {}),
    }
    return Response(json.dumps(body), status, headers, content_type=MEDIA_TYPE)


def mounted_at() -> str:
    """The address under which this server is mounted in another one, with nothing behind it; mostly empty."""
    return request.script_root.removesuffix(MOUNT) if has_request_context() else ""


def as_json(fault: Fault) -> dict[str, str]:
    """A fault as hosts see it."""
    return {"pointer": fault.pointer, "message": fault.message}


def _sentence(words: str) -> str:
    words = words[:1].upper() + words[1:]
    return words if not words or words.endswith((".", "!", "?")) else f"{words}."


def install(app: Flask) -> None:
    """Have `app` answer every failure with a problem."""
    app.register_error_handler(
        Refusal, lambda error: problem(error.status, error.detail, headers=error.headers)
    )
    app.register_error_handler(InvalidInput, lambda error: problem(422, faults=error.faults))
    app.register_error_handler(NotFound, lambda error: problem(404, _words(error)))
    app.register_error_handler(Gone, lambda error: problem(410, _words(error)))
    app.register_error_handler(PreconditionFailed, lambda error: problem(412, _words(error)))
    app.register_error_handler(Stale, _stale)
    app.register_error_handler(Conflict, lambda error: problem(409, _words(error)))
    app.register_error_handler(HTTPException, _http)
    for failure in (DatabaseUnavailable, SchemaMismatch):
        app.register_error_handler(failure, _no_database)


def _stale(error: Stale) -> Response:
    """Whoever chose from what is not so any more is told what may be chosen now."""
    return problem(409, _words(error), more={"error": ErrorInFullView.whole(error.offer).as_json()})


def _words(error: Exception) -> str | None:
    return str(error.args[0]) if error.args else None


def _http(error: HTTPException) -> Response:
    """Flask's own refusals, and (500) whatever nobody expected: that has been logged already."""
    if isinstance(error, MethodNotAllowed):
        allowed = ", ".join(sorted(error.valid_methods or ()))
        return problem(405, f"this address takes {allowed}", headers={"Allow": allowed})
    return problem(error.code or 500)


def _no_database(error: Exception) -> Response:
    _log.error("a request could not be answered: %s", error)
    if isinstance(error, NoRoom):
        return problem(507)
    return problem(503, headers={"Retry-After": str(RETRY_AFTER_SECONDS)})
