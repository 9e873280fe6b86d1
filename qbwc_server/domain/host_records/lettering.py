"""What no text of a record may hold, told when it is handed over: what QuickBooks would lose without a word, and what
breaks that by which a record is found.

What was taken in before these rules is still read: they are for what comes in, not for what is stored.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from qbwc_server.domain.faults import Fault
from qbwc_server.domain.matching import broken_address
from qbxml.text import control_character, one_line_fault

FOUND_BY = ("name", "email", "account_number", "sku", "barcode", "ref_number")
"""The fields by which people and this server find a record: in QuickBooks each is one line."""


def faults(content: Mapping[str, Any]) -> Iterator[Fault]:
    """A fault for every control character, for a line break in what a record is found by, for an email cut apart."""
    for pointer, text in _texts(content):
        if not text.isprintable() and (found := control_character(text)) is not None:
            yield Fault(pointer, found.sentence)
    for name in FOUND_BY:
        value = content.get(name)
        if isinstance(value, str) and (problem := one_line_fault(value)):
            yield Fault(f"/{name}", problem)
    email = content.get("email")
    if isinstance(email, str) and (broken := broken_address(email)):
        yield Fault(
            "/email",
            f"“{broken}” is no address: a blank cuts it apart. Several are separated by commas or semicolons",
        )


def _texts(content: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Every text in what a host wrote, with its JSON pointer, in order; however deep it lies."""
    left: list[tuple[str, Any]] = [("", content)]
    while left:
        pointer, value = left.pop()
        if isinstance(value, str):
            yield pointer, value
        elif isinstance(value, Mapping):
            names = [
                (str(name).replace("~", "~0").replace("/", "~1"), member) for name, member in value.items()
            ]
            left += [(f"{pointer}/{name}", member) for name, member in reversed(names)]
        elif isinstance(value, list):
            left += [(f"{pointer}/{position}", member) for position, member in reversed([*enumerate(value)])]
