"""What QuickBooks has otherwise than it was told: what a person changed, or a change did not reach."""

from collections.abc import Collection, Iterator, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import qbxml.records as qb
from qbwc_server.domain.changes.fields import Changes
from qbwc_server.domain.changes.values import NOT_COMPARED, Spelling, in_words, is_empty, is_same, value_at
from qbxml.plan import json_name
from qbxml.record import Record
from qbxml.table import Shape
from qbxml.text import plain_text, stored_text

_CENT = Decimal("0.01")


def overwritten(old: Record | None, found: Record, changes: Changes) -> dict[str, tuple[str, str]]:
    """The fields a Mod would change and a person has changed meanwhile: name → (what we had written, what is there).

    Args:
        old: what we had written; without the customer (vendor) when that is not known any more.
        found: the record as QuickBooks has it now.
    """
    differences = {}
    for name in changes.fields:
        ours, theirs = getattr(old, name, None), _there(found, name)
        if ours is None and name in ("customer", "vendor"):
            continue
        if name in changes.values and is_same(changes.values[name], theirs):
            continue  # it is there already
        if old is not None and not is_same(ours, theirs, plain_text):
            differences[name] = (in_words(ours), in_words(theirs))
    return differences


_OF_A_LINE = (
    "item",
    "item_group",
    "desc",
    "quantity",
    "rate",
    "amount",
    "class_",
    "service_date",
    "sales_tax_code",
    "other1",
    "other2",
)


_NOT_OF_A_GROUP = frozenset({"desc", "service_date"})
"""What QuickBooks does not let anybody say of an item group."""


def lines_differ(
    old: Sequence[Any], found: Sequence[Any], negated: Collection[str] = (), spelt: Spelling = plain_text
) -> bool:
    """Whether the lines in QuickBooks are others than those we had written.

    Args:
        negated: the ListIDs of items whose prices QuickBooks turns round: a discount of 5.00 is -5.00 there.
    """
    if len(old) != len(found):
        return True
    return any(
        True for ours, theirs in zip(old, found, strict=True) for _ in differing(ours, theirs, negated, spelt)
    )


def line_words(old: Sequence[Any], found: Sequence[Any], negated: Collection[str] = ()) -> tuple[str, str]:
    """How the lines we had written differ from those in QuickBooks, in words: ours, theirs."""
    if len(old) != len(found):
        ours, theirs = ("; ".join(map(_line_in_words, lines)) or "nothing" for lines in (old, found))
        return ours, theirs
    pairs = [
        (f"line {number} {name.replace('_', ' ')}", getattr(ours, name), getattr(theirs, name, None))
        for number, (ours, theirs) in enumerate(zip(old, found, strict=True), start=1)
        for name in differing(ours, theirs, negated, plain_text)
    ]
    return (
        "; ".join(f"{place} {in_words(mine)}" for place, mine, _ in pairs),
        "; ".join(f"{place} {in_words(its)}" for place, _, its in pairs),
    )


def differing(ours: Any, theirs: Any, negated: Collection[str], spelt: Spelling) -> Iterator[str]:
    """The names of the fields that we had given and QuickBooks has otherwise."""
    item = getattr(theirs, "item", None)
    is_negated = item is not None and item.list_id in negated
    for name in _OF_A_LINE:
        if name in _NOT_OF_A_GROUP and hasattr(theirs, "item_group"):
            continue
        mine, its = getattr(ours, name, None), getattr(theirs, name, None)
        if is_negated and name in ("rate", "amount") and mine is not None and its is not None:
            mine, its = abs(mine), abs(its)
        if mine is not None and not is_same(mine, its, spelt):
            yield name


def _line_in_words(line: Any) -> str:
    """A line by what it is for, how many and how much."""
    quantity, rate = getattr(line, "quantity", None), getattr(line, "rate", None)
    amount = getattr(line, "amount", None)
    if amount is None and rate is not None:
        amount = rate if quantity is None else (rate * quantity).quantize(_CENT, ROUND_HALF_UP)
    # with what it comes to, so that one side's price is never held against the other's sum
    parts = [
        "" if quantity is None or rate is None else f"{quantity} at {rate},",
        "" if amount is None else f"{amount} in all",
    ]
    return " ".join(filter(None, (getattr(line, "desc", None) or "line", *parts)))


def is_applied(changes: Changes, found: Record) -> bool:
    """Whether QuickBooks' copy already says what a Mod would have said."""
    given = all(is_same(value, _there(found, name)) for name, value in changes.values.items())
    return given and all(is_empty(value_at(found, path)) for path in changes.clear)


def _there(found: Record, name: str) -> Any:
    """A field of QuickBooks' copy, in the form in which it is written; a bar code comes back as its value alone."""
    if name == "bar_code":
        return qb.BarCode.believed({"bar_code_value": getattr(found, "bar_code_value", None)})
    return getattr(found, name, None)


def unfulfilled(wanted: Record, found: Record, negated: Collection[str] = ()) -> dict[str, tuple[str, str]]:
    """What QuickBooks has otherwise than it was told, of all that `wanted` has: path → (what was wanted, what is
    there). Lines are compared where there are as many."""
    differences: dict[str, tuple[str, str]] = {}
    for name, spec in type(wanted).table.fields.items():
        ours, theirs = getattr(wanted, name), getattr(found, name, None)
        if name in NOT_COMPARED or is_empty(ours) or Shape.RET not in spec.uses:
            continue
        if not is_same(ours, theirs):
            differences[json_name(type(wanted), name)] = (in_words(ours), in_words(theirs))
    lines, there = getattr(wanted, "lines", ()), getattr(found, "lines", ())
    if len(lines) == len(there):
        for position, (mine, its) in enumerate(zip(lines, there, strict=True)):
            for name in differing(mine, its, negated, stored_text):
                pair = (in_words(getattr(mine, name)), in_words(getattr(its, name, None)))
                differences[f"lines.{position}.{json_name(type(mine), name)}"] = pair
    return differences
