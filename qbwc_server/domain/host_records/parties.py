"""Customers as the host writes them: the parent of a job may be named by the host's own marks."""

import qbxml.records as qb
from qbwc_server.domain.host_records.references import PartyReference
from qbwc_server.domain.host_records.values import given, given_of


class HostCustomer(qb.Customer):
    """A customer or job whose parent may be named by external id or email."""

    parent: PartyReference | None = None  # type: ignore[assignment]  # widened on purpose

    def to_quickbooks(self) -> qb.Customer:
        """The customer as QuickBooks is to have it; its parent, where it has one, as far as it has been found."""
        parent = None if self.parent is None else self.parent.in_quickbooks
        return qb.Customer.believed(given(given_of(self) | {"parent": parent}))
