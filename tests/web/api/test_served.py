"""The API over real HTTP: what the server in front hands over, and what goes back over the wire."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from qbwc_server.access import api_keys
from qbwc_server.cli.demo.server import ServerProcess, free_port, write_config
from qbwc_server.config.reading import load_config
from qbwc_server.desk.administration import connectors
from qbwc_server.wiring import core_from

INVOICE = {"customer": {"external_id": "c-7"}, "lines": [{"item": {"sku": "A-77"}, "quantity": "12"}]}


class Shop:
    """A server process, and a host application with a key."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        config_path = write_config(folder, self.port)
        core = core_from(load_config(config_path), create=True)
        try:
            connectors.add(core, "shop", actor="staff")
            self.key = api_keys.create(core, "order system", connector="shop", actor="cli").secret
        finally:
            core.database.close()
        self.server = ServerProcess(config_path, self.port, folder / "server.log")
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"Bearer {self.key}"

    def ask(self, method: str, path: str, **options: Any) -> requests.Response:
        """A request; `path` is below the connector."""
        url = f"http://127.0.0.1:{self.port}/api/v1/connectors/shop{path}"
        return self.session.request(method, url, timeout=20, **options)

    def raw(self, text: bytes) -> bytes:
        """What comes back for these very bytes."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as connection:
            connection.sendall(text)
            received = b""
            while part := connection.recv(65536):
                received += part
        return received

    def head(self, method: str, path: str, *lines: str) -> bytes:
        """The head of a request that closes the connection after the answer."""
        start = f"{method} /api/v1/connectors/shop{path} HTTP/1.1"
        common = ("Host: localhost", f"Authorization: Bearer {self.key}", "Connection: close")
        return "\r\n".join((start, *common, *lines, "", "")).encode()


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A shop that is open."""
    made = Shop(tmp_path_factory.mktemp("shop"))
    with made.server:
        yield made
    made.session.close()


def test_an_external_id_comes_through_percent_encoded(shop: Shop) -> None:
    step = "/invoices/SO%2F1042%20%C3%A4"
    assert shop.ask("PUT", step, json=INVOICE).json()["external_id"] == "SO/1042 ä"
    assert shop.ask("GET", step).status_code == 200


@pytest.mark.parametrize(
    ("step", "status"),
    [
        ("x3/", 404),
        ("x3//", 404),
        ("/x3", 404),
        ("x3%2F", 404),
        ("x3%20", 422),
        ("void", 422),
        ("x3/void", 405),
    ],
)
def test_a_slash_or_space_too_many_is_no_other_record(shop: Shop, step: str, status: int) -> None:
    answer = shop.ask("PUT", f"/invoices/{step}", json=INVOICE)
    assert answer.status_code == status
    assert answer.headers.get("Allow") == ("POST" if status == 405 else None)
    assert shop.ask("GET", "/invoices/x3").status_code == 404


@pytest.mark.parametrize(
    ("step", "external_id"),
    [
        ("a%2F%2Fb", "a//b"),
        ("%2E%2E%2E", "..."),
        ("a%2F..%2Fb", "a/../b"),
        ("100%2525", "100%25"),
        ("a%3Fb%23", "a?b#"),
    ],
)
def test_the_server_rewrites_no_address(shop: Shop, step: str, external_id: str) -> None:
    body = json.dumps(INVOICE).encode()
    length = f"Content-Length: {len(body)}"
    answer = shop.raw(shop.head("PUT", f"/invoices/{step}", "Content-Type: application/json", length) + body)
    assert answer.startswith((b"HTTP/1.1 201", b"HTTP/1.1 200"))
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["external_id"] == external_id


def test_a_byte_that_is_no_utf8_is_refused(shop: Shop) -> None:
    assert b"HTTP/1.1 400" in shop.raw(shop.head("GET", "/invoices/%FF"))


def test_a_body_of_unknown_length_is_taken_in(shop: Shop) -> None:
    def parts() -> Iterator[bytes]:
        yield b'{"customer": {"external_id": "c-7"}, "lines": '
        yield b'[{"item": {"sku": "A-77"}, "quantity": 12}]}'

    answer = shop.ask("PUT", "/invoices/chunked", data=parts(), headers={"Content-Type": "application/json"})
    assert answer.status_code == 201
    assert answer.json()["record"]["lines"][0]["quantity"] == "12"


def test_a_body_of_unknown_length_has_a_limit_too(shop: Shop) -> None:
    def parts() -> Iterator[bytes]:
        for _ in range(40):
            yield b" " * 65536

    answer = shop.ask("PUT", "/invoices/endless", data=parts(), headers={"Content-Type": "application/json"})
    assert answer.status_code == 413
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_body_that_is_cut_off_is_not_taken_in(shop: Shop) -> None:
    head = shop.head("POST", "/batch", "Content-Type: application/x-ndjson", "Content-Length: 1000")
    with socket.create_connection(("127.0.0.1", shop.port), timeout=10) as connection:
        connection.sendall(head + b'{"kind": "customer", "external_id": "cut", "name": "Cut"}\n')
        connection.shutdown(socket.SHUT_WR)
        answer = connection.recv(65536)
    assert answer == b"" or answer.startswith(b"HTTP/1.1 400")
    assert shop.ask("GET", "/customers/cut").status_code == 404


def test_a_host_that_reads_nothing_before_it_has_sent_all_is_not_stuck(shop: Shop) -> None:
    """4 MB out before the first byte is read back; then one answer for each line, in order."""
    line = json.dumps({"kind": "item", "external_id": "", "name": "", "desc": "x" * 2000})
    count = 2000
    answer = shop.ask(
        "POST", "/batch", data=f"{line}\n".encode() * count, headers={"Content-Type": "application/x-ndjson"}
    )
    outcomes = [json.loads(text) for text in answer.text.splitlines()]
    assert [item["line"] for item in outcomes] == list(range(1, count + 1))
    assert {item["result"] for item in outcomes} == {"faulty"}


def test_answers_to_a_batch_come_while_it_is_worked_on(shop: Shop) -> None:
    lines = [{"kind": "item", "external_id": f"i-{n}", "sku": f"S-{n}"} for n in range(1000)]
    body = "".join(json.dumps(line) + "\n" for line in lines).encode()
    headers = {"Content-Type": "application/x-ndjson"}
    with shop.ask("POST", "/batch", data=body, headers=headers, stream=True) as answer:
        stream = answer.iter_lines()
        assert json.loads(next(stream))["external_id"] == "i-0"
        assert shop.ask("GET", "/items/i-999").status_code == 404
        assert len(list(stream)) == 999
    assert shop.ask("GET", "/items/i-999").status_code == 200


def test_one_connection_serves_many_requests(shop: Shop) -> None:
    for _ in range(3):
        answer = shop.ask("GET", "/invoices")
        assert answer.status_code == 200
        assert answer.headers.get("Connection", "keep-alive") != "close"


def test_the_key_never_reaches_the_log(shop: Shop) -> None:
    shop.ask("GET", "", headers={"Authorization": "Bearer qbwc_" + "x" * 43})
    log = shop.server.log_path.read_text()
    assert shop.key not in log
    assert "x" * 43 not in log
