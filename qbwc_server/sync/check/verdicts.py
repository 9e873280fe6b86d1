"""What a check may find: a record can be sent, is there already, waits, or is blocked."""

from dataclasses import dataclass

import qbxml.records as qb
from qbwc_server.domain.causes import (
    Cause,
)
from qbwc_server.domain.changes import Unsaid
from qbwc_server.domain.errors import QuickBooksAnswer
from qbwc_server.domain.kinds import ListName
from qbwc_server.domain.operations import Operation
from qbwc_server.domain.records import Link


@dataclass(frozen=True, slots=True)
class Ready:
    """It can be sent.

    Attributes:
        payload: what is written: all of it for an Add, what changes (with its ids) for a Mod.
        operation: how it is written.
        clear: the fields a Mod empties.
        unsaid: what differs, and cannot be said to QuickBooks.
        remarks: what somebody should see of it, though it goes as it is.
    """

    payload: qb.Record
    operation: Operation = Operation.ADD
    clear: tuple[str, ...] = ()
    unsaid: tuple[Unsaid, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is told with the record."""
        return (*(each.sentence for each in self.unsaid), *self.remarks)


@dataclass(frozen=True, slots=True)
class Matched:
    """QuickBooks already holds it, but for what cannot be said to it."""

    link: Link
    unsaid: tuple[Unsaid, ...] = ()

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is told with the record."""
        return tuple(each.sentence for each in self.unsaid)


@dataclass(frozen=True, slots=True)
class Waiting:
    """It refers to these records (ids), which QuickBooks does not hold yet."""

    on: frozenset[int]


@dataclass(frozen=True, slots=True)
class Finding:
    """One reason why it cannot be sent, with what QuickBooks said if it was QuickBooks that found it.

    Attributes:
        via_record_id: the record it refers to that is itself blocked for this reason.
    """

    cause: Cause
    answer: QuickBooksAnswer | None = None
    via_record_id: int | None = None


@dataclass(frozen=True, slots=True)
class Blocked:
    """It cannot be sent as things stand."""

    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Unread:
    """It names something of these lists, which have not been asked for yet."""

    lists: frozenset[ListName]


Verdict = Ready | Matched | Waiting | Blocked | Unread


def blocked(cause: Cause) -> Blocked:
    return Blocked((Finding(cause),))
