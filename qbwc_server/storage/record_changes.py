"""Changes of many records, written in a few statements: one for all that are changed alike, else one for all."""

from collections.abc import Collection, Hashable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, bindparam, update

from qbwc_server.domain.records import Record, State
from qbwc_server.storage import gathering
from qbwc_server.storage.bulk import listed, one_of
from qbwc_server.storage.prepared import Prepared
from qbwc_server.storage.schema import record as table


def store(conn: Connection, changes: Sequence[tuple[Record, Mapping[str, Any]]]) -> None:
    """Write changes of records, those of one together.

    Raises:
        RuntimeError: one of them has another state by now, which the connector's lock should have kept out.
    """
    was: dict[int, State] = {}
    for record, _ in changes:
        was.setdefault(record.id, record.state)
    for rows in gathering.together((record.id, values) for record, values in changes):
        _set_all(conn, [{**row, "was": was[row["which"]]} for row in rows])


def _set_all(conn: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Set the same columns of several records."""
    alike = _alike(rows)
    if len(alike) < len(rows) and len(alike) <= _FEW:
        for same in alike:
            _set_alike(conn, same)
        return
    rest = [{name: value for name, value in row.items() if name not in _OF_ITS_OWN} for row in rows]
    if len(rows) > _FEW and len(_alike(rest)) == 1:
        own = [{name: row[name] for name in row if name in _OF_ITS_OWN | {"which", "was"}} for row in rows]
        _make_sure(_CHANGE.write(conn, own), len(rows))
        _set_alike(conn, rest)
    else:
        _make_sure(_CHANGE.write(conn, rows), len(rows))


def _set_alike(conn: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Set columns of several records to the very same."""
    values = {name: value for name, value in rows[0].items() if name != "which"}
    values["those"] = listed(conn, [row["which"] for row in rows])
    _make_sure(changing(conn.dialect.name).write(conn, [values]), len(rows))


_FEW = 3
"""So many different changes are said one by one, each of all records it is for; of more each record's is."""
_OF_ITS_OWN = frozenset({"quickbooks_id", "edit_sequence", "quickbooks_name", "synced_content", "line_ids"})
"""What QuickBooks answers of each record. Where all else is alike, that is said of all at once: above all the state,
which is in most indexes and counted by triggers, and so costs a database more than the rest of a row."""


def _make_sure(changed: int, number: int) -> None:
    if changed != number:
        raise RuntimeError(f"{number - changed} of {number} records are no longer as they were")


def _alike(rows: Sequence[dict[str, Any]]) -> Collection[list[dict[str, Any]]]:
    """Rows that are set to the very same: they are one change, which a database with triggers does at once."""
    found: dict[Hashable, list[dict[str, Any]]] = {}
    names = sorted(rows[0].keys() - {"which"})
    for row in rows:
        said = [row[name] for name in names]
        if any(isinstance(value, dict) for value in said):
            found[row["which"]] = [row]
        else:
            plain = tuple(tuple(value) if isinstance(value, list) else value for value in said)
            found.setdefault(plain, []).append(row)
    return found.values()


@lru_cache
def changing(dialect: str) -> Prepared:
    """Change ``those`` records that are as they were (``was``); what it sets are the names of the values it is
    executed with."""
    query = update(table).where(one_of(dialect, table.c.id, "those"), table.c.state == bindparam("was"))
    return Prepared(query)


_CHANGE = Prepared(update(table).where(table.c.id == bindparam("which"), table.c.state == bindparam("was")))
"""What it sets are the names of the values it is executed with."""
