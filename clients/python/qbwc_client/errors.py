"""What may go wrong: a class for each type of problem the server knows, and those of the way to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qbwc_client.models import ErrorInFull, Record


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with what was sent.

    Attributes:
        pointer: JSON pointer into it (``/lines/0/quantity``), or ``/NAME`` of a parameter.
    """

    pointer: str
    message: str

    def __str__(self) -> str:
        return f"{self.pointer or '/'}: {self.message}"


class QbwcError(Exception):
    """Everything this package raises."""


class NotReached(QbwcError):
    """The server did not answer: it is not known whether it carried out what was asked."""


class UnexpectedAnswer(QbwcError):
    """What answers is not this server: the address is wrong, or something else stands in between."""


class WrongSignature(QbwcError):
    """What came to a webhook is not signed with its secret, or too old: do not act on it."""


class StillWaiting(QbwcError):
    """The time was up before it was known what becomes of a record; `record` is how it stands."""

    def __init__(self, record: Record) -> None:
        super().__init__(f"{record.kind} {record.external_id} is still {record.state}")
        self.record = record


class Problem(QbwcError):
    """The server refused something, or failed.

    Attributes:
        faults: all that is wrong with what was sent.
        retry_after: seconds after which it may be tried again, if the server said.
        request_id: under which the server's log tells of it.
        body: the whole problem document.
    """

    def __init__(self, status: int, body: Mapping[str, Any], headers: Mapping[str, str]) -> None:
        self.status = status
        self.body = body
        self.title = str(body.get("title") or f"HTTP {status}")
        self.detail = str(body.get("detail") or "")
        self.faults = tuple(Fault(each["pointer"], each["message"]) for each in body.get("faults", ()))
        self.retry_after = seconds_of(headers)
        self.request_id = headers.get("x-request-id")
        super().__init__("; ".join(filter(None, (self.title, self.detail, *map(str, self.faults)))))


class BadRequest(Problem):
    """What was sent is not what HTTP or JSON allow."""


class Unauthorized(Problem):
    """The key is not good."""


class Forbidden(Problem):
    """The key may not be used for this."""


class NotFound(Problem):
    """There is no such thing, or the key does not open it."""


class MethodNotAllowed(Problem):
    """The address does not take this method."""


class Conflict(Problem):
    """The state of things does not allow it."""


class Stale(Conflict):
    """Something else may be chosen of an error by now; `error` is how it stands."""

    @property
    def error(self) -> ErrorInFull:
        """The error record with what may be chosen now."""
        # models know the classes of this module
        from qbwc_client.models import ErrorInFull

        return ErrorInFull.of(self.body["error"])


class Gone(Problem):
    """The event that was named is not here any more: the database is another one, or was restored."""


class PreconditionFailed(Problem):
    """The record is not the one that was expected."""


class ContentTooLarge(Problem):
    """The body is too large."""


class UnsupportedMediaType(Problem):
    """The body has the wrong media type."""


class InvalidInput(Problem):
    """What was sent has faults; nothing was stored."""


class TooManyRequests(Problem):
    """The key has used its minute up; nothing was done."""


class ServerError(Problem):
    """Something went wrong in the server."""


class Unavailable(Problem):
    """The database, or something on the way to it, does not answer: it is not known whether it was carried out."""


class InsufficientStorage(Problem):
    """The server's disk is full; nothing was stored."""


BY_TYPE: Mapping[str, type[Problem]] = {
    each.__name__: each
    for each in (
        BadRequest,
        Unauthorized,
        Forbidden,
        NotFound,
        MethodNotAllowed,
        Conflict,
        Gone,
        PreconditionFailed,
        ContentTooLarge,
        UnsupportedMediaType,
        InvalidInput,
        TooManyRequests,
        ServerError,
        Unavailable,
        InsufficientStorage,
    )
}
"""The last step of a problem's ``type``, and its class."""

_OF_PROXIES: Mapping[int, type[Problem]] = {
    429: TooManyRequests,
    502: Unavailable,
    503: Unavailable,
    504: Unavailable,
}
"""What something on the way to the server may answer in its place."""


def problem(status: int, body: object, headers: Mapping[str, str]) -> Problem:
    """The exception for an answer that is none of success; a proxy's own answer has no problem document."""
    told = body if isinstance(body, Mapping) else {}
    kind = BY_TYPE.get(str(told.get("type", "")).rpartition("/")[2])
    if kind is None:
        kind = _OF_PROXIES.get(status, Problem)
    if kind is Conflict and "error" in told:
        kind = Stale
    return kind(status, told, headers)


def seconds_of(headers: Mapping[str, str]) -> float | None:
    """What Retry-After says; None without it, and of a date, which this server does not send."""
    try:
        return max(0.0, float(headers.get("retry-after", "")))
    except ValueError:
        return None
