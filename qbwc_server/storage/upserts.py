"""An INSERT that may find the row there already, in the words of the database it is for."""

from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite


def upsert(table: Table, dialect: str) -> Any:
    """An INSERT with SQLAlchemy's ``on_conflict_do_update``, ``on_conflict_do_nothing`` and ``excluded``.

    Args:
        dialect: the name of the database's, ``sqlite`` or ``postgresql``.
    """
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)
