"""What concerns a connector as a whole: one error record a cause, from when it begins until it is gone."""

from collections.abc import Sequence
from datetime import datetime

from qbwc_server.domain.causes import Cause, QuickbooksUnreachable, WrongCompanyFile
from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.errors import QuickBooksAnswer, StoredError
from qbwc_server.domain.event_types import ConnectorHappening as Happening
from qbwc_server.domain.events import NewEvent, Reason, of_connector
from qbwc_server.domain.kinds import ListName
from qbwc_server.domain.sessions import Session
from qbwc_server.storage import Transaction, errors, events, lists

WENT_AWAY = "went away"


def happened(
    conn: Transaction,
    connector: Connector,
    cause: Cause,
    answer: QuickBooksAnswer | None = None,
    *,
    now: datetime,
    address: str | None,
) -> None:
    """Open the error record of a cause, or count once more what is open already; its begin is noted in the feed.

    Args:
        address: where the Web Connector called from.
    """
    if errors.count_again(conn, connector.id, cause, answer, now=now, address=address):
        return
    errors.open_error(conn, connector.id, None, cause, answer, now=now, address=address)
    detail = cause.name if address is None else f"{cause.name}; from {address}"
    began = Happening.QUARANTINED if isinstance(cause, WrongCompanyFile) else Happening.ERROR_BEGAN
    reason = Reason(cause, answer=answer)
    told = of_connector(connector.id, began, at=now, actor="quickbooks", detail=detail, reasons=[reason])
    events.add_all(conn, [told])


def ended(conn: Transaction, connector: Connector, cause: str, *, now: datetime) -> None:
    """The cause is gone."""
    close(
        conn,
        connector,
        errors.find(conn, connector.id, cause=cause, connector_wide=True),
        now=now,
        actor="quickbooks",
    )


def close(
    conn: Transaction,
    connector: Connector,
    found: Sequence[StoredError],
    reason: str = WENT_AWAY,
    *,
    now: datetime,
    actor: str,
) -> None:
    """Close open error records of a connector as a whole, and note their end in the feed."""
    errors.close(conn, [item.id for item in found], reason, now=now)
    events.add_all(conn, [_end_of(connector, item, reason, now, actor) for item in found])


def _end_of(connector: Connector, item: StoredError, reason: str, now: datetime, actor: str) -> NewEvent:
    is_quarantine = isinstance(item.cause, WrongCompanyFile)
    return of_connector(
        connector.id,
        Happening.QUARANTINE_ENDED if is_quarantine else Happening.ERROR_ENDED,
        at=now,
        actor=actor,
        detail=f"{item.cause.name}; {item.occurrences}; {reason}",
        reasons=[Reason.of(item)],
    )


def quickbooks_opened(conn: Transaction, connector: Connector, *, now: datetime) -> None:
    """QuickBooks could be opened: that it could not is over. What it did to a message set is told by the next one."""
    found = _unreachable(conn, connector)
    close(conn, connector, [item for item in found if not _was_reached(item)], now=now, actor="quickbooks")


def quickbooks_answered(conn: Transaction, connector: Connector, session: Session, *, now: datetime) -> None:
    """A message set was answered well: whatever was wrong before this visit is over, unless a list is refused still."""
    found = [item for item in _unreachable(conn, connector) if item.last_at < session.opened_at]
    if found and not _refuses_a_list(conn, connector):
        close(conn, connector, found, now=now, actor="quickbooks")


def _unreachable(conn: Transaction, connector: Connector) -> list[StoredError]:
    return errors.find(conn, connector.id, cause=QuickbooksUnreachable.name, connector_wide=True)


def _was_reached(item: StoredError) -> bool:
    return isinstance(item.cause, QuickbooksUnreachable) and item.cause.was_reached


def _refuses_a_list(conn: Transaction, connector: Connector) -> bool:
    loads = lists.loads(conn, connector.id, tuple(ListName))
    return any(load.is_wanted and load.list_name.is_matched and load.attempts > 0 for load in loads)
