"""Bodies over the limit get 413 whichever application they are for, declared length or not."""

import io

import pytest

from qbwc_server.body_limit import BodyLimit


def reading(take):
    """An application that reads its body by `take` and answers how much it got."""

    def application(environ, start_response):
        size = str(take(environ["wsgi.input"])).encode()
        start_response("200 OK", [])
        return [size]

    return application


def run(application, body, declared=True):
    started = []
    environ = {"wsgi.input": io.BytesIO(body)} | ({"CONTENT_LENGTH": str(len(body))} if declared else {})
    answer = BodyLimit(application, 100)(
        environ, lambda status, headers, exc=None: started.append((status, headers))
    )
    ((status, headers),) = started
    return status, dict(headers), b"".join(answer)


WAYS = {
    "all": lambda stream: len(stream.read()),
    "pieces": lambda stream: sum(len(piece) for piece in iter(lambda: stream.read(7), b"")),
    "lines": lambda stream: sum(map(len, stream)),
    "readline": lambda stream: sum(len(line) for line in iter(stream.readline, b"")),
    "readlines": lambda stream: sum(map(len, stream.readlines())),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("declared", [True, False])
@pytest.mark.parametrize("size", [0, 1, 99, 100])
def test_a_body_within_the_limit_arrives_whole(way, declared, size):
    status, _, body = run(reading(WAYS[way]), (b"line\n" * 20)[:size], declared)
    assert (status, body) == ("200 OK", str(size).encode())


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("size", [101, 10_000])
def test_a_body_of_unknown_length_is_cut_off_at_the_limit(way, size):
    status, headers, _ = run(reading(WAYS[way]), b"line\n" * size, declared=False)
    assert status == "413 Content Too Large"
    assert headers["Connection"] == "close"


def test_a_declared_body_over_the_limit_is_not_read_at_all():
    def application(environ, start_response):
        raise AssertionError("the application must not be called")

    assert run(application, b"x" * 101)[0] == "413 Content Too Large"


@pytest.mark.parametrize("declared", ["", "-1", "abc"])
def test_a_length_that_is_no_number_is_counted(declared):
    started = []
    environ = {"wsgi.input": io.BytesIO(b"x" * 101), "CONTENT_LENGTH": declared}
    limited = BodyLimit(reading(WAYS["all"]), 100)
    list(limited(environ, lambda status, headers, exc=None: started.append(status)))
    assert started == ["413 Content Too Large"]
