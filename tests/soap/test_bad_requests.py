"""A request that is no call gets a SOAP fault in plain words, HTTP 500 text/xml, which the .NET client reads."""

import pytest

TNS = "http://developer.intuit.com/"
SOAP12 = "http://www.w3.org/2003/05/soap-envelope"


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"", "the request is not well-formed XML (it is empty)"),
        (b"hello", "the request is not well-formed XML (line 1, column 1)"),
        (b'{"a": 1}', "the request is not well-formed XML (line 1, column 1)"),
        (b"<a", "the request is not well-formed XML (line 1, column 3)"),
        (b"<a/>", "the request is not a SOAP 1.1 envelope with a body"),
        (b"<!DOCTYPE a><a/>", "document type declarations are not accepted"),
        (
            f'<s:Envelope xmlns:s="{SOAP12}"><s:Body><getLastError xmlns="{TNS}"/></s:Body></s:Envelope>'.encode(),
            "the request is not a SOAP 1.1 envelope with a body",
        ),
    ],
)
def test_a_malformed_request_gets_a_fault(service, body, sentence):
    assert service.request(body=body).fault() == sentence
    assert service.endpoint.calls == []


@pytest.mark.parametrize(
    ("inner", "sentence"),
    [
        ("", "the request is not a SOAP 1.1 envelope with a body"),
        ("text", "the request is not a SOAP 1.1 envelope with a body"),
        (f'<dropTables xmlns="{TNS}"/>', "the Web Connector service has no such method"),
        ("<getLastError/>", "the Web Connector service has no such method"),
        (
            '<getLastError xmlns="http://developer.intuit.com"/>',  # without its last slash
            "the Web Connector service has no such method",
        ),
        (
            '<s:Fault xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><faultcode>x</faultcode></s:Fault>',
            "the Web Connector service has no such method",
        ),
    ],
)
def test_a_call_of_no_method_gets_a_fault(service, inner, sentence):
    assert service.post(inner).fault() == sentence
    assert service.endpoint.calls == []


def test_an_unknown_character_set_gets_a_fault(service):
    reply = service.post(f'<getLastError xmlns="{TNS}"/>', CONTENT_TYPE="text/xml; charset=klingon")
    assert reply.fault() == "the Content-Type names an unknown character set"


def test_a_failure_inside_spyne_shows_nothing_of_itself(service, caplog):
    def broken():
        yield b"<a>"
        raise RuntimeError("something with /a/path in it")

    reply = service.request(body=broken())
    assert reply.fault() == "the server had an internal problem"
    assert "something with /a/path in it" in caplog.text
