"""What is wrong with the records of a file, where, and in which row."""

from collections.abc import Sequence

from qbwc_server.cli.output import Console, say
from qbwc_server.cli.tables import draw, table
from qbwc_server.domain.faults import Fault, place_in_words
from qbwc_server.domain.kinds import Kind

FaultRow = tuple[int, str | None, str, str]
"""The number of a record, its external id, where it is wrong (a JSON pointer) and why."""

UNKNOWN_FIELD = "there is no such field"
"""How the fault of a field begins that records of this kind do not have."""

MOST_FAULTS = 100
"""So many faults are shown to a person: one wrong column makes every row of a file faulty."""


def with_row(fault: Fault, rows: Sequence[int]) -> Fault:
    """Say in which row of the file the faulty line of a document is."""
    parts = fault.pointer.split("/")
    if not rows or parts[1:2] != ["lines"] or len(parts) < 3 or int(parts[2]) >= len(rows):
        return fault
    return Fault(fault.pointer, f"{fault.message} (row {rows[int(parts[2])]})")


def print_faults(target: Console, kind: Kind, place: str, faults: Sequence[FaultRow]) -> None:
    """A table of faults; `place` says what the number of a record counts."""
    shown = [
        (number, external_id, place_in_words(pointer) or "the record as a whole", message)
        for number, external_id, pointer, message in faults[:MOST_FAULTS]
    ]
    if shown:
        draw(target, table((place, "External id", "Where", "What is wrong"), shown))
    if len(faults) > MOST_FAULTS:
        say(target, f"… and {len(faults) - MOST_FAULTS:,} more faults; --json tells them all", "dim")
    if any(fault[3].startswith(UNKNOWN_FIELD) for fault in faults):
        say(target, f"The fields there are: qbwc-server fields {kind.value}", "dim")
