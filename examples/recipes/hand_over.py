"""One record handed over, and what a task queue must know of it: done, never, or later."""

import random
from typing import Any
from urllib.parse import quote

import requests


class TryLater(Exception):
    """Nobody is to blame; the same again after so many seconds."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"again in {seconds:.0f} seconds")
        self.seconds = seconds


class Refused(Exception):
    """It will not be taken as it is: what is wrong is in `args`."""


def hand_over(
    http: requests.Session, api: str, path: str, external_id: str, content: dict[str, Any], attempt: int = 0
) -> dict[str, Any]:
    """Hand a record over; how it stands.

    Args:
        content: with its `version`, so that a task that runs late does no harm.
        attempt: how often it was tried before.

    Raises:
        TryLater: the server is not reachable, is busy, or has had enough of this key for now.
        Refused: the record has faults (422), or something stands against it (409).
    """
    try:
        answer = http.put(f"{api}/{path}/{quote(external_id, safe='')}", json=content, timeout=30)
    except requests.RequestException:
        raise TryLater(backoff(attempt)) from None
    if answer.status_code in (429, 503, 507):
        asked_for = float(answer.headers.get("Retry-After", 0))
        raise TryLater(max(asked_for, backoff(attempt)))
    if answer.status_code in (409, 422):
        raise Refused(answer.json())
    answer.raise_for_status()
    record: dict[str, Any] = answer.json()
    return record


def backoff(attempt: int) -> float:
    """1, 2, 4 … seconds, at most ten minutes; not all workers at the same moment."""
    return float(min(2**attempt, 600) * random.uniform(0.75, 1.25))  # noqa: S311 - it keeps nothing secret
