"""The ids that error records were given within a transaction, for the events of the same transaction to name."""

from collections.abc import Iterable

from sqlalchemy import Connection, Row

from qbwc_server.domain.causes import Cause
from qbwc_server.storage.of_transactions import Kept, by_transaction

_Ids = dict[tuple[int | None, str, str], int]
_opened: Kept[_Ids] = by_transaction()
"""Transaction → record, cause and cause key → the error record that was opened last."""


def note(conn: Connection, stored: Iterable[Row[int | None, str, str, int]]) -> None:
    """These error records were stored: record, cause and cause key of each, and its id."""
    opened = _opened.setdefault(conn, {})
    for record_id, cause, cause_key, error_id in stored:
        opened[record_id, cause, cause_key] = error_id


def find(conn: Connection, record_id: int | None, cause: Cause) -> int | None:
    """The error record that was opened last for a record, or a connector as a whole, with this cause."""
    return _opened.get(conn, {}).get((record_id, cause.name, cause.key))
