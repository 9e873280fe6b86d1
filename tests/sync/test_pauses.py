"""Why something waits, and what cannot be said, in words."""

from __future__ import annotations

from decimal import Decimal

import pytest

import qbxml.records as qb
from qbwc_server.domain.causes import InvalidField
from qbwc_server.domain.errors import QuickBooksAnswer
from qbwc_server.domain.kinds import Kind, ListName
from qbwc_server.domain.retries import Trouble
from qbwc_server.sync import copies, pauses, wording
from qbwc_server.sync.check import Finding
from qbwc_server.sync.resolve import entry_keys
from qbxml import Version
from qbxml.requests import Add, Built

from .test_known import entry, record

US = wording.Dialect(Version("13.0"), "US")


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (None, "QuickBooks refused it for now."),
        (QuickBooksAnswer("3175", "Error", "In use."), "QuickBooks refused it for now: “In use.” (3175)."),
        (QuickBooksAnswer("3175", "Error", None), "QuickBooks refused it for now: code 3175."),
    ],
)
def test_a_wait_is_told_with_what_quickbooks_said(answer: QuickBooksAnswer | None, words: str) -> None:
    assert pauses.words(Trouble.IN_USE, answer) == words


def test_what_cannot_be_said_to_quickbooks_is_told_with_its_field() -> None:
    customer = record(1, Kind.CUSTOMER, "c1", {"name": "Harbour"})
    there = wording.said(customer, Add(qb.Customer(name="Harbour"), request_id="1"), US)
    assert isinstance(there, Built)
    nameless = wording.said(customer, Add(qb.Customer.believed({"phone": "1"}), request_id="1"), US)
    assert isinstance(nameless, Finding)
    assert isinstance(nameless.cause, InvalidField)
    assert nameless.cause.field == "name"


def test_whoever_waits_for_an_account_number_is_looked_at_when_it_is_there() -> None:
    keys = entry_keys([entry(ListName.CUSTOMER, "C1", "Harbour", account_number="AC-1")])
    assert keys == {
        "list_id:C1",
        "account_number:ac-1",
        *(f"{one}_name:harbour" for one in ListName.CUSTOMER.sharing),
    }


def test_a_document_that_may_be_one_whose_answer_was_lost_is_named_with_whose_it_is_and_its_sum() -> None:
    lost = record(1, Kind.INVOICE, "i1", {"lines": []})
    there = qb.Invoice.believed(
        {
            "txn_id": "5-1",
            "ref_number": "1042",
            "customer": qb.Ref(full_name="Harbour"),
            "subtotal": Decimal("9.00"),
        }
    )
    (candidate,) = copies.uncertain(lost, there).candidates
    assert (candidate.list_id, "Harbour" in candidate.name) == ("5-1", True)
    (found,) = copies.uncertain(
        record(2, Kind.CUSTOMER, "c1", {}), qb.Customer.believed({"list_id": "8-1", "name": "Harbour"})
    ).candidates
    assert (found.name, found.list_id) == ("customer Harbour", "8-1")


def test_what_quickbooks_answers_without_an_id_cannot_be_linked() -> None:
    with pytest.raises(ValueError, match="without its ListID or TxnID"):
        copies.link_of(qb.Customer.believed({"name": "Harbour"}), "answer")
