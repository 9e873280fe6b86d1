"""Lines that link records, as they are handed in or stand in a CSV file, and what each of them asks for."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from qbwc_server.domain import spreadsheets
from qbwc_server.domain.faults import Fault, InvalidInput
from qbwc_server.domain.kinds import Kind

_PARTIES = frozenset({Kind.CUSTOMER, Kind.VENDOR})
_LISTS = _PARTIES | {Kind.ITEM}
WAYS: Mapping[str, frozenset[Kind]] = {
    "list_id": _LISTS,
    "txn_id": frozenset(Kind) - _LISTS,
    "full_name": _LISTS,
    "email": _PARTIES,
    "account_number": _PARTIES,
    "sku": frozenset({Kind.ITEM}),
    "barcode": frozenset({Kind.ITEM}),
}
"""How a line may say what the record is in QuickBooks, and of which kinds; a document is named by its TxnID alone."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line as it was handed in.

    Attributes:
        cells: those that are filled: ``kind``, ``external_id`` and one of `WAYS`.
        problem: why it could not be read at all.
    """

    number: int
    cells: Mapping[str, str]
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """A line that can be understood."""

    line: int
    kind: Kind
    external_id: str
    way: str
    value: str

    @property
    def record(self) -> tuple[Kind, str]:
        return self.kind, self.external_id


_COLUMNS = {
    **{name.replace("_", ""): name for name in ("kind", "external_id", *WAYS)},
    "name": "full_name",
    "partnumber": "sku",
    "manufacturerspartnumber": "sku",
    "manufacturerpartnumber": "sku",
    "barcodevalue": "barcode",
}
"""How the first row may call a column, whatever its capitals, blanks and signs."""


def read_csv(stream: Iterable[str]) -> list[Line]:
    """The lines of a CSV file, by the first row's names of the columns; a column of another name is overlooked.

    Raises:
        InvalidInput: it is not CSV, or its first row does not name what is needed.
    """
    columns: list[str | None] | None = None
    lines: list[Line] = []
    for number, cells in spreadsheets.rows(stream):
        if columns is None:
            columns = _columns(cells)
        else:
            lines.append(Line(number, _cells(columns, cells)))
    if columns is None:
        raise InvalidInput([Fault("", _NEEDED)])
    return lines


_NEEDED = f"the first row must name the columns: kind, external_id, and one or several of {', '.join(WAYS)}"


def _columns(cells: Sequence[str]) -> list[str | None]:
    columns = [_COLUMNS.get(re.sub(r"[^a-z]", "", cell.lower())) for cell in cells]
    known = [column for column in columns if column is not None]
    if not {"kind", "external_id"} <= set(known) or not set(WAYS) & set(known):
        raise InvalidInput([Fault("", _NEEDED)])
    twice = sorted({column for column in known if known.count(column) > 1})
    if twice:
        raise InvalidInput([Fault("", f"the first row names a column twice: {', '.join(twice)}")])
    return columns


def _cells(columns: Sequence[str | None], cells: Sequence[str]) -> dict[str, str]:
    return {
        column: cell.strip()
        for column, cell in zip(columns, cells, strict=False)
        if column is not None and cell.strip()
    }


def understood(line: Line) -> Wish | str:
    """The line, understood; or why it is not."""
    if line.problem is not None:
        return line.problem
    cells = line.cells
    given = cells.get("kind", "").lower().replace("-", "_").replace(" ", "_")
    kind = next((kind for kind in Kind if given in (kind.value, f"{kind.value}s")), None)
    if kind is None:
        return f"kind must be one of: {', '.join(kind.value for kind in Kind)}"
    if not cells.get("external_id"):
        return "external_id is needed: the id in the order system"
    ways = [way for way in WAYS if cells.get(way)]
    fitting = [way for way, kinds in WAYS.items() if kind in kinds]
    if len(ways) != 1 or ways[0] not in fitting:
        what = f"{'an' if kind.label[0] in 'aeiou' else 'a'} {kind.label} is named by {' or '.join(fitting)}"
        return f"{what}; {'nothing is given' if not ways else 'given is ' + ' and '.join(ways)}"
    return Wish(line.number, kind, cells["external_id"], ways[0], cells[ways[0]])
