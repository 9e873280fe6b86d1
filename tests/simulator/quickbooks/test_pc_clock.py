"""QuickBooks' clock: the wall of the PC with the offset of standard time, also in summer."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from qbwc_server.simulator import CompanyFile, SimulatorError
from qbwc_server.simulator.quickbooks.pc_clock import PcClock, read_zone
from tests.worlds.hand_clock import HandClock
from tests.worlds.sim_world import QuickBooks


def at(zone: str, *moment: int) -> str:
    return PcClock(read_zone(zone), HandClock()).stamp(datetime(*moment, tzinfo=UTC))


@pytest.mark.parametrize(
    ("zone", "moment", "printed"),
    [
        ("America/New_York", (2026, 1, 15, 17), "2026-01-15T12:00:00-05:00"),
        ("America/New_York", (2026, 7, 15, 16), "2026-07-15T12:00:00-05:00"),
        ("Australia/Sydney", (2026, 1, 15, 1), "2026-01-15T12:00:00+10:00"),
        ("Australia/Sydney", (2026, 7, 15, 2), "2026-07-15T12:00:00+10:00"),
        ("Asia/Kolkata", (2026, 7, 15, 6, 30), "2026-07-15T12:00:00+05:30"),
        ("UTC", (2026, 7, 15, 12), "2026-07-15T12:00:00+00:00"),
        ("UTC-03:30", (2026, 7, 15, 15, 30), "2026-07-15T12:00:00-03:30"),
    ],
)
def test_stamps_have_the_right_wall_and_the_standard_offset(
    zone: str, moment: tuple[int, ...], printed: str
) -> None:
    assert at(zone, *moment) == printed


def test_a_summer_stamp_handed_back_unchanged_finds_its_record(
    quickbooks: QuickBooks, clock: HandClock
) -> None:
    clock.moment = datetime(2026, 7, 15, 16, tzinfo=UTC)
    quickbooks.company.person.add("Customer", {"Name": "Ada"})
    stamp = quickbooks.one("<CustomerQueryRq/>").findtext("CustomerRet/TimeModified")
    assert stamp == "2026-07-15T12:00:00-05:00"
    ask = f"<CustomerQueryRq><FromModifiedDate>{stamp}</FromModifiedDate></CustomerQueryRq>"
    assert quickbooks.status(ask) == 0
    plain = "<CustomerQueryRq><FromModifiedDate>2026-07-15T12:00:00</FromModifiedDate></CustomerQueryRq>"
    assert quickbooks.status(plain) == 0


def test_the_hour_that_comes_twice_hides_changes_behind_the_wall_clock(
    quickbooks: QuickBooks, clock: HandClock
) -> None:
    """In the second 01:30 of the night a bound of the first 01:45 lies ahead: only an overlap finds the change."""
    clock.moment = datetime(2026, 11, 1, 6, 30, tzinfo=UTC)
    quickbooks.company.person.add("Customer", {"Name": "Ada"})
    ask = "<CustomerQueryRq><FromModifiedDate>2026-11-01T01:{}:00</FromModifiedDate></CustomerQueryRq>"
    assert quickbooks.status(ask.format("45")) == 1
    assert quickbooks.status(ask.format("30")) == 0


def test_an_unknown_zone_is_refused() -> None:
    with pytest.raises(SimulatorError, match="Mars"):
        CompanyFile.create(None, time_zone="Mars/Olympus")


def test_a_transaction_is_dated_by_the_pcs_calendar(quickbooks: QuickBooks, clock: HandClock) -> None:
    clock.moment = datetime(2026, 11, 21, 3, tzinfo=UTC)
    quickbooks.company.person.add("Customer", {"Name": "Ada"})
    quickbooks.company.person.add_transaction(
        "Invoice", {"CustomerRef": "Ada"}, [{"Desc": "x", "Amount": "1.00"}]
    )
    assert quickbooks.company.records("Invoice")[0]["TxnDate"] == "2026-11-20"
