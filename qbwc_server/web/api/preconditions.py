"""Preconditions of a request: those that are understood are read, any other is refused, none is ignored."""

import re

from flask import request

from qbwc_server.domain.order import ANYTHING, Expected, Tags
from qbwc_server.web.api.failures import Refusal
from qbwc_server.web.api.idempotency import HEADER

# a proxy that compresses makes a tag weak; the revision it names is the same
_TAG = re.compile(r'[ \t]*(?:W/)?"([\x21\x23-\x7e]*)"[ \t]*(?:,|$)')
_HARMLESS = frozenset({"if-none-match", "if-modified-since", "if-range"})
"""What caches send with a GET: whoever answers it in full has not ignored a wish."""
_KEYS = frozenset({"idempotency-key", "x-idempotency-key"})


def read(*, honoured: bool, keyed: bool) -> Expected:
    """What the request expects.

    Args:
        honoured: whether this address takes If-Match and If-None-Match.
        keyed: whether it takes an Idempotency-Key.

    Raises:
        Refusal: 400 a precondition that is not understood here.
    """
    for name, _ in request.headers:
        _refuse_unknown(name, honoured, keyed)
    return Expected(_tags("If-Match"), _tags("If-None-Match")) if honoured else ANYTHING


def _refuse_unknown(name: str, honoured: bool, keyed: bool) -> None:
    lower = name.lower()
    if lower in _KEYS:
        _check_key(name, keyed)
        return
    if not lower.startswith("if-") or (honoured and lower in ("if-match", "if-none-match")):
        return
    if request.method in ("GET", "HEAD") and lower in _HARMLESS:
        return
    raise Refusal(
        400,
        f"{name} is not taken at this address, and is not ignored either; records take If-Match and If-None-Match "
        "with their ETag",
    )


def _check_key(name: str, keyed: bool) -> None:
    if not keyed:
        raise Refusal(
            400,
            f"{name} is not taken here, and is not needed: the same request may be sent again at any time. Leave it "
            "out; against late repetitions use If-Match or a version",
        )
    if name.lower() != HEADER.lower():
        raise Refusal(400, f"{name} is not taken; write {HEADER}")


def _tags(name: str) -> Tags | None:
    """The tags of a header; None without it."""
    text = request.headers.get(name)
    if text is None:
        return None
    if text.strip() == "*":
        return Tags(every=True)
    found, place = [], 0
    while place < len(text) and (one := _TAG.match(text, place)):
        found.append(one[1])
        place = one.end()
    if place < len(text) or not found or text.rstrip().endswith(","):
        raise Refusal(400, f'{name} must be * or the ETag of a record in double quotes, such as "3"')
    return Tags(frozenset(found))
