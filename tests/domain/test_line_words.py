"""Two sets of lines in words: what one side says can be held against what the other says."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

import qbxml.records as qb
from qbwc_server.domain.changes import line_words


def line(**fields: Any) -> Any:
    return qb.InvoiceLine.believed(
        {name: Decimal(value) if name != "desc" else value for name, value in fields.items()}
    )


@pytest.mark.parametrize(
    ("ours", "words"),
    [
        ({"desc": "Freight", "quantity": "3", "rate": "95.00"}, "Freight 3 at 95.00, 285.00 in all"),
        ({"desc": "Freight", "amount": "285.00"}, "Freight 285.00 in all"),
        ({"desc": "Freight", "rate": "95.00"}, "Freight 95.00 in all"),
        ({"quantity": "3", "rate": "0.333"}, "line 3 at 0.333, 1.00 in all"),
        ({"quantity": "3", "rate": "95.00", "amount": "280.00"}, "line 3 at 95.00, 280.00 in all"),
        ({"desc": "A remark"}, "A remark"),
        ({"desc": "Free", "amount": "0.00"}, "Free 0.00 in all"),
    ],
)
def test_a_price_is_never_held_against_a_sum(ours: dict[str, Any], words: str) -> None:
    whole = [line(**ours)]
    there = [line(desc="Freight", quantity="3", rate="95.00", amount="285.00"), line(amount="1.00")]
    assert line_words(whole, there) == (words, "Freight 3 at 95.00, 285.00 in all; line 1.00 in all")
