"""How emails, SKUs and names are compared, and which of several entries is meant."""

from __future__ import annotations

import pytest

from qbwc_server.domain.kinds import ListName
from qbwc_server.domain.matching import ListEntry, choose, email_keys, fold, spelt_so


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("  Harbour ", "harbour"),
        ("STRASSE", "straße"),
        ("Cafe\u0301", "CAF\u00c9"),
        ("A-77", "a-77"),
        ("O'Hara – Sons", "O’Hara – Sons"),
        ("Fish – Co", "fish - co"),
        ("Fish  Co", "Fish\u00a0Co"),
        ("a\tb", "a b"),
    ],
)
def test_names_are_compared_without_case_blanks_composition_and_forms_of_dashes(
    left: str, right: str
) -> None:
    assert fold(left) == fold(right)


def test_different_names_stay_different() -> None:
    assert len({fold(each) for each in ("A-77", "A77", "A 77", "Ä-77")}) == 4


@pytest.mark.parametrize(
    ("field", "keys"),
    [
        (None, ()),
        ("", ()),
        ("no address", ()),
        ("AP@X.example", ("ap@x.example",)),
        (" a@x , B@x;c@x  d@x\te@x", ("a@x", "b@x", "c@x", "d@x", "e@x")),
        ("a@x,A@X", ("a@x",)),
        ("call Ada, a@x", ("a@x",)),
    ],
)
def test_a_field_may_hold_several_addresses(field: str | None, keys: tuple[str, ...]) -> None:
    assert email_keys(field) == keys


def entry(list_id: str, *, active: bool = True, deleted: bool = False, sku: str | None = None) -> ListEntry:
    return ListEntry(
        ListName.ITEM, list_id, "ItemNonInventory", list_id, active, deleted, None, sku, "1", None, None
    )


def test_one_living_entry_is_meant() -> None:
    assert choose([entry("a"), entry("b", deleted=True)]) == (entry("a"),)
    assert choose([entry("b", deleted=True)]) == ()
    assert choose([]) == ()


def test_an_active_entry_is_preferred_to_inactive_ones() -> None:
    assert choose([entry("a", active=False), entry("b")]) == (entry("b"),)
    assert choose([entry("a", active=False)]) == (entry("a", active=False),)


def test_several_active_entries_are_all_candidates() -> None:
    assert len(choose([entry("a"), entry("b")])) == 2


def test_an_exact_sku_is_preferred_and_blanks_do_not_count() -> None:
    found = [entry("a", sku="a-77"), entry("b", sku=" A-77 ")]
    assert choose(found, exact_sku="A-77") == (found[1],)
    assert choose(found, exact_sku="A-77 ") == (found[1],)
    assert choose([found[0]], exact_sku="A-77") == (found[0],)
    assert len(choose([entry("a", sku="a-77"), entry("b", sku="A-77 ")], exact_sku="x-77")) == 2


def test_of_names_that_look_alike_the_one_spelt_so_is_meant() -> None:
    plain, curly = entry("O'Hara"), entry("O’Hara")
    assert spelt_so([plain, curly], "o’hara") == [curly]
    assert spelt_so([plain, curly], "O‛Hara") == [plain, curly]
    gone = entry("O’Hara", deleted=True)
    assert spelt_so([plain, gone], "O’Hara") == [plain, gone]


def test_an_entry_of_which_only_what_is_shown_has_changed_is_the_same_entry() -> None:
    entry = ListEntry(
        ListName.CUSTOMER, "8-1", "Customer", "Harbor", True, False, None, None, "1", None, None
    )
    moved, renamed = entry._replace(city="Seaside"), entry._replace(full_name="Harbour")
    assert entry == moved
    assert not entry != moved  # noqa: SIM202 - a tuple would look at all of it
    assert hash(entry) == hash(moved)
    assert entry != renamed
