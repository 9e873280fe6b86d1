"""One transaction on one connector, and behind it, slice by slice, whatever it had to leave to be looked at."""

from collections.abc import Iterator
from contextlib import contextmanager

from qbwc_server.domain.connectors import Connector
from qbwc_server.storage import Transaction, connectors
from qbwc_server.sync import allowance, resolve
from qbwc_server.sync.core import Core


@contextmanager
def turn(core: Core, connector_name: str) -> Iterator[tuple[Transaction, Connector]]:
    """A transaction that holds a connector: committed when the block ends, rolled back when it raises.

    What waits for its outcome has been looked at when the block is left, however much it is: see `catch_up`. Only where
    the transaction is a host's, what is too much for one is left to the next visit of the Web Connector.

    Raises:
        NotFound: there is no such connector.
    """
    with core.database.begin() as conn:
        connector = connectors.lock_named(conn, connector_name)
        yield conn, connector
        has_left = allowance.has_left(conn)
    if has_left and core.database.ends_transactions:
        catch_up(core, connector_name)


def catch_up(core: Core, connector_name: str) -> int:
    """Look at all that is noted to be looked at, in slices between which others are let in.

    A process that dies over it loses nothing: the Web Connector's next visit goes on with it, as does whoever else
    has something to look at.

    Returns:
        How many records are no longer blocked.
    """
    released = 0
    while True:
        core.database.give_way()
        with core.database.begin() as conn:
            connector = connectors.lock(conn, connectors.by_name(conn, connector_name).id)
            released += len(resolve.take_up(conn, connector, now=core.clock()))
            if not resolve.has_noted(conn, connector):
                return released
