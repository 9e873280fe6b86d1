"""Every recorded request gets the recorded answer."""

from pathlib import Path

import pytest
from lxml import etree

from qbwc_server.soap.service import METHODS

FOLDER = Path(__file__).parents[2] / "fixtures" / "soap"
REQUESTS = sorted(FOLDER.glob("*.request.xml"))


def shape(element):
    """Names, attributes and texts, whatever the namespace prefixes."""
    return (element.tag, dict(element.attrib), element.text or "", [shape(child) for child in element])


@pytest.mark.parametrize("request_file", REQUESTS, ids=lambda path: path.name.partition(".")[0])
def test_a_recorded_request_gets_the_recorded_answer(service, request_file):
    reply = service.request(body=request_file.read_bytes())
    expected = request_file.with_name(request_file.name.replace(".request.", ".response."))
    assert reply.status == 200
    assert reply.headers["Content-Type"] == "text/xml; charset=utf-8"
    assert shape(reply.envelope) == shape(etree.parse(expected).getroot())


def test_every_method_of_the_web_connector_is_recorded():
    recorded = {path.name.partition(".")[0].partition("-")[0] for path in REQUESTS}
    assert recorded == {method.name for method in METHODS} - {"getServerVersion"}


def test_arguments_arrive_as_they_were_written(service):
    service.request(body=(FOLDER / "sendRequestXML.request.xml").read_bytes())
    ((name, ticket, hcp, path, country, major, minor),) = service.endpoint.calls
    assert (name, ticket, country, major, minor) == ("send_request_xml", "the-ticket", "US", 16, 0)
    assert path == r"C:\Users\Public\Documents\Intuit\QuickBooks\Company Files\Harbour Fish.QBW"
    assert hcp.startswith('<?xml version="1.0" ?>\n<QBXML>\n<QBXMLMsgsRs>\n<HostQueryRs requestID="0"')
