"""The types of events are a closed set: whatever may happen has one, and each is said in words."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from qbwc_server.domain import event_types
from qbwc_server.domain.causes import Uncertain
from qbwc_server.domain.event_types import (
    OF_CONNECTORS,
    OF_RECORDS,
    TYPES,
    ConnectorHappening,
    Happening,
    chosen,
    of_kind,
)
from qbwc_server.domain.events import Reason, came_to
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.records import TRANSITIONS, Link, Record, State

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)


def a_record(kind: Kind) -> Record:
    given: dict[str, Any] = dict.fromkeys(Record._fields)
    given |= {
        "connector_id": 1,
        "id": 5,
        "kind": kind,
        "external_id": "x",
        "state": State.QUEUED,
        "revision": 1,
    }
    return Record(**{**given, "content": {}, "is_void": False})


LINK = Link("1A2B-17", "1700000001", "SO-1", "created", "answer")


def test_every_happening_is_said_in_words() -> None:
    assert set(OF_RECORDS) == set(Happening)
    assert set(OF_CONNECTORS) == set(ConnectorHappening)
    assert all(words.endswith(".") for words in TYPES.values())


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("change", list(TRANSITIONS), ids=str)
def test_every_transition_of_every_kind_has_a_type_of_its_kind(
    kind: Kind, change: tuple[State | None, State]
) -> None:
    before, after = change
    for link in (None, LINK):
        for is_void in (False, kind.is_document):
            record = a_record(kind)._replace(state=after, link=link, is_void=is_void, synced_revision=1)
            assert came_to(record, before, at=NOW, actor="host").type in of_kind(kind)


@pytest.mark.parametrize(
    ("before", "changes", "happening"),
    [
        (None, {"state": State.QUEUED}, "handed_over"),
        (State.SYNCED, {"state": State.QUEUED, "link": LINK}, "revised"),
        (State.SYNCED, {"state": State.QUEUED, "link": LINK, "is_void": True}, "void_requested"),
        (State.BLOCKED, {"state": State.QUEUED, "is_void": True}, "released"),
        (State.UNCERTAIN, {"state": State.QUEUED}, "requeued"),
        (State.CANCELLED, {"state": State.QUEUED}, "revived"),
        (State.SENT, {"state": State.SYNCED, "synced_revision": 1}, "synced"),
        (State.SENT, {"state": State.SYNCED, "synced_revision": 1, "is_void": True}, "voided"),
        (State.BLOCKED, {"state": State.BLOCKED}, "blocked"),
    ],
)
def test_what_happened_to_an_invoice_is_told_apart(
    before: State | None, changes: dict[str, object], happening: str
) -> None:
    record: Record = a_record(Kind.INVOICE)._replace(**changes)
    assert came_to(record, before, at=NOW, actor="host").type == f"invoice.{happening}"


def test_an_invoice_that_arrived_before_it_is_to_be_voided_is_not_void_yet() -> None:
    record = a_record(Kind.INVOICE)._replace(
        state=State.SYNCED, is_void=True, revision=2, synced_revision=1, link=LINK
    )
    assert came_to(record, State.SENT, at=NOW, actor="quickbooks").type == "invoice.synced"


def test_a_customer_whose_link_was_forgotten_is_unlinked() -> None:
    record = a_record(Kind.CUSTOMER)._replace(state=State.QUEUED, link=None)
    assert came_to(record, State.SYNCED, at=NOW, actor="ann").type == "customer.unlinked"


def test_an_event_keeps_what_quickbooks_called_the_record_then() -> None:
    record = a_record(Kind.INVOICE)._replace(state=State.SYNCED, link=LINK, synced_revision=1)
    assert came_to(record, State.SENT, at=NOW, actor="quickbooks").data == {
        "txn_id": "1A2B-17",
        "edit_sequence": "1700000001",
        "number": "SO-1",
        "synced_revision": 1,
        "matched_by": "created",
        "proof": "answer",
    }


def test_before_quickbooks_knows_it_the_number_is_the_hosts() -> None:
    record = a_record(Kind.INVOICE)._replace(content={"ref_number": "SO-9"})
    assert came_to(record, None, at=NOW, actor="host").data == {"number": "SO-9"}


def test_a_reason_says_what_and_what_to_do_and_who() -> None:
    told = Reason(Uncertain("invoice SO-1")).as_data(7)
    assert (told["error_id"], told["cause"], told["actor"]) == (7, "uncertain", "staff")
    assert told["message"]
    assert told["remedy"]


# --- choosing ----------------------------------------------------------------------------------------------


def test_types_are_chosen_by_name_by_kind_and_by_happening() -> None:
    assert chosen(["invoice.synced"]) == {"invoice.synced"}
    assert chosen(["invoice.*"]) == set(of_kind(Kind.INVOICE))
    assert chosen(["*.blocked"]) == {f"{kind}.blocked" for kind in Kind}
    assert chosen(["*"]) == set(TYPES)
    assert chosen(["invoice.synced", "connector.*"]) > {"invoice.synced", "connector.paused"}


@pytest.mark.parametrize(
    "pattern", ["invoice.sync", "nvoice.synced", "invoice", "*.nothing", "invoice.[s]ynced", ""]
)
def test_a_type_that_is_none_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match="there is no type"):
        chosen([pattern])


def test_whoever_mistypes_a_type_is_told_the_near_one() -> None:
    with pytest.raises(ValueError, match=r"did you mean invoice\.synced"):
        chosen(["invoice.synct"])


def test_a_customer_cannot_be_voided_nor_a_document_be_matched_anew() -> None:
    assert "customer.voided" not in TYPES
    assert "invoice.unlinked" not in TYPES
    assert event_types.CONNECTOR not in set(Kind)


def test_the_page_about_events_has_every_type_in_the_same_words() -> None:
    page = (Path(__file__).parents[2] / "docs" / "events.md").read_text(encoding="utf-8")
    told: dict[str, str] = {}
    of_whom = {"all": list(Kind), "documents": [k for k in Kind if k.is_document]}
    of_whom["lists"] = [kind for kind in Kind if not kind.is_document]
    for name, kinds, words in re.findall(r"^\| `(\w+)` \| (all|documents|lists) \| (.+) \|$", page, re.M):
        told |= {f"{kind}.{name}": words for kind in of_whom[kinds]}
    told |= dict(re.findall(r"^\| `(connector\.\w+)` \| (.+) \|$", page, re.M))
    assert told == dict(TYPES)
