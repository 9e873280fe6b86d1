"""How that is written by which a record is found: told when it is handed over, as nobody would find the record by it.

What was taken in before these rules is still read: they are for what comes in, not for what is stored.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from qbwc_server.domain.faults import Fault
from qbwc_server.domain.matching import broken_address
from qbxml.text import one_line_fault

FOUND_BY = ("name", "email", "account_number", "sku", "barcode", "ref_number")
"""The fields by which people and this server find a record: in QuickBooks each is one line."""


def faults(content: Mapping[str, Any]) -> Iterator[Fault]:
    """A fault for a line break in what a record is found by, and for an email cut apart."""
    for name in FOUND_BY:
        value = content.get(name)
        if isinstance(value, str) and (problem := one_line_fault(value)):
            yield Fault(f"/{name}", problem)
    email = content.get("email")
    if isinstance(email, str) and (broken := broken_address(email)):
        yield Fault(
            "/email",
            f"“{broken}” is no address: take out the blank or the @ that is too many. Several addresses are"
            " separated by commas or semicolons",
        )
