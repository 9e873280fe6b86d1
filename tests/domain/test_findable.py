"""What a record is found by is what people know of it, however they type it."""

import runpy
from typing import Any

import pytest

from qbwc_server.domain.findable import (
    LONGEST_WORD,
    MOST_WORDS,
    beginnings_asked,
    items_of,
    number_key,
    party_of,
    words_of,
    words_of_entry,
    words_of_name,
)
from qbwc_server.domain.kinds import Kind
from tests.worlds.former_database import FOLDER


def found(text: str, words: frozenset[str]) -> bool:
    """Whether a text finds a record with these words."""
    return all(
        any(word.startswith(each) for word in words for each in beginnings)
        for beginnings in beginnings_asked(text)
    )


INVOICE = {
    "ref_number": "SO-1042",
    "po_number": "PO 77/b",
    "customer": {"email": "ap@harbour.example"},
    "lines": [{"item": {"sku": "A-77"}, "quantity": "1"}],
}


@pytest.mark.parametrize(
    "text",
    [
        "SO-1042",
        "so-10",
        " SO-1042 ",
        "1042",
        "104",
        "042",
        "PO 77",
        "77/b",
        "AP@HARBOUR",
        "harbour.ex",
        "web-9",
    ],
)
def test_a_document_is_found_by_a_part_of_what_it_says(text: str) -> None:
    assert found(text, words_of(Kind.INVOICE, "web-9", INVOICE)), text


@pytest.mark.parametrize("text", ["SO-1043", "1042 PO-8", "042x", "harbor"])
def test_a_document_is_not_found_by_what_it_does_not_say(text: str) -> None:
    assert not found(text, words_of(Kind.INVOICE, "web-9", INVOICE)), text


def test_the_names_emails_and_skus_of_list_records_find_them() -> None:
    customer = {"name": "Zoë’s Pier", "company_name": "Pier Nine Ltd.", "email": "a@b.example; c@d.example"}
    words = words_of(Kind.CUSTOMER, "c-7", customer)
    for text in ("zoë's", "ZOË", "nine ltd", "ltd.", "c@d.example", "d.example", "C-7"):
        assert found(text, words), text
    assert found("A-77", words_of(Kind.ITEM, "1", {"sku": "A-77", "name": "Oyster"}))
    assert found("chain", words_of_name(Kind.CUSTOMER, "Chain Co:Store 1"))


def test_a_number_is_found_as_a_whole_in_any_case() -> None:
    assert number_key(" so-1042") in words_of(Kind.INVOICE, "1", INVOICE)
    assert number_key("SO 1042") not in words_of(Kind.INVOICE, "1", INVOICE)
    assert number_key("W-7") in words_of_name(Kind.INVOICE, "W-7")


@pytest.mark.parametrize(
    ("said", "party"),
    [
        ("Harbour  Fish", "full_name:harbour fish"),
        ({"full_name": "Harbour Fish"}, "full_name:harbour fish"),
        ({"external_id": "C-7"}, "external_id:C-7"),
        ({"list_id": "8-1", "full_name": "Harbour Fish"}, "list_id:8-1"),
        ({"email": "AP@x.example"}, "email:ap@x.example"),
        ({"email": ""}, None),
        (None, None),
    ],
)
def test_whose_document_it_is_is_said_in_one_of_four_ways(said: Any, party: str | None) -> None:
    assert party_of(Kind.INVOICE, {"customer": said}) == party
    assert party_of(Kind.PURCHASE_ORDER, {"vendor": said}) == party
    assert party_of(Kind.CUSTOMER, {"customer": said}) is None


def test_words_are_bounded() -> None:
    text = " ".join(f"w{number}" for number in range(500)) + " " + "x" * 4000
    words = words_of(Kind.CUSTOMER, "c", {"name": text[::-1]})
    assert len(words) == MOST_WORDS
    assert max(map(len, words)) == LONGEST_WORD
    assert found("x" * 100, words)


def test_the_migrations_find_by_what_the_program_finds_by() -> None:
    first = runpy.run_path(str(FOLDER / "versions" / "0027_what_records_are_found_by.py"))
    second = runpy.run_path(str(FOLDER / "versions" / "0038_words_without_their_marks.py"))
    contents = [
        (Kind.INVOICE, INVOICE),
        (Kind.INVOICE, {"customer": "Zoë’s Pier", "po_number": None}),
        (Kind.PURCHASE_ORDER, {"vendor": {"list_id": "8-1"}, "ref_number": "7"}),
        (Kind.CUSTOMER, {"name": "A_b ç", "company_name": "Sønder/Ærø", "email": "x@y.example, z@y.example"}),
        (Kind.ITEM, {"sku": "A-77", "name": "Oyster 100ct"}),
    ]
    for kind, content in contents:
        assert first["party_of"](kind.value, content) == party_of(kind, content)
        for name in (None, "W-7", "Chain Co:Store 1"):
            named = words_of_name(kind, name) if name else frozenset()
            told = first["words_of"](kind.value, "e-1", content, name)
            plain = {each for word in told if word[0] not in "#~" for each in second["plainly"](word)}
            assert told | plain == words_of(kind, "e-1", content) | named


def test_of_lines_that_are_none_no_item_is_noted() -> None:
    lines = ["oyster", 7, None, {"item": "Oyster"}, {"desc": "Thank you"}]
    assert items_of(Kind.INVOICE, {"lines": lines}) == {" full_name:oyster"}
    assert items_of(Kind.INVOICE, {"lines": "oyster"}) == set()


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("Söhne & Co", "sohne"),
        ("Söhne & Co", "SOEHNE"),
        ("Sohne", "Söhne"),
        ("Soehne", "Söhne"),
        ("Ærø Fisk", "aero"),
        ("Ærø Fisk", "Aeroe"),
        ("Łódź", "lodz"),
        ("Straße 7", "strasse"),
        ("So\u0308hne", "sohne"),
    ],
)
def test_who_has_no_umlauts_on_the_keyboard_finds_what_has_them(name: str, typed: str) -> None:
    assert found(typed, words_of(Kind.CUSTOMER, "c", {"name": name}))


@pytest.mark.parametrize(
    ("name_key", "words"),
    [
        ("oyster", set()),
        ("oyster 000001", {"000001"}),
        ("fish:oyster bay", {"oyster", "bay"}),
        # found by the beginning of the name, too
        ("anna ann annabel", {"annabel"}),
        ("söhne am hafen", {"sohne", "soehne", "am", "hafen"}),
        ("x" * 70 + " y", {"y"}),
    ],
)
def test_of_an_entry_no_word_is_kept_with_which_its_name_begins(name_key: str, words: set[str]) -> None:
    assert words_of_entry(name_key) == words
