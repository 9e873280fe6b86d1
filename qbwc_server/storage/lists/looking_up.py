"""Entries by what records and references name them by."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from operator import attrgetter
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Select,
    and_,
    bindparam,
    literal_column,
    select,
    union_all,
)

from qbwc_server.domain.kinds import ListName
from qbwc_server.domain.matching import EntryField, ListEntry, fold, spelt_so
from qbwc_server.storage import memory
from qbwc_server.storage.bulk import among, listed, one_of
from qbwc_server.storage.lists.rows import COLUMNS, REMEMBERED, these
from qbwc_server.storage.prepared import Prepared
from qbwc_server.storage.schema import list_email
from qbwc_server.storage.schema import list_entry as table

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
    for number, key, *values in query.rows(conn, {"connector_id": connector_id, **keys}):
        question = questions[number]
        found[question].append((key, ListEntry(question[0], *values[1:])))
    for items in found.values():
        items.sort(key=lambda item: item[1].list_id)
    return found


@lru_cache(maxsize=256)
def _looking_up(dialect: str, questions: Sequence[Question]) -> Prepared:
    parts = [_part(dialect, number, *question) for number, question in enumerate(questions)]
    return Prepared(union_all(*parts) if len(parts) > 1 else parts[0])


def _part(dialect: str, number: int, list_name: ListName, by: EntryField) -> Select[Any]:
    column = list_email.c.email_key if by == "email" else _KEY_COLUMNS[by]
    query = select(literal_column(str(number)), column, *COLUMNS).where(
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
    query = select(list_email.c.email_key, *COLUMNS).join(
        list_email,
        and_(
            list_email.c.connector_id == table.c.connector_id,
            list_email.c.list_name == table.c.list_name,
            list_email.c.list_id == table.c.list_id,
        ),
    )
    query = query.where(these(connector_id, list_name), list_email.c.email_key.in_(found))
    return _in_order(conn, query, found)


def _in_order(
    conn: Connection, query: Select[Any], found: dict[str, list[ListEntry]]
) -> dict[str, list[ListEntry]]:
    """What is found by each of these, by ListID. Asked for in that order, SQLite would go through the whole list in the
    index that has it, instead of looking up a few and sorting them."""
    for key, *values in conn.execute(query):
        found[key].append(ListEntry(ListName(values[0]), *values[1:]))
    for entries in found.values():
        entries.sort(key=_BY_LIST_ID)
    return found


_BY_LIST_ID = attrgetter("list_id")


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
    if not keys:
        return {}
    query = select(column, *COLUMNS).where(these(connector_id, list_name), among(conn, column, keys))
    return _in_order(conn, query, {key: [] for key in keys})


def by_name(conn: Connection, connector_id: int, list_name: ListName, full_name: str) -> list[ListEntry]:
    """Entries with this FullName, in any case (deleted ones may share a living one's name).

    One that differs only in the form of its dashes, quotes and blanks is found where none is spelt so.
    """
    return spelt_so(by_names(conn, connector_id, list_name, [full_name])[fold(full_name)], full_name)


def names(conn: Connection, connector_id: int, list_name: ListName, *, limit: int) -> list[tuple[str, str]]:
    """The FullNames of the active entries of a list, in the order of the alphabet, and what each is."""
    query = select(table.c.full_name, table.c.type).where(
        these(connector_id, list_name), table.c.is_deleted.is_(False), table.c.is_active.is_(True)
    )
    return [(name, kind) for name, kind in conn.execute(query.order_by(table.c.name_key).limit(limit))]


def by_ids(
    conn: Connection, connector_id: int, list_name: ListName, list_ids: Iterable[str]
) -> list[ListEntry]:
    """Entries with these ListIDs."""
    wanted = tuple(list_ids)
    return memory.recall(
        conn,
        REMEMBERED,
        ("id", connector_id, list_name, wanted),
        lambda: read_by_ids(conn, connector_id, list_name, wanted),
    )


def read_by_ids(
    conn: Connection, connector_id: int, list_name: ListName, list_ids: Sequence[str]
) -> list[ListEntry]:
    """The entries with these ListIDs, read anew."""
    given = {"connector_id": connector_id, "list_name": list_name.value, "list_ids": listed(conn, list_ids)}
    return [ListEntry(list_name, *values) for values in _by_ids(conn.dialect.name).rows(conn, given)]


@lru_cache
def _by_ids(dialect: str) -> Prepared:
    query = select(*COLUMNS[1:]).where(
        table.c.connector_id == bindparam("connector_id"),
        table.c.list_name == bindparam("list_name"),
        one_of(dialect, table.c.list_id, "list_ids"),
    )
    return Prepared(query.order_by(table.c.list_id))
