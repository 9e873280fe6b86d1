"""What a request costs a key, and how it is told what it has left (draft-ietf-httpapi-ratelimit-headers)."""

from collections.abc import Iterable, Iterator
from typing import TypeVar

from flask import Flask, Response, current_app, g

from qbwc_server.access.budgets import WINDOW_SECONDS, Budgets, Standing
from qbwc_server.domain.people import ApiKey
from qbwc_server.web.api.failures import PROBLEMS, Refusal

LINES_AT_ONCE = 50
"""So many lines of a batch, and whatever is left of them at its end, cost as much as a request."""

_EXTENSION = "qbwc-budgets"
_Line = TypeVar("_Line")


def install(app: Flask, budgets: Budgets) -> None:
    """Have `app` count what keys do, and say in every answer to a key what is left."""
    app.extensions[_EXTENSION] = budgets
    app.after_request(_tell)


def admit(key: ApiKey) -> None:
    """Count a request.

    Raises:
        Refusal: 429, the key has used its minute up.
    """
    standing = g.standing = _budgets().admit(key.id)
    if standing is not None and standing.is_over:
        wait = {"Retry-After": str(standing.seconds)}
        told = (
            f"this key has used up its {standing.per_minute:,} requests a minute; wait {standing.seconds} s"
        )
        raise Refusal(429, f"{told}. {PROBLEMS[429].detail}", wait)


def weighed(key: ApiKey, lines: Iterable[_Line]) -> Iterator[_Line]:
    """The lines of a batch, counted as they are taken; the first of them the request itself has paid for."""
    budgets = _budgets()

    def counted() -> Iterator[_Line]:
        for number, line in enumerate(lines):
            if number and number % LINES_AT_ONCE == 0:
                budgets.charge(key.id, 1)
            yield line

    return counted()


def _budgets() -> Budgets:
    found: Budgets = current_app.extensions[_EXTENSION]
    return found


def _tell(response: Response) -> Response:
    standing: Standing | None = g.get("standing")
    if standing is not None:
        response.headers["RateLimit-Policy"] = f'"key";q={standing.per_minute};w={WINDOW_SECONDS}'
        response.headers["RateLimit"] = f'"key";r={standing.remaining};t={standing.seconds}'
    return response
