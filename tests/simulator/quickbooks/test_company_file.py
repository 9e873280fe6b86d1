"""A message set is read whole or not at all; what is executed is saved; what it made is on the ledger."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from lxml import etree

from qbwc_server.simulator import CompanyFile, RequestProcessorError, SimulatorError
from qbwc_server.simulator.quickbooks.shapes import Version
from tests.worlds.hand_clock import HandClock
from tests.worlds.sim_world import QuickBooks, document, takes_any_request

ADD = '<CustomerAddRq requestID="{0}"><CustomerAdd><Name>{0}</Name></CustomerAdd></CustomerAddRq>'

UNREADABLE = {
    "no XML declaration": document(ADD.format("x")).split("?>", 1)[1],
    "a blank before the declaration": " " + document(ADD.format("x")),
    "a byte order mark": "\ufeff" + document(ADD.format("x")),
    "two declarations": document(ADD.format("x")).replace("<?qbxml", '<?xml version="1.0"?><?qbxml'),
    "no qbxml instruction": document(ADD.format("x")).replace('<?qbxml version="13.0"?>', ""),
    "no onError": document(ADD.format("x")).replace(' onError="continueOnError"', ""),
    "a wrong onError": document(ADD.format("x"), onError="giveUp"),
    "an unknown request": document("<CustomerLoveRq/>"),
    "an unknown element": document(
        "<CustomerAddRq><CustomerAdd><Nickname>x</Nickname></CustomerAdd></CustomerAddRq>"
    ),
    "a wrong order": document(
        "<CustomerAddRq><CustomerAdd><Name>x</Name><Phone>1</Phone><CompanyName>x</CompanyName></CustomerAdd>"
        "</CustomerAddRq>"
    ),
    "a name of 42 characters": document(ADD.format("n" * 42)),
    "an invoice number of 12 characters": document(
        "<InvoiceAddRq><InvoiceAdd><CustomerRef><FullName>x</FullName></CustomerRef>"
        "<RefNumber>123456789012</RefNumber></InvoiceAdd></InvoiceAddRq>"
    ),
    "an amount with one decimal": document(
        "<CustomerAddRq><CustomerAdd><Name>x</Name><CreditLimit>1.5</CreditLimit></CustomerAdd></CustomerAddRq>"
    ),
    "a GUID without braces": document(
        "<CustomerAddRq><CustomerAdd><Name>x</Name><ExternalGUID>12345678-1234-1234-1234-123456789012"
        "</ExternalGUID></CustomerAdd></CustomerAddRq>"
    ),
    "Greek": document(ADD.format("Ψάρι")),
    "Greek as a reference": document(ADD.format("&#936;")),
    "a control character": document(ADD.format("&#11;")),
    "a document type": document(ADD.format("x")).replace("<QBXML>", "<!DOCTYPE QBXML><QBXML>", 1),
    "not closed": document(ADD.format("x"))[:-3],
    "two roots": document(ADD.format("x")) + "<QBXML/>",
    "nothing": "",
}


@pytest.mark.parametrize("text", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_a_set_that_quickbooks_cannot_parse_is_refused_as_a_whole(company: CompanyFile, text: str) -> None:
    before = company.snapshot()
    with pytest.raises(RequestProcessorError) as caught:
        company.process(text)
    assert caught.value.hresult == "0x80040400"
    assert company.snapshot() == before


def test_one_bad_request_costs_its_good_neighbours(company: CompanyFile) -> None:
    with pytest.raises(RequestProcessorError):
        company.process(document(ADD.format("good"), ADD.format("n" * 42)))
    assert company.records("Customer") == []
    assert company.ledger == ()


@pytest.mark.parametrize("version", ["14.0", "99.0", "0.9", "thirteen", ""])
def test_an_unknown_version_is_refused_with_its_own_code(company: CompanyFile, version: str) -> None:
    with pytest.raises(RequestProcessorError) as caught:
        company.process(document(ADD.format("x"), version=version))
    assert caught.value.hresult == "0x80040423"


@takes_any_request
def test_rollback_on_error_is_refused(company: CompanyFile) -> None:
    with pytest.raises(RequestProcessorError) as caught:
        company.process(document(ADD.format("x"), onError="rollbackOnError"))
    assert caught.value.hresult == "0x80040413"
    assert company.records("Customer") == []


def test_bytes_that_are_not_utf8_are_unreadable(company: CompanyFile) -> None:
    with pytest.raises(RequestProcessorError) as caught:
        company.process(document(ADD.format("Küste")).encode("latin-1"))
    assert caught.value.hresult == "0x80040400"


def test_an_element_newer_than_the_declared_version_is_unreadable(company: CompanyFile) -> None:
    request = (
        "<CustomerAddRq><CustomerAdd><Name>x</Name><PreferredDeliveryMethod>Email</PreferredDeliveryMethod>"
        "</CustomerAdd></CustomerAddRq>"
    )
    with pytest.raises(RequestProcessorError) as caught:
        company.process(document(request, version="11.0"))
    assert caught.value.hresult == "0x80040400"
    assert 'statusCode="0"' in company.process(document(request, version="12.0"))


def test_a_newer_element_deep_inside_a_line_is_found_too(company: CompanyFile) -> None:
    request = (
        "<InvoiceAddRq><InvoiceAdd><CustomerRef><FullName>x</FullName></CustomerRef><InvoiceLineAdd>"
        "<Quantity>1</Quantity><UnitOfMeasure>box</UnitOfMeasure></InvoiceLineAdd></InvoiceAdd></InvoiceAddRq>"
    )
    with pytest.raises(RequestProcessorError):
        company.process(document(request, version="6.0"))
    assert "3140" in company.process(document(request, version="7.0"))


def test_an_answer_to_an_old_version_hides_newer_fields(quickbooks: QuickBooks) -> None:
    quickbooks.company.person.add(
        "Customer", {"Name": "Old", "ExternalGUID": "{12345678-1234-1234-1234-123456789012}"}
    )
    shown = quickbooks.one("<CustomerQueryRq/>", version="7.0").find("CustomerRet")
    assert shown is not None
    assert shown.find("ExternalGUID") is None
    assert quickbooks.one("<CustomerQueryRq/>", version="8.0").findtext("CustomerRet/ExternalGUID")


def test_an_old_quickbooks_lists_and_accepts_only_what_it_speaks(
    old_quickbooks: Callable[[Version], QuickBooks],
) -> None:
    old = old_quickbooks((8, 0))
    spoken = [each.text for each in old.one("<HostQueryRq/>", version="8.0").iter("SupportedQBXMLVersion")]
    assert spoken[-1] == "8.0"
    with pytest.raises(RequestProcessorError, match="0x80040423"):
        old.send("<HostQueryRq/>", version="9.0")


def test_requests_are_answered_in_order_with_their_ids(quickbooks: QuickBooks) -> None:
    answers = quickbooks.send(ADD.format("b"), "<HostQueryRq/>", ADD.format("a"))
    assert [(each.tag, each.get("requestID")) for each in answers] == [
        ("CustomerAddRs", "b"),
        ("HostQueryRs", None),
        ("CustomerAddRs", "a"),
    ]


def test_continue_on_error_goes_on_and_stop_on_error_stops(quickbooks: QuickBooks) -> None:
    requests = [ADD.format("a"), ADD.format("A"), ADD.format("b")]
    codes = [each.get("statusCode") for each in quickbooks.send(*requests, onError="stopOnError")]
    assert codes == ["0", "3100", "3231"]
    codes = [each.get("statusCode") for each in quickbooks.send(*requests)]
    assert codes == ["3100", "3100", "0"]


def test_a_query_that_finds_nothing_does_not_stop_the_set(quickbooks: QuickBooks) -> None:
    answers = quickbooks.send(
        "<VendorQueryRq><FullName>no</FullName></VendorQueryRq>", ADD.format("a"), onError="stopOnError"
    )
    assert [each.get("statusCode") for each in answers] == ["500", "0"]


@takes_any_request
def test_include_none_answers_with_statuses_only(quickbooks: QuickBooks) -> None:
    answers = quickbooks.send(ADD.format("a"), "<HostQueryRq/>", responseData="includeNone")
    assert [(each.get("statusCode"), len(each)) for each in answers] == [("0", 0), ("0", 0)]


@takes_any_request
def test_a_request_id_of_51_characters_is_refused_alone(quickbooks: QuickBooks) -> None:
    answers = quickbooks.send(
        f'<HostQueryRq requestID="{"i" * 51}"/>', f'<HostQueryRq requestID="{"i" * 50}"/>'
    )
    assert [each.get("statusCode") for each in answers] == ["1060", "0"]


@takes_any_request
def test_a_request_quickbooks_knows_and_the_simulator_does_not_says_so(quickbooks: QuickBooks) -> None:
    assert quickbooks.status("<VehicleQueryRq/>") == 1030


def test_characters_quickbooks_keeps_come_back_unharmed(quickbooks: QuickBooks) -> None:
    for name in ("Küste & Söhne", "Peña", "Café <Nord>", "Crème – Brûlée"):
        escaped = (
            name.replace("&", "&amp;").replace("<", "&lt;").encode("ascii", "xmlcharrefreplace").decode()
        )
        answer = quickbooks.one(
            f"<CustomerAddRq><CustomerAdd><Name>{escaped}</Name></CustomerAdd></CustomerAddRq>"
        )
        assert answer.findtext("CustomerRet/Name") == name


def test_an_answer_has_no_qbxml_instruction_and_no_encoding(company: CompanyFile) -> None:
    text = company.process(document("<HostQueryRq/>"))
    assert text.startswith('<?xml version="1.0" ?>')
    assert "<?qbxml" not in text


def test_writes_are_on_the_ledger_and_queries_are_not(quickbooks: QuickBooks) -> None:
    quickbooks.send(ADD.format("a"), ADD.format("a"), "<CustomerQueryRq/>", newMessageSetID="set-1")
    quickbooks.company.person.add("Vendor", {"Name": "By hand"})
    first, second = quickbooks.company.ledger
    assert (first.request, first.name, first.request_id, first.by) == (
        "CustomerAddRq",
        "a",
        "a",
        "application",
    )
    assert first.message_set_id == "set-1"
    assert (second.kind, second.name, second.by) == ("Vendor", "By hand", "person")


def test_the_state_file_holds_everything(tmp_path: Path, clock: HandClock) -> None:
    path = tmp_path / "company.json"
    made = CompanyFile.create(path, clock=clock, time_zone="America/New_York")
    made.register("{12345678-1234-1234-1234-123456789012}", "{12345678-1234-1234-1234-123456789013}")
    made.process(document(ADD.format("a"), newMessageSetID="set-1"))
    made.person.deny("InvoiceAdd")
    again = CompanyFile.open(path, clock=clock)
    assert again.snapshot() == made.snapshot()
    assert again.records("Customer") == made.records("Customer")
    assert again.file_id("{12345678-1234-1234-1234-123456789012}") == "{12345678-1234-1234-1234-123456789013}"
    assert [each.name for each in tmp_path.iterdir()] == ["company.json"]


def test_ids_go_on_counting_after_reopening(tmp_path: Path, clock: HandClock) -> None:
    path = tmp_path / "company.json"
    first = CompanyFile.create(path, clock=clock).person.add("Customer", {"Name": "a"})
    second = CompanyFile.open(path, clock=clock).person.add("Customer", {"Name": "b"})
    assert int(second.split("-")[0], 16) == int(first.split("-")[0], 16) + 1


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"format": 99}', "no json"])
def test_a_file_that_is_not_a_company_file_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "company.json"
    path.write_text(content)
    with pytest.raises(SimulatorError, match=r"company\.json"):
        CompanyFile.open(path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SimulatorError, match="no company file"):
        CompanyFile.open(tmp_path / "none.json")


def test_a_write_that_cannot_be_saved_leaves_the_old_file(
    tmp_path: Path, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "company.json"
    made = CompanyFile.create(path, clock=clock)
    before = path.read_bytes()

    def full(*args: object, **kwargs: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="disk full"):
        made.person.add("Customer", {"Name": "a"})
    assert path.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == ["company.json"]


def test_hcp_carries_the_file_id_under_its_owner_in_upper_case(company: CompanyFile) -> None:
    owner, file_id = "{abcdef00-1234-1234-1234-123456789012}", "{abcdef00-1234-1234-1234-123456789013}"
    company.register(owner, file_id)
    root = etree.fromstring(company.hcp_response(owner, file_id).split("?>", 1)[1])
    answers = root.findall("QBXMLMsgsRs/*")
    assert [(each.tag, each.get("requestID")) for each in answers] == [
        ("HostQueryRs", "0"),
        ("CompanyQueryRs", "1"),
        ("PreferencesQueryRs", "2"),
    ]
    private = {each.findtext("DataExtName"): each for each in root.iter("DataExtRet")}
    assert private["FileID"].findtext("DataExtValue") == file_id
    assert private["FileID"].findtext("OwnerID") == owner.upper()
    assert private["AppLock"].findtext("DataExtValue") == "UNLOCKED"


def test_hcp_of_a_file_that_was_never_registered_has_no_private_data(company: CompanyFile) -> None:
    assert "DataExtRet" not in company.hcp_response("{abcdef00-1234-1234-1234-123456789012}", "")


@pytest.mark.intuit
def test_hcp_is_valid_by_intuits_schema(company: CompanyFile, intuit_schema: etree.XMLSchema) -> None:
    text = company.hcp_response("{abcdef00-1234-1234-1234-123456789012}", "")
    intuit_schema.assertValid(etree.fromstring(text.split("?>", 1)[1]))


def test_a_backup_takes_the_file_back_in_time(quickbooks: QuickBooks) -> None:
    quickbooks.send(ADD.format("kept"), newMessageSetID="one")
    backup = quickbooks.company.snapshot()
    quickbooks.send(ADD.format("lost"), newMessageSetID="two")
    quickbooks.company.restore(backup)
    assert [each["Name"] for each in quickbooks.company.records("Customer")] == ["kept"]
    assert [each.name for each in quickbooks.company.ledger] == ["kept"]
    assert list(quickbooks.company.recovery.outcomes) == ["one"]
    assert quickbooks.status(ADD.format("lost")) == 0


@pytest.mark.parametrize(
    ("request_text", "since", "before"),
    [
        ('<CustomerQueryRq iterator="Start"><MaxReturned>5</MaxReturned></CustomerQueryRq>', "5.0", "4.1"),
        ("<TemplateQueryRq/>", "3.0", "2.0"),
        ("<AccountQueryRq><IncludeRetElement>Name</IncludeRetElement></AccountQueryRq>", "4.0", "3.0"),
    ],
)
def test_a_query_an_attribute_or_a_selector_newer_than_the_declared_version_is_unreadable(
    company: CompanyFile, request_text: str, since: str, before: str
) -> None:
    company.host["SupportedQBXMLVersion"] = ["2.0", "3.0", "4.0", "4.1", "5.0"]
    with pytest.raises(RequestProcessorError) as caught:
        company.process(document(request_text, version=before))
    assert caught.value.hresult == "0x80040400"
    assert "statusCode=" in company.process(document(request_text, version=since))
