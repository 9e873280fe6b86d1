"""The hours somebody asks for, as one says them."""

from __future__ import annotations

import pytest

from qbwc_server.domain.onboarding import Hours


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (range(7), "Every day"),
        (range(5), "Monday to Friday"),
        ((0, 1), "Monday, Tuesday"),
        ((0, 2, 4), "Monday, Wednesday, Friday"),
    ],
)
def test_days_are_said_as_people_say_them(days: range, words: str) -> None:
    assert Hours(tuple(days), "07:00", "18:00", "UTC").words() == f"{words}, 07:00 to 18:00 (UTC)"
