"""The numbers that are kept of records, errors and list entries, held against what there is, and counted anew."""

from qbwc_server.storage import kept_counts
from qbwc_server.storage.database import Database


def wrong(database: Database) -> list[str]:
    """The connectors of which pages tell other numbers than there are, as something wrote past this server."""
    with database.read() as conn:
        return kept_counts.wrong(conn)


def recount(database: Database) -> list[str]:
    """Count everything anew; returns the connectors of which other numbers were kept."""
    with database.begin() as conn:
        found = kept_counts.wrong(conn)
        if found:
            kept_counts.recount(conn)
        return found
