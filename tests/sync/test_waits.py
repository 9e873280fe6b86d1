"""Nothing waits without an end that a person sees, and what waits says why and until when."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from freezegun import freeze_time
from lxml import etree

from qbwc_server.desk import overview
from qbwc_server.desk.administration import connectors
from qbwc_server.desk.error_records import errors
from qbwc_server.desk.standing import queue
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.limits import Limits
from qbwc_server.simulator.errors import RequestProcessorError
from qbwc_server.simulator.quickbooks.request_processor import CRASHED
from tests.worlds.sync_world import START, Answer, Fault, World, message_set_of, refusing

CURRENCY = "The account type is not valid for this customer's currency."
LOCKED = (
    "There was an error when saving a Invoice. The list could not be locked. It is in use by another user."
)


def saying(name: str, code: int, sentence: str) -> Fault:
    """QuickBooks refuses every such request with this sentence, and has not carried it out."""

    def fault(text: str, answer: Answer) -> Answer:
        message_set = message_set_of(answer.response)
        for response in message_set.findall(name):
            response[:] = []
            response.set("statusCode", str(code))
            response.set("statusSeverity", "Error")
            response.set("statusMessage", sentence)
        return Answer(etree.tostring(message_set.getparent(), encoding="unicode"))

    return fault


# --- refused for good, or for now ---------------------------------------------------------------------------


@pytest.mark.parametrize("code", [3170, 3180])
@pytest.mark.parametrize("sentence", [CURRENCY, "", "Die Liste wird gerade verwendet."])
def test_a_refusal_whose_sentence_tells_of_no_other_user_is_an_error_record_at_once(
    world: World, code: int, sentence: str
) -> None:
    world.warm()
    world.customer("c")
    world.company.person.deny("CustomerAdd", 3260)
    world.poll(fault=saying("CustomerAddRs", code, sentence))
    assert world.causes(Kind.CUSTOMER, "c") == [("refused", None)]
    (error,) = world.view(Kind.CUSTOMER, "c")["errors"]
    assert error["quickbooks"] == {"code": str(code), "severity": "Error", "message": sentence}
    assert "QuickBooks' own sentence" in error["remedy"]
    assert world.visit().answer[1] == "none"
    assert world.posted() == {}


@pytest.mark.parametrize("code", [3170, 3180])
@pytest.mark.parametrize(
    "sentence",
    [
        LOCKED,
        "This list has been modified by another user.",
        "The internals could not be locked.  They are in use by another user.",
        "Failed to acquire the lock for this object.",
    ],
)
def test_a_refusal_because_of_another_user_waits_and_says_so_on_the_record(
    world: World, code: int, sentence: str
) -> None:
    with freeze_time(START) as clock:
        world.warm()
        world.customer("c")
        world.company.person.deny("CustomerAdd", 3260)
        world.poll(fault=saying("CustomerAddRs", code, sentence))
        view = world.view(Kind.CUSTOMER, "c")
        assert (view["state"], view["errors"]) == ("queued", [])
        assert view["waiting"] == {
            "reason": f"QuickBooks refused it for now: “{sentence}” ({code}).",
            "until": (world.clock() + timedelta(minutes=1)).isoformat(),
        }
        (place,) = queue.queue(world.core, "acme").later
        assert place.reason == view["waiting"]["reason"]
        world.company.person.allow("CustomerAdd")
        clock.tick(61)
        world.poll()
        view = world.view(Kind.CUSTOMER, "c")
        assert (view["state"], view["waiting"], view["not_before"]) == ("synced", None, None)


def test_a_resync_has_everything_tried_again_at_once(world: World) -> None:
    world.warm()
    world.customer("c")
    world.company.person.lock_list("Customer")
    world.poll()
    assert world.view(Kind.CUSTOMER, "c")["waiting"] is not None
    world.company.person.unlock_list("Customer")
    connectors.resync(world.core, "acme", actor="staff:ann")
    world.poll()
    assert world.posted() == {"Customer c": 1}
    assert world.state(Kind.CUSTOMER, "c") == "synced"


def test_what_waits_for_another_record_names_it(world: World) -> None:
    world.warm()
    world.basics()
    world.invoice("1")
    waiting = world.view(Kind.INVOICE, "1")["waiting"]
    assert waiting == {"reason": "It goes when customer c and item i are in QuickBooks.", "until": None}


# --- questions that are refused -----------------------------------------------------------------------------


@pytest.mark.parametrize("hresult", [None, "0x80040400"])
def test_a_number_that_quickbooks_never_tells_about_ends_with_a_person(
    world: World, monkeypatch: pytest.MonkeyPatch, hresult: str | None
) -> None:
    with freeze_time(START) as clock:
        world.basics()
        world.poll()
        world.invoice("1")
        if hresult is None:  # else its message set is refused as well
            world.customer("later")

        def refuse(text: str, answer: Answer) -> Answer:
            if hresult and "InvoiceQueryRq" in text:
                return Answer("", hresult, "QuickBooks found an error.")
            return answer if hresult else refusing("InvoiceQueryRs", 3260)(text, answer)

        world.poll(fault=refuse)
        assert world.states(Kind.CUSTOMER) == {"synced": 1 if hresult else 2}
        waiting = world.view(Kind.INVOICE, "1")["waiting"]
        assert (hresult or "3260") in waiting["reason"]
        for _ in range(6):
            clock.tick(3601)
            world.poll(fault=refuse)
        assert world.causes(Kind.INVOICE, "1") == [("refused", None)]
        (error,) = world.view(Kind.INVOICE, "1")["errors"]
        assert error["quickbooks"]["code"] == (hresult or "3260")
        errors.retry(world.core, "acme", ids=[error["id"]], actor="ada")
        world.poll()
        assert world.posted(Kind.INVOICE) == {"1": 1}


def test_a_copy_that_quickbooks_never_shows_ends_with_a_person(world: World) -> None:
    with freeze_time(START) as clock:
        world.basics()
        world.invoice("1")
        world.poll()
        world.company.person.edit_transaction(
            "Invoice", world.company.find("Invoice", RefNumber="1")["TxnID"], {"PONumber": "7"}
        )
        world.invoice("1", memo="changed")
        for _ in range(7):
            world.poll(fault=refusing("InvoiceQueryRs", 3260))
            clock.tick(3601)
        assert world.causes(Kind.INVOICE, "1") == [("refused", None)]


# --- sets that come to nothing ------------------------------------------------------------------------------


@pytest.fixture
def unbegun(world: World) -> Callable[[], None]:
    """QuickBooks dies over the next message set before its first request, and keeps an empty outcome of it."""
    return world.company.mishaps.die_over_next_set


def test_an_empty_stored_outcome_sends_the_records_anew_under_another_id(
    world: World, unbegun: Callable[[], None]
) -> None:
    """QuickBooks took the set in and died before it came to the first request."""
    world.warm()
    world.basics()
    unbegun()
    first = world.poll()
    assert first.progress[-1] == -1
    assert world.posted() == {}
    second = world.poll()
    assert second.progress[-1] == 100
    assert world.states() == {"synced": 2}
    assert world.posted() == {"Customer c": 1, "Item i": 1}
    names = [message_set_of(text).get("newMessageSetID") for text in [*first.texts, *second.texts]]
    used = [name for name in names if name]
    assert used[0] == used[1]  # the identical set, once more
    assert len(set(used)) == 2
    # QuickBooks was asked for what the first set wrote after its empty outcome was told, too
    again = next(text for text in second.texts if f'newMessageSetID="{used[0]}"' in text)
    behind = second.texts[second.texts.index(again) + 1]
    assert "CustomerQueryRq" in behind
    assert "AddRq" not in behind


def test_what_was_entered_although_the_outcome_says_nothing_is_found_before_it_is_sent_anew(
    world: World, unbegun: Callable[[], None]
) -> None:
    world.basics()
    world.poll()
    world.invoice("1")
    first = world.visit()
    first.exchange()  # is its number free?
    unbegun()
    first.run()
    visit = world.visit()
    text = visit.send()
    while "InvoiceAddRq" not in text:
        visit.receive(visit.process(text))
        text = visit.send()
    visit.receive(visit.process(text))
    # QuickBooks had begun after all, whatever its outcome says
    world.company.process(re.sub(r' (new|old)MessageSetID="\w+"', "", text))
    visit.run()
    assert len(world.company.records("Invoice")) == 1
    assert world.state(Kind.INVOICE, "1") == "synced"


class Deadly:
    """QuickBooks dies over every message set that holds one of these words."""

    def __init__(self, world: World, *words: str) -> None:
        self.words = words
        self.deaths = 0
        self._company = world.company
        self._process = world.company.process

    def __call__(self, text: str) -> str:
        if any(f">{word}<" in text for word in self.words):
            self.deaths += 1
            self._company.mishaps.die_over_next_set()
        return str(self._process(text))


@pytest.mark.parametrize("recovery", [True, False])
@pytest.mark.parametrize("number", [1, 7])
def test_a_record_that_quickbooks_always_dies_over_goes_to_a_person_and_keeps_nobody_waiting(
    make_world: Callable[..., World], monkeypatch: pytest.MonkeyPatch, number: int, recovery: bool
) -> None:
    with freeze_time(START) as clock:
        world = make_world(settings={"refresh_minutes": 10_000, "message_set_recovery": recovery})
        world.warm()
        deadly = Deadly(world, "poison")
        monkeypatch.setattr(world.company, "process", deadly)
        for each in range(number):
            world.customer(f"c{each}", **({"notes": "poison"} if each == number // 2 else {}))
        world.vendor("v")
        for _ in range(20):
            world.poll()
            clock.tick(60)
        culprit = f"c{number // 2}"
        assert world.causes(Kind.CUSTOMER, culprit) == [("uncertain", None)]
        (error,) = world.view(Kind.CUSTOMER, culprit)["errors"]
        assert error["quickbooks"] is None or error["quickbooks"]["code"] == CRASHED
        assert world.states() == {"synced": number, "blocked": 1}
        assert set(world.posted().values()) == {1}
        assert world.visit().answer[1] == "none"


# --- lists --------------------------------------------------------------------------------------------------


def test_an_iterator_that_quickbooks_lost_is_begun_again_at_once(make_world: Callable[..., World]) -> None:
    world = make_world(limits=Limits(page_size=2))
    for each in range(5):
        world.company.person.add("Customer", {"Name": f"Old {each}"})
    lost = iter([True])

    def lose(text: str, answer: Answer) -> Answer:
        if "iteratorID" in text and next(lost, False):
            return refusing("CustomerQueryRs", 3000)(text, answer)
        return answer

    world.customer("c")
    visit = world.poll(fault=lose)
    assert visit.progress[-1] == 100
    assert next(lost, None) is None
    assert world.posted() == {"Customer c": 1}


def test_a_list_that_quickbooks_refuses_is_an_error_of_the_connector_and_asked_for_again(
    world: World,
) -> None:
    with freeze_time(START) as clock:
        world.customer("c")
        world.poll(fault=saying("CustomerQueryRs", 3260, "Insufficient permission level."))
        (error,) = world.connector_errors()
        assert error.quickbooks is not None
        assert error.quickbooks.message == "Insufficient permission level."
        texts = [item.text for item in overview.health(world.core, "acme").findings]
        assert any("Customers" in text and "Insufficient permission level." in text for text in texts)
        assert "Insufficient permission level." in (queue.queue(world.core, "acme").held or "")
        clock.tick(61)
        world.poll()
        assert world.connector_errors() == []
        assert world.state(Kind.CUSTOMER, "c") == "synced"


def test_a_look_at_what_was_synced_last_that_is_refused_whole_does_not_make_the_session_endless(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.basics()
    world.poll()
    connectors.resync(world.core, "acme", actor="staff:ann")

    def refuse(text: str) -> str:
        raise RequestProcessorError("0x80040400", "QuickBooks found an error when parsing.")

    monkeypatch.setattr(world.company, "process", refuse)
    visit = world.poll()
    assert (len(visit.texts), visit.progress[-1]) == (1, 100)
    assert [error.cause for error in world.connector_errors()] == ["quickbooks_unreachable"]


def test_visits_that_break_off_again_and_again_are_told_in_the_connectors_health(world: World) -> None:
    def is_told() -> bool:
        findings = overview.health(world.core, "acme").findings
        return any("broke off" in item.text and item.severity == "problem" for item in findings)

    world.warm()
    world.basics()
    world.company.person.deny("*", 1000)
    for number in range(5):
        connectors.resync(world.core, "acme", actor="staff:ann")
        assert is_told() is (number > 3)
        world.visit().exchange()  # and the answer to it does not get through
    world.company.person.allow("*")
    world.visit().run()
    world.poll()
    assert not is_told()
