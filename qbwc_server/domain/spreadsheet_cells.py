"""CSV for spreadsheets: cells that no spreadsheet takes for a formula, rows as RFC 4180 has them."""

import csv
from collections.abc import Iterable
from io import StringIO

BOM = "\ufeff"
"""At the beginning of a file: Excel takes it for UTF-8 only then."""

_BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def harmless(text: str) -> str:
    """A cell that is shown as it is: one that would begin a formula has an apostrophe before it, as people type it."""
    return f"'{text}" if text.startswith(_BEGINS_A_FORMULA) else text


def row(cells: Iterable[str]) -> str:
    """One row of a file, with its line end."""
    line = StringIO()
    csv.writer(line, lineterminator="\r\n").writerow(map(harmless, cells))
    return line.getvalue()
