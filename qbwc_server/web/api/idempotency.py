"""Requests that come again under a key of the host's (`Idempotency-Key`): answered as they were the first time."""

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from flask import Response, current_app, request

from qbwc_server.access import repeats
from qbwc_server.access.repeats import Claim, Earlier
from qbwc_server.domain.faults import DatabaseUnavailable
from qbwc_server.domain.people import ApiKey
from qbwc_server.sync.core import Core
from qbwc_server.web.api.failures import MEDIA_TYPE, RETRY_AFTER_SECONDS, Refusal

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
PATTERN = r"^[!-~]([ -~]{0,253}[!-~])?$"
"""What may be a key: blanks at either end of a header are lost on the way."""

_FOLLOW_FROM_THE_REQUEST = frozenset({400, 422})
"""Refusals that come again whenever the same is sent."""

_log = logging.getLogger(__name__)


class Again(Enum):
    """What becomes of a POST that comes again when it is not known whether the first one was carried out."""

    IS_DONE = "is done"
    """Twice does no harm."""
    IS_REFUSED = "is refused"
    """A person or program has to look first."""
    IS_REFUSED_ALWAYS = "is refused always"
    """The same; and the answer has a secret, which is never kept, so that it cannot be given again either."""


@dataclass(frozen=True, slots=True)
class Request:
    """A POST that may come again.

    Attributes:
        by: the API key it came with; what others call theirs is another matter.
        key: what the host calls it.
        waits: so many seconds its answer may wait beside the work.
    """

    core: Core
    by: ApiKey
    key: str
    body: bytes
    waits: int
    again: Again


def key_of_request() -> str | None:
    """What the host calls its request; None: it does not.

    Raises:
        Refusal: 400, it is no such key.
    """
    key = request.headers.get(HEADER)
    if key is not None and re.fullmatch(PATTERN, key) is None:
        raise Refusal(400, f"{HEADER} must have 1 to 255 printable characters of ASCII, such as a UUID")
    return key


def once(asked: Request, work: Callable[[], Response]) -> Response:
    """The answer of `work`, which is done for the first request under this key only.

    Raises:
        Refusal: 409 the first one is under way, its outcome is not known, or its answer was not kept; 422 the key
            stands for another request.
    """
    ours = _begun(asked)
    if isinstance(ours, Earlier):
        return _replayed(ours)
    try:
        response = _done(work)
    except Exception:
        _settle(asked, ours, Response(status=500))
        raise
    _settle(asked, ours, response)
    return response


def _begun(asked: Request) -> Claim | Earlier:
    digest = repeats.digest([request.full_path.encode(), asked.body])
    is_harmless = asked.again is Again.IS_DONE
    try:
        return repeats.begin(
            asked.core, asked.by, asked.key, digest, waits=asked.waits, is_harmless=is_harmless
        )
    except repeats.AnotherRequest:
        raise Refusal(422, _ANOTHER) from None
    except repeats.UnderWay:
        raise Refusal(409, _UNDER_WAY, {"Retry-After": str(RETRY_AFTER_SECONDS)}) from None
    except repeats.CutOff:
        raise Refusal(409, _CUT_OFF) from None
    except repeats.NotKept as error:
        raise Refusal(409, _NOT_KEPT.format(error.status)) from None


_ANOTHER = (
    f"this {HEADER} stands for another request: another address or another body came with it in the last 24 hours. "
    "Give each request a key of its own, and send a key again only with the very same request"
)
_UNDER_WAY = f"the first request with this {HEADER} is still under way; send it again after a while"
_CUT_OFF = (
    f"the first request with this {HEADER} was cut off, and its outcome is not known. Look before you repeat it: where "
    "it was not carried out, send it with a new key"
)
_NOT_KEPT = (
    f"the first request with this {HEADER} was carried out and answered with {{}}; that answer was not kept, as it had "
    "a secret or more than 1 MiB. Look at what is there now; a secret that was lost is to be replaced by a new one"
)


def _replayed(earlier: Earlier) -> Response:
    status = earlier.status or 200
    kind = MEDIA_TYPE if status >= 400 else "application/json"
    response = Response(earlier.answer, status, {REPLAYED: "true"}, content_type=kind)
    if earlier.etag is not None:
        response.headers["ETag"] = earlier.etag
    return response


def _done(work: Callable[[], Response]) -> Response:
    """The answer, be it that of a failure."""
    try:
        return work()
    except Exception as error:
        return current_app.make_response(current_app.handle_user_exception(error))


def _settle(asked: Request, ours: Claim, response: Response) -> None:
    """Keep the answer if it is the last word; otherwise the key is free, unless something may have been done."""
    try:
        if response.status_code < 300 or response.status_code in _FOLLOW_FROM_THE_REQUEST:
            repeats.answered(asked.core, ours, *_kept(asked, response))
        elif response.status_code in (500, 503) and asked.again is not Again.IS_DONE:
            repeats.cut_off(asked.core, ours)
        else:
            repeats.let_go(asked.core, ours)
    except DatabaseUnavailable as error:  # what was done is done; it is told once, and not again
        _log.warning("what was answered to the %s %r could not be kept: %s", HEADER, asked.key, error)


def _kept(asked: Request, response: Response) -> tuple[int, str | None, str | None]:
    is_secret = asked.again is Again.IS_REFUSED_ALWAYS and response.status_code < 300
    text = None if is_secret else response.get_data(as_text=True)
    return response.status_code, response.headers.get("ETag"), text
