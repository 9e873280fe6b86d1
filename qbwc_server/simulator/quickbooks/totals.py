"""What a transaction comes to: its total, the sales tax in it, and what of it is still due."""

from __future__ import annotations

from decimal import Decimal

from qbwc_server.simulator.errors import save_failed
from qbwc_server.simulator.quickbooks import money
from qbwc_server.simulator.quickbooks.book import Book, Fields
from qbwc_server.simulator.quickbooks.kinds import ITEM, TxnKind
from qbwc_server.simulator.quickbooks.lines import LineWriter, sum_of
from qbwc_server.simulator.quickbooks.links import flat


def set_total(book: Book, kind: TxnKind, record: Fields, writer: LineWriter) -> None:
    """Write what the lines come to, and what a kind has beside its total. Raises StatusError for a negative one."""
    total = writer.total(record["lines"])
    record[kind.total] = money.amount(total)
    if kind.name == "Invoice":
        set_invoice_totals(book, record, total)
    elif kind.name == "PurchaseOrder":
        _order_totals(record)
    else:
        due = _taxed(book, record, total)
        record["TotalAmount"] = money.amount(due)
        if kind.name == "CreditMemo":
            _check_sign(kind.name, record, due)
            record["CreditRemaining"] = money.amount(due)


def set_invoice_totals(book: Book, record: Fields, subtotal: Decimal) -> None:
    """Tax, what is due, and whether it is paid. Raises StatusError where the total is negative."""
    total = _taxed(book, record, subtotal)
    _check_sign("Invoice", record, total)
    due = total - Decimal(record.get("AppliedAmount", "0"))
    record.setdefault("AppliedAmount", "0.00")
    record["BalanceRemaining"] = money.amount(due)
    record["IsPaid"] = "true" if due == 0 else "false"


def _order_totals(record: Fields) -> None:
    lines = [line for line in flat(record["lines"]) if "Quantity" in line]
    received = bool(lines) and all(line.get("ReceivedQuantity") == line["Quantity"] for line in lines)
    record["IsFullyReceived"] = "true" if received else "false"


def _taxed(book: Book, record: Fields, subtotal: Decimal) -> Decimal:
    """Set the sales tax; returns the total with it."""
    rate = _tax_rate(book, record)
    tax = sum_of(line for line in flat(record["lines"]) if _is_taxed(book, record, line)) * rate / 100
    record["SalesTaxPercentage"] = money.percent(rate)
    record["SalesTaxTotal"] = money.amount(tax)
    return subtotal + Decimal(money.amount(tax))


def _check_sign(kind: str, record: Fields, total: Decimal) -> None:
    if total < 0:
        raise save_failed(kind, record.get("RefNumber", ""), "Transaction amount must be positive.")


def _tax_rate(book: Book, record: Fields) -> Decimal:
    reference = record.get("ItemSalesTaxRef")
    found = book.list_record(ITEM, reference["ListID"]) if reference else None
    if found is None:
        return money.ZERO
    parts = found[1].get("ItemSalesTaxRef", [{"ListID": found[1]["ListID"]}])
    members = (book.list_record(ITEM, part["ListID"]) for part in parts)
    return sum((Decimal(each[1].get("TaxRate", "0")) for each in members if each), money.ZERO)


def _is_taxed(book: Book, record: Fields, line: Fields) -> bool:
    codes = (record.get("CustomerSalesTaxCodeRef"), line.get("SalesTaxCodeRef"))
    found = (book.list_record("SalesTaxCode", code["ListID"]) if code else None for code in codes)
    return all(each is not None and each[1].get("IsTaxable") == "true" for each in found)
