"""Every code QuickBooks is known to refuse a write with has a cause on purpose."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from qbwc_server.domain.causes import (
    Cause,
    ClosedPeriod,
    InvalidField,
    NameInUse,
    NotPermitted,
    ReferenceMissing,
    Refused,
)
from qbwc_server.domain.causes.answers import CAUSES, RANGES, cause_of, cause_of_code
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.records import Record, State
from qbxml import status

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)

REFUSALS = sorted(int(known.code) for known in status.statuses if known.executed is False)
"""What `qbxml` describes as a refusal."""

FROM_THE_SDK = (
    (2000, 2040, Refused),
    (3000, 3090, InvalidField),
    (3101, 3110, InvalidField),
    (3120, 3140, ReferenceMissing),
    (3161, 3161, ClosedPeriod),
    (3171, 3171, ClosedPeriod),
    (3175, 3200, Refused),
    (3205, 3205, InvalidField),
    (3210, 3210, Refused),
    (3260, 3263, NotPermitted),
    (3270, 3270, InvalidField),
    (9100, 9199, Refused),
)
"""First and last code, and what is to come of those among them that are known."""


def record(kind: Kind = Kind.INVOICE, **content: Any) -> Record:
    return Record(
        id=1,
        connector_id=1,
        kind=kind,
        external_id="x-1",
        state=State.SENT,
        revision=1,
        synced_revision=None,
        content=content,
        priority=100,
        waiting=0,
        link=None,
        is_surplus=False,
        synced_content=None,
        posted_lines=(),
        needs_reading=False,
        is_void=False,
        generation=0,
        warnings=(),
        attempts=0,
        not_before=None,
        pause_reason=None,
        isolation=None,
        probed_session_id=None,
        created_at=NOW,
        updated_at=NOW,
    )


def refused(told: Record, code: int, sentence: str = "No.") -> Cause:
    return cause_of(told, told.content, "Harbour Fish", code, sentence, "Do this.")


@pytest.mark.parametrize("code", REFUSALS)
def test_every_code_that_is_known_has_a_cause_on_purpose(code: int) -> None:
    assert code in CAUSES or any(code in codes for codes in RANGES)


def test_the_table_has_no_code_that_is_no_refusal() -> None:
    assert set(CAUSES) <= set(REFUSALS)


@pytest.mark.parametrize(("first", "last", "cause"), FROM_THE_SDK)
def test_a_code_has_the_cause_the_sdk_gives_it(first: int, last: int, cause: type[Cause]) -> None:
    known = [code for code in REFUSALS if first <= code <= last]
    assert known
    assert {cause_of_code(code) for code in known} == {cause}


@pytest.mark.parametrize("code", REFUSALS)
@pytest.mark.parametrize("kind", [Kind.CUSTOMER, Kind.INVOICE])
def test_every_cause_says_whose_it_is_and_what_to_do(code: int, kind: Kind) -> None:
    cause = refused(record(kind), code)
    assert cause.key
    assert cause.message()
    assert cause.remedy()


@pytest.mark.parametrize(("code", "cause"), [(3055, InvalidField), (3999, Refused), (12, Refused)])
def test_a_code_nobody_described_has_one_by_its_range(code: int, cause: type[Cause]) -> None:
    assert type(refused(record(), code)) is cause


def test_a_name_is_in_use_only_of_what_has_one() -> None:
    assert refused(record(Kind.CUSTOMER), 3100) == NameInUse("customer", "Harbour Fish")
    assert refused(record(Kind.INVOICE), 3100) == Refused("invoice x-1", "Do this.")


def test_another_transaction_that_the_document_names_is_told_by_quickbooks_sentence() -> None:
    told = record(link_to_txn_id=["5A-1"], lines=[{"unit_of_measure": "crate"}])
    assert refused(told, 3210, 'The id "5A-1" is gone.') == ReferenceMissing(
        "invoice x-1", "sales order", "5A-1"
    )
    unit = refused(told, 3140, 'There is no unit "crate".')
    assert isinstance(unit, ReferenceMissing)
    assert (unit.what, unit.value) == ("unit of measure", "crate")
    # another code's sentence may well quote it
    assert refused(told, 3260, 'The id "5A-1" may not be used.') == NotPermitted("invoice x-1")
