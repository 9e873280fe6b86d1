"""What QuickBooks must be told to get from one version of a record to the next, and what a person changed there.

Only what differs is sent, so that whatever a person entered in QuickBooks beside it stays.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from difflib import SequenceMatcher
from typing import Any

import qbxml.records as qb
from qbxml.record import Record
from qbxml.table import Shape

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
        elif before != after:
            values[name] = _emptying(before, after)
    return Changes(values, tuple(clear))


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
        and (isinstance(after, qb.Address) or getattr(after, name) != getattr(before, name))
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
    if list(old) == list(new):
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
    before, after = [repr(line) for line in old], [repr(line) for line in new]
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
        if old is not None and not _same(ours, theirs):
            differences[name] = (_words(ours), _words(theirs))
    return differences


def lines_differ(old: Sequence[Any], found: Sequence[Any]) -> bool:
    """Whether the lines in QuickBooks are others than those we had written."""
    if len(old) != len(found):
        return True
    compared = ("item", "desc", "quantity", "rate", "amount")
    return any(
        getattr(ours, name, None) is not None and not _same(getattr(ours, name), getattr(theirs, name, None))
        for ours, theirs in zip(old, found, strict=True)
        for name in compared
    )


def is_applied(changes: Changes, found: Record) -> bool:
    """Whether QuickBooks' copy already says what a Mod would have said."""
    given = all(_same(value, _there(found, name)) for name, value in changes.values.items())
    return given and all(_empty(_there(found, name)) for name in changes.clear)


def _there(found: Record, name: str) -> Any:
    """A field of QuickBooks' copy, in the form in which it is written; a bar code comes back as its value alone."""
    if name == "bar_code":
        return qb.BarCode.believed({"bar_code_value": getattr(found, "bar_code_value", None)})
    return getattr(found, name, None)


def _same(ours: Any, theirs: Any) -> bool:
    """Whether QuickBooks' value is the one we wrote; it fills in what we left open, and drops what is empty."""
    if isinstance(ours, qb.Ref) and isinstance(theirs, qb.Ref):
        if ours.list_id is not None:
            return ours.list_id == theirs.list_id
        return (ours.full_name or "").casefold() == (theirs.full_name or "").casefold()
    if isinstance(ours, Record) and isinstance(theirs, Record):
        return all(
            _same(getattr(ours, name), getattr(theirs, name, None))
            for name in type(ours).table.fields
            if getattr(ours, name) is not None
        )
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
