"""Files of records as `import` takes them: NDJSON, a JSON array, or CSV; each made into lines of NDJSON."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import PurePath
from typing import Any

from qbwc_server.cli.failures import Failure
from qbwc_server.domain import spreadsheets
from qbwc_server.domain.faults import Fault, InvalidInput
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.reading_json import read_json

FORMATS = ("ndjson", "json", "csv")
LINE_PREFIX = "line."
"""Columns of a document's lines begin with it: ``line.item.sku``."""

YES_AND_NO: Mapping[str, bool] = {
    "true": True,
    "yes": True,
    "1": True,
    "false": False,
    "no": False,
    "0": False,
}


@dataclass(slots=True)
class Entry:
    """One record of a file.

    Attributes:
        line: where it is: the line of the file, or of an array the position of the element, from 1.
        text: the record as a line of NDJSON; None when it could not be read at all.
        faults: what is wrong with it before its content is looked at.
        rows: where each line of a document is in a CSV file.
    """

    line: int
    text: str | None
    external_id: str | None = None
    faults: list[Fault] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)


def format_of(file: str, wanted: str | None) -> str:
    """The format of a file: the one that was named, or what its name says, or NDJSON."""
    suffix = PurePath(file).suffix.lower().removeprefix(".")
    return wanted or (suffix if suffix in FORMATS else "ndjson")


def entries(kind: Kind, file_format: str, stream: Iterable[str]) -> tuple[str, list[Entry]]:
    """The format a file has, and its records in their order. JSON of one form is taken for the other as well.

    Raises:
        Failure: the file as a whole is not what it should be.
        InvalidInput: it is not JSON.
    """
    if file_format == "csv":
        return "csv", _of_csv(kind, stream)
    lines = list(stream)
    first = next((line.lstrip() for line in lines if line.strip()), "")
    if first.startswith("["):
        return "json", _of_array("".join(lines))
    whole = _one_object("".join(lines)) if _goes_on(first) else None
    if whole is not None:
        return "json", [Entry(1, whole)]
    return "ndjson", [Entry(number, text) for number, text in enumerate(lines, start=1) if text.strip()]


# --- JSON ---------------------------------------------------------------------------------------------------


def _of_array(text: str) -> list[Entry]:
    value = read_json(text)
    return [Entry(number, _as_line(record)) for number, record in enumerate(value, start=1)]


def _goes_on(first: str) -> bool:
    """Whether the first line begins an object that other lines complete."""
    return first.startswith("{") and _one_object(first) is None


def _one_object(text: str) -> str | None:
    """A text that is one JSON object, as one line; None for any other."""
    try:
        value = read_json(text)
    except InvalidInput:
        return None
    return _as_line(value) if isinstance(value, dict) else None


def _as_line(record: object) -> str:
    return json.dumps(record, default=_exact, ensure_ascii=False)


def _exact(value: object) -> str:
    if isinstance(value, Decimal):
        return format(value, "f")
    raise TypeError(f"{type(value).__name__} is not a JSON value")


# --- CSV ----------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Document:
    """The rows of one external id as they are gathered."""

    entry: Entry
    fields: dict[str, str]
    lines: list[dict[str, str]] = field(default_factory=list)


def _of_csv(kind: Kind, stream: Iterable[str]) -> list[Entry]:
    """Every row is a record; of documents a row is a line, and rows with the same external id belong together."""
    gathered: dict[str, _Document] = {}
    made: list[Entry] = []
    for number, row, faults in _rows(kind, stream):
        external_id = row.pop("external_id", "")
        if not external_id or faults:
            wrong = faults or [Fault("/external_id", "is needed in every row")]
            made.append(Entry(number, None, external_id or None, wrong))
        elif external_id not in gathered:
            gathered[external_id] = _Document(Entry(number, None, external_id), {})
            made.append(gathered[external_id].entry)
            _add_row(kind, gathered[external_id], number, row)
        elif kind.is_document:
            _add_row(kind, gathered[external_id], number, row)
        else:
            first = gathered[external_id].entry.line
            made.append(
                Entry(number, None, external_id, [Fault("/external_id", f"is in row {first} already")])
            )
    for document in gathered.values():
        _close(kind, document)
    return made


def _rows(kind: Kind, stream: Iterable[str]) -> Iterator[tuple[int, dict[str, str], list[Fault]]]:
    """The rows that hold anything: line of the file, filled cells by column, faults."""
    columns: list[str] | None = None
    try:
        for number, cells in spreadsheets.rows(stream):
            if columns is None:
                columns = _columns(kind, cells)
            else:
                yield number, *_cells(columns, cells)
    except InvalidInput as error:
        raise Failure(error.faults[0].message) from None


def _columns(kind: Kind, cells: list[str]) -> list[str]:
    columns = [cell.strip() for cell in cells]
    if "external_id" not in columns:
        raise Failure("the first row must name the columns, external_id among them")
    twice = sorted({column for column in columns if column and columns.count(column) > 1})
    if twice:
        raise Failure(f"the first row names a column twice: {', '.join(twice)}")
    strange = [column for column in columns if column.startswith(LINE_PREFIX)]
    if strange and not kind.is_document:
        raise Failure(f"a {kind.label} has no lines, and so no column {strange[0]}")
    return columns


def _cells(columns: list[str], cells: list[str]) -> tuple[dict[str, str], list[Fault]]:
    """The filled cells by column. An empty one says nothing, as in a spreadsheet."""
    row = {
        column: cell.strip() for column, cell in zip(columns, cells, strict=False) if column and cell.strip()
    }
    beyond = [cell for position, cell in enumerate(cells) if cell.strip() and not _named(columns, position)]
    return row, [Fault("", f"{cell.strip()!r} stands in a column without a name") for cell in beyond]


def _named(columns: list[str], position: int) -> bool:
    return position < len(columns) and bool(columns[position])


def _add_row(kind: Kind, document: _Document, number: int, row: dict[str, str]) -> None:
    """Take over a row. What belongs to the whole document is said in its first row, or the same in all."""
    line = {}
    for column, cell in row.items():
        if kind.is_document and column.startswith(LINE_PREFIX):
            line[column.removeprefix(LINE_PREFIX)] = cell
        elif document.fields.setdefault(column, cell) != cell:
            said = f"row {number} says {cell!r}, and row {document.entry.line} {document.fields[column]!r}"
            document.entry.faults.append(Fault(_pointer(column), said))
    if kind.is_document and line:
        document.lines.append(line)
        document.entry.rows.append(number)


def _close(kind: Kind, document: _Document) -> None:
    """Write the record out, unless it has faults."""
    record: dict[str, Any] = {"external_id": document.entry.external_id}
    faults = _fill(record, document.fields)
    if kind.is_document:
        lines: list[dict[str, Any]] = [{} for _ in document.lines]
        record["lines"] = lines
        for position, (made, cells) in enumerate(zip(lines, document.lines, strict=True)):
            faults += [
                Fault(f"/lines/{position}{fault.pointer}", fault.message) for fault in _fill(made, cells)
            ]
    document.entry.faults += faults
    if not document.entry.faults:
        document.entry.text = _as_line(record)


def _fill(record: dict[str, Any], cells: Mapping[str, str]) -> list[Fault]:
    """Put the cells at their places in the record: ``bill_address.city`` is a field within a field."""
    faults = []
    for column, cell in cells.items():
        *path, last = column.split(".")
        place: Any = record
        for part in path:
            place = place.setdefault(part, {}) if isinstance(place, dict) else None
        if not isinstance(place, dict) or isinstance(place.get(last), dict):
            faults.append(Fault(_pointer(column), "one column names the whole, another one a part of it"))
        elif last.startswith("is_"):
            if cell.lower() not in YES_AND_NO:
                faults.append(Fault(_pointer(column), f"{cell!r} is neither true nor false"))
            place[last] = YES_AND_NO.get(cell.lower())
        elif column == "version" and cell.isascii() and cell.isdecimal():
            place[last] = int(cell)
        else:
            place[last] = cell
    return faults


def _pointer(column: str) -> str:
    return "/" + column.replace(".", "/")
