"""A company file with a record stamped years ahead: what is entered and deleted later is seen all the same."""

from __future__ import annotations

import time

import pytest

from tests.worlds.change_world import House, Office

YEARS = 4 * 365 * 24 * 3600


def the_next_refresh(office: Office) -> None:
    """What is due after a minute, which is the shortest interval."""
    time.sleep(61)
    office.visit()


@pytest.mark.thorough  # it waits a minute for the lists to be due; the same in no time: tests/sync/test_clocks.py
def test_a_record_stamped_years_ahead_hides_neither_a_new_customer_nor_a_deletion(house: House) -> None:
    office = house.office()
    house.command("connector", "set", office.name, "refresh_minutes=1")
    office.company.shift_clock(YEARS)
    office.company.person.add("Customer", {"Name": "Fast", "Email": "fast@x.example"})
    office.company.shift_clock(-YEARS)
    office.customer()
    office.item()
    office.invoice()
    office.invoice("late", ref_number="SO-2", customer={"email": "late@x.example"})
    office.visit()
    office.blocked("invoices/late")
    office.company.person.add("Customer", {"Name": "Late", "Email": "late@x.example"})
    office.company.person.delete_transaction("Invoice", office.synced("invoices/inv")["txn_id"])
    the_next_refresh(office)
    office.synced("invoices/late")
    assert office.there("invoices/late")["CustomerRef"]["FullName"] == "Late"
    error = office.blocked("invoices/inv")
    assert error["cause"] == "document_deleted"
    assert "backup" not in error["message"] + error["remedy"]
