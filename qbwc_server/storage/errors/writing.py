"""Error records opened, counted again, and closed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Connection,
    Integer,
    bindparam,
    insert,
    select,
    update,
)

from qbwc_server import __version__
from qbwc_server.domain.causes import Cause
from qbwc_server.domain.errors import QuickBooksAnswer
from qbwc_server.domain.matching import fold
from qbwc_server.storage import days, gathering, memory, opened_errors
from qbwc_server.storage.bulk import among_ids
from qbwc_server.storage.errors.rows import OF_CONNECTOR, key
from qbwc_server.storage.schema import error as table
from qbwc_server.storage.schema import record


def open_error(
    conn: Connection,
    connector_id: int,
    record_id: int | None,
    cause: Cause,
    answer: QuickBooksAnswer | None = None,
    *,
    now: datetime,
    via_record_id: int | None = None,
    address: str | None = None,
) -> None:
    """Open an error record.

    Args:
        via_record_id: the blocked record that the one concerned refers to.
        address: where the Web Connector called from, for one of a connector as a whole.
    """
    memory.forget(conn, key(record_id))
    row = {
        "connector_id": connector_id,
        "record_id": record_id,
        "whose": record_id,
        "via_record_id": via_record_id,
        "opened_at": now,
        "looked_at": now if answer is None else None,
        "looked_by": __version__ if answer is None else None,
        "address": address,
        **_told(cause, answer),
    }
    gathering.keep_back(conn, _store, row)
    days.add(conn, connector_id, now, errors_opened=1)


@dataclass(frozen=True, slots=True)
class _Closing:
    """Whatever is open of a record is to be closed."""

    record_id: int
    reason: str
    now: datetime


def _store(conn: Connection, changes: Sequence[Mapping[str, Any] | _Closing]) -> None:
    """Open and close error records of several records, those of each in their order."""
    rounds: list[tuple[list[_Closing], list[Mapping[str, Any]]]] = []
    reached: dict[int | None, tuple[int, bool]] = {}
    for each in changes:
        is_closing = isinstance(each, _Closing)
        record_id = each.record_id if isinstance(each, _Closing) else each["record_id"]
        number, has_opened = reached.get(record_id, (0, False))
        # in a round all that is to be closed is closed first
        number += is_closing and has_opened
        reached[record_id] = number, not is_closing
        if number == len(rounds):
            rounds.append(([], []))
        if isinstance(each, _Closing):
            rounds[number][0].append(each)
        else:
            rounds[number][1].append(each)
    for closings, openings in rounds:
        for reason, now in dict.fromkeys((each.reason, each.now) for each in closings):
            ids = [each.record_id for each in closings if (each.reason, each.now) == (reason, now)]
            these = (among_ids(conn, table.c.record_id, ids), table.c.closed_at.is_(None))
            conn.execute(update(table).where(*these).values(closed_at=now, close_reason=reason))
        if openings:
            opened_errors.note(conn, conn.execute(_NEW, openings))


_ITS_KIND = select(record.c.kind).where(record.c.id == bindparam("whose", type_=Integer)).scalar_subquery()
_NEW = (
    insert(table)
    .values(kind=_ITS_KIND)
    .returning(table.c.record_id, table.c.cause, table.c.cause_key, table.c.id)
)


def count_again(
    conn: Connection,
    connector_id: int,
    cause: Cause,
    answer: QuickBooksAnswer | None,
    *,
    now: datetime,
    address: str | None,
) -> bool:
    """Count once more the open error record of a connector as a whole, as it is told now; False when none is open."""
    again = (
        update(table)
        .where(
            table.c.connector_id == connector_id,
            OF_CONNECTOR,
            table.c.closed_at.is_(None),
            table.c.cause == cause.name,
        )
        .values(times=table.c.times + 1, last_at=now, address=address, **_told(cause, answer))
    )
    return conn.execute(again).rowcount > 0


def tell_anew(conn: Connection, error_id: int, cause: Cause) -> None:
    """What an open error record says now, of the same cause; it is not counted once more."""
    conn.execute(update(table).where(table.c.id == error_id).values(**_told(cause, None)))


def _told(cause: Cause, answer: QuickBooksAnswer | None) -> dict[str, Any]:
    """The columns of a cause, and of what QuickBooks said."""
    return {
        "cause": cause.name,
        "sub_reason": cause.sub_reason,
        "cause_key": cause.key,
        "folded_key": fold(cause.key),
        "data": cause.data(),
        "actor": cause.actor,
        "quickbooks_code": answer.code if answer else None,
        "quickbooks_severity": answer.severity if answer else None,
        "quickbooks_message": answer.message if answer else None,
    }


def close(conn: Connection, error_ids: Sequence[int], reason: str, *, now: datetime) -> None:
    """Close open error records."""
    if not error_ids:
        return
    query = update(table).where(among_ids(conn, table.c.id, error_ids), table.c.closed_at.is_(None))
    query = query.values(closed_at=now, close_reason=reason)
    memory.forget(conn, *map(key, conn.execute(query.returning(table.c.record_id)).scalars()))


def close_of_record(conn: Connection, record_id: int, reason: str, *, now: datetime) -> None:
    """Close whatever is open of a record."""
    memory.forget(conn, key(record_id))
    memory.keep(conn, key(record_id), "open", [])
    gathering.keep_back(conn, _store, _Closing(record_id, reason, now))
