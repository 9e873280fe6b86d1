"""How much waits for QuickBooks, and since when: counted now and then, for the days of a connector."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from qbwc_server.domain.connectors import Connector, kinds_to_post
from qbwc_server.storage import Transaction, days, waiting


@dataclass(frozen=True, slots=True)
class Stock:
    """What waits of a connector; not what its settings keep back.

    Attributes:
        records: queued, or uncertain.
        since: when the oldest of them last changed; None when nothing waits.
    """

    records: int = 0
    since: datetime | None = None

    def age(self, now: datetime) -> int:
        """The seconds that the oldest has waited."""
        return 0 if self.since is None else max(0, int((now - self.since).total_seconds()))


def of(conn: Transaction, connectors: Sequence[Connector]) -> Mapping[int, Stock]:
    """What waits of each of these connectors, in one statement."""
    found = waiting.oldest(conn, [connector.id for connector in connectors])
    stocks = {}
    for connector in connectors:
        posted = kinds_to_post(connector)
        mine = [(number, since) for kind, number, since in found.get(connector.id, ()) if kind in posted]
        stocks[connector.id] = Stock(
            sum(number for number, _ in mine), min((since for _, since in mine), default=None)
        )
    return stocks


def take(conn: Transaction, connector: Connector, *, now: datetime) -> None:
    """Note in the day of a connector, which the caller holds, what waits."""
    stock = of(conn, [connector])[connector.id]
    if stock.records:
        days.add(conn, connector.id, now, queue_most=stock.records, waited_most=stock.age(now))
