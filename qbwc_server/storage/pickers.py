"""Entries of the list cache as somebody types: those that begin with a text by index, then those that hold it."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Row, Select, and_, func, or_, select

from qbwc_server.domain.kinds import ListName
from qbwc_server.domain.matching import ListEntry, fold

from .schema import list_email
from .schema import list_entry as table

_COLUMNS = tuple(table.c[name] for name in ListEntry._fields)
_BEHIND_ALL = "\U0010ffff"
"""The character behind every other one: what begins with a text lies between the text and the text with it."""


def picked(
    conn: Connection, connector_id: int, list_name: ListName, text: str, *, limit: int
) -> list[ListEntry]:
    """The living entries that begin with a text (by name, email, part number, bar code, account number or ListID), by
    name, then those that hold it somewhere; what is active first. Only for the latter is the list read."""
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
    living = select(*_COLUMNS).where(
        table.c.connector_id == connector_id,
        table.c.list_name == list_name,
        table.c.is_deleted.is_(False),
    )
    living = living.order_by(table.c.is_active.desc(), table.c.name_key)
    yield living.where(table.c.list_id == verbatim)
    if list_name is ListName.ITEM:
        yield living.where(_begins(dialect, table.c.sku_key, text))
    yield living.where(_begins(dialect, table.c.name_key, text))
    for column in (table.c.own_name_key, table.c.barcode_key) if list_name is ListName.ITEM else ():
        yield living.where(_begins(dialect, column, text))
    if list_name in (ListName.CUSTOMER, ListName.VENDOR):
        yield living.where(table.c.list_id.in_(_with_email(dialect, connector_id, list_name, text)))
        yield living.where(_begins(dialect, table.c.account_number_key, text))
    columns = (table.c.name_key, table.c.sku_key, func.lower(table.c.email))
    yield living.where(or_(*(column.contains(text, autoescape=True) for column in columns)))


def _begins(dialect: str, column: Column[Any], text: str) -> ColumnElement[bool]:
    if dialect != "sqlite":  # whose order is that of the characters; others have the order of a language
        return column.startswith(text, autoescape=True)
    return and_(column >= text, column < text + _BEHIND_ALL)


def _with_email(dialect: str, connector_id: int, list_name: ListName, text: str) -> Select[Any]:
    return select(list_email.c.list_id).where(
        list_email.c.connector_id == connector_id,
        list_email.c.list_name == list_name,
        _begins(dialect, list_email.c.email_key, text),
    )


def _value(row: Row[Any]) -> ListEntry:
    values = tuple(row)
    return ListEntry(ListName(values[0]), *values[1:])
