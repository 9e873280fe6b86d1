"""No history of faults leaves work that neither goes on nor is shown, not even one whose fault never ends."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from qbwc_server.desk import overview
from qbwc_server.desk.standing import queue
from qbwc_server.storage.database import Database
from tests.worlds.fault_judge import duplicates, judge
from tests.worlds.fault_script import Size, hand_over, prepare
from tests.worlds.fault_world import History, emptied

LITTLE = Size(customers=2, items=2, vendors=1, invoices=4, orders=2)
VISITS = 24
"""Visits after which whatever is tried again has come to the end of its tries, or says that it goes on; forty minutes
apart, all of them are most of a day."""

AT_FIRST = 12
"""Visits at first of which some may simply have been too short: what waits then goes with the next one."""

ALWAYS = (
    "kill#*:0",
    "kill#*:1",
    "unbegun#*",
    "unstored#*",
    "refuse#*:0x80040400",
    "refuse#*:0x80040402",
    "refuse#*:0x8004041B",
    "drop-before@receiveResponseXML#*",
    "drop-after@receiveResponseXML#*",
    "drop-after@sendRequestXML#*",
    "truncate@receiveResponseXML#*",
    "garble@receiveResponseXML#*",
    "empty@receiveResponseXML#*",
)


def unseen(history: History) -> Iterator[str]:
    """What is neither settled nor an error record, and of which nobody could tell why it waits."""
    told = _told_of_the_connector(history)
    for (kind, external_id), view in history.views().items():
        state = view["state"]
        if state in ("synced", "cancelled") or (state == "blocked" and view["errors"]):
            continue
        until = (view["waiting"] or {}).get("until")
        if not told and until is None and not view["waiting_for"]:
            yield f"{kind} {external_id} is {state}: {view['waiting']}"


def _told_of_the_connector(history: History) -> bool:
    health = overview.health(history.core, "acme")
    has_problem = any(item.severity == "problem" for item in health.findings)
    return has_problem or bool(health.connector_errors) or queue.queue(history.core, "acme").held is not None


QUICK = ("unbegun#*", "refuse#*:0x8004041B")
"""Those that are always played; the others with ``--all-faults``."""


@pytest.mark.parametrize("after", [pytest.param(0, marks=pytest.mark.thorough), 1])
@pytest.mark.parametrize(
    "fault",
    [pytest.param(fault, marks=() if fault in QUICK else pytest.mark.thorough) for fault in ALWAYS],
)
def test_a_fault_that_never_ends_is_seen_and_when_it_ends_everything_arrives_once(
    database_file: Database, fault: str, after: int
) -> None:
    """From the first visit on, or when the lists have been loaded already."""
    history = History(emptied(database_file), [fault] if after == 0 else (), batch_size=4)
    prepare(history)
    if after:
        history.visit()
    hand_over(history, LITTLE, twin=False)
    history.plan.faults = type(history.plan).of([fault]).faults
    for number in range(VISITS):
        history.visit()
        history.clock.forward(2400)
        assert number < AT_FIRST or list(unseen(history)) == []
    history.plan.faults = ()
    history.visit()
    for _ in range(4):
        history.clock.forward(3600)
        history.settle()
        while history.decide_what_is_uncertain():
            history.settle()
        history.retry_everything()
    history.settle()
    assert list(duplicates(history)) == []
    assert judge(history).lost == ()
