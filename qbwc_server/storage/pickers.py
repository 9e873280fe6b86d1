"""Entries of the list cache as people look for them: those that begin with a text by index, and those that hold it."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Integer,
    Row,
    Select,
    and_,
    case,
    literal_column,
    or_,
    select,
)

from qbwc_server.domain.kinds import ListName
from qbwc_server.domain.matching import ListEntry, fold
from qbwc_server.storage.schema import list_email
from qbwc_server.storage.schema import list_entry as table

_COLUMNS = tuple(table.c[name] for name in ListEntry._fields)
_BEHIND_ALL = "\U0010ffff"
"""The character behind every other one: what begins with a text lies between the text and the text with it."""


def picked(
    conn: Connection, connector_id: int, list_name: ListName, text: str, *, limit: int
) -> list[ListEntry]:
    """The living entries that begin with a text (by name, email, part number, bar code, account number or ListID), by
    name, then those that hold it in their name, part number or email; what is active first. Only for the latter all of
    the list is looked through."""
    found: dict[str, ListEntry] = {}
    for query in _queries(conn.dialect.name, connector_id, list_name, fold(text), text.strip()):
        left = limit - len(found)
        if left <= 0:
            break
        # what was found before may be found again
        for row in conn.execute(query.limit(limit)):
            entry = _value(row)
            found.setdefault(entry.list_id, entry)
    return list(found.values())[:limit]


def _queries(
    dialect: str, connector_id: int, list_name: ListName, text: str, verbatim: str
) -> Iterator[Select[Any]]:
    ordered = select(*_COLUMNS).where(table.c.is_deleted.is_(False))
    ordered = ordered.order_by(table.c.is_active.desc(), table.c.name_key)
    living = ordered.where(table.c.connector_id == connector_id, table.c.list_name == list_name)
    yield living.where(table.c.list_id == verbatim)
    if list_name is ListName.ITEM:
        yield living.where(_begins(dialect, table.c.sku_key, text))
    yield living.where(_begins(dialect, table.c.name_key, text))
    for column in (table.c.own_name_key, table.c.barcode_key) if list_name is ListName.ITEM else ():
        yield living.where(_begins(dialect, column, text))
    if list_name in (ListName.CUSTOMER, ListName.VENDOR):
        begins = _begins(dialect, list_email.c.email_key, text)
        yield living.where(table.c.list_id.in_(_with_email(connector_id, list_name, begins)))
        yield living.where(_begins(dialect, table.c.account_number_key, text))
    for column in (table.c.name_key, table.c.sku_key) if list_name is ListName.ITEM else (table.c.name_key,):
        yield ordered.where(_holds(dialect, connector_id, list_name, column, text))
    yield living.where(_email_holds(connector_id, list_name, text))


def holding(
    conn: Connection, connector_id: int, list_name: ListName, text: str, *, limit: int
) -> list[ListEntry]:
    """The entries that hold a text in their name, email, SKU, bar code or account number, or have it as ListID: those
    that begin with it first, those that are gone last. All of the list is looked through."""
    folded = fold(text)
    columns = [table.c.name_key, table.c.account_number_key]
    columns += [table.c.sku_key, table.c.barcode_key] if list_name is ListName.ITEM else []
    ways = [_holds(conn.dialect.name, connector_id, list_name, column, folded) for column in columns]
    mine = (table.c.connector_id == connector_id, table.c.list_name == list_name)
    ways += [
        and_(*mine, table.c.list_id.in_([text.strip(), text.strip().upper()])),
        and_(*mine, _email_holds(connector_id, list_name, folded)),
    ]
    begins = case((table.c.name_key.startswith(folded, autoescape=True), 0), else_=1)
    query = select(*_COLUMNS).where(or_(*ways))
    query = query.order_by(table.c.is_deleted, table.c.is_active.desc(), begins, table.c.name_key)
    return [_value(row) for row in conn.execute(query.limit(limit))]


def _holds(
    dialect: str, connector_id: int, list_name: ListName, column: Column[Any], text: str
) -> ColumnElement[bool]:
    """Whether an entry of a list holds a text in a column; told by its index on SQLite, which would else read the rows
    of the whole list, which are ten times as long."""
    if dialect != "sqlite":
        holds = column.contains(text, autoescape=True)
        return and_(table.c.connector_id == connector_id, table.c.list_name == list_name, holds)
    same = table.alias("same")
    found = select(literal_column("same.rowid", Integer)).where(
        same.c.connector_id == connector_id,
        same.c[column.name].contains(text, autoescape=True),
        same.c[column.name].is_not(None),
    )
    if column.name in ("name_key", "account_number_key"):  # only items have any of the others
        found = found.where(same.c.list_name == list_name)
    return literal_column("list_entry.rowid", Integer).in_(found)


def _begins(dialect: str, column: Column[Any], text: str) -> ColumnElement[bool]:
    if dialect != "sqlite":  # whose order is that of the characters; others have the order of a language
        return column.startswith(text, autoescape=True)
    return and_(column >= text, column < text + _BEHIND_ALL)


def _email_holds(connector_id: int, list_name: ListName, text: str) -> ColumnElement[bool]:
    holds = list_email.c.email_key.contains(text, autoescape=True)
    return table.c.list_id.in_(_with_email(connector_id, list_name, holds))


def _with_email(connector_id: int, list_name: ListName, is_it: ColumnElement[bool]) -> Select[Any]:
    return select(list_email.c.list_id).where(
        list_email.c.connector_id == connector_id,
        list_email.c.list_name == list_name,
        is_it,
    )


def _value(row: Row[Any]) -> ListEntry:
    values = tuple(row)
    return ListEntry(ListName(values[0]), *values[1:])
