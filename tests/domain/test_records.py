"""The states of a record's life and the transitions between them; its ExternalGUID."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from itertools import product
from typing import Any
from uuid import UUID

import pytest

from qbwc_server.domain.in_quickbooks import KINDS
from qbwc_server.domain.kinds import Kind, ListName
from qbwc_server.domain.records import (
    TRANSITIONS,
    ForbiddenTransition,
    Record,
    State,
    external_guid,
    meaning,
)

DESIGNED = {
    (None, "queued"),
    ("queued", "blocked"),
    ("blocked", "queued"),
    ("queued", "sent"),
    ("sent", "synced"),
    ("sent", "blocked"),
    ("sent", "queued"),
    ("sent", "uncertain"),
    ("uncertain", "synced"),
    ("uncertain", "queued"),
    ("uncertain", "blocked"),
    ("uncertain", "sent"),  # the identical message set goes out again
    ("synced", "blocked"),
    ("synced", "queued"),  # a new revision
    ("queued", "synced"),  # matched without a write
    ("blocked", "synced"),
    ("queued", "cancelled"),
    ("blocked", "cancelled"),
    ("synced", "cancelled"),
    ("cancelled", "queued"),
}
PAIRS = list(product([None, *State], State))


@pytest.mark.parametrize(("before", "after"), PAIRS)
def test_every_pair_of_states_either_has_a_meaning_or_cannot_happen(
    before: State | None, after: State
) -> None:
    if (before, str(after)) in DESIGNED:
        assert re.fullmatch(r"\S.+\S", meaning(before, after))
    else:
        with pytest.raises(ForbiddenTransition) as caught:
            meaning(before, after)
        assert (caught.value.before, caught.value.after) == (before, after)
        assert str(after) in str(caught.value)


def test_nothing_on_its_way_can_be_cancelled_and_nothing_appears_in_the_middle_of_life() -> None:
    assert (State.SENT, State.CANCELLED) not in TRANSITIONS
    assert (State.UNCERTAIN, State.CANCELLED) not in TRANSITIONS
    assert [after for before, after in TRANSITIONS if before is None] == [State.QUEUED]


def test_the_table_of_transitions_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        TRANSITIONS[State.SENT, State.CANCELLED] = "never"


def record(**values: Any) -> Record:
    moment = datetime(2026, 11, 20, tzinfo=UTC)
    given: dict[str, Any] = dict.fromkeys(Record._fields)
    given |= {"kind": Kind.INVOICE, "external_id": "SO-1", "generation": 0, "created_at": moment}
    return Record(**{**given, **values})


CONNECTOR = UUID(int=7)


def test_the_guid_is_the_same_for_every_sending_and_revision() -> None:
    first = external_guid(CONNECTOR, record(revision=1))
    assert first == external_guid(CONNECTOR, record(revision=9, state=State.SENT))
    assert re.fullmatch(r"\{[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\}", first)


def test_the_guid_differs_by_connector_kind_external_id_and_generation() -> None:
    base = record()
    others = [
        external_guid(UUID(int=8), base),
        external_guid(CONNECTOR, base._replace(kind=Kind.PURCHASE_ORDER)),
        external_guid(CONNECTOR, base._replace(external_id="SO-2")),
        external_guid(CONNECTOR, base._replace(generation=1)),
        external_guid(CONNECTOR, base._replace(generation=2)),
    ]
    assert len({external_guid(CONNECTOR, base), *others}) == 6


def test_a_record_is_called_by_its_kind_and_the_hosts_id() -> None:
    assert record(kind=Kind.PURCHASE_ORDER, external_id="7").label == "purchase order 7"


def test_kinds_are_ranked_so_that_what_others_refer_to_goes_first() -> None:
    assert sorted(Kind, key=lambda kind: KINDS[kind].rank) == list(Kind)
    documents = [KINDS[kind].rank for kind in Kind if kind.is_document]
    assert min(documents) > max(KINDS[kind].rank for kind in Kind if not kind.is_document)
    assert {kind.id_name for kind in Kind if kind.is_document} == {"txn_id"}
    assert [kind.plural for kind in Kind][-1] == "purchase-orders"


def test_names_are_shared_by_people_and_by_nothing_else() -> None:
    people = {ListName.CUSTOMER, ListName.VENDOR, ListName.EMPLOYEE, ListName.OTHER_NAME}
    for name in ListName:
        assert set(name.sharing) == (people if name in people else {name})
        assert name.label
        assert name.entry_label
