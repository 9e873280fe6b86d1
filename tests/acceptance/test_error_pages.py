"""The pages about errors over real HTTP: what a person presses there is done, as the company file shows."""

from __future__ import annotations

from typing import Any

from tests.worlds.change_world import Office
from tests.worlds.staff import Staff, words

GROUP = "errors/group?cause=item_not_matched&key=sku:A-77"


def invoice_of(office: Office, number: int, *skus: str) -> dict[str, Any]:
    lines = [{"item": {"sku": sku}, "quantity": "2", "rate": "9.50"} for sku in skus]
    return office.invoice(f"i-{number}", ref_number=f"SO-{number}", lines=lines)


def test_whoever_fixed_it_in_quickbooks_presses_check_again_and_is_told_what_came_of_it(
    office: Office, staff: Staff
) -> None:
    for number in (1, 2, 3):
        invoice_of(office, number, "A-77", *(["Z-9"] if number == 3 else []))
    office.visit()
    listed = words(staff.page("errors"))
    assert "2 SKUs are missing in QuickBooks (3 invoices)" in listed
    page = staff.page(GROUP)
    assert "SO-1 · Harbour · 2026-11-20 · 19.00" in words(page)
    assert staff.press_form(page, "I fixed it in QuickBooks: check again").status_code == 200
    sale = {"SalesOrPurchase": {"Price": "9.50", "AccountRef": {"FullName": "Sales"}}}
    entry = {"Name": "Pearl", "ManufacturerPartNumber": "A-77", **sale}
    office.company.person.add("ItemNonInventory", entry)
    office.visit()
    assert office.written().count("InvoiceAddRq") == 2
    told = words(staff.page(GROUP))
    assert "Solved" in told
    assert "Nothing waits for this any more." in told
    assert "after a Resync of rita" in told
    assert "2 synced" in told
    assert "1 waits for something else: No item in QuickBooks has the Manufacturer's Part Number Z-9" in told


def test_all_of_a_group_are_dismissed_and_nothing_reaches_quickbooks(office: Office, staff: Staff) -> None:
    for number in (1, 2):
        invoice_of(office, number, "A-77")
    office.visit()
    page = staff.page(GROUP)
    (form,) = [each for each in page.forms if each.fields.get("choice") == "dismiss"]
    sent = {name: value or "" for name, value in form.form_values() if name != "csrf_token"}
    staff.press(form.action, **{**sent, "typed": "2", "note": "entered by hand"})
    assert "Dismissed by rita: entered by hand" in words(staff.page(GROUP))
    office.refresh()
    assert office.written().count("InvoiceAddRq") == 0
    assert [office.view(f"invoices/i-{number}")["state"] for number in (1, 2)] == ["cancelled"] * 2
