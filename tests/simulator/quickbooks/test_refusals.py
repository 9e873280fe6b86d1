"""What QuickBooks does not believe: references that lead nowhere, groups as plain lines, links, sides, signs."""

from __future__ import annotations

from typing import Any

import pytest

from tests.worlds.sim_world import QuickBooks


@pytest.fixture(autouse=True)
def stock(quickbooks: QuickBooks) -> None:
    """Two customers, items with and without units, a group, and every list a line may refer to."""
    person = quickbooks.company.person
    for name in ("Ada", "Bob"):
        person.add("Customer", {"Name": name})
    person.add("Vendor", {"Name": "Bay Farms"})
    for feature in ("PriceLevel", "InventorySite", "Currency"):
        person.turn_on(feature)
    person.add(
        "PriceLevel",
        {"Name": "Trade", "PriceLevelType": "FixedPercentage", "PriceLevelFixedPercentage": "-10"},
    )
    person.add("InventorySite", {"Name": "Pier 4"})
    person.add("Currency", {"Name": "Euro", "CurrencyCode": "EUR"})
    person.add(
        "UnitOfMeasureSet",
        {
            "Name": "Count",
            "UnitOfMeasureType": "Count",
            "BaseUnit": {"Name": "each", "Abbreviation": "ea"},
            "RelatedUnit": [{"Name": "dozen", "Abbreviation": "dz", "ConversionRatio": "12"}],
        },
    )
    sale = {"Desc": "Oysters", "Price": "2.00", "AccountRef": "Sales"}
    person.add(
        "ItemNonInventory", {"Name": "Oyster", "UnitOfMeasureSetRef": "Count", "SalesOrPurchase": sale}
    )
    both = {"SalesPrice": "3", "IncomeAccountRef": "Sales", "ExpenseAccountRef": "Purchases"}
    person.add("ItemNonInventory", {"Name": "Mussel", "SalesAndPurchase": both})
    members = [{"ItemRef": "Oyster", "Quantity": "6"}, {"ItemRef": "Mussel", "Quantity": "1"}]
    person.add("ItemGroup", {"Name": "Platter", "ItemGroupLine": members})


def ref(name: str, full_name: str) -> str:
    return f"<{name}><FullName>{full_name}</FullName></{name}>"


def line(inner: str = "", item: str = "Oyster") -> str:
    return f"<InvoiceLineAdd>{ref('ItemRef', item)}{inner}</InvoiceLineAdd>"


def linked(txn_id: str, line_id: str, before: str = "") -> str:
    link = f"<LinkToTxn><TxnID>{txn_id}</TxnID><TxnLineID>{line_id}</TxnLineID></LinkToTxn>"
    return f"<InvoiceLineAdd>{before}{link}</InvoiceLineAdd>"


def invoice(lines: str, header: str = "", customer: str = "Ada") -> str:
    return (
        f"<InvoiceAddRq><InvoiceAdd>{ref('CustomerRef', customer)}{header}{lines}</InvoiceAdd></InvoiceAddRq>"
    )


def credit(txn_id: str, amount: str) -> str:
    return (
        f"<SetCredit><CreditTxnID>{txn_id}</CreditTxnID><AppliedAmount>{amount}</AppliedAmount></SetCredit>"
    )


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        (line(ref("PriceLevelRef", "Trade")), 0),
        (line(ref("PriceLevelRef", "Nobody's")), 3140),
        (line("<UnitOfMeasure>dozen</UnitOfMeasure>"), 0),
        (line("<UnitOfMeasure>barrel</UnitOfMeasure>"), 3140),
        (line("<UnitOfMeasure>dozen</UnitOfMeasure>", "Mussel"), 3140),
        (line(ref("InventorySiteRef", "Pier 4")), 0),
        (line(ref("InventorySiteRef", "Pier 5")), 3140),
        (line(ref("OverrideItemAccountRef", "Nowhere")), 3140),
        (line("", "Platter"), 3140),
    ],
)
def test_a_line_refers_to_what_is_there(quickbooks: QuickBooks, lines: str, code: int) -> None:
    assert quickbooks.status(invoice(lines)) == code


@pytest.mark.parametrize(
    "header",
    [
        ref("SalesRepRef", "ZZ"),
        ref("ItemSalesTaxRef", "Mars"),
        ref("CustomerMsgRef", "Ahoy"),
        "<SetCredit><CreditTxnID>1-2</CreditTxnID><AppliedAmount>1.00</AppliedAmount></SetCredit>",
        "<LinkToTxnID>1-2</LinkToTxnID>",
    ],
)
def test_a_header_refers_to_what_is_there(quickbooks: QuickBooks, header: str) -> None:
    assert quickbooks.status(invoice(line(), header)) in (3120, 3140)


def test_a_customer_refers_to_what_is_there(quickbooks: QuickBooks) -> None:
    def status(inner: str) -> int:
        return quickbooks.status(
            f"<CustomerAddRq><CustomerAdd><Name>C</Name>{inner}</CustomerAdd></CustomerAddRq>"
        )

    for name in (
        "PreferredPaymentMethodRef",
        "PriceLevelRef",
        "CurrencyRef",
        "CustomerTypeRef",
        "JobTypeRef",
    ):
        assert status(ref(name, "Nowhere")) == 3140, name
    assert status(ref("PriceLevelRef", "trade") + ref("CurrencyRef", "Euro")) == 0


def test_a_purchase_order_takes_no_group_as_a_plain_line(quickbooks: QuickBooks) -> None:
    order = "<PurchaseOrderAddRq><PurchaseOrderAdd>{}{}</PurchaseOrderAdd></PurchaseOrderAddRq>"
    vendor = ref("VendorRef", "Bay Farms")
    plain = f"<PurchaseOrderLineAdd>{ref('ItemRef', 'Platter')}</PurchaseOrderLineAdd>"
    group = f"<PurchaseOrderLineGroupAdd>{ref('ItemGroupRef', 'Platter')}</PurchaseOrderLineGroupAdd>"
    assert quickbooks.status(order.format(vendor, plain)) == 3140
    assert quickbooks.status(order.format(vendor, group)) == 0


def test_units_and_price_levels_make_the_price(quickbooks: QuickBooks) -> None:
    dozen = line("<Quantity>2</Quantity><UnitOfMeasure>DOZEN</UnitOfMeasure>")
    trade = line("<Quantity>1</Quantity>" + ref("PriceLevelRef", "Trade"))
    shown = quickbooks.one(invoice(dozen + trade))[0]
    assert [each.text for each in shown.iter("Rate")] == ["24.00", "1.80"]
    assert shown.find("InvoiceLineRet/PriceLevelRef") is None


def test_a_negative_invoice_is_refused(quickbooks: QuickBooks) -> None:
    answer = quickbooks.one(invoice(line("<Amount>-19.00</Amount>")))
    assert answer.get("statusCode") == "3180"
    assert "must be positive" in answer.get("statusMessage", "")


@pytest.mark.parametrize(
    ("item", "aggregate"), [("Mussel", "SalesOrPurchase"), ("Oyster", "SalesAndPurchase")]
)
def test_an_item_is_changed_as_what_it_is(quickbooks: QuickBooks, item: str, aggregate: str) -> None:
    found = quickbooks.company.find("ItemNonInventory", Name=item)
    price = "Price" if aggregate == "SalesOrPurchase" else "SalesPrice"
    ids = f"<ListID>{found['ListID']}</ListID><EditSequence>{found['EditSequence']}</EditSequence>"
    sides = f"<{aggregate}Mod><{price}>5.00</{price}></{aggregate}Mod>"
    request = f"<ItemNonInventoryModRq><ItemNonInventoryMod>{ids}{sides}</ItemNonInventoryMod></ItemNonInventoryModRq>"
    assert quickbooks.status(request) == 3170
    assert quickbooks.company.find("ItemNonInventory", Name=item) == found


def test_a_person_makes_an_item_two_sided(quickbooks: QuickBooks) -> None:
    company = quickbooks.company
    found = company.find("ItemNonInventory", Name="Oyster")
    both = {"SalesPrice": "3", "IncomeAccountRef": "Sales", "ExpenseAccountRef": "Purchases"}
    company.person.edit("ItemNonInventory", found["ListID"], {"SalesAndPurchase": both})
    changed = company.find("ItemNonInventory", Name="Oyster")
    assert "SalesOrPurchase" not in changed
    assert changed["SalesAndPurchase"]["SalesPrice"] == "3.00"


def test_a_list_whose_feature_is_off_is_refused(quickbooks: QuickBooks) -> None:
    assert quickbooks.status("<InventorySiteQueryRq/>") == 0
    preferences = quickbooks.company.preferences
    preferences["MultiLocationInventoryPreferences"]["IsMultiLocationInventoryEnabled"] = "false"
    assert quickbooks.status("<InventorySiteQueryRq/>") == 3250


@pytest.mark.parametrize("list_name", ["PriceLevel", "UnitOfMeasureSet", "InventorySite", "Currency"])
def test_the_lists_are_shown_as_the_schema_has_them(quickbooks: QuickBooks, list_name: str) -> None:
    answer = quickbooks.one(f"<{list_name}QueryRq/>")
    assert answer.get("statusCode") == "0"
    assert {entry.tag for entry in answer} == {f"{list_name}Ret"}


# -- sales orders and credits --------------------------------------------------------------------------------


def sales_order(quickbooks: QuickBooks, customer: str = "Ada") -> tuple[str, list[str]]:
    """A sales order over ten oysters and a platter: its TxnID and the TxnLineIDs of its three inner lines."""
    lines = [{"ItemRef": "Oyster", "Quantity": "10", "Rate": "1.50"}, {"ItemGroupRef": "Platter"}]
    txn_id = quickbooks.company.person.add_transaction("SalesOrder", {"CustomerRef": customer}, lines)
    order: Any = order_of(quickbooks)
    first, group = order["lines"]
    return txn_id, [first["TxnLineID"], *(each["TxnLineID"] for each in group["lines"])]


def order_of(quickbooks: QuickBooks) -> dict[str, object]:
    (order,) = quickbooks.company.records("SalesOrder")
    return order


def test_an_invoice_is_made_from_a_sales_order_alone(quickbooks: QuickBooks) -> None:
    txn_id, _ = sales_order(quickbooks)
    answer = quickbooks.one(invoice("", f"<LinkToTxnID>{txn_id}</LinkToTxnID>"))
    assert answer.get("statusCode") == "0", answer.get("statusMessage")
    assert answer[0].findtext("Subtotal") == "30.00"
    assert [each.tag for each in answer[0] if "Line" in each.tag] == ["InvoiceLineRet", "InvoiceLineGroupRet"]
    assert answer[0].findtext("LinkedTxn/TxnID") == txn_id
    assert order_of(quickbooks)["IsFullyInvoiced"] == "true"


def test_a_sales_order_is_invoiced_line_by_line(quickbooks: QuickBooks) -> None:
    txn_id, (oyster, *_) = sales_order(quickbooks)
    part = linked(txn_id, oyster, "<Quantity>4</Quantity>")
    shown = quickbooks.one(invoice(part))[0]
    assert [shown.findtext(f"InvoiceLineRet/{name}") for name in ("Quantity", "Rate", "Amount")] == [
        "4",
        "1.50",
        "6.00",
    ]
    assert order_of(quickbooks)["lines"][0]["Invoiced"] == "4"
    rest = quickbooks.one(invoice(linked(txn_id, oyster)))[0]
    assert rest.findtext("InvoiceLineRet/Quantity") == "6"
    assert quickbooks.status(invoice(linked(txn_id, oyster))) == 3180
    quickbooks.company.person.delete_transaction("Invoice", rest.findtext("TxnID") or "")
    assert order_of(quickbooks)["lines"][0]["Invoiced"] == "4"


def test_a_link_that_makes_no_sense_is_refused(quickbooks: QuickBooks) -> None:
    txn_id, (oyster, *_) = sales_order(quickbooks)
    header = f"<LinkToTxnID>{txn_id}</LinkToTxnID>"
    assert quickbooks.status(invoice(linked(txn_id, oyster, ref("ItemRef", "Mussel")))) == 3152
    assert quickbooks.status(invoice(linked(txn_id, oyster), header)) == 3000
    assert quickbooks.status(invoice(linked(txn_id, "9-9"))) == 3120
    assert quickbooks.status(invoice(linked("banana", oyster))) == 3000
    assert quickbooks.status(invoice("", header, customer="Bob")) == 3210
    assert quickbooks.company.records("Invoice") == []


def test_a_closed_sales_order_is_left_out_with_a_warning(quickbooks: QuickBooks) -> None:
    txn_id, _ = sales_order(quickbooks)
    header = f"<LinkToTxnID>{txn_id}</LinkToTxnID>"
    assert quickbooks.status(invoice("", header)) == 0
    answer = quickbooks.one(invoice(line("<Quantity>1</Quantity>"), header))
    assert (answer.get("statusCode"), answer.get("statusSeverity")) == ("570", "Warn")
    assert answer[0].findtext("Subtotal") == "2.00"
    assert quickbooks.status(invoice("", header)) == 3180


def test_a_credit_is_applied_once(quickbooks: QuickBooks) -> None:
    person = quickbooks.company.person
    memo = person.add_transaction(
        "CreditMemo", {"CustomerRef": "Ada"}, [{"ItemRef": "Oyster", "Quantity": "5"}]
    )
    whole = line("<Quantity>10</Quantity>")
    shown = quickbooks.one(invoice(whole, credit(memo, "8.00")))[0]
    assert (shown.findtext("AppliedAmount"), shown.findtext("BalanceRemaining")) == ("8.00", "12.00")
    assert quickbooks.company.find("CreditMemo")["CreditRemaining"] == "2.00"
    assert quickbooks.status(invoice(whole, credit(memo, "2.01"))) == 3210
    assert quickbooks.status(invoice(whole, credit(memo, "1.00"), customer="Bob")) == 3210
    assert quickbooks.status(invoice(whole, credit(memo, "1.50") + credit("banana", "1.00"))) == 3000
    assert quickbooks.company.find("CreditMemo")["CreditRemaining"] == "2.00"
