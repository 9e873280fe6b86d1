"""Sessions and their invariants: one at a time, repeatable calls, leases, company files."""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread

import pytest
from freezegun import freeze_time
from sqlalchemy import func, select

from qbwc_server.desk.administration import connectors
from qbwc_server.desk.logs import history
from qbwc_server.domain.faults import Conflict, InvalidInput
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.limits import Limits
from qbwc_server.domain.operations import Request
from qbwc_server.domain.sessions import MessageSet, ticket_digest
from qbwc_server.simulator import CompanyFile
from qbwc_server.storage import sessions
from qbwc_server.storage.schema import session as session_table
from tests.worlds.sync_world import PATH, START, Answer, Visit, World, message_set_of, names_in, writes_in

EMPTY_ANSWER = '<?xml version="1.0"?><QBXML><QBXMLMsgsRs/></QBXML>'


def live_sessions(world: World) -> int:
    with world.core.database.begin() as conn:
        query = select(func.count()).where(session_table.c.state == "open")
        return conn.execute(query).scalar_one()


# --- a whole visit ------------------------------------------------------------------------------------------


def test_a_customer_an_item_and_an_invoice_reach_quickbooks_once_in_one_visit(world: World) -> None:
    world.basics()
    world.invoice("1042", lines=[{"item": {"sku": "SKU-i"}, "quantity": "2", "rate": "9.50"}])
    visit = world.poll()
    assert visit.progress[-1] == 100
    assert visit.last_error is None
    assert world.states() == {"synced": 3}
    assert world.posted() == {"Customer c": 1, "Item i": 1, "1042": 1}
    invoice = world.company.find("Invoice", RefNumber="1042")
    assert invoice["CustomerRef"]["FullName"] == "Customer c"
    assert invoice["Subtotal"] == "19.00"
    assert world.view(Kind.INVOICE, "1042")["txn_id"] == invoice["TxnID"]


def test_progress_never_falls_behind_zero_or_reaches_100_before_the_end(
    make_world: Callable[..., World],
) -> None:
    world = make_world(settings={"batch_size": 4})
    world.basics()
    for number in range(14):
        world.invoice(str(number))
    visit = world.poll()
    assert all(0 <= percent < 100 for percent in visit.progress[:-1])
    assert visit.progress[-1] == 100


def test_closing_tells_how_much_was_done(world: World) -> None:
    world.basics()
    assert world.poll().closed == "OK: 2 synced in 2 exchanges"
    world.customer("another")
    assert world.poll().closed == "OK: 1 synced in 1 exchange"


# --- authenticate -------------------------------------------------------------------------------------------


def test_nothing_to_do_is_told_before_quickbooks_is_opened(world: World) -> None:
    world.warm()
    ticket, answer = world.visit().answer
    assert answer == "none"
    assert ticket
    assert live_sessions(world) == 0


def test_a_wrong_password_and_an_unknown_user_get_the_same_answer(world: World) -> None:
    username = connectors.get(world.core, "acme").username
    wrong = world.calls.authenticate(username, "wrong", address="10.0.0.7")
    unknown = world.calls.authenticate("nobody", "wrong", address="10.0.0.7")
    empty = world.calls.authenticate("", "", address="10.0.0.7")
    assert wrong == unknown == empty == ("", "nvu")
    assert live_sessions(world) == 0


def test_a_wrong_password_opens_an_error_record_that_the_right_one_closes(world: World) -> None:
    world.visit(password="wrong")
    world.visit(password="wrong again")
    assert [item.cause for item in world.connector_errors()] == ["bad_credentials"]
    world.warm()
    assert world.connector_errors() == []


def test_the_company_file_of_the_settings_is_asked_for(make_world: Callable[..., World]) -> None:
    world = make_world(settings={"company_file": r"D:\books\acme.qbw"})
    assert world.visit().answer[1] == r"D:\books\acme.qbw"
    assert make_world().visit().answer[1] == ""


def test_one_connectors_password_does_not_open_another(world: World) -> None:
    world.add_connector("other")
    assert world.visit("acme", world.passwords["other"]).answer[1] == "nvu"


# --- busy and superseded ------------------------------------------------------------------------------------


def test_within_the_lease_of_a_writing_set_a_newcomer_is_told_to_wait(
    make_world: Callable[..., World],
) -> None:
    with freeze_time(START) as clock:
        world = make_world(limits=Limits(lease_seconds=600))
        world.warm()
        world.customer("c")
        first = world.visit()
        first.process(first.send())
        clock.tick(599)
        ticket, answer, seconds = world.visit().answer
        assert answer == "busy"
        assert ticket not in ("", first.ticket)
        assert 1 <= int(seconds) <= 2
        assert world.state(Kind.CUSTOMER, "c") == "sent"
        assert live_sessions(world) == 1


def test_after_the_lease_the_newcomer_takes_over_and_the_record_is_asked_for_not_sent_again(
    make_world: Callable[..., World],
) -> None:
    with freeze_time(START) as clock:
        world = make_world(limits=Limits(lease_seconds=600))
        world.warm()
        world.customer("c")
        first = world.visit()
        first.process(first.send())
        clock.tick(601)
        second = world.visit()
        assert second.is_open
        assert live_sessions(world) == 1
        assert world.state(Kind.CUSTOMER, "c") == "uncertain"
        assert first.send() == ""
        assert "over" in world.calls.get_last_error(first.ticket)
        second.run()
        assert set(names_in(second.texts[0])) == {"CustomerQueryRq"}
        assert world.state(Kind.CUSTOMER, "c") == "synced"
        assert world.view(Kind.CUSTOMER, "c")["proof"] == "probe"
        assert world.posted(Kind.CUSTOMER) == {"Customer c": 1}


def test_a_session_that_was_only_reading_is_taken_over_at_once(world: World) -> None:
    first = world.visit()
    assert writes_in(first.send()) == []
    second = world.visit()
    assert second.is_open
    assert live_sessions(world) == 1
    second.run()
    assert second.progress[-1] == 100


def test_a_session_between_two_sets_is_taken_over_at_once(world: World) -> None:
    world.basics()
    first = world.visit()
    first.exchange()
    assert world.visit().run().progress[-1] == 100
    assert world.posted() == {"Customer c": 1, "Item i": 1}


def test_a_session_without_a_call_for_too_long_is_dead(make_world: Callable[..., World]) -> None:
    with freeze_time(START) as clock:
        world = make_world(limits=Limits(ticket_minutes=60))
        visit = world.visit()
        visit.exchange()
        clock.tick(60 * 60 + 1)
        assert visit.send() == ""
        assert live_sessions(world) == 0
        assert world.poll().progress[-1] == 100


def test_two_newcomers_at_once_leave_one_live_session(world: World) -> None:
    answers: list[tuple[str, ...]] = []
    username = connectors.get(world.core, "acme").username

    def come() -> None:
        answers.append(world.calls.authenticate(username, world.passwords["acme"], address="x"))

    threads = [Thread(target=come) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answer[1] for answer in answers] == [""] * 6
    assert len({answer[0] for answer in answers}) == 6
    assert live_sessions(world) == 1


# --- repeated and late calls --------------------------------------------------------------------------------


def test_the_same_unanswered_set_is_given_again_byte_for_byte(world: World) -> None:
    world.warm()
    world.basics()
    visit = world.visit()
    assert visit.send() == visit.send() == visit.send()
    visit.receive(visit.process(visit.texts[-1]))
    assert world.posted() == {"Customer c": 1, "Item i": 1}


def test_any_process_can_serve_the_next_call(world: World) -> None:
    world.basics()
    world.invoice("1")
    visit = world.visit()
    while True:
        text = visit.send()
        world.calls = type(world.calls)(world.core)
        if visit.receive(visit.process(text)) == 100:
            break
    assert world.states() == {"synced": 3}


def test_a_repeated_response_gets_the_same_number_and_doubles_nothing(world: World) -> None:
    world.basics()
    world.invoice("1")
    visit = world.visit()
    while True:
        answer = visit.process(visit.send())
        first = visit.receive(answer)
        events = world.states()
        assert visit.receive(answer) == first
        assert visit.receive(answer) == first
        assert world.states() == events
        if first == 100:
            break
    assert world.states() == {"synced": 3}
    assert world.posted() == {"Customer c": 1, "Item i": 1, "1": 1}


@pytest.mark.parametrize("bad", [Answer(""), Answer("", "0x80040402", "no"), Answer("<QBXML/>")])
def test_a_repeated_bad_answer_gets_the_same_negative_number(world: World, bad: Answer) -> None:
    world.basics()
    visit = world.visit()
    assert visit.exchange() >= 0
    visit.process(visit.send())
    assert [visit.receive(bad) for _ in range(3)] == [-1, -1, -1]
    visit.close()
    world.poll()
    assert world.posted() == {"Customer c": 1, "Item i": 1}


def test_a_response_repeated_after_the_next_set_went_out_leaves_that_set_unanswered(world: World) -> None:
    world.basics()
    visit = world.visit()
    answer = visit.process(visit.send())
    visit.receive(answer)
    following = visit.send()
    assert visit.receive(answer) >= 0
    assert visit.send() == following
    visit.receive(visit.process(following))
    assert world.posted() == {"Customer c": 1, "Item i": 1}
    assert world.states() == {"synced": 2}


def newest_set(world: World, visit: Visit) -> tuple[MessageSet, list[Request]]:
    """The last message set of a visit with its requests, as the server keeps it."""
    with world.core.database.read() as conn:
        session = sessions.by_ticket(conn, ticket_digest(visit.ticket))
        set_id = sessions.newest_set(conn, session.id)
        return sessions.get_set(conn, set_id), sessions.requests_of(conn, set_id)


def test_a_response_repeated_with_a_record_that_cannot_be_read_takes_nothing_back(world: World) -> None:
    world.basics()
    world.poll()
    world.invoice("1")
    visit = world.visit()
    while not writes_in(text := visit.send()):
        visit.receive(visit.process(text))
    answer = visit.process(text)
    said, before = visit.receive(answer), newest_set(world, visit)
    spoilt = Answer(answer.response.replace("<Subtotal>19.00", "<Subtotal>nineteen"))
    assert spoilt != answer
    assert visit.receive(spoilt) in (said, -1)
    assert newest_set(world, visit) == before
    visit.close()
    assert world.state(Kind.INVOICE, "1") == "synced"
    assert world.poll().texts == []
    assert world.posted(Kind.INVOICE) == {"1": 1}


def test_a_late_response_of_a_superseded_session_is_accepted_once(make_world: Callable[..., World]) -> None:
    with freeze_time(START) as clock:
        world = make_world()
        world.warm()
        world.customer("c")
        first = world.visit()
        late = first.process(first.send())
        clock.tick(3600 * 2)
        second = world.visit()
        assert first.receive(late) == 100
        assert world.state(Kind.CUSTOMER, "c") == "synced"
        assert world.view(Kind.CUSTOMER, "c")["proof"] == "answer"
        first.receive(late)
        second.run()
        assert world.posted(Kind.CUSTOMER) == {"Customer c": 1}
        assert all(not writes_in(text) for text in second.texts)


def test_a_late_response_while_the_identical_set_is_under_way_again_doubles_nothing(
    make_world: Callable[..., World],
) -> None:
    with freeze_time(START) as clock:
        world = make_world()
        world.warm()
        world.customer("c")
        first = world.visit()
        text = first.send()  # QuickBooks does not get it yet
        clock.tick(3600 * 2)
        second = world.visit()
        assert second.exchange() < 100  # the probe: absent
        again = second.send()
        assert again == text
        late = first.process(text)
        first.receive(late)
        answer = second.process(again)  # the stored outcome
        second.receive(answer)
        second.close()
        assert world.state(Kind.CUSTOMER, "c") == "synced"
        assert world.posted(Kind.CUSTOMER) == {"Customer c": 1}
        world.poll()
        assert world.states() == {"synced": 1}


def test_the_answer_to_a_set_is_not_taken_for_that_of_another_connector(world: World) -> None:
    world.add_connector("other")
    world.warm()
    assert world.poll("other").progress[-1] == 100
    world.customer("c")
    world.put(Kind.CUSTOMER, "o", {"name": "O", "email": "o@x.example"}, connector="other")
    mine, theirs = world.visit(), world.visit("other")
    answer = mine.process(mine.send())
    theirs.send()
    theirs.receive(answer)
    assert world.state(Kind.CUSTOMER, "c") == "sent"
    assert world.view(Kind.CUSTOMER, "o", connector="other")["list_id"] is None
    mine.receive(answer)
    theirs.close()
    world.poll("other")
    assert world.state(Kind.CUSTOMER, "c") == "synced"
    assert world.posted(connector="other") == {"O": 1}


# --- unknown and empty tickets ------------------------------------------------------------------------------


@pytest.mark.parametrize("ticket", ["", "never-given", "x" * 4000, "\x00"])
def test_every_call_survives_a_ticket_we_never_gave(world: World, ticket: str) -> None:
    calls = world.calls
    assert calls.send_request_xml(ticket, "", PATH, "US", 13, 0) == ""
    assert calls.receive_response_xml(ticket, EMPTY_ANSWER, "", "") == -1
    assert calls.connection_error(ticket, "0x80040408", "closed") == "done"
    assert "not known" in calls.get_last_error(ticket)
    assert calls.close_connection(ticket) == "OK"
    assert calls.get_interactive_url(ticket, "").startswith("https://")
    assert calls.interactive_rejected(ticket, "no")
    assert calls.interactive_done(ticket) == "Done"
    calls.save_last_error(ticket, "anything")
    assert live_sessions(world) == 0


def test_a_sentence_that_is_kept_for_a_session_is_what_its_last_error_says(world: World) -> None:
    visit = world.visit()
    world.calls.save_last_error(visit.ticket, "The database was busy; the next visit goes on.")
    assert world.calls.get_last_error(visit.ticket) == "The database was busy; the next visit goes on."
    visit.close()


def test_a_nul_in_user_name_or_password_is_a_bad_login(world: World) -> None:
    assert world.calls.authenticate("a\x00", "b\x00", address="x") == ("", "nvu")


def test_calls_after_the_end_do_no_harm(world: World) -> None:
    visit = world.poll()
    assert visit.send() == ""
    assert visit.receive(Answer(EMPTY_ANSWER)) in (-1, 100)
    assert world.calls.close_connection(visit.ticket) == visit.closed
    assert world.calls.connection_error(visit.ticket, "0x80040408", "late") == "done"
    assert live_sessions(world) == 0


# --- the end of the queue -----------------------------------------------------------------------------------


def test_a_queue_that_drained_in_between_ends_with_a_greeting_and_without_an_error(world: World) -> None:
    world.warm()
    world.customer("c")
    visit = world.visit()
    assert visit.is_open
    from qbwc_server.desk.handing_over import intake

    intake.cancel(world.core, "acme", Kind.CUSTOMER, "c", actor="host")
    visit.run()
    assert [names_in(text) for text in visit.texts] == [["HostQueryRq"]]
    assert (visit.progress, visit.last_error) == ([100], None)
    assert world.poll().answer[1] == "none"


# --- answers that cannot be read ----------------------------------------------------------------------------


def truncated(answer: str) -> str:
    """The answer broken off inside its last response."""
    return answer[: answer.rindex("</") - 60]


UNREADABLE = {
    "empty": "",
    "blank": "   \n",
    "not XML": "QuickBooks says hello",
    "HTML": "<html><body>Proxy error</body></html>",
    "not well-formed": "<QBXML><QBXMLMsgsRs><CustomerAddRs></QBXML>",
    "another document": "<soap><ok/></soap>",
    "nothing inside": EMPTY_ANSWER,
    "no message set": "<QBXML/>",
    "a DTD": '<!DOCTYPE QBXML [<!ENTITY a "b">]><QBXML><QBXMLMsgsRs/></QBXML>',
    "answers without requestID": (
        '<QBXML><QBXMLMsgsRs><CustomerAddRs statusCode="0" statusSeverity="Info" statusMessage="OK"/>'
        "</QBXMLMsgsRs></QBXML>"
    ),
    "an answer to an unknown request": (
        '<QBXML><QBXMLMsgsRs><CustomerAddRs requestID="77" statusCode="0" statusSeverity="Info"/>'
        "</QBXMLMsgsRs></QBXML>"
    ),
    "a status that is no number": '<QBXML><QBXMLMsgsRs><CustomerAddRs statusCode="OK"/></QBXMLMsgsRs></QBXML>',
}


@pytest.mark.parametrize("response", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_an_answer_that_says_nothing_leaves_the_record_to_be_asked_for(
    make_world: Callable[..., World], response: str
) -> None:
    # without message-set IDs nothing but the question guards against a duplicate
    world = make_world(settings={"message_set_recovery": False})
    world.warm()
    world.customer("c")
    visit = world.visit()
    visit.process(visit.send())
    assert visit.receive(Answer(response)) == -1
    assert world.calls.get_last_error(visit.ticket)
    assert world.state(Kind.CUSTOMER, "c") == "uncertain"
    visit.close()
    world.poll()
    assert world.state(Kind.CUSTOMER, "c") == "synced"
    assert world.posted(Kind.CUSTOMER) == {"Customer c": 1}


def test_what_came_before_the_break_of_a_truncated_answer_is_taken(world: World) -> None:
    world.warm()
    for number in range(4):
        world.customer(f"c{number}")
    visit = world.visit()
    answer = visit.process(visit.send())
    assert visit.receive(Answer(truncated(answer.response))) == -1
    assert world.states() == {"synced": 3, "uncertain": 1}
    visit.close()
    world.poll()
    assert world.states() == {"synced": 4}
    assert set(world.posted(Kind.CUSTOMER).values()) == {1}


def test_an_answer_that_cannot_be_read_is_told_to_people_until_quickbooks_is_reached_again(
    world: World,
) -> None:
    world.basics()
    visit = world.poll(fault=lambda text, answer: Answer(truncated(answer.response)))
    assert visit.progress == [-1]
    (error,) = world.connector_errors()
    assert error.cause == "quickbooks_unreachable"
    assert "could not be read" in error.remedy
    world.poll()
    assert world.connector_errors() == []
    assert world.states() == {"synced": 2}


def padded(answer: str, size: int) -> str:
    """The answer with so many blanks behind its first tag that it has `size` bytes."""
    start = answer.index("<QBXMLMsgsRs")
    return answer[:start] + " " * (size - len(answer.encode())) + answer[start:]


def test_an_answer_of_64_mib_is_read(world: World) -> None:
    world.basics()
    world.poll(fault=lambda text, answer: Answer(padded(answer.response, 64 << 20)))
    assert world.states() == {"synced": 2}


def test_of_an_answer_over_64_mib_nothing_is_read_and_people_are_told_what_to_do(world: World) -> None:
    world.warm()
    world.basics()
    visit = world.poll(fault=lambda text, answer: Answer(padded(answer.response, (64 << 20) + 1)))
    assert visit.progress == [-1]
    assert visit.last_error is not None
    assert "more than 64 MiB" in visit.last_error
    (error,) = world.connector_errors()
    assert error.cause == "quickbooks_unreachable"
    assert "more than 64 MiB" in error.remedy
    assert "page_size" in error.remedy
    assert world.states() == {"uncertain": 2}
    world.poll()
    assert world.connector_errors() == []
    assert world.states() == {"synced": 2}
    assert set(world.posted().values()) == {1}


def test_an_answer_with_one_unreadable_record_settles_the_others(world: World) -> None:
    world.warm()
    world.basics()
    world.poll()
    for number in range(3):
        world.invoice(str(number))

    def spoil(text: str, answer: Answer) -> Answer:
        if writes_in(text):
            return Answer(answer.response.replace("<Subtotal>19.00", "<Subtotal>nineteen", 1))
        return answer

    world.poll(fault=spoil)
    world.poll()
    assert world.states(Kind.INVOICE) == {"synced": 3}
    assert world.posted(Kind.INVOICE) == {"0": 1, "1": 1, "2": 1}


def test_an_answer_in_another_order_settles_every_record_with_its_own(world: World) -> None:
    world.warm()
    for number in range(5):
        world.customer(f"c{number}")

    def reverse(text: str, answer: Answer) -> Answer:
        root = message_set_of(answer.response)
        root[:] = list(reversed(root))
        from lxml import etree

        return Answer(etree.tostring(root.getparent(), encoding="unicode"))

    world.poll(fault=reverse)
    for number in range(5):
        wanted = world.company.find("Customer", Name=f"Customer c{number}")["ListID"]
        assert world.view(Kind.CUSTOMER, f"c{number}")["list_id"] == wanted


def test_an_answer_that_leaves_one_out_leaves_that_one_to_be_asked_for(world: World) -> None:
    world.warm()
    for number in range(3):
        world.customer(f"c{number}")

    def leave_out(text: str, answer: Answer) -> Answer:
        root = message_set_of(answer.response)
        if not writes_in(text):
            return answer
        root.remove(root[1])
        from lxml import etree

        return Answer(etree.tostring(root.getparent(), encoding="unicode"))

    assert world.poll(fault=leave_out).progress[-1] == 100
    assert world.states() == {"synced": 3}
    assert world.view(Kind.CUSTOMER, "c1")["proof"] == "probe"
    assert set(world.posted(Kind.CUSTOMER).values()) == {1}


# --- connectionError ----------------------------------------------------------------------------------------


def test_a_connection_error_that_may_pass_is_tried_twice_more_with_the_company_file(
    make_world: Callable[..., World],
) -> None:
    world = make_world(settings={"company_file": PATH})
    visit = world.visit()
    calls = [world.calls.connection_error(visit.ticket, "0x80040408", "Could not start") for _ in range(4)]
    assert calls == [PATH, PATH, "done", "done"]
    assert live_sessions(world) == 0
    (error,) = world.connector_errors()
    assert error.cause == "quickbooks_unreachable"
    assert error.quickbooks is not None
    assert (error.quickbooks.code, error.quickbooks.message) == ("0x80040408", "Could not start")


@pytest.mark.parametrize(
    ("hresult", "company_file"),
    [("0x80040408", None), ("0x80040418", PATH), ("0x8004041F", PATH), ("", PATH), ("nonsense", PATH)],
)
def test_a_connection_error_that_another_try_cannot_help_ends_the_session(
    make_world: Callable[..., World], hresult: str, company_file: str | None
) -> None:
    world = make_world(settings={"company_file": company_file})
    visit = world.visit()
    assert world.calls.connection_error(visit.ticket, hresult, "no") == "done"
    assert live_sessions(world) == 0
    assert world.calls.get_last_error(visit.ticket)


def test_the_connection_error_goes_away_with_the_next_session_that_reaches_quickbooks(world: World) -> None:
    visit = world.visit()
    world.calls.connection_error(visit.ticket, "0x80040414", "A modal dialog is open")
    assert len(world.connector_errors()) == 1
    world.warm()
    assert world.connector_errors() == []


# --- version and company file -------------------------------------------------------------------------------


def hcp_with(world: World, *versions: str) -> None:
    world.company.host["SupportedQBXMLVersion"] = list(versions)


@pytest.mark.parametrize(
    ("offered", "spoken"),
    [(("1.0", "7.0", "13.0"), "13.0"), (("6.0", "8.0"), "8.0"), (("13.0", "16.0", "17.0"), "13.0")],
)
def test_the_newest_common_version_is_spoken(world: World, offered: tuple[str, ...], spoken: str) -> None:
    hcp_with(world, *offered)
    visit = world.visit()
    assert f'<?qbxml version="{spoken}"?>' in visit.send()
    assert connectors.get(world.core, "acme").qbxml_version == spoken


def test_without_the_web_connectors_queries_its_own_version_numbers_count(world: World) -> None:
    visit = world.visit()
    text = world.calls.send_request_xml(visit.ticket, "", PATH, "US", 12, 0)
    assert '<?qbxml version="12.0"?>' in text


def test_a_quickbooks_that_offers_nothing_is_told_to_update(world: World) -> None:
    visit = world.visit()
    assert world.calls.send_request_xml(visit.ticket, "", PATH, "US", None, None) == ""
    assert "understands no qbXML" in world.calls.get_last_error(visit.ticket)
    visit.close()
    assert [item.cause for item in world.connector_errors()] == ["version_unsupported"]
    world.warm()
    assert world.connector_errors() == []


@pytest.mark.parametrize("hcp", ["not xml", "<QBXML/>", EMPTY_ANSWER, "<html/>"])
def test_unreadable_queries_of_the_web_connector_do_no_harm(world: World, hcp: str) -> None:
    visit = world.visit()
    assert "CustomerQueryRq" in world.calls.send_request_xml(visit.ticket, hcp, PATH, "US", 13, 0)


def test_the_first_contact_binds_the_company_file(world: World) -> None:
    world.warm()
    connector = connectors.get(world.core, "acme")
    assert connector.binding is not None
    assert connector.binding.file_id == connector.file_id
    assert connector.binding.company_name == "acme seafood"
    assert connector.binding.path == PATH


@pytest.mark.parametrize("what", ["FileID", "company name"])
def test_another_company_file_gets_nothing_until_the_right_one_is_back(world: World, what: str) -> None:
    world.warm()
    world.customer("c")
    connector = connectors.get(world.core, "acme")
    right_name = world.company.company["CompanyName"]
    match what:
        case "FileID":
            world.company.register(connector.owner_id, "{00000000-0000-0000-0000-000000000001}")
        case _:
            world.company.company["CompanyName"] = "Somebody else"
            world.paths["acme"] = r"C:\QB\another.qbw"
    for _ in range(2):
        visit = world.poll()
        assert visit.texts == []
        assert "Another company file" in (visit.last_error or "")
    (error,) = world.connector_errors()
    assert error.cause == "wrong_company_file"
    assert what in error.differences
    assert "Nothing was read or written." in error.message
    assert "{" not in error.message
    assert world.company.ledger == ()

    world.company.register(connector.owner_id, connector.file_id)
    world.company.company["CompanyName"] = right_name
    world.paths.clear()
    assert world.poll().progress[-1] == 100
    assert world.connector_errors() == []
    assert world.posted() == {"Customer c": 1}


def test_the_same_file_under_another_path_goes_on_and_is_noted_once(world: World) -> None:
    world.warm()
    world.customer("c")
    for path in (r"\\SRV01\QB\rock castle.qbw", "c:/qb/ROCK castle.qbw ", r"\\SRV01\QB\rock castle.qbw"):
        world.paths["acme"] = path
        connectors.resync(world.core, "acme", actor="ada")
        assert world.poll().progress[-1] == 100
    assert world.posted() == {"Customer c": 1}
    assert world.connector_errors() == []
    noted = [
        event for event in history.feed(world.core, "acme") if "same company file" in (event.event.what or "")
    ]
    assert [event.event.detail for event in noted] == [
        f"path: “{PATH}”, now “\\\\SRV01\\QB\\rock castle.qbw”"
    ]


def moved_and_renamed(world: World) -> None:
    """The company file is another one for whoever looks: only the FileID is the same."""
    world.warm()
    world.customer("c")
    world.company.company["CompanyName"] = "Acme & Sons"
    world.paths["acme"] = r"E:\moved\acme.qbw"
    assert world.poll().texts == []


def test_a_moved_and_renamed_company_file_is_accepted_once_it_is_confirmed(world: World) -> None:
    moved_and_renamed(world)
    connectors.confirm_company_file(world.core, "acme", company=" acme  & sons", actor="ada")
    assert world.connector_errors() == []
    assert world.poll().progress[-1] == 100
    assert world.posted() == {"Customer c": 1}
    binding = connectors.get(world.core, "acme").binding
    assert binding is not None
    assert (binding.company_name, binding.path) == ("Acme & Sons", r"E:\moved\acme.qbw")


def test_by_the_lists_of_the_former_company_file_nothing_is_sent_to_the_one_that_was_confirmed(
    world: World,
) -> None:
    walk_ins = ["Regular", *(f"Walk-in {number}" for number in range(4))]
    for name in walk_ins:
        world.company.person.add("Customer", {"Name": name})
    world.company.person.add("ItemService", {"Name": "Ice", "SalesOrPurchase": {"AccountRef": "Sales"}})
    world.warm()
    world.invoice(
        "1042", customer={"full_name": "Regular"}, lines=[{"item": {"full_name": "Ice"}, "amount": "5"}]
    )

    connector = connectors.get(world.core, "acme")
    other = CompanyFile.create(None, company_name="Acme & Sons")
    other.register(connector.owner_id, connector.file_id)
    other.person.add("ItemService", {"Name": "Ice", "SalesOrPurchase": {"AccountRef": "Sales"}})
    for name in reversed(walk_ins):
        other.person.add("Customer", {"Name": name})
    world.quickbooks["acme"] = other
    world.paths["acme"] = r"E:\moved\acme.qbw"
    assert world.poll().texts == []
    connectors.confirm_company_file(world.core, "acme", company="Acme & Sons", actor="ada")
    assert world.poll().progress[-1] == 100
    assert world.state(Kind.INVOICE, "1042") == "synced"
    assert world.posted() == {"1042": 1}
    assert other.find("Invoice", RefNumber="1042")["CustomerRef"]["FullName"] == "Regular"


def test_only_the_file_that_was_shown_is_confirmed_and_a_third_is_refused(world: World) -> None:
    moved_and_renamed(world)
    with pytest.raises(InvalidInput, match="type the name of the company file: Acme & Sons"):
        connectors.confirm_company_file(world.core, "acme", company="yes", actor="ada")
    connectors.confirm_company_file(world.core, "acme", company="Acme & Sons", actor="ada")
    world.company.company["CompanyName"] = "A third one"
    world.paths["acme"] = r"E:\third.qbw"
    assert world.poll().texts == []
    assert "A third one" in world.connector_errors()[0].message
    assert world.company.ledger == ()


def test_where_no_other_file_was_seen_there_is_nothing_to_confirm(world: World) -> None:
    world.warm()
    with pytest.raises(Conflict, match="has no other company file to confirm"):
        connectors.confirm_company_file(world.core, "acme", company="acme seafood", actor="ada")


def test_what_is_uncertain_is_not_asked_of_another_company_file(world: World) -> None:
    world.warm()
    world.customer("c")
    visit = world.visit()
    visit.process(visit.send())
    visit.close()
    world.company.company["CompanyName"] = "Somebody else"
    world.paths["acme"] = r"C:\QB\another.qbw"
    assert world.poll().texts == []
    assert world.state(Kind.CUSTOMER, "c") == "uncertain"
