"""What people agree about an error group: who looks after it, until when it sleeps, what they noted; all on record."""

from datetime import date, datetime, time, timedelta, timezone

from qbwc_server.domain.care import LONGEST_NOTE, LONGEST_SNOOZE, Snooze
from qbwc_server.domain.causes.together import title
from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.errors import Narrowed
from qbwc_server.domain.event_types import ConnectorHappening
from qbwc_server.domain.events import of_connector
from qbwc_server.domain.faults import Conflict, Fault, InvalidInput, NotFound
from qbwc_server.storage import Transaction, care, events, users
from qbwc_server.storage import errors as rows
from qbwc_server.sync.core import Core
from qbwc_server.sync.turn import turn


def snooze(core: Core, connector_name: str, cause: str, cause_key: str, until: str, *, actor: str) -> None:
    """Let a group sleep until a date: it is not counted among what needs somebody, and its records wait as before.

    It wakes at the beginning of that date (UTC), and before, when it becomes another matter: see `Snooze.lasts`.

    Raises:
        NotFound: there is no such connector or group.
        InvalidInput: it is no date, or none to come within a year.
        Conflict: nothing waits behind it any more.
    """
    now = core.clock()
    moment = _moment(until, now)
    with turn(core, connector_name) as (conn, connector):
        found = rows.by_key(conn, connector.id, Narrowed(cause=cause, cause_key=cause_key))
        if not found:
            raise Conflict("nothing waits for this any more, so there is nothing to snooze")
        before = care.of(conn, connector.id, cause, cause_key).snooze
        kinds = frozenset(kind for each in found for kind in each.sum.kinds)
        how = Snooze(moment, actor, sum(each.sum.number for each in found), kinds)
        care.snooze(conn, connector.id, cause, cause_key, how, now=now)
        was = f" (before: until {before.until:%Y-%m-%d})" if before is not None else ""
        _tell(conn, connector, cause, cause_key, f"snoozed until {moment:%Y-%m-%d}{was}", now, actor)


def wake(core: Core, connector_name: str, cause: str, cause_key: str, *, actor: str) -> None:
    """End a snooze; nothing is done where there is none.

    Raises:
        NotFound: there is no such connector or group.
    """
    now = core.clock()
    with turn(core, connector_name) as (conn, connector):
        before = care.of(conn, connector.id, cause, cause_key).snooze
        if before is not None:
            care.snooze(conn, connector.id, cause, cause_key, None, now=now)
            said = f"snoozed no more (before: until {before.until:%Y-%m-%d})"
            _tell(conn, connector, cause, cause_key, said, now, actor)


def assign(core: Core, connector_name: str, cause: str, cause_key: str, assignee: str, *, actor: str) -> None:
    """Say which user looks after a group; "": nobody in particular.

    Raises:
        NotFound: there is no such connector or group.
        InvalidInput: there is no such user.
    """
    now = core.clock()
    with turn(core, connector_name) as (conn, connector):
        if assignee and assignee not in {user.name for user in users.every(conn)}:
            raise InvalidInput([Fault("/assignee", "there is no such user any more")])
        before = care.of(conn, connector.id, cause, cause_key).assignee
        if before == (assignee or None):
            return
        care.assign(conn, connector.id, cause, cause_key, assignee or None, now=now)
        said = f"assigned to {assignee or 'nobody'} (before: {before or 'nobody'})"
        _tell(conn, connector, cause, cause_key, said, now, actor)


def note(core: Core, connector_name: str, cause: str, cause_key: str, text: str, *, actor: str) -> None:
    """Note something on a group.

    Raises:
        NotFound: there is no such connector or group.
        InvalidInput: there is nothing in it, or too much.
    """
    text, now = text.strip(), core.clock()
    if not text:
        raise InvalidInput([Fault("/text", "write what the next person should know")])
    if len(text) > LONGEST_NOTE:
        raise InvalidInput([Fault("/text", f"write at most {LONGEST_NOTE} characters")])
    with turn(core, connector_name) as (conn, connector):
        _tell(conn, connector, cause, cause_key, f"noted: {text}", now, actor)
        care.note(conn, connector.id, cause, cause_key, text, actor=actor, now=now)


def _moment(text: str, now: datetime) -> datetime:
    try:
        moment = datetime.combine(date.fromisoformat(text.strip()), time(), timezone(timedelta(0)))
    except ValueError:
        raise InvalidInput([Fault("/until", "choose a date, as 2026-12-01")]) from None
    if not now < moment <= now + LONGEST_SNOOZE:
        raise InvalidInput([Fault("/until", "choose a date from tomorrow on, within a year")])
    return moment


def _tell(
    conn: Transaction, connector: Connector, cause: str, cause_key: str, said: str, now: datetime, actor: str
) -> None:
    """Have it stand in the log, in the words of the group.

    Raises:
        NotFound: the connector has and had no such error records.
    """
    stored = next(iter(rows.members(conn, connector.id, cause, cause_key, limit=1)), None)
    stored = stored or rows.last_closed(conn, connector.id, cause, cause_key)
    if stored is None:
        raise NotFound(f"the connector {connector.name} has no such errors, and had none that is remembered")
    happening, detail = ConnectorHappening.ERRORS_ATTENDED, f"{title(stored.cause)} {said}"
    events.add_all(conn, [of_connector(connector.id, happening, at=now, actor=actor, detail=detail)])
