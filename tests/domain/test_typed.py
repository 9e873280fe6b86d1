"""What somebody types is understood as people write it: numbers, names, amounts and ids, with what surrounds them."""

import pytest

from qbwc_server.domain import typed
from qbwc_server.domain.kinds import Kind


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("440", 44000),
        ("440.00", 44000),
        ("440.5", 44050),
        ("$1,240.50", 124050),
        ("€ 1.240,50", 124050),
        ("1 240.50", 124050),
        ("1'240.50", 124050),
        ("1,240", 124000),
        ("-20.00", -2000),
        ("0", 0),
        ("1042-7", None),
        ("5F-1700000000", None),
        ("12,34,56.00", None),
        ("1.2.3", None),
        ("", None),
        ("$", None),
        ("9" * 30, None),
    ],
)
def test_an_amount_is_read_as_people_of_any_country_write_it(text: str, cents: int | None) -> None:
    assert typed.cents(text) == cents


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("  #1042 ", "1042"),
        ("„1042“", "1042"),
        ("# 1042", "1042"),
        ("inv 1042", "1042"),
        ("Invoice no. 1042", "1042"),
        ("PO 77/b", "77/b"),
        ("SO-1042,", "SO-1042"),
        ("№1042", "1042"),
        ("invoice", "invoice"),
        ("", ""),
    ],
)
def test_a_number_is_read_without_what_people_say_before_it(text: str, number: str) -> None:
    assert typed.read(text).number == number


def test_what_is_said_before_a_number_tells_the_kind_or_belongs_to_it() -> None:
    as_written, bare = typed.read("inv 1042").tries
    assert [each[0] for each in as_written.words] == ["inv", "1042"]
    assert as_written.kinds == tuple(Kind)
    assert ([each[0] for each in bare.words], bare.kinds) == (["1042"], (Kind.INVOICE,))
    # an invoice may have a PO number
    assert typed.read("PO 77").tries[-1].kinds == tuple(Kind)


def test_a_pasted_id_is_spelt_as_quickbooks_spells_it() -> None:
    assert "5F-1700000000" in typed.read(' "5f-1700000000" ').ids
    guid = "{57F3B9B6-86F1-4FCC-B1EE-566DE1813D20}"
    assert typed.read(guid.lower()).is_guid
    assert guid.strip("{}") in typed.read(guid.lower()).ids
    assert not typed.read("80000001-1234567890").is_guid


def test_a_number_and_an_amount_are_told_from_the_name_between_them() -> None:
    said = typed.read("invoice 1042, Ocean Grill, 440.00")
    assert said.parts == ("1042", "440.00")
    assert said.words == ("invoice", "1042", "Ocean", "Grill", "440.00")
    assert typed.read("1042").parts == ()


def test_a_page_of_text_is_cut() -> None:
    assert len(typed.read("x y " * 5000).text) <= typed.LONGEST
