"""What the tests of this folder act with: a hand-wound clock, a sender of requests, a scripted SOAP server."""

from __future__ import annotations

import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from qbwc_server.simulator import CompanyFile

ROOT = Path(__file__).resolve().parents[2]
INTUIT = ROOT.parent / "shared" / "reference" / "intuit"
TNS = "http://developer.intuit.com/"
ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"

ANYTHING = etree.XMLSchema(
    etree.fromstring(
        '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="QBXML"/></xs:schema>'
    )
)
"""A schema that takes whatever is XML, for requests that are QuickBooks' and not among those of this server."""

takes_any_request = pytest.mark.parametrize("request_schema", [ANYTHING], ids=["any_request"])
"""Marks a test whose company file takes them."""

_OURS: Any = {None: TNS}
"""The default namespace, which the stubs of lxml do not know."""


class QuickBooks:
    """Sends requests to a company file; given Intuit's schema, what is taken and answered must be valid by it."""

    def __init__(self, company: CompanyFile, intuits: etree.XMLSchema | None = None) -> None:
        self.company = company
        self._intuits = intuits

    def send(self, *requests: str, version: str = "13.0", **attributes: str) -> etree._Element:
        """Send requests as one set (onError=continueOnError unless given); the ``QBXMLMsgsRs`` of the answer."""
        request = document(*requests, version=version, **attributes)
        answer = self.company.process(request)
        root = etree.fromstring(answer.split("?>", 1)[1])
        if self._intuits is not None:
            self._intuits.assertValid(etree.fromstring(request.split("?>", 1)[1]))
            self._intuits.assertValid(root)
        message_set = root.find("QBXMLMsgsRs")
        assert message_set is not None
        return message_set

    def one(self, request: str, **attributes: str) -> etree._Element:
        """Send one request; its ``*Rs``."""
        (answer,) = self.send(request, **attributes)
        return answer

    def status(self, request: str, **attributes: str) -> int:
        """Send one request; its statusCode."""
        return int(self.one(request, **attributes).get("statusCode", ""))


def document(*requests: str, version: str = "13.0", **attributes: str) -> str:
    """A request document around some requests."""
    given = {"onError": "continueOnError", **attributes}
    text = " ".join(f'{name}="{value}"' for name, value in given.items())
    return (
        f'<?xml version="1.0" encoding="utf-8"?><?qbxml version="{version}"?>'
        f"<QBXML><QBXMLMsgsRq {text}>{''.join(requests)}</QBXMLMsgsRq></QBXML>"
    )


Script = dict[str, Any]


class ScriptedServer:
    """A SOAP endpoint that answers from a script: method name to a value, a list of values, or a function.

    Lists are used up one value a call and then stay at the last one. A value may be a tuple (an array), an int (the
    HTTP status), None (an answer without its result element), an Exception text prefixed ``fault:`` or ``raw:``.
    """

    def __init__(self, wsdl: bytes) -> None:
        self.script: Script = {"serverVersion": "1.0", "clientVersion": "", "closeConnection": "OK"}
        self.calls: list[tuple[str, dict[str, str]]] = []
        self.downloads: list[str] = []
        self.requests: list[tuple[dict[str, str], bytes]] = []
        self.content_type = "text/xml; charset=utf-8"
        self._wsdl = wsdl
        self._certificate: Path | None = None
        handler = type("Handler", (_Handler,), {"server_side": self})
        self._httpd = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._thread = threading.Thread(target=self._httpd.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        host = "http://127.0.0.1" if self._certificate is None else "https://localhost"
        return f"{host}:{self._httpd.server_address[1]}/qbwc"

    def use_tls(self, certificate: Path) -> None:
        """From now on speak TLS, with the key and certificate in one file."""
        self._certificate = certificate
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        self._httpd.socket = context.wrap_socket(self._httpd.socket, server_side=True)

    @property
    def wsdl(self) -> bytes:
        return self._wsdl

    def methods(self) -> list[str]:
        return [name for name, _ in self.calls]

    def answer(self, method: str, arguments: dict[str, str]) -> Any:
        value = self.script.get(method, "")
        if callable(value):
            return value(**arguments)
        if isinstance(value, list):
            return value.pop(0) if len(value) > 1 else value[0]
        return value

    def stop(self) -> None:
        self._httpd.shutdown()
        self._httpd.server_close()
        self._thread.join()


class _Handler(BaseHTTPRequestHandler):
    server_side: ScriptedServer
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # one packet an answer: two would wait for each other (Nagle and delayed acknowledgement)

    def log_message(self, format: str, *args: Any) -> None:
        """Silence."""

    def do_GET(self) -> None:
        self.server_side.downloads.append(self.path)
        self._reply(200, self.server_side.wsdl, "text/xml")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server_side.requests.append((dict(self.headers.items()), body))
        parser = etree.XMLParser(recover=True, huge_tree=True)
        envelope_body = etree.fromstring(body, parser).find(f"{{{ENVELOPE}}}Body")
        assert envelope_body is not None
        method = etree.QName(envelope_body[0]).localname
        arguments = {etree.QName(each).localname: each.text or "" for each in envelope_body[0]}
        self.server_side.calls.append((method, arguments))
        self._answer(method, self.server_side.answer(method, arguments))

    def _answer(self, method: str, value: Any) -> None:
        if isinstance(value, int) and method != "receiveResponseXML":
            self._reply(value, b"no", "text/plain")
        elif isinstance(value, str) and value.startswith("raw:"):
            self._reply(200, value[4:].encode(), self.server_side.content_type)
        elif isinstance(value, str) and value.startswith("fault:"):
            fault = f"<f:Fault xmlns:f='{ENVELOPE}'><faultcode>f:Server</faultcode>"
            fault += f"<faultstring>{value[6:]}</faultstring></f:Fault>"
            self._reply(500, _enveloped(fault), self.server_side.content_type)
        else:
            self._reply(200, _enveloped(_response(method, value)), self.server_side.content_type)

    def _reply(self, status: int, body: bytes, content_type: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _enveloped(inner: str) -> bytes:
    return f'<e:Envelope xmlns:e="{ENVELOPE}"><e:Body>{inner}</e:Body></e:Envelope>'.encode()


def _response(method: str, value: Any) -> str:
    root = etree.Element(f"{{{TNS}}}{method}Response", nsmap=_OURS)
    if value is not None:
        result = etree.SubElement(root, f"{{{TNS}}}{method}Result")
        if isinstance(value, list | tuple):
            for each in value:
                etree.SubElement(result, f"{{{TNS}}}string").text = each
        else:
            result.text = str(value)
    return etree.tostring(root, encoding="unicode")
