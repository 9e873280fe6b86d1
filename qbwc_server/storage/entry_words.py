"""The words by which entries of QuickBooks' lists are found, as they are written beside them."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, bindparam, delete

from qbwc_server.domain.findable import words_of_entry
from qbwc_server.domain.matching import ListEntry, fold
from qbwc_server.storage.bulk import write_many
from qbwc_server.storage.schema import entry_word as table
from qbwc_server.storage.upserts import upsert

# one after the other: many at once SQLite would look for among all words of the connector
_FORGOTTEN = delete(table).where(
    table.c.connector_id == bindparam("whose"),
    table.c.word == bindparam("old_word"),
    table.c.list_name == bindparam("old_list"),
    table.c.list_id == bindparam("old_id"),
)


def revise(
    conn: Connection, connector_id: int, changed: Iterable[tuple[ListEntry | None, ListEntry]]
) -> None:
    """Let entries of a list be found by what they are called now.

    Args:
        changed: each as it was (None: it is new) and as it is.
    """
    gone: list[dict[str, Any]] = []
    words: list[str] = []
    list_ids: list[str] = []
    for before, after in changed:
        if before is not None and before.full_name == after.full_name:
            continue
        more = words_of_entry(fold(after.full_name))
        if before is not None:
            former = words_of_entry(fold(before.full_name))
            its = {"whose": connector_id, "old_list": after.list_name, "old_id": after.list_id}
            gone += [{**its, "old_word": word} for word in former - more]
            more -= former
        words += more
        list_ids += [after.list_id] * len(more)
    if gone:
        conn.execute(_FORGOTTEN, gone)
    if words:
        columns: dict[str, Sequence[Any]] = {
            "connector_id": [connector_id] * len(words),
            "word": words,
            "list_name": [after.list_name.value] * len(words),
            "list_id": list_ids,
        }
        write_many(conn, _adding(conn.dialect.name), columns)


@lru_cache
def _adding(dialect: str) -> Any:
    return upsert(table, dialect).on_conflict_do_nothing()
