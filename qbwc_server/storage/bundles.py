"""What a bundle holds: message sets with their long texts, and the error records of several records."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, select

from qbwc_server.domain.errors import StoredError
from qbwc_server.storage.bulk import among_ids
from qbwc_server.storage.errors.rows import read, whole
from qbwc_server.storage.schema import error, request
from qbwc_server.storage.schema import message_set as table
from qbwc_server.storage.visit_pages import KEPT, SetAsKept


@dataclass(frozen=True, slots=True)
class WholeSet(SetAsKept):
    """A message set as it was sent, and its answer as it came; both are gone when they are old."""

    text: str | None
    response: str | None


_COLUMNS = (*KEPT, table.c.text, table.c.response)


def sets_of_visit(conn: Connection, session_id: int, *, limit: int) -> list[WholeSet]:
    """The message sets of a visit, in their order."""
    return _read(conn, select(*_COLUMNS).where(table.c.session_id == session_id), limit)


def sets_of_record(conn: Connection, record_id: int, *, limit: int) -> list[WholeSet]:
    """The message sets a record travelled in, in their order."""
    carried = select(request.c.message_set_id).where(request.c.record_id == record_id)
    return _read(conn, select(*_COLUMNS).where(table.c.id.in_(carried)), limit)


def _read(conn: Connection, query: Select[Any], limit: int) -> list[WholeSet]:
    return [WholeSet(**row._mapping) for row in conn.execute(query.order_by(table.c.id).limit(limit))]


def errors_of(conn: Connection, record_ids: Collection[int]) -> list[StoredError]:
    """The error records of these records, open and closed, oldest first."""
    return read(conn, whole().where(among_ids(conn, error.c.record_id, record_ids)))
