"""When a newcomer must wait for the live session, and the names a session gives."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from qbwc_server.domain.operations import Operation
from qbwc_server.domain.sessions import (
    MessageSet,
    SetState,
    must_wait,
    new_request_id,
    new_set_name,
    new_ticket,
)

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
LEASE = timedelta(seconds=600)


def message_set(*, writes: bool, age: float) -> MessageSet:
    sent_at = NOW - timedelta(seconds=age)
    return MessageSet(1, 1, 1, SetState.SENT, "name", writes, False, "<QBXML/>", sent_at, None)


def test_without_an_unanswered_set_nobody_waits() -> None:
    assert must_wait(None, NOW, LEASE) is None


def test_a_reading_set_makes_nobody_wait() -> None:
    assert must_wait(message_set(writes=False, age=0), NOW, LEASE) is None


@pytest.mark.parametrize(
    ("age", "wait"), [(0, 600), (1, 599), (599.5, 0.5), (600, None), (601, None), (10_000, None)]
)
def test_a_writing_set_makes_a_newcomer_wait_for_the_rest_of_its_lease(
    age: float, wait: float | None
) -> None:
    left = must_wait(message_set(writes=True, age=age), NOW, LEASE)
    assert left == (None if wait is None else timedelta(seconds=wait))


def test_only_adds_mods_and_voids_write() -> None:
    assert {operation for operation in Operation if operation.writes} == {
        Operation.ADD,
        Operation.MOD,
        Operation.VOID,
    }


def test_names_are_unique_and_as_short_as_quickbooks_wants_them() -> None:
    names = [new_set_name() for _ in range(1000)]
    assert len(set(names)) == 1000
    assert all(0 < len(name) <= 24 for name in names)
    requests = [new_request_id() for _ in range(1000)]
    assert len(set(requests)) == 1000
    assert all(0 < len(name) <= 50 for name in requests)
    tickets = [new_ticket() for _ in range(1000)]
    assert len(set(tickets)) == 1000
    assert all(len(ticket) >= 43 and ticket.isascii() for ticket in tickets)
