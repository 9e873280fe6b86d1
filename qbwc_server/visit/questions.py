"""A query that goes to QuickBooks and what it is for; and its answer, as whoever asked is handed it."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.errors import QuickBooksAnswer
from qbwc_server.domain.operations import Operation, Purpose, Request
from qbwc_server.domain.sessions import Session
from qbwc_server.storage import Transaction
from qbxml import Response, status
from qbxml.requests import Query

P = TypeVar("P", bound=Purpose)


@dataclass(frozen=True, slots=True)
class Question:
    """A query of a message set; `purpose` is what it takes to read the answer."""

    query: Query
    operation: Operation
    purpose: Purpose


@dataclass(frozen=True, slots=True)
class Heard:
    """The answer to a query, within the transaction that takes it in and holds the connector."""

    conn: Transaction
    connector: Connector
    session: Session
    request: Request
    response: Response
    now: datetime

    def purpose_as(self, kind: type[P]) -> P:
        """What was asked for, which is of this kind."""
        return self.request.purpose_as(kind)

    @property
    def is_refused(self) -> bool:
        """Whether QuickBooks would not tell."""
        return self.response.status_code >= 1000

    @property
    def answer(self) -> QuickBooksAnswer:
        """What QuickBooks said, verbatim."""
        return QuickBooksAnswer.of(self.response)

    @property
    def remedy(self) -> str:
        """What is to be done about what QuickBooks said."""
        return status.statuses.get(self.response.status_code, self.response.status_severity).remedy
