"""Decimal arithmetic as QuickBooks prints it."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

_CENT = Decimal("0.01")
_FIFTH = Decimal("0.00001")
ZERO = Decimal(0)


def amount(value: Decimal) -> str:
    """Two decimals, halves rounded away from zero."""
    return f"{value.quantize(_CENT, ROUND_HALF_UP):f}"


def price(value: Decimal) -> str:
    """Two to five decimals: ``9.50``, ``0.12345``."""
    exact = value.quantize(_FIFTH, ROUND_HALF_UP).normalize()
    decimals = max(2, -int(exact.as_tuple().exponent))
    return f"{exact:.{decimals}f}"


def quantity(value: Decimal) -> str:
    """No superfluous zeros: ``12``, ``0.5``."""
    exact = value.quantize(_FIFTH, ROUND_HALF_UP).normalize()
    return f"{exact:f}"


def percent(value: Decimal) -> str:
    """As QuickBooks prints percentages: at least one decimal."""
    exact = value.quantize(_FIFTH, ROUND_HALF_UP).normalize()
    decimals = max(1, -int(exact.as_tuple().exponent))
    return f"{exact:.{decimals}f}"


def read(text: str | None) -> Decimal | None:
    """A decimal of a request; None where it is absent or empty."""
    return Decimal(text) if text else None


_QUANTITIES = frozenset(
    {"Quantity", "Max", "ReorderPoint", "BuildPoint", "QuantityOnHand", "ReceivedQuantity"}
)
_AMOUNTS = frozenset(
    {"Amount", "CreditLimit", "CostBasis", "YearEndAccumulatedDepreciation", "YearEndBookValue"}
)
_EXACT = frozenset({"ExchangeRate"})


def normal(name: str, text: str) -> str:
    """A decimal of a request as QuickBooks gives it back: by the element's name a quantity, amount or
    price."""
    if name in _EXACT:
        return text
    value = Decimal(text)
    if name in _QUANTITIES:
        return quantity(value)
    if name in _AMOUNTS:
        return amount(value)
    return percent(value) if name.endswith(("Percent", "Pct")) or name == "TaxRate" else price(value)
