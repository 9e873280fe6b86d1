"""The WSGI application at ``/qbwc``: POST is SOAP, GET answers people, certificate probes and ``?wsdl``."""

import logging
from collections.abc import Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from lxml import etree

from qbwc_server.soap import plain
from qbwc_server.soap.binding import spyne_application
from qbwc_server.soap.service import Endpoint, Guard
from qbwc_server.soap.wsdl import wsdl

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

log = logging.getLogger(__name__)

_XML = "text/xml; charset=utf-8"
_TEXT = "text/plain; charset=utf-8"
_ALLOW = ("Allow", "GET, HEAD, POST")
_SOAP_ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"

HELLO = "This address is for the QuickBooks Web Connector, not for a browser. The service is up.\n"
"""What a GET on the service's address answers. The Web Connector sends one to check the certificate when the
application is added, and takes anything but 200 for a bad certificate (QBWC1048)."""


def soap_application(endpoint: Endpoint, *, soap_url: str) -> "WSGIApplication":
    """The service as a WSGI application.

    Args:
        endpoint: what stands behind the methods.
        soap_url: the public address of the service, for the WSDL.

    Bodies are as large as whoever stands in front lets through.
    """
    guard = Guard(endpoint)
    spyne = spyne_application(guard)

    def application(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        method = environ["REQUEST_METHOD"]
        if method == "POST":
            answer = plain.answered(guard, environ)
            if answer is not None:
                return _answer(start_response, HTTPStatus.OK, _XML, answer)
            return _soap(spyne, environ, start_response)
        if method not in ("GET", "HEAD"):
            return _answer(start_response, HTTPStatus.METHOD_NOT_ALLOWED, _TEXT, b"Use POST.\n", [_ALLOW])
        body, content_type = (wsdl(soap_url), _XML) if _asks_wsdl(environ) else (HELLO.encode(), _TEXT)
        return _answer(start_response, HTTPStatus.OK, content_type, body)

    return application


def _soap(
    spyne: "WSGIApplication", environ: "WSGIEnvironment", start_response: "StartResponse"
) -> Iterable[bytes]:
    try:
        # Joined here: Spyne answers a chain, which servers would send chunk by chunk.
        return [b"".join(spyne(environ, start_response))]
    except Exception:  # endpoints are guarded; this is for Spyne, and the client sees none of it
        log.exception("a request to the SOAP service could not be answered")
        return _answer(start_response, HTTPStatus.INTERNAL_SERVER_ERROR, _XML, _server_fault())
    finally:
        # Spyne's contexts refer to this and to each other: the body would stay until garbage is collected
        environ.pop("wsgi.input")


def _server_fault() -> bytes:
    envelope = etree.Element(f"{{{_SOAP_ENVELOPE}}}Envelope", nsmap={"soap": _SOAP_ENVELOPE})
    body = etree.SubElement(envelope, f"{{{_SOAP_ENVELOPE}}}Body")
    fault = etree.SubElement(body, f"{{{_SOAP_ENVELOPE}}}Fault")
    etree.SubElement(fault, "faultcode").text = "soap:Server"
    etree.SubElement(fault, "faultstring").text = "the server had an internal problem"
    return etree.tostring(envelope, xml_declaration=True, encoding="utf-8")


def _asks_wsdl(environ: "WSGIEnvironment") -> bool:
    query = parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True)
    return any(name.lower() == "wsdl" for name, _ in query)


def _answer(
    start_response: "StartResponse",
    status: HTTPStatus,
    content_type: str,
    body: bytes,
    headers: Iterable[tuple[str, str]] = (),
) -> Iterable[bytes]:
    start_response(
        f"{status.value} {status.phrase}",
        [("Content-Type", content_type), ("Content-Length", str(len(body))), *headers],
    )
    return [body]
