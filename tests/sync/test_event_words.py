"""What happened to a record, said as a person would say it."""

from datetime import UTC, datetime
from typing import Any

import pytest

from qbwc_server.desk.logs.event_words import HOW_FOUND, HOW_KNOWN, closing, doer, told
from qbwc_server.domain.event_types import TYPES
from qbwc_server.domain.events import Event
from qbwc_server.domain.records import State

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
FOR_PROGRAMS = ("shown by", "picked", "message set", "the host", "external", "None", "_", "anew", "withdrawn")


def event(type_: str, **more: Any) -> Event:
    values: dict[str, Any] = {
        "id": 1,
        "connector_id": 1,
        "record_id": 1,
        "at": NOON,
        "type": type_,
        "what": "QuickBooks confirmed it",
        "from_state": None,
        "to_state": None,
        "revision": None,
        "actor": "server",
        "detail": None,
    }
    return Event(**{**values, **more})


@pytest.mark.parametrize("type_", [each for each in TYPES if not each.startswith("connector.")])
def test_every_type_of_a_record_is_a_sentence_whoever_did_it_and_wherever_it_came_from(type_):
    for actor in ("host", "host (shop)", "quickbooks", "server", "cli", "Ann"):
        for before in (None, *State):
            said = told(event(type_, actor=actor, from_state=before)).text
            assert said[:1].isupper(), said
            assert not said.endswith("."), said
            assert not any(word in said for word in FOR_PROGRAMS), said


def test_what_came_to_synced_tells_how():
    def came(before: State, found: str, proof: str, **data: str) -> str:
        said = told(
            event(
                "invoice.synced",
                from_state=before,
                to_state=State.SYNCED,
                detail=f"{found}, shown by {proof}",
                data={"matched_by": found, "proof": proof, **data},
            )
        )
        assert said.detail is None
        return said.text

    assert came(State.SENT, "created", "answer", number="1042") == "QuickBooks took it, as number 1042"
    assert came(State.UNCERTAIN, "created", "probe") == "Found in QuickBooks after the answer was lost"
    assert came(State.QUEUED, "created", "answer") == "QuickBooks has it already"
    assert came(State.QUEUED, "hand", "query") == "QuickBooks showed the invoice it was linked to"
    matched = event("customer.synced", from_state=State.QUEUED, detail="email, shown by cache", data=None)
    assert told(matched).text == "Found in QuickBooks by its billing email"
    named = {"matched_by": "hand", "proof": "person", "full_name": "Ocean Grill"}
    by_hand = event("customer.synced", from_state=State.BLOCKED, actor="Ann", data=named)
    assert told(by_hand).text == "Linked by hand, as “Ocean Grill”"


def test_causes_become_words_and_a_note_stays_as_it_was_written():
    stopped = told(
        event("invoice.blocked", from_state=State.QUEUED, detail="item_not_matched; item_not_matched")
    )
    assert (stopped.text, stopped.detail) == ("Stopped before it was sent", "Item not matched")
    note = told(event("invoice.dismissed", actor="Ann", detail="item_not_matched, says Ann"))
    assert note.detail == "item_not_matched, says Ann"


@pytest.mark.parametrize(
    ("detail", "text", "note"),
    [
        ("Let it be (let_be)", "Decided: Let it be", None),
        (
            "Overwrite (what Ann did) (overwrite): told (her) so",
            "Decided: Overwrite (what Ann did)",
            "told (her) so",
        ),
        ("as a former version noted", "Decided", "as a former version noted"),
    ],
)
def test_a_decision_is_told_without_the_id_of_the_choice(detail, text, note):
    said = told(event("invoice.answered", actor="Ann", detail=detail))
    assert (said.text, said.detail) == (text, note)


def test_what_a_former_version_noted_is_told_in_its_own_words():
    said = told(event("connector.other", record_id=None, what="something odd", detail="item_not_matched"))
    assert (said.text, said.detail) == ("Something odd", "Item not matched")


@pytest.mark.parametrize(
    ("reason", "text"),
    [
        (None, "It went away"),
        ("went away", "The cause is gone"),
        ("released by server", "The cause is gone"),
        ("released by Ann", "Checked again by Ann: the cause is gone"),
        ("dismissed by Ann: said by Bob: no", "Dismissed by Ann: said by Bob: no"),
        ("linked by host (shop)", "Linked by hand by the order system (shop)"),
        ("it is in QuickBooks after all", "It is in QuickBooks after all"),
    ],
)
def test_why_an_error_record_was_closed(reason, text):
    assert closing(reason) == text


def test_every_way_of_knowing_has_its_words():
    assert doer("host (shop)") == "the order system (shop)"
    assert all(
        not any(word in text for word in FOR_PROGRAMS) for text in (*HOW_FOUND.values(), *HOW_KNOWN.values())
    )
