"""Bodies are read whole and within the limit before any work begins, and work is done by few at a time."""

import gc
import io
import sys
import threading
import time
import warnings

import pytest

from qbwc_server.admission import LARGE_AT_ONCE, Admission
from qbwc_server.desk.feeds.waits import ASIDE

LIMIT = 100


def reading(take):
    """An application that reads its body by `take` and answers how much it got, and what it was told."""

    def application(environ, start_response):
        answer = f"{take(environ['wsgi.input'])} of {environ['CONTENT_LENGTH']}".encode()
        start_response("200 OK", [])
        return [answer]

    return application


def unreachable(environ, start_response):
    raise AssertionError("the application must not be called")


def run(application, stream, limit=LIMIT, **environ):
    started = []
    admitted = Admission(application, max_body_bytes=limit)
    answer = admitted(
        {"wsgi.input": stream, **environ}, lambda status, headers, exc=None: started.append((status, headers))
    )
    ((status, headers),) = started
    return int(status[:3]), dict(headers), sent(answer)


def sent(answer):
    """The answer, and what a server does when it has sent one."""
    whole = b"".join(answer)
    if hasattr(answer, "close"):
        answer.close()
    return whole


WAYS = {
    "all": lambda stream: len(stream.read()),
    "pieces": lambda stream: sum(len(piece) for piece in iter(lambda: stream.read(7), b"")),
    "lines": lambda stream: sum(map(len, stream)),
    "readline": lambda stream: sum(len(line) for line in iter(stream.readline, b"")),
    "readlines": lambda stream: sum(map(len, stream.readlines())),
}
DECLARED = {"CONTENT_LENGTH": True}
CHUNKED = {"wsgi.input_terminated": True}


def environ_for(body, how):
    return {"CONTENT_LENGTH": str(len(body))} if how is DECLARED else how


class Trickle(io.RawIOBase):
    """A body of which a read gets one byte at a time, like a slow client's; `broken` ends it with an error."""

    def __init__(self, body, broken=False):
        self._body = io.BytesIO(body)
        self._broken = broken

    def read(self, size=-1):
        piece = self._body.read(1)
        if not piece and self._broken:
            raise ConnectionResetError
        return piece


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("how", [DECLARED, CHUNKED], ids=["declared", "chunked"])
@pytest.mark.parametrize("stream", [io.BytesIO, Trickle])
@pytest.mark.parametrize("size", [0, 1, LIMIT - 1, LIMIT])
def test_a_body_within_the_limit_arrives_whole(way, how, stream, size):
    body = (b"line\n" * 20)[:size]
    status, _, answer = run(reading(WAYS[way]), stream(body), **environ_for(body, how))
    assert (status, answer) == (200, f"{size} of {size}".encode())


def test_a_large_body_arrives_whole():
    body = bytes(range(256)) * 10_000
    seen = []

    def application(environ, start_response):
        seen.append(environ["wsgi.input"].read())
        start_response("200 OK", [])
        return []

    admitted = Admission(application, max_body_bytes=len(body))
    sent(admitted({"wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body))}, lambda *_: None))
    assert seen == [body]


def test_a_body_put_aside_is_closed_when_its_answer_is_sent_and_not_before():
    asides = []

    def application(environ, start_response):
        asides.append(environ["wsgi.input"])
        start_response("200 OK", [])
        return iter(lambda: environ["wsgi.input"].read(1_000_000), b"")

    body = b"x" * 2_500_000
    admitted = Admission(application, max_body_bytes=len(body))
    answer = admitted({"wsgi.input": io.BytesIO(body), **CHUNKED}, lambda *_: None)
    assert sent(answer) == body
    assert asides[0].closed


def test_a_body_put_aside_is_closed_when_it_is_refused_or_its_application_fails():
    def failing(environ, start_response):
        raise RuntimeError

    with warnings.catch_warnings(record=True) as left_open:
        warnings.simplefilter("always")
        with pytest.raises(RuntimeError):
            Admission(failing, max_body_bytes=3_000_000)(
                {"wsgi.input": io.BytesIO(b"x" * 2_500_000), **CHUNKED}, lambda *_: None
            )
        run(unreachable, io.BytesIO(b"x" * 2_500_000), limit=2_000_000, **CHUNKED)
        gc.collect()
    assert left_open == []


@pytest.mark.parametrize("how", [DECLARED, CHUNKED], ids=["declared", "chunked"])
@pytest.mark.parametrize("size", [LIMIT + 1, 10_000_000])
def test_a_body_over_the_limit_is_refused_and_the_connection_closed(how, size):
    body = b"x" * size
    status, headers, _ = run(unreachable, io.BytesIO(body), **environ_for(body, how))
    assert status == 413
    assert headers["Connection"] == "close"


def test_a_declared_body_over_the_limit_is_not_even_read():
    stream = io.BytesIO(b"x" * (LIMIT + 1))
    assert run(unreachable, stream, CONTENT_LENGTH=str(LIMIT + 1))[0] == 413
    assert stream.tell() == 0


def test_an_endless_body_is_read_just_beyond_the_limit():
    stream = io.BytesIO(b"x" * 1_000_000)
    assert run(unreachable, stream, **CHUNKED)[0] == 413
    assert stream.tell() == LIMIT + 1


@pytest.mark.parametrize("broken", [False, True], ids=["ends", "raises"])
def test_a_body_that_breaks_off_is_not_acted_upon(broken):
    assert run(unreachable, Trickle(b"half", broken), CONTENT_LENGTH="8")[0] == 400


def test_no_more_than_the_declared_body_is_taken_from_a_connection():
    stream = io.BytesIO(b"bodythe next request")
    assert run(reading(WAYS["all"]), stream, CONTENT_LENGTH="4")[2] == b"4 of 4"
    assert stream.tell() == 4


@pytest.mark.parametrize(
    "declared", [{}, {"CONTENT_LENGTH": ""}, {"CONTENT_LENGTH": "-1"}, {"CONTENT_LENGTH": "x"}]
)
def test_without_a_length_a_stream_that_may_never_end_is_not_read(declared):
    stream = io.BytesIO(b"the next request")
    assert run(reading(WAYS["all"]), stream, **declared)[2] == b"0 of 0"
    assert stream.tell() == 0


@pytest.mark.skipif(sys.platform != "linux", reason="/dev/full")
@pytest.mark.parametrize("size", [1_100_000, 3_000_000])
def test_a_body_that_cannot_be_put_aside_is_refused_in_words(monkeypatch, size):
    with open("/dev/full", "r+b", buffering=0) as full:
        monkeypatch.setattr("tempfile.SpooledTemporaryFile", lambda _: full)
        status, headers, answer = run(unreachable, io.BytesIO(b"x" * size), size, CONTENT_LENGTH=str(size))
    assert status == 507
    assert b"disk is full" in answer
    assert headers["Connection"] == "close"


def test_only_so_many_requests_are_worked_on_at_a_time():
    now, most, lock = 0, 0, threading.Lock()

    def application(environ, start_response):
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        time.sleep(0.02)
        with lock:
            now -= 1
        start_response("200 OK", [])
        return []

    admitted = Admission(application, max_body_bytes=LIMIT, at_once=3)
    requests = [
        threading.Thread(target=admitted, args=({"wsgi.input": None}, lambda *_: None)) for _ in range(12)
    ]
    for request in requests:
        request.start()
    for request in requests:
        request.join()
    assert most == 3


def test_large_bodies_wait_for_each_other_and_keep_no_small_one_waiting():
    now, most, small_served, lock = 0, 0, threading.Event(), threading.Lock()

    def application(environ, start_response):
        nonlocal now, most
        if environ["CONTENT_LENGTH"] == "1":
            small_served.set()
            return []
        with lock:
            now += 1
            most = max(most, now)
        assert small_served.wait(10)
        time.sleep(0.02)
        with lock:
            now -= 1
        return []

    admitted = Admission(application, max_body_bytes=LIMIT, at_once=LARGE_AT_ONCE + 1, large=LIMIT // 2)

    def send(size):
        admitted({"wsgi.input": io.BytesIO(b"x" * size), "CONTENT_LENGTH": str(size)}, lambda *_: None)

    requests = [threading.Thread(target=send, args=(size,)) for size in (*[LIMIT] * 6, 1)]
    for request in requests:
        request.start()
    for request in requests:
        request.join()
    assert most == LARGE_AT_ONCE


def test_who_waits_for_a_slow_client_holds_no_place():
    served = threading.Event()
    slow_began = threading.Event()

    class Silent:
        def read(self, size):
            slow_began.set()
            served.wait(10)
            return b"x"

    admitted = Admission(reading(WAYS["all"]), max_body_bytes=LIMIT, at_once=1)
    slow = threading.Thread(
        target=admitted, args=({"wsgi.input": Silent(), "CONTENT_LENGTH": "1"}, lambda *_: None)
    )
    slow.start()
    assert slow_began.wait(10)
    admitted({"wsgi.input": io.BytesIO(b"x"), "CONTENT_LENGTH": "1"}, lambda *_: served.set())
    assert served.is_set()
    slow.join()


def test_a_failing_application_gives_its_place_back():
    def application(environ, start_response):
        raise RuntimeError

    admitted = Admission(application, max_body_bytes=LIMIT, at_once=1)
    for _ in range(3):
        with pytest.raises(RuntimeError):
            admitted({"wsgi.input": None}, lambda *_: None)


def test_whoever_waits_for_something_gives_its_place_to_others_and_gets_one_again():
    """One place: who waits aside does not keep the next one out, and goes on only when there is a place."""
    goes_on, is_inside, told = threading.Event(), threading.Event(), []

    def waiting(environ, start_response):
        start_response("200 OK", [])
        if environ["PATH_INFO"] == "/wait":
            with environ[ASIDE]():
                is_inside.set()
                goes_on.wait(5)
            told.append("waited")
        else:
            goes_on.set()
            time.sleep(0.3)
            told.append("served")
        return [b""]

    admitted = Admission(waiting, max_body_bytes=LIMIT, at_once=1)

    def call(path):
        return threading.Thread(target=admitted, args=[{"PATH_INFO": path}, lambda *_: None])

    first, second = call("/wait"), call("/")
    first.start()
    assert is_inside.wait(5)
    second.start()
    first.join(5)
    second.join(5)
    assert told == ["served", "waited"]
