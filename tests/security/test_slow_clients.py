"""A real server process under clients that say nothing, hardly anything, or far too much: a normal poll stays quick."""

import contextlib
import http.client
import json
import resource
import socket
import statistics
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from qbwc_server.cli import main
from qbwc_server.cli.demo.server import ServerProcess, free_port, write_config
from tests.worlds.security_world import soap_call

pytestmark = pytest.mark.slow

SILENT, SLOW = 300, 200
POLLS = 30


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    folder = tmp_path_factory.mktemp("served")
    port = free_port()
    config = write_config(folder, port)
    done = CliRunner().invoke(main, ["--config", str(config), "connector", "add", "harbour", "--json"])
    (folder / "card.json").write_text(done.stdout)
    with ServerProcess(config, port, folder / "server.log") as running:
        yield running


def poll(server: ServerProcess) -> bytes:
    """What a Web Connector does every few minutes, on a connection of its own: sign in, and be told what is up."""
    card = json.loads((server.config_path.parent / "card.json").read_text())
    client = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    try:
        body = soap_call("authenticate", strUserName=card["username"], strPassword=card["password"])
        client.request("POST", "/qbwc", body, {"Content-Type": "text/xml; charset=utf-8"})
        answer = client.getresponse()
        text = answer.read()
        assert answer.status == 200, text
        assert b"nvu" not in text
        return text
    finally:
        client.close()


def typical(server: ServerProcess) -> float:
    """Seconds of a typical poll."""
    times = []
    for _ in range(POLLS):
        started = time.perf_counter()
        poll(server)
        times.append(time.perf_counter() - started)
    return statistics.median(times)


def connect(server: ServerProcess) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.port), timeout=60)


@contextlib.contextmanager
def slow_uploads(server: ServerProcess, number: int) -> Iterator[list[socket.socket]]:
    """Clients that announce a large body and send a byte of it now and then."""
    stop = threading.Event()
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(connect(server)) for _ in range(number)]
        for client in clients:
            client.sendall(
                b"POST /qbwc HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/xml\r\nContent-Length: 9999999\r\n\r\n<"
            )

        def drip() -> None:
            while not stop.wait(0.2):
                for client in clients:
                    with contextlib.suppress(OSError):
                        client.sendall(b" ")

        dripping = threading.Thread(target=drip)
        dripping.start()
        try:
            yield clients
        finally:
            stop.set()
            dripping.join()


@pytest.fixture
def sockets() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < 2 * (SILENT + SLOW):
        if hard < 2 * (SILENT + SLOW):
            pytest.skip("this machine allows too few open files for so many connections")
        resource.setrlimit(resource.RLIMIT_NOFILE, (2 * (SILENT + SLOW), hard))


@pytest.mark.usefixtures("sockets")
def test_silent_connections_and_slow_uploads_do_not_slow_down_a_poll(server: ServerProcess) -> None:
    poll(server)
    alone = typical(server)
    with contextlib.ExitStack() as stack:
        for number in range(SILENT):
            client = stack.enter_context(connect(server))
            if number % 2:
                client.sendall(b"POST /qbwc HTTP/1.1\r\nHost: local")
        stack.enter_context(slow_uploads(server, SLOW))
        time.sleep(0.5)
        crowded = typical(server)
    print(
        f"a poll: {alone * 1e3:.1f} ms alone, {crowded * 1e3:.1f} ms among {SILENT} silent and {SLOW} slow clients"
    )
    # a server whose threads can be used up would take as long as the slow ones; this bound only allows for noise
    assert crowded < 8 * alone + 0.2
    assert server.is_running
    assert typical(server) > 0


def test_a_body_over_128_mib_is_refused_as_soon_as_it_is_announced(server: ServerProcess) -> None:
    with connect(server) as client:
        client.sendall(
            b"POST /qbwc HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/xml\r\n"
            b"Content-Length: %d\r\n\r\n" % (128 * 2**20 + 1)
        )
        assert client.recv(10_000).startswith(b"HTTP/1.1 413 ")


def test_a_body_without_a_length_is_refused_once_it_is_over_128_mib(server: ServerProcess) -> None:
    with connect(server) as client:
        client.sendall(
            b"POST /qbwc HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/xml\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        chunk = b"100000\r\n" + b" " * 2**20 + b"\r\n"
        sent = 0
        with contextlib.suppress(ConnectionError):
            for _ in range(130):
                client.sendall(chunk)
                sent += 1
        assert sent >= 128
        assert client.recv(10_000).startswith(b"HTTP/1.1 413 ")


def test_no_body_is_left_on_the_disk(server: ServerProcess, tmp_path: Path) -> None:
    with slow_uploads(server, 3):
        time.sleep(0.3)
    poll(server)
    assert {path.name.split(".")[0] for path in server.config_path.parent.iterdir()} <= {
        "qbwc",
        "qbwc-secrets",
        "config",
        "card",
        "qbwc-serving",
        "server",
    }
