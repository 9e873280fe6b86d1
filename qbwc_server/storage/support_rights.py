"""Rows of what an admin decided that support may do."""

from collections.abc import Collection, Mapping

from sqlalchemy import Connection, delete, insert, select

from qbwc_server.domain.rights import RIGHTS, Right
from qbwc_server.storage.schema import support_right as table


def allowed(conn: Connection) -> frozenset[Right]:
    """What support may do: as was decided, else as `RIGHTS` has it."""
    decided: Mapping[str, bool] = {row.name: row.is_allowed for row in conn.execute(select(table))}
    return frozenset(right for right, words in RIGHTS.items() if decided.get(right, words.default))


def decide(conn: Connection, rights: Collection[Right]) -> None:
    """Let support do this and nothing else."""
    conn.execute(delete(table))
    conn.execute(insert(table), [{"name": each.value, "is_allowed": each in rights} for each in Right])
