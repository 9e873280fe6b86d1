"""Lines of transactions: what QuickBooks fills in from the item, and the amounts it computes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from qbwc_server.simulator.errors import invalid_reference
from qbwc_server.simulator.quickbooks import money
from qbwc_server.simulator.quickbooks.book import Book, Fields
from qbwc_server.simulator.quickbooks.kinds import ITEM, LIST_KINDS, ListKind, TxnKind

_SALES = ("SalesOrPurchase.Desc", "SalesAndPurchase.SalesDesc", "SalesDesc", "ItemDesc")
_BUYING = ("SalesAndPurchase.PurchaseDesc", "PurchaseDesc", "SalesOrPurchase.Desc", "ItemDesc")
_SALES_PRICE = ("SalesOrPurchase.Price", "SalesAndPurchase.SalesPrice", "SalesPrice", "DiscountRate")
_BUYING_PRICE = ("SalesAndPurchase.PurchaseCost", "PurchaseCost", "SalesOrPurchase.Price")
_PERCENT = ("SalesOrPurchase.PricePercent", "DiscountRatePercent")

_SITES = ("InventorySiteRef", "InventorySiteLocationRef")

_NOT_COUNTED = frozenset({"ItemSubtotal"})
"""Lines that repeat a sum: never added again."""

_TAKEN_OFF = frozenset({"ItemDiscount", "ItemPayment"})

_NEW_LINE = {
    "PurchaseOrder": {"ReceivedQuantity": "0", "IsBilled": "false", "IsManuallyClosed": "false"},
    "SalesOrder": {"Invoiced": "0", "IsManuallyClosed": "false"},
}


@dataclass(frozen=True, slots=True)
class LineWriter:
    """Completes lines of one kind of transaction.

    Args:
        book: where items are found.
        kind: Invoice or PurchaseOrder.
        new_id: gives the next TxnLineID.
    """

    book: Book
    kind: TxnKind
    new_id: Callable[[], str]

    def new_line(self, wanted: Fields) -> Fields:
        """A line from the fields of a ``*LineAdd``: description, price and tax code default from the item."""
        item = self._item(wanted)
        self._check_unit(item, wanted)
        line = {**self._from_item(item, wanted), **wanted}
        line.pop("PriceLevelRef", None)
        line = {**_NEW_LINE.get(self.kind.name, {}), **line}
        return self.computed({"TxnLineID": self.new_id(), **line})

    def changed_line(self, line: Fields, changes: Fields) -> Fields:
        """A line with the fields of a ``*LineMod``: what the change makes stale is computed again."""
        changed = {**line, **{name: value for name, value in changes.items() if value is not None}}
        for name in (name for name, value in changes.items() if value is None):
            changed.pop(name, None)
        if "ItemRef" in changes and changes["ItemRef"] != line.get("ItemRef"):
            changed = {**changed, **self._from_item(self._item(changed), changes)}
        elif changes.get("PriceLevelRef"):
            changed |= self._price(self._item(changed), changed)
        if {"ItemRef", "UnitOfMeasure", "OverrideUOMSetRef"} & set(changes):
            self._check_unit(self._item(changed), changed)
        changed.pop("PriceLevelRef", None)
        given = {"ItemRef", "Quantity", "Rate", "RatePercent", "PriceLevelRef", "Amount"} & {
            name for name in changes if changes[name]
        }
        if given and "Amount" not in given:
            changed.pop("Amount", None)
        elif "Amount" in given and "Rate" not in given:
            changed.pop("Rate", None)
        return self.computed(changed)

    def new_group(self, wanted: Fields) -> Fields:
        """An item group opened up into its lines."""
        group = self.book.lists["ItemGroup"][wanted["ItemGroupRef"]["ListID"]]
        self._check_unit((LIST_KINDS["ItemGroup"], group), wanted)
        times = money.read(wanted.get("Quantity")) or Decimal(1)
        site = {name: wanted[name] for name in _SITES if name in wanted}
        inner = wanted.get("lines") or [
            _group_member(each, times) | site for each in group.get("ItemGroupLine", [])
        ]
        lines = [self.new_line(each) for each in inner]
        head = {"Desc": group["ItemDesc"]} if "ItemDesc" in group else {}
        shown = {"IsPrintItemsInGroup": group.get("IsPrintItemsInGroup", "false")}
        asked = {name: value for name, value in wanted.items() if name not in _SITES}
        return self.computed_group({"TxnLineID": self.new_id(), **head, **asked, **shown, "lines": lines})

    def computed_group(self, group: Fields) -> Fields:
        """A group with its total."""
        return {**group, "TotalAmount": money.amount(sum_of(group["lines"]))}

    def computed(self, line: Fields) -> Fields:
        """A line with the third of quantity, rate and amount computed from the other two. What a discount or a
        payment takes off is shown with a minus, whatever sign it was given with."""
        item = self._item(line)
        if item is not None and item[0].name in _TAKEN_OFF:
            line = {**line, **{name: _negative(line[name]) for name in ("Rate", "Amount") if name in line}}
        count, rate, total = (money.read(line.get(name)) for name in ("Quantity", "Rate", "Amount"))
        if total is None and rate is not None:
            total = rate * (Decimal(1) if count is None else count)
        elif rate is None and total is not None and count:
            line = {**line, "Rate": money.price(total / count)}
        if total is not None:
            line = {**line, "Amount": money.amount(total)}
        if self.kind.name == "PurchaseOrder" and "Quantity" in line:
            line = {**line, "UnbilledQuantity": line["Quantity"]}
        return line

    def follow_up(self, lines: Iterable[Fields]) -> list[Fields]:
        """Lines whose amount depends on the lines above: subtotals, and charges or discounts in percent."""
        done: list[Fields] = []
        for line in lines:
            done.append(self._dependent(line, done))
        return done

    def _dependent(self, line: Fields, above: list[Fields]) -> Fields:
        item = self._item(line)
        if item is None or line.get("TxnLineID") is None:
            return line
        if item[0].name == "ItemSubtotal":
            return {**line, "Amount": money.amount(sum_of(_since_subtotal(self, above)))}
        if "RatePercent" in line and above:
            sign = -1 if item[0].name == "ItemDiscount" else 1
            base = sum_of(above[-1:])
            return {**line, "Amount": money.amount(sign * base * Decimal(line["RatePercent"]) / 100)}
        return line

    def counts(self, line: Fields) -> bool:
        """Whether a line adds to the total."""
        item = self._item(line)
        return item is None or item[0].name not in _NOT_COUNTED

    def total(self, lines: Iterable[Fields]) -> Decimal:
        """Sum of the lines that count."""
        return sum_of(line for line in lines if self.counts(line))

    def _item(self, line: Fields) -> tuple[ListKind, Fields] | None:
        reference = line.get("ItemRef")
        return self.book.list_record(ITEM, reference["ListID"]) if reference else None

    def _from_item(self, item: tuple[ListKind, Fields] | None, wanted: Fields) -> Fields:
        if item is None:
            return {}
        buying = self.kind.name == "PurchaseOrder"
        found = {"Desc": _first(item[1], _BUYING if buying else _SALES)}
        if "Rate" not in wanted and "Amount" not in wanted and "RatePercent" not in wanted:
            found |= self._price(item, wanted)
        if buying:
            found["ManufacturerPartNumber"] = item[1].get("ManufacturerPartNumber")
        else:
            found["SalesTaxCodeRef"] = item[1].get("SalesTaxCodeRef")
        return {
            name: value for name, value in found.items() if value is not None and wanted.get(name) is None
        }

    def _price(self, item: tuple[ListKind, Fields] | None, line: Fields) -> Fields:
        """What the item costs, in the line's unit, at the line's price level."""
        if item is None:
            return {}
        percent = _first(item[1], _PERCENT)
        if percent is not None:
            return {"RatePercent": percent}
        price = _first(item[1], _BUYING_PRICE if self.kind.name == "PurchaseOrder" else _SALES_PRICE)
        if price is None:
            return {"Rate": None}
        value = Decimal(price) * (-1 if item[0].name == "ItemDiscount" else 1)
        unit = self._unit(item, line)
        if unit is not None:
            value *= Decimal(unit.get("ConversionRatio", "1"))
        return {"Rate": money.price(self._at_level(value, line, item[1]["ListID"]))}

    def _at_level(self, price: Decimal, line: Fields, item_id: str) -> Decimal:
        reference = line.get("PriceLevelRef")
        found = self.book.list_record("PriceLevel", reference["ListID"]) if reference else None
        if found is None:
            return price
        percent = found[1].get("PriceLevelFixedPercentage")
        for each in found[1].get("PriceLevelPerItemRet", []):
            if each["ItemRef"]["ListID"] == item_id:
                if "CustomPrice" in each:
                    return Decimal(each["CustomPrice"])
                percent = each.get("CustomPricePercent")
        return price if percent is None else price * (100 + Decimal(percent)) / 100

    def _check_unit(self, item: tuple[ListKind, Fields] | None, line: Fields) -> None:
        """A unit must be one of the item's set.

        Raises:
            StatusError: 3140.
        """
        unit = line.get("UnitOfMeasure")
        if unit is not None and self._unit(item, line) is None:
            why = "Invalid argument.  The specified record does not exist in the list."
            raise invalid_reference("unit of measure", unit, f"{self.kind.name} line", why)

    def _unit(self, item: tuple[ListKind, Fields] | None, line: Fields) -> Fields | None:
        """The unit of a line by its name or its abbreviation, in the line's own set or in that of its item."""
        reference = line.get("OverrideUOMSetRef") or (item[1].get("UnitOfMeasureSetRef") if item else None)
        found = self.book.list_record("UnitOfMeasureSet", reference["ListID"]) if reference else None
        units = [found[1].get("BaseUnit", {}), *found[1].get("RelatedUnit", [])] if found else []
        wanted = line.get("UnitOfMeasure", "").casefold()
        return next((each for each in units if wanted in {name.casefold() for name in _names(each)}), None)


def _names(unit: Fields) -> Iterator[str]:
    for name in ("Name", "Abbreviation"):
        if unit.get(name):
            yield unit[name]


def _group_member(member: Fields, times: Decimal) -> Fields:
    count = times * (money.read(member.get("Quantity")) or Decimal(1))
    unit = {"UnitOfMeasure": member["UnitOfMeasure"]} if "UnitOfMeasure" in member else {}
    return {"ItemRef": dict(member["ItemRef"]), "Quantity": money.quantity(count), **unit}


def _negative(number: str) -> str:
    return number if number.startswith("-") else f"-{number}"


def sum_of(lines: Iterable[Fields]) -> Decimal:
    """Sum of the amounts of lines and groups."""
    return sum((Decimal(line.get("Amount") or line.get("TotalAmount") or "0") for line in lines), money.ZERO)


def _since_subtotal(writer: LineWriter, above: list[Fields]) -> list[Fields]:
    recent: list[Fields] = []
    for line in reversed(above):
        if not writer.counts(line):
            break
        recent.append(line)
    return recent


def _first(item: Fields, paths: Iterable[str]) -> str | None:
    """The first of several dotted paths that an item has."""
    for path in paths:
        value: object = item
        for name in path.split("."):
            value = value.get(name) if isinstance(value, dict) else None
        if value is not None:
            return str(value)
    return None
