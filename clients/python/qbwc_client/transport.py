"""What both clients have in common: how a request is put, and what is made of its answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar

import httpx

from qbwc_client.calls import Call, read_body
from qbwc_client.errors import NotReached, UnexpectedAnswer, problem

T = TypeVar("T")

VERSION = "0.1.0"


@dataclass(frozen=True, slots=True)
class Target:
    """Where requests go, and with which key.

    Attributes:
        url: of the server, with what it is mounted under (``https://shop.example/quickbooks``).
        timeout: seconds an answer may take, beside what was asked to be waited for.
    """

    url: str
    key: str
    connector: str
    timeout: float

    def request(self, client: httpx.Client | httpx.AsyncClient, call: Call[Any]) -> httpx.Request:
        """The request of a call."""
        return client.build_request(
            call.method,
            f"{self.url.rstrip('/')}/api/v1/connectors/{self.connector}{call.path}",
            params=dict(call.query) or None,
            content=call.body,
            headers={
                "Authorization": f"Bearer {self.key}",
                "User-Agent": f"qbwc-client/{VERSION}",
                **({"Content-Type": call.media_type} if call.body is not None else {}),
                **call.headers,
            },
            timeout=self.timeout + call.seconds,
        )


def read(call: Call[T], answer: httpx.Response) -> T:
    """What was answered.

    Raises:
        Problem: it was refused, or the server failed.
        UnexpectedAnswer: what came is no answer of this server.
    """
    try:
        body = read_body(answer.headers.get("content-type", ""), answer.content)
    except ValueError:
        body = None
    if not answer.is_success:
        raise problem(answer.status_code, body, answer.headers)
    try:
        return call.read(body)
    except (KeyError, TypeError, ValueError):
        raise UnexpectedAnswer(
            f"{answer.url} answers, but not as qbwc-server does: is the address right?"
        ) from None


def not_reached(error: httpx.TransportError, request: httpx.Request) -> NotReached:
    """That nothing came back."""
    return NotReached(f"no answer from {request.url.host}: {error or type(error).__name__}")
