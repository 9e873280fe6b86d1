"""What becomes of a request that somebody has written themselves: its states, and the event each change is."""

from collections.abc import Sequence
from datetime import datetime
from typing import Unpack

from qbwc_server.domain.causes import Cause, RequestUncertain
from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.errors import StoredError
from qbwc_server.domain.event_types import ConnectorHappening
from qbwc_server.domain.events import Reason, of_connector
from qbwc_server.domain.faults import Conflict
from qbwc_server.domain.operations import Passing, Request
from qbwc_server.domain.raw_requests import MOST_TRIES, RawRequest, RawState
from qbwc_server.storage import Transaction, errors, events
from qbwc_server.storage import raw_requests as rows
from qbwc_server.storage.columns import RawRequestColumns
from qbwc_server.sync import connector_errors

_HAPPENINGS = {
    RawState.SENT: ConnectorHappening.REQUEST_SENT,
    RawState.ANSWERED: ConnectorHappening.REQUEST_ANSWERED,
    RawState.REFUSED: ConnectorHappening.REQUEST_REFUSED,
    RawState.CANCELLED: ConnectorHappening.REQUEST_CANCELLED,
}
LOST = (
    "Its answer was lost. It may have been carried out in QuickBooks: look there, and answer its error record. It is "
    "not sent again; if it was not carried out, hand it over anew."
)
_LOST_QUERY = f"Its answer was lost {MOST_TRIES} times; it is not sent again. Ask for less, with MaxReturned."


def move(
    conn: Transaction,
    raw: RawRequest,
    state: RawState,
    *,
    now: datetime,
    actor: str,
    detail: str | None = None,
    **values: Unpack[RawRequestColumns],
) -> None:
    """Put a request into another state, and note it."""
    rows.move(conn, raw, state, now=now, **values)
    happening = _HAPPENINGS.get(state)
    if happening is not None:
        told = f"{raw.label}: {detail}" if detail else raw.label
        events.add(conn, raw.connector_id, happening, at=now, actor=actor, detail=told)


def lose_write(conn: Transaction, connector: Connector, raw: RawRequest, *, now: datetime) -> None:
    """Whether a request was carried out is not known: an error record stands until a person, or QuickBooks, says."""
    cause = RequestUncertain(raw.id, raw.name, raw.actor)
    rows.move(conn, raw, RawState.UNCERTAIN, now=now, problem=LOST)
    errors.open_error(conn, connector.id, None, cause, now=now)
    happening = ConnectorHappening.REQUEST_UNCERTAIN
    told = of_connector(
        connector.id, happening, at=now, actor="server", detail=raw.label, reasons=[Reason(cause)]
    )
    events.add_all(conn, [told])


def settle(
    conn: Transaction, connector: Connector, cause: Cause, *, was_done: bool, now: datetime, actor: str
) -> None:
    """A person has seen in QuickBooks whether a request was carried out whose answer was lost.

    Raises:
        Conflict: there is no such request any more.
    """
    raw = rows.get(conn, connector.id, cause.request_id) if isinstance(cause, RequestUncertain) else None
    if raw is None:
        raise Conflict("there is no such request any more")
    found = "it was carried out" if was_done else "it was not carried out"
    told = f"Its answer was lost; {actor} saw in QuickBooks that {found}."
    state = RawState.ANSWERED if was_done else RawState.REFUSED
    move(conn, raw, state, now=now, actor=actor, detail=found, problem=told)
    no_longer_uncertain(conn, connector, raw, found, now=now, actor=actor)


def no_longer_uncertain(
    conn: Transaction, connector: Connector, raw: RawRequest, why: str, *, now: datetime, actor: str
) -> None:
    """It is known now what became of a request whose answer was lost."""
    if raw.state is RawState.UNCERTAIN:
        found = uncertain(conn, connector, [raw])
        connector_errors.close(conn, connector, list(found.values()), why, now=now, actor=actor)


def uncertain(conn: Transaction, connector: Connector, found: Sequence[RawRequest]) -> dict[int, StoredError]:
    """The open error records of those of these requests whose outcome nobody knows, by their ids."""
    keys = {RequestUncertain.key_of(raw.id): raw.id for raw in found if raw.state is RawState.UNCERTAIN}
    if not keys:
        return {}
    of_them = errors.find(
        conn,
        connector.id,
        cause=RequestUncertain.name,
        cause_keys=list(keys),
        connector_wide=True,
    )
    return {keys[item.cause_key]: item for item in of_them}


def of_requests(
    conn: Transaction, connector: Connector, requests: Sequence[Request]
) -> list[tuple[Request, RawRequest]]:
    """Those of these requests that somebody else has written and whose answer still counts."""
    asked = {
        item.purpose.raw_id: item
        for item in requests
        if item.operation.is_raw and isinstance(item.purpose, Passing)
    }
    if not asked:
        return []
    found = rows.get_all(conn, connector.id, list(asked))
    return [
        (item, found[raw_id])
        for raw_id, item in asked.items()
        if raw_id in found and found[raw_id].request_id == item.id
    ]


def lose(conn: Transaction, connector: Connector, requests: Sequence[Request], *, now: datetime) -> None:
    """The answers to these are not to be had. What was to be written is for a person to look at; what was only asked
    is asked again, alone and from the beginning."""
    for _, raw in of_requests(conn, connector, requests):
        if raw.state is not RawState.SENT:
            continue
        if raw.writes:
            lose_write(conn, connector, raw, now=now)
        else:
            ask_again(conn, raw, now=now)


def ask_again(conn: Transaction, raw: RawRequest, *, now: datetime) -> None:
    """Ask from the beginning, unless that was done often enough."""
    rows.drop_pages(conn, raw)
    from_the_beginning: RawRequestColumns = {
        "iterator_id": None,
        "session_id": None,
        "request_id": None,
        "pages": 0,
        "size": 0,
        "alone": True,
        "tries": raw.tries + 1,
    }
    if raw.tries + 1 >= MOST_TRIES:
        from_the_beginning["problem"] = _LOST_QUERY
        move(conn, raw, RawState.REFUSED, now=now, actor="server", **from_the_beginning)
    else:
        move(conn, raw, RawState.QUEUED, now=now, actor="server", **from_the_beginning)
