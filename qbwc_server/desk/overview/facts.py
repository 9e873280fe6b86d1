"""What the health of connectors is told from, read for many at once."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from qbwc_server.desk.error_views import ErrorRecord, shown
from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.kinds import ListName
from qbwc_server.domain.lists import ListLoad
from qbwc_server.domain.records import State
from qbwc_server.storage import Transaction, kept_counts, lists, sessions
from qbwc_server.storage import errors as error_rows


@dataclass(frozen=True, slots=True)
class Facts:
    """What is read of a connector."""

    connector_errors: tuple[ErrorRecord, ...]
    counts: Mapping[State, int]
    open_errors: int
    refused: int
    is_live: bool
    loads: list[ListLoad]
    seen: Mapping[ListName, int]


def facts_of(conn: Transaction, found: Sequence[Connector]) -> Iterator[tuple[Connector, Facts]]:
    """What is read of these connectors, all of them at once."""
    ids = [connector.id for connector in found]
    of_connector = error_rows.of_connectors(conn, ids)
    counts = kept_counts.of_states(conn, ids)
    open_errors = kept_counts.open_errors(conn, ids)
    live = sessions.with_live(conn, ids)
    loads = lists.loads_of(conn, ids)
    is_any_read = any(load.running == "full" for each in loads.values() for load in each)
    seen = lists.seen_by_running(conn, ids) if is_any_read else {}
    for connector in found:
        yield (
            connector,
            Facts(
                connector_errors=tuple(map(shown, of_connector[connector.id])),
                counts=counts[connector.id],
                open_errors=sum(open_errors[connector.id].values()),
                refused=kept_counts.refused(open_errors[connector.id]),
                is_live=connector.id in live,
                loads=[load for load in loads[connector.id] if load.is_wanted],
                seen={name: number for (owner, name), number in seen.items() if owner == connector.id},
            ),
        )


def brief_facts(conn: Transaction, connector: Connector) -> Facts:
    """The same of one connector, without its lists."""
    ids = [connector.id]
    open_errors = kept_counts.open_errors(conn, ids)[connector.id]
    return Facts(
        connector_errors=tuple(map(shown, error_rows.of_connectors(conn, ids)[connector.id])),
        counts=kept_counts.of_states(conn, ids)[connector.id],
        open_errors=sum(open_errors.values()),
        refused=kept_counts.refused(open_errors),
        is_live=connector.id in sessions.with_live(conn, ids),
        loads=[],
        seen={},
    )


def last_call(connector: Connector, connector_errors: tuple[ErrorRecord, ...]) -> datetime | None:
    """One with a wrong password is a call, too."""
    calls = [connector.last_seen_at, *(item.last_at for item in connector_errors)]
    return max((at for at in calls if at is not None), default=None)


def is_late(connector: Connector, facts: Facts, now: datetime) -> bool:
    """Whether the Web Connector stayed away for four of its intervals, and at least for an hour."""
    last_call_at = last_call(connector, facts.connector_errors)
    if last_call_at is None:
        return False
    patience = max(timedelta(minutes=4 * connector.settings.run_every_minutes), timedelta(hours=1))
    return last_call_at + patience < now
