"""What is at stake behind several groups of error records, added up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from qbwc_server.domain.errors import Total

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
LATER = NOON + timedelta(hours=1)


def total(number: int, amount: str | None, *kinds: str, **more: tuple[tuple[str, Decimal], ...]) -> Total:
    return Total(number, None if amount is None else Decimal(amount), NOON, LATER, kinds, **more)


def test_several_together_reach_from_the_first_to_the_last_and_an_amount_nobody_knows_counts_nothing() -> (
    None
):
    early = Total(2, Decimal("10.50"), NOON - timedelta(days=1), NOON, ("invoice",))
    added = Total.added([early, total(3, None, "customer", "invoice"), total(1, "0.25", "invoice")])
    assert (added.number, added.amount) == (6, Decimal("10.75"))
    assert (added.since, added.last) == (NOON - timedelta(days=1), LATER)
    assert added.kinds == ("customer", "invoice")
    assert Total.added([total(1, None), total(1, None)]).amount is None


def test_amounts_of_two_currencies_are_never_added_to_each_other() -> None:
    dollars, euros = (("USD", Decimal(100)),), (("EUR", Decimal(30)), ("USD", Decimal(5)))
    both = Total.added([total(1, "100", currencies=dollars), total(2, None, currencies=euros)])
    assert both.amount is None
    assert both.currencies == (("USD", Decimal(105)), ("EUR", Decimal(30)))
    one = Total.added([total(1, "100", currencies=dollars), total(1, "100", currencies=dollars)])
    assert (one.amount, one.currencies) == (Decimal(200), (("USD", Decimal(200)),))
