"""The Web Connector obeys every return value of a server, and says what the real one would."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from qbwc_server.simulator import CallEvent, CompanyFile, Habits, Outcome, SoapEndpoint, WebConnector
from qbwc_server.simulator.web_connector.soap_client import USER_AGENT
from tests.worlds.hand_clock import HandClock
from tests.worlds.sim_world import ENVELOPE, INTUIT, TNS, ScriptedServer, document

ADD = document('<CustomerAddRq requestID="1"><CustomerAdd><Name>Ada</Name></CustomerAdd></CustomerAddRq>')
OWNER, FILE = "{ABCDEF00-1234-1234-1234-123456789012}", "{ABCDEF00-1234-1234-1234-123456789013}"
PATH = r"C:\Books\Seafood.qbw"

Make = Callable[..., WebConnector]


@pytest.fixture
def make(server: ScriptedServer, company: CompanyFile) -> Make:
    """Makes a Web Connector for the scripted server; it never really sleeps."""

    def made(**given: Any) -> WebConnector:
        defaults: dict[str, Any] = {"company_file_name": PATH, "sleep": lambda seconds: None}
        return WebConnector(server.url, "user", "secret", company, **(defaults | given))

    return made


def ready(server: ScriptedServer, *sets: str) -> None:
    """The server lets anybody in, sends these sets, and is done with the last."""
    server.script |= {
        "authenticate": ("ticket", ""),
        "sendRequestXML": list(sets),
        "receiveResponseXML": [round(100 * done / len(sets)) for done in range(1, len(sets) + 1)],
    }


# -- the normal course ---------------------------------------------------------------------------------------


def test_a_session_runs_from_server_version_to_close_connection(
    server: ScriptedServer, make: Make, company: CompanyFile
) -> None:
    ready(server, ADD, document("<CustomerQueryRq/>"))
    report = make().run_once()
    assert report.methods == (
        "serverVersion",
        "clientVersion",
        "authenticate",
        "sendRequestXML",
        "receiveResponseXML",
        "sendRequestXML",
        "receiveResponseXML",
        "closeConnection",
    )
    assert (report.outcome, report.round_trips, report.percent) == (Outcome.DONE, 2, 100)
    assert (report.server_version, report.closing_words, report.error_code) == ("1.0", "OK", None)
    assert [each["Name"] for each in company.records("Customer")] == ["Ada"]


def test_arguments_are_those_of_the_real_client(server: ScriptedServer, make: Make) -> None:
    ready(server, ADD, ADD)
    make(owner_id=OWNER, file_id=FILE).run_once()
    calls = [arguments for name, arguments in server.calls if name == "sendRequestXML"]
    assert list(calls[0]) == [
        "ticket",
        "strHCPResponse",
        "strCompanyFileName",
        "qbXMLCountry",
        "qbXMLMajorVers",
        "qbXMLMinorVers",
    ]
    assert calls[0]["strHCPResponse"].startswith('<?xml version="1.0" ?>')
    assert calls[1]["strHCPResponse"] == ""
    assert calls[0]["strCompanyFileName"] == PATH
    assert (calls[0]["qbXMLCountry"], calls[0]["qbXMLMajorVers"], calls[0]["qbXMLMinorVers"]) == (
        "US",
        "13",
        "0",
    )
    named = dict(server.calls)
    assert named["authenticate"] == {"strUserName": "user", "strPassword": "secret"}
    assert named["clientVersion"] == {"strVersion": "2.3.0.215"}
    assert named["serverVersion"] == {}
    assert list(named["receiveResponseXML"]) == ["ticket", "response", "hresult", "message"]
    assert (named["receiveResponseXML"]["hresult"], named["receiveResponseXML"]["message"]) == ("", "")


def test_headers_are_those_of_the_net_client(server: ScriptedServer, make: Make) -> None:
    ready(server, ADD)
    make().run_once()
    headers, body = server.requests[2]
    assert headers["SOAPAction"] == f'"{TNS}authenticate"'
    assert headers["Content-Type"] == "text/xml; charset=utf-8"
    assert headers["User-Agent"] == USER_AGENT
    assert headers["Expect"] == "100-continue"
    assert body.startswith(b"<?xml version='1.0' encoding='utf-8'?>")
    assert ENVELOPE.encode() in body


@pytest.mark.intuit
@pytest.mark.parametrize("name", ["QBWebConnectorSvc.wsdl", "QBWebConnectorSvc-troubleshoot.wsdl"])
def test_intuits_own_descriptions_drive_the_same_calls(server: ScriptedServer, make: Make, name: str) -> None:
    ready(server, ADD)
    report = make(wsdl=str(INTUIT / name)).run_once()
    assert report.outcome is Outcome.DONE


def test_the_description_is_read_from_the_server_itself(server: ScriptedServer, make: Make) -> None:
    ready(server, ADD)
    assert make().run_once().outcome is Outcome.DONE
    assert server.downloads == ["/qbwc?wsdl"]


# -- versions ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "code", "goes_on"),
    [
        ("", None, True),
        ("W:old client", None, True),
        ("E:too old", "QBWC1037", False),
        ("O:2.4", None, False),
        ("nonsense", "QBWC1046", False),
        ("fault:no such method", None, True),
        (None, None, True),
        (404, "QBWC1036", False),
    ],
)
def test_client_version_is_obeyed(
    server: ScriptedServer, make: Make, answer: Any, code: str | None, *, goes_on: bool
) -> None:
    ready(server, ADD)
    server.script["clientVersion"] = answer
    report = make().run_once()
    assert ("authenticate" in report.methods) == goes_on
    assert report.error_code == code
    assert (report.outcome is Outcome.DONE) == goes_on


def test_a_warning_may_be_declined(server: ScriptedServer, make: Make) -> None:
    ready(server, ADD)
    server.script["clientVersion"] = "W:old client"
    report = make(habits=Habits(accept_warning=lambda text: False)).run_once()
    assert (report.methods[-1], report.last_error) == ("clientVersion", "old client")


@pytest.mark.parametrize("answer", ["fault:unknown", None, 500])
def test_a_server_without_server_version_is_tolerated(
    server: ScriptedServer, make: Make, answer: Any
) -> None:
    ready(server, ADD)
    server.script["serverVersion"] = answer
    report = make().run_once()
    assert (report.outcome, report.server_version) == (Outcome.DONE, None)


# -- authenticate --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "outcome", "status", "code"),
    [
        ("none", Outcome.NOTHING_TO_DO, "No data exchange required", None),
        ("NONE", Outcome.NOTHING_TO_DO, "No data exchange required", None),
        ("nvu", Outcome.REFUSED, "Invalid password for username", "QBWC1040"),
        ("busy", Outcome.BUSY, "Application busy", None),
    ],
)
def test_a_server_that_wants_nothing_gets_close_connection_only(
    server: ScriptedServer, make: Make, word: str, outcome: Outcome, status: str, code: str | None
) -> None:
    server.script["authenticate"] = ("t", word)
    report = make().run_once()
    assert report.methods[-2:] == ("authenticate", "closeConnection")
    assert (report.outcome, report.status, report.error_code) == (outcome, status, code)
    assert server.calls[-1] == ("closeConnection", {"ticket": "t"})


def test_a_postponement_ends_the_update(server: ScriptedServer, make: Make) -> None:
    server.script["authenticate"] = ("t", "", "90", "300")
    report = make().run_once()
    assert report.outcome is Outcome.POSTPONED
    assert report.methods[-2:] == ("authenticate", "closeConnection")
    assert (report.postponed_seconds, report.min_interval_seconds) == (90, 300)


def test_without_auto_run_postponements_do_nothing(server: ScriptedServer, make: Make) -> None:
    ready(server, ADD)
    server.script["authenticate"] = ("t", "", "90", "300")
    report = make(habits=Habits(auto_run=False)).run_once()
    assert report.outcome is Outcome.DONE
    assert (report.postponed_seconds, report.min_interval_seconds) == (None, None)


def test_empty_third_and_fourth_elements_are_not_used(server: ScriptedServer, make: Make) -> None:
    ready(server, ADD)
    server.script["authenticate"] = ("t", "", "", "60")
    report = make().run_once()
    assert (report.outcome, report.postponed_seconds, report.min_interval_seconds) == (Outcome.DONE, None, 60)


@pytest.mark.parametrize("answer", [(), ("t",), "fault:broken", 500, "raw:<html/>", "raw:not xml"])
def test_an_unusable_authenticate_is_qbwc1012(server: ScriptedServer, make: Make, answer: Any) -> None:
    server.script["authenticate"] = answer
    report = make().run_once()
    assert (report.error_code, report.outcome, report.methods[-1]) == (
        "QBWC1012",
        Outcome.FAILED,
        "authenticate",
    )


def test_an_array_in_a_foreign_namespace_is_read_as_empty(server: ScriptedServer, make: Make) -> None:
    body = (
        f'<e:Envelope xmlns:e="{ENVELOPE}"><e:Body><authenticateResponse xmlns="{TNS}"><authenticateResult>'
        '<string xmlns="urn:mine">t</string><string xmlns="urn:mine"></string>'
        "</authenticateResult></authenticateResponse></e:Body></e:Envelope>"
    )
    server.script["authenticate"] = f"raw:{body}"
    assert make().run_once().error_code == "QBWC1012"


# -- opening the company file --------------------------------------------------------------------------------


def test_a_path_that_is_open_is_used(server: ScriptedServer, make: Make) -> None:
    ready(server, ADD)
    server.script["authenticate"] = ("t", PATH.upper())
    assert make().run_once().outcome is Outcome.DONE


def test_another_path_leads_to_connection_error_and_done_ends(server: ScriptedServer, make: Make) -> None:
    server.script |= {"authenticate": ("t", r"D:\other.qbw"), "connectionError": "done"}
    report = make().run_once()
    assert report.methods[-1] == "connectionError"
    assert (report.outcome, report.error_code) == (Outcome.FAILED, "QBWC1013")
    arguments = server.calls[-1][1]
    assert arguments["ticket"] == "t"
    assert arguments["hresult"] == "0x8004040A"


def test_connection_error_may_name_the_open_file(server: ScriptedServer, make: Make) -> None:
    ready(server, ADD)
    server.script |= {"authenticate": ("t", r"D:\other.qbw"), "connectionError": ""}
    report = make().run_once()
    assert report.outcome is Outcome.DONE
    assert report.methods.count("connectionError") == 1


def test_connection_error_does_not_loop_for_ever(server: ScriptedServer, make: Make) -> None:
    server.script |= {"authenticate": ("t", r"D:\other.qbw"), "connectionError": r"D:\other.qbw"}
    report = make(habits=Habits(connection_retries=2)).run_once()
    assert report.methods.count("connectionError") == 3
    assert report.error_code == "QBWC1007"


def test_a_modal_dialog_is_reported_and_gone_the_second_time(
    server: ScriptedServer, make: Make, company: CompanyFile
) -> None:
    ready(server, ADD)
    server.script["connectionError"] = ""
    company.person.block_sessions("0x80040414", "A modal dialog box is showing in QuickBooks.", times=1)
    report = make().run_once()
    assert (report.outcome, report.methods.count("connectionError")) == (Outcome.DONE, 1)


def test_a_second_web_connector_is_held_off_by_the_app_lock(
    server: ScriptedServer, make: Make, company: CompanyFile
) -> None:
    ready(server, ADD)
    server.script["connectionError"] = "done"
    company.register(OWNER, FILE)
    company.take_app_lock(OWNER, "OTHER-PC")
    report = make(owner_id=OWNER, file_id=FILE).run_once()
    assert (report.outcome, server.calls[-1][1]["hresult"]) == (Outcome.FAILED, "0x8004041B")
    assert (
        make(owner_id=OWNER, file_id=FILE, habits=Habits(app_lock=False)).run_once().outcome is Outcome.DONE
    )


def test_the_app_lock_is_held_during_the_session_and_released_after(
    server: ScriptedServer, make: Make, company: CompanyFile, clock: HandClock
) -> None:
    ready(server, ADD)
    connector = make(owner_id=OWNER, file_id=FILE)
    connector.add_application()
    connector.run_once()
    first = next(arguments for name, arguments in server.calls if name == "sendRequestXML")
    assert "LOCKED:OFFICE-PC:" in first["strHCPResponse"]
    assert FILE in first["strHCPResponse"]
    company.take_app_lock(OWNER, "OTHER-PC")
    clock.forward(hours=2)
    company.take_app_lock(OWNER, "OFFICE-PC")


def test_adding_the_application_stamps_the_file_once(make: Make, company: CompanyFile) -> None:
    make(owner_id=OWNER, file_id=FILE).add_application()
    before = company.snapshot()
    make(owner_id=OWNER, file_id=FILE).add_application()
    assert company.file_id(OWNER) == FILE
    assert company.snapshot() == before


# -- the exchange --------------------------------------------------------------------------------------------


def test_an_hresult_comes_with_an_empty_response(
    server: ScriptedServer, make: Make, company: CompanyFile
) -> None:
    ready(server, document("<CustomerLoveRq/>"))
    report = make().run_once()
    arguments = dict(server.calls)["receiveResponseXML"]
    assert arguments["response"] == ""
    assert arguments["hresult"] == "0x80040400"
    assert arguments["message"] == "QuickBooks found an error when parsing the provided XML text stream."
    assert report.outcome is Outcome.DONE


def test_a_negative_answer_asks_for_the_last_error_and_closes(server: ScriptedServer, make: Make) -> None:
    ready(server, ADD)
    server.script |= {"receiveResponseXML": -7, "getLastError": "cannot store"}
    report = make().run_once()
    assert report.methods[-3:] == ("receiveResponseXML", "getLastError", "closeConnection")
    assert (report.outcome, report.last_error, report.error_code) == (
        Outcome.ERROR,
        "cannot store",
        "QBWC1031",
    )


def test_more_than_100_counts_as_100(server: ScriptedServer, make: Make) -> None:
    ready(server, ADD)
    server.script["receiveResponseXML"] = 250
    report = make().run_once()
    assert (report.percent, report.outcome) == (100, Outcome.DONE)


def test_an_empty_request_is_an_error_style_ending(server: ScriptedServer, make: Make) -> None:
    server.script |= {"authenticate": ("t", ""), "sendRequestXML": "", "getLastError": "all done meanwhile"}
    report = make().run_once()
    assert report.methods[-3:] == ("sendRequestXML", "getLastError", "closeConnection")
    assert (report.status, report.error_code) == ("all done meanwhile", "QBWC1031")


def test_noop_waits_five_seconds_and_asks_again(server: ScriptedServer, make: Make) -> None:
    naps: list[float] = []
    ready(server, ADD)
    server.script |= {"sendRequestXML": ["", "NoOp", ADD], "getLastError": "NoOp"}
    report = make(sleep=naps.append).run_once()
    assert naps == [5, 5]
    assert report.methods.count("sendRequestXML") == 3
    assert report.outcome is Outcome.DONE
    described = [arguments["strHCPResponse"] for name, arguments in server.calls if name == "sendRequestXML"]
    assert [bool(each) for each in described] == [True, False, False]


def test_endless_noop_is_cancelled_by_the_user(server: ScriptedServer, make: Make) -> None:
    server.script |= {"authenticate": ("t", ""), "sendRequestXML": "", "getLastError": "NoOp"}
    report = make(habits=Habits(noop_limit=4)).run_once()
    assert report.methods.count("getLastError") == 5
    assert report.outcome is Outcome.FAILED


def test_interactive_mode_is_rejected_by_default(server: ScriptedServer, make: Make) -> None:
    server.script |= {
        "authenticate": ("t", ""),
        "sendRequestXML": "",
        "getLastError": "Interactive mode",
        "getInteractiveURL": "https://server.example/page",
        "interactiveRejected": "as you like",
    }
    report = make().run_once()
    assert report.methods[-3:] == ("getInteractiveURL", "interactiveRejected", "closeConnection")
    assert report.last_error == "as you like"


def test_interactive_mode_is_polled_until_done(server: ScriptedServer, make: Make) -> None:
    server.script |= {
        "authenticate": ("t", ""),
        "sendRequestXML": "",
        "getLastError": "Interactive mode",
        "getInteractiveURL": "https://server.example/page",
        "interactiveDone": ["not yet", "Done"],
    }
    seen: list[str] = []
    report = make(habits=Habits(open_interactive=lambda url: not seen.append(url))).run_once()
    assert seen == ["https://server.example/page"]
    assert report.methods.count("interactiveDone") == 2
    assert report.outcome is Outcome.DONE


@pytest.mark.parametrize(
    ("method", "code"),
    [
        ("sendRequestXML", "QBWC1041"),
        ("receiveResponseXML", "QBWC1042"),
        ("getLastError", "QBWC1043"),
        ("closeConnection", "QBWC1044"),
        ("connectionError", "QBWC1045"),
    ],
)
@pytest.mark.parametrize("answer", ["fault:broken", 413, "raw:<html></html>"])
def test_a_call_that_throws_ends_the_session_with_its_code(
    server: ScriptedServer, make: Make, company: CompanyFile, method: str, code: str, answer: Any
) -> None:
    ready(server, ADD)
    if method == "getLastError":
        server.script["receiveResponseXML"] = -1
    if method == "connectionError":
        company.person.block_sessions("0x80040414", "dialog")
    server.script[method] = answer
    if method == "receiveResponseXML" and isinstance(answer, int):
        server.script[method] = "raw:"
    report = make().run_once()
    assert (report.outcome, report.error_code) == (Outcome.FAILED, code)
    assert report.methods[-1] == method


def test_a_missing_result_is_null_and_crashes_send_request(server: ScriptedServer, make: Make) -> None:
    server.script |= {"authenticate": ("t", ""), "sendRequestXML": None}
    report = make().run_once()
    assert report.error_code == "QBWC1041"
    assert "Object reference not set" in (report.last_error or "")


def test_a_nil_result_is_null_too(server: ScriptedServer, make: Make) -> None:
    nil = (
        f'<e:Envelope xmlns:e="{ENVELOPE}"><e:Body><sendRequestXMLResponse xmlns="{TNS}"><sendRequestXMLResult '
        'xmlns:x="http://www.w3.org/2001/XMLSchema-instance" x:nil="true"/></sendRequestXMLResponse>'
        "</e:Body></e:Envelope>"
    )
    server.script |= {"authenticate": ("t", ""), "sendRequestXML": f"raw:{nil}"}
    assert make().run_once().error_code == "QBWC1041"


def test_a_missing_number_is_zero_and_asks_for_more(server: ScriptedServer, make: Make) -> None:
    ready(server, ADD, ADD)
    server.script["receiveResponseXML"] = [None, 100]
    report = make().run_once()
    assert (report.round_trips, report.outcome) == (2, Outcome.DONE)


@pytest.mark.parametrize("number", ["99.5", "many", "", str(2**31)])
def test_a_number_that_is_no_int32_is_an_exception(server: ScriptedServer, make: Make, number: str) -> None:
    ready(server, ADD)
    server.script["receiveResponseXML"] = number
    assert make().run_once().error_code == "QBWC1042"


def test_an_html_answer_is_refused_although_its_status_is_200(server: ScriptedServer, make: Make) -> None:
    server.content_type = "text/html"
    assert make().run_once().error_code == "QBWC1036"


def test_a_server_that_is_not_there_ends_the_session(company: CompanyFile, server: ScriptedServer) -> None:
    url = server.url
    server.stop()
    report = WebConnector(url, "user", "secret", company, timeout=2).run_once()
    assert (report.outcome, report.error_code) == (Outcome.FAILED, "QBWC1036")
    server.__init__(server.wsdl)  # so that the fixture has something to stop


def test_control_characters_in_quickbooks_data_travel_as_references(server: ScriptedServer) -> None:
    endpoint = SoapEndpoint(server.url)
    server.script["receiveResponseXML"] = 1
    endpoint.call("receiveResponseXML", {"ticket": "t", "response": "a\x0bb", "hresult": "", "message": ""})
    assert b"a&#xB;b" in server.requests[-1][1]


@pytest.mark.slow
def test_twelve_megabytes_go_both_ways(server: ScriptedServer) -> None:
    big = "x" * 12_000_000
    server.script |= {"sendRequestXML": big, "receiveResponseXML": lambda **given: len(given["response"])}
    endpoint = SoapEndpoint(server.url)
    sent = {"ticket": "t", "response": big, "hresult": "", "message": ""}
    assert endpoint.call("receiveResponseXML", sent) == len(big)
    arguments = {
        "ticket": "t",
        "strHCPResponse": "",
        "strCompanyFileName": "",
        "qbXMLCountry": "US",
        "qbXMLMajorVers": 13,
        "qbXMLMinorVers": 0,
    }
    assert endpoint.call("sendRequestXML", arguments) == big


def test_a_certificate_nobody_vouches_for_ends_the_session(
    server: ScriptedServer, make: Make, company: CompanyFile, tmp_path: Path
) -> None:
    certificate = self_signed(tmp_path)
    server.use_tls(certificate)
    server.script["authenticate"] = ("t", "none")
    report = make().run_once()
    assert (report.outcome, report.error_code) == (Outcome.FAILED, "QBWC1036")
    assert "the certificate of https://localhost" in (report.last_error or "")
    assert "is not trusted here" in (report.last_error or "")
    trusting = WebConnector(server.url, "user", "secret", company, verify=str(certificate))
    assert trusting.run_once().outcome is Outcome.NOTHING_TO_DO


def self_signed(folder: Path) -> Path:
    """Key and certificate for localhost in one file."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("the openssl command is not installed")
    key, certificate, both = folder / "key.pem", folder / "cert.pem", folder / "both.pem"
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    made = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *subject]
    subprocess.run([*made, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    both.write_bytes(key.read_bytes() + certificate.read_bytes())
    return both


# -- sessions one after the other ----------------------------------------------------------------------------


def test_runs_until_the_server_has_nothing_to_do(server: ScriptedServer, make: Make) -> None:
    ready(server, ADD)
    server.script["authenticate"] = [("t1", ""), ("t2", "busy"), ("t3", "none")]
    naps: list[float] = []
    reports = make(sleep=naps.append).run(interval_seconds=30)
    assert [each.outcome for each in reports] == [Outcome.DONE, Outcome.BUSY, Outcome.NOTHING_TO_DO]
    assert naps == [30, 30]


def test_a_postponement_and_a_minimum_are_waited_for(server: ScriptedServer, make: Make) -> None:
    server.script["authenticate"] = [("t", "busy", "90", "120"), ("t", "busy", "", "120"), ("t", "none")]
    naps: list[float] = []
    make(sleep=naps.append).run(interval_seconds=60)
    assert naps == [90, 120]


def test_a_wrong_password_is_not_tried_again(server: ScriptedServer, make: Make) -> None:
    server.script["authenticate"] = ("", "nvu")
    assert len(make().run()) == 1


def test_the_number_of_sessions_is_bounded(server: ScriptedServer, make: Make) -> None:
    server.script["authenticate"] = ("t", "busy")
    assert len(make().run(max_sessions=3)) == 3


def test_the_hook_sees_every_call_before_and_after(server: ScriptedServer, make: Make) -> None:
    events: list[CallEvent] = []
    server.script["authenticate"] = ("t", "none")
    make(on_call=events.append).run_once()
    assert [(each.phase, each.method) for each in events] == [
        ("before", "serverVersion"),
        ("after", "serverVersion"),
        ("before", "clientVersion"),
        ("after", "clientVersion"),
        ("before", "authenticate"),
        ("after", "authenticate"),
        ("before", "closeConnection"),
        ("after", "closeConnection"),
    ]
    assert events[5].result == ("t", "none")


def test_a_hook_that_raises_is_a_power_cut(server: ScriptedServer, make: Make, company: CompanyFile) -> None:
    ready(server, ADD)

    class PowerCutError(Exception):
        pass

    def cut(event: CallEvent) -> None:
        if (event.phase, event.method) == ("before", "receiveResponseXML"):
            raise PowerCutError

    connector = make(owner_id=OWNER, file_id=FILE, on_call=cut)
    connector.add_application()
    with pytest.raises(PowerCutError):
        connector.run_once()
    assert server.methods()[-1] == "sendRequestXML"
    assert [each["Name"] for each in company.records("Customer")] == ["Ada"]
    connector.on_call = None
    assert connector.run_once().outcome is Outcome.DONE, "its own stale lock does not hold it off"


def test_an_iterator_does_not_survive_its_session(
    server: ScriptedServer, make: Make, company: CompanyFile
) -> None:
    start = document(
        "<AccountQueryRq/>", '<ItemQueryRq iterator="Start"><MaxReturned>1</MaxReturned></ItemQueryRq>'
    )
    company.person.add("ItemSubtotal", {"Name": "Sum"})
    ready(server, start)
    make().run_once()
    answer = dict(server.calls)["receiveResponseXML"]["response"]
    iterator_id = answer.split('iteratorID="')[1].split('"')[0]
    on = f'<ItemQueryRq iterator="Continue" iteratorID="{iterator_id}"><MaxReturned>1</MaxReturned></ItemQueryRq>'
    ready(server, document(on))
    make().run_once()
    assert (
        'statusCode="3000"'
        in [arguments for name, arguments in server.calls if name == "receiveResponseXML"][-1]["response"]
    )
