"""Stocktaking: how much waits, noted hourly, so that a queue is seen to grow while no Web Connector comes."""

from qbwc_server.storage import connectors
from qbwc_server.sync import stock
from qbwc_server.sync.core import Core


def take(core: Core) -> None:
    """Note what waits of every connector where anything does, one connector a transaction."""
    with core.database.read() as conn:
        found = connectors.every(conn)
        stocks = stock.of(conn, found)
    for connector in (each for each in found if stocks[each.id].records):
        with core.database.begin() as conn:
            if connectors.is_there(conn, connector.id):
                stock.take(conn, connector, now=core.clock())
        core.database.give_way()
