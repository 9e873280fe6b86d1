"""The plain calls that are answered without Spyne: to the byte as Spyne answers them, and nothing but those."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

from qbwc_server.soap import plain
from qbwc_server.soap.binding import spyne_application
from qbwc_server.soap.service import METHODS, Answer, Guard, Method

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
TNS = "http://developer.intuit.com/"
FOLDER = Path(__file__).parents[2] / "fixtures" / "soap"
TEXTS = ("x", "", " x ", "a & b <c> \"q\" 'r' ]]>", "caf\u00e9 \u6f22 \U0001f600", "line\none\r\n\ttab")


class Echo:
    """Answers every method with one thing, and remembers what it was called with."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer
        self.calls: list[Any] = []

    def __getattr__(self, name: str) -> Any:
        def method(*arguments: Any, **named: Any) -> Any:
            self.calls.append((name, arguments, named))
            return self.answer

        return method


def environ(body: bytes, **values: str) -> dict[str, Any]:
    return {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/qbwc",
        "QUERY_STRING": "",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "REMOTE_ADDR": "192.0.2.7",
        "CONTENT_TYPE": "text/xml; charset=utf-8",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        **values,
    }


def both(body: bytes, answer: Any) -> tuple[bytes | None, bytes]:
    """What is answered without Spyne and with it; both must have called the same."""
    without, with_spyne = Echo(answer), Echo(answer)
    quick = plain.answered(Guard(without), environ(body))
    application = spyne_application(Guard(with_spyne))
    slow = b"".join(application(environ(body), lambda *_: None))
    assert quick is None or without.calls == with_spyne.calls
    return quick, slow


def answers_of(method: Method) -> list[Answer]:
    if isinstance(method.fallback, tuple):
        return [("t", ""), ("", "nvu"), ("t", "busy", "60"), ("t", r"C:\a & b.qbw", "1", "2"), ("", "")]
    return [0, 7, 100, -1, -(2**31)] if isinstance(method.fallback, int) else list(TEXTS)


def envelope(inner: str) -> bytes:
    return f'<s:Envelope xmlns:s="{SOAP}"><s:Body>{inner}</s:Body></s:Envelope>'.encode()


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
def test_every_answer_is_to_the_byte_the_one_spyne_gives(method: Method) -> None:
    for answer in answers_of(method):
        quick, slow = both(envelope(f'<{method.name} xmlns="{TNS}" />'), answer)
        assert quick == slow


@pytest.mark.parametrize(
    "text", ["", " ", "x", " x ", "a &amp; b &lt;c&gt;", "caf\u00e9 \u6f22", "1\n2\r\n3"]
)
def test_arguments_arrive_as_spyne_reads_them(text: str) -> None:
    given = f"<strPassword>{text}</strPassword><strUserName>u</strUserName>"  # in another order, too
    quick, slow = both(envelope(f'<authenticate xmlns="{TNS}">{given}</authenticate>'), ("t", "none"))
    assert quick == slow


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.request.xml")), ids=lambda path: path.stem)
def test_every_recorded_call_is_plain_and_answered_alike(path: Path) -> None:
    name = path.name.partition(".")[0].partition("-")[0]
    answer = {"authenticate": ("t", "none"), "receiveResponseXML": 42}.get(name, "text")
    quick, slow = both(path.read_bytes(), answer)
    assert quick == slow


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<nothing />",
        b"<broken",
        envelope(""),
        envelope(f'<getLastError xmlns="{TNS}" /><getLastError xmlns="{TNS}" />'),
        envelope('<getLastError xmlns="urn:other" />'),
        envelope(f'<noSuchMethod xmlns="{TNS}" />'),
        envelope(f'<getLastError xmlns="{TNS}" id="1" />'),
        envelope(f'<getLastError xmlns="{TNS}"><ticket><b>x</b></ticket></getLastError>'),
        envelope(f'<getLastError xmlns="{TNS}"><ticket nil="true" /></getLastError>'),
        envelope(f'<getLastError xmlns="{TNS}"><ticket>1</ticket><ticket>2</ticket></getLastError>'),
        envelope(f'<getLastError xmlns="{TNS}"><other>1</other></getLastError>'),
        envelope(f'<getLastError xmlns="{TNS}"><ticket><![CDATA[1]]></ticket></getLastError>'),
        envelope(f'<getLastError xmlns="{TNS}"><ticket>&#11;1</ticket></getLastError>'),
        envelope(f'<getLastError xmlns="{TNS}"><ticket>1\x0b</ticket></getLastError>'),
        envelope(f'<getLastError xmlns="{TNS}"><ticket>{"1" * 9000}</ticket></getLastError>'),
        envelope(f'<getLastError xmlns="{TNS}" />').replace(b"<s:Body>", b"<s:Header /><s:Body>"),
        f'<!DOCTYPE x [<!ENTITY e "e">]><s:Envelope xmlns:s="{SOAP}"><s:Body>&e;</s:Body></s:Envelope>'.encode(),
        envelope(f'<getLastError xmlns="{TNS}" />').decode().encode("utf-16"),
        b"\xef\xbb\xbf" + envelope(f'<getLastError xmlns="{TNS}" />'),
    ],
)
def test_whatever_else_is_left_to_spyne_with_its_body_whole(body: bytes) -> None:
    endpoint = Echo("x")
    call = environ(body)
    assert plain.answered(Guard(endpoint), call) is None
    assert endpoint.calls == []
    assert call["wsgi.input"].read() == body


@pytest.mark.parametrize(
    "headers",
    [
        {"CONTENT_TYPE": "text/xml; charset=utf-16"},
        {"CONTENT_TYPE": 'text/xml; charset="utf-8"; action="x"'},
        {"CONTENT_LENGTH": ""},
        {"CONTENT_LENGTH": "many"},
    ],
)
def test_a_call_under_other_headers_is_left_to_spyne(headers: dict[str, str]) -> None:
    body = envelope(f'<getLastError xmlns="{TNS}" />')
    call = environ(body, **headers)
    assert plain.answered(Guard(Echo("x")), call) is None
    assert call["wsgi.input"].read() == body


def test_an_endpoint_that_fails_answers_the_same_as_behind_spyne() -> None:
    body = envelope(f'<authenticate xmlns="{TNS}" />')
    quick, slow = both(body, None)
    assert quick == slow
    assert b"busy" in slow
