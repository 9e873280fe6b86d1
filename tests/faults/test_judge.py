"""The judge itself: it sees what is wrong when something is."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from qbwc_server.domain.kinds import Kind
from qbwc_server.storage.database import Database
from qbwc_server.storage.schema import record
from tests.worlds.fault_judge import judge
from tests.worlds.fault_script import SMALL, hand_over, prepare
from tests.worlds.fault_world import History, emptied


@pytest.fixture
def history(database_file: Database) -> History:
    """A history without a fault, at rest, and found to be right."""
    made = History(emptied(database_file))
    prepare(made)
    hand_over(made, SMALL)
    made.settle()
    assert judge(made).faults == ()
    return made


def _say(history: History, external_id: str, **values: object) -> None:
    """Have the server believe something of an invoice."""
    with history.core.database.begin() as conn:
        conn.execute(update(record).where(record.c.external_id == external_id).values(**values))


def test_a_document_added_twice_is_a_duplicate(history: History) -> None:
    text = next(
        call.result
        for report in history.reports
        for call in report.calls
        if call.method == "sendRequestXML" and "<InvoiceAddRq" in str(call.result)
    )
    again = _without_set_ids(str(text)).replace("<RefNumber>SO-", "<RefNumber>AGAIN-")
    history.company.begin_session()
    history.company.process(again)
    history.company.end_session()
    assert judge(history).duplicates


def _without_set_ids(text: str) -> str:
    """The message set as one that QuickBooks does not remember having carried out."""
    head, _, tail = text.partition("<QBXMLMsgsRq")
    _, _, requests = tail.partition(">")
    return f'{head}<QBXMLMsgsRq onError="continueOnError">{requests}'


def test_a_synced_document_that_is_not_there_is_lost(history: History) -> None:
    history.company.person.delete_transaction("Invoice", str(history.view(Kind.INVOICE, "inv1")["txn_id"]))
    assert any("inv1" in fault for fault in judge(history).lost)


def test_a_record_that_stays_queued_is_lost(history: History) -> None:
    _say(history, "inv1", state="queued")
    assert judge(history).lost == ("inv1 is queued",)


def test_a_synced_document_with_other_contents_is_a_false_state(history: History) -> None:
    txn_id = str(history.view(Kind.INVOICE, "inv1")["txn_id"])
    history.company.person.edit_transaction("Invoice", txn_id, {"Memo": "something else"})
    assert any("inv1" in fault for fault in judge(history).false_states)


def test_a_document_that_is_blocked_without_a_word_is_a_false_state(history: History) -> None:
    _say(history, "inv1", state="blocked")
    assert judge(history).false_states == ("invoice inv1 is blocked without a word",)
