"""What an external id may be: a host's own name for a record, which must also survive as the end of an address."""

from collections.abc import Iterator

from .faults import Fault

LONGEST = 200
RESERVED = ("retry", "void", "post-as-new")
"""The ends of addresses at which something is done with a record."""

PATTERN = rf"^(?![ /])(?!\.{{1,2}}$)(?!(?:.*/)?(?:{'|'.join(RESERVED)})$).*[^ /]$"
"""The same rules as a regular expression (ECMA 262), for the documentation; the length is told beside it."""

_POINTER = "/external_id"


def faults_of(external_id: str) -> Iterator[Fault]:
    """What is wrong with the external id of a record that is handed over.

    Records that were taken in before these rules are still found under the ids they have.
    """
    if not 1 <= len(external_id) <= LONGEST or not external_id.isprintable():
        yield Fault(_POINTER, f"must have 1 to {LONGEST} printable characters")
    elif external_id != external_id.strip(" /"):
        yield Fault(_POINTER, "must not begin or end with a space or a slash; leave it out")
    elif external_id in (".", ".."):
        yield Fault(_POINTER, "must be more than dots, which are lost on the way as the end of an address")
    elif external_id.rpartition("/")[2] in RESERVED:
        yield Fault(
            _POINTER,
            f"must not end in one of {', '.join(RESERVED)}, which stand for what is done with a record",
        )
