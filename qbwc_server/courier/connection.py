"""A connection to an address that was looked at, and an end to every wait on it."""

import http.client
import io
import socket
import ssl
import time
from functools import cache
from ipaddress import ip_address
from typing import Any
from urllib.parse import SplitResult

from qbwc_server.domain.addresses import is_public

CONNECT_SECONDS = 5.0
"""So long one address may take to be connected to."""

_QUICK: int | None = getattr(socket, "TCP_QUICKACK", None)


class Forbidden(Exception):
    """The address lies where this endpoint must not send the server; the message is the address."""


class BoundedSocket:
    """What `http.client` reads from and writes to, until a moment.

    A socket's own timeout begins anew with every byte: a receiver that sends one now and then would never be done.

    Attributes:
        deadline: by `time.monotonic`.
    """

    def __init__(self, sock: socket.socket, deadline: float) -> None:
        self._socket = sock
        self.deadline = deadline

    def restrain(self) -> None:
        """Let the next wait end in time.

        Raises:
            TimeoutError: there is no time left.
        """
        self._socket.settimeout(_left(self.deadline))

    def hurry(self) -> None:
        """Have what was received acknowledged at once.

        A receiver that writes the head and the body of its answer one after the other waits with the body for that;
        Linux would keep it waiting for 40 ms.
        """
        if _QUICK is not None:
            self._socket.setsockopt(socket.IPPROTO_TCP, _QUICK, 1)

    def sendall(self, data: bytes) -> None:
        """Send all of it."""
        self.restrain()
        self._socket.sendall(data)

    def makefile(self, _mode: str) -> io.BufferedReader:
        """What is received, to be read."""
        # the socket counts those who read from it, and is closed behind the last of them
        return io.BufferedReader(_Received(self, self._socket.makefile("rb", buffering=0)))

    def close(self) -> None:
        """Close it, once nobody reads from it any more."""
        self._socket.close()


class _Received(io.RawIOBase):
    def __init__(self, bounds: BoundedSocket, source: Any) -> None:
        self._bounds = bounds
        self._source = source

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._bounds.restrain()
        self._bounds.hurry()
        received: int | None = self._source.readinto(buffer)
        return received

    def close(self) -> None:
        self._source.close()
        super().close()


class Connection(http.client.HTTPConnection):
    """One to the host of an address.

    Its name is resolved once, what was resolved is judged, and exactly that is connected to: a name that means
    something else a moment later gets nothing. TLS and the Host header have the name all the same.

    Args:
        allow_private: whether the address may lie in a private network.
        deadline: until when everything has to be done, by `time.monotonic`.
    """

    def __init__(self, url: SplitResult, *, allow_private: bool, deadline: float) -> None:
        self._with_tls = url.scheme == "https"
        self.default_port = 443 if self._with_tls else 80
        super().__init__(url.hostname or "", url.port or self.default_port)
        self._allow_private = allow_private
        self._deadline = deadline

    def connect(self) -> None:
        """Connect; see `http.client.HTTPConnection.connect`.

        Raises:
            Forbidden: the host lies in a private network alone.
            OSError: it cannot be resolved or connected to.
        """
        opened = self._connected()
        try:
            opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._with_tls:
                opened.settimeout(_left(self._deadline))
                opened = _tls().wrap_socket(opened, server_hostname=self.host)
        except BaseException:
            opened.close()
            raise
        self.sock: Any = BoundedSocket(opened, self._deadline)

    def give(self, deadline: float) -> None:
        """Let what is done next take until a moment."""
        self._deadline = deadline
        if self.sock is not None:
            self.sock.deadline = deadline

    def _connected(self) -> socket.socket:
        failure: OSError = OSError("the name means no address")
        for family, address in self._resolved():
            attempt = socket.socket(family, socket.SOCK_STREAM)
            try:
                attempt.settimeout(min(CONNECT_SECONDS, _left(self._deadline)))
                attempt.connect(address)
            except OSError as error:
                attempt.close()
                failure = error
            else:
                return attempt
        raise failure

    def _resolved(self) -> list[tuple[int, Any]]:
        """The addresses that may be connected to."""
        found = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)
        may: list[tuple[int, Any]] = [
            (family, address) for family, _, _, _, address in found if self._may(str(address[0]))
        ]
        if found and not may:
            raise Forbidden(str(found[0][4][0]))
        return may

    def _may(self, address: str) -> bool:
        return self._allow_private or is_public(ip_address(address))


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


@cache
def _tls() -> ssl.SSLContext:
    """Certificates are checked against those the system trusts, or SSL_CERT_FILE."""
    return ssl.create_default_context()
