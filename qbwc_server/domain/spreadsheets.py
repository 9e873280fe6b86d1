"""CSV as spreadsheets write it: the rows of a file with their places, whatever it separates its cells by."""

import csv
from collections.abc import Iterable, Iterator

from qbwc_server.domain.faults import Fault, InvalidInput


def rows(stream: Iterable[str]) -> Iterator[tuple[int, list[str]]]:
    """The rows that hold anything: the line of the file each begins in, and its cells.

    Raises:
        InvalidInput: it is not CSV from some line on; the rows before have been given.
    """
    lines = iter(stream)
    first = next(lines, "")
    reader = csv.reader(_again(first, lines), delimiter=_delimiter(first), strict=True)
    end = 0
    try:
        for cells in reader:
            begin, end = end + 1, reader.line_num
            if any(cell.strip() for cell in cells):
                yield begin, cells
    except csv.Error:
        problem = (
            f"the row that begins in line {end + 1} is not CSV: a quotation mark in it is not closed, or not "
            "doubled inside a cell; save the file anew from the spreadsheet"
        )
        raise InvalidInput([Fault("", problem)]) from None


def _again(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield first
    yield from rest


def _delimiter(header: str) -> str:
    """Spreadsheets of countries with a decimal comma write semicolons."""
    return max(",;\t", key=header.count)
