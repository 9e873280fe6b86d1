"""The WSDL we serve: our own file, with the public address of this server filled in.

Spyne could generate one, but proxies built from it differ from those built from Intuit's (short soapActions,
other message and port names, everything nillable).
"""

from functools import lru_cache
from importlib import resources

from lxml import etree

_SOAP = "http://schemas.xmlsoap.org/wsdl/soap/"


@lru_cache(maxsize=8)
def wsdl(soap_url: str) -> bytes:
    """The WSDL document whose port address is `soap_url`."""
    source = resources.files("qbwc_server.schemas").joinpath("QBWebConnectorSvc.wsdl").read_bytes()
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    root = etree.fromstring(source, parser)
    for address in root.iter(f"{{{_SOAP}}}address"):
        address.set("location", soap_url)
    return etree.tostring(root, xml_declaration=True, encoding="utf-8")
