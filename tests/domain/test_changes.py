"""What a change of a record says to QuickBooks, what it cannot say, and what is held there because of it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import qbxml.records as qb
from qbwc_server.domain.changes import (
    LineChange,
    LinePlan,
    Unsaid,
    between,
    held,
    in_words,
    is_same,
    line_change,
    line_words,
    unfulfilled,
    value_at,
)
from qbxml.table import Shape

SALES, FREIGHT = qb.Ref(full_name="Sales"), qb.Ref(list_id="80000001-1", full_name="Freight")
PRICE = Decimal("5.00")


def service(**used: Any) -> qb.ItemService:
    both = qb.SalesAndPurchase.believed({"sales_desc": "Deboning", **used})
    return qb.ItemService.believed({"name": "Deboning", "sales_and_purchase": both})


def test_what_an_item_cannot_go_without_stays_and_is_told() -> None:
    before = qb.ItemInventory.believed({"name": "Cod", "sales_price": PRICE, "income_account": SALES})
    changes = between(before, qb.ItemInventory.believed({"name": "Cod"}))
    assert changes.fields == ()
    assert [each.path for each in changes.unsaid] == ["sales_price", "income_account"]
    assert changes.unsaid[0].sentence.startswith("sales_price: stays “5.00” in QuickBooks.")


def test_what_stands_within_a_part_of_an_item_is_emptied_or_told_one_by_one() -> None:
    before = service(sales_price=PRICE, income_account=SALES, pref_vendor=FREIGHT, purchase_desc="By hand")
    changes = between(before, service())
    assert changes.clear == ("sales_and_purchase.pref_vendor",)
    assert value_at(changes.values["sales_and_purchase"], "purchase_desc") == ""
    assert [each.path for each in changes.unsaid] == [
        "sales_and_purchase.sales_price",
        "sales_and_purchase.income_account",
    ]


def test_the_month_a_credit_card_ends_in_cannot_be_emptied_and_is_told() -> None:
    def paid_by(**card: Any) -> qb.Customer:
        return qb.Customer.believed({"name": "Pier", "credit_card_info": qb.CreditCardInfo.believed(card)})

    changes = between(paid_by(name_on_card="A. Smith", expiration_month=7), paid_by(name_on_card="A. Smith"))
    assert changes.fields == ()
    assert [(each.path, each.there) for each in changes.unsaid] == [("credit_card_info.expiration_month", 7)]


def test_without_a_version_before_nothing_that_a_change_cannot_carry_is_missed() -> None:
    new = qb.ItemInventory.believed({"name": "Cod", "quantity_on_hand": Decimal(3)})
    assert between(None, new).fields == ("name",)
    assert between(None, new).unsaid == ()
    assert [each.path for each in between(qb.ItemInventory.believed({"name": "Cod"}), new).unsaid] == [
        "quantity_on_hand"
    ]


def test_what_could_not_be_said_is_held_as_it_was_before() -> None:
    new = {"name": "Cod", "bill_address": {"city": "Oslo"}, "lines": [{"desc": "a"}]}
    before = {"cost": "3.00", "lines": [{"other1": "x"}], "name": "Cod"}

    def left(path: str, former: str | None) -> Unsaid:
        return Unsaid(path, None, None, "", former)

    there = held(
        new,
        before,
        [
            left("cost", "cost"),
            left("lines.0.other1", "lines.0.other1"),
            left("bill_address.city", "name.no.deeper"),
            left("ship_address.city", "nowhere.at.all"),
            left("vendor_address.city", "name"),
            left("lines.0.desc", "lines.7.desc"),
        ],
    )
    assert there == {
        "name": "Cod",
        "bill_address": {},
        "lines": [{"other1": "x"}],
        "cost": "3.00",
        "vendor_address": {"city": "Cod"},
    }


def test_lines_of_which_there_are_as_many_are_told_apart_field_by_field() -> None:
    ours = [qb.InvoiceLine.believed({"item": FREIGHT, "desc": "Freight", "rate": PRICE})]
    theirs = [qb.InvoiceLine.believed({"item": FREIGHT, "desc": "By sea", "rate": -PRICE})]
    assert line_words(ours, theirs) == (
        "line 1 desc Freight; line 1 rate 5.00",
        "line 1 desc By sea; line 1 rate -5.00",
    )
    # of a discount QuickBooks turns the price round, and says the same with it
    assert line_words(ours, theirs, {"80000001-1"}) == ("line 1 desc Freight", "line 1 desc By sea")


def test_of_an_item_group_only_what_anybody_may_say_is_compared() -> None:
    ours = [qb.InvoiceLine.believed({"desc": "Ours", "quantity": Decimal(2)})]
    group = [qb.InvoiceLineGroup.believed({"desc": "Theirs", "quantity": Decimal(3)})]
    assert line_words(ours, group) == ("line 1 quantity 2", "line 1 quantity 3")


def test_what_quickbooks_took_otherwise_is_told_line_by_line() -> None:
    wanted = qb.Invoice.believed(
        {"memo": "Ours", "lines": (qb.InvoiceLine.believed({"desc": "Ours", "rate": PRICE}),)}
    )
    there = qb.Invoice.believed(
        {"memo": "Theirs", "lines": (qb.InvoiceLine.believed({"desc": "Ours", "rate": Decimal(7)}),)}
    )
    assert unfulfilled(wanted, there) == {"memo": ("Ours", "Theirs"), "lines.0.rate": ("5.00", "7")}
    # where there are as many: else nobody knows which is which
    assert unfulfilled(wanted, qb.Invoice.believed({"memo": "Ours", "lines": ()})) == {}


def test_nothing_false_and_absent_are_the_same_to_quickbooks() -> None:
    assert is_same(False, None)
    assert not is_same(True, None)
    assert is_same((), None)
    assert not is_same(PRICE, None)
    assert is_same((FREIGHT,), (qb.Ref(list_id="80000001-1"),))
    assert is_same(SALES, qb.Ref(full_name="SALES"))


def test_every_part_of_a_record_can_be_changed_where_it_can_be_given() -> None:
    """What is said of a part is compared field by field, without asking each whether a Mod takes it."""
    for model in (qb.Customer, qb.Vendor, qb.ItemService, qb.ItemInventory, qb.Invoice, qb.PurchaseOrder):
        for name, spec in model.table.fields.items():
            if {Shape.ADD, Shape.MOD} <= spec.uses and not (spec.many or spec.ref):
                for block in spec.blocks:
                    for inner, within in block.model.table.fields.items():
                        assert Shape.MOD in within.uses, (model.__name__, name, inner)


def test_of_a_line_that_is_not_the_hosts_nothing_is_said() -> None:
    before = qb.InvoiceLine.believed({"desc": "A person's own"})
    assert line_change(before, None, LinePlan(None, None, 0, keep=False)) == LineChange({}, (), ())


def test_what_a_line_cannot_be_emptied_of_is_told() -> None:
    before = qb.InvoiceLine.believed({"desc": "Cod", "option_for_price_rule_conflict": "Zero"})
    told = line_change(before, qb.InvoiceLine.believed({"desc": "Cod"}), LinePlan(None, 0, 0, keep=False))
    assert [each.path for each in told.unsaid] == ["lines.0.option_for_price_rule_conflict"]


def test_a_reference_is_said_by_its_name_and_several_one_after_the_other() -> None:
    assert in_words((SALES, qb.Ref(list_id="80000001-1"))) == "Sales; 80000001-1"
    assert in_words(qb.Address.believed({"addr1": "Pier 1", "city": "Oslo"})) == "Pier 1, Oslo"
    assert in_words(()) == in_words(qb.Address.believed({})) == in_words(None) == "nothing"
