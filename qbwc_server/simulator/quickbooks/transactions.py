"""Adding, changing, voiding and deleting transactions."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from qbwc_server.simulator.errors import StatusError, missing_element, object_not_found, save_failed
from qbwc_server.simulator.quickbooks import money
from qbwc_server.simulator.quickbooks.book import Book, Fields
from qbwc_server.simulator.quickbooks.filling_in import filled_in, next_number
from qbwc_server.simulator.quickbooks.kinds import TXN_KINDS, TxnKind
from qbwc_server.simulator.quickbooks.line_changes import LineChange, apply_changes
from qbwc_server.simulator.quickbooks.lines import LineWriter
from qbwc_server.simulator.quickbooks.links import Linker
from qbwc_server.simulator.quickbooks.lists import touch
from qbwc_server.simulator.quickbooks.pc_clock import PcClock, write_moment
from qbwc_server.simulator.quickbooks.reading import compact, merge
from qbwc_server.simulator.quickbooks.totals import set_invoice_totals, set_total


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
        header = {**filled_in(self.book, self.clock.today(), kind, header), **header}
        self.check_period(header["TxnDate"], 3171)
        if not numbered:
            header["RefNumber"] = next_number(self.book, kind)
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
        set_total(self.book, kind, record, writer)
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
        set_total(self.book, kind, changed, writer)
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
        set_total(self.book, kind, voided, writer)
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
        set_invoice_totals(self.book, record, Decimal(record["Subtotal"]))
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

    def _apply(self, credits: list[Fields], record: Fields) -> None:
        if credits:
            self._linker.apply_credits(record, credits)
            set_invoice_totals(self.book, record, Decimal(record["Subtotal"]))

    def _settle(self, kind: TxnKind, record: Fields) -> None:
        if kind.name in ("Invoice", "SalesOrder"):
            self._linker.settle(record[kind.party]["ListID"])

    @property
    def _linker(self) -> Linker:
        return Linker(self.book, self.clock)


def _noted(notices: list[StatusError] | None) -> list[StatusError]:
    return [] if notices is None else notices


def _zeroed(line: Fields) -> Fields:
    if "lines" in line:
        return {**line, "TotalAmount": "0.00", "lines": [_zeroed(each) for each in line["lines"]]}
    return {**line, "Amount": "0.00", **({"Quantity": "0"} if "Quantity" in line else {})}
