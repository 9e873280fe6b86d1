"""Where a page ends is written and read back as it is; any other text is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from qbwc_server.domain.cursors import LARGEST_ID, cursor, read_change, read_list_id, read_row

MOMENT = datetime(2026, 11, 20, 15, 0, 0, 250, tzinfo=UTC)


@pytest.mark.parametrize(
    ("read", "place"), [(read_row, 42), (read_change, (MOMENT, 42)), (read_list_id, "80000001-1163012345")]
)
def test_a_place_is_read_back_as_it_was_written(read: Callable[[str], object], place: object) -> None:
    assert read(cursor(place)) == place


def test_a_row_that_no_database_can_have_is_behind_all_there_are() -> None:
    assert read_row("9999999999") == LARGEST_ID


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (read_row, ""),
        (read_row, "-1"),
        (read_row, "٤٢"),
        (read_row, "12345678901"),
        (read_change, "42"),
        (read_change, "2026-11-20T15:00:00Z-42"),
        (read_list_id, ""),
        (read_list_id, "80000001 1163012345"),
        (read_list_id, "8" * 37),
    ],
)
def test_a_text_of_another_form_is_no_place(read: Callable[[str], object], text: str) -> None:
    with pytest.raises(ValueError, match="is not a cursor"):
        read(text)
