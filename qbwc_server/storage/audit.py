"""Rows of what people did that belongs to no connector: whom they let in, and what became of whole connectors."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from .schema import audit as table


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing that somebody did.

    Attributes:
        about: the name of the user, connector or API key it was done to, as it was then.
        actor: the name of a user, or ``cli``.
    """

    id: int
    at: datetime
    actor: str
    what: str
    about: str
    detail: str | None


def _value(row: Row[Any]) -> Deed:
    return Deed(**row._mapping)


def add(
    conn: Connection, what: str, about: str, *, at: datetime, actor: str, detail: str | None = None
) -> None:
    """Note what somebody did."""
    conn.execute(insert(table).values(at=at, actor=actor, what=what, about=about, detail=detail))


def newest(conn: Connection, *, before: int | None = None, limit: int = 100) -> list[Deed]:
    """The deeds from the newest back, or from the one before an id."""
    query = select(table)
    if before is not None:
        query = query.where(table.c.id < before)
    return [_value(row) for row in conn.execute(query.order_by(table.c.id.desc()).limit(limit))]
