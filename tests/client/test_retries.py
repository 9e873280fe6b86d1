"""A way to the server that loses things: what is sent again, and what is not."""

from __future__ import annotations

import http.server
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest
from qbwc_client import Conflict, NotReached, Retries, TooManyRequests, Unavailable

from qbwc_server.testing.servers import Server

pytestmark = pytest.mark.slow  # a program of its own, with servers of its own

CUSTOMER = {"name": "Ocean Grill", "email": "ap@ocean.example"}


class Way(http.server.ThreadingHTTPServer):
    """Leads to the server; what befalls each request is taken from a list: ``lost`` on the way there, ``unheard`` (its
    answer is lost), a status to be answered in place of the server's, or nothing."""

    daemon_threads = True

    def __init__(self, target: str) -> None:
        super().__init__(("127.0.0.1", 0), _Passing)
        self.target, self.seen = target, 0
        self.fate: list[str | int] = []
        self.headers: dict[str, str] = {}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Passing(http.server.BaseHTTPRequestHandler):
    server: Way

    def _pass(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))) or None
        self.server.seen += 1
        fate = self.server.fate.pop(0) if self.server.fate else ""
        if fate == "lost":
            return self.connection.close()
        if isinstance(fate, int):
            return self._answer(fate, b"", self.server.headers)
        not_passed = ("host", "accept-encoding", "connection")
        headers = {name: value for name, value in self.headers.items() if name.lower() not in not_passed}
        request = urllib.request.Request(self.server.target + self.path, body, headers, method=self.command)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                status, text, kind = answer.status, answer.read(), answer.headers["Content-Type"]
        except urllib.error.HTTPError as error:
            with error:
                status, text, kind = error.code, error.read(), error.headers["Content-Type"]
        if fate == "unheard":
            return self.connection.close()
        return self._answer(status, text, {"Content-Type": kind})

    def _answer(self, status: int, text: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_PUT = do_POST = do_DELETE = _pass  # noqa: N815 - as the library calls them

    def log_message(self, *_) -> None:
        pass


@pytest.fixture
def way(server: Server) -> Iterator[Way]:
    """The way to the server."""
    made = Way(server.url)
    thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield made
    made.shutdown()
    thread.join()
    made.server_close()


@pytest.fixture
def client(connect, way, server):
    return connect(way.url, server.key, server.connector)


@pytest.mark.parametrize("fate", [["lost"], ["unheard"], ["lost", "unheard", 503], [502], [504, 429]])
def test_a_record_is_sent_again_until_it_is_answered_and_is_there_once(client, way, server, fate):
    way.fate = list(fate)
    assert client.put("customer", "c-7", CUSTOMER).revision == 1
    assert way.seen == len(fate) + 1
    events = server.call("GET", "events?kind=customer")[1]["events"]
    assert [event["type"] for event in events] == ["customer.handed_over"]


def test_it_is_given_up_in_the_end(client, way):
    way.fate = ["lost"] * 9
    with pytest.raises(NotReached):
        client.get("customer", "c-7")
    assert way.seen == 4


@pytest.mark.parametrize("fate", [["unheard"], ["lost"], ["unheard", 503, "unheard"]])
def test_what_may_write_into_quickbooks_is_handed_over_once_however_often_it_is_sent(
    client, way, server, fate
):
    way.fate = list(fate)
    told = client.request("<TermsQueryRq/>")
    assert way.seen == len(fate) + 1
    (taken,) = server.call("GET", "requests")[1]["requests"]
    assert taken["id"] == told.id
    client.request("<TermsQueryRq/>")
    assert len(server.call("GET", "requests")[1]["requests"]) == 2


def test_a_secret_that_was_lost_is_not_made_twice(client, way, server):
    way.fate = ["unheard"]
    with pytest.raises(Conflict, match="was carried out"):
        client.webhooks.add("http://localhost:9/", allow_private=True)
    assert len(server.call("GET", "webhooks")[1]["webhooks"]) == 1


def test_what_is_still_under_way_is_waited_for():
    under_way, stands = Conflict(409, {}, {"retry-after": "2"}), Conflict(409, {}, {})
    assert Retries().pause(under_way, 1, is_repeatable=True) == 2
    assert Retries().pause(stands, 1, is_repeatable=True) is None


@pytest.mark.parametrize(("fate", "failure"), [("unheard", NotReached), (503, Unavailable)])
def test_a_record_that_must_be_as_it_was_is_not_sent_again(client, way, fate, failure):
    client.put("customer", "c-7", CUSTOMER)
    way.fate = [fate]
    with pytest.raises(failure):
        client.put("customer", "c-7", {**CUSTOMER, "phone": "555"}, if_match='"1"')
    assert way.seen == 2


def test_whoever_asked_too_much_is_answered_when_the_server_says(client, way):
    way.fate, way.headers = [429], {"Retry-After": "0"}
    assert client.request("<TermsQueryRq/>").state == "queued"
    assert way.seen == 2


def test_whoever_is_to_come_again_much_later_is_told(client, way):
    way.fate, way.headers = [429], {"Retry-After": "3600"}
    with pytest.raises(TooManyRequests) as told:
        client.get("customer", "c-7")
    assert (told.value.retry_after, way.seen) == (3600, 1)


def test_it_can_be_turned_off(connect, way, server):
    way.fate = ["lost"]
    with pytest.raises(NotReached):
        connect(way.url, server.key, "harbour", retries=Retries(times=1)).get("customer", "c-7")
    assert way.seen == 1
