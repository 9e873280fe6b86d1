"""Records linked to what another record has in QuickBooks, which databases of former versions may hold."""

from dataclasses import dataclass

from qbwc_server.storage import connectors as rows
from qbwc_server.storage import records
from qbwc_server.storage.database import Database


@dataclass(frozen=True, slots=True)
class Surplus:
    """A record that is linked to what another one has in QuickBooks, as databases of former versions may have them."""

    connector: str
    record: str
    holder: str | None
    quickbooks_id: str


def surplus(database: Database) -> list[Surplus]:
    """All such records of a database."""
    with database.read() as conn:
        names = rows.living(conn)
        found = []
        for record in records.surplus(conn):
            if record.connector_id not in names:
                continue  # of a connector that was removed
            quickbooks_id = record.link.quickbooks_id if record.link else ""
            other = records.holder(conn, record, quickbooks_id)
            label = other.label if other is not None else None
            found.append(Surplus(names[record.connector_id], record.label, label, quickbooks_id))
        return found
