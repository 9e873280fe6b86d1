"""What an invoice is made from and paid with: sales orders, line by line, and credits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from qbwc_server.simulator.errors import StatusError, invalid_id, object_not_found, save_failed
from qbwc_server.simulator.quickbooks import money
from qbwc_server.simulator.quickbooks.book import Book, Fields
from qbwc_server.simulator.quickbooks.lists import touch
from qbwc_server.simulator.quickbooks.pc_clock import PcClock
from qbwc_server.simulator.quickbooks.reading import looks_like_id

_TAKEN_OVER = (
    "ItemRef",
    "Desc",
    "UnitOfMeasure",
    "OverrideUOMSetRef",
    "Rate",
    "RatePercent",
    "ClassRef",
    "InventorySiteRef",
    "InventorySiteLocationRef",
    "SalesTaxCodeRef",
    "Other1",
    "Other2",
)


@dataclass(frozen=True, slots=True)
class Linker:
    """Ties invoices to the sales orders and credits of one company file.

    Args:
        book: the records.
        clock: the PC's clock.
    """

    book: Book
    clock: PcClock

    def lines(
        self, customer: str, orders: list[str], wanted: list[Fields], notices: list[StatusError]
    ) -> list[Fields]:
        """The lines an invoice gets: those of the sales orders it is made from, then its own.

        Args:
            customer: the ListID of the invoice's customer.
            orders: LinkToTxnID: sales orders that are taken over as a whole.
            wanted: the invoice's own lines; one with LinkToTxn takes over one line of a sales order.
            notices: gets a 570 for a sales order that is closed, as the invoice is saved without it.

        Raises:
            StatusError: 3000 no TxnID, or one named both for the whole invoice and for a line; 3120 no such
                sales order or line; 3152 an item beside LinkToTxn; 3180 the line is invoiced already; 3210 a
                sales order of another customer.
        """
        by_line = {line["LinkToTxn"]["TxnID"] for line in wanted if "LinkToTxn" in line}
        made: list[Fields] = []
        for txn_id in orders:
            if txn_id in by_line:
                raise invalid_id(txn_id, "LinkToTxnID")
            opened = list(_open_lines(self._order(txn_id, customer)))
            if not opened:
                notices.append(_closed(txn_id))
            made += opened
        return made + [self._linked(line, customer) if "LinkToTxn" in line else line for line in wanted]

    def apply_credits(self, invoice: Fields, credits: Iterable[Fields]) -> None:
        """Lower what is due of an invoice by credits of its customer; the caller computes its totals again.

        Raises:
            StatusError: 3000 or 3120 no such credit, 3210 more than is left of it or due.
        """
        found = [
            (self._credit(each["CreditTxnID"], invoice), Decimal(each["AppliedAmount"])) for each in credits
        ]
        too_much = any(given > Decimal(memo["CreditRemaining"]) for memo, given in found)
        if too_much or sum(given for _, given in found) > Decimal(invoice["BalanceRemaining"]):
            raise StatusError(3210, "You cannot apply more than the amount of the credit or the amount due.")
        for memo, given in found:
            memo["CreditRemaining"] = money.amount(Decimal(memo["CreditRemaining"]) - given)
            invoice["AppliedAmount"] = money.amount(Decimal(invoice["AppliedAmount"]) + given)
            for holder, kind, other in ((invoice, "CreditMemo", memo), (memo, "Invoice", invoice)):
                holder["LinkedTxn"] = [*holder.get("LinkedTxn", []), _link(kind, other, "AMTTYPE", -given)]
            touch(memo, self.clock)

    def settle(self, customer: str) -> None:
        """Count anew what the invoices of a customer took over from the sales orders."""
        invoices = [fields for kind, fields in self.book.of_party(customer) if kind.name == "Invoice"]
        taken = [(invoice, line) for invoice in invoices for line in flat(invoice["lines"])]
        for kind, order in self.book.of_party(customer):
            if kind.name == "SalesOrder":
                self._settle(order, [(invoice, line) for invoice, line in taken if _is_from(line, order)])

    def _settle(self, order: Fields, taken: list[tuple[Fields, Fields]]) -> None:
        before = [line.get("Invoiced") for line in flat(order["lines"])]
        for line in flat(order["lines"]):
            parts = (
                Decimal(each.get("Quantity", "0"))
                for _, each in taken
                if each["LinkToTxn"]["TxnLineID"] == line["TxnLineID"]
            )
            line["Invoiced"] = money.quantity(sum(parts, money.ZERO))
        counted = [line for line in flat(order["lines"]) if "Quantity" in line]
        full = counted and all(_left(line) <= 0 for line in counted)
        order["IsFullyInvoiced"] = "true" if full else "false"
        invoices = {invoice["TxnID"]: invoice for invoice, _ in taken}
        _relink(order, "Invoice", invoices.values())
        for invoice in invoices.values():
            others = [each for each in invoice.get("LinkedTxn", []) if each["TxnID"] != order["TxnID"]]
            invoice["LinkedTxn"] = [
                *others,
                _link("SalesOrder", order, "QUANTYPE", Decimal(order["Subtotal"])),
            ]
        if before != [line["Invoiced"] for line in flat(order["lines"])]:
            touch(order, self.clock)

    def _order(self, txn_id: str, customer: str) -> Fields:
        found = self._transaction("SalesOrder", txn_id, "LinkToTxnID")
        if found["CustomerRef"]["ListID"] != customer:
            raise StatusError(3210, f'The transaction "{txn_id}" belongs to another customer.')
        return found

    def _credit(self, txn_id: str, invoice: Fields) -> Fields:
        found = self._transaction("CreditMemo", txn_id, "CreditTxnID")
        if found["CustomerRef"] != invoice["CustomerRef"]:
            raise StatusError(3210, f'The credit "{txn_id}" belongs to another customer.')
        return found

    def _transaction(self, kind: str, txn_id: str, field: str) -> Fields:
        if not looks_like_id(txn_id):
            raise invalid_id(txn_id, field)
        found = self.book.transactions[kind].get(txn_id)
        if found is None:
            raise object_not_found(txn_id)
        return found

    def _linked(self, wanted: Fields, customer: str) -> Fields:
        if "ItemRef" in wanted:
            raise StatusError(3152, 'The element "ItemRef" is not allowed in a line that has a "LinkToTxn".')
        link = wanted["LinkToTxn"]
        order = self._order(link["TxnID"], customer)
        found = {line["TxnLineID"]: line for line in flat(order["lines"])}.get(link["TxnLineID"])
        if found is None:
            raise object_not_found(link["TxnLineID"])
        if not _is_open(order, found):
            raise save_failed(
                "Invoice", "LinkToTxn", "The sales order line has already been invoiced or closed."
            )
        given = {"Amount", "Rate", "RatePercent"} & set(wanted)
        taken = {
            name: value
            for name, value in _taken_over(order, found).items()
            if not (given and name in ("Amount", "Rate", "RatePercent"))
        }
        return {**taken, **wanted}


def flat(lines: list[Fields]) -> list[Fields]:
    """Lines and the lines inside groups, without the groups themselves."""
    return [inner for line in lines for inner in line.get("lines", [line])]


def _open_lines(order: Fields) -> Iterator[Fields]:
    for line in order["lines"]:
        inner = [_taken_over(order, each) for each in line.get("lines", [line]) if _is_open(order, each)]
        if "lines" not in line:
            yield from inner
        elif inner:
            head = {
                name: line[name]
                for name in ("ItemGroupRef", "Desc", "Quantity", "UnitOfMeasure")
                if name in line
            }
            yield {**head, "lines": inner}


def _taken_over(order: Fields, line: Fields) -> Fields:
    taken = {name: line[name] for name in _TAKEN_OVER if name in line}
    if "Quantity" in line:
        taken["Quantity"] = money.quantity(_left(line))
    elif "Amount" in line:
        taken["Amount"] = line["Amount"]
    return {**taken, "LinkToTxn": {"TxnID": order["TxnID"], "TxnLineID": line["TxnLineID"]}}


def _is_open(order: Fields, line: Fields) -> bool:
    closed = "true" in (order.get("IsManuallyClosed"), line.get("IsManuallyClosed"))
    return not closed and ("Quantity" not in line or _left(line) > 0)


def _left(line: Fields) -> Decimal:
    return Decimal(line["Quantity"]) - Decimal(line.get("Invoiced", "0"))


def _is_from(line: Fields, order: Fields) -> bool:
    return bool(line.get("LinkToTxn", {}).get("TxnID") == order["TxnID"])


def _relink(holder: Fields, kind: str, others: Iterable[Fields]) -> None:
    kept = [each for each in holder.get("LinkedTxn", []) if each["TxnType"] != kind]
    links = [*kept, *(_link(kind, other, "QUANTYPE", Decimal(other["Subtotal"])) for other in others)]
    if links:
        holder["LinkedTxn"] = links
    else:
        holder.pop("LinkedTxn", None)


def _link(kind: str, other: Fields, how: str, amount: Decimal) -> Fields:
    number = {"RefNumber": other["RefNumber"]} if other.get("RefNumber") else {}
    return {
        "TxnID": other["TxnID"],
        "TxnType": kind,
        "TxnDate": other["TxnDate"],
        **number,
        "LinkType": how,
        "Amount": money.amount(amount),
    }


def _closed(txn_id: str) -> StatusError:
    return StatusError(570, f'Unable to link to transaction "{txn_id}" because it has already been closed.')
