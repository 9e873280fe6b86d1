"""An independent SOAP client drives the service over HTTP, from our WSDL and from Intuit's own."""

import pytest
import zeep

TNS = "http://developer.intuit.com/"


@pytest.fixture(params=["ours", pytest.param("intuit", marks=pytest.mark.intuit)])
def proxy(request, served):
    """The service as zeep sees it, and whether its WSDL has the interactive methods."""
    source = f"{served}?wsdl" if request.param == "ours" else str(request.getfixturevalue("intuit_wsdl"))
    client = zeep.Client(source)
    return client.create_service(f"{{{TNS}}}QBWebConnectorSvcSoap", served), request.param == "ours"


def test_a_whole_session(proxy, service):
    connector, _ = proxy
    service.endpoint.answers["receive_response_xml"] = 100
    request = '<?xml version="1.0"?><?qbxml version="13.0"?><QBXML>&#233;</QBXML>'
    service.endpoint.answers["send_request_xml"] = request
    response = '<?xml version="1.0" ?>\n<QBXML><a b="c">é &amp; ü</a></QBXML>\n'

    assert connector.serverVersion() == "1.2.3"
    assert connector.clientVersion("2.3.0.215") in ("", None)  # zeep's word for an empty element
    assert [text or "" for text in connector.authenticate("user", "pass")] == ["the-ticket", ""]
    assert connector.sendRequestXML("the-ticket", "<hcp/>", "C:\\a.qbw", "US", 16, 0) == request
    assert connector.receiveResponseXML("the-ticket", response, "", "") == 100
    assert connector.closeConnection("the-ticket") == "Finished"
    assert service.endpoint.calls == [
        ("server_version", None),
        ("client_version", "2.3.0.215"),
        ("authenticate", "user", "pass", "127.0.0.1"),
        ("send_request_xml", "the-ticket", "<hcp/>", "C:\\a.qbw", "US", 16, 0),
        ("receive_response_xml", "the-ticket", response, "", ""),
        ("close_connection", "the-ticket"),
    ]


def test_the_calls_for_trouble(proxy, service):
    connector, _ = proxy
    assert connector.connectionError("t", "0x80040408", "Could not start QuickBooks.") == "done"
    assert connector.getLastError("t") == "No error"
    assert service.endpoint.calls == [
        ("connection_error", "t", "0x80040408", "Could not start QuickBooks."),
        ("get_last_error", "t"),
    ]


def test_the_interactive_calls(proxy, service):
    connector, interactive = proxy
    if not interactive:
        assert not hasattr(connector, "getInteractiveURL")
        return
    assert connector.getInteractiveURL("t", "7") == "https://quickbooks.example.com/"
    assert connector.interactiveRejected("t", "no") == "Rejected"
    assert connector.interactiveDone("t") == "Done"
    assert [call[1:] for call in service.endpoint.calls] == [("t", "7"), ("t", "no"), ("t",)]


def test_a_fault_is_readable(proxy):
    connector, _ = proxy
    bad = connector._client.transport.post_xml
    connector._client.transport.post_xml = lambda address, envelope, headers: bad(
        address, envelope.getroottree().getroot()[0], headers
    )
    with pytest.raises(zeep.exceptions.Fault, match="not a SOAP 1"):
        connector.getLastError("t")
