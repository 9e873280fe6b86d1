"""Masks of what somebody wrote: nothing of it is left, and what was equal stays equal."""

from __future__ import annotations

import pytest

from qbwc_server.domain.masking import Mask


def test_an_id_of_nothing_but_noughts_and_dashes_tells_nothing_and_stays() -> None:
    assert Mask().identifier("0-0") == "0-0"


def test_one_id_is_masked_alike_with_and_without_braces() -> None:
    mask = Mask()
    assert mask.identifier("{8A-3F}") == f"{{{mask.identifier('8A-3F')}}}"


def test_an_amount_that_is_no_number_is_masked_as_text() -> None:
    mask = Mask()
    assert mask.amount("by agreement") == mask.text("by agreement") != "by agreement"


def test_where_no_word_is_left_to_draw_there_are_marks_instead_of_letters(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mask = Mask()
    monkeypatch.setattr(
        mask, "_letters_for", lambda word: "cod"
    )  # the lot falls on somebody's own word each time
    mask.learn("cod")
    masked = mask.text("eel")
    assert len(masked) == 3
    assert "*" in masked
    assert "cod" not in masked
