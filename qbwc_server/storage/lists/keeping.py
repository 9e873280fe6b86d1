"""Entries kept as QuickBooks tells of them: new, changed, renamed, gone."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from itertools import starmap
from typing import Any

from sqlalchemy import (
    Connection,
    Insert,
    bindparam,
    delete,
    insert,
    select,
    update,
)

from qbwc_server.domain.amounts import cents_in
from qbwc_server.domain.kinds import ListName
from qbwc_server.domain.matching import ListEntry, email_keys, fold
from qbwc_server.storage import entry_words, memory
from qbwc_server.storage.bulk import among, for_driver, write_many
from qbwc_server.storage.lists.loads import count_more
from qbwc_server.storage.lists.looking_up import read_by_ids
from qbwc_server.storage.lists.rows import COLUMNS, REMEMBERED, every_one, these, value
from qbwc_server.storage.schema import entry_word, list_email, list_load
from qbwc_server.storage.schema import list_entry as table
from qbwc_server.storage.upserts import upsert


def store(
    conn: Connection,
    connector_id: int,
    entries: Sequence[ListEntry],
    *,
    load: int | None,
    told_at: datetime | None = None,
) -> list[tuple[ListEntry | None, ListEntry]]:
    """Write entries as QuickBooks has just told them.

    Args:
        load: the number of the load that saw them; None for an answer to a write, which leaves that as it is.
        told_at: when QuickBooks told them; kept of customers and vendors.

    Returns:
        The entries that are new or different, each with what was known of it before (None: nothing).
    """
    if not entries:
        return []
    list_name = entries[0].list_name
    told_at = told_at if list_name in (ListName.CUSTOMER, ListName.VENDOR) else None
    # of what is told twice the last counts
    entries = list({entry.list_id: entry for entry in entries}.values())
    before = {
        entry.list_id: entry
        # not to be remembered: a list may have a hundred thousand
        for entry in read_by_ids(conn, connector_id, list_name, [e.list_id for e in entries])
    }
    changed, shown_anew = _news(before, entries)
    if load is not None and before:
        _mark_seen(conn, connector_id, list_name, before, load, told_at)
    if changed or shown_anew:
        memory.forget(conn, REMEMBERED)
        _upsert(conn, connector_id, [*(entry for _, entry in changed), *shown_anew], load, told_at)
    if changed:
        _store_emails(conn, connector_id, changed)
        entry_words.revise(conn, connector_id, changed)
        count_more(conn, connector_id, list_name, sum(starmap(_more_living, changed)))
        for known, entry in changed.copy():
            if known is not None and known.full_name != entry.full_name:
                changed += _rename_below(conn, connector_id, known, entry.full_name)
    return changed


def _news(
    before: Mapping[str, ListEntry], entries: Iterable[ListEntry]
) -> tuple[list[tuple[ListEntry | None, ListEntry]], list[ListEntry]]:
    """Those that are new or different, each with what was known of it; and those of which only what people are shown
    is different: nothing waits for that."""
    changed, shown_anew = [], []
    for entry in entries:
        known = before.get(entry.list_id)
        if known is None or known != entry:
            changed.append((known, entry))
        elif known.shown != entry.shown:
            shown_anew.append(entry._replace(sides=known.sides))
    return changed, shown_anew


def _more_living(before: ListEntry | None, after: ListEntry) -> int:
    return (not after.is_deleted) - (before is not None and not before.is_deleted)


def _rename_below(
    conn: Connection, connector_id: int, parent: ListEntry, full_name: str
) -> list[tuple[ListEntry, ListEntry]]:
    """What stands below a renamed entry is called by the new name at once; no change of its own may show it."""
    query = select(*COLUMNS).where(
        these(connector_id, parent.list_name),
        table.c.name_key.startswith(f"{fold(parent.full_name)}:", autoescape=True),
    )
    renamed = []
    for entry in every_one(conn, query):
        after = entry._replace(full_name=full_name + entry.full_name[len(parent.full_name) :])
        conn.execute(
            update(table)
            .where(these(connector_id, entry.list_name), table.c.list_id == entry.list_id)
            .values(full_name=after.full_name, name_key=fold(after.full_name))
        )
        renamed.append((entry, after))
    entry_words.revise(conn, connector_id, renamed)
    return renamed


def _mark_seen(
    conn: Connection,
    connector_id: int,
    list_name: ListName,
    list_ids: Iterable[str],
    load: int,
    told_at: datetime | None,
) -> None:
    values: dict[str, Any] = {"seen_in_load": load}
    if told_at is not None:
        values["told_at"] = told_at
    conn.execute(
        update(table)
        .where(these(connector_id, list_name), among(conn, table.c.list_id, list_ids))
        .values(values)
    )


def _upsert(
    conn: Connection,
    connector_id: int,
    entries: Sequence[ListEntry],
    load: int | None,
    told_at: datetime | None,
) -> None:
    columns: dict[str, Sequence[Any]] = dict(zip(ListEntry._fields, zip(*entries, strict=True), strict=True))
    names = columns["full_name"]
    same: dict[str, Any] = {
        "connector_id": connector_id,
        "list_name": entries[0].list_name.value,
        "told_at": for_driver(conn, table.c.told_at, told_at),
        "seen_in_load": load or 0,
    }
    columns |= {name: [each] * len(entries) for name, each in same.items()}
    columns["name_key"] = list(map(fold, names))
    if entries[0].list_name is ListName.ITEM:
        own_names = ((name, name.rpartition(":")[2]) for name in names)
        columns["own_name_key"] = [
            key if own == name else fold(own)
            for key, (name, own) in zip(columns["name_key"], own_names, strict=True)
        ]
    for name in ("sku", "account_number", "barcode"):
        columns[f"{name}_key"] = [fold(each) if each else None for each in columns[name]]
    columns["balance"] = [None if each is None else cents_in(each) for each in columns["balance"]]
    write_many(conn, _upserting(conn.dialect.name, keeps_seen=load is None), columns)


@lru_cache
def _upserting(dialect: str, *, keeps_seen: bool) -> Insert:
    query = upsert(table, dialect)
    keys = {"connector_id", "list_name", "list_id"} | ({"seen_in_load"} if keeps_seen else set())
    made: Insert = query.on_conflict_do_update(
        index_elements=[table.c.connector_id, table.c.list_name, table.c.list_id],
        set_={column.name: query.excluded[column.name] for column in table.c if column.name not in keys},
    )
    return made


_NEW_EMAIL = insert(list_email)


def _store_emails(
    conn: Connection, connector_id: int, changed: Sequence[tuple[ListEntry | None, ListEntry]]
) -> None:
    list_name = changed[0][1].list_name
    had = [before.list_id for before, _ in changed if before is not None and before.email]
    if had:
        conn.execute(
            delete(list_email).where(
                list_email.c.connector_id == connector_id,
                list_email.c.list_name == list_name,
                among(conn, list_email.c.list_id, had),
            )
        )
    found = [(key, entry.list_id) for _, entry in changed for key in email_keys(entry.email)]
    if found:
        same = {"connector_id": connector_id, "list_name": list_name.value}
        columns: dict[str, Sequence[Any]] = {name: [each] * len(found) for name, each in same.items()}
        columns["email_key"], columns["list_id"] = zip(*found, strict=True)
        write_many(conn, _NEW_EMAIL, columns)


def note_sides(conn: Connection, connector_id: int, sides: Mapping[str, str]) -> None:
    """Keep how items are used in QuickBooks, by their ListIDs, until a load shows that they were changed."""
    if not sides:
        return
    memory.forget(conn, REMEMBERED)
    rows = [{"connector": connector_id, "which": list_id, "sides": each} for list_id, each in sides.items()]
    conn.execute(_NOTE_SIDES, rows)


_NOTE_SIDES = update(table).where(
    table.c.connector_id == bindparam("connector"),
    table.c.list_name == ListName.ITEM,
    table.c.list_id == bindparam("which"),
)


def mark_deleted(
    conn: Connection, connector_id: int, list_name: ListName, list_ids: Sequence[str]
) -> list[ListEntry]:
    """Note that QuickBooks deleted these; returns those we knew as living."""
    memory.forget(conn, REMEMBERED)
    query = (
        update(table)
        .where(
            these(connector_id, list_name),
            among(conn, table.c.list_id, list_ids),
            table.c.is_deleted.is_(False),
        )
        .values(is_deleted=True)
    )
    gone = [value(row) for row in conn.execute(query.returning(*COLUMNS))]
    count_more(conn, connector_id, list_name, -len(gone))
    return gone


def sweep(conn: Connection, connector_id: int, list_name: ListName, load: int) -> list[ListEntry]:
    """Mark as deleted what a full load did not see; returns those."""
    which = {"connector": connector_id, "which": list_name, "load": load}
    gone = [value(row) for row in conn.execute(_SWEEP, which)]
    if gone:
        memory.forget(conn, REMEMBERED)
    count_more(conn, connector_id, list_name, -len(gone))
    return gone


_SWEEP = (
    update(table)
    .where(
        table.c.connector_id == bindparam("connector"),
        table.c.list_name == bindparam("which"),
        table.c.seen_in_load != bindparam("load"),
        table.c.is_deleted.is_(False),
    )
    .values(is_deleted=True)
    .returning(*COLUMNS)
)


def forget(conn: Connection, connector_id: int) -> None:
    """Empty the cache of a connector, as if no list had ever been loaded."""
    memory.forget(conn, REMEMBERED)
    for rows in (table, list_email, entry_word, list_load):
        conn.execute(delete(rows).where(rows.c.connector_id == connector_id))
