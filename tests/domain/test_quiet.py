"""When QuickBooks is left alone."""

from datetime import UTC, datetime

import pytest

from qbwc_server.domain.faults import InvalidInput
from qbwc_server.domain.settings import ConnectorSettings

SATURDAY_IN_DENVER = datetime(2026, 11, 22, 5, 30, tzinfo=UTC)
"""In UTC it is Sunday already."""


@pytest.mark.parametrize(
    ("days", "is_quiet"), [("saturday", True), ("sunday", False), ("sunday, Saturday", True), ("", False)]
)
def test_a_quiet_day_is_one_where_the_company_is(days: str, is_quiet: bool) -> None:
    settings = ConnectorSettings().changed(quiet_days=days, time_zone="America/Denver")
    assert settings.is_quiet(SATURDAY_IN_DENVER) is is_quiet


def test_the_hours_count_on_the_days_that_are_left() -> None:
    settings = ConnectorSettings().changed(
        quiet_days="monday", quiet_hours="22:00-06:00", time_zone="America/Denver"
    )
    assert settings.is_quiet(SATURDAY_IN_DENVER)  # half past ten in the evening


@pytest.mark.parametrize(
    "days",
    ["someday", "monday,tuesday,wednesday,thursday,friday,saturday,sunday", [None], [["sunday"]], 5, {}],
)
def test_a_day_that_is_none_and_a_week_without_any_are_refused(days: object) -> None:
    with pytest.raises(InvalidInput, match="days such as saturday, sunday"):
        ConnectorSettings().changed(quiet_days=days)
