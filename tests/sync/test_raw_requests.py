"""Requests that somebody else has written: a write is carried out at most once, a query holds nobody up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from freezegun import freeze_time

from qbwc_server.courier import tidying
from qbwc_server.desk import overview
from qbwc_server.desk.administration import connectors
from qbwc_server.desk.deciding import answering
from qbwc_server.desk.error_records import choices, errors
from qbwc_server.desk.error_records.choices import Offer
from qbwc_server.desk.logs import history
from qbwc_server.desk.overview import Mood, Place
from qbwc_server.desk.requests import raw_requests
from qbwc_server.domain.causes import RequestUncertain
from qbwc_server.domain.events import Event
from qbwc_server.domain.faults import Conflict, InvalidInput, NotFound
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.limits import Limits
from qbwc_server.domain.raw_requests import MOST_TRIES, RawState
from qbwc_server.simulator.errors import RequestProcessorError
from qbwc_server.simulator.fault_plan import FaultPlan
from qbwc_server.simulator.web_connector.connector import WebConnector
from qbwc_server.storage import connectors as connector_rows
from qbwc_server.storage import events
from qbwc_server.sync.raw_requests import settle
from qbwc_server.sync.turn import turn
from tests.worlds.cli_world import WithoutHttp
from tests.worlds.hand_clock import HandClock
from tests.worlds.sync_world import Answer, Visit, World

QUERY = "<CustomerQueryRq><ActiveStatus>All</ActiveStatus></CustomerQueryRq>"
ADD = "<CustomerAddRq><CustomerAdd><Name>By hand</Name></CustomerAdd></CustomerAddRq>"
PAGES = '<CustomerQueryRq iterator="Start"><MaxReturned>2</MaxReturned></CustomerQueryRq>'


@pytest.fixture
def warm(world: World) -> World:
    """A world whose lists are loaded, so that nothing but what is handed over is to be done."""
    world.warm()
    return world


def later(world: World, **more: int) -> Any:
    """So much later than now."""
    return freeze_time(world.clock() + timedelta(**more))


def hand_over(world: World, text: str, *, follow: bool = False) -> int:
    return raw_requests.hand_over(world.core, "acme", text, follow=follow, actor="host").id


def shown(world: World, raw_id: int) -> raw_requests.Shown:
    return raw_requests.get(world.core, "acme", raw_id)


def state(world: World, raw_id: int) -> str:
    return str(shown(world, raw_id).raw.state)


def added(world: World) -> int:
    """How often QuickBooks was made to add the customer."""
    return world.posted(Kind.CUSTOMER)["By hand"]


def rejects(
    world: World, monkeypatch: pytest.MonkeyPatch, word: str, hresult: str = "0x80040400"
) -> list[str]:
    """QuickBooks rejects every message set with this word."""
    original, refused = world.company.process, []

    def process(text: str) -> str:
        if word in text:
            refused.append(text)
            raise RequestProcessorError(hresult, "QuickBooks found an error when parsing.")
        return str(original(text))

    monkeypatch.setattr(world.company, "process", process)
    return refused


# --- queries ------------------------------------------------------------------------------------------------


def test_a_query_is_answered_at_the_next_visit_word_for_word(warm: World) -> None:
    warm.company.person.add("Customer", {"Name": "Regular"})
    raw_id = hand_over(warm, QUERY)
    assert state(warm, raw_id) == "queued"
    assert warm.poll().progress[-1] == 100
    found = shown(warm, raw_id)
    assert found.raw.state is RawState.ANSWERED
    assert (found.raw.status_code, found.raw.status_severity) == (0, "Info")
    assert found.response is not None
    assert found.response.startswith("<CustomerQueryRs")
    assert "<FullName>Regular</FullName>" in found.response
    assert warm.poll().texts == []


def test_the_requestid_is_ours_whatever_was_written(warm: World) -> None:
    first = hand_over(warm, '<CustomerQueryRq requestID="mine"/>')
    second = hand_over(warm, '<CustomerQueryRq requestID="mine"/>')
    warm.poll()
    assert "mine" not in str(shown(warm, first).response)
    assert [state(warm, raw_id) for raw_id in (first, second)] == ["answered", "answered"]


def test_nothing_found_is_an_answer_and_a_refusal_is_told_in_quickbooks_words(warm: World) -> None:
    nobody = hand_over(warm, "<CustomerQueryRq><FullName>Nobody</FullName></CustomerQueryRq>")
    wrong = hand_over(warm, "<CustomerAddRq><CustomerAdd><Name>Regular</Name></CustomerAdd></CustomerAddRq>")
    warm.company.person.add("Vendor", {"Name": "Regular"})
    warm.poll()
    assert state(warm, nobody) == "answered"
    refused = shown(warm, wrong)
    assert refused.raw.state is RawState.REFUSED
    assert refused.raw.status_code == 3100
    assert refused.raw.status_message
    assert refused.response is not None
    assert 'statusCode="3100"' in refused.response


@pytest.mark.parametrize("lost", [1, 2])
def test_a_query_whose_answer_was_lost_is_asked_again(warm: World, lost: int) -> None:
    raw_id = hand_over(warm, QUERY)
    for _ in range(lost):
        visit = warm.visit()
        visit.process(visit.send())
        visit.close()
        assert state(warm, raw_id) == "queued"
    warm.poll()
    assert state(warm, raw_id) == "answered"


def test_a_query_whose_answers_are_always_lost_comes_to_an_end(warm: World) -> None:
    raw_id = hand_over(warm, QUERY)
    for _ in range(MOST_TRIES):
        visit = warm.visit()
        visit.process(visit.send())
        visit.close()
    found = shown(warm, raw_id)
    assert found.raw.state is RawState.REFUSED
    assert "lost" in str(found.raw.problem)
    assert warm.poll().texts == []


# --- writes -------------------------------------------------------------------------------------------------


def test_a_write_is_carried_out_once(warm: World) -> None:
    raw_id = hand_over(warm, ADD)
    warm.poll()
    warm.poll()
    assert state(warm, raw_id) == "answered"
    assert added(warm) == 1


def before_quickbooks(visit: Visit) -> None:
    visit.send()


def behind_quickbooks(visit: Visit) -> None:
    visit.process(visit.send())


def unreadable(visit: Visit) -> None:
    answer = visit.process(visit.send())
    visit.receive(Answer(answer.response[:60]))


def answered_with_nothing(visit: Visit) -> None:
    visit.process(visit.send())
    visit.receive(Answer("<QBXML><QBXMLMsgsRs></QBXMLMsgsRs></QBXML>"))


def outcome_unknown(visit: Visit) -> None:
    visit.process(visit.send())
    visit.receive(Answer("", "0x80040402", "Unexpected error."))


CUTS: list[tuple[Callable[[Visit], None], int]] = [
    (before_quickbooks, 0),
    (behind_quickbooks, 1),
    (unreadable, 1),
    (answered_with_nothing, 1),
    (outcome_unknown, 1),
]


@pytest.mark.parametrize(("cut", "times"), CUTS)
def test_a_write_whose_answer_was_lost_is_never_sent_again(
    warm: World, cut: Callable[[Visit], None], times: int
) -> None:
    raw_id = hand_over(warm, ADD)
    visit = warm.visit()
    cut(visit)
    visit.close()
    found = shown(warm, raw_id)
    assert found.raw.state is RawState.UNCERTAIN
    assert "look there" in str(found.raw.problem)
    with later(warm, hours=1):
        for _ in range(3):
            warm.poll()
    assert added(warm) == times
    assert state(warm, raw_id) == "uncertain"
    with pytest.raises(Conflict, match="uncertain already"):
        raw_requests.cancel(warm.core, "acme", raw_id, actor="host")


@pytest.fixture
def lost(warm: World) -> tuple[int, Callable[[], object]]:
    """A write that was carried out and whose answer was lost; and how the answer turns up after all."""
    raw_id = hand_over(warm, ADD)
    visit = warm.visit()
    answer = visit.process(visit.send())
    visit.close()
    return raw_id, lambda: visit.receive(answer)


def the_error(world: World) -> Offer:
    (found,) = errors.find(world.core, connector="acme")
    return choices.of_error(world.core, "acme", found.id)


def decide(world: World, choice: str) -> None:
    offer = the_error(world)
    answering.answer(world.core, "acme", offer.stored.id, choice, offer.token, actor="anna")


def feed(world: World) -> list[Event]:
    with world.core.database.read() as conn:
        connector = connector_rows.by_name(conn, "acme")
        return events.of_connector(conn, connector.id, limit=500)


def happened(world: World) -> list[tuple[str, str]]:
    return [(each.type.partition(".")[2], each.actor) for each in feed(world) if "request" in each.type]


def test_a_write_whose_answer_was_lost_is_an_error_record_that_holds_up_nothing(
    warm: World, lost: tuple[int, Callable[[], object]]
) -> None:
    offer = the_error(warm)
    assert (offer.error.cause, offer.error.cause_key, offer.error.actor) == (
        "request_uncertain",
        f"request:{lost[0]}",
        "staff",
    )
    assert shown(warm, lost[0]).error_id == offer.stored.id
    assert [each.id for each in offer.choices] == ["carried_out", "not_carried_out", "dismiss"]
    (told,) = [each for each in feed(warm) if each.type == "connector.request_uncertain"]
    assert told.data["errors"][0]["error_id"] == offer.stored.id
    warm.basics()
    warm.poll()
    assert warm.posted(Kind.CUSTOMER)["By hand"] == 1
    connectors.reset(warm.core, "acme", full=True, actor="anna")
    assert the_error(warm).stored.id == offer.stored.id


def test_a_lost_write_needs_somebody_and_stops_nothing(
    warm: World, lost: tuple[int, Callable[[], object]]
) -> None:
    health = overview.health(warm.core, "acme")
    assert (health.mood, health.headline) == (Mood.ATTENTION, the_error(warm).stored.cause.message())
    assert health.is_headline_told
    assert overview.page(warm.core).places == {Place.STUCK: 1}
    warm.visit(password="wrong")
    stopped = overview.health(warm.core, "acme")
    assert (stopped.mood, stopped.headline) == (
        Mood.STOPPED,
        "The Web Connector came with a wrong password.",
    )
    assert overview.page(warm.core).places == {Place.STOPPED: 1}
    warm.poll()
    decide(warm, "carried_out")
    assert overview.health(warm.core, "acme").mood is Mood.OK


def test_each_lost_write_is_asked_about_alone_and_holds_up_no_visit(warm: World) -> None:
    lost = []
    for _ in range(3):
        lost.append(hand_over(warm, ADD))
        visit = warm.visit()
        visit.send()
        visit.close()
    offers = [
        choices.of_error(warm.core, "acme", each.id) for each in errors.find(warm.core, connector="acme")
    ]
    assert [offer.error.cause_key for offer in offers] == [f"request:{raw_id}" for raw_id in lost]
    answering.answer(warm.core, "acme", offers[1].stored.id, "not_carried_out", offers[1].token, actor="anna")
    assert [state(warm, raw_id) for raw_id in lost] == ["uncertain", "refused", "uncertain"]
    assert [shown(warm, raw_id).error_id is None for raw_id in lost] == [False, True, False]
    warm.basics()
    assert warm.poll().progress[-1] == 100


@pytest.mark.parametrize(
    ("choice", "becomes"),
    [("carried_out", "answered"), ("not_carried_out", "refused"), ("dismiss", "uncertain")],
)
def test_a_person_says_whether_a_lost_write_was_carried_out_and_nothing_is_sent(
    warm: World, lost: tuple[int, Callable[[], object]], choice: str, becomes: str
) -> None:
    decide(warm, choice)
    found = shown(warm, lost[0])
    assert (found.raw.state, found.error_id, found.response) == (becomes, None, None)
    assert ("anna saw in QuickBooks" in str(found.raw.problem)) is (choice != "dismiss")
    assert errors.find(warm.core, connector="acme") == []
    assert ((f"request_{becomes}", "anna") in happened(warm)) is (choice != "dismiss")
    warm.poll()
    assert added(warm) == 1


@pytest.mark.parametrize("choice", [None, "carried_out", "not_carried_out", "dismiss"])
def test_quickbooks_own_answer_counts_whenever_it_turns_up_and_whatever_was_said(
    warm: World, lost: tuple[int, Callable[[], object]], choice: str | None
) -> None:
    if choice is not None:
        decide(warm, choice)
    lost[1]()
    found = shown(warm, lost[0])
    assert (found.raw.state, found.raw.status_code, found.raw.problem) == ("answered", 0, None)
    assert found.response is not None
    assert errors.find(warm.core, connector="acme") == []


def test_what_somebody_has_to_look_at_is_not_forgotten(
    warm: World, lost: tuple[int, Callable[[], object]]
) -> None:
    with later(warm, days=400):
        tidying.tidy(warm.core)
        assert state(warm, lost[0]) == "uncertain"
        decide(warm, "dismiss")
    with later(warm, days=500):
        tidying.tidy(warm.core)
        with pytest.raises(NotFound):
            shown(warm, lost[0])


def test_the_same_message_set_is_said_again_to_whoever_asks_twice(warm: World) -> None:
    raw_id = hand_over(warm, ADD)
    visit = warm.visit()
    assert visit.send() == visit.send()
    visit.run()
    assert state(warm, raw_id) == "answered"
    assert added(warm) == 1


def test_an_answer_that_comes_after_all_is_taken(warm: World) -> None:
    raw_id = hand_over(warm, ADD)
    visit = warm.visit()
    answer = visit.process(visit.send())
    visit.close()
    assert state(warm, raw_id) == "uncertain"
    visit.receive(answer)
    assert state(warm, raw_id) == "answered"
    assert added(warm) == 1


def test_whoever_answers_for_a_request_that_is_gone_is_told_so(warm: World) -> None:
    with pytest.raises(Conflict, match="no such request"), turn(warm.core, "acme") as (conn, connector):
        settle(
            conn,
            connector,
            RequestUncertain(4711, "CustomerAddRq", "host"),
            was_done=True,
            now=warm.clock(),
            actor="ada",
        )


def cancel(world: World, raw_id: int) -> None:
    """However it came about: it is over while its answer is awaited."""
    with world.core.database.begin() as conn:
        conn.exec_driver_sql(f"UPDATE raw_request SET state = 'cancelled' WHERE id = {raw_id}")


def test_an_answer_to_what_is_over_already_changes_nothing_and_holds_up_no_other(warm: World) -> None:
    over, other = hand_over(warm, QUERY), hand_over(warm, QUERY)
    visit = warm.visit()
    text = visit.send()
    cancel(warm, over)
    visit.receive(visit.process(text))
    visit.run()
    assert [state(warm, raw_id) for raw_id in (over, other)] == ["cancelled", "answered"]
    assert shown(warm, over).response is None


def test_what_is_over_already_is_not_asked_again_because_the_answer_was_lost(warm: World) -> None:
    over, other = hand_over(warm, QUERY), hand_over(warm, QUERY)
    visit = warm.visit()
    visit.send()
    cancel(warm, over)
    visit.close()
    assert [state(warm, raw_id) for raw_id in (over, other)] == ["cancelled", "queued"]


def test_a_write_goes_without_an_id_under_which_quickbooks_could_do_it_again(warm: World) -> None:
    hand_over(warm, ADD)
    (text, *_) = warm.poll().texts
    assert "CustomerAddRq" in text
    assert "newMessageSetID" not in text


def test_a_write_is_refused_where_nothing_may_be_written(warm: World) -> None:
    connectors.change_settings(warm.core, "acme", {"read_only": True}, actor="staff")
    with pytest.raises(Conflict, match="read_only"):
        hand_over(warm, ADD)
    raw_id = hand_over(warm, QUERY)
    warm.poll()
    assert state(warm, raw_id) == "answered"


def test_a_write_that_waits_is_held_back_when_the_connector_turns_read_only(warm: World) -> None:
    raw_id = hand_over(warm, ADD)
    connectors.change_settings(warm.core, "acme", {"read_only": True}, actor="staff")
    warm.poll()
    assert (state(warm, raw_id), added(warm)) == ("queued", 0)
    connectors.change_settings(warm.core, "acme", {"read_only": False}, actor="staff")
    warm.poll()
    assert (state(warm, raw_id), added(warm)) == ("answered", 1)


# --- neighbours ---------------------------------------------------------------------------------------------


def test_a_request_that_cannot_be_parsed_holds_up_no_other(
    warm: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = rejects(warm, monkeypatch, "POISON")
    texts = [QUERY] * 3 + ["<CustomerQueryRq><FullName>POISON</FullName></CustomerQueryRq>"] + [QUERY] * 3
    ids = [hand_over(warm, text) for text in texts]
    warm.basics()
    visit = warm.poll()
    assert visit.progress[-1] == 100
    assert Counter(state(warm, raw_id) for raw_id in ids) == Counter(answered=6, refused=1)
    assert state(warm, ids[3]) == "refused"
    assert "0x80040400" in str(shown(warm, ids[3]).raw.problem)
    assert warm.state(Kind.CUSTOMER, "c") == "synced"
    assert warm.connector_errors() == []
    # once with the others, once alone
    assert len(refused) == 2


def test_a_write_that_cannot_be_parsed_is_refused_at_once(
    warm: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = rejects(warm, monkeypatch, "By hand")
    raw_id = hand_over(warm, ADD)
    warm.poll()
    assert (state(warm, raw_id), len(refused)) == ("refused", 1)


def test_a_quickbooks_that_refuses_everything_is_not_asked_for_ever(
    warm: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = rejects(warm, monkeypatch, "CustomerQueryRq", "0x80040408")
    raw_id = hand_over(warm, QUERY)
    for _ in range(MOST_TRIES + 2):
        warm.poll()
    assert state(warm, raw_id) == "refused"
    assert (
        len([text for text in refused if "ActiveStatus" in text and "MaxReturned" not in text]) == MOST_TRIES
    )


def test_a_quickbooks_that_has_carried_out_nothing_is_asked_a_question_again_and_told_of(
    warm: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    query = hand_over(warm, QUERY)
    with monkeypatch.context() as meanwhile:
        rejects(warm, meanwhile, "CustomerQueryRq", "0x80040423")
        assert warm.poll().progress == [-1]
    assert state(warm, query) == "queued"
    assert [(each.cause, each.quickbooks.code) for each in warm.connector_errors()] == [
        ("quickbooks_unreachable", "0x80040423")
    ]
    warm.poll()
    assert (state(warm, query), warm.connector_errors()) == ("answered", [])


def test_many_requests_do_not_hold_up_the_records(warm: World) -> None:
    for _ in range(40):
        hand_over(
            warm,
            '<CustomerQueryRq iterator="Start"><MaxReturned>1</MaxReturned></CustomerQueryRq>',
            follow=True,
        )
    warm.basics()
    visit = warm.visit()
    for _ in range(4):
        visit.exchange()
    assert warm.state(Kind.CUSTOMER, "c") == "synced"
    visit.close()


# --- iterators ----------------------------------------------------------------------------------------------


def customers(world: World, number: int) -> None:
    for each in range(number):
        world.company.person.add("Customer", {"Name": f"Customer {each}"})


def test_an_iterator_is_followed_to_its_end_and_its_pages_are_one_answer(warm: World) -> None:
    customers(warm, 7)
    raw_id = hand_over(warm, PAGES, follow=True)
    warm.poll()
    found = shown(warm, raw_id)
    assert found.raw.state is RawState.ANSWERED
    assert found.raw.pages == 4
    assert found.response is not None
    assert found.response.count("<CustomerRet>") == 7
    assert len({f"Customer {each}" for each in range(7) if f">Customer {each}<" in found.response}) == 7
    assert "iteratorID" not in found.response


def test_an_iterator_that_is_not_followed_is_answered_with_its_first_page(warm: World) -> None:
    customers(warm, 7)
    raw_id = hand_over(warm, PAGES)
    warm.poll()
    assert str(shown(warm, raw_id).response).count("<CustomerRet>") == 2


@pytest.mark.parametrize("behind", [0, 1, 2, 3])
@pytest.mark.parametrize("is_answered", [True, False])
def test_an_iterator_whose_visit_was_cut_begins_again(warm: World, behind: int, is_answered: bool) -> None:
    customers(warm, 7)
    raw_id = hand_over(warm, PAGES, follow=True)
    visit = warm.visit()
    for _ in range(behind):
        visit.exchange()
    if not is_answered:
        visit.process(visit.send())
    visit.close()
    with later(warm, hours=1):
        warm.poll()
        warm.poll()
    found = shown(warm, raw_id)
    assert found.raw.state is RawState.ANSWERED
    assert str(found.response).count("<CustomerRet>") == 7


def test_an_answer_beyond_what_is_kept_is_refused(warm: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qbwc_server.visit.operations.raw.MOST_ANSWER_BYTES", 3000)
    customers(warm, 30)
    raw_id = hand_over(warm, PAGES, follow=True)
    warm.poll()
    found = shown(warm, raw_id)
    assert found.raw.state is RawState.REFUSED
    assert "Ask for less" in str(found.raw.problem)
    assert found.response is None
    assert warm.poll().texts == []


# --- what is taken ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "no qbXML"),
        ("not xml", "no qbXML"),
        ("<CustomerQueryRq>", "no qbXML"),
        ('<!DOCTYPE x [<!ENTITY e "x">]><CustomerQueryRq/>', "no qbXML"),
        ("<CustomerQueryRq>&e;</CustomerQueryRq>", "no qbXML"),
        ("<CustomerQueryRq>\x01</CustomerQueryRq>", "control characters"),
        ("<CustomerQuerryRq/>", "did you mean CustomerQueryRq"),
        ("<x:CustomerQueryRq xmlns:x='urn:x'/>", "no request"),
        ("<QBXML/>", "one element, and not 0"),
        ("<QBXML><QBXMLMsgsRq><HostQueryRq/><HostQueryRq/></QBXMLMsgsRq></QBXML>", "not 2"),
        ("<QBXML><QBXMLMsgsRq newMessageSetID='a'><HostQueryRq/></QBXMLMsgsRq></QBXML>", "server's own"),
        ("<?qbxml version='16.0'?><QBXML><QBXMLMsgsRq><HostQueryRq/></QBXMLMsgsRq></QBXML>", "16.0"),
        ("<?qbxml version='x'?><HostQueryRq/>", "no version"),
        ('<CustomerQueryRq iterator="Continue" iteratorID="{x}"/>', "within one visit"),
        ('<CustomerQueryRq iterator="Start"/>', "MaxReturned"),
        ('<CustomerQueryRq colour="red"/>', "colour"),
        ("<CustomerQueryRq>" + "<a>" * 5000 + "</a>" * 5000 + "</CustomerQueryRq>", "no qbXML"),
        ("<CustomerQueryRq>" + "x" * (1 << 20) + "</CustomerQueryRq>", "no qbXML"),
    ],
)
def test_what_is_not_one_request_is_refused_with_the_reason(world: World, text: str, told: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        hand_over(world, text)
    assert any(told in fault.message for fault in refused.value.faults), refused.value.faults
    assert raw_requests.listing(world.core, "acme") == []


def test_a_whole_document_is_taken_as_well(warm: World) -> None:
    head = '<?xml version="1.0"?><?qbxml version="8.0"?>'
    document = f'{head}<QBXML><QBXMLMsgsRq onError="stopOnError">{QUERY}</QBXMLMsgsRq></QBXML>'
    raw_id = hand_over(warm, document)
    warm.poll()
    assert state(warm, raw_id) == "answered"


def test_letters_of_every_kind_reach_quickbooks(warm: World) -> None:
    hand_over(warm, "<CustomerAddRq><CustomerAdd><Name>Café &amp; Söhne</Name></CustomerAdd></CustomerAddRq>")
    warm.poll()
    assert [item["Name"] for item in warm.company.records("Customer")] == ["Café & Söhne"]


def test_only_a_query_with_an_iterator_can_be_followed(world: World) -> None:
    for text in (QUERY, ADD):
        with pytest.raises(InvalidInput, match="followed"):
            hand_over(world, text, follow=True)


def test_what_is_queued_can_be_taken_back_and_nothing_else(warm: World) -> None:
    raw_id = hand_over(warm, ADD)
    for _ in range(2):
        assert raw_requests.cancel(warm.core, "acme", raw_id, actor="host").raw.state is RawState.CANCELLED
    warm.poll()
    assert added(warm) == 0
    done = hand_over(warm, QUERY)
    warm.poll()
    with pytest.raises(Conflict, match="answered already"):
        raw_requests.cancel(warm.core, "acme", done, actor="host")


def test_a_request_of_another_connector_is_not_there(warm: World) -> None:
    raw_id = hand_over(warm, QUERY)
    warm.add_connector("pier")
    with pytest.raises(NotFound):
        raw_requests.get(warm.core, "pier", raw_id)
    assert raw_requests.listing(warm.core, "pier") == []


def test_the_log_tells_of_every_step(warm: World) -> None:
    hand_over(warm, QUERY)
    warm.poll()
    told = [entry.event.type for entry in history.feed(warm.core, "acme", limit=500)]
    assert [each for each in told if "request_" in each] == [
        "connector.request_queued",
        "connector.request_sent",
        "connector.request_answered",
    ]


def test_what_is_over_is_kept_as_long_as_other_texts(warm: World) -> None:
    raw_id = hand_over(warm, QUERY)
    warm.poll()
    waiting = hand_over(warm, QUERY)
    days = Limits().keep_message_texts_days
    with later(warm, days=days - 1):
        tidying.tidy(warm.core)
    assert state(warm, raw_id) == "answered"
    with later(warm, days=days + 2):
        tidying.tidy(warm.core)
    with pytest.raises(NotFound):
        shown(warm, raw_id)
    assert state(warm, waiting) == "queued"


# --- cuts of every kind at every call ------------------------------------------------------------------------

EVERY_CUT = (
    *(
        f"{kind}@{method}#{number}"
        for kind in ("drop-before", "drop-after", "duplicate", "late", "second", "delay")
        for method in ("authenticate", "sendRequestXML", "receiveResponseXML", "closeConnection")
        for number in (1, 2)
    ),
    *(f"{kind}@receiveResponseXML#{number}" for kind in ("truncate", "garble", "empty") for number in (1, 2)),
    *(f"{kind}#{number}" for kind in ("kill", "unstored", "unbegun", "wrong-file") for number in (1, 2)),
    *(f"refuse#{number}:{code}" for code in ("0x80040400", "0x80040402", "0x80040408") for number in (1, 2)),
    "kill#1:0",
    "clock-jump#1:90000",
    "clock-jump#1:-90000",
)


@pytest.mark.parametrize(
    "fault",
    [pytest.param(fault, marks=pytest.mark.thorough if "#2" in fault else ()) for fault in EVERY_CUT],
)
def test_a_raw_write_is_carried_out_at_most_once_and_its_state_is_true(
    make_world: Callable[..., World], fault: str
) -> None:
    clock = HandClock()
    world = make_world(clock=clock)
    world.warm()
    query, write = hand_over(world, QUERY), hand_over(world, ADD)
    card = connectors.get(world.core, "acme")

    def visits(faults: FaultPlan | None, most: int) -> None:
        made = WebConnector(
            "",
            card.username,
            world.passwords["acme"],
            world.company,
            card.owner_id,
            card.file_id,
            endpoint=WithoutHttp(world.core),
            sleep=lambda seconds: clock.forward(seconds=seconds),
        )
        made.faults = faults
        made.run(max_sessions=most)

    plan = FaultPlan.of([fault])
    visits(plan, 3)
    for _ in range(4):
        clock.forward(hours=1)
        visits(None, 5)
    times, ended = added(world), state(world, write)
    assert times <= 1
    assert ended in {0: ("refused", "uncertain"), 1: ("answered", "uncertain")}[times]
    # the first message set holds the query alone
    assert state(world, query) == ("refused" if fault == "refuse#1:0x80040400" else "answered")
