"""What the health of connectors is told from, read for many at once."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from qbwc_server.desk.views.error_views import ErrorRecord, shown
from qbwc_server.domain import habits
from qbwc_server.domain.causes import CONNECTOR_WIDE, RequestUncertain, WebhookDisabled
from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.days import Day
from qbwc_server.domain.lists import ListLoad
from qbwc_server.domain.records import State
from qbwc_server.storage import Transaction, days, kept_counts, lists
from qbwc_server.storage import errors as error_rows
from qbwc_server.storage.kept_counts import Kept, Word
from qbwc_server.sync import stock
from qbwc_server.sync.stock import Stock


@dataclass(frozen=True, slots=True)
class Facts:
    """What is read of a connector.

    Attributes:
        connector_errors: those about no record; what stops the connector comes first.
        words: what is open, by cause, finer word and who must act.
        days: those on which something happened, from `since` on; none where they were not asked for.
        stock: what waits; None where that was not asked for.
    """

    connector_errors: tuple[ErrorRecord, ...]
    counts: Mapping[State, int]
    words: Sequence[Word]
    open_errors: int
    refused: int
    is_live: bool
    loads: list[ListLoad]
    days: Sequence[Day]
    stock: Stock | None


def facts_of(
    conn: Transaction,
    found: Sequence[Connector],
    *,
    since: date | None = None,
    kept: Kept | None = None,
) -> Iterator[tuple[Connector, Facts]]:
    """What is read of these connectors, all of them at once.

    Args:
        since: read their days from this one on, and what waits, too.
        kept: where that was read already.
    """
    ids = [connector.id for connector in found]
    known = kept or kept_counts.of_connectors(conn, ids)
    in_trouble = [each for each in ids if is_held_up(known.words[each]) or beside(known.words[each])]
    of_connector = error_rows.of_connectors(conn, in_trouble) if in_trouble else {}
    loads = lists.loads_of(conn, ids)
    of_days = days.of(conn, ids, since) if since is not None else {}
    stocks = stock.of(conn, found) if since is not None else {}
    for connector in found:
        words = known.words[connector.id]
        yield (
            connector,
            Facts(
                connector_errors=tuple(
                    sorted(
                        map(shown, of_connector.get(connector.id, ())),
                        key=lambda item: not item.is_of_connector,
                    )
                ),
                counts=known.states[connector.id],
                words=words,
                open_errors=sum(each.number for each in words),
                refused=kept_counts.refused(kept_counts.by_cause(words)),
                is_live=connector.id in known.live,
                loads=[load for load in loads[connector.id] if load.is_wanted],
                days=of_days.get(connector.id, ()),
                stock=stocks.get(connector.id),
            ),
        )


_BESIDE = frozenset({RequestUncertain.name, WebhookDisabled.name})
"""The causes of error records that are about no record, and beside which everything goes out."""


def is_held_up(words: Iterable[Word]) -> bool:
    """Whether something is open that concerns a connector as a whole."""
    return any(each.cause in CONNECTOR_WIDE for each in words)


def beside(words: Iterable[Word]) -> int:
    """How many error records are open that somebody must see to, that are about no record, and that hold up nothing."""
    return sum(each.number for each in words if each.cause in _BESIDE)


def last_call(connector: Connector, connector_errors: tuple[ErrorRecord, ...]) -> datetime | None:
    """One with a wrong password is a call, too."""
    of_calls = (item.last_at for item in connector_errors if item.is_of_connector)
    calls = [connector.last_seen_at, *of_calls]
    return max((at for at in calls if at is not None), default=None)


def expected(last_call_at: datetime | None, every_minutes: int, habit: str | None) -> datetime | None:
    """When the Web Connector is to be expected next; None when it never called."""
    if last_call_at is None:
        return None
    return habits.next_call(last_call_at, timedelta(minutes=every_minutes), habit)


def overdue(expected_at: datetime | None, every_minutes: int, now: datetime) -> timedelta | None:
    """For how long the Web Connector has been awaited, where that is too long; else None."""
    if expected_at is None or expected_at + habits.patience(timedelta(minutes=every_minutes)) >= now:
        return None
    return now - expected_at
