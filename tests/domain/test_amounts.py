"""What a document comes to is what QuickBooks will make of it, or is not said."""

import runpy
from decimal import Decimal
from typing import Any

import pytest

from qbwc_server.domain import amounts
from qbwc_server.domain.kinds import Kind
from tests.worlds.former_database import FOLDER

ITEM = {"sku": "A-77"}
COMES_TO: list[tuple[list[dict[str, Any]], int | None]] = [
    ([{"item": ITEM, "quantity": "40", "rate": "11.00"}], 44000),
    ([{"item": ITEM, "rate": "11.005"}], 1101),
    ([{"item": ITEM, "quantity": "3", "rate": "0.335"}], 101),
    ([{"item": ITEM, "quantity": "1", "rate": "9", "amount": "8.5"}], 850),
    ([{"item": ITEM, "amount": "-20.00"}, {"item": ITEM, "amount": "120.55"}], 10055),
    ([{"item": ITEM, "amount": "0"}], 0),
    ([{"desc": "Thank you"}, {"item": ITEM, "amount": "1"}], 100),
    ([{"item": ITEM, "quantity": "5"}, {"item": ITEM, "amount": "1"}], None),
    ([{"item": ITEM, "rate_percent": "10"}], None),
    ([{"link_to_txn": {"txn_id": "5-1", "txn_line_id": "1"}}], None),
    ([{"item": ITEM, "amount": "much"}], None),
    ([{"item": ITEM, "amount": "NaN"}], None),
    ([{"item": ITEM, "quantity": "9" * 20, "rate": "9" * 20}], None),
    ([], None),
]


@pytest.mark.parametrize(("lines", "cents"), COMES_TO)
def test_a_document_comes_to_the_sum_of_its_lines_as_quickbooks_rounds_them(
    lines: list[dict[str, Any]], cents: int | None
) -> None:
    assert amounts.cents_of(Kind.INVOICE, {"lines": lines}) == cents
    assert amounts.cents_of(Kind.PURCHASE_ORDER, {"lines": lines}) == cents


def test_a_list_record_comes_to_nothing_that_could_be_said() -> None:
    assert amounts.cents_of(Kind.CUSTOMER, {"lines": [{"amount": "1"}]}) is None


def test_what_is_taken_over_from_a_sales_order_is_known_to_quickbooks_alone() -> None:
    content = {"link_to_txn_id": ["5-1"], "lines": [{"item": ITEM, "amount": "1"}]}
    assert amounts.cents_of(Kind.INVOICE, content) is None


def test_whole_cents_are_the_amount_they_stand_for() -> None:
    assert amounts.of_cents(124050) == Decimal("1240.50")
    assert amounts.of_cents(0) == 0
    assert amounts.of_cents(None) is None


def test_the_migration_adds_up_as_the_program_does() -> None:
    migration = runpy.run_path(str(FOLDER / "versions" / "0032_what_documents_come_to.py"))
    for lines, cents in COMES_TO:
        assert migration["cents_of"]("invoice", {"lines": lines}) == cents, lines
