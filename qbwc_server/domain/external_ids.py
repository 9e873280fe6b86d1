"""What an external id may be: a host's own name for a record, which must also survive as the end of an address."""

import re
from collections.abc import Iterator

from qbwc_server.domain.faults import Fault

LONGEST = 200
RESERVED = ("retry", "void", "post-as-new")
"""The ends of addresses at which something is done with a record."""

_UNSEEN = (
    r"\u0000-\u001f\u007f-\u00a0\u00ad\u061c\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f"
    r"\u3000\ufeff\ufff0-\ufffb\ufffe\uffff"
)
"""Controls, marks nobody sees, blanks that look like a space, and what is no character: two ids must not look alike."""

PATTERN = rf"^(?![ /])(?!\.{{1,2}}$)(?!(?:.*/)?(?:{'|'.join(RESERVED)})$)[^{_UNSEEN}]*[^ /{_UNSEEN}]$"
"""The same rules as a regular expression (ECMA 262), for the documentation; the length is told beside it."""

_POINTER = "/external_id"
# halves of a character come from JSON only: no address can hold one, and few readers of patterns take them
_HOLDS_UNSEEN = re.compile(rf"[{_UNSEEN}\ud800-\udfff]")


def is_printable(external_id: str) -> bool:
    """Whether every character of it can be seen."""
    return _HOLDS_UNSEEN.search(external_id) is None


def faults_of(external_id: str) -> Iterator[Fault]:
    """What is wrong with the external id of a record that is handed over.

    Records that were taken in before these rules are still found under the ids they have.
    """
    if not 1 <= len(external_id) <= LONGEST or not is_printable(external_id):
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
