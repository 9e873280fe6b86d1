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
    codes = {code for row in rows for code in codes_in(row) if not 9001 <= code <= 9006}
    assert codes >= {2040, 3152, 3263, 9199}
    assert {code for code in codes if code not in statuses} == set()
    assert all(statuses.get(code).documented for code in codes)


def codes_in(row: str) -> set[int]:
    """The codes that the first cell of a row names, also as a range (`3151-3153`)."""
    found = set()
    for first, last in re.findall(r"\b(\d{1,4})\b(?:-(\d{1,4})\b)?", row.split("(")[0]):
        found |= set(range(int(first), int(last or first) + 1))
    return found


def test_codes_that_are_described_together_are_each_described() -> None:
    for code in (2000, 2030, 2040, 9100, 9150, 9199):
        assert code in statuses
        assert statuses.get(code, "Error").documented
    assert 2041 not in statuses
    assert 9200 not in statuses
    assert "Online" in statuses.get(2040).meaning
    assert "failed" in statuses.get(9150).meaning


KNOWN_STATUSES = (
    "0 1 500 501 510 530 531 540 550 560 570 600 1000 1010 1030 1060 3000 3010 3020 3030 3031 3035 3040 3045 3050 3060 "
    "3065 3070 3080 3085 3090 3100 3101 3110 3120 3121 3130 3140 3150 3151 3152 3153 3160 3161 3170 3171 3175 3176 "
    "3177 3180 3185 3190 3200 3205 3210 3220 3230 3231 3240 3250 3260 3261 3263 3270 3290"
)
KNOWN_HRESULTS = (
    "80040154 80010105 80070005 800706BA 80040400 80040401 80040402 80040403 80040404 80040407 80040408 80040409 "
    "8004040A 8004040C 8004040D 8004040E 8004040F 80040410 80040411 80040412 80040413 80040414 80040416 80040417 "
    "80040418 8004041A 8004041B 8004041C 8004041D 8004041E 8004041F 80040420 80040421 80040422 80040423 80040424 "
    "80040427 8004042A 8004042C"
)
"""What is known of QuickBooks' codes, so that none is lost where the reference is not at hand."""


def test_no_code_that_is_known_is_lost_from_the_catalogue() -> None:
    assert {code for code in map(int, KNOWN_STATUSES.split()) if code not in statuses} == set()
    assert {code for code in KNOWN_HRESULTS.split() if code not in hresults} == set()
    assert {code for code in (0, 600, *range(9001, 9007)) if code not in message_set_statuses} == set()


@pytest.mark.parametrize("severity", ["Error", ""])
def test_a_quickbooks_in_which_nothing_may_be_written_says_so_and_who_must_act(severity: str) -> None:
    for code in (3220, 3260, 3261, 3263):
        status = statuses.get(code, severity)
        assert (status.retry, status.executed, status.who) == (Retry.HUMAN, False, "quickbooks_user")
        assert "QuickBooks" in status.remedy or "Web Connector" in status.remedy


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
     (42, "Error", Retry.PERMANENT, False), (9250, "Error", Retry.PERMANENT, False), (2050, "", Retry.PERMANENT, False),
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
