"""An INSERT that may find the row there already, in the words of the database it is for."""

from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import sqlite


def upsert(table: Table, dialect: str) -> Any:
    """An INSERT with SQLAlchemy's ``on_conflict_do_update``, ``on_conflict_do_nothing`` and ``excluded``.

    Args:
        dialect: the name of the database's, ``sqlite`` or ``postgresql``.
    """
    if dialect == "sqlite":
        return sqlite.insert(table)
    # it brings every driver PostgreSQL has along, which nobody needs who has SQLite
    from sqlalchemy.dialects import postgresql

    return postgresql.insert(table)
