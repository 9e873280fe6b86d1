"""What a decision would write over what stands in QuickBooks: as we wrote it, as it is there, as it will be."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import qbxml.records as qb
from qbwc_server.desk.handing_over import preview_changes
from qbwc_server.desk.handing_over.preview_views import LineChangeView
from qbwc_server.domain import changes
from qbwc_server.domain.causes import ChangedInQuickbooks
from qbwc_server.domain.in_quickbooks import KINDS
from qbwc_server.domain.kinds import ListName
from qbwc_server.domain.operations import Operation
from qbwc_server.domain.records import Record
from qbwc_server.storage import Transaction
from qbwc_server.sync import revision
from qbwc_server.sync.check import Ready, before_in_quickbooks, check, references
from qbwc_server.sync.check.known import Known
from qbwc_server.sync.work import asked


@dataclass(frozen=True, slots=True)
class Side:
    """One field on its three sides, in words; None is nothing.

    Attributes:
        path: the field, as the host calls it.
        is_compared: False where only an older version is known to be in QuickBooks, not what stands in it.
        is_changed: somebody changed it in QuickBooks since we wrote it.
        is_written: it will be written; else it stays as QuickBooks has it.
    """

    path: str
    ours: str | None
    theirs: str | None
    wanted: str | None
    is_changed: bool
    is_written: bool
    is_compared: bool = True


def sides(
    conn: Transaction,
    known: Known,
    record: Record,
    changed: ChangedInQuickbooks,
    items: Mapping[str, str],
) -> tuple[Side, ...]:
    """What would be written of a linked record if the order system's version were, beside what is there.

    Args:
        changed: what was found changed in QuickBooks.
        items: what the items of its lines are called, by `as_said`.
    """
    written = _written(conn, known, record, items)
    told = {
        path: Side(path, ours, theirs, written[path][1] if path in written else theirs, True, path in written)
        for path, (ours, theirs) in changed.differences.items()
    }
    # compared with QuickBooks when the others were found, and the same there as we wrote it
    same = {
        path: Side(path, ours, ours, wanted, False, True, is_compared=not changed.older)
        for path, (ours, wanted) in written.items()
        if path not in told
    }
    return (*told.values(), *same.values())


def as_said(item: Any) -> str:
    """A reference to an item as it is looked up among their names."""
    return repr(sorted(item.items()) if isinstance(item, Mapping) else item)


def _written(
    conn: Transaction, known: Known, record: Record, items: Mapping[str, str]
) -> dict[str, tuple[str | None, str | None]]:
    """The fields that would be written: what QuickBooks was told before, and what it would be told."""
    if record.link is None or record.is_void:
        return {}
    verdict = asked(conn, known, lambda: check(known, record))
    if not isinstance(verdict, Ready) or verdict.operation is not Operation.MOD:
        return {}
    before = asked(conn, known, lambda: before_in_quickbooks(known, record))
    found = dict(_fields(conn, known, record, before, verdict))
    lines = _lines(record, verdict, items)
    return {**found, "lines": lines} if lines is not None else found


def _fields(
    conn: Transaction, known: Known, record: Record, before: qb.Record | None, verdict: Ready
) -> Iterator[tuple[str, tuple[str | None, str | None]]]:
    for name, value in revision.pending(verdict).values.items():
        old = getattr(before, name, None)
        yield name, (_words(conn, known, record, name, old), _words(conn, known, record, name, value))
    for path in verdict.clear:
        if not path.startswith("lines."):
            yield path, (_words(conn, known, record, path, changes.value_at(before, path)), None)


def _words(conn: Transaction, known: Known, record: Record, name: str, value: Any) -> str | None:
    """A value in words; an entry that is named by its ListID by its name."""
    if changes.is_empty(value) or value == "":
        return None
    if isinstance(value, qb.Ref) and value.list_id is not None and value.full_name is None:
        is_party = name == KINDS[record.kind].party
        list_name = KINDS[record.kind].party_list if is_party else references.list_of(name, record)
        if list_name is not None:
            return _name_of(conn, known, list_name, value.list_id)
    return changes.in_words(value)


def _name_of(conn: Transaction, known: Known, list_name: ListName, list_id: str) -> str:
    entries = asked(conn, known, lambda: known.by_ids(list_name, [list_id]))
    return entries[0].full_name if entries else list_id


# --- lines --------------------------------------------------------------------------------------------------


def _lines(record: Record, verdict: Ready, items: Mapping[str, str]) -> tuple[str | None, str | None] | None:
    """The lines that would be written, before and then; None where none would be."""
    if not getattr(verdict.payload, "lines", ()):
        return None
    found = list(preview_changes.lines(record, verdict.payload))
    before = "; ".join(
        f"line {each.was + 1}: {_line(each.old, items)}" for each in found if each.was is not None
    )
    return before or None, "; ".join(_line_change(each, items) for each in found) or "the lines as they are"


def _line_change(change: LineChangeView, items: Mapping[str, str]) -> str:
    if change.change == "removed":
        return f"line {(change.was or 0) + 1} is removed"
    new = " (new)" if change.change == "added" else ""
    return f"line {(change.position or 0) + 1}{new}: {_line(change.new, items)}"


def _line(line: Mapping[str, Any] | None, items: Mapping[str, str]) -> str:
    """A line of the order system's in a few words."""
    if line is None:
        return "not known"
    item = line.get("item")
    said = next(iter(item.values()), None) if isinstance(item, Mapping) else item
    named = items.get(as_said(item), said)
    quantity, rate, amount = line.get("quantity"), line.get("rate"), line.get("amount")
    parts = (
        named,
        line.get("desc"),
        f"{quantity} at {rate}" if quantity is not None and rate is not None else quantity or rate,
        f"{amount} in all" if amount is not None else None,
    )
    return ", ".join(str(part) for part in parts if part not in (None, ""))
