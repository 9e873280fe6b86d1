"""What QuickBooks must be told to get from one version of a record to the next, and what a person changed there.

Only what differs is sent, so that whatever a person entered in QuickBooks beside it stays.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from difflib import SequenceMatcher
from typing import Any

from pydantic import BaseModel

import qbxml.records as qb
from qbwc_server.domain.matching import fold
from qbxml.record import Record
from qbxml.table import Shape
from qbxml.text import plain_text, stored_text

Spelling = Callable[[str], str]
"""How exactly texts are compared: `plain_text` overlooks a quote that looks like another, `stored_text` nothing
that QuickBooks would show.

What a person changed is asked with the former: whoever turns a dash into another says nothing new, and what was
sent by versions that knew plain dashes only stands there so.
"""

_NOT_COMPARED = frozenset({"lines", "external_guid", "list_id", "txn_id", "edit_sequence"})
_NO_BAR_CODE = qb.BarCode.believed({"bar_code_value": ""})


@dataclass(frozen=True, slots=True)
class Changes:
    """The header fields of a Mod: those that get a value, and those that are emptied."""

    values: Mapping[str, Any]
    clear: tuple[str, ...]

    @property
    def fields(self) -> tuple[str, ...]:
        """The names of all fields concerned."""
        return (*self.values, *self.clear)


def between(old: Record | None, new: Record) -> Changes:
    """What a Mod must say to make `new` out of `old`; without an old version everything `new` has.

    Fields that no Mod can change (an opening balance, say) are left out.
    """
    values: dict[str, Any] = {}
    clear: list[str] = []
    for name in _fields(type(new)):
        before, after = getattr(old, name, None), getattr(new, name)
        if _empty(after):
            if isinstance(before, qb.BarCode):
                values[name] = _NO_BAR_CODE
            elif not _empty(before):
                clear.append(name)
        elif as_sent(before) != as_sent(after):
            values[name] = _emptying(before, after)
    return Changes(values, tuple(clear))


def as_sent(value: Any) -> Any:
    """A value as QuickBooks holds it once it was sent, to be compared: what differs only in writing is equal."""
    if isinstance(value, str):
        return stored_text(value)
    if isinstance(value, tuple):
        return tuple(as_sent(item) for item in value)
    if isinstance(value, BaseModel):
        given = {name: as_sent(getattr(value, name)) for name in type(value).model_fields}
        return (type(value), *((name, item) for name, item in given.items() if not _empty(item)))
    return value


def _fields(model: type[Record]) -> Iterator[str]:
    for name, spec in model.table.fields.items():
        if name not in _NOT_COMPARED and Shape.MOD in spec.uses:
            yield name


def _empty(value: Any) -> bool:
    return value is None or value == ()


def _emptying(before: Any, after: Any) -> Any:
    """An aggregate with the texts it has lost as "": an absent element would leave them as they are.

    Of an address everything is sent, as QuickBooks keeps it as one block; of others only what differs.
    """
    if not isinstance(after, Record) or isinstance(after, qb.Ref) or type(before) is not type(after):
        return after
    kept = {
        name: getattr(after, name)
        for name in type(after).table.fields
        if getattr(after, name) is not None
        and (isinstance(after, qb.Address) or as_sent(getattr(after, name)) != as_sent(getattr(before, name)))
    }
    return type(after).believed({**lost_texts(before, after), **kept})


def lost_texts(before: Record, after: Record) -> dict[str, str]:
    """The texts that `before` has and `after` has not, emptied."""
    return {
        name: ""
        for name in type(after).table.fields
        if isinstance(getattr(before, name, None), str) and getattr(after, name) is None
    }


# --- lines --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LinePlan:
    """One line of a Mod.

    Attributes:
        line_id: its TxnLineID in QuickBooks; None for a new line.
        position: which of the new version's lines it is, from 0.
        before: which of the old version's lines it was; None for a new line.
        keep: it stays as it is, so its TxnLineID alone is sent.
    """

    line_id: str | None
    position: int
    before: int | None
    keep: bool


def plan_lines(
    old: Sequence[Any], new: Sequence[Any], line_ids: Sequence[str | None]
) -> list[LinePlan] | None:
    """The lines of a Mod; None when no line differs, and so none is sent (QuickBooks then leaves them alone).

    QuickBooks deletes every line that is not mentioned once one is, and wants those that stay in their order
    (status 3290 otherwise), so a moved line is deleted and added.

    Args:
        line_ids: the TxnLineIDs of the old lines, in the same order; None for one that is gone, fewer when
            they are not known.
    """
    if as_sent(tuple(old)) == as_sent(tuple(new)):
        return None
    known: list[str | None] = [*line_ids, *([None] * len(old))][: len(old)]
    plans: list[LinePlan] = []
    for tag, from_old, to_old, from_new, to_new in _blocks(old, new):
        for offset, position in enumerate(range(from_new, to_new)):
            index = from_old + offset if from_old + offset < to_old else None
            line_id = known[index] if index is not None else None
            before = index if line_id is not None else None
            plans.append(LinePlan(line_id, position, before, tag == "equal" and line_id is not None))
    return plans


def _blocks(old: Sequence[Any], new: Sequence[Any]) -> list[tuple[str, int, int, int, int]]:
    before, after = [as_sent(line) for line in old], [as_sent(line) for line in new]
    return list(SequenceMatcher(None, before, after, autojunk=False).get_opcodes())


# --- what a person changed ----------------------------------------------------------------------------------


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
        if old is not None and not _same(ours, theirs, plain_text):
            differences[name] = (_words(ours), _words(theirs))
    return differences


_OF_A_LINE = ("item", "desc", "quantity", "rate", "amount", "service_date", "other1", "other2")


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
        True
        for ours, theirs in zip(old, found, strict=True)
        for _ in _differing(ours, theirs, negated, spelt)
    )


def line_words(old: Sequence[Any], found: Sequence[Any], negated: Collection[str] = ()) -> tuple[str, str]:
    """How the lines we had written differ from those in QuickBooks, in words: ours, theirs."""
    if len(old) != len(found):
        ours, theirs = ("; ".join(map(_line_in_words, lines)) or "nothing" for lines in (old, found))
        return ours, theirs
    pairs = [
        (f"line {number} {name.replace('_', ' ')}", getattr(ours, name), getattr(theirs, name, None))
        for number, (ours, theirs) in enumerate(zip(old, found, strict=True), start=1)
        for name in _differing(ours, theirs, negated, plain_text)
    ]
    return (
        "; ".join(f"{place} {_words(mine)}" for place, mine, _ in pairs),
        "; ".join(f"{place} {_words(its)}" for place, _, its in pairs),
    )


def _differing(ours: Any, theirs: Any, negated: Collection[str], spelt: Spelling) -> Iterator[str]:
    """The names of the fields that we had given and QuickBooks has otherwise."""
    item = getattr(theirs, "item", None)
    is_negated = item is not None and item.list_id in negated
    for name in _OF_A_LINE:
        mine, its = getattr(ours, name, None), getattr(theirs, name, None)
        if is_negated and name in ("rate", "amount") and mine is not None and its is not None:
            mine, its = abs(mine), abs(its)
        if mine is not None and not _same(mine, its, spelt):
            yield name


def _line_in_words(line: Any) -> str:
    """A line by what it is for, how many and how much."""
    quantity, rate = getattr(line, "quantity", None), getattr(line, "rate", None)
    amount = getattr(line, "amount", None)
    if rate is not None:
        price = f"{rate}" if quantity is None else f"{quantity} at {rate}"
    else:
        price = "" if amount is None else f"{amount} in all"
    return f"{getattr(line, 'desc', None) or 'line'} {price}".strip()


def is_applied(changes: Changes, found: Record) -> bool:
    """Whether QuickBooks' copy already says what a Mod would have said."""
    given = all(_same(value, _there(found, name)) for name, value in changes.values.items())
    return given and all(_empty(_there(found, name)) for name in changes.clear)


def _there(found: Record, name: str) -> Any:
    """A field of QuickBooks' copy, in the form in which it is written; a bar code comes back as its value alone."""
    if name == "bar_code":
        return qb.BarCode.believed({"bar_code_value": getattr(found, "bar_code_value", None)})
    return getattr(found, name, None)


def _same(ours: Any, theirs: Any, spelt: Spelling = stored_text) -> bool:
    """Whether QuickBooks' value is the one we wrote; it fills in what we left open, and drops what is empty."""
    if isinstance(ours, qb.Ref) and isinstance(theirs, qb.Ref):
        if ours.list_id is not None:
            return ours.list_id == theirs.list_id
        return fold(ours.full_name or "") == fold(theirs.full_name or "")
    if isinstance(ours, Record) and (theirs is None or isinstance(theirs, Record)):
        return all(
            _same(getattr(ours, name), getattr(theirs, name, None), spelt)
            for name in type(ours).table.fields
            if getattr(ours, name) is not None
        )
    if isinstance(ours, tuple) and isinstance(theirs, tuple):
        return len(ours) == len(theirs) and all(
            _same(mine, its, spelt) for mine, its in zip(ours, theirs, strict=True)
        )
    if isinstance(ours, str) or isinstance(theirs, str):
        return spelt(str(ours or "")) == spelt(str(theirs or ""))
    if isinstance(ours, Decimal) and isinstance(theirs, Decimal):
        return ours == theirs
    return (ours or None) == (theirs or None) if not isinstance(ours, bool) else bool(ours) == bool(theirs)


def _words(value: Any) -> str:
    """A value in a sentence."""
    if value is None:
        return "nothing"
    if isinstance(value, qb.Ref):
        return value.full_name or value.list_id or "nothing"
    if isinstance(value, Record):
        parts = (getattr(value, name) for name in type(value).table.fields)
        return ", ".join(str(part) for part in parts if part not in (None, "", ())) or "nothing"
    return str(value)
