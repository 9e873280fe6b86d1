"""What was decided for good and what was asked in qbXML, on the site: seen, taken back, settled, by the ledger."""

from __future__ import annotations

from typing import Any

from lxml import html

from qbwc_server.simulator.fault_plan import FaultPlan
from tests.worlds.change_world import Office
from tests.worlds.staff import NAME, Staff, words

BY_HAND = "<CustomerAddRq><CustomerAdd><Name>{}</Name></CustomerAdd></CustomerAddRq>"


def test_what_was_decided_for_good_is_seen_by_name_and_asked_again_once_it_is_taken_back(
    office: Office, staff: Staff
) -> None:
    for name in ("Twin A", "Twin B"):
        office.company.person.add("Customer", {"Name": name, "Email": "twin@x.example"})
    office.refresh()
    named = {"email": "twin@x.example"}
    office.invoice("inv-1", ref_number="W-1", customer=named)
    office.visit()
    (error,) = office.call("GET", "errors")[1]["errors"]
    shown = office.call("GET", f"errors/{error['id']}")[1]
    choice = next(each for each in shown["choices"] if (each["candidate"] or {}).get("name") == "Twin B")
    body = {"choice": choice["id"], "token": shown["token"]}
    assert office.call("POST", f"errors/{error['id']}/answer", body)[0] == 200
    office.visit()
    assert office.there("invoices/inv-1")["CustomerRef"]["FullName"] == "Twin B"
    page = staff.page("decided")
    told = words(page)
    assert "The email twin@x.example" in told
    assert "Twin B (customers)" in told
    assert "Decided for good" in words(staff.page("errors"))
    answer = staff.press_form(page, "Take back")
    assert "Nothing is decided for good" in answer.text
    office.invoice("inv-2", ref_number="W-2", customer=named)
    office.visit()
    assert office.view("invoices/inv-2")["state"] == "blocked"
    assert office.written().count("InvoiceAddRq") == 1
    assert "What a person had said for good was taken back" in _log(staff)


def test_who_takes_back_what_was_taken_back_already_takes_back_nothing_that_was_decided_since(
    office: Office, staff: Staff
) -> None:
    def decided(number: str) -> html.HtmlElement:
        """The page after somebody has said who is meant by an email that two customers have."""
        for name in ("A", "B"):
            office.company.person.add("Customer", {"Name": f"{name}{number}", "Email": f"{number}@x.example"})
        office.refresh()
        office.invoice(number, ref_number=number, customer={"email": f"{number}@x.example"})
        (error,) = office.call("GET", "errors")[1]["errors"]
        shown = office.call("GET", f"errors/{error['id']}")[1]
        answer = {"choice": shown["choices"][0]["id"], "token": shown["token"]}
        assert office.call("POST", f"errors/{error['id']}/answer", answer)[0] == 200
        office.visit()
        return staff.page("decided")

    former = decided("W-1")
    staff.press_form(former, "Take back")
    decided("W-2")
    again = staff.press_form(former, "Take back")
    assert "It was taken back already" in again.text
    assert "w-2@x.example" in words(staff.page("decided")).casefold()


def _log(staff: Staff) -> str:
    return words(staff.page("log/everything"))


def test_a_raw_request_is_seen_with_its_answer_and_taken_back_before_quickbooks_hears_of_it(
    office: Office, staff: Staff
) -> None:
    def told(name: str) -> dict[str, Any]:
        status, made = office.call("POST", "requests", {"qbxml": BY_HAND.format(name)})
        assert status == 202
        return made

    kept, taken_back = told("Kept"), told("Taken back")
    assert "Raw requests" in words(staff.page("log"))
    listed = words(staff.page("requests"))
    assert listed.count("CustomerAddRq") == 2
    assert "Queued writes" in listed
    page = staff.page(f"requests/{taken_back['id']}")
    assert "It may change the company file, so it is sent once" in words(page)
    assert "Cancelled" in staff.press_form(page, "Take it back").text
    assert "Cancelled" in staff.press_form(page, "Take it back").text, "twice is as good as once"
    office.visit()
    names = [each["Name"] for each in office.company.records("Customer")]
    assert (names.count("Kept"), names.count("Taken back")) == (1, 0)
    page = words(staff.page(f"requests/{kept['id']}"))
    assert "Answered" in page
    assert office.company.find("Customer", Name="Kept")["ListID"] in page
    asked = staff.get(f"/connectors/{office.name}/requests/{kept['id']}/answer.xml")
    assert "attachment" in asked.headers["content-disposition"]
    assert "<FullName>Kept</FullName>" in asked.text
    assert "CustomerAddRq" in words(staff.page("requests?state=answered"))
    assert "No such request" in words(staff.page("requests?state=uncertain"))


def test_a_write_whose_answer_was_lost_is_seen_from_the_overview_and_settled_by_who_has_looked(
    office: Office, staff: Staff
) -> None:
    office.call("POST", "requests", {"qbxml": BY_HAND.format("Lost")})
    office.web_connector.faults = FaultPlan.of(["drop-before@receiveResponseXML"])
    office.web_connector.run(max_sessions=1)
    office.web_connector.faults = FaultPlan.of([])
    office.web_connector.run(max_sessions=3)
    page = html.fromstring(staff.get("/").text)
    lines = page.xpath(f"//*[self::tr or self::li][.//a[contains(@href, '/connectors/{office.name}')]]")
    assert "(CustomerAddRq, handed over by the order system" in words(lines[0])
    assert "1 error" in words(lines[0])
    listed = staff.page("errors")
    assert "may have been carried out in QuickBooks, or not" in words(listed)
    # nowhere is it said that there is something below which is not
    board = html.fromstring(staff.get(f"/connectors/{office.name}").text)
    (from_board,) = board.xpath("//a[contains(., 'Say whether it was carried out')]/@href")
    assert "choose below" not in words(listed) + words(board)
    asked = staff.page("requests?state=uncertain")
    (there,) = asked.xpath("//a[contains(., 'CustomerAddRq')]/@href")
    request = html.fromstring(staff.get(there).text)
    (to_error,) = request.xpath("//a[contains(., 'Say whether it was carried out')]/@href")
    assert to_error == from_board
    error = html.fromstring(staff.get(to_error).text)
    assert "it holds up nothing" in words(error)
    assert [item["Name"] for item in office.company.records("Customer")].count("Lost") == 1
    answer = staff.press_form(error, "It is in QuickBooks")
    assert "“It is in QuickBooks: it was carried out”: this is noted." in answer.text
    told = words(html.fromstring(staff.get(there).text))
    assert f"{NAME} saw in QuickBooks that it was carried out" in told
    assert "Say whether" not in told
    assert "may have been carried out" not in words(staff.page("errors"))
    office.visit()
    assert [item["Name"] for item in office.company.records("Customer")].count("Lost") == 1
