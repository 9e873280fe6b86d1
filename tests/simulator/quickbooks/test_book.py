"""The indexes of a company file always say what its records say, and stay quick when the lists are long."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qbwc_server.simulator import CompanyFile, StatusError
from qbwc_server.simulator.quickbooks.book import Book
from qbwc_server.simulator.quickbooks.kinds import LIST_KINDS, SPACES, TXN_KINDS
from tests.worlds.hand_clock import HandClock
from tests.worlds.sim_world import ANYTHING, QuickBooks, document

NAMES = st.sampled_from(["Ada", "Ben", "Cyd", "Dov"])
ACTIONS = st.lists(
    st.tuples(
        st.sampled_from(
            ["add", "rename", "move", "delete", "merge", "invoice", "renumber", "reassign", "erase"]
        ),
        NAMES,
        NAMES,
    ),
    max_size=25,
)


def act(company: CompanyFile, what: str, first: str, second: str) -> None:
    """One thing a person does; what makes no sense is refused by QuickBooks."""
    person = company.person
    by_name = {each["Name"]: each["ListID"] for each in company.records("Customer")}
    by_number = {each.get("RefNumber"): each["TxnID"] for each in company.records("Invoice")}
    one, other, txn = (
        by_name.get(first, "80000099-1"),
        by_name.get(second, "80000099-2"),
        by_number.get(first, "9-1"),
    )
    actions: dict[str, Callable[[], Any]] = {
        "add": lambda: person.add("Customer", {"Name": first}),
        "rename": lambda: person.rename("Customer", one, second),
        "move": lambda: person.edit("Customer", one, {"ParentRef": {"ListID": other}}),
        "delete": lambda: person.delete("Customer", one),
        "merge": lambda: person.merge("Customer", one, other),
        "invoice": lambda: person.add_transaction(
            "Invoice",
            {"CustomerRef": {"ListID": one}, "RefNumber": second},
            [{"Desc": "x", "Amount": "1.00"}],
        ),
        "renumber": lambda: person.edit_transaction("Invoice", txn, {"RefNumber": second}),
        "reassign": lambda: person.edit_transaction("Invoice", txn, {"CustomerRef": {"ListID": other}}),
        "erase": lambda: person.delete_transaction("Invoice", txn),
    }
    with contextlib.suppress(StatusError):
        actions[what]()


def seen(book: Book) -> dict[str, Any]:
    """Everything the indexes answer."""
    lists = {
        (space, kind.name, fields["ListID"]): (
            book.full_name(space, fields["ListID"]),
            book.list_id_of(space, book.full_name(space, fields["ListID"])),
            sorted(book.children_of(space, fields["ListID"])),
            sorted(each["TxnID"] for _, each in book.of_party(fields["ListID"])),
        )
        for space, kinds in SPACES.items()
        for kind, fields in book.records_of(kinds)
    }
    numbers = {
        (kind, number): sorted(each["TxnID"] for each in book.numbered(kind, number))
        for kind in TXN_KINDS
        for number in ("Ada", "Ben", "Cyd", "Dov", "")
    }
    return {"lists": lists, "numbers": numbers}


@pytest.mark.search
@settings(max_examples=150 if "THOROUGH" in os.environ else 20, deadline=None)
@given(actions=ACTIONS)
def test_indexes_agree_with_a_book_read_afresh(actions: list[tuple[str, str, str]]) -> None:
    company = CompanyFile.create(None, clock=HandClock(), schema=ANYTHING)
    for action in actions:
        act(company, *action)
    assert seen(company.book) == seen(Book(company.snapshot()))


def test_what_was_merged_away_has_no_transactions_left(quickbooks: QuickBooks) -> None:
    person = quickbooks.company.person
    kept, gone = (person.add("Customer", {"Name": name}) for name in ("Ada", "Ben"))
    person.add_transaction("Invoice", {"CustomerRef": {"ListID": gone}}, [{"Desc": "x", "Amount": "1.00"}])
    person.merge("Customer", gone, kept)
    assert quickbooks.company.book.of_party(gone) == []
    assert len(quickbooks.company.book.of_party(kept)) == 1


def test_names_found_by_index_are_free_again_after_deletion(quickbooks: QuickBooks) -> None:
    person = quickbooks.company.person
    person.delete("Customer", person.add("Customer", {"Name": "Ada"}))
    assert quickbooks.company.book.list_id_of("Entity", "ada") is None


def test_message_sets_of_two_threads_do_not_mix(quickbooks: QuickBooks) -> None:
    def work(name: str) -> None:
        for number in range(25):
            text = f"<CustomerAddRq><CustomerAdd><Name>{name}{number}</Name></CustomerAdd></CustomerAddRq>"
            quickbooks.company.process(document(text, newMessageSetID=f"{name}{number}"))

    threads = [threading.Thread(target=work, args=(name,)) for name in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({each["ListID"] for each in quickbooks.company.records("Customer")}) == 50
    assert [each.number for each in quickbooks.company.ledger] == list(range(1, 51))


@pytest.mark.slow
def test_a_hundred_thousand_items_are_looked_up_as_fast_as_a_thousand() -> None:
    company = CompanyFile.create(None, clock=HandClock())
    income = {"ListID": company.book.list_id_of("Account", "Sales")}

    def grow(start: int, end: int) -> None:
        for number in range(start, end):
            sale = {"Price": "1.00", "AccountRef": dict(income)}
            company.lists.add(
                LIST_KINDS["ItemNonInventory"], {"Name": f"Item {number}", "SalesOrPurchase": sale}
            )

    def quickest() -> float:
        ask = document(
            "".join(f"<ItemQueryRq><FullName>Item {number}</FullName></ItemQueryRq>" for number in range(20))
        )
        times = []
        for _ in range(15):
            start = time.perf_counter()
            company.process(ask)
            times.append(time.perf_counter() - start)
        return min(times)

    grow(0, 1_000)
    few = quickest()
    grow(1_000, 100_000)
    many = quickest()
    assert many < 3 * few, f"{many * 1000:.2f} ms among 100,000, {few * 1000:.2f} ms among 1,000"
