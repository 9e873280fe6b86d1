"""Rows of the list cache: our copy of QuickBooks' lists, and how far loading each of them has come."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import fields, replace
from functools import lru_cache
from itertools import starmap
from typing import Any, Unpack

from sqlalchemy import (
    Column,
    CompoundSelect,
    Connection,
    Insert,
    Row,
    Select,
    and_,
    bindparam,
    delete,
    func,
    insert,
    literal,
    select,
    union_all,
    update,
)

from qbwc_server.domain.kinds import ListName
from qbwc_server.domain.lists import ListLoad
from qbwc_server.domain.matching import EntryField, ListEntry, email_keys, fold, spelt_so

from . import memory
from .bulk import among, among_ids, listed, one_of, write_many
from .columns import LoadColumns
from .schema import list_email, list_load
from .schema import list_entry as table
from .upserts import upsert

REMEMBERED = "lists"
"""What the look-ups here depend on, for `memory`."""

_COLUMNS = tuple(table.c[field.name] for field in fields(ListEntry))
"""What an entry is made of, in its own order."""


def _value(row: Row[Any]) -> ListEntry:
    values = tuple(row)
    return ListEntry(ListName(values[0]), *values[1:])


# --- entries ------------------------------------------------------------------------------------------------


def store(
    conn: Connection, connector_id: int, entries: Sequence[ListEntry], *, load: int | None
) -> list[tuple[ListEntry | None, ListEntry]]:
    """Write entries as QuickBooks has just told them.

    Args:
        load: the number of the load that saw them; None for an answer to a write, which leaves that as it is.

    Returns:
        The entries that are new or different, each with what was known of it before (None: nothing).
    """
    if not entries:
        return []
    # of what is told twice the last counts
    entries = list({entry.list_id: entry for entry in entries}.values())
    before = {
        entry.list_id: entry
        # not to be remembered: a list may have a hundred thousand
        for entry in _by_ids(conn, connector_id, entries[0].list_name, [e.list_id for e in entries])
    }
    changed = [(before.get(entry.list_id), entry) for entry in entries if before.get(entry.list_id) != entry]
    if load is not None and before:
        _mark_seen(conn, connector_id, entries[0].list_name, before, load)
    if changed:
        memory.forget(conn, REMEMBERED)
        _upsert(conn, connector_id, [entry for _, entry in changed], load)
        _store_emails(conn, connector_id, changed)
        _count(conn, connector_id, entries[0].list_name, sum(starmap(_more_living, changed)))
        for known, entry in changed.copy():
            if known is not None and known.full_name != entry.full_name:
                changed += _rename_below(conn, connector_id, known, entry.full_name)
    return changed


def _more_living(before: ListEntry | None, after: ListEntry) -> int:
    return (not after.is_deleted) - (before is not None and not before.is_deleted)


def _count(conn: Connection, connector_id: int, list_name: ListName, more: int) -> None:
    """Keep how many living entries a list has."""
    if not more:
        return
    these = and_(list_load.c.connector_id == connector_id, list_load.c.list_name == list_name)
    if not conn.execute(update(list_load).where(these).values(entries=list_load.c.entries + more)).rowcount:
        change_load(conn, connector_id, list_name, entries=more)


def _rename_below(
    conn: Connection, connector_id: int, parent: ListEntry, full_name: str
) -> list[tuple[ListEntry, ListEntry]]:
    """What stands below a renamed entry is called by the new name at once; no change of its own may show it."""
    query = select(*_COLUMNS).where(
        _these(connector_id, parent.list_name),
        table.c.name_key.startswith(f"{fold(parent.full_name)}:", autoescape=True),
    )
    renamed = []
    for entry in _all(conn, query):
        after = replace(entry, full_name=full_name + entry.full_name[len(parent.full_name) :])
        conn.execute(
            update(table)
            .where(_these(connector_id, entry.list_name), table.c.list_id == entry.list_id)
            .values(full_name=after.full_name, name_key=fold(after.full_name))
        )
        renamed.append((entry, after))
    return renamed


def _mark_seen(
    conn: Connection, connector_id: int, list_name: ListName, list_ids: Iterable[str], load: int
) -> None:
    conn.execute(
        update(table)
        .where(_these(connector_id, list_name), among(conn, table.c.list_id, list_ids))
        .values(seen_in_load=load)
    )


def _upsert(conn: Connection, connector_id: int, entries: Sequence[ListEntry], load: int | None) -> None:
    rows = [_row(connector_id, entry, load or 0) for entry in entries]
    write_many(conn, _upserting(conn.dialect.name, keeps_seen=load is None), rows)


def _row(connector_id: int, entry: ListEntry, seen_in_load: int) -> tuple[Any, ...]:
    name_key, own_name_key = fold(entry.full_name), None
    if entry.list_name is ListName.ITEM:
        own_name_key = name_key if ":" not in entry.full_name else fold(entry.own_name)
    return (
        connector_id,
        entry.list_name.value,
        entry.list_id,
        entry.type,
        entry.full_name,
        name_key,
        entry.is_active,
        entry.is_deleted,
        entry.email,
        entry.sku,
        fold(entry.sku) if entry.sku else None,
        entry.edit_sequence,
        entry.external_guid,
        entry.terms,
        entry.account_number,
        fold(entry.account_number) if entry.account_number else None,
        entry.barcode,
        fold(entry.barcode) if entry.barcode else None,
        own_name_key,
        entry.sides,
        seen_in_load,
    )


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
    rows = [
        (connector_id, list_name.value, key, entry.list_id)
        for _, entry in changed
        for key in email_keys(entry.email)
    ]
    if rows:
        write_many(conn, _NEW_EMAIL, rows)


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
            _these(connector_id, list_name),
            among(conn, table.c.list_id, list_ids),
            table.c.is_deleted.is_(False),
        )
        .values(is_deleted=True)
    )
    gone = [_value(row) for row in conn.execute(query.returning(*_COLUMNS))]
    _count(conn, connector_id, list_name, -len(gone))
    return gone


def sweep(conn: Connection, connector_id: int, list_name: ListName, load: int) -> list[ListEntry]:
    """Mark as deleted what a full load did not see; returns those."""
    memory.forget(conn, REMEMBERED)
    query = (
        update(table)
        .where(_these(connector_id, list_name), table.c.seen_in_load != load, table.c.is_deleted.is_(False))
        .values(is_deleted=True)
    )
    gone = [_value(row) for row in conn.execute(query.returning(*_COLUMNS))]
    _count(conn, connector_id, list_name, -len(gone))
    return gone


def forget(conn: Connection, connector_id: int) -> None:
    """Empty the cache of a connector, as if no list had ever been loaded."""
    memory.forget(conn, REMEMBERED)
    for rows in (table, list_email, list_load):
        conn.execute(delete(rows).where(rows.c.connector_id == connector_id))


def _these(connector_id: int, list_name: ListName) -> Any:
    return and_(table.c.connector_id == connector_id, table.c.list_name == list_name)


# --- look-ups -----------------------------------------------------------------------------------------------


def _all(conn: Connection, query: Select[Any]) -> list[ListEntry]:
    return [_value(row) for row in conn.execute(query.order_by(table.c.list_id))]


Question = tuple[ListName, EntryField]
"""A list, and what its entries are looked up by."""


def look_up(
    conn: Connection, connector_id: int, wanted: Mapping[Question, Collection[str]]
) -> dict[Question, list[tuple[str, ListEntry]]]:
    """The entries that have these keys, each with the key it was found by, in the order of their ListIDs.

    However many questions and keys, it is one statement.
    """
    found: dict[Question, list[tuple[str, ListEntry]]] = {question: [] for question in wanted}
    if not found:
        return found
    questions = tuple(found)
    keys = {f"keys_{number}": listed(conn, wanted[question]) for number, question in enumerate(questions)}
    query = _looking_up(conn.dialect.name, questions)
    for number, key, *values in conn.execute(query, {"connector_id": connector_id, **keys}):
        found[questions[number]].append((key, ListEntry(ListName(values[0]), *values[1:])))
    for items in found.values():
        items.sort(key=lambda item: item[1].list_id)
    return found


@lru_cache(maxsize=256)
def _looking_up(dialect: str, questions: Sequence[Question]) -> CompoundSelect[Any] | Select[Any]:
    parts = [_part(dialect, number, *question) for number, question in enumerate(questions)]
    return union_all(*parts) if len(parts) > 1 else parts[0]


def _part(dialect: str, number: int, list_name: ListName, by: EntryField) -> Select[Any]:
    column = list_email.c.email_key if by == "email" else _KEY_COLUMNS[by]
    query = select(literal(number), column, *_COLUMNS).where(
        table.c.connector_id == bindparam("connector_id"),
        table.c.list_name == list_name,
        one_of(dialect, column, f"keys_{number}"),
    )
    if by != "email":
        return query
    return query.where(
        list_email.c.connector_id == table.c.connector_id,
        list_email.c.list_name == table.c.list_name,
        list_email.c.list_id == table.c.list_id,
    )


_KEY_COLUMNS = {
    "list_id": table.c.list_id,
    "full_name": table.c.name_key,
    "sku": table.c.sku_key,
    "barcode": table.c.barcode_key,
    "own_name": table.c.own_name_key,
    "account_number": table.c.account_number_key,
}


def by_email(conn: Connection, connector_id: int, list_name: ListName, email: str) -> list[ListEntry]:
    """Entries one of whose addresses is this one."""
    return by_emails(conn, connector_id, list_name, [fold(email)])[fold(email)]


def by_emails(
    conn: Connection, connector_id: int, list_name: ListName, emails: Iterable[str]
) -> dict[str, list[ListEntry]]:
    """Entries by their addresses, folded: address → entries."""
    wanted = tuple(dict.fromkeys(emails))
    return memory.recall(
        conn,
        REMEMBERED,
        ("email", connector_id, list_name, wanted),
        lambda: _by_emails(conn, connector_id, list_name, wanted),
    )


def _by_emails(
    conn: Connection, connector_id: int, list_name: ListName, emails: Sequence[str]
) -> dict[str, list[ListEntry]]:
    found: dict[str, list[ListEntry]] = {email: [] for email in emails}
    if not found:
        return found
    query = select(list_email.c.email_key, *_COLUMNS).join(
        list_email,
        and_(
            list_email.c.connector_id == table.c.connector_id,
            list_email.c.list_name == table.c.list_name,
            list_email.c.list_id == table.c.list_id,
        ),
    )
    query = query.where(_these(connector_id, list_name), list_email.c.email_key.in_(found))
    for email, *values in conn.execute(query.order_by(table.c.list_id)):
        found[email].append(ListEntry(ListName(values[0]), *values[1:]))
    return found


def by_sku(conn: Connection, connector_id: int, sku: str) -> list[ListEntry]:
    """Items whose ManufacturerPartNumber is this SKU, in any case."""
    return by_skus(conn, connector_id, [sku])[fold(sku)]


def by_skus(conn: Connection, connector_id: int, skus: Iterable[str]) -> dict[str, list[ListEntry]]:
    """Items by their ManufacturerPartNumber, in any case: folded SKU → items."""
    return _by_key(conn, connector_id, ListName.ITEM, table.c.sku_key, skus)


def by_barcodes(conn: Connection, connector_id: int, barcodes: Iterable[str]) -> dict[str, list[ListEntry]]:
    """Items by their BarCodeValue, in any case: folded bar code → items."""
    return _by_key(conn, connector_id, ListName.ITEM, table.c.barcode_key, barcodes)


def by_own_names(conn: Connection, connector_id: int, names: Iterable[str]) -> dict[str, list[ListEntry]]:
    """Items by their Name, below whatever parent, in any case: folded name → items."""
    return _by_key(conn, connector_id, ListName.ITEM, table.c.own_name_key, names)


def by_names(
    conn: Connection, connector_id: int, list_name: ListName, full_names: Iterable[str]
) -> dict[str, list[ListEntry]]:
    """Entries by their FullName, in any case: folded name → entries (a deleted one may share a living one's)."""
    return _by_key(conn, connector_id, list_name, table.c.name_key, full_names)


def by_account_numbers(
    conn: Connection, connector_id: int, list_name: ListName, numbers: Iterable[str]
) -> dict[str, list[ListEntry]]:
    """Customers or vendors by their AccountNumber, in any case: folded number → entries."""
    return _by_key(conn, connector_id, list_name, table.c.account_number_key, numbers)


def _by_key(
    conn: Connection, connector_id: int, list_name: ListName, column: Column[Any], texts: Iterable[str]
) -> dict[str, list[ListEntry]]:
    """Entries by a folded column: each text that was asked for, folded → entries, perhaps none."""
    keys = tuple(dict.fromkeys(map(fold, texts)))
    return memory.recall(
        conn,
        REMEMBERED,
        (column.name, connector_id, list_name, keys),
        lambda: _read_by_key(conn, connector_id, list_name, column, keys),
    )


def _read_by_key(
    conn: Connection, connector_id: int, list_name: ListName, column: Column[Any], keys: Sequence[str]
) -> dict[str, list[ListEntry]]:
    found: dict[str, list[ListEntry]] = {key: [] for key in keys}
    if found:
        query = select(column, *_COLUMNS).where(_these(connector_id, list_name), among(conn, column, found))
        for key, *values in conn.execute(query.order_by(table.c.list_id)):
            found[key].append(ListEntry(ListName(values[0]), *values[1:]))
    return found


def by_name(conn: Connection, connector_id: int, list_name: ListName, full_name: str) -> list[ListEntry]:
    """Entries with this FullName, in any case (deleted ones may share a living one's name).

    One that differs only in the form of its dashes, quotes and blanks is found where none is spelt so.
    """
    return spelt_so(by_names(conn, connector_id, list_name, [full_name])[fold(full_name)], full_name)


def page(
    conn: Connection, connector_id: int, list_name: ListName, *, after: str = "", limit: int = 100
) -> list[ListEntry]:
    """The living entries of a list behind a ListID, by ListID."""
    query = select(*_COLUMNS).where(_these(connector_id, list_name), table.c.is_deleted.is_(False))
    return _all(conn, query.where(table.c.list_id > after).limit(limit))


def search(
    conn: Connection, connector_id: int, list_name: ListName, text: str, *, limit: int
) -> list[ListEntry]:
    """The living entries whose FullName contains a text, by name. It reads the whole list: for people only."""
    query = select(*_COLUMNS).where(
        _these(connector_id, list_name),
        table.c.is_deleted.is_(False),
        table.c.name_key.contains(fold(text), autoescape=True),
    )
    return [_value(row) for row in conn.execute(query.order_by(table.c.name_key).limit(limit))]


def names(conn: Connection, connector_id: int, list_name: ListName, *, limit: int) -> list[str]:
    """The FullNames of the active entries of a list, in the order of the alphabet."""
    query = select(table.c.full_name).where(
        _these(connector_id, list_name), table.c.is_deleted.is_(False), table.c.is_active.is_(True)
    )
    return list(conn.execute(query.order_by(table.c.name_key).limit(limit)).scalars())


def by_ids(
    conn: Connection, connector_id: int, list_name: ListName, list_ids: Iterable[str]
) -> list[ListEntry]:
    """Entries with these ListIDs."""
    wanted = tuple(list_ids)
    return memory.recall(
        conn,
        REMEMBERED,
        ("id", connector_id, list_name, wanted),
        lambda: _by_ids(conn, connector_id, list_name, wanted),
    )


def _by_ids(
    conn: Connection, connector_id: int, list_name: ListName, list_ids: Sequence[str]
) -> list[ListEntry]:
    query = select(*_COLUMNS).where(_these(connector_id, list_name))
    return _all(conn, query.where(among(conn, table.c.list_id, list_ids)))


# --- loading ------------------------------------------------------------------------------------------------


def _load(row: Row[Any]) -> ListLoad:
    values = dict(row._mapping)
    del values["connector_id"]
    values["list_name"] = ListName(values["list_name"])
    return ListLoad(**values)


def loads(conn: Connection, connector_id: int, wanted: Sequence[ListName]) -> list[ListLoad]:
    """How far the wanted lists are, in that order."""
    found = memory.recall(conn, REMEMBERED, ("loads", connector_id), lambda: every_load(conn, connector_id))
    return [found.get(name) or ListLoad.never(name) for name in wanted]


def every_load(conn: Connection, connector_id: int) -> dict[ListName, ListLoad]:
    """How far each list is that was ever asked for."""
    found = conn.execute(_EVERY_LOAD, {"connector_id": connector_id})
    return {load.list_name: load for load in map(_load, found)}


_EVERY_LOAD = select(list_load).where(list_load.c.connector_id == bindparam("connector_id"))


def all_loaded(conn: Connection, connector_id: int, wanted: Sequence[ListName]) -> bool:
    """Whether each of these lists has been loaded at least once."""
    return all(load.loaded_at is not None for load in loads(conn, connector_id, wanted))


def change_load(
    conn: Connection, connector_id: int, list_name: ListName, **values: Unpack[LoadColumns]
) -> None:
    """Set columns of a list's progress; the first time makes its row."""
    memory.forget(conn, REMEMBERED)
    changed = conn.execute(
        update(list_load)
        .where(list_load.c.connector_id == connector_id, list_load.c.list_name == list_name)
        .values(**values)
    ).rowcount
    if not changed:
        first = {"number": 0, "is_resumed": False, "changes": {}}
        conn.execute(
            insert(list_load).values(connector_id=connector_id, list_name=list_name, **{**first, **values})
        )


def count_changes(conn: Connection, connector_id: int, list_name: ListName, what: str, number: int) -> None:
    """Add to what the report on a list's last load counts."""
    (load,) = loads(conn, connector_id, (list_name,))
    change_load(
        conn, connector_id, list_name, changes={**load.changes, what: load.changes.get(what, 0) + number}
    )


def seen(conn: Connection, connector_id: int, list_name: ListName, load: int) -> int:
    """How many entries of a list a full load has seen."""
    query = select(func.count()).where(_these(connector_id, list_name), table.c.seen_in_load == load)
    return conn.execute(query).scalar_one()


def drop_iterators(conn: Connection, connector_id: int) -> None:
    """Forget iterators: they die with the session that started them."""
    conn.execute(
        update(list_load)
        .where(list_load.c.connector_id == connector_id, list_load.c.running.is_not(None))
        .values(running=None, iterator_id=None, session_id=None)
    )


def sizes(conn: Connection, connector_id: int) -> dict[ListName, int]:
    """How many living entries each list has."""
    query = select(list_load.c.list_name, list_load.c.entries).where(
        list_load.c.connector_id == connector_id, list_load.c.entries > 0
    )
    return {ListName(name): number for name, number in conn.execute(query)}


def loads_of(conn: Connection, connector_ids: Collection[int]) -> dict[int, list[ListLoad]]:
    """How far each list of each of these connectors is, in the order of the lists."""
    found: dict[int, dict[ListName, ListLoad]] = {connector_id: {} for connector_id in connector_ids}
    query = select(list_load).where(among_ids(conn, list_load.c.connector_id, connector_ids))
    for row in conn.execute(query):
        load = _load(row)
        found[row.connector_id][load.list_name] = load
    return {
        each: [of_it.get(name) or ListLoad.never(name) for name in ListName] for each, of_it in found.items()
    }


def seen_by_running(conn: Connection, connector_ids: Collection[int]) -> dict[tuple[int, ListName], int]:
    """How many entries each full load that is going on has seen."""
    query = (
        select(table.c.connector_id, table.c.list_name, func.count())
        .join(
            list_load,
            and_(
                list_load.c.connector_id == table.c.connector_id,
                list_load.c.list_name == table.c.list_name,
                list_load.c.number == table.c.seen_in_load,
            ),
        )
        .where(among_ids(conn, table.c.connector_id, connector_ids), list_load.c.running == "full")
        .group_by(table.c.connector_id, table.c.list_name)
    )
    return {(connector_id, ListName(name)): number for connector_id, name, number in conn.execute(query)}
