"""The health of connectors, in words for a tired operator."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from qbwc_server.domain.connectors import ANY_FILE, Binding, Connector
from qbwc_server.domain.faults import InvalidInput
from qbwc_server.domain.kinds import ListName
from qbwc_server.domain.lists import ListLoad
from qbwc_server.domain.qwc import check_public_url
from qbwc_server.domain.records import State
from qbwc_server.domain.sessions import Session, SessionState
from qbwc_server.storage import Transaction, connectors, kept_counts, lists, sessions
from qbwc_server.storage import errors as error_rows
from qbwc_server.sync.core import Core
from qbwc_server.sync.turn import look

from .error_views import ErrorRecord, shown


class Mood(StrEnum):
    """How a connector is doing, in one word."""

    OK = "ok"
    WORKING = "working"
    WAITING = "waiting"
    """Something waits for the Web Connector's next visit."""
    ATTENTION = "attention"
    """Somebody has to do something."""
    LATE = "late"
    """The Web Connector has not come for too long."""
    PAUSED = "paused"
    """Paused by staff, and nothing else is to be told. What is wrong with a paused connector comes first."""
    NEVER_SEEN = "never_seen"


@dataclass(frozen=True, slots=True)
class ListAge:
    """How fresh a list of the cache is; `changes` is what the last load changed, or the running one so far.

    Attributes:
        read_so_far: how many entries a running full load has read; None when none is running.
        resync_requested_at: when a Resync was asked for that this list has not seen yet.
    """

    list: ListName
    entries: int
    loaded_at: datetime | None
    loading: bool
    changes: Mapping[str, int]
    read_so_far: int | None
    resync_requested_at: datetime | None


@dataclass(frozen=True, slots=True)
class SessionInfo:
    """A session of the Web Connector, for people."""

    id: int
    opened_at: datetime
    last_call_at: datetime
    ended_at: datetime | None
    end_reason: str | None
    message_sets: int
    records_synced: int
    last_error: str | None


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing the health check found; `severity` is ``ok``, ``warning`` or ``problem``."""

    severity: str
    text: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Summary:
    """How a connector is, as far as a list of many tells it.

    Attributes:
        refused: how many of the open errors tell what the host handed over and was refused.
    """

    connector: Connector
    mood: Mood
    headline: str
    counts: Mapping[State, int]
    open_errors: int
    refused: int
    connector_errors: tuple[ErrorRecord, ...]
    lists: tuple[ListAge, ...]
    resync_requested_at: datetime | None

    @property
    def moods(self) -> tuple[Mood, ...]:
        """How it is doing, and that it is paused: a pause hides nothing."""
        if self.connector.paused and self.mood is not Mood.PAUSED:
            return (self.mood, Mood.PAUSED)
        return (self.mood,)

    @property
    def last_call_at(self) -> datetime | None:
        """When the Web Connector was here last, whether it was let in or not."""
        return _last_call(self.connector, self.connector_errors)


@dataclass(frozen=True, slots=True)
class Health(Summary):
    """Everything a page or a command tells about a connector's health."""

    live_session: SessionInfo | None
    last_session: SessionInfo | None
    findings: tuple[Finding, ...]

    @property
    def is_headline_told(self) -> bool:
        """Whether the findings say all that the headline says."""
        return bool(self.connector_errors) or any(item.text == self.headline for item in self.findings)

    @property
    def other_findings(self) -> tuple[Finding, ...]:
        """The findings but those that the connector's error records tell in full."""
        return self.findings[len(self.connector_errors) :]

    @property
    def file_to_confirm(self) -> Binding | None:
        """The company file that was open in place of the connector's own, and may be confirmed; None when none was."""
        for item in self.connector_errors:
            if item.seen_file is not None:
                return item.seen_file
        return None


@dataclass(frozen=True, slots=True)
class Overview:
    """A part of all connectors, by name.

    Attributes:
        number: how many there are.
        with_errors: how many of them have open error records.
    """

    connectors: tuple[Summary, ...]
    number: int
    with_errors: int


def health(core: Core, name: str) -> Health:
    """The health of one connector.

    Raises:
        NotFound: there is no such connector.
    """
    with look(core, name) as (conn, connector):
        return _health(core, conn, connector)


def all_health(core: Core) -> list[Summary]:
    """How every connector is, by name."""
    with core.database.read() as conn:
        return _summaries(core, conn, connectors.every(conn))


def some_health(core: Core, *, after: str = "", limit: int, with_errors: bool = False) -> Overview:
    """How some connectors are: those behind a name, by name.

    Args:
        with_errors: only those with open error records.
    """
    with core.database.read() as conn:
        found = connectors.page(conn, after=after, limit=limit, with_open_errors=with_errors)
        summaries = tuple(_summaries(core, conn, found))
        return Overview(summaries, connectors.count(conn), kept_counts.with_open_errors(conn))


@dataclass(frozen=True, slots=True)
class _Facts:
    """What is read of a connector."""

    connector_errors: tuple[ErrorRecord, ...]
    counts: Mapping[State, int]
    open_errors: int
    refused: int
    is_live: bool
    loads: list[ListLoad]
    seen: Mapping[ListName, int]


def _facts(conn: Transaction, found: Sequence[Connector]) -> Iterator[tuple[Connector, _Facts]]:
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
            _Facts(
                connector_errors=tuple(map(shown, of_connector[connector.id])),
                counts=counts[connector.id],
                open_errors=sum(open_errors[connector.id].values()),
                refused=kept_counts.refused(open_errors[connector.id]),
                is_live=connector.id in live,
                loads=[load for load in loads[connector.id] if load.is_wanted],
                seen={name: number for (owner, name), number in seen.items() if owner == connector.id},
            ),
        )


def _summaries(core: Core, conn: Transaction, found: Sequence[Connector]) -> list[Summary]:
    now = core.clock()
    return [Summary(**_summary(connector, facts, now)) for connector, facts in _facts(conn, found)]


def _summary(connector: Connector, facts: _Facts, now: datetime) -> dict[str, Any]:
    mood = _mood(connector, facts, now)
    resyncs = [load.resync_requested_at for load in facts.loads if load.resync_requested_at is not None]
    return {
        "connector": connector,
        "mood": mood,
        "headline": _headline(mood, connector, facts.counts, facts.connector_errors, facts.refused),
        "counts": facts.counts,
        "open_errors": facts.open_errors,
        "refused": facts.refused,
        "connector_errors": facts.connector_errors,
        "lists": tuple(_age(load, facts.seen) for load in facts.loads),
        "resync_requested_at": min(resyncs, default=None),
    }


def _health(core: Core, conn: Transaction, connector: Connector) -> Health:
    ((_, facts),) = _facts(conn, [connector])
    recent = sessions.recent(conn, connector.id, limit=_BROKEN_OFF_IN_A_ROW + 1)
    shown_sessions = {item.id: item for item in recent[:1]}
    latest = recent[0] if recent else None
    is_live = latest is not None and latest.state is SessionState.OPEN
    done = sessions.work_of_all(conn, list(shown_sessions.values()))
    info = None if latest is None else _info(latest, *done[latest.id])
    return Health(
        **_summary(connector, facts, core.clock()),
        live_session=info if is_live else None,
        last_session=None if is_live else info,
        findings=(
            *_findings(core, connector, facts),
            *_not_accepted(facts.refused),
            *_broken_off(recent),
        ),
    )


def _age(load: ListLoad, seen: Mapping[ListName, int]) -> ListAge:
    return ListAge(
        load.list_name,
        load.entries,
        load.loaded_at,
        load.running is not None,
        load.changes,
        read_so_far=seen.get(load.list_name, 0) if load.running == "full" else None,
        resync_requested_at=load.resync_requested_at,
    )


def _info(session: Session, sets: int, synced: int) -> SessionInfo:
    return SessionInfo(
        id=session.id,
        opened_at=session.opened_at,
        last_call_at=session.last_call_at,
        ended_at=session.ended_at,
        end_reason=session.end_reason,
        message_sets=sets,
        records_synced=synced,
        last_error=session.last_error or None,
    )


_BROKEN_OFF_IN_A_ROW = 3
"""So many visits that break off are no accident any more."""


def _broken_off(recent: Sequence[Session]) -> Iterator[Finding]:
    """Visits that another one took the place of: their calls, or our answers, do not get through."""
    ended = [item.state for item in recent if item.state is not SessionState.OPEN][:_BROKEN_OFF_IN_A_ROW]
    if ended == [SessionState.SUPERSEDED] * _BROKEN_OFF_IN_A_ROW:
        yield Finding(
            "problem",
            f"The last {_BROKEN_OFF_IN_A_ROW} visits of the Web Connector broke off before their end, so that what is "
            "queued hardly goes on.",
            "On the QuickBooks PC look what the Web Connector shows and its log says; restart QuickBooks and the "
            "Web Connector, and see that nothing between that PC and this server cuts off calls or answers.",
        )


def _not_accepted(refused: int) -> Iterator[Finding]:
    if refused:
        yield Finding(
            "warning",
            f"{_number(refused, 'record was', 'records were')} handed over and not accepted.",
            "The errors of the cause not_accepted say why; they are put right in the order system.",
        )


def _refused_lists(loads: list[ListLoad]) -> list[Finding]:
    """What QuickBooks would not give; of lists that nothing is matched with, a feature is mostly off."""
    return [
        Finding(
            "problem" if load.list_name.is_matched else "ok",
            f"{load.list_name.label.capitalize()}: {load.refusal} It is asked for again after "
            f"{load.not_before:%Y-%m-%d %H:%M} UTC.",
            "Put right what QuickBooks' own sentence names; Resync has it asked for at once."
            if load.list_name.is_matched
            else "",
        )
        for load in loads
        if load.refusal is not None and load.not_before is not None
    ]


def _last_call(connector: Connector, connector_errors: tuple[ErrorRecord, ...]) -> datetime | None:
    """One with a wrong password is a call, too."""
    calls = [connector.last_seen_at, *(item.last_at for item in connector_errors)]
    return max((at for at in calls if at is not None), default=None)


def _is_late(connector: Connector, facts: _Facts, now: datetime) -> bool:
    """Whether the Web Connector stayed away for four of its intervals, and at least for an hour."""
    last_call_at = _last_call(connector, facts.connector_errors)
    if last_call_at is None:
        return False
    patience = max(timedelta(minutes=4 * connector.settings.run_every_minutes), timedelta(hours=1))
    return last_call_at + patience < now


def _mood(connector: Connector, facts: _Facts, now: datetime) -> Mood:
    if facts.connector_errors:
        return Mood.ATTENTION
    if connector.last_seen_at is None:
        return Mood.NEVER_SEEN
    if _is_late(connector, facts, now):
        return Mood.LATE
    if facts.counts[State.BLOCKED] or facts.refused:
        return Mood.ATTENTION
    if connector.paused:
        return Mood.PAUSED
    if facts.is_live:
        return Mood.WORKING
    return Mood.WAITING if facts.counts[State.QUEUED] or facts.counts[State.UNCERTAIN] else Mood.OK


def _headline(
    mood: Mood,
    connector: Connector,
    counts: Mapping[State, int],
    connector_errors: tuple[ErrorRecord, ...],
    refused: int,
) -> str:
    waiting = counts[State.QUEUED] + counts[State.UNCERTAIN]
    paused = f"aused by staff; {_number(waiting, 'record waits', 'records wait')}."
    if mood is Mood.PAUSED:
        return f"P{paused}"
    told = _told(mood, waiting, counts, connector_errors, refused)
    return f"{told} Also p{paused}" if connector.paused else told


def _told(
    mood: Mood,
    waiting: int,
    counts: Mapping[State, int],
    connector_errors: tuple[ErrorRecord, ...],
    refused: int,
) -> str:
    match mood:
        case Mood.NEVER_SEEN:
            return "The Web Connector has never called. Install the .qwc file on the QuickBooks PC."
        case Mood.LATE:
            return "The Web Connector has stopped calling. Is the QuickBooks PC on, and Auto-Run ticked?"
        case Mood.ATTENTION if connector_errors:
            return connector_errors[0].message
        case Mood.ATTENTION if not counts[State.BLOCKED]:
            return f"{_number(refused, 'record', 'records')} of the order system could not be accepted."
        case Mood.ATTENTION:
            blocked = _number(counts[State.BLOCKED], "blocked record needs", "blocked records need")
            return f"{blocked} somebody's help."
        case Mood.WORKING:
            return "The Web Connector is at work now."
        case Mood.WAITING:
            return f"{_number(waiting, 'record waits', 'records wait')} for the Web Connector's next visit."
        case _:
            return "Everything is in QuickBooks."


def _number(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


_PAUSED = "Paused by staff: records are taken in, and nothing goes to QuickBooks."


def _findings(core: Core, connector: Connector, facts: _Facts) -> tuple[Finding, ...]:
    connector_errors, loads = facts.connector_errors, facts.loads
    found = [
        Finding("problem", f"{item.message} It happened {item.occurrences}.", item.remedy)
        for item in connector_errors
    ]
    if connector.paused:
        found.append(Finding("warning", _PAUSED, "Resume it when records may go to QuickBooks again."))
    try:
        check_public_url(core.public_url)
    except InvalidInput as error:
        found.append(
            Finding("problem", error.faults[0].message, "Set public_url in the server's configuration.")
        )
    if connector.last_seen_at is None and not connector_errors:
        found.append(
            Finding(
                "warning",
                "The Web Connector has never called.",
                "Download the .qwc file, open it on the QuickBooks PC, enter the password and tick Auto-Run.",
            )
        )
    elif _is_late(connector, facts, core.clock()):
        found.append(
            Finding(
                "problem",
                "The Web Connector has stopped calling.",
                "On the QuickBooks PC start the Web Connector and tick Auto-Run for this application.",
            )
        )
    if connector.last_seen_at is not None and any(load.loaded_at is None for load in loads):
        found.append(
            Finding(
                "warning",
                "QuickBooks' lists have not been loaded yet, so nothing can be matched.",
                "Run the update once in the Web Connector (Update Selected).",
            )
        )
    found += _refused_lists(loads)
    if connector.settings.read_only:
        found.append(
            Finding(
                "warning",
                "This connector only reads; nothing is posted.",
                "Switch read_only off in its settings.",
            )
        )
    if connector.binding is not None and connector.binding != ANY_FILE:
        company = connector.binding.company_name or connector.binding.path or "a company file"
        found.append(Finding("ok", f"Bound to {company.rstrip('.')}.", ""))
    return tuple(found)
