"""The documents of a customer or vendor, the one that changed last first."""

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Connection, String, cast, literal, select, true, union_all

from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.records import State
from qbwc_server.storage.schema import record as table

MOST_WAYS = 200
"""About so many ways of naming somebody is asked at once; a statement may have five hundred parts."""


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


def newest_of_each(
    conn: Connection, connector_id: int, kinds: Collection[Kind], parties: Mapping[str, Collection[str]]
) -> dict[str, int]:
    """The id of the document of each party that changed last, by what the party is called here; one statement, which
    looks once into the index for each way, kind and state.

    Args:
        parties: of each all the ways in which documents name it; of more than `MOST_WAYS` in all the first are asked.
    """
    ways = [(name, way) for name, each in parties.items() for way in sorted(each)][:MOST_WAYS]
    if not ways:
        return {}
    asked = union_all(
        *(select(_text(name).label("name"), _text(way).label("way")) for name, way in ways)
    ).subquery()
    kind = union_all(*(select(_text(each).label("kind")) for each in kinds)).subquery()
    state = union_all(*(select(_text(each).label("state")) for each in State)).subquery()
    latest = (
        select(table.c.id)
        .where(
            table.c.connector_id == connector_id,
            table.c.party == asked.c.way,
            table.c.kind == kind.c.kind,
            table.c.state == state.c.state,
        )
        .order_by(table.c.updated_at.desc(), table.c.id.desc())
        .limit(1)
        .correlate(asked, kind, state)
        .scalar_subquery()
    )
    every_way = asked.join(kind, true()).join(state, true())
    found = select(asked.c.name, latest.label("id")).select_from(every_way).subquery()
    query = select(found.c.name, found.c.id).join(table, table.c.id == found.c.id)
    # the newest comes last, and stays
    return {row.name: row.id for row in conn.execute(query.order_by(table.c.updated_at, table.c.id))}


def _text(value: str) -> Any:
    return cast(literal(value), String)
