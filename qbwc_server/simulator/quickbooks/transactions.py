"""Adding, changing, voiding and deleting transactions, with what QuickBooks fills in and computes."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from qbwc_server.simulator.errors import StatusError, missing_element, object_not_found, save_failed
from qbwc_server.simulator.quickbooks import money
from qbwc_server.simulator.quickbooks.book import Book, Fields
from qbwc_server.simulator.quickbooks.kinds import ENTITY, ITEM, TERMS, TXN_KINDS, TxnKind
from qbwc_server.simulator.quickbooks.line_changes import LineChange, apply_changes
from qbwc_server.simulator.quickbooks.lines import LineWriter, sum_of
from qbwc_server.simulator.quickbooks.links import Linker, flat
from qbwc_server.simulator.quickbooks.lists import touch
from qbwc_server.simulator.quickbooks.pc_clock import PcClock, write_moment
from qbwc_server.simulator.quickbooks.reading import compact, merge

_PRINTED = {"IsToBePrinted": "true", "IsToBeEmailed": "false"}
_DEFAULTS = {
    "Invoice": {"IsPending": "false", "IsFinanceCharge": "false", **_PRINTED},
    "PurchaseOrder": {"IsManuallyClosed": "false", "IsFullyReceived": "false", **_PRINTED},
    "SalesOrder": {"IsManuallyClosed": "false", "IsFullyInvoiced": "false", **_PRINTED},
    "CreditMemo": {"IsPending": "false", **_PRINTED},
}


@dataclass(slots=True)
class TxnEditor:
    """Changes the transactions of one company file. Every method succeeds or raises StatusError having
    changed nothing.

    Args:
        book: the records.
        clock: the PC's clock.
        preferences: PreferencesRet as stored.
        deleted: the log behind TxnDeletedQuery; appended to.
    """

    book: Book
    clock: PcClock
    preferences: Fields
    deleted: list[Fields] = field(default_factory=list)

    def add(
        self,
        kind: TxnKind,
        wanted: Fields,
        lines: list[Fields],
        *,
        numbered: bool = False,
        notices: list[StatusError] | None = None,
    ) -> Fields:
        """Make a transaction.

        Args:
            kind: Invoice or PurchaseOrder.
            wanted: the header fields of the Add, None where an element was empty.
            lines: the lines and groups of the Add, in order.
            numbered: the request carried a RefNumber element, even an empty one. Without it QuickBooks takes
                its next number; an empty one leaves the document without a number.
            notices: gets what QuickBooks warns of.

        Raises:
            StatusError: 3150 no customer or vendor, 3180 no lines or a negative total, 3171 before the closing
                date, and whatever a ``Linker`` raises.
        """
        header = compact(wanted)
        if kind.party not in header:
            raise missing_element(kind.party)
        orders, credits = header.pop("LinkToTxnID", []), header.pop("SetCredit", [])
        if kind.name == "Invoice":
            lines = self._linker.lines(header[kind.party]["ListID"], orders, lines, _noted(notices))
        if not lines:
            raise save_failed(kind.name, header.get("RefNumber", ""), "You cannot save an empty transaction.")
        moment = self.clock.utc()
        header = {**self._defaults(kind, header), **header}
        self.check_period(header["TxnDate"], 3171)
        if not numbered:
            header["RefNumber"] = self._next_number(kind)
        stamp = write_moment(moment)
        record: Fields = {
            "TxnID": self.book.new_txn_id(moment),
            "TimeCreated": stamp,
            "TimeModified": stamp,
            "EditSequence": str(int(moment.timestamp())),
            "TxnNumber": self.book.new_txn_number(),
            **header,
        }
        writer = self._writer(kind)
        made = (writer.new_group(line) if "ItemGroupRef" in line else writer.new_line(line) for line in lines)
        record["lines"] = writer.follow_up(made)
        self._total(kind, record, writer)
        self._apply(credits, record)
        self.book.put_transaction(kind, record)
        self._settle(kind, record)
        return record

    def modify(self, kind: TxnKind, txn_id: str, changes: Fields, lines: list[LineChange] | None) -> Fields:
        """Apply a Mod; the caller has compared the EditSequence.

        Args:
            kind: Invoice or PurchaseOrder.
            txn_id: which one.
            changes: header fields; None clears, absent leaves as is.
            lines: the lines to keep, change and add; None when the Mod names no line at all: lines untouched.

        Raises:
            StatusError: 3120 unknown id or line, 3290 lines in another order, 3171 closed period, 3180 no
                line left.
        """
        record = self.get(kind, txn_id)
        self.check_period(record["TxnDate"], 3171)
        credits = changes.pop("SetCredit", None) or []
        changed = merge(record, changes)
        if kind.party not in changed:
            raise missing_element(kind.party)
        self.check_period(changed["TxnDate"], 3171)
        writer = self._writer(kind)
        if lines is not None:
            changed["lines"] = writer.follow_up(apply_changes(writer, record["lines"], lines))
        if not changed["lines"]:
            raise save_failed(
                kind.name, changed.get("RefNumber", ""), "You cannot save an empty transaction."
            )
        self._total(kind, changed, writer)
        self._apply(credits, changed)
        touch(changed, self.clock)
        self._replace(kind, changed)
        self._settle(kind, changed)
        return changed

    def void(self, kind: TxnKind, txn_id: str) -> Fields:
        """Void: the document stays, its amounts are zero. Raises StatusError 3120, 3171."""
        record = self.get(kind, txn_id)
        if not kind.can_void:
            raise StatusError(3185, f"A {kind.name} cannot be voided.")
        self.check_period(record["TxnDate"], 3171)
        writer = self._writer(kind)
        memo = record.get("Memo", "")
        voided = {**record, "Memo": memo if memo.startswith("VOID:") else f"VOID: {memo}".rstrip()}
        voided["lines"] = [_zeroed(line) for line in record["lines"]]
        self._total(kind, voided, writer)
        touch(voided, self.clock)
        self._replace(kind, voided)
        self._settle(kind, voided)
        return voided

    def delete(self, kind: TxnKind, txn_id: str) -> Fields:
        """Delete and log. Answers the log entry. Raises StatusError 3120, 3161."""
        record = self.get(kind, txn_id)
        self.check_period(record["TxnDate"], 3161)
        self.book.remove_transaction(kind, txn_id)
        self._settle(kind, record)
        entry = {
            "TxnDelType": kind.name,
            "TxnID": txn_id,
            "TimeCreated": record["TimeCreated"],
            "TimeDeleted": write_moment(self.clock.utc()),
            **({"RefNumber": record["RefNumber"]} if record.get("RefNumber") else {}),
        }
        self.deleted.append(entry)
        return entry

    def apply_payment(self, txn_id: str, amount: str) -> Fields:
        """Lower the balance of an invoice. Raises StatusError 3120, 3210 for more than is due."""
        record = self.get(TXN_KINDS["Invoice"], txn_id)
        paid = Decimal(amount)
        if paid > Decimal(record["BalanceRemaining"]):
            raise StatusError(3210, "You cannot pay more than the amount due.")
        record["AppliedAmount"] = money.amount(Decimal(record["AppliedAmount"]) + paid)
        payment = {
            "TxnID": self.book.new_txn_id(self.clock.utc()),
            "TxnType": "ReceivePayment",
            "TxnDate": self.clock.today().isoformat(),
            "LinkType": "AMTTYPE",
            "Amount": money.amount(-paid),
        }
        record["LinkedTxn"] = [*record.get("LinkedTxn", []), payment]
        self._invoice_totals(record, Decimal(record["Subtotal"]))
        return record

    def get(self, kind: TxnKind, txn_id: str) -> Fields:
        """The transaction with that id. Raises StatusError 3120."""
        record = self.book.transactions[kind.name].get(txn_id)
        if record is None:
            raise object_not_found(txn_id)
        return record

    def check_period(self, txn_date: str, code: int) -> None:
        """Nothing on or before the closing date may be touched (3171 and 3161 are from general SDK
        knowledge)."""
        closing = self.preferences.get("AccountingPreferences", {}).get("ClosingDate")
        if closing and txn_date <= closing:
            raise StatusError(
                code,
                f"An attempt was made to modify a transaction dated on or before the closing date {closing}.",
            )

    def _replace(self, kind: TxnKind, changed: Fields) -> None:
        """Index again under a new number or party, in the old place."""
        before = self.book.transactions[kind.name][changed["TxnID"]]
        if any(before.get(name) != changed.get(name) for name in ("RefNumber", kind.party)):
            self.book.unindex_transaction(kind, changed["TxnID"])
        self.book.put_transaction(kind, changed)

    def _writer(self, kind: TxnKind) -> LineWriter:
        return LineWriter(self.book, kind, lambda: self.book.new_txn_id(self.clock.utc()))

    def _defaults(self, kind: TxnKind, header: Fields) -> Fields:
        """What QuickBooks takes from the customer or vendor, the calendar and the first matching list
        record."""
        party = self.book.list_record(ENTITY, header[kind.party]["ListID"])
        source = party[1] if party else {}
        today = self.clock.today().isoformat()
        defaults: Fields = {"TxnDate": today, "RefNumber": ""}
        wanted = {kind.address: source.get(kind.address), "TermsRef": source.get("TermsRef")}
        template = self._first_of("Template", "TemplateType", kind.name)
        wanted["TemplateRef"] = template
        defaults |= _DEFAULTS[kind.name]
        if "ARAccountRef" in kind.shape.by_name:
            wanted["ARAccountRef"] = self._first_of("Account", "AccountType", "AccountsReceivable")
        if kind.party == "CustomerRef":
            wanted |= {
                "ShipAddress": source.get("ShipAddress"),
                "ItemSalesTaxRef": source.get("ItemSalesTaxRef"),
                "CustomerSalesTaxCodeRef": source.get("SalesTaxCodeRef"),
                "SalesRepRef": source.get("SalesRepRef"),
                "ShipDate": header.get("TxnDate", today),
            }
        else:
            wanted |= {"ExpectedDate": header.get("TxnDate", today)}
        defaults |= {name: value for name, value in wanted.items() if value}
        terms = header.get("TermsRef", defaults.get("TermsRef"))
        defaults["DueDate"] = self._due(header.get("TxnDate", today), terms)
        return defaults

    def _due(self, txn_date: str, terms: Fields | None) -> str:
        found = self.book.list_record(TERMS, terms["ListID"]) if terms else None
        start = date.fromisoformat(txn_date)
        if found is None:
            return txn_date
        if found[0].name == "StandardTerms":
            return (start + timedelta(days=int(found[1].get("StdDueDays", "0")))).isoformat()
        return _date_driven(start, found[1]).isoformat()

    def _first_of(self, kind: str, name: str, value: str) -> Fields | None:
        for record in self.book.lists[kind].values():
            if record.get(name) == value and record.get("IsActive") == "true":
                return {"ListID": record["ListID"]}
        return None

    def _next_number(self, kind: TxnKind) -> str:
        """One more than the last number that QuickBooks gave or that was plainly a number."""
        counter = f"RefNumber {kind.name}"
        number = self.book.counters.get(counter, 0) + 1
        while self.book.numbered(kind.name, str(number)):
            number += 1
        self.book.counters[counter] = number
        return str(number)

    def _total(self, kind: TxnKind, record: Fields, writer: LineWriter) -> None:
        total = writer.total(record["lines"])
        record[kind.total] = money.amount(total)
        if kind.name == "Invoice":
            self._invoice_totals(record, total)
        elif kind.name == "PurchaseOrder":
            self._order_totals(record)
        else:
            due = self._taxed(record, total)
            record["TotalAmount"] = money.amount(due)
            if kind.name == "CreditMemo":
                self._check_sign(kind.name, record, due)
                record["CreditRemaining"] = money.amount(due)

    def _taxed(self, record: Fields, subtotal: Decimal) -> Decimal:
        """Set the sales tax; returns the total with it."""
        rate = self._tax_rate(record)
        tax = sum_of(line for line in flat(record["lines"]) if self._is_taxed(record, line)) * rate / 100
        record["SalesTaxPercentage"] = money.percent(rate)
        record["SalesTaxTotal"] = money.amount(tax)
        return subtotal + Decimal(money.amount(tax))

    def _check_sign(self, kind: str, record: Fields, total: Decimal) -> None:
        if total < 0:
            raise save_failed(kind, record.get("RefNumber", ""), "Transaction amount must be positive.")

    def _apply(self, credits: list[Fields], record: Fields) -> None:
        if credits:
            self._linker.apply_credits(record, credits)
            self._invoice_totals(record, Decimal(record["Subtotal"]))

    def _settle(self, kind: TxnKind, record: Fields) -> None:
        if kind.name in ("Invoice", "SalesOrder"):
            self._linker.settle(record[kind.party]["ListID"])

    @property
    def _linker(self) -> Linker:
        return Linker(self.book, self.clock)

    def _invoice_totals(self, record: Fields, subtotal: Decimal) -> None:
        total = self._taxed(record, subtotal)
        self._check_sign("Invoice", record, total)
        due = total - Decimal(record.get("AppliedAmount", "0"))
        record.setdefault("AppliedAmount", "0.00")
        record["BalanceRemaining"] = money.amount(due)
        record["IsPaid"] = "true" if due == 0 else "false"

    def _order_totals(self, record: Fields) -> None:
        lines = [line for line in flat(record["lines"]) if "Quantity" in line]
        received = bool(lines) and all(line.get("ReceivedQuantity") == line["Quantity"] for line in lines)
        record["IsFullyReceived"] = "true" if received else "false"

    def _tax_rate(self, record: Fields) -> Decimal:
        reference = record.get("ItemSalesTaxRef")
        found = self.book.list_record(ITEM, reference["ListID"]) if reference else None
        if found is None:
            return money.ZERO
        parts = found[1].get("ItemSalesTaxRef", [{"ListID": found[1]["ListID"]}])
        members = (self.book.list_record(ITEM, part["ListID"]) for part in parts)
        return sum((Decimal(each[1].get("TaxRate", "0")) for each in members if each), money.ZERO)

    def _is_taxed(self, record: Fields, line: Fields) -> bool:
        codes = (record.get("CustomerSalesTaxCodeRef"), line.get("SalesTaxCodeRef"))
        found = (self.book.list_record("SalesTaxCode", code["ListID"]) if code else None for code in codes)
        return all(each is not None and each[1].get("IsTaxable") == "true" for each in found)


def _noted(notices: list[StatusError] | None) -> list[StatusError]:
    return [] if notices is None else notices


def _zeroed(line: Fields) -> Fields:
    if "lines" in line:
        return {**line, "TotalAmount": "0.00", "lines": [_zeroed(each) for each in line["lines"]]}
    return {**line, "Amount": "0.00", **({"Quantity": "0"} if "Quantity" in line else {})}


def _date_driven(start: date, terms: Fields) -> date:
    """Due on a day of the month; of the month after next when too few days are left."""
    day, margin = int(terms.get("DayOfMonthDue", "1")), int(terms.get("DueNextMonthDays", "0"))
    due = _on_day(start, day)
    while due < start + timedelta(days=margin):
        due = _on_day((due.replace(day=1) + timedelta(days=32)), day)
    return due


def _on_day(month: date, day: int) -> date:
    return month.replace(day=min(day, monthrange(month.year, month.month)[1]))
