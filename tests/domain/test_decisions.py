"""What may be decided of a record: one table of rules, walked over every state a record can be in."""

from itertools import product

import pytest

from qbwc_server.domain.causes import Cause, DocumentDeleted, Refused, Uncertain
from qbwc_server.domain.decisions import Decision, objection
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.records import Link, Record, State

LINK = Link("1A-1", "1", "SO-1", "created", "answer")
DELETED = DocumentDeleted("invoice", "invoice SO-1", "1A-1")
VANISHED = DocumentDeleted("invoice", "invoice SO-1", "1A-1", vanished=True)
UNCERTAIN = Uncertain("invoice SO-1")


def record(
    kind: Kind, state: State, link: Link | None = None, *, is_void: bool = False, is_surplus: bool = False
) -> Record:
    # what a record has beside decides nothing
    others = dict.fromkeys(Record._fields)
    decisive = {"kind": kind, "external_id": "SO-1", "state": state, "link": link, "is_void": is_void}
    return Record(**{**others, **decisive, "is_surplus": is_surplus})


def test_what_another_record_has_in_quickbooks_keeps_none_from_being_cancelled() -> None:
    for kind in Kind:
        doubled = record(kind, State.BLOCKED, LINK, is_surplus=True)
        assert objection(doubled, Decision.CANCEL, []) is None


@pytest.mark.parametrize(("kind", "state", "link"), list(product(Kind, State, [None, LINK])))
def test_only_what_quickbooks_cannot_hold_is_cancelled(kind: Kind, state: State, link: Link | None) -> None:
    may = objection(record(kind, state, link), Decision.CANCEL, []) is None
    assert may == (link is None and state in (State.QUEUED, State.BLOCKED, State.SYNCED))


@pytest.mark.parametrize(
    ("link", "causes", "expected"),
    [
        (None, [Refused("invoice SO-1")], None),
        (None, [UNCERTAIN], "nobody knows whether invoice SO-1 is in QuickBooks"),
        (LINK, [UNCERTAIN], "is in QuickBooks; void it instead"),
        (LINK, [DELETED], None),
        (LINK, [VANISHED], "may be in QuickBooks' company file yet"),
        (LINK, [Refused("invoice SO-1")], "void it instead"),
    ],
)
def test_what_an_error_says_decides_whether_a_blocked_record_is_cancelled(
    link: Link | None, causes: list[Cause], expected: str | None
) -> None:
    found = objection(record(Kind.INVOICE, State.BLOCKED, link), Decision.CANCEL, causes)
    assert found is None if expected is None else expected in (found or "")


def test_what_is_to_be_voided_is_not_told_to_be_voided() -> None:
    found = objection(record(Kind.INVOICE, State.QUEUED, LINK, is_void=True), Decision.CANCEL, [])
    assert found == "invoice SO-1 is in QuickBooks and is void, or will be at the next visit"


@pytest.mark.parametrize(
    ("state", "link", "is_void", "causes", "may"),
    [
        (State.SYNCED, LINK, False, [], True),
        (State.QUEUED, LINK, False, [], True),
        (State.SENT, None, False, [], True),
        (State.UNCERTAIN, None, False, [], True),
        (State.BLOCKED, None, False, [UNCERTAIN], True),
        (State.CANCELLED, LINK, False, [], True),
        (State.CANCELLED, None, False, [], False),
        (State.QUEUED, None, False, [], False),
        (State.SYNCED, LINK, True, [], False),
        (State.BLOCKED, LINK, False, [DELETED], False),
        (State.BLOCKED, LINK, False, [VANISHED], False),
    ],
)
def test_what_quickbooks_holds_or_may_hold_is_voided(
    state: State, link: Link | None, is_void: bool, causes: list[Cause], may: bool
) -> None:
    for kind in (Kind.INVOICE, Kind.PURCHASE_ORDER):
        found = objection(record(kind, state, link, is_void=is_void), Decision.VOID, causes)
        assert (found is None) == may


@pytest.mark.parametrize("decision", [Decision.VOID, Decision.POST_AS_NEW])
def test_what_is_for_documents_is_not_decided_of_list_records(decision: Decision) -> None:
    for kind, state in product((Kind.CUSTOMER, Kind.VENDOR, Kind.ITEM), State):
        assert objection(record(kind, state, LINK), decision, [DELETED])


@pytest.mark.parametrize("decision", [Decision.LINK, Decision.UNLINK, Decision.POST_AS_NEW, Decision.CANCEL])
def test_nothing_but_a_void_is_decided_while_it_is_on_its_way(decision: Decision) -> None:
    for kind, state in product(Kind, (State.SENT, State.UNCERTAIN)):
        assert objection(record(kind, state, LINK), decision, [])


def test_a_cancelled_record_is_not_linked_back_to_life() -> None:
    found = objection(record(Kind.CUSTOMER, State.CANCELLED), Decision.LINK, [])
    assert found == "customer SO-1 is cancelled; hand it over again before it is linked"


def test_only_a_document_that_was_deleted_is_posted_as_new() -> None:
    assert objection(record(Kind.INVOICE, State.BLOCKED, LINK), Decision.POST_AS_NEW, [DELETED]) is None
    assert objection(record(Kind.INVOICE, State.BLOCKED, LINK), Decision.POST_AS_NEW, [VANISHED]) is None
    assert objection(record(Kind.INVOICE, State.SYNCED, LINK), Decision.POST_AS_NEW, [])


@pytest.mark.parametrize(("decision", "state"), list(product(Decision, State)))
def test_every_objection_is_a_sentence_without_a_full_stop(decision: Decision, state: State) -> None:
    for kind, link in product(Kind, [None, LINK]):
        found = objection(record(kind, state, link), decision, [])
        assert found is None or (found and not found.endswith("."))
