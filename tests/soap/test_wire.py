"""The traps between the .NET SOAP client and Spyne: what must be on the wire, and what must do no harm there."""

import gc
import io
import subprocess
import sys
import weakref

import pytest

TNS = "http://developer.intuit.com/"

CALLS = {
    "serverVersion": "server_version",
    "clientVersion": "client_version",
    "authenticate": "authenticate",
    "sendRequestXML": "send_request_xml",
    "receiveResponseXML": "receive_response_xml",
    "connectionError": "connection_error",
    "getLastError": "get_last_error",
    "closeConnection": "close_connection",
    "getInteractiveURL": "get_interactive_url",
    "interactiveRejected": "interactive_rejected",
    "interactiveDone": "interactive_done",
    "getServerVersion": "server_version",
}
STRINGS = sorted(set(CALLS) - {"authenticate", "receiveResponseXML"})
"""A call of each method, and how the endpoint names it."""


def call(service, method, arguments="", **environ):
    return service.post(f'<{method} xmlns="{TNS}">{arguments}</{method}>', **environ)


# --- 1, 2: the array of authenticate ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "answer", [("t", ""), ("", "nvu"), ("t", "busy", "60"), ("t", "none", "", "3600"), ("t", r"C:\a & b.qbw")]
)
def test_every_string_of_authenticate_is_on_the_wire_in_intuits_namespace(service, answer):
    service.endpoint.answers["authenticate"] = answer
    result = call(service, "authenticate").result("authenticate")
    assert [member.tag for member in result] == [f"{{{TNS}}}string"] * len(answer)
    assert tuple(member.text or "" for member in result) == answer
    assert not any(member.attrib for member in result)


@pytest.mark.parametrize(
    "answer", [("t", "", 60), ("t", None), ("t",), ("t", "", "", "", ""), None, ["t", ""]]
)
def test_an_answer_of_authenticate_that_is_not_two_to_four_strings_becomes_busy(service, answer):
    service.endpoint.answers["authenticate"] = answer
    result = call(service, "authenticate").result("authenticate")
    assert [member.text or "" for member in result] == ["", "busy"]


@pytest.mark.parametrize("character", ["\x00", "\x0b", "\x1f", "\ufffe", "\ud800"])
def test_a_character_xml_forbids_cannot_empty_the_envelope(service, character):
    text = f"a{character}b"
    service.endpoint.answers |= dict.fromkeys(CALLS.values(), text) | {"authenticate": (text, text)}
    for method in STRINGS:
        assert call(service, method).result(method).text == "ab"
    assert [member.text for member in call(service, "authenticate").result("authenticate")] == ["ab", "ab"]


def test_line_breaks_and_markup_in_an_answer_come_back_as_they_were(service):
    text = 'one\r\ntwo\tthree <&> "quoted" ]]> é € 𝄞'
    service.endpoint.answers["get_last_error"] = text
    assert call(service, "getLastError").result("getLastError").text == text


# --- 3: the number of receiveResponseXML --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "on_the_wire"),
    [(0, "0"), (99, "99"), (100, "100"), (101, "100"), (-1, "-1"), (-42, "-42"), (-(2**40), "-2147483648")],
)
def test_progress_is_a_32_bit_number_of_at_most_100(service, answer, on_the_wire):
    service.endpoint.answers["receive_response_xml"] = answer
    assert call(service, "receiveResponseXML").result("receiveResponseXML").text == on_the_wire


@pytest.mark.parametrize("answer", [None, 50.0, "50", True])
def test_progress_that_is_no_number_is_an_error_not_nothing(service, answer):
    service.endpoint.answers["receive_response_xml"] = answer
    assert call(service, "receiveResponseXML").result("receiveResponseXML").text == "-1"


# --- 4: strings are never missing and never nil --------------------------------------------------------------


@pytest.mark.parametrize("method", STRINGS)
@pytest.mark.parametrize("answer", ["", None, 7, b"bytes"])
def test_a_result_element_is_there_whatever_the_endpoint_answers(service, method, answer):
    service.endpoint.answers |= dict.fromkeys(CALLS.values(), answer)
    call(service, method).result(method)


# --- 5: arguments ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", sorted(CALLS))
def test_absent_arguments_arrive_as_empty_text(service, method):
    call(service, method).result(method)
    ((name, *arguments),) = service.endpoint.calls
    assert name == CALLS[method]
    assert set(arguments) <= {"", None, "192.0.2.7"}


def test_empty_and_nil_arguments_arrive_as_empty_text(service):
    nil = '<message xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="true"/>'
    call(service, "connectionError", f"<ticket></ticket><hresult />{nil}")
    assert service.endpoint.calls == [("connection_error", "", "", "")]


@pytest.mark.parametrize(
    ("arguments", "version"),
    [("", None), ("<strVersion/>", None), ("<strVersion>2.3.0.215</strVersion>", "2.3.0.215")],
)
def test_server_version_is_answered_with_and_without_an_argument(service, arguments, version):
    assert call(service, "serverVersion", arguments).result("serverVersion").text == "1.2.3"
    assert service.endpoint.calls == [("server_version", version)]


def test_the_order_of_parameters_does_not_matter(service):
    call(service, "receiveResponseXML", "<message>m</message><response>r</response><ticket>t</ticket>")
    assert service.endpoint.calls == [("receive_response_xml", "t", "r", "", "m")]


def test_unknown_elements_headers_and_attributes_do_no_harm(service):
    body = f"""<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/">
      <s:Header><w:Security xmlns:w="urn:w" s:mustUnderstand="0"><w:a/></w:Security></s:Header>
      <s:Body><!-- c --><?pi?><getLastError xmlns="{TNS}" new="1"><new><a>b</a></new><ticket x="y">t</ticket>
      <other xmlns="urn:other">z</other></getLastError></s:Body></s:Envelope>"""
    service.request(body=body.encode()).result("getLastError")
    assert service.endpoint.calls == [("get_last_error", "t")]


@pytest.mark.parametrize(
    ("text", "number"), [("13", 13), (" 0 ", 0), ("", None), ("x", None), ("1.5", None), ("9" * 400, None)]
)
def test_a_bad_version_number_costs_no_session(service, text, number):
    call(service, "sendRequestXML", f"<qbXMLMajorVers>{text}</qbXMLMajorVers>").result("sendRequestXML")
    assert service.endpoint.calls == [("send_request_xml", "", "", "", "", number, None)]


def test_the_callers_address_reaches_authenticate_and_forwarded_headers_do_not(service):
    call(service, "authenticate", HTTP_X_FORWARDED_FOR="203.0.113.9")
    assert service.endpoint.calls == [("authenticate", "", "", "192.0.2.7")]


# --- 6, 7: large texts and characters XML forbids -------------------------------------------------------------


def test_a_response_of_twelve_megabytes_in_one_text_arrives_whole(service):
    text = "<CustomerRet><Name>Café &amp; Fils</Name></CustomerRet>\n" * 220_000
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert len(text) > 12_000_000
    call(service, "receiveResponseXML", f"<response>{escaped}</response>").result("receiveResponseXML")
    assert service.endpoint.calls[0][2] == text


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("a&#xB;b", "ab"),
        ("a&#11;b&#x0;c&#00;d", "abcd"),
        ("a\x0bb\x00c", "abc"),
        ("&lt;Name&gt;a&#xB;b&lt;/Name&gt;", "<Name>ab</Name>"),
        ("<![CDATA[<Name>a\x0bb</Name>]]>", "<Name>ab</Name>"),
        ("<![CDATA[<Name>a&#xB;b</Name>]]>", "<Name>ab</Name>"),
        ("&lt;Name&gt;a&amp;#xB;b&lt;/Name&gt;", "<Name>a&#xB;b</Name>"),  # the inner document's own affair
        ("a&#xD;&#xA;&#x9;&#x20;&#233;&#x1D11E;b", "a\r\n\t \u00e9\U0001d11eb"),
    ],
)
def test_a_forbidden_character_does_not_cost_the_session(service, written, read):
    reply = call(service, "receiveResponseXML", f"<ticket>t</ticket><response>{written}</response>")
    assert reply.result("receiveResponseXML").text == "50"
    assert service.endpoint.calls == [("receive_response_xml", "t", read, "", "")]


def test_a_text_interrupted_by_comments_and_cdata_arrives_whole(service):
    written = "a<!-- <x> -->b<![CDATA[<c>&amp;]]]]><![CDATA[>]]>d<?pi x?>e"
    call(service, "receiveResponseXML", f"<response>{written}</response>")
    assert service.endpoint.calls[0][2] == "ab<c>&amp;]]>de"


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
def test_responses_of_sixty_megabytes_are_in_memory_twice_at_most_and_gone_afterwards():
    # Once as the parser's tree, once as the argument, while the one is made of the other. Spyne by itself keeps
    # both until the next garbage collection, and a second response then stands beside the first.
    program = """
import io
from qbwc_server.soap import soap_application

class Endpoint:
    def receive_response_xml(self, ticket, response, hresult, message):
        self.size = len(response)
        return 100

class Body:
    head = (b'<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>'
            b'<receiveResponseXML xmlns="http://developer.intuit.com/"><response>')
    tail = b'</response></receiveResponseXML></e:Body></e:Envelope>'
    unit = b'&lt;Name&gt;Oyster 100ct &amp;amp; caf\\xc3\\xa9&lt;/Name&gt;\\n' * 1000
    def __init__(self):
        self.pieces = iter([self.head, *[self.unit] * 1800, self.tail])
    def read(self, size):
        return next(self.pieces, b'')

# Not getrusage: its maximum includes that of the process we were started from.
def memory_mb(line):
    (value,) = [words[1] for words in map(str.split, open('/proc/self/status')) if words[0] == line + ':']
    return int(value) / 1024

endpoint = Endpoint()
application = soap_application(endpoint, soap_url='http://localhost/qbwc')
before = memory_mb('VmRSS')
environ = {'REQUEST_METHOD': 'POST', 'PATH_INFO': '/qbwc', 'SERVER_NAME': 'l', 'SERVER_PORT': '80',
           'wsgi.url_scheme': 'http', 'CONTENT_TYPE': 'text/xml; charset=utf-8'}
for _ in range(2):
    environ = {**environ, 'wsgi.input': Body()}
    answer = b''.join(application(environ, lambda status, headers, exc_info=None: None))
    assert b'>100<' in answer, answer
print(endpoint.size / 2**20, memory_mb('VmHWM') - before)
"""
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    size_mb, peak_mb = map(float, ran.stdout.split())
    assert size_mb > 57
    assert peak_mb < 2.5 * size_mb


def test_no_call_has_all_garbage_of_the_process_collected(service, monkeypatch):
    """Which takes many times as long as the call."""
    monkeypatch.setattr("spyne.context._LAST_GC_RUN", 0.0)
    collected = []

    def note(phase, info):
        collected.append(info["generation"])

    gc.callbacks.append(note)
    try:
        call(service, "serverVersion")
    finally:
        gc.callbacks.remove(note)
    assert 2 not in collected


def test_a_body_is_let_go_of_when_the_call_is_over(service):
    """However long its garbage lies about."""

    class Body(io.BytesIO):
        pass

    body = Body(b"<nothing />")
    gone = weakref.ref(body)
    gc.disable()
    try:
        service.request(body=b"", **{"wsgi.input": body})
        del body
        assert gone() is None
    finally:
        gc.enable()


# --- 9, 10: HTTP ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("action", ['"http://developer.intuit.com/getLastError"', '""', "nonsense", None])
def test_the_soap_action_is_not_needed(service, action):
    headers = {} if action is None else {"HTTP_SOAPACTION": action}
    call(service, "getLastError", **headers).result("getLastError")


@pytest.mark.parametrize(
    "content_type", ["text/xml", "application/soap+xml; charset=UTF-8", "text/plain", ""]
)
def test_the_content_type_is_not_needed(service, content_type):
    call(service, "getLastError", CONTENT_TYPE=content_type).result("getLastError")


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_get_is_answered_with_200_for_the_certificate_probe(service, method):
    reply = service.request(method)
    assert reply.status == 200
    assert reply.headers["Content-Type"].startswith("text/plain")
    assert reply.headers["Content-Length"] == str(len(reply.body))


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS"])
def test_other_methods_are_refused_by_name(service, method):
    reply = service.request(method)
    assert reply.status == 405
    assert reply.headers["Allow"] == "GET, HEAD, POST"


# --- 12: Python 3.12 and later --------------------------------------------------------------------------------


def test_the_service_can_be_imported_in_a_fresh_interpreter():
    subprocess.run([sys.executable, "-W", "ignore", "-c", "import qbwc_server.soap"], check=True)


@pytest.mark.skipif(sys.version_info < (3, 12), reason="Spyne needs no help before Python 3.12")
def test_without_its_shim_spyne_cannot_be_imported():
    ran = subprocess.run([sys.executable, "-c", "import spyne"], capture_output=True, text=True, check=False)
    assert "ModuleNotFoundError" in ran.stderr, "Spyne imports by itself now: spyne_import.py can go"
