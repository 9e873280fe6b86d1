"""What a document comes to before tax, as it says itself: the sum of its lines, rounded as QuickBooks rounds each."""

from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal, DecimalException
from typing import Any

from qbwc_server.domain.kinds import Kind

_CENT = Decimal("0.01")
_LARGEST = 2**63 - 1
"""What a column of whole cents can hold."""
_SELLS = ("item", "item_group", "quantity", "rate", "rate_percent")


def of_lines(document: Mapping[str, Any]) -> Decimal | None:
    """The sum of a document's lines as QuickBooks will compute it; None when a line leaves it to QuickBooks.

    Args:
        document: with ``lines`` of mappings; numbers as they are, or as text.
    """
    if document.get("link_to_txn_id"):
        return None
    try:
        amounts = [of_line(line) for line in _lines(document)]
        known = [amount for amount in amounts if amount is not None]
        return sum(known, Decimal(0)) if len(known) == len(amounts) else None
    except DecimalException:
        return None


def of_line(line: Mapping[str, Any]) -> Decimal | None:
    """What one line comes to; a comment comes to nothing, and only QuickBooks knows what its own prices make.

    Raises:
        DecimalException: a number is none.
    """
    amount, rate, quantity = (_number(line.get(name)) for name in ("amount", "rate", "quantity"))
    if line.get("link_to_txn"):
        return None
    if amount is None and rate is None:
        return None if any(line.get(name) is not None for name in _SELLS) else Decimal(0)
    if amount is None and rate is not None:
        amount = rate if quantity is None else rate * quantity
    return None if amount is None else amount.quantize(_CENT, ROUND_HALF_UP)


def cents_of(kind: Kind, content: Mapping[str, Any]) -> int | None:
    """What a document says it comes to, in whole cents; None for a list record, and where it cannot be known."""
    if not kind.is_document or not _lines(content):
        return None
    total = of_lines(content)
    return None if total is None else cents_in(total)


def cents_in(amount: Decimal) -> int | None:
    """An amount in whole cents; None for one that no column could hold."""
    cents = int(amount.scaleb(2))
    return cents if abs(cents) <= _LARGEST else None


def of_cents(cents: int | None) -> Decimal | None:
    """Whole cents as the amount they are."""
    return None if cents is None else Decimal(cents).scaleb(-2)


def _lines(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    lines = document.get("lines") or ()
    return [line for line in lines if isinstance(line, Mapping)] if isinstance(lines, Iterable) else []


def _number(value: object) -> Decimal | None:
    """A number as it is, or as text.

    Raises:
        DecimalException: it is none.
    """
    if value is None:
        return None
    found = value if isinstance(value, Decimal) else Decimal(str(value))
    if not found.is_finite():
        raise DecimalException
    return found
