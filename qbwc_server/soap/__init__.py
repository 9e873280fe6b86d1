"""The Web Connector's SOAP service: the only package that knows Spyne."""

from qbwc_server.soap.application import soap_application
from qbwc_server.soap.service import Endpoint

__all__ = ["Endpoint", "soap_application"]
