"""The currencies of company files that have several, by their codes."""

from collections.abc import Collection

from sqlalchemy import Connection, select, tuple_

from qbwc_server.domain.kinds import ListName
from qbwc_server.domain.matching import fold

from .schema import list_entry as table

Named = tuple[int, str]
"""A connector, and QuickBooks' name for a currency."""


def codes(conn: Connection, named: Collection[Named]) -> dict[Named, str]:
    """What people call these: their codes (``EUR``), or their names where the list of currencies was not read yet."""
    if not named:
        return {}
    keys = sorted({(whose, fold(name)) for whose, name in named})
    query = select(table.c.connector_id, table.c.name_key, table.c.currency).where(
        table.c.list_name == ListName.CURRENCY,
        table.c.currency.is_not(None),
        tuple_(table.c.connector_id, table.c.name_key).in_(keys),
    )
    known = {(row.connector_id, row.name_key): row.currency for row in conn.execute(query)}
    return {(whose, name): known.get((whose, fold(name)), name) for whose, name in named}
