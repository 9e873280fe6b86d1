"""Whatever goes wrong: a documented answer to the client, the whole story in the log, no secret in either."""

import logging

import pytest

from qbwc_server.soap.service import METHODS, SORRY, fingerprint

TNS = "http://developer.intuit.com/"
TICKET = "Zk3kXyWq0b-a-ticket-nobody-should-see"
PASSWORD = "a password nobody should see"

SAFE = {
    "serverVersion": "",
    "clientVersion": "",
    "sendRequestXML": "",
    "receiveResponseXML": "-1",
    "connectionError": "done",
    "getLastError": SORRY,
    "closeConnection": "OK",
    "getInteractiveURL": "",
    "interactiveRejected": SORRY,
    "interactiveDone": "Done",
    "getServerVersion": "",
}
"""What the Web Connector gets when the endpoint raises, by method."""


class DatabaseFailure(Exception):
    """As a database driver words it: with the statement's parameters."""


def failing(service, method):
    """Call `method` while every endpoint call raises an exception that quotes the ticket and the password."""
    given = {"authenticate": PASSWORD, "serverVersion": "", "clientVersion": ""}.get(method, TICKET)
    failure = DatabaseFailure(f"could not run SELECT (parameters: '{given}')")
    for name in vars(type(service.endpoint)):
        if not name.startswith("_") and name != "save_last_error":
            service.endpoint.answers[name] = failure
    ticket = f"<ticket>{TICKET}</ticket><wcTicket>{TICKET}</wcTicket>"
    secret = f"<strPassword>{PASSWORD}</strPassword>" if method == "authenticate" else ""
    return service.post(f'<{method} xmlns="{TNS}">{ticket}{secret}</{method}>')


def test_the_table_of_safe_answers_is_complete():
    assert set(SAFE) | {"authenticate"} == {method.name for method in METHODS}


@pytest.mark.parametrize("method", sorted(SAFE))
def test_a_failure_is_answered_with_the_value_that_loses_nothing(service, method):
    assert (failing(service, method).result(method).text or "") == SAFE[method]


def test_a_failed_login_is_busy_and_not_a_wrong_password(service):
    result = failing(service, "authenticate").result("authenticate")
    assert [member.text or "" for member in result] == ["", "busy"]


@pytest.mark.parametrize("method", ["sendRequestXML", "receiveResponseXML", "getInteractiveURL"])
def test_the_sentence_for_get_last_error_is_saved_under_the_ticket(service, method):
    failing(service, method)
    assert service.endpoint.saved == [(TICKET, SORRY)]


def test_a_failure_is_logged_with_its_traceback_and_the_tickets_fingerprint(service, caplog):
    failing(service, "sendRequestXML")
    (record,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert "sendRequestXML" in record.message
    assert f"ticket#{fingerprint(TICKET)}" in record.message
    assert "DatabaseFailure" in record.message
    assert "conftest.py" in record.message


@pytest.mark.parametrize("method", sorted(METHOD.name for METHOD in METHODS))
def test_neither_ticket_nor_password_is_logged_or_answered(service, caplog, method):
    caplog.set_level(logging.DEBUG)
    reply = failing(service, method)
    assert "could not run SELECT" in caplog.text
    assert PASSWORD not in caplog.text
    assert TICKET not in caplog.text
    assert b"DatabaseFailure" not in reply.body
    assert b"Traceback" not in reply.body


def test_a_sentence_that_cannot_be_saved_changes_nothing_for_the_client(service, caplog):
    service.endpoint.answers["save_last_error"] = DatabaseFailure(f"still down ({TICKET})")
    assert failing(service, "receiveResponseXML").result("receiveResponseXML").text == "-1"
    assert "still down" in caplog.text
    assert TICKET not in caplog.text


def test_a_made_up_ticket_does_not_garble_the_log(service, caplog):
    service.endpoint.answers["get_last_error"] = DatabaseFailure("table tickets is locked")
    service.post(f'<getLastError xmlns="{TNS}"><ticket>t</ticket></getLastError>')
    assert "table tickets is locked" in caplog.text


def test_calls_do_not_show_their_arguments(service):
    from qbwc_server.soap.service import Call

    call = Call({"ticket": TICKET, "strPassword": PASSWORD}, "192.0.2.7")
    assert TICKET not in repr(call)
    assert PASSWORD not in repr(call)


def test_spyne_does_not_log_a_request_it_cannot_read(service, caplog):
    caplog.set_level(logging.DEBUG)
    logging.getLogger("spyne.protocol.xml").debug("a document")
    service.request(body=f"<a>{PASSWORD}".encode())
    service.post(f"<authenticate><strPassword>{PASSWORD}</strPassword></authenticate>")
    assert PASSWORD not in caplog.text
    assert "a document" not in caplog.text
