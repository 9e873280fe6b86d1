"""Random histories of several faults, host edits and people's work, each told from its seed alone."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from qbwc_server.desk.administration import connectors
from qbwc_server.domain.kinds import Kind
from qbwc_server.storage.database import Database
from tests.worlds.fault_judge import judge
from tests.worlds.fault_runs import Balance, play_seed
from tests.worlds.fault_script import SMALL, hand_over, line, prepare
from tests.worlds.fault_world import History, emptied


def test_whatever_happens_quickbooks_ends_with_exactly_one_of_each(
    seeds: list[int], database_file: Database, record_property: Callable[[str, object], None]
) -> None:
    balance = Balance()
    for seed in seeds:
        play_seed(emptied(database_file), seed, balance)
    balance.close(record_property)


@pytest.mark.parametrize("batch_size", [2, 5])
def test_a_number_is_not_given_to_two_documents_whose_probes_lie_apart(
    database_file: Database, batch_size: int
) -> None:
    history = History(emptied(database_file), batch_size=batch_size)
    prepare(history)
    hand_over(history, SMALL)
    history.settle()
    assert history.view(Kind.INVOICE, "inv1")["state"] == "synced"
    (error,) = history.view(Kind.INVOICE, "twin")["errors"]
    assert error["cause"] == "number_conflict"
    assert len([each for each in history.company.records("Invoice") if each["RefNumber"] == "SO-1"]) == 1


def test_the_first_file_a_connector_sees_may_be_the_wrong_one(database_file: Database) -> None:
    history = History(emptied(database_file), ["wrong-file#1"])
    prepare(history)
    hand_over(history, SMALL)
    report = history.visit()
    assert "Another company file" in (report.last_error or "")
    assert [
        entry.by for sister in history.sisters for entry in sister.ledger if entry.by == "application"
    ] == []
    assert connectors.get(history.core, "acme").binding is None
    history.settle()
    bound = connectors.get(history.core, "acme").binding
    assert bound is not None
    assert bound.company_name == "Acme Seafood"


def test_a_person_can_confirm_a_file_that_bears_another_file_id(database_file: Database) -> None:
    history = History(emptied(database_file), ["wrong-file#1", "wrong-file#2", "wrong-file#3"])
    prepare(history)
    assert history.visit().last_error
    connectors.confirm_company_file(history.core, "acme", company="Sister Company, Inc.", actor="staff:ann")
    assert history.visit().last_error is None
    assert history.visit().last_error is None
    bound = connectors.get(history.core, "acme").binding
    assert bound is not None
    assert bound.company_name == "Sister Company, Inc."


def test_a_document_gone_with_a_restored_backup_is_found_gone_when_it_changes(
    database_file: Database,
) -> None:
    """Before the next refresh asks for what was posted last, too."""
    history = History(emptied(database_file), ["restore#3:1"])
    prepare(history)
    hand_over(history, SMALL)
    history.settle()
    history.put(Kind.INVOICE, "inv0", memo="order 0; changed", lines=[line(1)])
    history.settle()
    (error,) = history.view(Kind.INVOICE, "inv0")["errors"]
    assert error["cause"] == "document_deleted"
    assert [entry for entry in history.company.ledger if entry.by == "application"] == []


def test_a_document_that_was_never_sent_may_be_voided_twice(database_file: Database) -> None:
    history = History(emptied(database_file))
    prepare(history)
    hand_over(history, SMALL)
    for _ in range(2):
        history.void(Kind.INVOICE, "inv0")
        assert history.view(Kind.INVOICE, "inv0")["state"] == "cancelled"


@pytest.mark.parametrize("done", ["0", "99"])
def test_a_document_voided_while_nobody_knows_whether_it_is_there_is_never_left_standing(
    database_file: Database, done: str
) -> None:
    """QuickBooks dies over the set and says 9002 when asked: a person decides, and the number probe tells."""
    history = History(emptied(database_file), [f"kill#3:{done}"])
    prepare(history)
    hand_over(history, SMALL, twin=False)
    history.visit()
    unknown = [wish for wish, state in history.under_way().items() if state == "uncertain"]
    assert unknown
    for wish in unknown:
        history.void(*wish)
    history.settle()
    while history.decide_what_is_uncertain():
        history.settle()
    assert judge(history).faults == ()
    assert {str(history.view(*wish)["state"]) for wish in unknown} <= {"synced", "cancelled"}
