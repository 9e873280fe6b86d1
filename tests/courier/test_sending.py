"""A message is sent once, within its time, to an address that may be called; what goes wrong is told in words."""

from __future__ import annotations

import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from qbwc_server.courier import connection
from qbwc_server.courier.sending import MOST_KEPT, Line, Outcome
from tests.worlds.receiver import Receiver, Reply, receiving


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


def sent(url: str, *, allow_private: bool = True, seconds: float = 5) -> Outcome:
    line = Line(url, allow_private=allow_private)
    try:
        return line.post('{"a": "Ü"}', {"webhook-id": "evt_1"}, seconds=seconds)
    finally:
        line.close()


def test_what_is_sent_arrives_as_it_is(receiver: Receiver) -> None:
    outcome = sent(f"{receiver.url}?key=1")
    assert (outcome.status, outcome.answer, outcome.failure) == (200, "ok", None)
    (message,) = receiver.messages
    assert message.path == "/hooks?key=1"
    assert message.text == '{"a": "Ü"}'
    assert message.headers["host"] == f"127.0.0.1:{receiver.port}"
    assert message.headers["content-type"] == "application/json"
    assert message.headers["user-agent"].startswith("qbwc-server/")


def test_a_redirect_is_not_followed(receiver: Receiver) -> None:
    receiver.answering = lambda _: Reply(302, b"", {"Location": receiver.url + "/other"})
    outcome = sent(receiver.url)
    assert outcome.failure == "it answered 302: redirects are not followed"
    assert len(receiver.messages) == 1


@pytest.mark.parametrize("status", [400, 404, 410, 429, 500, 503])
def test_what_is_no_success_is_a_failure_with_what_was_answered(receiver: Receiver, status: int) -> None:
    receiver.answering = lambda _: Reply(status, b"the table is locked")
    outcome = sent(receiver.url)
    assert outcome.failure is not None
    assert str(status) in outcome.failure
    assert (outcome.answer, outcome.is_gone) == ("the table is locked", status == 410)
    assert outcome.is_refusal == (status in (400, 404, 410))


def test_of_a_long_answer_the_beginning_is_read_and_kept(receiver: Receiver) -> None:
    receiver.answering = lambda _: Reply(200, b"\0" + b"y" * 5_000_000)
    outcome = sent(receiver.url)
    assert outcome.answer == "\N{REPLACEMENT CHARACTER}" + "y" * (MOST_KEPT - 1)
    assert outcome.failure is None


def test_an_answer_that_comes_byte_by_byte_has_its_end(receiver: Receiver) -> None:
    receiver.answering = lambda _: Reply(200, b"", drip=100)
    began = time.monotonic()
    outcome = sent(receiver.url, seconds=0.5)
    assert time.monotonic() - began < 2
    assert outcome.failure == "it did not answer within 0.5 seconds"


def test_a_receiver_that_says_nothing_is_left(receiver: Receiver) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        outcome = sent(f"http://127.0.0.1:{silent.getsockname()[1]}/", seconds=0.3)
    assert outcome.failure == "it did not answer within 0.3 seconds"
    assert 250 <= outcome.duration_ms < 2000


def test_a_receiver_that_breaks_off_and_one_that_is_not_there_are_told(receiver: Receiver) -> None:
    receiver.answering = lambda _: Reply(breaks_off=True)
    assert sent(receiver.url).failure == "it broke the connection off"
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    assert sent(f"http://127.0.0.1:{port}/").failure == "nothing listens at its address"
    assert sent("http://nobody.invalid/").failure == "its host name means no address"


def test_one_that_does_not_speak_http_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            with server.accept()[0] as caller:
                caller.recv(10_000)
                caller.sendall(b"220 mail.example.com ESMTP\r\n")

        threading.Thread(target=answer, daemon=True).start()
        assert sent(f"http://127.0.0.1:{server.getsockname()[1]}/").failure == "what it answered is not HTTP"


def test_a_connection_is_kept_and_made_anew_when_the_receiver_hung_up(receiver: Receiver) -> None:
    line = Line(receiver.url, allow_private=True)
    assert [line.post("{}", {}).status for _ in range(3)] == [200, 200, 200]
    receiver.answering = lambda _: Reply(headers={"Connection": "close"})
    assert [line.post("{}", {}).status for _ in range(3)] == [200, 200, 200]
    assert len(receiver.messages) == 6
    line.close()


# --- where it may not go -----------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.1", "0x7f.1", "2130706433"])
def test_an_address_of_this_machine_is_not_called_without_permission(receiver: Receiver, host: str) -> None:
    outcome = sent(f"http://{host}:{receiver.port}/", allow_private=False)
    assert outcome.failure is not None
    assert outcome.failure.endswith("lies in a private network, which this webhook does not allow")
    assert receiver.messages == []


def resolving_to(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """Have names mean these addresses, one answer after the other as a name server that changes its mind gives them."""
    left, asked = list(answers), []

    def answer(host: str, port: int, **_: object) -> list[tuple]:
        asked.append(host)
        found = left.pop(0) if len(left) > 1 else left[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    return asked


def test_a_public_name_that_means_a_private_address_is_not_called(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolving_to(monkeypatch, ["127.0.0.1"])
    outcome = sent(f"http://orders.example.com:{receiver.port}/", allow_private=False)
    assert outcome.failure == (
        "its address 127.0.0.1 lies in a private network, which this webhook does not allow"
    )
    assert receiver.messages == []


def test_a_name_that_changes_its_mind_is_asked_once_and_what_was_judged_is_called(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    called = []
    monkeypatch.setattr(socket.socket, "connect", lambda _, address: called.append(address) or _refuse())
    asked = resolving_to(monkeypatch, ["10.0.0.9", "93.184.216.34"], ["127.0.0.1"])
    sent(f"http://orders.example.com:{receiver.port}/", allow_private=False)
    assert called == [("93.184.216.34", receiver.port)]
    assert asked == ["orders.example.com"]


def _refuse() -> None:
    raise ConnectionRefusedError


# --- TLS ---------------------------------------------------------------------------------------------------


@pytest.fixture
def tls_files(tmp_path: Path) -> tuple[Path, Path]:
    """A certificate for localhost, signed by itself, and its key."""
    certificate, key = tmp_path / "a.crt", tmp_path / "a.key"
    made = [
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=localhost",
    ]
    named = ["-addext", "subjectAltName=DNS:localhost", "-keyout", str(key), "-out", str(certificate)]
    try:
        subprocess.run(["openssl", *made, *named], check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("there is no openssl command to make a certificate with")
    return certificate, key


class _Quiet(BaseHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass

    def do_POST(self) -> None:
        self.send_response(204)
        self.end_headers()


def test_tls_has_the_name_of_the_host_and_a_certificate_for_it_that_is_trusted(
    tls_files: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, key = tls_files
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    served.load_cert_chain(certificate, key)
    names: list[str | None] = []
    served.sni_callback = lambda _, name, __: names.append(name)
    server = HTTPServer(("127.0.0.1", 0), _Quiet)
    server.socket = served.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, args=[0.05], daemon=True).start()
    port = server.server_address[1]
    try:
        untrusted = sent(f"https://localhost:{port}/")
        trusting = ssl.create_default_context(cafile=str(certificate))
        monkeypatch.setattr(connection, "_tls", lambda: trusting)
        good, other = sent(f"https://localhost:{port}/"), sent(f"https://ip6-localhost.example:{port}/")
        resolving_to(monkeypatch, ["127.0.0.1"])
        stranger = sent(f"https://orders.example.com:{port}/")
    finally:
        server.shutdown()
        server.server_close()
    assert untrusted.failure == "its certificate is not trusted by this server"
    assert (good.status, good.failure) == (204, None)
    assert other.failure is not None
    assert stranger.failure == "its certificate is not trusted by this server"
    assert names == ["localhost", "localhost", "orders.example.com"]
