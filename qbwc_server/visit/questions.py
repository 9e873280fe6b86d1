"""One query that goes to QuickBooks, and what it is for."""

from dataclasses import dataclass

from qbwc_server.domain.operations import Operation, Purpose
from qbxml.requests import Query


@dataclass(frozen=True, slots=True)
class Question:
    """A query of a message set; `purpose` is what it takes to read the answer."""

    query: Query
    operation: Operation
    purpose: Purpose
