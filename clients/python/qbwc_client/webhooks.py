"""What comes to a webhook, made sure of by the Standard Webhooks specification."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import time
from collections.abc import Iterable, Mapping

from qbwc_client.errors import WrongSignature
from qbwc_client.models import Event
from qbwc_client.values import loads

TOLERANCE_SECONDS = 300
"""What was signed longer ago, or in the future, may be somebody's copy."""


def verified(
    secret: str | Iterable[str], body: bytes | str, headers: Mapping[str, str], *, now: float | None = None
) -> Event:
    """The event that came to a webhook, if it is genuine.

    Args:
        secret: of the webhook, ``whsec_…``; while it is rotated, both of them.
        body: as it came, not as it looks after parsing.
        headers: of the request; upper and lower case are the same.
        now: seconds since 1970, for tests.

    Raises:
        WrongSignature: it is not signed with the secret, or too old.
    """
    given = {name.lower(): value for name, value in headers.items()}
    try:
        message_id, moment = given["webhook-id"], given["webhook-timestamp"]
        signatures, signed_at = given["webhook-signature"].split(), int(moment)
    except (KeyError, ValueError):
        raise WrongSignature("the headers of Standard Webhooks are missing or cannot be read") from None
    if abs((time.time() if now is None else now) - signed_at) > TOLERANCE_SECONDS:
        raise WrongSignature("it was signed too long ago, or the clocks differ")
    text = body if isinstance(body, bytes) else body.encode()
    signed = f"{message_id}.{moment}.".encode() + text
    for each in [secret] if isinstance(secret, str) else secret:
        good = _signature(each, signed)
        if any(hmac.compare_digest(good, one.encode()) for one in signatures):
            return Event.of(loads(text))
    raise WrongSignature("it is signed with another secret, or was changed on the way")


def _signature(secret: str, signed: bytes) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except binascii.Error:
        raise ValueError("this is no secret of a webhook: it begins with whsec_") from None
    return b"v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256))
