"""The words by which entries of QuickBooks' lists are found, as they are written beside them."""

from collections.abc import Collection, Iterable
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, delete, tuple_

from qbwc_server.domain.findable import words_of_entry
from qbwc_server.domain.matching import ListEntry, fold

from .bulk import batched, write_many
from .schema import entry_word as table
from .upserts import upsert

_AT_ONCE = 200


def revise(
    conn: Connection, connector_id: int, changed: Iterable[tuple[ListEntry | None, ListEntry]]
) -> None:
    """Let entries be found by what they are called now.

    Args:
        changed: each as it was (None: it is new) and as it is.
    """
    gone: list[tuple[str, str, str]] = []
    rows: list[tuple[int, str, str, str]] = []
    for before, after in changed:
        if before is not None and before.full_name == after.full_name:
            continue
        words = words_of_entry(fold(after.full_name))
        former = words_of_entry(fold(before.full_name)) if before is not None else frozenset()
        rows += [(connector_id, word, after.list_name.value, after.list_id) for word in words - former]
        gone += [(word, after.list_name.value, after.list_id) for word in former - words]
    for some in batched(gone, _AT_ONCE):
        _forget(conn, connector_id, some)
    if rows:
        write_many(conn, _adding(conn.dialect.name), rows)


def _forget(conn: Connection, connector_id: int, gone: Collection[tuple[str, str, str]]) -> None:
    key = tuple_(table.c.word, table.c.list_name, table.c.list_id)
    conn.execute(delete(table).where(table.c.connector_id == connector_id, key.in_(gone)))


@lru_cache
def _adding(dialect: str) -> Any:
    return upsert(table, dialect).on_conflict_do_nothing()
