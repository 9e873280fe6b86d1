"""What stands in a connector's way, and what to do about it."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from qbwc_server.desk.overview.facts import Facts, expected, is_held_up, last_call, overdue
from qbwc_server.desk.overview.shapes import Finding
from qbwc_server.desk.overview.words import number_of
from qbwc_server.domain.connectors import ANY_FILE, Connector
from qbwc_server.domain.faults import InvalidInput
from qbwc_server.domain.lists import ListLoad
from qbwc_server.domain.qwc import check_public_url
from qbwc_server.domain.sessions import Session, SessionState
from qbwc_server.sync.core import Core

BROKEN_OFF_IN_A_ROW = 3
"""So many visits that break off are no accident any more."""


def broken_off(recent: Sequence[Session]) -> Iterator[Finding]:
    """Visits that another one took the place of: their calls, or our answers, do not get through."""
    ended = [item.state for item in recent if item.state is not SessionState.OPEN][:BROKEN_OFF_IN_A_ROW]
    if ended == [SessionState.SUPERSEDED] * BROKEN_OFF_IN_A_ROW:
        yield Finding(
            "problem",
            f"The last {BROKEN_OFF_IN_A_ROW} visits of the Web Connector broke off before their end, so that what is "
            "queued hardly goes on.",
            "On the QuickBooks PC look what the Web Connector shows and its log says; restart QuickBooks and the "
            "Web Connector, and see that nothing between that PC and this server cuts off calls or answers.",
        )


def not_accepted(refused: int) -> Iterator[Finding]:
    """Records that were handed over and refused."""
    if refused:
        yield Finding(
            "warning",
            f"{number_of(refused, 'record was', 'records were')} handed over and not accepted.",
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


def _is_late(connector: Connector, facts: Facts, now: datetime) -> bool:
    every = connector.settings.run_every_minutes
    expected_at = expected(last_call(connector, facts.connector_errors), every, connector.habit)
    return overdue(expected_at, every, now) is not None


def _unusable(public_url: str) -> Iterator[Finding]:
    """An address the Web Connector would not take; in a host's own process none is known, and nothing said of it."""
    try:
        if public_url:
            check_public_url(public_url)
    except InvalidInput as error:
        yield Finding("problem", error.faults[0].message, "Set public_url in the server's configuration.")


_PAUSED = "Paused by staff: records are taken in, and nothing goes to QuickBooks."


def findings_of(core: Core, connector: Connector, facts: Facts) -> tuple[Finding, ...]:
    """What the connector's own state tells, worst first."""
    connector_errors, loads = facts.connector_errors, facts.loads
    found = [
        Finding("problem", f"{item.message} It happened {item.occurrences}.", item.remedy)
        for item in connector_errors
    ]
    if connector.paused:
        found.append(Finding("warning", _PAUSED, "Resume it when records may go to QuickBooks again."))
    found += _unusable(core.public_url)
    if connector.last_seen_at is None and not is_held_up(facts.words):
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
