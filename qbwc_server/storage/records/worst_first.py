"""Pages of records as people look through them: what needs somebody first, of each state the newest first."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, Select, literal, select, union_all

from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.records import State
from qbwc_server.storage.schema import record as table

WORST_FIRST = (
    State.BLOCKED,
    State.UNCERTAIN,
    State.QUEUED,
    State.SENT,
    State.SYNCED,
    State.CANCELLED,
)
Place = tuple[State, int]
"""Where a record stands in such a list: its state and its id."""


def worst_first(
    conn: Connection,
    connector_id: int,
    kinds: Sequence[Kind],
    states: Sequence[State],
    *,
    behind: Place | None = None,
    before: Place | None = None,
    limit: int,
) -> list[Place]:
    """The places of records behind a place, or of the last ones before one: of each kind and state only the first so
    many are looked at, by the index of just these."""
    parts = [
        _part(connector_id, kind, state, behind, before, limit)
        for kind in kinds
        for state in states
        if _reaches(state, behind, before)
    ]
    if not parts:
        return []
    found = union_all(*(select(part.subquery()) for part in parts)).subquery()
    order = (found.c.rank, found.c.id.desc()) if before is None else (found.c.rank.desc(), found.c.id)
    rows = conn.execute(select(found.c.rank, found.c.id).order_by(*order).limit(limit)).all()
    places = [(WORST_FIRST[rank], record_id) for rank, record_id in rows]
    return places if before is None else places[::-1]


def _reaches(state: State, behind: Place | None, before: Place | None) -> bool:
    rank = WORST_FIRST.index(state)
    if before is not None:
        return rank <= WORST_FIRST.index(before[0])
    return behind is None or rank >= WORST_FIRST.index(behind[0])


def _part(
    connector_id: int, kind: Kind, state: State, behind: Place | None, before: Place | None, limit: int
) -> Select[tuple[int, int]]:
    bounds: list[ColumnElement[bool]] = []
    if before is not None and before[0] is state:
        bounds.append(table.c.id > before[1])
    if before is None and behind is not None and behind[0] is state:
        bounds.append(table.c.id < behind[1])
    query = select(literal(WORST_FIRST.index(state)).label("rank"), table.c.id).where(
        table.c.connector_id == connector_id, table.c.kind == kind, table.c.state == state, *bounds
    )
    return query.order_by(table.c.id.desc() if before is None else table.c.id).limit(limit)
