"""What one request of a message set is for: the operations, and of each request what is needed to read its answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from qbwc_server.domain.purposes import (
    Adding,
    Changing,
    Claiming,
    DocumentDeletions,
    Greeting,
    ListDeletions,
    LoadingList,
    LookingForLost,
    Numbering,
    Passing,
    Purpose,
    Reading,
    Searching,
    Verifying,
    Writing,
)

__all__ = [
    "PURPOSES",
    "Adding",
    "Changing",
    "Claiming",
    "DocumentDeletions",
    "Greeting",
    "ListDeletions",
    "LoadingList",
    "LookingForLost",
    "Numbering",
    "Operation",
    "Passing",
    "Purpose",
    "Reading",
    "Request",
    "Searching",
    "Verifying",
    "Writing",
    "purpose_of",
]


class Operation(StrEnum):
    """What one request of a message set is for."""

    ADD = "add"
    MOD = "mod"
    VOID = "void"
    READ = "read"
    """How do these records stand in QuickBooks now?"""
    CLAIM = "claim"
    """Are these documents, which a person linked, what they are said to be?"""
    NUMBER_PROBE = "number_probe"
    """Are these document numbers free?"""
    CONFLICT_PROBE = "conflict_probe"
    """Are these document numbers, which were taken, free by now?"""
    RECORD_PROBE = "record_probe"
    """Does QuickBooks hold these records, whose answer was lost?"""
    GUID_SEARCH = "guid_search"
    """Did QuickBooks create these records after all, under whatever name?"""
    LIST_PAGE = "list_page"
    """A page of a list, for the list cache."""
    LIST_DELETED = "list_deleted"
    """What was deleted from the lists."""
    VERIFY = "verify"
    """Are the records synced last still in QuickBooks as they were?"""
    TXN_DELETED = "txn_deleted"
    """Which documents were deleted."""

    RAW_QUERY = "raw_query"
    """What somebody else wants to know."""
    RAW_WRITE = "raw_write"
    """What somebody else has QuickBooks do: sent once, whatever becomes of it."""

    GREETING = "greeting"
    """Who is there? Asked when nothing is left to be asked, so that the visit ends well."""

    @property
    def writes(self) -> bool:
        """Whether it writes a record to the company file."""
        return self in (Operation.ADD, Operation.MOD, Operation.VOID)

    @property
    def changes_the_file(self) -> bool:
        """Whether it may change the company file at all."""
        return self.writes or self is Operation.RAW_WRITE

    @property
    def is_raw(self) -> bool:
        """Whether somebody else has written it."""
        return self in (Operation.RAW_QUERY, Operation.RAW_WRITE)


PURPOSES: Mapping[Operation, type[Purpose]] = {
    Operation.ADD: Adding,
    Operation.MOD: Changing,
    Operation.VOID: Changing,
    Operation.READ: Reading,
    Operation.CLAIM: Claiming,
    Operation.NUMBER_PROBE: Numbering,
    Operation.CONFLICT_PROBE: Numbering,
    Operation.RECORD_PROBE: LookingForLost,
    Operation.GUID_SEARCH: Searching,
    Operation.VERIFY: Verifying,
    Operation.LIST_PAGE: LoadingList,
    Operation.LIST_DELETED: ListDeletions,
    Operation.TXN_DELETED: DocumentDeletions,
    Operation.RAW_QUERY: Passing,
    Operation.RAW_WRITE: Passing,
    Operation.GREETING: Greeting,
}
"""What the purpose of each operation is."""


def purpose_of(operation: Operation, data: Mapping[str, Any]) -> Purpose:
    """The purpose of a request, as it was stored."""
    return PURPOSES[operation].of_json(data)


# --- requests -----------------------------------------------------------------------------------------------

P = TypeVar("P", bound=Purpose)


@dataclass(frozen=True, slots=True)
class Request:
    """One request of a message set. Its `id` is the requestID; for a write it is the attempt.

    Attributes:
        settled: it has had its answer, or it is known that none matters any more.
        absent: its answer was lost, and QuickBooks said that it does not hold what it wrote.
        record_id: the record that is written; None for a query.
        revision: the record's revision that is written.
        purpose: what is needed to read the answer.
    """

    id: str
    message_set_id: int
    connector_id: int
    operation: Operation
    record_id: int | None
    revision: int | None
    purpose: Purpose
    settled: bool = False
    absent: bool = False

    def purpose_as(self, kind: type[P]) -> P:
        """The purpose, which is of this kind."""
        if not isinstance(self.purpose, kind):
            raise RuntimeError(f"the request {self.id} ({self.operation}) is for something else")
        return self.purpose
