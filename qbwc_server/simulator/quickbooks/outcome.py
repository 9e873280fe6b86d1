"""What a request came to, before it is put into its answer."""

from __future__ import annotations

from dataclasses import dataclass, field

from lxml import etree

from qbwc_server.simulator.errors import StatusError
from qbwc_server.simulator.quickbooks.book import Fields


@dataclass(slots=True)
class Outcome:
    """What a request came to: the children and attributes of its ``*Rs``.

    ``touched`` is what it wrote, for the ledger and for error recovery; None for queries.
    """

    children: list[etree._Element] = field(default_factory=list)
    attributes: dict[str, str] = field(default_factory=dict)
    status: StatusError | None = None
    touched: Touched | None = None


@dataclass(frozen=True, slots=True)
class Touched:
    """A record that a request made, changed, voided or deleted."""

    kind: str
    id_field: str
    record: Fields

    def recovery(self) -> Fields:
        """The children of ErrorRecovery, in schema order."""
        names = (self.id_field, "TxnNumber", "EditSequence", "ExternalGUID")
        return {name: self.record[name] for name in names if name in self.record}
