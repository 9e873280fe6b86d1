"""The last thirty days of a connector as pictures."""

from collections.abc import Sequence
from datetime import datetime

from qbwc_server.desk.pictures import bars
from qbwc_server.desk.pictures.bars import sparkline
from qbwc_server.desk.pictures.shapes import Picture, Pictures, first_day, whole
from qbwc_server.desk.pictures.visits import strip
from qbwc_server.desk.pictures.words import for_long
from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.days import Day
from qbwc_server.storage import Transaction
from qbwc_server.storage import days as rows
from qbwc_server.sync.core import Core
from qbwc_server.sync.look import look

__all__ = [
    "Picture",
    "Pictures",
    "drawn",
    "first_day",
    "for_long",
    "of_connector",
    "read",
    "sparkline",
    "strip",
]


def of_connector(core: Core, name: str) -> Pictures:
    """The pictures of a connector.

    Raises:
        NotFound: there is no such connector.
    """
    with look(core, name) as (conn, connector):
        return read(core, conn, connector)


def read(core: Core, conn: Transaction, connector: Connector) -> Pictures:
    """The pictures of a connector, of the snapshot somebody looks at."""
    now = core.clock()
    return drawn(connector, rows.of(conn, [connector.id], first_day(now))[connector.id], now)


def drawn(connector: Connector, found: Sequence[Day], now: datetime) -> Pictures:
    """The pictures of a connector of which these days are known."""
    days = whole(found, now)
    return Pictures(
        strip(connector, found, now),
        bars.outcomes(days),
        bars.queue(days),
        bars.oldest(days),
        bars.pace(days),
    )
