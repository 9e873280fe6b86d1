"""Faults of an input: each with the place it was found at."""

from __future__ import annotations

from typing import Any

import pytest

from qbwc_server.domain.faults import Fault, InvalidInput, place_in_words, remark_in_words


def test_a_pointer_escapes_what_it_must() -> None:
    found = {
        "loc": ("lines", 0, "a/b~c"),
        "msg": "Value error, no good",
        "type": "value_error",
        "input": None,
    }
    assert Fault.of(found) == Fault("/lines/0/a~1b~0c", "no good")


@pytest.mark.parametrize(
    ("found", "words"),
    [
        ({"type": "missing"}, "is needed"),
        ({"type": "literal_error", "ctx": {"expected": "'a', 'b' or 'c'"}}, "must be one of a, b, c"),
        ({"type": "int_parsing"}, "must be a whole number"),
        ({"type": "greater_than", "ctx": {"gt": 0}}, "must be more than 0"),
        ({"type": "one_that_comes_with_a_later_version"}, "has a value that does not fit here"),
    ],
)
def test_what_a_library_found_is_said_in_our_words(found: dict[str, Any], words: str) -> None:
    library = {"loc": ("a",), "msg": "Input should be something else", "input": None}
    assert Fault.of(library | found) == Fault("/a", words)


def test_every_fault_is_in_the_sentence() -> None:
    error = InvalidInput([Fault("/name", "too long"), Fault("", "not an object")])
    assert str(error) == "/name: too long; /: not an object"
    assert len(error.faults) == 2


@pytest.mark.parametrize(
    ("pointer", "words"),
    [
        ("", ""),
        ("/txn_date", "txn_date"),
        ("/lines/0/rate", "line 1, rate"),
        ("/lines/11", "line 12"),
        ("/lines/0/data_ext/2/value", "line 1, data_ext 3, value"),
        ("/a~1b~0c", "a/b~c"),
        ("/2", "2"),
    ],
)
def test_a_place_is_told_to_people_who_count_from_one(pointer: str, words: str) -> None:
    assert place_in_words(pointer) == words
    assert Fault(pointer, "is wrong").in_words == (f"{words}: is wrong" if words else "is wrong")


@pytest.mark.parametrize(
    ("warning", "words"),
    [
        (
            "lines.0.rate: QuickBooks has “5” instead of “7”.",
            "line 1, rate: QuickBooks has “5” instead of “7”.",
        ),
        ("memo: QuickBooks kept “lines.0.rate: 5”.", "memo: QuickBooks kept “lines.0.rate: 5”."),
        ("QuickBooks keeps an older version.", "QuickBooks keeps an older version."),
    ],
)
def test_a_warning_of_a_line_is_told_to_people_by_line_and_field(warning: str, words: str) -> None:
    assert remark_in_words(warning) == words
