"""Message-set ids: QuickBooks executes a set once, repeats its outcome, and forgets it when told."""

from __future__ import annotations

import pytest
from lxml import etree

from tests.worlds.sim_world import QuickBooks, takes_any_request

ADD = '<CustomerAddRq requestID="r1"><CustomerAdd><Name>{}</Name></CustomerAdd></CustomerAddRq>'


def names(quickbooks: QuickBooks) -> list[str]:
    return [each["Name"] for each in quickbooks.company.records("Customer")]


def code(message_set: etree._Element) -> str | None:
    return message_set.get("messageSetStatusCode")


def test_a_set_sent_twice_is_executed_once_and_answered_twice(quickbooks: QuickBooks) -> None:
    quickbooks.company.person.add("Customer", {"Name": "taken"})
    first = quickbooks.send(ADD.format("a"), ADD.format("taken"), newMessageSetID="X")
    again = quickbooks.send(ADD.format("a"), ADD.format("taken"), newMessageSetID="X")
    assert names(quickbooks) == ["taken", "a"]
    assert (code(first), code(again)) == ("0", "0")
    assert [each.get("statusCode") for each in again] == ["0", "3100"]
    assert again[0].findtext("ErrorRecovery/ListID") == first[0].findtext("CustomerRet/ListID")
    assert again[0].findtext("ErrorRecovery/EditSequence") == first[0].findtext("CustomerRet/EditSequence")
    assert again[0].get("requestID") == "r1"


def test_the_same_content_without_an_id_is_executed_again(quickbooks: QuickBooks) -> None:
    quickbooks.send(ADD.format("a"))
    answer = quickbooks.send(ADD.format("a"))
    assert answer[0].get("statusCode") == "3100"
    assert code(answer) is None


def test_other_content_under_a_known_id_is_refused_with_9001(quickbooks: QuickBooks) -> None:
    quickbooks.send(ADD.format("a"), newMessageSetID="X")
    answer = quickbooks.send(ADD.format("b"), newMessageSetID="X")
    assert (code(answer), len(answer)) == ("9001", 0)
    assert names(quickbooks) == ["a"]


def test_the_same_id_twice_asks_for_the_outcome_without_requests(quickbooks: QuickBooks) -> None:
    quickbooks.send(ADD.format("a"), newMessageSetID="X")
    answer = quickbooks.send(newMessageSetID="X", oldMessageSetID="X")
    assert code(answer) == "0"
    assert [each.tag for each in answer] == ["CustomerAddRs"]


def test_asking_for_an_unknown_set_gives_9002_and_executes_nothing(quickbooks: QuickBooks) -> None:
    answer = quickbooks.send(ADD.format("a"), newMessageSetID="X", oldMessageSetID="X")
    assert (code(answer), names(quickbooks)) == ("9002", [])
    assert code(quickbooks.send(ADD.format("a"), newMessageSetID="X")) == "0"
    assert names(quickbooks) == ["a"]


def test_an_old_id_alone_is_cleared(quickbooks: QuickBooks) -> None:
    quickbooks.send(ADD.format("a"), newMessageSetID="X")
    assert code(quickbooks.send(oldMessageSetID="X")) == "0"
    assert code(quickbooks.send(oldMessageSetID="X")) == "600"
    assert quickbooks.send(ADD.format("a"), newMessageSetID="X")[0].get("statusCode") == "3100"


def test_an_old_id_is_cleared_in_the_same_go_as_the_next_set(quickbooks: QuickBooks) -> None:
    quickbooks.send(ADD.format("a"), newMessageSetID="X")
    quickbooks.send(ADD.format("b"), newMessageSetID="Y", oldMessageSetID="X")
    assert list(quickbooks.company.recovery.outcomes) == ["Y"]
    again = quickbooks.send(ADD.format("b"), newMessageSetID="Y", oldMessageSetID="X")
    assert code(again) == "0"
    assert names(quickbooks) == ["a", "b"]


def test_an_unknown_old_id_does_not_hold_up_a_new_set(quickbooks: QuickBooks) -> None:
    assert code(quickbooks.send(ADD.format("a"), newMessageSetID="Y", oldMessageSetID="gone")) == "0"
    assert names(quickbooks) == ["a"]


def test_everything_can_be_cleared_at_once(quickbooks: QuickBooks) -> None:
    for number in range(3):
        quickbooks.send(ADD.format(f"c{number}"), newMessageSetID=f"X{number}")
    quickbooks.send(oldMessageSetID="CLR-ALL-MSG-SETS")
    assert quickbooks.company.recovery.outcomes == {}


@takes_any_request
@pytest.mark.parametrize("attribute", ["newMessageSetID", "oldMessageSetID"])
def test_an_id_of_25_characters_is_refused_with_9004(quickbooks: QuickBooks, attribute: str) -> None:
    answer = quickbooks.send(ADD.format("a"), **{attribute: "x" * 25})
    assert (code(answer), len(answer), names(quickbooks)) == ("9004", 0, [])
    assert code(quickbooks.send(ADD.format("a"), newMessageSetID="x" * 24)) == "0"


def test_the_new_id_is_echoed(quickbooks: QuickBooks) -> None:
    assert quickbooks.send(ADD.format("a"), newMessageSetID="X").get("newMessageSetID") == "X"


def test_before_11_the_stored_outcome_has_statuses_only(quickbooks: QuickBooks) -> None:
    quickbooks.send(ADD.format("a"), newMessageSetID="X", version="10.0")
    again = quickbooks.send(ADD.format("a"), newMessageSetID="X", version="10.0")
    assert [(each.get("statusCode"), len(each)) for each in again] == [("0", 0)]


def test_a_repeated_outcome_is_not_a_second_write(quickbooks: QuickBooks) -> None:
    for _ in range(3):
        quickbooks.send(ADD.format("a"), newMessageSetID="X")
    assert len(quickbooks.company.ledger) == 1
