"""What QuickBooks fills into a new transaction by itself: from its party, the calendar and its lists."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

from qbwc_server.simulator.quickbooks.book import Book, Fields
from qbwc_server.simulator.quickbooks.kinds import ENTITY, TERMS, TxnKind

_PRINTED = {"IsToBePrinted": "true", "IsToBeEmailed": "false"}
_DEFAULTS = {
    "Invoice": {"IsPending": "false", "IsFinanceCharge": "false", **_PRINTED},
    "PurchaseOrder": {"IsManuallyClosed": "false", "IsFullyReceived": "false", **_PRINTED},
    "SalesOrder": {"IsManuallyClosed": "false", "IsFullyInvoiced": "false", **_PRINTED},
    "CreditMemo": {"IsPending": "false", **_PRINTED},
}


def filled_in(book: Book, today: date, kind: TxnKind, header: Fields) -> Fields:
    """What QuickBooks takes from the customer or vendor, the calendar and the first matching list
    record."""
    party = book.list_record(ENTITY, header[kind.party]["ListID"])
    source = party[1] if party else {}
    day = today.isoformat()
    defaults: Fields = {"TxnDate": day, "RefNumber": ""}
    wanted = {kind.address: source.get(kind.address), "TermsRef": source.get("TermsRef")}
    template = _first_of(book, "Template", "TemplateType", kind.name)
    wanted["TemplateRef"] = template
    defaults |= _DEFAULTS[kind.name]
    if "ARAccountRef" in kind.shape.by_name:
        wanted["ARAccountRef"] = _first_of(book, "Account", "AccountType", "AccountsReceivable")
    if kind.party == "CustomerRef":
        wanted |= {
            "ShipAddress": source.get("ShipAddress"),
            "ItemSalesTaxRef": source.get("ItemSalesTaxRef"),
            "CustomerSalesTaxCodeRef": source.get("SalesTaxCodeRef"),
            "SalesRepRef": source.get("SalesRepRef"),
            "ShipDate": header.get("TxnDate", day),
        }
    else:
        wanted |= {"ExpectedDate": header.get("TxnDate", day)}
    defaults |= {name: value for name, value in wanted.items() if value}
    terms = header.get("TermsRef", defaults.get("TermsRef"))
    defaults["DueDate"] = _due(book, header.get("TxnDate", day), terms)
    return defaults


def next_number(book: Book, kind: TxnKind) -> str:
    """One more than the last number that QuickBooks gave or that was plainly a number."""
    counter = f"RefNumber {kind.name}"
    number = book.counters.get(counter, 0) + 1
    while book.numbered(kind.name, str(number)):
        number += 1
    book.counters[counter] = number
    return str(number)


def _due(book: Book, txn_date: str, terms: Fields | None) -> str:
    found = book.list_record(TERMS, terms["ListID"]) if terms else None
    start = date.fromisoformat(txn_date)
    if found is None:
        return txn_date
    if found[0].name == "StandardTerms":
        return (start + timedelta(days=int(found[1].get("StdDueDays", "0")))).isoformat()
    return _date_driven(start, found[1]).isoformat()


def _first_of(book: Book, kind: str, name: str, value: str) -> Fields | None:
    for record in book.lists[kind].values():
        if record.get(name) == value and record.get("IsActive") == "true":
            return {"ListID": record["ListID"]}
    return None


def _date_driven(start: date, terms: Fields) -> date:
    """Due on a day of the month; of the month after next when too few days are left."""
    day, margin = int(terms.get("DayOfMonthDue", "1")), int(terms.get("DueNextMonthDays", "0"))
    due = _on_day(start, day)
    while due < start + timedelta(days=margin):
        due = _on_day((due.replace(day=1) + timedelta(days=32)), day)
    return due


def _on_day(month: date, day: int) -> date:
    return month.replace(day=min(day, monthrange(month.year, month.month)[1]))
