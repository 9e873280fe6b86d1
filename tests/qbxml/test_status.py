"""The code catalogue: whole, in plain words, and decided by severity where it has no entry."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from qbxml.status import Retry, Status, hresults, message_set_statuses, qbwc_codes, statuses

REFERENCE = Path(__file__).resolve().parents[3] / "shared" / "reference" / "error-codes.md"


def section(name: str) -> str:
    return REFERENCE.read_text().split(f"## ({name})")[1].split("\n## ")[0]


@pytest.mark.intuit
def test_every_hresult_of_the_reference_is_described() -> None:
    codes = set(re.findall(r"0x[0-9A-F]{8}", section("a")))
    assert codes
    assert {code for code in codes if code not in hresults} == set()


@pytest.mark.intuit
def test_every_status_of_the_reference_is_described() -> None:
    rows = re.findall(r"^\| ([^|]+) \|", section("c"), re.MULTILINE)
    codes = {
        int(code) for row in rows for code in re.findall(r"\b\d{1,4}\b", row.split("(")[0]) if "-" not in row
    }
    assert len(codes) > 50
    assert {code for code in codes if code not in statuses} == set()


@pytest.mark.intuit
def test_every_message_set_status_of_the_reference_is_described() -> None:
    codes = {int(code) for code in re.findall(r"^\| (\d+)", section("d"), re.MULTILINE)}
    assert {code for code in codes if code not in message_set_statuses} == set()


@pytest.mark.intuit
def test_every_code_of_the_web_connector_is_described() -> None:
    rows = re.findall(r"^\| ([^|]+) \|", section("b"), re.MULTILINE)
    codes = {int(code) for row in rows for code in re.findall(r"\b1\d{3}\b", row)}
    assert len(codes) > 30
    assert {code for code in codes if code not in qbwc_codes} == set()


@pytest.mark.parametrize(
    "status", [*statuses, *hresults, *message_set_statuses, *qbwc_codes.values()], ids=lambda s: str(s.code)
)
def test_every_entry_has_plain_words(status: Status) -> None:
    assert status.meaning.endswith(".")
    assert not re.search(r"(?i)\bxml\b|schema|element\b|parse|statuscode", status.meaning + status.remedy)
    if status.retry not in (Retry.OK,):
        assert status.remedy.endswith(".")
        assert len(status.remedy) > 15


@pytest.mark.parametrize(
    ("code", "severity", "retry"),
    [(0, "", Retry.OK), (3200, "Error", Retry.REREAD), (3175, "Error", Retry.TRANSIENT), (3100, "Error", Retry.REREAD),
     (3070, "Error", Retry.PERMANENT), (3260, "Error", Retry.HUMAN), (1000, "Error", Retry.UNKNOWN)],
)  # fmt: skip
def test_known_codes_keep_their_class(code: int, severity: str, retry: Retry) -> None:
    assert statuses.get(code, severity).retry is retry


@pytest.mark.parametrize(
    ("code", "severity", "retry", "executed"),
    [(42, "Info", Retry.OK, True), (777, "", Retry.OK, True), (3999, "Error", Retry.PERMANENT, False),
     (42, "Error", Retry.PERMANENT, False), (9150, "Error", Retry.PERMANENT, False), (2010, "", Retry.PERMANENT, False),
     (3011, "", Retry.PERMANENT, False), (-1, "", Retry.OK, True)],
)  # fmt: skip
def test_an_unknown_code_is_judged_by_severity_or_range(
    code: int, severity: str, retry: Retry, executed: bool
) -> None:
    status = statuses.get(code, severity)
    assert (status.retry, status.executed, status.documented) == (retry, executed, False)


@pytest.mark.parametrize("spelling", ["0x80040400", "0X80040400", "80040400", " 0x80040400 ", "0x8004040a"])
def test_an_hresult_is_found_in_any_spelling(spelling: str) -> None:
    assert spelling in hresults
    assert hresults[spelling].documented


def test_only_refusals_before_processing_prove_that_nothing_was_executed() -> None:
    proving = {status.code for status in hresults if status.executed is False}
    assert proving == {"0x80040400", "0x80040423"}
    assert hresults.nothing_executed("0x80040423")
    assert not hresults.nothing_executed("0x80040402")
    assert not hresults.nothing_executed("0xDEADBEEF")


@pytest.mark.parametrize("odd", ["", "garbage", "0xDEADBEEF"])
def test_an_unknown_hresult_leaves_the_outcome_open(odd: str) -> None:
    assert hresults.get(odd).retry is Retry.UNKNOWN


def test_message_set_codes_leave_the_outcome_open_where_the_reference_does() -> None:
    open_codes = {status.code for status in message_set_statuses if status.retry is Retry.UNKNOWN}
    assert open_codes == {9001, 9002, 9003, 9005, 9006}
