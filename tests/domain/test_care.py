"""When a snoozed group wakes: by itself at its time, and before it as soon as it is another matter."""

from datetime import UTC, datetime, timedelta

import pytest

from qbwc_server.domain.care import Snooze
from qbwc_server.domain.spreadsheet_cells import harmless, row

NOW = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.mark.parametrize(
    ("was", "number", "kinds", "hours", "lasts"),
    [
        (10, 10, {"invoice"}, 1, True),
        (10, 20, {"invoice"}, 1, True),
        (10, 21, {"invoice"}, 1, False),
        (1, 5, {"invoice"}, 1, True),
        (1, 6, {"invoice"}, 1, False),
        (10, 3, {"invoice", "customer"}, 1, False),
        (10, 1, set(), 1, True),
        (10, 10, {"invoice"}, 25, False),
        (10, 10, {"invoice"}, 24, False),
    ],
)
def test_a_snooze_lasts_as_long_as_it_is_the_same_matter(was, number, kinds, hours, lasts):
    snooze = Snooze(NOW + timedelta(days=1), "ann", was, frozenset({"invoice"}))
    assert snooze.lasts(number, kinds, NOW + timedelta(hours=hours)) is lasts


def test_cells_that_would_begin_a_formula_are_harmless_and_others_untouched():
    for text in ("=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "\n=1"):
        assert harmless(text) == f"'{text}"
    for text in ("", "a=1", "Käse", "1042", " =1"):
        assert harmless(text) == text
    assert row(['a "b"', "c, d", "e\nf"]) == '"a ""b""","c, d","e\nf"\r\n'
