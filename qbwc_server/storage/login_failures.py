"""Rows of failed tries to sign in, kept for as long as they count."""

from datetime import datetime

from sqlalchemy import Connection, case, delete, func, insert, select

from qbwc_server.domain.throttle import Tries
from qbwc_server.storage.schema import login_failure as table


def add(conn: Connection, address: str, who: str, *, now: datetime, before: datetime) -> None:
    """Note a failure, and forget those of before a moment.

    Args:
        who: a digest of the user name: people type passwords into the wrong field.
    """
    conn.execute(delete(table).where(table.c.at <= before))
    conn.execute(insert(table).values(address=address, who=who, at=now))


def since(conn: Connection, address: str, who: str, moment: datetime) -> tuple[Tries, Tries]:
    """The failures after a moment: of one user name from an address, and of all from that address."""
    mine = case((table.c.who == who, table.c.at))
    query = select(func.count(mine), func.max(mine), func.count(), func.max(table.c.at)).where(
        table.c.address == address, table.c.at > moment
    )
    row = conn.execute(query).one()
    return Tries(row[0], row[1]), Tries(row[2], row[3])


def clear(conn: Connection, address: str, who: str) -> None:
    """Forget the failures of one user name from an address."""
    conn.execute(delete(table).where(table.c.address == address, table.c.who == who))
