"""A receiver of webhooks over real HTTP: it keeps what it is sent, and answers as a test wants it to."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Message:
    """One request as it came."""

    path: str
    headers: Mapping[str, str]
    text: str
    at: float

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def event(self) -> dict[str, Any]:
        """The body."""
        event: dict[str, Any] = json.loads(self.text)
        return event


@dataclass(frozen=True)
class Reply:
    """What is answered.

    Attributes:
        drip: how often a byte of the body is sent, with a tenth of a second between.
        breaks_off: the connection is closed without an answer.
    """

    status: int = 200
    body: bytes = b"ok"
    headers: Mapping[str, str] = field(default_factory=dict)
    drip: int = 0
    breaks_off: bool = False


Answering = Callable[[Message], Reply]


class Receiver:
    """A server on this machine; `answering` may be replaced at any time."""

    def __init__(self, answering: Answering = lambda _: Reply()) -> None:
        self.answering = answering
        self.messages: list[Message] = []
        self.taken: list[Message] = []
        self._guard = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=[0.05], daemon=True).start()

    @property
    def port(self) -> int:
        return self._server.server_address[1]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hooks"

    @property
    def events(self) -> list[dict[str, Any]]:
        """What was taken, in its order."""
        return [message.event for message in self.taken]

    def received(self, message: Message) -> Reply:
        """Keep a message, and find what it is answered."""
        with self._guard:
            self.messages.append(message)
        reply = self.answering(message)
        with self._guard:
            if 200 <= reply.status < 300 and not reply.breaks_off:
                self.taken.append(message)
        return reply

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """Senders may break off: some of them are killed."""


def _handler(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            pass

        def do_POST(self) -> None:
            length = int(self.headers["content-length"])
            data = self.rfile.read(length)
            text = data.decode("utf-8", "replace")
            if len(data) < length:  # the sender was killed
                self.close_connection = True
                return
            headers = {name.lower(): value for name, value in self.headers.items()}
            reply = receiver.received(Message(self.path, headers, text, time.time()))
            try:
                self._reply(reply)
            except OSError:  # the sender has had enough
                self.close_connection = True

        def _reply(self, reply: Reply) -> None:
            if reply.breaks_off:
                self.close_connection = True
                return
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(reply.body) + reply.drip))
            self.end_headers()
            self.wfile.write(reply.body)
            for _ in range(reply.drip):
                time.sleep(0.1)
                self.wfile.write(b".")

    return Handler


@contextmanager
def receiving(answering: Answering = lambda _: Reply()) -> Iterator[Receiver]:
    """A receiver that is there for a block."""
    receiver = Receiver(answering)
    try:
        yield receiver
    finally:
        receiver.close()
