"""Every cause of the catalogue, over HTTP: seeded, told before anything is sent where that is possible, mended
by whoever the error record names, released by itself or by a retry, and synced.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from qbwc_server.desk.views.error_views import ErrorRecord
from qbwc_server.domain.causes import CATALOGUE
from qbwc_server.simulator import CompanyFile
from qbwc_server.simulator.web_connector.report import Outcome
from tests.worlds.cause_world import (
    CASES,
    INVOICE,
    Case,
    House,
    Stage,
    bring_about,
    open_house,
    there,
    told,
    written_by_us,
)

# dozens of whole visits; what releases each cause is in tests/sync/test_release.py, in a second
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with open_house(tmp_path_factory.mktemp("causes")) as made:
        yield made


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_cause_is_told_mended_released_and_the_record_synced(house: House, case: Case) -> None:
    stage = house.stage(f"case-{CASES.index(case)}", case.settings)
    bring_about(stage, case)
    if case.sent:
        stage.until_idle()
    elif case.meanwhile is not None:
        before = written_by_us(stage)
        stage.until_idle()
        assert written_by_us(stage) == before
    else:
        # known from the cache alone: the Web Connector is not even asked to open QuickBooks
        told(stage, case)
        assert [report.outcome for report in stage.until_idle()] == [Outcome.NOTHING_TO_DO]
    error = told(stage, case)
    assert (error.quickbooks is not None) == (case.cause in SAID_BY_QUICKBOOKS)
    case.mend(stage)
    stage.until_idle()
    assert stage.errors() == []
    view = stage.view(*case.blocked)
    assert (view["state"], view["synced_revision"]) == ("synced", view["revision"])
    assert there(stage, case.blocked[0], view)


SAID_BY_QUICKBOOKS = ("not_permitted", "closed_period", "refused")
"""The causes that come with QuickBooks' own sentence."""


# --- causes of a connector as a whole -----------------------------------------------------------------------


def connector_error(stage: Stage, cause: str, actor: str, says: str) -> ErrorRecord:
    (error,) = stage.errors()
    assert (error.kind, error.external_id, error.cause, error.actor) == (None, None, cause, actor)
    assert says in error.message
    assert error.remedy
    return error


def gets_through(stage: Stage) -> None:
    """The Web Connector comes and everything is well again."""
    stage.until_idle()
    assert stage.errors() == []
    assert stage.view(*INVOICE)["state"] == "synced"
    assert stage.the_invoice()


def test_quickbooks_that_cannot_be_opened_is_told_until_it_can(house: House) -> None:
    stage = house.stage("unreachable", {})
    stage.invoice()
    stage.company.person.block_sessions("0x80040414", "A modal dialog box is showing.")
    stage.visit()
    error = connector_error(
        stage, "quickbooks_unreachable", "quickbooks_user", "could not work with QuickBooks"
    )
    assert error.quickbooks is not None
    assert (error.quickbooks.code, error.quickbooks.message) == (
        "0x80040414",
        "A modal dialog box is showing.",
    )
    stage.company.person.unblock()
    gets_through(stage)


def test_another_company_file_is_neither_read_nor_written_until_a_person_says_it_is_the_one(
    house: House,
) -> None:
    stage = house.stage("wrong-file", {})
    stage.visit()
    stage.invoice()
    own, other = stage.company, CompanyFile.create(None, company_name="Somebody Else")
    other.register(str(stage.web_connector.owner_id), "{00000000-0000-0000-0000-000000000001}")
    stage.web_connector.company_file = other
    before = other.ledger
    assert stage.visit().round_trips == 0
    error = connector_error(stage, "wrong_company_file", "staff", "Somebody Else")
    assert error.cause_key == "company_file"
    assert other.ledger == before
    stage.web_connector.company_file = own
    gets_through(stage)


def test_a_wrong_password_is_told_until_the_right_one_comes(house: House) -> None:
    stage = house.stage("bad-password", {})
    stage.invoice()
    right, stage.web_connector.password = stage.web_connector.password, "guessed"
    assert stage.visit().outcome is Outcome.REFUSED
    connector_error(stage, "bad_credentials", "quickbooks_user", "wrong password")
    stage.web_connector.password = right
    gets_through(stage)


def test_a_quickbooks_that_speaks_none_of_our_versions_is_told_until_it_does(house: House) -> None:
    stage = house.stage("versions", {})
    stage.invoice()
    spoken = stage.company.host["SupportedQBXMLVersion"]
    stage.company.host["SupportedQBXMLVersion"] = ["99.0"]
    stage.visit()
    connector_error(stage, "version_unsupported", "quickbooks_user", "understands no qbXML version")
    stage.company.host["SupportedQBXMLVersion"] = spoken
    gets_through(stage)


# --- nothing is left out ------------------------------------------------------------------------------------

OF_OLD_CONTENT = {"not_named"}
"""No record comes in like this any more; tests/sync/test_check.py stores one as it was taken before."""

OF_THE_CONNECTOR = {"quickbooks_unreachable", "wrong_company_file", "bad_credentials", "version_unsupported"}
OF_WEBHOOKS = {"webhook_disabled"}
"""See test_webhooks.py."""
OF_RAW_REQUESTS = {"request_uncertain"}
"""See test_raw_requests.py."""

OF_WHAT_WAS_REFUSED = {"not_accepted"}
"""No record is blocked for it; see test_truth.py."""


def test_no_cause_is_left_out() -> None:
    others = OF_THE_CONNECTOR | OF_WEBHOOKS | OF_RAW_REQUESTS | OF_WHAT_WAS_REFUSED
    assert {case.cause for case in CASES} | others == set(CATALOGUE)


@pytest.mark.parametrize("cause", ["customer_not_matched", "vendor_not_matched", "item_not_matched"])
def test_no_sub_reason_of_a_missing_match_is_left_out(cause: str) -> None:
    """The closed set is the one the class itself documents."""
    documented = next(each.__doc__ for each in CATALOGUE[cause].__mro__ if "why:" in (each.__doc__ or ""))
    (listed,) = re.findall(r"why: (.*?)\.\n", documented or "", re.DOTALL)
    told = {case.sub_reason for case in CASES if case.cause == cause}
    assert told == set(re.findall(r"``(\w+)``", listed)) - OF_OLD_CONTENT
