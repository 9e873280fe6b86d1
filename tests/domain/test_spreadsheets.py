"""CSV as spreadsheets write it."""

from __future__ import annotations

import pytest

from qbwc_server.domain import spreadsheets
from qbwc_server.domain.faults import InvalidInput


@pytest.mark.parametrize("sign", [",", ";", "\t"])
def test_cells_are_separated_as_the_first_row_does_it(sign: str) -> None:
    text = [f"a{sign}b\n", f'1{sign}"x{sign}y"\n']
    assert list(spreadsheets.rows(text)) == [(1, ["a", "b"]), (2, ["1", f"x{sign}y"])]


def test_a_row_is_told_by_the_line_it_begins_in_and_empty_ones_are_left_out() -> None:
    text = ["a,b\n", " ,\n", '1,"two\n', 'lines"\n', "3,4\n"]
    assert [number for number, _ in spreadsheets.rows(text)] == [1, 3, 5]


@pytest.mark.parametrize("broken", ['1,"open\n', '1,"a"b\n'])
def test_what_is_no_csv_is_told_in_words_with_its_place_behind_the_rows_before(broken: str) -> None:
    found = spreadsheets.rows(["a,b\n", "1,2\n", broken])
    assert [next(found), next(found)] == [(1, ["a", "b"]), (2, ["1", "2"])]
    with pytest.raises(InvalidInput) as caught:
        next(found)
    (fault,) = caught.value.faults
    assert "line 3 is not CSV" in fault.message
    assert "quotation mark" in fault.message


def test_an_empty_file_has_no_rows() -> None:
    assert list(spreadsheets.rows([])) == []
