"""The judge of the demonstration: it must notice whatever is not as sown."""

import json
from pathlib import Path
from typing import Any

import pytest

from qbwc_server.cli.demo.seeded import CASES, Case, surprises, tallies
from qbwc_server.domain.kinds import Kind

DATA = Path(__file__).parents[3] / "fixtures" / "demo"


def view(kind: Kind, external_id: str, state: str = "synced", **more: Any) -> dict[str, Any]:
    """A record as the host sees it."""
    return {
        "kind": kind,
        "external_id": external_id,
        "state": state,
        "matched_by": None,
        "errors": [],
        **more,
    }


def blocked_by(case: Case, kind: Kind, external_id: str) -> dict[str, Any]:
    error = {"cause": case.cause, "sub_reason": case.sub_reason, "cause_key": case.cause_key}
    return view(kind, external_id, "blocked", errors=[error])


def as_sown() -> list[dict[str, Any]]:
    """Every seeded record blocked as it should be, and one that is synced."""
    seeded = [blocked_by(case, *name) for case in CASES for name in sorted(case.records)]
    return [*seeded, view(Kind.ITEM, "i-01")]


def test_as_sown_there_are_no_surprises() -> None:
    assert surprises(as_sown()) == []


def test_a_seeded_record_that_was_synced_is_a_surprise() -> None:
    views = as_sown()
    views[0]["state"] = "synced"
    assert surprises(views) == ["customer c-14 is synced and should be blocked"]


def test_a_record_that_is_still_queued_is_a_surprise() -> None:
    assert surprises([*as_sown(), view(Kind.ITEM, "i-02", "queued")]) == [
        "item i-02 is queued and should be synced"
    ]


@pytest.mark.parametrize("key", ["cause", "sub_reason", "cause_key"])
def test_a_seeded_record_blocked_by_something_else_is_a_surprise(key: str) -> None:
    views = as_sown()
    views[-2]["errors"][0][key] = "something else"
    (surprise,) = surprises(views)
    assert "inv-1045 is blocked by" in surprise
    assert "should be by item inactive" in surprise


def test_a_second_cause_is_a_surprise() -> None:
    views = as_sown()
    views[-2]["errors"].append({"cause": "refused", "sub_reason": None, "cause_key": "record:x"})
    assert len(surprises(views)) == 1


def test_a_seeded_record_that_is_missing_is_a_surprise() -> None:
    assert surprises(as_sown()[1:]) == ["customer c-14 is missing"]


def test_tallies_tell_found_from_created() -> None:
    views = [
        view(Kind.INVOICE, "1", matched_by="created"),
        view(Kind.CUSTOMER, "1", matched_by="email"),
        view(Kind.CUSTOMER, "2", matched_by="created"),
        view(Kind.CUSTOMER, "3", "queued"),
    ]
    customers, invoices = tallies(views)
    assert (customers.kind, customers.synced, customers.found, customers.created) == (Kind.CUSTOMER, 2, 1, 1)
    assert (invoices.kind, invoices.synced, invoices.found) == (Kind.INVOICE, 1, 0)


def test_every_seeded_record_is_handed_over() -> None:
    for case in CASES:
        for kind, external_id in case.records:
            lines = (DATA / f"{kind.plural}.ndjson").read_text(encoding="utf-8").splitlines()
            assert external_id in {json.loads(line)["external_id"] for line in lines}
