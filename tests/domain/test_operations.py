"""What a request is for is stored as JSON, and read again by whatever version of this server takes the answer."""

from __future__ import annotations

import json
from typing import Any

import pytest

from qbwc_server.domain.operations import (
    PURPOSES,
    Adding,
    Changing,
    Operation,
    Purpose,
    Request,
    Writing,
    purpose_of,
)

INVOICE = {"ref_number": "7", "customer": {"external_id": "c"}, "lines": [{"quantity": "2"}]}

STORED: list[tuple[Operation, dict[str, Any]]] = [
    (
        Operation.ADD,
        {
            "number": "7",
            "party": "80-1",
            "date": "2026-11-20",
            "total": "19.00",
            "tagged": True,
            "content": INVOICE,
        },
    ),
    (
        Operation.ADD,
        {"number": None, "party": None, "date": None, "total": None, "tagged": False, "content": INVOICE},
    ),
    (Operation.ADD, {"name": "Fish:Oyster", "tagged": True, "content": {"name": "Oyster", "parent": "Fish"}}),
    (Operation.MOD, {"id": "80-1", "edit_sequence": "7", "content": INVOICE}),
    (
        Operation.MOD,
        {
            "id": "80-1",
            "edit_sequence": None,
            "clear": ["memo", "terms"],
            "held": {"ref_number": "7"},
            "warnings": ["QuickBooks cannot empty the field memo."],
            "content": INVOICE,
        },
    ),
    (Operation.VOID, {"id": "80-1", "edit_sequence": "7", "content": INVOICE}),
    (Operation.READ, {"ids": {"12": "80-1", "13": "80-2"}}),
    (Operation.CLAIM, {"kind": "purchase_order", "ids": {"12": "80-1"}}),
    (Operation.NUMBER_PROBE, {"kind": "invoice", "numbers": {"12": "7", "13": "8"}}),
    (Operation.CONFLICT_PROBE, {"kind": "purchase_order", "numbers": {"12": "7"}}),
    (Operation.RECORD_PROBE, {"kind": "invoice", "names": {"a1": "7", "a2": None}}),
    (Operation.GUID_SEARCH, {"kind": "customer", "attempts": {"12": "a1"}}),
    (Operation.LIST_PAGE, {"list": "customer", "load": 3, "kind": "full"}),
    (Operation.LIST_PAGE, {"list": "item", "load": 3, "kind": "changes"}),
    (Operation.LIST_DELETED, {"list": "vendor"}),
    (Operation.VERIFY, {"kind": "invoice", "ids": {"12": "80-1"}, "again": False, "last": True}),
    (Operation.TXN_DELETED, {"kind": "invoice"}),
    (Operation.RAW_QUERY, {"raw_id": 7}),
    (Operation.RAW_WRITE, {"raw_id": 8}),
    (Operation.GREETING, {}),
]
"""Rows as they were stored before the purposes had types."""


@pytest.mark.parametrize(("operation", "data"), STORED)
def test_what_was_stored_is_read_and_would_be_stored_again(
    operation: Operation, data: dict[str, Any]
) -> None:
    purpose = purpose_of(operation, data)
    stored = json.loads(json.dumps(purpose.json()))
    # what says nothing need not be stored, and is read as it was
    assert stored.items() <= data.items()
    assert all(value in (None, False) for key, value in data.items() if key not in stored)
    assert purpose_of(operation, stored) == purpose


def test_every_operation_has_a_purpose() -> None:
    assert set(PURPOSES) == set(Operation)
    assert {operation for operation, _ in STORED} == set(Operation)


def test_a_key_of_a_later_version_does_no_harm() -> None:
    read = purpose_of(Operation.MOD, {"id": "80-1", "edit_sequence": "7", "later": [1]})
    assert read == Changing(id="80-1", edit_sequence="7")


@pytest.mark.parametrize(
    ("operation", "data", "waiting", "attempts"),
    [
        (Operation.READ, {"ids": {"12": "80-1", "13": "80-2"}}, (12, 13), ()),
        (Operation.CLAIM, {"kind": "invoice", "ids": {"12": "80-1"}}, (12,), ()),
        (Operation.NUMBER_PROBE, {"kind": "invoice", "numbers": {"12": "7"}}, (12,), ()),
        (Operation.GUID_SEARCH, {"kind": "item", "attempts": {"12": "a1"}}, (12,), ()),
        (Operation.RECORD_PROBE, {"kind": "item", "names": {"a1": "7", "a2": None}}, (), ("a1", "a2")),
        (Operation.VERIFY, {"kind": "item", "ids": {"3": "x"}, "again": True, "last": True}, (3,), ()),
        (Operation.LIST_PAGE, {"list": "item", "load": 1, "kind": "full"}, (), ()),
        (Operation.GREETING, {}, (), ()),
    ],
)
def test_a_purpose_says_who_waits_for_the_answer(
    operation: Operation, data: dict[str, Any], waiting: tuple[int, ...], attempts: tuple[str, ...]
) -> None:
    purpose = purpose_of(operation, data)
    assert purpose.waiting() == waiting
    assert purpose.attempts() == attempts


def test_a_write_waits_for_nothing_but_its_own_answer() -> None:
    purposes: list[Purpose] = [
        Adding(content=INVOICE, tagged=True, number="7"),
        Changing(id="80-1", edit_sequence="7"),
    ]
    assert [(each.waiting(), each.attempts()) for each in purposes] == [((), ())] * 2


def test_a_request_is_for_what_it_is_for() -> None:
    request = Request("r1", 1, 1, Operation.MOD, 12, 1, Changing(id="80-1", edit_sequence="7"))
    assert request.purpose_as(Changing) is request.purpose
    assert request.purpose_as(Writing) is request.purpose
    with pytest.raises(RuntimeError, match="r1"):
        request.purpose_as(Adding)
