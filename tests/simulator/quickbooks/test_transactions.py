"""Invoices and purchase orders: defaults from lists, computed amounts, numbers, Mods of lines, void and delete."""

from __future__ import annotations

from typing import Any

import pytest
from lxml import etree

from qbwc_server.simulator import StatusError
from tests.worlds.hand_clock import HandClock
from tests.worlds.sim_world import QuickBooks


@pytest.fixture(autouse=True)
def stock(quickbooks: QuickBooks) -> None:
    """A customer, a vendor, and an item of most types."""
    person = quickbooks.company.person
    person.add(
        "Customer",
        {
            "Name": "Ada",
            "TermsRef": "Net 30",
            "BillAddress": {"Addr1": "Pier 1"},
            "ShipAddress": {"Addr1": "Dock"},
        },
    )
    person.add("Vendor", {"Name": "Bay Farms", "TermsRef": "Net 7", "VendorAddress": {"Addr1": "Bay 2"}})
    sale = {"Desc": "Oysters", "Price": "9.50", "AccountRef": "Sales"}
    person.add(
        "ItemNonInventory", {"Name": "Oyster", "ManufacturerPartNumber": "A-77", "SalesOrPurchase": sale}
    )
    both = {
        "SalesDesc": "Mussels",
        "SalesPrice": "3",
        "IncomeAccountRef": "Sales",
        "PurchaseDesc": "Mussels in",
        "PurchaseCost": "2.125",
        "ExpenseAccountRef": "Purchases",
    }
    person.add(
        "ItemNonInventory", {"Name": "Mussel", "ManufacturerPartNumber": "M-1", "SalesAndPurchase": both}
    )
    person.add("ItemSubtotal", {"Name": "Subtotal"})
    person.add(
        "ItemDiscount", {"Name": "Ten off", "DiscountRatePercent": "10", "AccountRef": "Sales Discounts"}
    )
    person.add(
        "ItemGroup",
        {
            "Name": "Platter",
            "ItemDesc": "Mixed platter",
            "ItemGroupLine": [
                {"ItemRef": "Oyster", "Quantity": "6"},
                {"ItemRef": "Mussel", "Quantity": "0.5"},
            ],
        },
    )


def line(inner: str, item: str = "Oyster") -> str:
    return f"<InvoiceLineAdd><ItemRef><FullName>{item}</FullName></ItemRef>{inner}</InvoiceLineAdd>"


def invoice(lines: str, header: str = "", customer: str = "Ada") -> str:
    return (
        f"<InvoiceAddRq><InvoiceAdd><CustomerRef><FullName>{customer}</FullName></CustomerRef>{header}{lines}"
        "</InvoiceAdd></InvoiceAddRq>"
    )


def made(quickbooks: QuickBooks, lines: str, header: str = "") -> etree._Element:
    answer = quickbooks.one(invoice(lines, header))
    assert answer.get("statusCode") == "0", answer.get("statusMessage")
    return answer[0]


@pytest.mark.parametrize(
    ("inner", "quantity", "rate", "amount"),
    [
        ("<Quantity>12</Quantity>", "12", "9.50", "114.00"),
        ("<Quantity>12</Quantity><Rate>8</Rate>", "12", "8.00", "96.00"),
        ("<Quantity>3</Quantity><Amount>10.00</Amount>", "3", "3.33333", "10.00"),
        ("<Quantity>0.333</Quantity><Rate>0.555</Rate>", "0.333", "0.555", "0.18"),
        ("<Rate>7.25</Rate>", None, "7.25", "7.25"),
        ("<Amount>5.00</Amount>", None, None, "5.00"),
        ("", None, "9.50", "9.50"),
        ("<Quantity>0</Quantity>", "0", "9.50", "0.00"),
        ("<Quantity>1.5</Quantity><Rate>0.01</Rate>", "1.5", "0.01", "0.02"),
    ],
)
def test_quickbooks_computes_what_a_line_leaves_out(
    quickbooks: QuickBooks, inner: str, quantity: str | None, rate: str | None, amount: str
) -> None:
    shown = made(quickbooks, line(inner)).find("InvoiceLineRet")
    assert shown is not None
    assert (shown.findtext("Quantity"), shown.findtext("Rate"), shown.findtext("Amount")) == (
        quantity,
        rate,
        amount,
    )


def test_an_invoice_takes_its_defaults_from_the_customer_and_the_item(quickbooks: QuickBooks) -> None:
    shown = made(quickbooks, line("<Quantity>2</Quantity>"), "<TxnDate>2026-11-20</TxnDate>")
    assert shown.findtext("TermsRef/FullName") == "Net 30"
    assert shown.findtext("DueDate") == "2026-12-20"
    assert shown.findtext("BillAddress/Addr1") == "Pier 1"
    assert shown.findtext("ShipAddress/Addr1") == "Dock"
    assert shown.findtext("ARAccountRef/FullName") == "Accounts Receivable"
    assert shown.findtext("TemplateRef/FullName") == "Intuit Product Invoice"
    assert shown.findtext("InvoiceLineRet/Desc") == "Oysters"
    assert (shown.findtext("Subtotal"), shown.findtext("BalanceRemaining")) == ("19.00", "19.00")
    assert (shown.findtext("IsPaid"), shown.findtext("IsPending")) == ("false", "false")


def test_what_the_invoice_says_beats_the_customer(quickbooks: QuickBooks) -> None:
    header = (
        "<TxnDate>2026-11-20</TxnDate><BillAddress><Addr1>Elsewhere</Addr1></BillAddress><PONumber>PO-9</PONumber>"
        "<TermsRef><FullName>Net 7</FullName></TermsRef><ShipDate>2026-11-25</ShipDate><Memo>hi</Memo>"
    )
    shown = made(quickbooks, line(""), header)
    assert shown.findtext("BillAddress/Addr1") == "Elsewhere"
    assert (shown.findtext("DueDate"), shown.findtext("ShipDate")) == ("2026-11-27", "2026-11-25")
    assert (shown.findtext("PONumber"), shown.findtext("Memo")) == ("PO-9", "hi")


def test_date_driven_terms_fall_on_their_day(quickbooks: QuickBooks) -> None:
    terms = "<TermsRef><FullName>15th of the month</FullName></TermsRef>"
    early = made(quickbooks, line(""), f"<TxnDate>2026-11-03</TxnDate>{terms}")
    late = made(quickbooks, line(""), f"<TxnDate>2026-11-12</TxnDate>{terms}")
    assert early.findtext("DueDate") == "2026-11-15"
    assert late.findtext("DueDate") == "2026-12-15"


def test_a_number_may_be_used_twice(quickbooks: QuickBooks) -> None:
    for _ in range(2):
        made(quickbooks, line(""), "<RefNumber>SO-1</RefNumber>")
    answer = quickbooks.one("<InvoiceQueryRq><RefNumber>SO-1</RefNumber></InvoiceQueryRq>")
    assert len(answer) == 2


def test_an_absent_number_is_the_next_one_and_an_empty_one_is_none(quickbooks: QuickBooks) -> None:
    made(quickbooks, line(""), "<RefNumber>2</RefNumber>")
    numbers = [made(quickbooks, line("")).findtext("RefNumber") for _ in range(2)]
    assert numbers == ["1", "3"]
    assert made(quickbooks, line(""), "<RefNumber></RefNumber>").find("RefNumber") is None


def test_transaction_and_line_ids_are_all_different(quickbooks: QuickBooks) -> None:
    first, second = (made(quickbooks, line("") * 2) for _ in range(2))
    ids = [each.text for shown in (first, second) for each in shown.iter("TxnID", "TxnLineID")]
    assert len(set(ids)) == 6
    assert int(second.findtext("TxnNumber") or 0) == int(first.findtext("TxnNumber") or 0) + 1


@pytest.mark.parametrize(
    ("request_text", "code"),
    [
        (invoice(line(""), customer="Nobody"), 3140),
        (invoice(line("", "Nothing")), 3140),
        (invoice(""), 3180),
        (invoice(line(""), "<TermsRef><FullName>Net 99</FullName></TermsRef>"), 3140),
        (invoice(line("<SalesTaxCodeRef><FullName>Zzz</FullName></SalesTaxCodeRef>")), 3140),
        (invoice("<InvoiceLineAdd><Desc>only words</Desc></InvoiceLineAdd>"), 0),
    ],
)
def test_an_invoice_must_make_sense(quickbooks: QuickBooks, request_text: str, code: int) -> None:
    assert quickbooks.status(request_text) == code


def test_an_inactive_item_or_customer_is_an_invalid_reference(quickbooks: QuickBooks) -> None:
    company = quickbooks.company
    company.person.deactivate("ItemNonInventory", company.find("ItemNonInventory", Name="Oyster")["ListID"])
    answer = quickbooks.one(invoice(line("")))
    assert (answer.get("statusCode"), "Item" in answer.get("statusMessage", "")) == ("3140", True)
    company.person.deactivate("Customer", company.find("Customer", Name="Ada")["ListID"])
    assert quickbooks.status(invoice(line("", "Mussel"))) == 3140
    assert company.records("Invoice") == []


def test_subtotals_and_percentages_look_at_the_lines_above(quickbooks: QuickBooks) -> None:
    lines = line("<Quantity>2</Quantity>") + line("<Quantity>1</Quantity>", "Mussel")
    shown = made(quickbooks, lines + line("", "Subtotal") + line("", "Ten off"))
    amounts = [each.findtext("Amount") for each in shown.findall("InvoiceLineRet")]
    assert amounts == ["19.00", "3.00", "22.00", "-2.20"]
    assert shown.findtext("Subtotal") == "19.80"


def test_an_item_group_opens_up_into_its_lines(quickbooks: QuickBooks) -> None:
    group = (
        "<InvoiceLineGroupAdd><ItemGroupRef><FullName>Platter</FullName></ItemGroupRef><Quantity>2</Quantity>"
        "</InvoiceLineGroupAdd>"
    )
    shown = made(quickbooks, line("<Quantity>1</Quantity>") + group + line("<Quantity>1</Quantity>"))
    tags = [each.tag for each in shown if each.tag.startswith("InvoiceLine")]
    assert tags == ["InvoiceLineRet", "InvoiceLineGroupRet", "InvoiceLineRet"]
    inner = shown.find("InvoiceLineGroupRet")
    assert inner is not None
    assert [each.findtext("Quantity") for each in inner.findall("InvoiceLineRet")] == ["12", "1"]
    assert inner.findtext("TotalAmount") == "117.00"
    assert shown.findtext("Subtotal") == "136.00"


def test_sales_tax_is_charged_on_taxable_lines_of_taxable_customers(quickbooks: QuickBooks) -> None:
    person = quickbooks.company.person
    person.add(
        "ItemSalesTax", {"Name": "Town", "TaxRate": "5.5", "TaxVendorRef": "State Board of Equalization"}
    )
    tax = "<ItemSalesTaxRef><FullName>Town</FullName></ItemSalesTaxRef>"
    non = "<SalesTaxCodeRef><FullName>Non</FullName></SalesTaxCodeRef>"
    shown = made(quickbooks, line("<Quantity>10</Quantity>") + line(f"<Quantity>10</Quantity>{non}"), tax)
    assert shown.findtext("SalesTaxPercentage") == "5.5"
    assert (shown.findtext("SalesTaxTotal"), shown.findtext("BalanceRemaining")) == ("5.23", "195.23")
    exempt = "<CustomerSalesTaxCodeRef><FullName>Non</FullName></CustomerSalesTaxCodeRef>"
    assert made(quickbooks, line("<Quantity>10</Quantity>"), tax + exempt).findtext("SalesTaxTotal") == "0.00"


def test_the_customer_owes_what_is_open(quickbooks: QuickBooks) -> None:
    txn_id = made(quickbooks, line("<Quantity>2</Quantity>")).findtext("TxnID") or ""
    quickbooks.company.person.receive_payment(txn_id, "4.00")
    assert quickbooks.company.find("Customer", Name="Ada")["Balance"] == "15.00"
    with pytest.raises(StatusError, match="3210"):
        quickbooks.company.person.receive_payment(txn_id, "15.01")
    quickbooks.company.person.receive_payment(txn_id, "15.00")
    assert quickbooks.company.find("Invoice", TxnID=txn_id)["IsPaid"] == "true"
    linked = "<InvoiceQueryRq><IncludeLinkedTxns>true</IncludeLinkedTxns></InvoiceQueryRq>"
    payments = quickbooks.one(linked).findall("InvoiceRet/LinkedTxn")
    assert [each.findtext("Amount") for each in payments] == ["-4.00", "-15.00"]
    assert quickbooks.one("<InvoiceQueryRq/>").find("InvoiceRet/LinkedTxn") is None


# -- modifying -----------------------------------------------------------------------------------------------


@pytest.fixture
def three(quickbooks: QuickBooks) -> dict[str, Any]:
    """An invoice of three lines."""
    lines = "".join(line(f"<Quantity>{count}</Quantity>") for count in (1, 2, 3))
    made(quickbooks, lines, "<RefNumber>SO-1</RefNumber><Memo>old</Memo>")
    return quickbooks.company.find("Invoice", RefNumber="SO-1")


def mod(three: dict[str, Any], inner: str) -> str:
    return (
        f"<InvoiceModRq><InvoiceMod><TxnID>{three['TxnID']}</TxnID>"
        f"<EditSequence>{three['EditSequence']}</EditSequence>{inner}</InvoiceMod></InvoiceModRq>"
    )


def keep(three: dict[str, Any], number: int, inner: str = "") -> str:
    line_id = three["lines"][number]["TxnLineID"]
    return f"<InvoiceLineMod><TxnLineID>{line_id}</TxnLineID>{inner}</InvoiceLineMod>"


NEW = (
    "<InvoiceLineMod><TxnLineID>-1</TxnLineID><ItemRef><FullName>Mussel</FullName></ItemRef>"
    "<Quantity>4</Quantity></InvoiceLineMod>"
)


def test_a_mod_without_lines_leaves_the_lines(quickbooks: QuickBooks, three: dict[str, Any]) -> None:
    shown = quickbooks.one(mod(three, "<RefNumber>SO-2</RefNumber><Memo></Memo>"))[0]
    assert [each.findtext("Quantity") for each in shown.findall("InvoiceLineRet")] == ["1", "2", "3"]
    assert (shown.findtext("RefNumber"), shown.find("Memo")) == ("SO-2", None)
    assert quickbooks.status("<InvoiceQueryRq><RefNumber>SO-1</RefNumber></InvoiceQueryRq>") == 500
    assert quickbooks.status("<InvoiceQueryRq><RefNumber>SO-2</RefNumber></InvoiceQueryRq>") == 0


def test_a_line_that_is_not_mentioned_is_deleted(quickbooks: QuickBooks, three: dict[str, Any]) -> None:
    shown = quickbooks.one(mod(three, keep(three, 0) + keep(three, 2)))[0]
    assert [each.findtext("Quantity") for each in shown.findall("InvoiceLineRet")] == ["1", "3"]
    assert shown.findtext("Subtotal") == "38.00"


def test_minus_one_is_a_new_line(quickbooks: QuickBooks, three: dict[str, Any]) -> None:
    shown = quickbooks.one(mod(three, keep(three, 0) + NEW + keep(three, 1) + keep(three, 2)))[0]
    lines = shown.findall("InvoiceLineRet")
    assert [each.findtext("Quantity") for each in lines] == ["1", "4", "2", "3"]
    assert lines[1].findtext("TxnLineID") not in [each["TxnLineID"] for each in three["lines"]]
    assert shown.findtext("Subtotal") == "69.00"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("<Quantity>10</Quantity>", ("10", "9.50", "95.00")),
        ("<Rate>2</Rate>", ("2", "2.00", "4.00")),
        ("<Amount>30.00</Amount>", ("2", "15.00", "30.00")),
        ("<ItemRef><FullName>Mussel</FullName></ItemRef>", ("2", "3.00", "6.00")),
        ("<Desc>new words</Desc>", ("2", "9.50", "19.00")),
    ],
)
def test_a_changed_line_is_computed_again(
    quickbooks: QuickBooks, three: dict[str, Any], change: str, expected: tuple[str, str, str]
) -> None:
    shown = quickbooks.one(mod(three, keep(three, 0) + keep(three, 1, change) + keep(three, 2)))[0]
    changed = shown.findall("InvoiceLineRet")[1]
    assert tuple(changed.findtext(name) for name in ("Quantity", "Rate", "Amount")) == expected


def test_lines_in_another_order_are_refused(quickbooks: QuickBooks, three: dict[str, Any]) -> None:
    before = quickbooks.company.snapshot()
    assert quickbooks.status(mod(three, keep(three, 1) + keep(three, 0) + keep(three, 2))) == 3290
    assert quickbooks.company.snapshot()["transactions"] == before["transactions"]


def test_an_unknown_line_is_3120(quickbooks: QuickBooks, three: dict[str, Any]) -> None:
    stranger = "<InvoiceLineMod><TxnLineID>FF-1234567890</TxnLineID></InvoiceLineMod>"
    assert quickbooks.status(mod(three, stranger)) == 3120


def test_a_stale_invoice_is_3200_and_an_unknown_one_3120(
    quickbooks: QuickBooks, three: dict[str, Any]
) -> None:
    quickbooks.company.person.edit_transaction("Invoice", three["TxnID"], {"Memo": "mine"})
    assert quickbooks.status(mod(three, "<Memo>yours</Memo>")) == 3200
    assert quickbooks.company.find("Invoice", RefNumber="SO-1")["Memo"] == "mine"
    quickbooks.company.person.delete_transaction("Invoice", three["TxnID"])
    assert quickbooks.status(mod(three, "<Memo>yours</Memo>")) == 3120


def test_lines_of_a_group_are_changed_inside_it(quickbooks: QuickBooks) -> None:
    group = (
        "<InvoiceLineGroupAdd><ItemGroupRef><FullName>Platter</FullName></ItemGroupRef></InvoiceLineGroupAdd>"
    )
    made(quickbooks, group, "<RefNumber>G</RefNumber>")
    held = quickbooks.company.find("Invoice", RefNumber="G")
    inner = held["lines"][0]["lines"]
    change = (
        f"<InvoiceLineGroupMod><TxnLineID>{held['lines'][0]['TxnLineID']}</TxnLineID>"
        f"<InvoiceLineMod><TxnLineID>{inner[1]['TxnLineID']}</TxnLineID><Quantity>10</Quantity></InvoiceLineMod>"
        "</InvoiceLineGroupMod>"
    )
    shown = quickbooks.one(mod(held, change))[0]
    assert [each.findtext("Quantity") for each in shown.findall("InvoiceLineGroupRet/InvoiceLineRet")] == [
        "10"
    ]
    assert shown.findtext("Subtotal") == "30.00"


# -- void and delete -----------------------------------------------------------------------------------------


def act(what: str, kind: str, txn_id: str) -> str:
    return f"<{what}Rq><{what}Type>{kind}</{what}Type><TxnID>{txn_id}</TxnID></{what}Rq>"


def test_a_voided_invoice_stays_with_amounts_of_zero(
    quickbooks: QuickBooks, three: dict[str, Any], clock: HandClock
) -> None:
    clock.forward(minutes=1)
    answer = quickbooks.one(act("TxnVoid", "Invoice", three["TxnID"]))
    assert answer.findtext("RefNumber") == "SO-1"
    held = quickbooks.company.find("Invoice", RefNumber="SO-1")
    assert (held["Subtotal"], held["BalanceRemaining"], held["Memo"]) == ("0.00", "0.00", "VOID: old")
    assert held["EditSequence"] != three["EditSequence"]
    assert held["TimeModified"] == "2026-11-20T10:01:00-05:00"


def test_a_deleted_invoice_is_gone_and_remembered(quickbooks: QuickBooks, three: dict[str, Any]) -> None:
    assert quickbooks.status(act("TxnDel", "Invoice", three["TxnID"])) == 0
    assert quickbooks.status(act("TxnDel", "Invoice", three["TxnID"])) == 3120
    assert quickbooks.status(f"<InvoiceQueryRq><TxnID>{three['TxnID']}</TxnID></InvoiceQueryRq>") == 500
    shown = quickbooks.one("<TxnDeletedQueryRq><TxnDelType>Invoice</TxnDelType></TxnDeletedQueryRq>")[0]
    assert (shown.findtext("TxnID"), shown.findtext("RefNumber")) == (three["TxnID"], "SO-1")
    assert (
        quickbooks.status("<TxnDeletedQueryRq><TxnDelType>PurchaseOrder</TxnDelType></TxnDeletedQueryRq>")
        == 1
    )


def test_a_person_cannot_void_a_purchase_order(quickbooks: QuickBooks) -> None:
    txn_id = quickbooks.company.person.add_transaction(
        "PurchaseOrder", {"VendorRef": "Bay Farms"}, [{"ItemRef": "Mussel"}]
    )
    with pytest.raises(StatusError, match="3185"):
        quickbooks.company.person.void("PurchaseOrder", txn_id)


# -- purchase orders -----------------------------------------------------------------------------------------


def order(
    lines: str, header: str = "", vendor: str = "<VendorRef><FullName>Bay Farms</FullName></VendorRef>"
) -> str:
    return f"<PurchaseOrderAddRq><PurchaseOrderAdd>{vendor}{header}{lines}</PurchaseOrderAdd></PurchaseOrderAddRq>"


def order_line(item: str, inner: str) -> str:
    return (
        f"<PurchaseOrderLineAdd><ItemRef><FullName>{item}</FullName></ItemRef>{inner}</PurchaseOrderLineAdd>"
    )


def test_a_purchase_order_takes_cost_part_number_and_vendor_terms(quickbooks: QuickBooks) -> None:
    shown = quickbooks.one(
        order(order_line("Mussel", "<Quantity>8</Quantity>"), "<TxnDate>2026-11-20</TxnDate>")
    )[0]
    got = shown.find("PurchaseOrderLineRet")
    assert got is not None
    assert (got.findtext("Desc"), got.findtext("Rate"), got.findtext("Amount")) == (
        "Mussels in",
        "2.125",
        "17.00",
    )
    assert got.findtext("ManufacturerPartNumber") == "M-1"
    assert (got.findtext("ReceivedQuantity"), got.findtext("UnbilledQuantity")) == ("0", "8")
    assert (shown.findtext("TotalAmount"), shown.findtext("DueDate")) == ("17.00", "2026-11-27")
    assert (shown.findtext("VendorAddress/Addr1"), shown.findtext("IsManuallyClosed")) == ("Bay 2", "false")


def test_a_purchase_order_needs_a_vendor(quickbooks: QuickBooks) -> None:
    assert quickbooks.status(order(order_line("Mussel", ""), vendor="")) == 3150


def test_a_purchase_order_is_closed_by_a_mod(quickbooks: QuickBooks) -> None:
    shown = quickbooks.one(order(order_line("Mussel", "<Quantity>8</Quantity>")))[0]
    request = (
        f"<PurchaseOrderModRq><PurchaseOrderMod><TxnID>{shown.findtext('TxnID')}</TxnID>"
        f"<EditSequence>{shown.findtext('EditSequence')}</EditSequence><IsManuallyClosed>true</IsManuallyClosed>"
        "</PurchaseOrderMod></PurchaseOrderModRq>"
    )
    assert quickbooks.one(request).findtext("PurchaseOrderRet/IsManuallyClosed") == "true"


# -- locks, books, rights ------------------------------------------------------------------------------------


def test_an_open_form_is_in_use(quickbooks: QuickBooks, three: dict[str, Any]) -> None:
    person = quickbooks.company.person
    person.open_form(three["TxnID"])
    assert quickbooks.status(mod(three, "<Memo>x</Memo>")) == 3175
    assert quickbooks.status(act("TxnVoid", "Invoice", three["TxnID"])) == 3175
    person.close_form(three["TxnID"])
    assert quickbooks.status(mod(three, "<Memo>x</Memo>")) == 0


def test_an_open_customer_form_holds_up_its_invoices(quickbooks: QuickBooks) -> None:
    ada = quickbooks.company.find("Customer", Name="Ada")["ListID"]
    quickbooks.company.person.open_form(ada)
    assert quickbooks.status(invoice(line(""))) == 3176


def test_a_locked_list_cannot_be_written_and_says_why(quickbooks: QuickBooks) -> None:
    quickbooks.company.person.lock_list("Customer")
    answer = quickbooks.one("<CustomerAddRq><CustomerAdd><Name>New</Name></CustomerAdd></CustomerAddRq>")
    assert answer.get("statusCode") == "3180"
    assert "modified by another user" in (answer.get("statusMessage") or "")
    quickbooks.company.person.unlock_list("Customer")
    assert (
        quickbooks.status("<CustomerAddRq><CustomerAdd><Name>New</Name></CustomerAdd></CustomerAddRq>") == 0
    )


def test_closed_books_stay_closed(quickbooks: QuickBooks) -> None:
    old = "<TxnDate>2026-09-30</TxnDate><RefNumber>OLD</RefNumber>"
    made(quickbooks, line(""), old)
    held = quickbooks.company.find("Invoice", RefNumber="OLD")
    quickbooks.company.person.close_books("2026-09-30")
    assert quickbooks.status(invoice(line(""), old)) == 3171
    assert quickbooks.status(mod(held, "<Memo>x</Memo>")) == 3171
    assert quickbooks.status(act("TxnVoid", "Invoice", held["TxnID"])) == 3171
    assert quickbooks.status(act("TxnDel", "Invoice", held["TxnID"])) == 3161
    assert quickbooks.status(invoice(line(""), "<TxnDate>2026-10-01</TxnDate>")) == 0
    assert quickbooks.one("<PreferencesQueryRq/>").findtext(".//ClosingDate") == "2026-09-30"
    quickbooks.company.person.close_books(None)
    assert quickbooks.status(mod(held, "<Memo>x</Memo>")) == 0


@pytest.mark.parametrize("code", [3260, 3261, 3263])
def test_rights_can_be_taken_away(quickbooks: QuickBooks, code: int) -> None:
    quickbooks.company.person.deny("*" if code == 3263 else "InvoiceAdd", code)
    assert quickbooks.status(invoice(line(""))) == code
    assert quickbooks.status("<InvoiceQueryRq/>") == 1
    quickbooks.company.person.allow("*" if code == 3263 else "InvoiceAdd")
    assert quickbooks.status(invoice(line(""))) == 0
