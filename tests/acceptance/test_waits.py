"""Nothing waits without an end that a person sees, and a visit with nothing left to do is a good visit. Over HTTP,
judged from the company file and from what the Web Connector's window shows."""

from __future__ import annotations

import time

import pytest

from qbwc_server.simulator.fault_plan import FaultPlan
from qbwc_server.simulator.web_connector.report import Outcome
from tests.worlds.change_world import House, Office

CURRENCY = "The account type is not valid for this customer's currency."


# --- waiting ------------------------------------------------------------------------------------------------


def test_a_set_that_quickbooks_died_over_before_it_began_is_sent_anew_and_posted_once(office: Office) -> None:
    office.invoice()
    office.customer("later", name="Later", email="later@x.example")
    plan = FaultPlan.of(["unbegun#1"])
    office.web_connector.faults = plan
    first = office.web_connector.run_once()
    assert (first.outcome, first.error_code) == (Outcome.ERROR, "QBWC1031")
    assert len(plan.fired) == 1
    time.sleep(1)  # the lease of the visit that was cut off
    office.visit()
    office.synced("invoices/inv")
    office.synced("customers/later")
    assert sorted(office.written()[2:]) == ["CustomerAddRq", "InvoiceAddRq"]


def test_a_refusal_for_good_shows_quickbooks_sentence_at_once(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.company.person.deny("InvoiceAdd", 3180)
    monkeypatch.setitem(_denials(), 3180, CURRENCY)
    office.invoice()
    office.visit()
    error = office.blocked("invoices/inv")
    assert error["quickbooks"]["message"] == CURRENCY
    assert office.view("invoices/inv")["waiting"] is None
    office.company.person.allow("InvoiceAdd")
    assert office.call("POST", "invoices/inv/retry")[0] in (200, 202)
    office.visit()
    office.synced("invoices/inv")
    assert office.written().count("InvoiceAddRq") == 1


def _denials() -> dict[int, str]:
    from qbwc_server.simulator.quickbooks import conditions

    return conditions._DENIALS


def test_a_list_in_use_is_told_on_the_record_in_the_queue_and_ended_by_a_resync(office: Office) -> None:
    office.company.person.lock_list("Customer")
    office.customer("other", name="Other", email="other@x.example")
    office.visit()
    waiting = office.view("customers/other")["waiting"]
    assert "modified by another user" in waiting["reason"]
    assert waiting["until"] == office.view("customers/other")["not_before"]
    queue = office.house.command("queue", "--connector", office.name)
    assert [place["reason"] for place in queue["later"]] == [waiting["reason"]]
    office.company.person.unlock_list("Customer")
    office.visit()
    assert "waiting" in office.view("customers/other")
    office.refresh()
    office.synced("customers/other")


# --- quiet visits -------------------------------------------------------------------------------------------


def test_what_cannot_be_sent_is_told_before_quickbooks_is_opened(office: Office) -> None:
    """The customer became inactive after the invoice was handed over."""
    office.customer("gone", name="Gone", email="gone@x.example")
    office.visit()
    office.company.person.lock_list("Customer")
    office.customer("locked", name="Locked", email="locked@x.example")  # so that a visit has something to do
    office.invoice(customer={"external_id": "gone"})
    office.house.command("connector", "set", office.name, "post_invoices=no")
    office.company.person.edit("Customer", office.there("customers/gone")["ListID"], {"IsActive": "false"})
    office.refresh()
    office.house.command("connector", "set", office.name, "post_invoices=yes")
    (report,) = office.visit()
    assert (report.outcome, report.error_code) == (Outcome.NOTHING_TO_DO, None)
    assert office.blocked("invoices/inv")["cause"] == "record_inactive"


def test_the_last_record_turning_out_blocked_while_a_visit_is_planned_ends_it_well(house: House) -> None:
    """Everything was handed over before the lists were known."""
    office = house.office()
    office.invoice(customer={"email": "nobody@x.example"})
    office.vendor("v1", name="First", email="same@x.example")
    office.visit()
    assert office.view("invoices/inv")["state"] == "blocked"
    assert office.synced("vendors/v1")


def test_a_queue_that_is_withdrawn_while_the_web_connector_is_on_its_way_ends_well(office: Office) -> None:
    office.invoice()

    def withdraw(event: object) -> None:
        if getattr(event, "phase", "") == "after" and getattr(event, "method", "") == "authenticate":
            assert office.call("DELETE", "invoices/inv")[0] == 200

    office.web_connector.on_call = withdraw
    report = office.web_connector.run_once()
    office.web_connector.on_call = None
    assert (report.outcome, report.error_code, report.round_trips) == (Outcome.DONE, None, 1)
    assert office.company.records("Invoice") == []


# --- very old QuickBooks ------------------------------------------------------------------------------------

VERSIONS = ["1.0", "1.1", "2.0", "3.0", "4.0", "4.1", "5.0"]


@pytest.mark.parametrize("newest", ["2.0", "3.0", "4.1", "5.0"])
def test_a_quickbooks_of_the_first_years_is_spoken_to_in_its_own_words(house: House, newest: str) -> None:
    office = house.office()
    office.company.host["SupportedQBXMLVersion"] = VERSIONS[: VERSIONS.index(newest) + 1]
    for number in range(3):
        office.company.person.add("Customer", {"Name": f"Old {number}", "Email": f"old{number}@x.example"})
    office.customer(name="Harbour")
    office.customer("known", name="Whoever", email="old2@x.example")
    office.item()
    office.invoice()
    office.visit()
    for path in ("customers/c", "customers/known", "items/i", "invoices/inv"):
        office.synced(path)
    assert office.there("customers/known")["Name"] == "Old 2"
    assert sorted(office.written()) == ["CustomerAddRq", "InvoiceAddRq", "ItemNonInventoryAddRq"]
    connector = office.house.command("connector", "show", office.name)
    assert connector["qbxml_version"] == newest
    office.refresh()
    assert office.visit()[0].outcome is Outcome.NOTHING_TO_DO


def test_a_quickbooks_older_than_that_is_refused_in_words(house: House) -> None:
    office = house.office()
    office.company.host["SupportedQBXMLVersion"] = ["1.0", "1.1"]
    office.customer()
    report = office.web_connector.run_once()
    assert report.round_trips == 0
    assert "1.0, 1.1" in (report.last_error or "")
    status, answer = office.call("GET", "errors")
    assert status == 200
    (error,) = answer["errors"]
    assert error["cause"] == "version_unsupported"
    assert "QuickBooks 2003" in error["remedy"]
    assert office.written() == []
