"""Answers and refusals: each settles what it answers, and one bad request never ends the session."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from math import ceil, log2

import pytest
from freezegun import freeze_time
from lxml import etree

from qbwc_server.desk.error_records import errors
from qbwc_server.desk.logs import visits
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.retries import MOST_ATTEMPTS
from qbwc_server.simulator.errors import RequestProcessorError
from tests.worlds.sync_world import (
    START,
    Answer,
    World,
    enter_by_hand,
    message_set_of,
    requests_in,
    writes_in,
)

PARSE_ERROR = "0x80040400"


def add_requests_in(text: str) -> list[etree._Element]:
    return [request for request in requests_in(text) if not str(request.tag).endswith("QueryRq")]


class Unparsable:
    """QuickBooks rejects every message set that holds one of these texts, as it does XML it cannot read."""

    def __init__(self, *poison: str, hresult: str = PARSE_ERROR) -> None:
        self.poison = poison
        self.hresult = hresult
        self.refused = 0

    def process(self, world: World) -> Callable[[str], str]:
        original = world.company.process

        def process(text: str) -> str:
            if any(word in text for word in self.poison):
                self.refused += 1
                raise RequestProcessorError(self.hresult, "QuickBooks found an error when parsing.")
            return str(original(text))

        return process


def poisoned(
    world: World, monkeypatch: pytest.MonkeyPatch, *words: str, hresult: str = PARSE_ERROR
) -> Unparsable:
    made = Unparsable(*words, hresult=hresult)
    monkeypatch.setattr(world.company, "process", made.process(world))
    return made


# --- whole sets refused -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("number", "culprit"), [(50, 31), (9, 8), (2, 1), (1, 0)])
def test_the_one_request_quickbooks_cannot_parse_is_found_by_halving_and_blocked_alone(
    make_world: Callable[..., World], monkeypatch: pytest.MonkeyPatch, number: int, culprit: int
) -> None:
    world = make_world(settings={"batch_size": 50})
    world.warm()
    for each in range(number):
        world.customer(f"c{each:02}", **({"notes": "poison"} if each == culprit else {}))
    poisoned(world, monkeypatch, "poison")
    visit = world.poll()
    assert visit.progress[-1] == 100
    extra = len(visit.texts) - 1
    assert extra <= 2 * ceil(log2(number))
    assert world.states() == {"synced": number - 1, "blocked": 1} if number > 1 else {"blocked": 1}
    (error,) = world.errors()
    assert error.external_id == f"c{culprit:02}"
    assert error.cause == "refused"
    assert error.quickbooks is not None
    assert error.quickbooks.code == PARSE_ERROR
    assert set(world.posted().values()) == ({1} if number > 1 else set())
    assert len(world.posted()) == number - 1


def test_several_requests_that_cannot_be_parsed_are_all_found(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.warm()
    for each in range(12):
        world.customer(f"c{each:02}", **({"notes": "poison"} if each in (3, 4, 11) else {}))
    poisoned(world, monkeypatch, "poison")
    assert world.poll().progress[-1] == 100
    assert world.states() == {"synced": 9, "blocked": 3}
    assert set(world.posted().values()) == {1}


def test_halving_goes_on_in_the_next_session_where_it_broke_off(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.warm()
    for each in range(8):
        world.customer(f"c{each:02}", **({"notes": "poison"} if each == 5 else {}))
    poisoned(world, monkeypatch, "poison")
    first = world.visit()
    first.exchange()
    first.exchange()
    first.close()
    world.poll()
    assert world.states() == {"synced": 7, "blocked": 1}
    assert set(world.posted().values()) == {1}


def test_documents_are_halved_too_and_their_numbers_stay_checked(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.basics()
    world.poll()
    for each in range(6):
        world.invoice(f"n{each}", memo="poison" if each == 2 else "fine")
    poisoned(world, monkeypatch, "poison")
    assert world.poll().progress[-1] == 100
    assert world.states(Kind.INVOICE) == {"synced": 5, "blocked": 1}
    assert world.posted(Kind.INVOICE) == {f"n{each}": 1 for each in range(6) if each != 2}


def test_numbers_are_asked_for_anew_when_halving_goes_on_in_another_session(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.basics()
    world.poll()
    for each in range(4):
        world.invoice(f"n{each}", memo="poison" if each == 2 else "fine")
    poisoned(world, monkeypatch, "poison")
    first = world.visit()
    first.exchange()
    first.exchange()
    first.close()
    enter_by_hand(world, "n0")
    assert world.poll().progress[-1] == 100
    assert world.posted(Kind.INVOICE) == {"n1": 1, "n3": 1}
    assert world.causes(Kind.INVOICE, "n0") == [("number_conflict", None)]
    assert world.causes(Kind.INVOICE, "n2") == [("refused", None)]


def test_a_version_quickbooks_does_not_know_is_not_blamed_on_the_records(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.warm()
    for each in range(8):
        world.customer(f"c{each}")
    refusing = poisoned(world, monkeypatch, "CustomerAddRq", hresult="0x80040423")
    visit = world.poll()
    assert refusing.refused <= 2
    assert visit.progress[-1] < 0 or visit.progress[-1] == 100
    assert world.states() == {"queued": 8}
    assert world.errors() == world.connector_errors()
    (error,) = world.connector_errors()
    assert error.quickbooks is not None
    assert error.quickbooks.code == "0x80040423"
    assert "Update QuickBooks" in error.remedy
    monkeypatch.undo()
    with freeze_time(world.clock() + timedelta(hours=2)):
        world.poll()
        assert world.states() == {"synced": 8}


def test_visits_in_which_quickbooks_refused_a_request_or_a_whole_set_are_those_that_failed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failed() -> int:
        found = visits.page(world.core, "acme", visits.WantedVisits(failed=True), visits.Place())
        return len(found.lines)

    world.warm()
    world.customer("c0")
    world.poll()
    assert failed() == 0
    world.company.person.add("Vendor", {"Name": "Harbour Boats"})
    world.customer("c1", name="Harbour Boats")
    world.poll()
    assert world.causes(Kind.CUSTOMER, "c1")
    assert failed() == 1
    world.customer("c2", notes="poison")
    poisoned(world, monkeypatch, "poison")
    world.poll()
    assert failed() == 2
    # the next one in which nothing is refused is none of them
    world.customer("c3")
    world.poll()
    assert failed() == 2


def test_a_list_query_that_cannot_be_parsed_is_not_asked_for_ever(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    poisoned(world, monkeypatch, "QueryRq")
    visit = world.poll()
    assert len(visit.texts) <= 3
    assert world.connector_errors()


@pytest.mark.parametrize(
    ("hresult", "executed"),
    [
        ("0x80040402", True),
        ("0x8004040D", False),
        ("0x80010105", True),
        ("0x8004041B", False),
        ("0x80040414", True),
        ("0xDEADBEEF", False),
        ("weird", True),
    ],
)
def test_after_any_other_hresult_quickbooks_is_asked_before_anything_is_sent_again(
    world: World, hresult: str, executed: bool
) -> None:
    world.warm()
    world.basics()
    visit = world.visit()
    text = visit.send()
    if executed:
        visit.process(text)
    assert visit.receive(Answer("", hresult, "no")) < 0
    visit.last_error = world.calls.get_last_error(visit.ticket)
    visit.close()
    assert visit.last_error
    assert world.states() == {"uncertain": 2}
    (error,) = world.connector_errors()
    assert error.cause == "quickbooks_unreachable"
    assert error.quickbooks is not None
    assert error.quickbooks.code == hresult
    again = world.poll()
    assert all(not writes_in(each) for each in again.texts[:1])
    assert world.states() == {"synced": 2}
    assert world.posted() == {"Customer c": 1, "Item i": 1}
    assert world.connector_errors() == []


def test_an_hresult_for_nothing_that_was_sent_is_harmless(world: World) -> None:
    visit = world.visit()
    assert visit.receive(Answer("", "0x80040402", "no")) == -1
    assert visit.run().progress[-1] == 100


# --- single refusals ----------------------------------------------------------------------------------------


def refuse(
    code: int, sentence: str = "QuickBooks says no", *, times: int = 10**6
) -> Callable[[str, Answer], Answer]:
    """Every Add is answered with this status, unexecuted as far as the server can tell."""
    left = [times]

    def fault(text: str, answer: Answer) -> Answer:
        message_set = message_set_of(answer.response)
        for response in message_set:
            if str(response.tag).endswith("AddRs") and left[0] > 0:
                left[0] -= 1
                response[:] = []
                response.set("statusCode", str(code))
                response.set("statusSeverity", "Error")
                response.set("statusMessage", sentence)
        return Answer(etree.tostring(message_set.getparent(), encoding="unicode"))

    return fault


@pytest.mark.parametrize(
    ("code", "cause"),
    [
        (3000, "invalid_field"),
        (3070, "invalid_field"),
        (3100, "name_in_use"),
        (3140, "reference_missing"),
        (3150, "invalid_field"),
        (3171, "closed_period"),
        (3161, "closed_period"),
        (3210, "refused"),
        (3260, "not_permitted"),
        (3261, "not_permitted"),
        (3263, "not_permitted"),
        (9999, "refused"),
    ],
)
def test_a_refusal_for_good_blocks_with_quickbooks_own_code_and_sentence(
    world: World, code: int, cause: str
) -> None:
    world.warm()
    world.customer("c")
    world.customer("d")
    visit = world.poll(fault=refuse(code, 'The name "C" is no good & <bad>', times=1))
    assert visit.progress[-1] == 100
    assert world.states() == {"blocked": 1, "synced": 1}
    (error,) = world.errors()
    assert (error.cause, error.external_id) == (cause, "c")
    assert error.quickbooks is not None
    assert (error.quickbooks.code, error.quickbooks.severity) == (str(code), "Error")
    assert error.quickbooks.message == 'The name "C" is no good & <bad>'


def test_quickbooks_own_refusals_are_told_apart(world: World) -> None:
    world.company.person.close_books("2026-10-31")
    world.basics()
    world.invoice("1", txn_date="2026-10-15")
    world.poll()
    assert world.causes(Kind.INVOICE, "1") == [("closed_period", None)]
    world.company.person.close_books(None)
    errors.retry(world.core, "acme", cause_key="closed_period", actor="ada")
    world.poll()
    assert world.posted()["1"] == 1


def test_a_name_an_employee_holds_is_found_by_quickbooks_and_told(world: World) -> None:
    world.company.person.add("OtherName", {"Name": "Customer c"})
    world.customer("c")
    world.poll()
    (error,) = world.view(Kind.CUSTOMER, "c")["errors"]
    assert error["cause"] == "name_in_use"
    assert "“Customer c”" in error["message"]


def test_a_new_name_somebody_has_already_is_told_by_that_name(world: World) -> None:
    world.warm()
    world.customer("x")
    world.poll()
    world.company.person.add("Employee", {"FirstName": "Ann", "LastName": "Miller", "Name": "Ann Miller"})
    world.customer("x", name="Ann Miller")
    world.poll()
    (error,) = world.view(Kind.CUSTOMER, "x")["errors"]
    assert (error["cause"], error["cause_key"]) == ("name_in_use", "customer_name:ann miller")


def test_what_depends_on_a_refused_record_is_blocked_with_it_and_released_with_it(world: World) -> None:
    world.basics()
    world.invoice("1")
    world.company.person.deny("CustomerAdd")
    world.poll()
    assert world.causes(Kind.INVOICE, "1") == [("not_permitted", None)]
    world.company.person.allow("CustomerAdd")
    (error,) = (item for item in world.errors() if item.kind is Kind.CUSTOMER)
    assert errors.retry(world.core, "acme", ids=[error.id], actor="ada").still_blocked == 0
    assert world.states() == {"queued": 2, "synced": 1}
    world.poll()
    assert world.states() == {"synced": 3}


def test_what_depends_on_a_record_that_the_host_corrected_goes_on(world: World) -> None:
    world.basics()
    world.invoice("1")
    world.poll(fault=refuse(3070, "too long", times=1))
    assert world.causes(Kind.INVOICE, "1") == [("invalid_field", None)]
    world.company.person.delete("Customer", world.company.find("Customer", Name="Customer c")["ListID"])
    world.customer("c", name="Shorter")
    world.poll()
    assert world.states() == {"synced": 3}


# --- refused for now ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [3175, 3176, 1010])
def test_a_refusal_for_now_waits_longer_every_time_and_ends_with_a_person(
    make_world: Callable[..., World], code: int
) -> None:
    with freeze_time(START) as clock:
        world = make_world(settings={"refresh_minutes": 10_000})
        world.warm()
        world.customer("c")
        world.company.person.deny("CustomerAdd", code)
        for minutes in [1, 2, 4, 8, 16, 32][:MOST_ATTEMPTS]:
            visit = world.poll()
            assert len(visit.texts) == 1
            assert world.state(Kind.CUSTOMER, "c") == "queued"
            due = world.clock() + timedelta(minutes=minutes)
            assert world.view(Kind.CUSTOMER, "c")["not_before"] == due.isoformat()
            clock.tick(minutes * 60 - 1)
            assert world.poll().answer[1] == "none"
            clock.tick(1)
        world.poll()
        assert world.causes(Kind.CUSTOMER, "c") == [("refused", None)]
        assert world.posted() == {}


def test_after_a_refusal_for_now_the_record_is_sent_again_and_posted_once(
    make_world: Callable[..., World],
) -> None:
    with freeze_time(START) as clock:
        world = make_world()
        world.warm()
        world.basics()
        world.company.person.lock_list("Customer")
        world.poll()
        assert world.states() == {"queued": 1, "synced": 1}
        world.company.person.unlock_list("Customer")
        clock.tick(61)
        world.poll()
        assert world.states() == {"synced": 2}
        assert world.posted() == {"Customer c": 1, "Item i": 1}


@pytest.mark.parametrize("recovery", [True, False])
def test_an_internal_error_of_quickbooks_does_not_make_the_session_endless(
    make_world: Callable[..., World], recovery: bool
) -> None:
    """Status 1000 proves nothing, and the stored outcome of the set says 1000 for ever."""
    with freeze_time(START) as clock:
        world = make_world(settings={"refresh_minutes": 10_000, "message_set_recovery": recovery})
        world.warm()
        world.customer("c")
        world.company.person.deny("CustomerAdd", 1000)
        for _ in range(MOST_ATTEMPTS + 3):
            assert len(world.poll().texts) < 6
            clock.tick(3601)
        assert world.causes(Kind.CUSTOMER, "c") == [("uncertain", None)]
        (error,) = world.view(Kind.CUSTOMER, "c")["errors"]
        assert error["quickbooks"]["code"] == "1000"
        world.company.person.allow("CustomerAdd")
        errors.retry(world.core, "acme", ids=[error["id"]], actor="ada")
        world.poll()
        assert world.posted() == {"Customer c": 1}


@pytest.mark.parametrize("recovery", [True, False])
def test_an_internal_error_after_the_write_is_found_out_by_asking(
    make_world: Callable[..., World], recovery: bool
) -> None:
    with freeze_time(START) as clock:
        world = make_world(settings={"message_set_recovery": recovery})
        world.warm()
        world.customer("c")
        world.poll(fault=refuse(1000, times=1))
        clock.tick(3601)
        world.poll()
        assert world.state(Kind.CUSTOMER, "c") == "synced"
        assert world.posted() == {"Customer c": 1}


def test_a_warning_is_kept_on_the_record(world: World) -> None:
    world.warm()
    world.customer("c")

    def warn(text: str, answer: Answer) -> Answer:
        return Answer(
            answer.response.replace(
                'statusCode="0" statusSeverity="Info" statusMessage="Status OK"',
                'statusCode="530" statusSeverity="Warn" statusMessage="Field not supported"',
            )
        )

    world.poll(fault=warn)
    view = world.view(Kind.CUSTOMER, "c")
    assert view["state"] == "synced"
    assert any("Field not supported (530)" in warning for warning in view["warnings"])


def bar_code(world: World) -> object:
    """The bar code of item ``i`` in QuickBooks."""
    return world.company.find("Item", ListID=world.view(Kind.ITEM, "i")["list_id"]).get("BarCodeValue")


def test_a_bar_code_is_created_changed_and_taken_away(world: World) -> None:
    world.item("i", barcode="4006381333931")
    world.poll()
    assert bar_code(world) == "4006381333931"
    for code in ("4006381333948", None, "0012"):
        world.item("i", barcode=code)
        world.poll()
        assert (world.state(Kind.ITEM, "i"), bar_code(world)) == ("synced", code)


def test_a_bar_code_a_person_changed_is_not_overwritten_unasked(world: World) -> None:
    world.item("i", barcode="1111")
    world.poll()
    list_id = world.view(Kind.ITEM, "i")["list_id"]
    world.company.person.edit("ItemNonInventory", list_id, {"BarCodeValue": "2222"})
    world.item("i", barcode="3333")
    world.poll()
    assert (world.causes(Kind.ITEM, "i"), bar_code(world)) == ([("changed_in_quickbooks", None)], "2222")


def test_another_change_leaves_the_bar_code_alone(world: World) -> None:
    world.item("i", barcode="1111")
    world.poll()
    list_id = world.view(Kind.ITEM, "i")["list_id"]
    world.company.person.edit("ItemNonInventory", list_id, {"BarCodeValue": "2222"})
    world.item("i", barcode="1111", price="10.00")
    world.poll()
    assert (world.state(Kind.ITEM, "i"), bar_code(world)) == ("synced", "2222")


def test_a_quickbooks_without_bar_codes_gets_the_item_and_a_warning(world: World) -> None:
    versions = world.company.host["SupportedQBXMLVersion"]
    world.company.host["SupportedQBXMLVersion"] = versions[: versions.index("11.0") + 1]
    world.item("i", barcode="1111")
    world.poll()
    assert world.state(Kind.ITEM, "i") == "synced"
    assert any("bar_code" in warning for warning in world.view(Kind.ITEM, "i")["warnings"])
