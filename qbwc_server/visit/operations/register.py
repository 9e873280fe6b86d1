"""Which room an answer belongs to, and who has to be told that a question was refused with its whole message set."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.errors import QuickBooksAnswer
from qbwc_server.domain.operations import Operation, Request
from qbwc_server.storage import Transaction
from qbwc_server.visit.operations import claims, deletions, guids, lists, lost, numbers, raw, reading, verify
from qbwc_server.visit.questions import Heard


class Reader(Protocol):
    """Takes in the answer to a query."""

    def __call__(self, heard: Heard) -> None:
        """Read it; what it makes of records is written by whoever calls."""


class GiveUp(Protocol):
    """Takes back what was begun with a query that was never answered."""

    def __call__(
        self,
        conn: Transaction,
        connector: Connector,
        request: Request,
        answer: QuickBooksAnswer,
        *,
        now: datetime,
    ) -> None:
        """`answer` is what QuickBooks said to the whole message set."""


def _nothing_depends_on_it(heard: Heard) -> None:
    """The answer to a greeting."""


READERS: Mapping[Operation, Reader] = {
    Operation.READ: reading.read,
    Operation.CLAIM: claims.read,
    Operation.NUMBER_PROBE: numbers.read,
    Operation.CONFLICT_PROBE: numbers.read_conflicts,
    Operation.RECORD_PROBE: lost.read,
    Operation.GUID_SEARCH: guids.read,
    Operation.VERIFY: verify.read,
    Operation.LIST_PAGE: lists.read,
    Operation.LIST_DELETED: deletions.read_entries,
    Operation.TXN_DELETED: deletions.read_documents,
    Operation.RAW_QUERY: raw.read,
    Operation.RAW_WRITE: raw.read,
    Operation.GREETING: _nothing_depends_on_it,
}
"""How the answer to each query is read; answers to writes are read together, in `writes`."""

GIVING_UP: Mapping[Operation, GiveUp] = {
    Operation.LIST_PAGE: lists.give_up,
    Operation.VERIFY: verify.give_up,
}
"""The queries with which something was begun. Of the others only whoever waits for the answer has to wait on."""
