"""A recording endpoint behind the real service, and ways to talk to it: raw bytes, or HTTP on a loopback port."""

import io
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from werkzeug.serving import WSGIRequestHandler, make_server

from qbwc_server.soap import soap_application

ROOT = Path(__file__).parents[2]
INTUIT_WSDL = ROOT.parent / "shared" / "reference" / "intuit" / "QBWebConnectorSvc.wsdl"
OUR_WSDL = ROOT / "schemas" / "QBWebConnectorSvc.wsdl"

TNS = "http://developer.intuit.com/"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP_URL = "https://quickbooks.example.com/qbwc"


@dataclass
class Recorder:
    """An endpoint that notes its calls and answers as told; an exception among the answers is raised."""

    answers: dict[str, Any] = field(default_factory=dict)
    calls: list[tuple[Any, ...]] = field(default_factory=list)
    saved: list[tuple[str, str]] = field(default_factory=list)

    def _answer(self, name: str, default: Any, *arguments: Any) -> Any:
        self.calls.append((name, *arguments))
        answer = self.answers.get(name, default)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def server_version(self, client_version: str | None) -> str:
        return self._answer("server_version", "1.2.3", client_version)

    def client_version(self, version: str) -> str:
        return self._answer("client_version", "", version)

    def authenticate(self, username: str, password: str, *, address: str) -> tuple[str, ...]:
        return self._answer("authenticate", ("the-ticket", ""), username, password, address)

    def send_request_xml(self, *arguments: Any) -> str:
        return self._answer("send_request_xml", '<?xml version="1.0"?><QBXML/>', *arguments)

    def receive_response_xml(self, ticket: str, response: str, hresult: str, message: str) -> int:
        return self._answer("receive_response_xml", 50, ticket, response, hresult, message)

    def connection_error(self, ticket: str, hresult: str, message: str) -> str:
        return self._answer("connection_error", "done", ticket, hresult, message)

    def get_last_error(self, ticket: str) -> str:
        return self._answer("get_last_error", "No error", ticket)

    def close_connection(self, ticket: str) -> str:
        return self._answer("close_connection", "Finished", ticket)

    def get_interactive_url(self, ticket: str, session_id: str) -> str:
        return self._answer("get_interactive_url", "https://quickbooks.example.com/", ticket, session_id)

    def interactive_rejected(self, ticket: str, reason: str) -> str:
        return self._answer("interactive_rejected", "Rejected", ticket, reason)

    def interactive_done(self, ticket: str) -> str:
        return self._answer("interactive_done", "Done", ticket)

    def save_last_error(self, ticket: str, sentence: str) -> None:
        self._answer("save_last_error", None, ticket, sentence)
        self.saved.append((ticket, sentence))


@dataclass(frozen=True)
class Reply:
    """What the service answered over WSGI."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def envelope(self) -> etree._Element:
        return etree.fromstring(self.body)

    def result(self, method: str) -> etree._Element:
        """The one result element, which must be there and must not be nil."""
        assert self.status == 200
        (response,) = self.envelope.find(f"{{{SOAP}}}Body")
        assert response.tag == f"{{{TNS}}}{method}Response"
        (result,) = response
        assert result.tag == f"{{{TNS}}}{method}Result"
        assert not result.attrib
        return result

    def fault(self) -> str:
        """The sentence of the SOAP fault this must be."""
        assert self.status == 500
        assert self.headers["Content-Type"] == "text/xml; charset=utf-8"
        (fault,) = self.envelope.find(f"{{{SOAP}}}Body")
        assert fault.tag == f"{{{SOAP}}}Fault"
        assert b"Traceback" not in self.body
        assert b".py" not in self.body
        return fault.findtext("faultstring") or ""


class Service:
    """The SOAP application with its recording endpoint."""

    def __init__(self) -> None:
        self.endpoint = Recorder()
        self.application = soap_application(self.endpoint, soap_url=SOAP_URL)

    def request(self, method: str = "POST", body: bytes | Iterable[bytes] = b"", **environ: Any) -> Reply:
        """One HTTP request; a body in pieces has no Content-Length, as with chunked transfer."""
        stream: Any = _Pieces(body)
        length = {}
        if isinstance(body, bytes):
            stream, length = io.BytesIO(body), {"CONTENT_LENGTH": str(len(body))}
        environ = {
            "REQUEST_METHOD": method,
            "PATH_INFO": "/qbwc",
            "QUERY_STRING": "",
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "REMOTE_ADDR": "192.0.2.7",
            "CONTENT_TYPE": "text/xml; charset=utf-8",
            "wsgi.url_scheme": "http",
            "wsgi.input": stream,
            **length,
            **environ,
        }
        started: list[tuple[str, list[tuple[str, str]]]] = []
        answer = self.application(
            environ, lambda status, headers, exc_info=None: started.append((status, headers))
        )
        ((status, headers),) = started
        return Reply(int(status[:3]), dict(headers), b"".join(answer))

    def post(self, inner: str, **environ: Any) -> Reply:
        """A call in the envelope .NET makes; `inner` is the content of the SOAP body."""
        return self.request(body=envelope(inner), **environ)


class _Pieces:
    """A `wsgi.input` that hands out what has come so far, like a socket."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self._left = b""

    def read(self, size: int) -> bytes:
        if not self._left:
            self._left = next(self._pieces, b"")
        data, self._left = self._left[:size], self._left[size:]
        return data


def envelope(inner: str) -> bytes:
    """A SOAP 1.1 request as the .NET client writes it."""
    return (
        '<?xml version="1.0" encoding="utf-8"?>'
        f'<soap:Envelope xmlns:soap="{SOAP}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        f'xmlns:xsd="http://www.w3.org/2001/XMLSchema"><soap:Body>{inner}</soap:Body></soap:Envelope>'
    ).encode()


@pytest.fixture
def service() -> Service:
    return Service()


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: Any) -> None:
        """Nothing: the tests look at answers, not at the access log."""


@pytest.fixture
def served(service: Service) -> Iterator[str]:
    """The service on a loopback port; its address."""
    server = make_server("127.0.0.1", 0, service.application, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/qbwc"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def intuit_wsdl() -> Path:
    """Intuit's own; what asks for it is marked `intuit`."""
    return INTUIT_WSDL
