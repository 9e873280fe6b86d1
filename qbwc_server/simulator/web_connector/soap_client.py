"""The SOAP side of the simulated Web Connector: zeep builds the calls, answers are read as .NET reads
them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

import requests
import zeep
import zeep.exceptions
from lxml import etree
from zeep.wsdl.bindings import Soap11Binding

from qbwc_server.simulator.web_connector.transport_words import why

NAMESPACE: Final = "http://developer.intuit.com/"
"""Intuit's namespace; the trailing slash is part of it (Web Connector Programmer's Guide)."""

USER_AGENT: Final = "Mozilla/4.0 (compatible; MSIE 6.0; MS Web Services Client Protocol 4.0.30319.42000)"
"""What the .NET proxy inside the Web Connector calls itself."""

_ZEEP: Final[Any] = zeep
"""zeep under a name without types: its own annotations are incomplete."""

_ENVELOPE: Final = "http://schemas.xmlsoap.org/soap/envelope/"
_NIL: Final = "{http://www.w3.org/2001/XMLSchema-instance}nil"
_INT32: Final = range(-(2**31), 2**31)
_PRIVATE: Final = 0xE000
_OWN_MACHINE: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_LISTS: Final = frozenset({"authenticate"})
_INTEGERS: Final = frozenset({"receiveResponseXML"})

Argument = str | int
Result = str | int | tuple[str | None, ...] | None
"""A string (None where .NET would see null), receiveResponseXML's int, or authenticate's array."""


class SoapCallError(Exception):
    """A call did not come back with an answer that the Web Connector can use.

    Args:
        method: which one.
        reason: what its log would say.
        is_fault: the server answered with a SOAP fault, rather than not at all or with something else.
    """

    def __init__(self, method: str, reason: str, *, is_fault: bool = False) -> None:
        super().__init__(f"{method}: {reason}")
        self.method = method
        self.reason = reason
        self.is_fault = is_fault


class Endpoint(Protocol):
    """Whatever takes the Web Connector's calls: a server over HTTP, or one that faults are put before."""

    def call(self, method: str, arguments: Mapping[str, Argument]) -> Result:
        """Make one call. Raises SoapCallError."""
        ...


class SoapEndpoint:
    """A Web Connector server reached over HTTP.

    Args:
        url: AppURL of the .qwc: where the calls go, whatever address the WSDL names.
        wsdl: where the description is, a URL or a path; ``{url}?wsdl`` by default.
        verify: TLS certificates are checked; a path names a bundle of certificates to trust.
        timeout: seconds to wait for an answer; .NET's own default is 100.
    """

    def __init__(
        self, url: str, *, wsdl: str | None = None, verify: bool | str = True, timeout: float = 100.0
    ) -> None:
        self.url = url
        self._wsdl = wsdl or f"{url}?wsdl"
        self._http = requests.Session()
        self._http.verify = verify
        # The environment may name another bundle, which requests would prefer to ours, or a proxy, which has no
        # business between two programs on one machine.
        self._http.trust_env = verify is True and urlsplit(url).hostname not in _OWN_MACHINE
        self._timeout = timeout
        self._description: Any = None

    def call(self, method: str, arguments: Mapping[str, Argument]) -> Result:
        """Make one call and read its result as the .NET proxy would.

        Raises:
            SoapCallError: no connection, a status other than 200, a redirect, not XML, a fault, or a result
                that does not fit its type.
        """
        body, action = self._build(method, arguments)
        answer = self._post(method, body, action)
        return _read_result(method, _read_body(method, answer))

    def close(self) -> None:
        """Drop the connections that were kept alive."""
        self._http.close()

    def _build(self, method: str, arguments: Mapping[str, Argument]) -> tuple[bytes, str]:
        try:
            operation = self._binding(method).get(method)
            hidden = {name: _hide_controls(value) for name, value in arguments.items()}
            envelope = operation.create(**hidden).content
        except (ValueError, KeyError, TypeError, zeep.exceptions.Error) as error:
            raise SoapCallError(method, "the server's WSDL does not describe this call") from error
        text = etree.tostring(envelope, xml_declaration=True, encoding="utf-8")
        return _show_controls(text), operation.soapaction

    def _binding(self, method: str) -> Any:
        """The first SOAP 1.1 binding of the service description, which is loaded at the first call."""
        try:
            if self._description is None:
                transport = _ZEEP.Transport(session=self._http, operation_timeout=self._timeout)
                settings = _ZEEP.Settings(strict=False, xml_huge_tree=True)
                self._description = _ZEEP.Client(self._wsdl, transport=transport, settings=settings).wsdl
        except (requests.RequestException, zeep.exceptions.Error, etree.XMLSyntaxError, OSError) as error:
            raise SoapCallError(method, why(error, self._wsdl)) from error
        for binding in self._description.bindings.values():
            if isinstance(binding, Soap11Binding):
                return binding
        raise SoapCallError(method, f"{self._wsdl} describes no SOAP 1.1 service")

    def _post(self, method: str, body: bytes, action: str) -> requests.Response:
        headers = {
            "Content-Type": "text/xml; charset=utf-8",
            "SOAPAction": f'"{action}"',
            "Expect": "100-continue",
            "User-Agent": USER_AGENT,
        }
        try:
            # The .NET proxy does not follow redirects: they end the call.
            return self._http.post(
                self.url, data=body, headers=headers, timeout=self._timeout, allow_redirects=False
            )
        except requests.RequestException as error:
            raise SoapCallError(method, why(error, self.url)) from error


def _read_body(method: str, answer: requests.Response) -> etree._Element:
    """The element inside the SOAP body, or SoapCallError."""
    media = answer.headers.get("Content-Type", "").split(";")[0].strip().lower()
    if answer.status_code not in (200, 500):
        raise SoapCallError(method, f"the request failed with HTTP status {answer.status_code}")
    if media != "text/xml":
        raise SoapCallError(
            method, f"the client found response content type {media!r}, but expected 'text/xml'"
        )
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
    try:
        root = etree.fromstring(answer.content, parser)
    except etree.XMLSyntaxError as error:
        raise SoapCallError(
            method, f"the response is not well-formed XML, from line {error.lineno} on"
        ) from error
    body = root.find(f"{{{_ENVELOPE}}}Body")
    if body is None or len(body) == 0:
        raise SoapCallError(method, "the response is not well-formed: no SOAP body")
    fault = body.find(f"{{{_ENVELOPE}}}Fault")
    if fault is not None:
        raise SoapCallError(method, f"SOAP fault: {fault.findtext('faultstring')}", is_fault=True)
    if answer.status_code == 500:
        raise SoapCallError(method, "the request failed with HTTP status 500")
    return body[0]


def _read_result(method: str, response: etree._Element) -> Result:
    """The result as .NET deserialises it: by qualified name, null where it is missing or nil.

    An array whose members have another name or namespace is empty, not an error; a missing int is 0.
    """
    result = response.find(f"{{{NAMESPACE}}}{method}Result")
    if method in _LISTS:
        members = [] if result is None else result.findall(f"{{{NAMESPACE}}}string")
        return tuple(_text(each) for each in members)
    if method in _INTEGERS:
        return 0 if result is None else _integer(method, _text(result) or "")
    return None if result is None else _text(result)


def _text(element: etree._Element) -> str | None:
    if element.get(_NIL) in ("true", "1"):
        return None
    return element.text or ""


def _integer(method: str, text: str) -> int:
    try:
        value = int(text.strip())
    except ValueError:
        raise SoapCallError(method, f"the result {text!r} is not an int") from None
    if value not in _INT32:
        raise SoapCallError(method, f"the result {text} does not fit an Int32")
    return value


def _hide_controls(value: Argument) -> Argument:
    """Control characters as private ones, which lxml lets through; see ``_show_controls``."""
    if isinstance(value, int):
        return value
    return "".join(chr(_PRIVATE + ord(c)) if ord(c) < 32 and c not in "\t\n\r" else c for c in value)


def _show_controls(envelope: bytes) -> bytes:
    """Private characters as references to the control characters they stand for.

    QuickBooks data may hold a vertical tab, and .NET writes it as ``&#xB;`` although XML 1.0 forbids it: the
    server must survive that, so the simulator must be able to send it.
    """
    for code in (*range(9), 11, 12, *range(14, 32)):
        envelope = envelope.replace(chr(_PRIVATE + code).encode(), f"&#x{code:X};".encode())
    return envelope
