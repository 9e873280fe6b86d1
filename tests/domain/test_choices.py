"""The table of choices: every cause has its ways out, in words for people, and the page in docs/ says the same."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from qbwc_server.domain.causes import (
    CATALOGUE,
    AlreadyLinked,
    Candidate,
    Cause,
    ChangedInQuickbooks,
    CustomerNotMatched,
    InvalidField,
    NumberConflict,
    RecordDeleted,
    RecordInactive,
    ReferenceMissing,
    VendorNotMatched,
    WrongCompanyFile,
    restore,
)
from qbwc_server.domain.choices import DONE_ELSEWHERE, WAYS, Action, Choice, Situation, choices_of, quoted
from qbwc_server.domain.decisions import Decision
from qbwc_server.domain.kinds import Kind, ListName

PAGE = (Path(__file__).parents[2] / "docs" / "errors.md").read_text(encoding="utf-8")
EVERYTHING = frozenset(Decision)
FIRST = Candidate("Harbour & Sons", "80000001-1", email="ap@x.example")


def of_customer(cause: Cause, **more: object) -> Situation:
    """A customer's own trouble."""
    made = Situation(
        cause,
        record="invoice SO-1",
        about="customer c-9",
        kind=Kind.CUSTOMER,
        external_id="c-9",
        list_name=ListName.CUSTOMER,
        is_own=True,
        may=EVERYTHING,
    )
    return replace(made, **more)


SEVERAL = CustomerNotMatched("several", "customer c-9", "ap@x.example", (FIRST,), "email")
CONFLICT = NumberConflict("invoice", "1042", "5-1", "Harbour", "2026-11-20", "19.00")
OF_INVOICE = {"about": "invoice SO-1", "kind": Kind.INVOICE, "list_name": None, "is_own": False}
SITUATIONS = {
    "several": of_customer(SEVERAL, candidates=(FIRST,), together=40),
    "missing": of_customer(CustomerNotMatched("email_missing", "customer c-9")),
    "named": of_customer(
        VendorNotMatched("email_unknown", "item i-1", "x@y.example"), is_own=False, list_name=ListName.VENDOR
    ),
    "not there": of_customer(CustomerNotMatched("not_handed_over", "invoice SO-1", "c-7"), is_own=False),
    "conflict": of_customer(CONFLICT, candidates=CONFLICT.candidates, **OF_INVOICE),
    "changed": of_customer(
        ChangedInQuickbooks("invoice SO-1", {"memo": ("a", "b")}), is_linked=True, **OF_INVOICE
    ),
    "linked": of_customer(RecordDeleted("customer", "Harbour", "8-1", "list_id:8-1"), is_linked=True),
    "another file": of_customer(
        WrongCompanyFile({"path": ("C:\\a.qbw", "C:\\b.qbw")}, {"path": "C:\\b.qbw"}),
        kind=None,
        external_id=None,
        list_name=None,
    ),
    "inactive": of_customer(RecordInactive("customer", "Harbour", "8-1", "email:ap@x.example")),
    "taken": of_customer(AlreadyLinked("customer c-9", "customer c-7", "8-1", False, "Harbour")),
    "default": of_customer(ReferenceMissing("item i-7", "income account"), list_name=None, is_own=False),
    "setting": of_customer(
        InvalidField("invoice SO-1", "ref_number", "too long", "ref_number_prefix"), **OF_INVOICE
    ),
}


def actions(offered: tuple[Choice, ...]) -> list[Action]:
    return list(dict.fromkeys(each.action for each in offered))


def test_every_cause_of_the_catalogue_has_ways_out() -> None:
    assert {cause.name for cause in WAYS} == set(CATALOGUE)


def test_the_page_names_for_each_cause_what_the_table_offers() -> None:
    rows = re.findall(r"^\| `(\w+)` \| ((?:`\w+` ?)*) \| ((?:`\w+` ?)*) ?\|$", PAGE, re.M)
    told = {
        cause: (re.findall(r"`(\w+)`", here), re.findall(r"`(\w+)`", there)) for cause, here, there in rows
    }
    wanted = {}
    for cause, ways in WAYS.items():
        each = list(dict.fromkeys(way.action.value for way in ways))
        wanted[cause.name] = (
            [one for one in each if one not in DONE_ELSEWHERE],
            [one for one in each if one in DONE_ELSEWHERE],
        )
    assert told == wanted
    described = re.findall(r"^\| `(\w+)` \| [^|`]", PAGE, re.M)
    assert {action.value for action in Action} <= set(described)


@pytest.mark.parametrize("name", SITUATIONS)
def test_labels_and_consequences_read_as_words_for_people(name: str) -> None:
    offered = choices_of(SITUATIONS[name])
    assert len({each.id for each in offered}) == len(offered)
    for each in offered:
        for text in (each.label, each.consequence):
            assert re.match(r"[A-Z“]", text), text
            assert not re.search(r"None|[{}]|\s\s|XML|statusCode", text), text
            assert not re.search(r"[a-z]_[a-z]", text.replace("ref_number_prefix", "")), text
        assert each.consequence.endswith("."), each.consequence


@pytest.mark.parametrize(
    ("cause", "words"),
    [
        (CustomerNotMatched("name_unknown", "invoice SO-1", "Newcomer"), "the name “Newcomer”"),
        (CustomerNotMatched("email_unknown", "invoice SO-1", "AP@X.example"), "the email AP@X.example"),
        (RecordInactive("customer", "Harbour", "8-1", "customer_name:harbour"), "the name “Harbour”"),
        (RecordInactive("customer", "Harbour", "8-1", "email:ap@x.example"), "the email ap@x.example"),
    ],
)
def test_what_is_named_is_spelt_as_it_was_written(cause: Cause, words: str) -> None:
    situation = of_customer(cause, is_own=False)
    (choose,) = [each for each in choices_of(situation) if each.action is Action.LINK]
    assert choose.consequence.startswith(f"Whatever names {words} means the customer that you choose")


def test_what_is_quoted_in_a_label_stands_in_single_quotes_where_the_label_is_quoted() -> None:
    assert quoted("It is “Twin B”") == "“It is ‘Twin B’”"


def test_what_may_not_be_decided_is_not_offered() -> None:
    may = set(actions(choices_of(SITUATIONS["several"])))
    assert {Action.LINK, Action.CREATE} <= may
    on_its_way = replace(SITUATIONS["several"], may=frozenset())
    assert {Action.LINK, Action.CREATE}.isdisjoint(actions(choices_of(on_its_way)))
    taken = replace(SITUATIONS["several"], is_name_free=False)
    assert Action.CREATE not in actions(choices_of(taken))


def test_to_let_be_says_how_many_and_one_alone_is_offered_beside() -> None:
    offered = {each.id: each for each in choices_of(SITUATIONS["several"])}
    assert offered["dismiss"].label == "Let all 40 be"
    assert offered["dismiss_this"].label == "Let only invoice SO-1 be"
    alone = {each.id: each for each in choices_of(SITUATIONS["missing"])}
    assert alone["dismiss"].label == "Let it be"
    assert "dismiss_this" not in alone


def test_what_the_host_has_to_hand_over_is_named() -> None:
    (hand_over,) = [each for each in choices_of(SITUATIONS["not there"]) if each.action is Action.HAND_OVER]
    assert hand_over.record == (Kind.CUSTOMER, "c-7")
    (again,) = [each for each in choices_of(SITUATIONS["missing"]) if each.action is Action.HAND_OVER_AGAIN]
    assert (again.fields, again.is_answerable) == (("/email",), False)


def test_candidates_of_error_records_of_a_former_version_are_read() -> None:
    former = {"why": "several", "record": "customer c-9", "value": "a@b.example",
              "candidates": [{"name": "Harbour", "list_id": "8-1"}]}  # fmt: skip
    cause = restore("customer_not_matched", former)
    assert getattr(cause, "candidates", ()) == (Candidate("Harbour", "8-1"),)
    assert restore("name_in_use", {"list_name": "item", "full_name": "Oyster"}).data()["candidates"] == []
    assert restore("uncertain", {"record": "invoice SO-1", "found": None}).data()["candidates"] == []
