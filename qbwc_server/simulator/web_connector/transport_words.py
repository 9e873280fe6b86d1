"""Why a server could not be reached, as a sentence for whoever wants to visit it."""

from __future__ import annotations

import requests
import zeep.exceptions


def why(error: BaseException, url: str) -> str:
    """What kept a request from its answer."""
    address = url.removesuffix("?wsdl")
    if isinstance(error, requests.exceptions.SSLError):
        return _about_tls(error, address)
    if isinstance(error, requests.Timeout):
        return f"{address} gave no answer in time"
    if isinstance(error, requests.exceptions.InvalidURL | requests.exceptions.MissingSchema):
        return f"{address} is no address such as http://localhost:8000/qbwc"
    if isinstance(error, requests.ConnectionError):
        return _about_connection(error, address)
    if isinstance(error, zeep.exceptions.TransportError):
        return f"{url} answers with HTTP status {error.status_code}: is that the address of qbwc-server?"
    return f"at {url} there is no description of a SOAP service: is that the address of qbwc-server?"


def _about_tls(error: BaseException, address: str) -> str:
    if "CERTIFICATE" in str(error):
        return f"the certificate of {address} is not trusted here, or is one for another name; --ca-bundle names others"
    return f"{address} does not speak TLS: is it http:// instead of https://?"


def _about_connection(error: BaseException, address: str) -> str:
    text = str(error)
    if "NameResolution" in text or "getaddrinfo" in text:
        return f"there is no machine of that name on the network: {address}"
    if "RemoteDisconnected" in text or "Connection aborted" in text:
        return f"{address} closed the connection without an answer"
    return f"nobody answers at {address}: is `qbwc-server serve` running?"
