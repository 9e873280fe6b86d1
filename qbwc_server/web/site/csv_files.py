"""Tables as CSV files for spreadsheets: sent row by row, and nothing in them is taken for a formula."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime

from flask import Response, stream_with_context

_BOM = "\ufeff"
"""Without it spreadsheets take the file for one of their country's old encoding."""
_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def answer(name: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """A file to download, made while it is read."""
    response = Response(stream_with_context(_lines(head, rows)), mimetype="text/csv")
    response.headers.set("Content-Disposition", "attachment", filename=f"{name}.csv")
    return response


def _lines(head: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(head)
    yield _BOM + _taken(buffer)
    for number, row in enumerate(rows, start=1):
        writer.writerow(map(cell, row))
        if number % _ROWS_AT_ONCE == 0:
            yield _taken(buffer)
    yield _taken(buffer)


_ROWS_AT_ONCE = 200


def _taken(buffer: io.StringIO) -> str:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text


def cell(value: object) -> str:
    """A value as it stands in a cell: what a spreadsheet would calculate becomes text by the mark it knows for that."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, int | float):
        return str(value)
    text = str(value)
    return f"'{text}" if text.startswith(_STARTS_A_FORMULA) else text
