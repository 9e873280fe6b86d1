"""What a record refers to is looked for in QuickBooks' lists before it is sent, and a list that nothing refers to is
never asked for. Over HTTP, judged from the company file and from what the Web Connector carried."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
from lxml import etree

from tests.worlds.change_world import House, Office

ON_DEMAND = (
    "SalesRep",
    "CustomerMsg",
    "PaymentMethod",
    "PriceLevel",
    "UnitOfMeasureSet",
    "InventorySite",
    "Currency",
    "CustomerType",
    "VendorType",
    "JobType",
)
LINE = {"item": {"external_id": "i"}, "quantity": "1", "rate": "9.50"}

Seen = Counter[str]


@pytest.fixture
def asked(office: Office, monkeypatch: pytest.MonkeyPatch) -> Seen:
    """Counts what QuickBooks is asked from now on, and the message sets it is asked in."""
    seen: Seen = Counter()
    process = office.company.process

    def listening(request: str | bytes, session: int = 0) -> str:
        text = request if isinstance(request, str) else request.decode()
        root = etree.fromstring(text.split("?>", 1)[1].encode())
        seen.update(each.tag for each in root.iterfind("QBXMLMsgsRq/*"))
        seen["sets"] += 1
        return process(request, session)

    monkeypatch.setattr(office.company, "process", listening)
    return seen


MISSING: dict[str, tuple[str, dict[str, Any], str, str, dict[str, Any]]] = {
    # what is handed over, the menu that is named, the list, and the entry a person adds
    "sales rep": ("invoices", {"sales_rep": "ZZ"}, "Sales Rep List", "SalesRep", {"Initial": "ZZ"}),
    "item sales tax": (
        "invoices",
        {"item_sales_tax": "County"},
        "Item List",
        "ItemSalesTax",
        {"Name": "County", "TaxRate": "5.0", "TaxVendorRef": "State Board of Equalization"},
    ),
    "customer message": (
        "invoices",
        {"customer_msg": "Ahoy"},
        "Customer Message List",
        "CustomerMsg",
        {"Name": "Ahoy"},
    ),
    "price level": (
        "invoices",
        {"lines": [{"item": {"external_id": "i"}, "quantity": "1", "price_level": "Trade"}]},
        "Price Level List",
        "PriceLevel",
        {"Name": "Trade", "PriceLevelType": "FixedPercentage", "PriceLevelFixedPercentage": "-10"},
    ),
    "inventory site": (
        "invoices",
        {"lines": [{**LINE, "inventory_site": "Pier 4"}]},
        "Inventory Site List",
        "InventorySite",
        {"Name": "Pier 4"},
    ),
    "payment method": (
        "customers",
        {"preferred_payment_method": "Shells"},
        "Payment Method List",
        "PaymentMethod",
        {"Name": "Shells"},
    ),
    "currency": ("customers", {"currency": "Euro"}, "Currency List", "Currency", {"Name": "Euro"}),
    "customer type": (
        "customers",
        {"customer_type": "Pirate"},
        "Customer Type List",
        "CustomerType",
        {"Name": "Pirate"},
    ),
    "job type": ("customers", {"job_type": "Refit"}, "Job Type List", "JobType", {"Name": "Refit"}),
    "vendor type": (
        "vendors",
        {"vendor_type": "Smuggler"},
        "Vendor Type List",
        "VendorType",
        {"Name": "Smuggler"},
    ),
    "unit of measure set": (
        "items",
        {"unit_of_measure_set": "Count"},
        "U/M Set List",
        "UnitOfMeasureSet",
        {"Name": "Count", "UnitOfMeasureType": "Count", "BaseUnit": {"Name": "each", "Abbreviation": "ea"}},
    ),
}


def hand_over(office: Office, kind: str, fields: dict[str, Any]) -> str:
    """Hand over another record of that kind; its path."""
    given: dict[str, dict[str, Any]] = {
        "invoices": {"customer": {"external_id": "c"}, "ref_number": "SO-7", "lines": [LINE]},
        "customers": {"name": "Second", "email": "s@x.example"},
        "vendors": {"name": "Boats", "email": "b@x.example"},
        "items": {"sku": "MUS", "name": "Mussels", "price": "3"},
    }
    office.put(f"{kind}/x", **{**given[kind], **fields})
    return f"{kind}/x"


def turn_on_everything(office: Office) -> None:
    for feature in ("PriceLevel", "InventorySite", "Currency"):
        office.company.person.turn_on(feature)


def rep_of(office: Office) -> str:
    return office.company.person.add("Employee", {"Name": "Zed Zimmer"})


@pytest.mark.parametrize("case", MISSING)
def test_what_is_not_there_is_told_before_anything_is_sent(office: Office, asked: Seen, case: str) -> None:
    kind, fields, menu, list_name, entry = MISSING[case]
    turn_on_everything(office)
    path = hand_over(office, kind, fields)
    office.visit()
    error = office.blocked(path)
    assert (error["cause"], error["quickbooks"]) == ("reference_missing", None)
    assert case in error["message"]
    assert menu in error["remedy"]
    if list_name == "SalesRep":
        rep_of(office)
        entry = {**entry, "SalesRepEntityRef": "Zed Zimmer"}
    office.company.person.add(list_name, entry)
    office.refresh()
    office.synced(path)


def test_a_plain_firm_is_asked_for_none_of_these_lists(office: Office, asked: Seen) -> None:
    office.invoice()
    office.visit()
    office.refresh()
    office.synced("invoices/inv")
    assert [name for name in ON_DEMAND if asked[f"{name}QueryRq"]] == []
    shown = json.dumps(office.house.command("connector", "show", office.name))
    assert "sales_tax_code" in shown
    assert "price_level" not in shown


def test_a_list_something_refers_to_is_asked_for_once_and_costs_one_message_set(
    office: Office, asked: Seen
) -> None:
    office.invoice("plain", ref_number="SO-8")
    office.visit()
    plain = asked["sets"]
    for number in range(3):
        office.invoice(
            f"inv{number}", ref_number=f"SO-1{number}", customer_msg="Thank you for your business."
        )
    office.visit()
    for number in range(3):
        office.synced(f"invoices/inv{number}")
    assert asked["CustomerMsgQueryRq"] == 1
    assert asked["sets"] - plain <= plain + 1
    assert [name for name in ON_DEMAND if asked[f"{name}QueryRq"]] == ["CustomerMsg"]


def test_a_list_that_quickbooks_does_not_give_out_is_empty_for_a_reason(office: Office) -> None:
    """Multi-currency is off: CurrencyQuery is refused with 3250, and the visit goes on."""
    path = hand_over(office, "customers", {"currency": "Euro"})
    office.invoice()
    office.visit()
    office.synced("invoices/inv")
    error = office.blocked(path)
    assert error["cause"] == "reference_missing"
    assert "3250" in error["message"]
    assert "Edit > Preferences" in error["remedy"]
    office.company.person.turn_on("Currency")
    office.company.person.add("Currency", {"Name": "Euro"})
    office.refresh()
    office.synced(path)


def test_an_old_quickbooks_is_not_asked_for_what_it_does_not_know(house: House) -> None:
    office = house.office()
    supported = office.company.host["SupportedQBXMLVersion"]
    office.company.host["SupportedQBXMLVersion"] = [each for each in supported if float(each) < 8]
    office.customer(currency="Euro")
    office.item()
    office.customer("d", name="Other", email="d@x.example")
    office.visit()
    office.synced("customers/d")
    error = office.blocked("customers/c")
    assert "does not have" in error["message"] or "needs qbXML" in error["message"]


def test_a_unit_that_is_not_in_the_items_set_is_named(office: Office) -> None:
    office.invoice(lines=[{**LINE, "unit_of_measure": "barrel"}])
    office.visit()
    error = office.blocked("invoices/inv")
    assert (error["cause"], error["quickbooks"]["code"]) == ("reference_missing", "3140")
    assert "barrel" in error["message"]
    assert "U/M Set List" in error["remedy"]


def test_a_list_can_be_looked_at_once_it_is_kept(office: Office) -> None:
    office.invoice(customer_msg="Thank you for your business.")
    office.visit()
    status, answer = office.call("GET", "quickbooks/customer-messages")
    assert status == 200
    assert "Thank you for your business." in [each["full_name"] for each in answer["entries"]]
    assert office.call("GET", "quickbooks/price-levels")[1]["loaded_at"] is None
