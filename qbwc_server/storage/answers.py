"""Rows of answers: what was chosen of an error record, by whom; and what an answer is about."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, delete, func, select

from qbwc_server.storage.schema import answer as table
from qbwc_server.storage.schema import error
from qbwc_server.storage.upserts import upsert


@dataclass(frozen=True, slots=True)
class Given:
    """What was answered to an error record last.

    Attributes:
        choice: its id; `label` is what it said.
    """

    choice: str
    label: str
    actor: str
    at: datetime


def give(
    conn: Connection, connector_id: int, error_id: int, choice: str, label: str, *, actor: str, now: datetime
) -> None:
    """Note the answer to an error record, in place of an earlier one."""
    said = {"choice": choice, "label": label, "actor": actor, "at": now}
    query = upsert(table, conn.dialect.name).values(error_id=error_id, connector_id=connector_id, **said)
    conn.execute(query.on_conflict_do_update(index_elements=[table.c.error_id], set_=said))


def take_back(conn: Connection, error_id: int) -> None:
    """The answer could not be carried out: it was none."""
    conn.execute(delete(table).where(table.c.error_id == error_id))


def of(conn: Connection, error_id: int) -> Given | None:
    """What was answered to an error record last; None: nothing yet."""
    query = select(table.c.choice, table.c.label, table.c.actor, table.c.at)
    row = conn.execute(query.where(table.c.error_id == error_id)).first()
    return None if row is None else Given(*row)


def newest_behind(conn: Connection, connector_id: int, cause: str, cause_key: str) -> int:
    """The newest open error record with a cause behind a cause key; 0: there is none."""
    query = select(func.max(error.c.id)).where(
        error.c.connector_id == connector_id,
        error.c.cause == cause,
        error.c.cause_key == cause_key,
        error.c.closed_at.is_(None),
    )
    return conn.execute(query).scalar_one() or 0


def behind(conn: Connection, connector_id: int, cause: str, cause_key: str, *, up_to: int) -> list[int]:
    """The open error records with a cause behind a cause key, up to an id; those that only refer to another record
    that is blocked come first."""
    query = select(error.c.id).where(*_behind(connector_id, cause, cause_key, up_to))
    query = query.order_by(error.c.via_record_id.is_(None), error.c.id)
    return list(conn.execute(query).scalars())


def count_behind(conn: Connection, connector_id: int, cause: str, cause_key: str, *, up_to: int) -> int:
    """How many those are."""
    query = select(func.count()).where(*_behind(connector_id, cause, cause_key, up_to))
    return conn.execute(query).scalar_one()


def _behind(connector_id: int, cause: str, cause_key: str, up_to: int) -> tuple[ColumnElement[bool], ...]:
    return (
        error.c.connector_id == connector_id,
        error.c.cause == cause,
        error.c.cause_key == cause_key,
        error.c.closed_at.is_(None),
        error.c.id <= up_to,
    )


def root_of(conn: Connection, error_id: int) -> int | None:
    """The record that an error record is about in the end: the one that the others only refer to."""
    here = conn.execute(
        select(error.c.record_id, error.c.via_record_id, error.c.cause, error.c.cause_key).where(
            error.c.id == error_id
        )
    ).one()
    seen = {here.record_id}
    at: int | None = here.record_id
    via: int | None = here.via_record_id
    while via is not None and via not in seen:
        seen.add(via)
        at = via
        query = select(error.c.via_record_id).where(
            error.c.record_id == via,
            error.c.cause == here.cause,
            error.c.cause_key == here.cause_key,
            error.c.closed_at.is_(None),
        )
        via = conn.execute(query).scalar()
    return at
