"""The documents of a customer or vendor, the one that changed last first."""

from collections.abc import Collection

from sqlalchemy import Connection, select, union_all

from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.records import State

from .schema import record as table


def newest(
    conn: Connection, connector_id: int, kinds: Collection[Kind], parties: Collection[str], *, limit: int
) -> list[int]:
    """The ids of the documents of a party that changed last.

    Each kind and state is read from its index, so that it takes no longer for whoever has a hundred thousand.

    Args:
        parties: all the ways in which documents name it (`findable.party_of`).
    """
    parts = [
        select(table.c.id, table.c.updated_at)
        .where(
            table.c.connector_id == connector_id,
            table.c.party == party,
            table.c.kind == kind,
            table.c.state == state,
        )
        .order_by(table.c.updated_at.desc(), table.c.id.desc())
        .limit(limit)
        for party in sorted(parties)
        for kind in kinds
        for state in State
    ]
    if not parts:
        return []
    # SQLite takes a part with an order only as a table of its own
    found = union_all(*(select(part.subquery()) for part in parts)).subquery()
    query = select(found.c.id).order_by(found.c.updated_at.desc(), found.c.id.desc()).limit(limit)
    return list(conn.execute(query).scalars())
