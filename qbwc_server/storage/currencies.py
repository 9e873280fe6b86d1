"""The currencies of company files that have several, and in which of them documents are: that of whose they are."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, func, select

from qbwc_server.domain.in_quickbooks import KINDS
from qbwc_server.domain.kinds import ListName
from qbwc_server.domain.matching import fold
from qbwc_server.storage import memory
from qbwc_server.storage.bulk import rows_asked
from qbwc_server.storage.lists.rows import REMEMBERED
from qbwc_server.storage.schema import list_email, list_load, record
from qbwc_server.storage.schema import list_entry as table

Named = tuple[int, str]
"""A connector, and QuickBooks' name for a currency."""


def has_several(conn: Connection, connector_id: int) -> bool:
    """Whether a company file has several currencies: any other gives no list of them."""
    known = memory.known(conn, REMEMBERED, ("loads", connector_id))
    if known is not None:
        return ListName.CURRENCY in known and bool(known[ListName.CURRENCY].entries)
    query = select(list_load.c.entries).where(
        list_load.c.connector_id == connector_id, list_load.c.list_name == ListName.CURRENCY
    )
    question = ("several currencies", connector_id)
    return memory.recall(conn, REMEMBERED, question, lambda: bool(conn.execute(query).scalar()))


def codes(conn: Connection, named: Collection[Named]) -> dict[Named, str]:
    """What people call these: their codes (``EUR``), or their names where the list of currencies was not read yet."""
    if not named:
        return {}
    keys = sorted({(whose, fold(name)) for whose, name in named})
    rows, asked = rows_asked(conn, (table.c.connector_id, table.c.name_key), keys)
    query = (
        select(table.c.connector_id, table.c.name_key, table.c.currency)
        .join_from(rows, table, asked)
        .where(table.c.list_name == ListName.CURRENCY, table.c.currency.is_not(None))
    )
    known = {(row.connector_id, row.name_key): row.currency for row in conn.execute(query)}
    return {(whose, name): known.get((whose, fold(name)), name) for whose, name in named}


def of_document() -> ColumnElement[Any]:
    """QuickBooks' name for the currency of a document, beside `record`: that of its customer or vendor, whichever way
    it names them; NULL where that is not known, or could be several."""
    return case(
        *((record.c.party.startswith(f"{way}:"), found) for way, found in _of_party().items()), else_=None
    )


_OF_PARTY = case(
    *((record.c.kind == kind.value, row.party_list) for kind, row in KINDS.items() if row.party_list),
    else_="",
)


def _of_party() -> dict[str, ColumnElement[Any]]:
    entry, email, own = table.alias(), list_email.alias(), record.alias()
    is_its = and_(entry.c.connector_id == record.c.connector_id, entry.c.list_name == _OF_PARTY)
    living = and_(is_its, entry.c.is_deleted.is_(False))
    # of several only what all of them have
    found = select(
        case((func.min(entry.c.currency) == func.max(entry.c.currency), func.min(entry.c.currency)))
    )
    with_email = and_(
        email.c.connector_id == record.c.connector_id,
        email.c.list_name == _OF_PARTY,
        email.c.email_key == _behind("email"),
    )
    is_own = and_(
        own.c.connector_id == record.c.connector_id,
        own.c.kind == _OF_PARTY,
        own.c.external_id == _behind("external_id"),
    )
    queries = {
        "list_id": found.where(is_its, entry.c.list_id == _behind("list_id")),
        "full_name": found.where(living, entry.c.name_key == _behind("full_name")),
        "email": found.where(living, with_email, entry.c.list_id == email.c.list_id),
        "external_id": found.where(is_its, is_own, entry.c.list_id == own.c.quickbooks_id),
    }
    return {way: query.correlate(record).scalar_subquery() for way, query in queries.items()}


def _behind(way: str) -> ColumnElement[str]:
    """What stands behind the way in which a party is named."""
    return func.substr(record.c.party, len(way) + 2)
