"""What a Mod does to the lines of a transaction: keep, change, add, and delete by leaving out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from qbwc_server.simulator.errors import StatusError, object_not_found
from qbwc_server.simulator.quickbooks.book import Fields
from qbwc_server.simulator.quickbooks.lines import LineWriter
from qbwc_server.simulator.quickbooks.reading import compact

NEW_LINE = "-1"
"""TxnLineID of a line that does not exist yet."""


@dataclass(frozen=True, slots=True)
class LineChange:
    """One ``*LineMod`` or ``*LineGroupMod``: which line, what changes, and for a group the lines inside
    it."""

    line_id: str
    fields: Fields
    inner: tuple[LineChange, ...] = ()


def apply_changes(writer: LineWriter, lines: list[Fields], changes: list[LineChange]) -> Iterator[Fields]:
    """The new lines. A line that no change names is gone.

    Raises:
        StatusError: 3120 for a TxnLineID that is not in the transaction; 3290 when known lines come in
            another order than QuickBooks gave them.
    """
    known = {line["TxnLineID"]: position for position, line in enumerate(lines)}
    last = -1
    for change in changes:
        if change.line_id == NEW_LINE:
            yield _new(writer, change)
            continue
        if change.line_id not in known:
            raise object_not_found(change.line_id)
        if known[change.line_id] < last:
            raise StatusError(3290, "The line items in the modification request are in the wrong order.")
        last = known[change.line_id]
        yield _changed(writer, lines[last], change)


def _new(writer: LineWriter, change: LineChange) -> Fields:
    wanted = compact(change.fields)
    return writer.new_group(wanted) if "ItemGroupRef" in wanted else writer.new_line(wanted)


def _changed(writer: LineWriter, line: Fields, change: LineChange) -> Fields:
    if "lines" not in line:
        return writer.changed_line(line, change.fields)
    if "ItemGroupRef" in change.fields and change.fields["ItemGroupRef"] != line["ItemGroupRef"]:
        return {**writer.new_group(compact(change.fields)), "TxnLineID": line["TxnLineID"]}
    inner = list(apply_changes(writer, line["lines"], list(change.inner))) if change.inner else line["lines"]
    head = {name: value for name, value in change.fields.items() if value is not None}
    return writer.computed_group({**line, **head, "lines": inner})
