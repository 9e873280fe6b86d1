"""Many links at once: each line whole or not at all, looked at beforehand, and harmless when it is repeated."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine, event

from qbwc_server.desk.deciding import bulk_links
from qbwc_server.desk.deciding.bulk_links import Outcome
from qbwc_server.desk.deciding.link_lines import Line, read_csv
from qbwc_server.desk.logs import history
from qbwc_server.domain.faults import InvalidInput, NotFound
from qbwc_server.domain.kinds import Kind
from tests.worlds.sync_world import World, enter_by_hand

Rows = list[dict[str, str]]


def customer(external_id: str, **way: str) -> dict[str, str]:
    return {"kind": "customer", "external_id": external_id, **way}


def link(world: World, *rows: dict[str, str], dry_run: bool = False) -> list[Outcome]:
    lines = [Line(number, row) for number, row in enumerate(rows, start=2)]
    return list(bulk_links.link_all(world.core, "acme", lines, actor="ann", dry_run=dry_run))


def results(outcomes: list[Outcome]) -> list[str]:
    return [outcome.result for outcome in outcomes]


def reason(world: World, row: dict[str, str]) -> str:
    """Why a line is not done."""
    (outcome,) = link(world, row)
    assert outcome.result == "faulty", outcome
    return outcome.reason or ""


@pytest.fixture
def shop(make_world: Callable[..., World]) -> World:
    """QuickBooks knows two customers, a vendor and an item; the host hands over some that are not matched."""
    world = make_world(settings={"create_customers": False, "create_vendors": False, "create_items": False})
    person = world.company.person
    person.add("Customer", {"Name": "Quay", "Email": "quay@x.example", "AccountNumber": "K-1"})
    person.add("Customer", {"Name": "Pier", "Email": "pier@x.example; both@x.example"})
    person.add("Customer", {"Name": "Pontoon", "Email": "both@x.example"})
    person.add("Vendor", {"Name": "Boats", "AccountNumber": "4711"})
    price = {"Price": "1.00", "AccountRef": "Sales"}
    person.add(
        "ItemNonInventory",
        {
            "Name": "Oyster",
            "ManufacturerPartNumber": "OYS",
            "BarCodeValue": "EAN-1",
            "SalesOrPurchase": price,
        },
    )
    world.warm()
    for name in ("a", "b", "c"):
        world.customer(name)
    world.vendor("v")
    world.item("i", sku="OTHER")
    return world


def list_id(world: World, kind: str, name: str) -> str:
    return str(world.company.find(kind, Name=name)["ListID"])


@pytest.mark.parametrize(
    ("row", "kind", "name"),
    [
        (customer("a", full_name="QUAY"), Kind.CUSTOMER, "Quay"),
        (customer("a", email="Quay@X.example"), Kind.CUSTOMER, "Quay"),
        (customer("a", account_number="k-1"), Kind.CUSTOMER, "Quay"),
        ({"kind": "Vendors", "external_id": "v", "account_number": "4711"}, Kind.VENDOR, "Boats"),
        ({"kind": "item", "external_id": "i", "sku": "oys"}, Kind.ITEM, "Oyster"),
        ({"kind": "item", "external_id": "i", "barcode": "ean-1"}, Kind.ITEM, "Oyster"),
        ({"kind": "item", "external_id": "i", "full_name": "Oyster"}, Kind.ITEM, "Oyster"),
    ],
)
def test_a_line_names_its_entry_in_whatever_way_quickbooks_knows_it(
    shop: World, row: dict[str, str], kind: Kind, name: str
) -> None:
    (outcome,) = link(shop, row)
    assert (outcome.result, outcome.full_name) == ("linked", name)
    view = shop.view(kind, row["external_id"])
    assert (view["state"], view["list_id"], view["matched_by"]) == ("synced", outcome.quickbooks_id, "hand")


def test_a_line_names_its_entry_by_listid_and_a_document_by_txnid(shop: World) -> None:
    quay = list_id(shop, "Customer", "Quay")
    txn_id = enter_by_hand(shop, "900")
    shop.invoice("1", customer={"email": "quay@x.example"}, ref_number="900")
    rows = (customer("a", list_id=quay), {"kind": "invoice", "external_id": "1", "txn_id": txn_id})
    assert results(link(shop, *rows)) == ["linked", "linked"]
    assert shop.view(Kind.CUSTOMER, "a")["list_id"] == quay
    assert results(link(shop, *rows)) == ["unchanged", "unchanged"]


def test_a_faulty_line_harms_no_other(shop: World) -> None:
    outcomes = link(
        shop,
        customer("nobody", full_name="Quay"),
        customer("a", full_name="Quay"),
        customer("b", full_name="Nowhere"),
        customer("c", full_name="Pier"),
    )
    assert results(outcomes) == ["faulty", "linked", "faulty", "linked"]
    assert [shop.state(Kind.CUSTOMER, name) for name in "abc"] == ["synced", "blocked", "synced"]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (customer("nobody", full_name="Quay"), "has not been handed over yet"),
        (customer("a", full_name="Nowhere"), "no customer with the full name 'Nowhere'"),
        (customer("a", list_id="80000FFF-1"), "no customer with this ListID"),
        (customer("a", email="both@x.example"), "more than one customer with the email 'both@x.example': "),
        (customer("a"), "nothing is given"),
        (customer("a", email="quay@x.example", full_name="Quay"), "given is full_name and email"),
        (customer("a", sku="OYS"), "a customer is named by list_id or full_name or email or account_number"),
        (customer("a", txn_id="1-1"), "given is txn_id"),
        ({"kind": "invoice", "external_id": "1", "list_id": "8-1"}, "an invoice is named by txn_id"),
        ({"kind": "ship", "external_id": "1", "list_id": "8-1"}, "kind must be one of: customer, vendor"),
        ({"kind": "customer", "list_id": "8-1"}, "external_id is needed"),
    ],
)
def test_a_line_that_cannot_be_done_says_why(shop: World, row: dict[str, str], words: str) -> None:
    assert words in reason(shop, row)


def test_an_entry_that_another_record_has_is_refused_naming_it(shop: World) -> None:
    link(shop, customer("a", full_name="Quay"))
    assert "customer 'a'" in (said := reason(shop, customer("b", full_name="Quay"))) or "customer a" in said


def test_two_lines_of_a_file_that_want_one_entry_and_two_that_name_one_record_are_told(shop: World) -> None:
    rows = (
        customer("a", full_name="Quay"),
        customer("b", account_number="K-1"),
        customer("a", full_name="Pier"),
        customer("a", email="quay@x.example"),
    )
    for dry_run in (True, False):
        outcomes = link(shop, *rows, dry_run=dry_run)
        assert results(outcomes) == ["linked", "faulty", "faulty", "unchanged"]
        assert "customer" in (outcomes[1].reason or "")
        assert "line 2" in (outcomes[2].reason or "")


def test_lines_of_different_transactions_are_seen_together_in_a_preview(
    shop: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_links, "CHUNK", 1)
    rows = (customer("a", full_name="Quay"), customer("b", full_name="Quay"), customer("a", full_name="Quay"))
    assert (
        results(link(shop, *rows, dry_run=True))
        == results(link(shop, *rows))
        == ["linked", "faulty", "unchanged"]
    )


def test_a_preview_says_what_the_real_run_says_and_leaves_nothing_behind(shop: World) -> None:
    rows = (
        customer("a", full_name="Quay"),
        customer("b", full_name="Nowhere"),
        customer("c", email="pier@x.example"),
    )
    before = history.feed(shop.core, "acme", after=0, limit=1000)
    looked = link(shop, *rows, dry_run=True)
    assert history.feed(shop.core, "acme", after=0, limit=1000) == before
    assert [shop.state(Kind.CUSTOMER, name) for name in "abc"] == ["blocked"] * 3
    assert link(shop, *rows) == looked


def test_what_waited_for_a_linked_record_goes_on(shop: World) -> None:
    shop.invoice(
        "1", customer={"external_id": "a"}, lines=[{"item": {"sku": "OYS"}, "quantity": "1", "rate": "1.00"}]
    )
    assert shop.state(Kind.INVOICE, "1") == "blocked"
    link(shop, customer("a", full_name="Quay"))
    shop.poll()
    assert shop.state(Kind.INVOICE, "1") == "synced"
    assert shop.company.find("Invoice", RefNumber="1")["CustomerRef"]["FullName"] == "Quay"


def test_a_file_for_a_connector_there_is_not_is_refused_at_once(shop: World) -> None:
    with pytest.raises(NotFound):
        bulk_links.link_all(shop.core, "elsewhere", [], actor="ann")


def test_judging_takes_no_statement_for_each_line(make_world: Callable[..., World]) -> None:
    world = make_world(settings={"create_customers": False})
    for number in range(80):
        world.company.person.add("Customer", {"Name": f"Q{number}", "AccountNumber": f"K{number}"})
    world.warm()
    for number in range(80):
        world.customer(f"c{number}")
    rows = [customer(f"c{number}", account_number=f"K{number}") for number in range(80)]
    assert results(link(world, *rows)) == ["linked"] * 80

    def statements(*again: dict[str, str]) -> int:
        heard: list[str] = []

        def listen(*arguments: Any) -> None:
            heard.append(arguments[2])

        event.listen(Engine, "before_cursor_execute", listen)
        try:
            link(world, *again)
        finally:
            event.remove(Engine, "before_cursor_execute", listen)
        return len(heard)

    unknown = [customer(f"x{number}", full_name=f"N{number}") for number in range(80)]
    assert statements(*rows[:2]) == statements(*rows)
    assert statements(*unknown[:2]) == statements(*unknown)


# --- files --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "kind,external_id,list_id\ncustomer,a,8-1\n",
        "\ufeffKind;External ID;ListID\r\ncustomer;a;8-1\r\n".removeprefix("\ufeff"),
        "notes,KIND,external-id,List_ID\nhello, customer , a , 8-1 \n,,,\n",
        'external_id\tkind\tList Id\na\tcustomer\t"8-1"\n',
    ],
)
def test_the_first_row_may_be_written_as_a_spreadsheet_has_it(text: str) -> None:
    (line,) = read_csv(text.splitlines(keepends=True))
    assert dict(line.cells) == {"kind": "customer", "external_id": "a", "list_id": "8-1"}
    assert line.number == 2


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "the first row must name the columns"),
        ("customer,a,8-1\n", "the first row must name the columns"),
        ("kind,external_id\n", "the first row must name the columns"),
        ("kind,external_id,list_id,ListID\n", "names a column twice: list_id"),
        ('kind,external_id,list_id\ncustomer,"a,8-1\n', "is not CSV"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_as_a_whole(text: str, words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        read_csv(text.splitlines(keepends=True))
