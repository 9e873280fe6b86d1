"""Sends one message to the address of a webhook, and tells what came of it in words for people."""

import http.client
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from qbwc_server import __version__
from qbwc_server.courier.connection import Connection, Forbidden

WHOLE_SECONDS = 15
"""So long an attempt may take altogether, be it to connect, to send or to be answered."""

MOST_READ = 16 * 1024
"""So many bytes of an answer are read; a connection with more on it is closed."""

MOST_KEPT = 1000
"""So many characters of an answer are kept."""

GONE = 410


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an attempt.

    Attributes:
        status: of the answer; None: there was none.
        answer: the beginning of its body.
        failure: why it counts as not delivered; None: it was.
    """

    status: int | None
    answer: str | None
    failure: str | None
    duration_ms: int

    @property
    def is_gone(self) -> bool:
        """Whether the receiver wants nothing any more."""
        return self.status == GONE

    @property
    def is_refusal(self) -> bool:
        """Whether a receiver that is there did not like this one message."""
        return self.status is not None and 400 <= self.status < 500 and self.status not in (408, 425, 429)


class Line:
    """A way to one address, which is kept open between messages. One thread at a time uses it."""

    def __init__(self, url: str, *, allow_private: bool) -> None:
        self._url = urlsplit(url)
        self._target = self._url.path or "/"
        if self._url.query:
            self._target += f"?{self._url.query}"
        self._allow_private = allow_private
        self._connection: Connection | None = None

    def post(self, body: str, headers: Mapping[str, str], *, seconds: float = WHOLE_SECONDS) -> Outcome:
        """Send a message, once; whatever goes wrong is told in the outcome."""
        began = time.monotonic()
        status = answer = failure = None
        try:
            status, answer = self._answered(body.encode(), headers, began + seconds)
            failure = _wrong_with(status)
        except (OSError, http.client.HTTPException, Forbidden, ValueError) as error:
            self.close()
            failure = _in_words(error, seconds)
        return Outcome(status, answer, failure, round((time.monotonic() - began) * 1000))

    def close(self) -> None:
        """Hang up."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _answered(self, body: bytes, headers: Mapping[str, str], deadline: float) -> tuple[int, str]:
        if self._connection is not None:
            try:
                self._connection.give(deadline)
                return self._exchanged(self._connection, body, headers)
            except (ConnectionError, http.client.RemoteDisconnected, ssl.SSLEOFError):
                # the receiver hung up between two messages, as it may
                self.close()
        self._connection = Connection(self._url, allow_private=self._allow_private, deadline=deadline)
        return self._exchanged(self._connection, body, headers)

    def _exchanged(self, connection: Connection, body: bytes, headers: Mapping[str, str]) -> tuple[int, str]:
        connection.request("POST", self._target, body, {**_HEADERS, **headers})
        response = connection.getresponse()
        content = response.read(MOST_READ)
        if not response.isclosed():
            self.close()
        return response.status, _kept(content)


_HEADERS = {
    "Content-Type": "application/json",
    "Accept-Encoding": "identity",
    "User-Agent": f"qbwc-server/{__version__}",
}


def _kept(content: bytes) -> str:
    # no database keeps a NUL
    return content.decode("utf-8", "replace").replace("\0", "\N{REPLACEMENT CHARACTER}")[:MOST_KEPT]


def _wrong_with(status: int) -> str | None:
    if 200 <= status < 300:
        return None
    if 300 <= status < 400:
        return f"it answered {status}: redirects are not followed"
    if status == GONE:
        return f"it answered {GONE}: it wants nothing any more"
    return f"it answered {status}"


def _in_words(error: Exception, seconds: float) -> str:
    match error:
        case Forbidden():
            return f"its address {error} lies in a private network, which this webhook does not allow"
        case TimeoutError():
            return f"it did not answer within {seconds:g} seconds"
        case socket.gaierror():
            return "its host name means no address"
        case ssl.SSLCertVerificationError():
            return "its certificate is not trusted by this server"
        case ssl.SSLError():
            return "TLS could not be agreed on with it"
        case ConnectionRefusedError():
            return "nothing listens at its address"
        case ConnectionError() | http.client.RemoteDisconnected():
            return "it broke the connection off"
        case http.client.HTTPException():
            return "what it answered is not HTTP"
        case OSError():
            return "it could not be connected to"
        case _:
            return "its address cannot be called"
