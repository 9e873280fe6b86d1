"""The text rule: NFC, safe mappings, Windows-1252 kept, the rest refused by name and position."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from qbxml.datatypes import Name, Problem, Text
from qbxml.text import SAFE_MAPPINGS, check_repertoire, clean_text, plain_text, stored_text


@pytest.mark.parametrize(
    ("given_text", "cleaned"),
    [
        ("plain, unchanged", "plain, unchanged"),
        ("Chef’s “Best” – 3/4 lb…—‚„ ™", "Chef’s “Best” – 3/4 lb…—‚„ ™"),
        ("3⁄4 lb, 5′ 6″, a‐b‑c−d", "3/4 lb, 5' 6\", a-b-c-d"),
        ("non\u00a0breaking\u202fspaces\tand tabs", "non\u00a0breaking spaces and tabs"),
        ("zero\u200bwidth\ufeff soft\u00adhyphen", "zerowidth softhyphen"),
        ("bell\x07 vertical\x0btab\x00 del\x7f c1\x81", "bell verticaltab del c1"),
        ("two\r\nlines\rthree", "two\nlines\nthree"),
        ("Cafe\u0301", "Café"),
        ("€ 5 • ™ Œuvre Šibenik", "€ 5 • ™ Œuvre Šibenik"),
        ("ﬁsh ﬂour", "fish flour"),
    ],
)
def test_text_is_cleaned_the_way_quickbooks_can_hold_it(given_text: str, cleaned: str) -> None:
    assert clean_text(given_text)[0] == cleaned


def test_what_was_mapped_is_named_once_in_order() -> None:
    assert clean_text("a‐b−c‐d″ – e")[1] == (("‐", "-"), ("−", "-"), ("″", '"'))


def test_a_foreign_character_is_refused_with_its_name_and_position() -> None:
    with pytest.raises(
        Problem, match=r"'中' \(U\+4E2D CJK UNIFIED IDEOGRAPH-4E2D\) at position 3"
    ) as refused:
        Text(41).encode("ab中")
    assert refused.value.code == "character"


def test_a_lone_half_of_a_character_is_refused() -> None:
    with pytest.raises(Problem, match="U\\+D83D"):
        Text().encode("\ud83d")


def test_the_length_counts_after_mapping() -> None:
    assert Text(3).encode("\ufb03") == "ffi"
    with pytest.raises(Problem, match="4 characters, QuickBooks holds 3") as refused:
        Text(3).encode("\ufb03a")
    assert (refused.value.code, refused.value.limit) == ("too_long", 3)


def test_decomposed_letters_count_as_one() -> None:
    assert Text(4).encode("Cafe\u0301") == "Café"


def test_a_colon_in_a_name_is_refused_with_its_position() -> None:
    with pytest.raises(Problem, match="':' at position 5"):
        Name(41).encode("Fish: fresh")


@pytest.mark.parametrize("empty", ["", "  ", "\x07"])
def test_a_name_may_not_be_empty(empty: str) -> None:
    with pytest.raises(Problem, match="may not be empty"):
        Name(41).encode(empty)


def test_every_mapping_leads_to_something_quickbooks_can_hold() -> None:
    for character, replacement in SAFE_MAPPINGS.items():
        assert check_repertoire(replacement) is None
        assert clean_text(character)[0] == replacement


def test_what_is_dropped_is_told_as_what_is_mapped_is() -> None:
    assert clean_text("a\x0bb\u2032\x9f\r\n\x0b") == ("ab'\n", (("\x0b", ""), ("\u2032", "'"), ("\x9f", "")))


@given(st.text())
def test_cleaning_is_stable_and_leaves_no_control_characters(value: str) -> None:
    once, _ = clean_text(value)
    assert clean_text(once)[0] == once
    assert not any(ord(c) < 32 and c != "\n" for c in once)


@given(st.text())
def test_accepted_text_is_windows_1252(value: str) -> None:
    try:
        text = Text().encode(value)
    except Problem:
        return
    assert text.encode("cp1252").decode("cp1252") == text


WINDOWS_1252 = [
    bytes([code]).decode("cp1252")
    for code in range(0x20, 0x100)
    if code not in (0x7F, 0x81, 0x8D, 0x8F, 0x90, 0x9D, 0xAD)
]
"""Every character QuickBooks can show, but for the soft hyphen."""


@pytest.mark.parametrize("character", WINDOWS_1252)
def test_what_windows_1252_holds_goes_out_as_it_is(character: str) -> None:
    assert clean_text(f"a{character}b") == (f"a{character}b", ())


@pytest.mark.parametrize(
    ("given_text", "stored"),
    [
        ("a\r\nb", "a\nb"),
        (" two \t\n lines  ", "two\n lines"),
        ("Cafe\u0301 – 5″ ", 'Café – 5"'),
    ],
)
def test_what_comes_back_is_compared_with_what_was_sent_without_the_blanks_quickbooks_trims(
    given_text: str, stored: str
) -> None:
    assert stored_text(given_text) == stored_text(stored) == stored


def test_texts_that_look_alike_have_the_same_plain_form() -> None:
    alike = ("O’Hara – “Sons”…", 'O\'Hara - "Sons"...', "O‛Hara — ‟Sons„...", 'O\'Hara\u00a0− "Sons"…  ')
    assert {plain_text(each) for each in alike} == {'O\'Hara - "Sons"...'}
    assert plain_text("O'Hara Sons") != plain_text("O'Hara-Sons")


@given(st.text())
@example("0\xa0\x850")  # a blank that becomes plain at the end of a line
def test_both_forms_are_stable(value: str) -> None:
    assert stored_text(stored_text(value)) == stored_text(value)
    assert plain_text(plain_text(value)) == plain_text(value)
