"""Answers of QuickBooks: every response and record found, oddities tolerated, doubt never guessed away."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

import qbxml
from qbxml import NotQbxml, ParseError, RawRecord, TooDeep, TooLarge, read
from qbxml.errors import Position
from qbxml.guard import Source, Text
from qbxml.records import (
    Company,
    Customer,
    DataExt,
    Employee,
    Host,
    Invoice,
    InvoiceLine,
    InvoiceLineGroup,
    ItemGroup,
    ItemInventory,
    ItemService,
    ListDelResult,
    OtherName,
    Preferences,
    Ref,
    TxnVoidResult,
    Vendor,
)

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures" / "qbxml"


def answer(inside: str, attributes: str = "", name: str = "CustomerQueryRs") -> bytes:
    head = f'<{name} requestID="1" statusCode="0" statusSeverity="Info" {attributes}>'
    return f"<QBXML><QBXMLMsgsRs>{head}{inside}</{name}></QBXMLMsgsRs></QBXML>".encode()


class Dribble(io.BytesIO):
    """A file that gives one byte at a time."""

    def read(self, size: int | None = -1) -> bytes:
        return super().read(1)


def drain(document: bytes, max_bytes: int = 1 << 26) -> None:
    for response in read(document, max_bytes=max_bytes):
        list(response.records)


def only_record(document: Source) -> object:
    [records] = [list(response.records) for response in read(document)]
    [record] = records
    return record


class TestResponses:
    def test_host_company_and_preferences_are_read(self) -> None:
        found = [
            record
            for response in read(FIXTURES / "host_company_preferences.xml")
            for record in response.records
        ]
        host, company, preferences = found
        assert isinstance(host, Host)
        assert isinstance(company, Company)
        assert isinstance(preferences, Preferences)
        assert qbxml.negotiate(host.supported_qbxml_version) == qbxml.Version("13.0")
        assert company.legal_company_name == "Harbour Fish Company & Sons"
        assert company.data_ext[0].data_ext_name == "FileID"
        assert preferences.accounting_preferences is not None
        assert preferences.accounting_preferences.closing_date == date(2025, 12, 31)
        assert preferences.accounting_preferences.is_using_audit_trail is None

    def test_an_iterator_page_has_mixed_items_and_says_what_remains(self) -> None:
        response = next(read(FIXTURES / "item_query_page.xml"))
        items = list(response.records)
        assert response.iterator_remaining_count == 2
        assert response.iterator_id == "{0d1d5f9f-4c6e-4d0b-9b8e-7b8f4b0a6a33}"
        assert [type(item) for item in items] == [ItemService, ItemInventory, ItemInventory, ItemGroup]
        assert items[0].sales_or_purchase.price_percent == Decimal("5.0")
        assert items[1].list_id == "1A2-1234567890"
        assert items[1].sales_desc == "Café oysters – 100 ct"
        assert [line.quantity for line in items[3].lines] == [Decimal(2), None]

    def test_an_invoice_comes_with_its_lines_and_groups_in_order(self) -> None:
        reader = read(FIXTURES / "invoice_answers.xml")
        first = next(reader)
        [invoice] = first.records
        assert isinstance(invoice, Invoice)
        assert (invoice.txn_id, invoice.edit_sequence, invoice.ref_number) == (
            "5A21-1763599521",
            "1763656200",
            "SO-1042",
        )
        assert invoice.customer == Ref(list_id="80000123-1446673838", full_name="Harbour Fish Co")
        assert [type(line) for line in invoice.lines] == [InvoiceLine, InvoiceLineGroup, InvoiceLine]
        assert [line.amount for line in invoice.lines[1].lines] == [Decimal("19.00")]
        assert invoice.memo == ""
        assert (reader.new_message_set_id, reader.message_set_status_code) == ("MS7Q2K5T3N9XA1BCD", 0)

    def test_a_refusal_keeps_the_sentence_of_quickbooks(self) -> None:
        refused = next(r for r in read(FIXTURES / "invoice_answers.xml") if r.request_id == "a-2")
        assert (refused.status_code, refused.status_severity) == (3140, "Error")
        assert 'QuickBooks Item "A-78" in the Invoice line' in refused.status_message
        assert list(refused.records) == []

    def test_void_and_delete_answers_hold_one_small_record(self) -> None:
        by_id = {r.request_id: list(r.records) for r in read(FIXTURES / "invoice_answers.xml")}
        [voided], [deleted] = by_id["v-1"], by_id["d-1"]
        assert isinstance(voided, TxnVoidResult)
        assert isinstance(deleted, ListDelResult)
        assert (voided.txn_id, deleted.full_name) == ("5A21-1763599521", "Harbour Fish Co")

    def test_error_recovery_is_there_before_and_after_the_records_are_read(self) -> None:
        for read_first in (True, False):
            response = next(read(FIXTURES / "invoice_answers.xml"))
            if read_first:
                list(response.records)
            recovery = response.error_recovery
            assert recovery is not None
            assert (recovery.txn_id, recovery.txn_number) == ("5A21-1763599521", 9876)
            assert recovery.external_guid == "{6a5c0b1e-52f4-4f1a-8a59-1f6f5c0b7d22}"

    def test_an_entity_answer_mixes_names_and_needs_no_prolog_or_request_id(self) -> None:
        response = next(read(FIXTURES / "entity_query.xml"))
        records = list(response.records)
        assert response.request_id is None
        assert [type(r) for r in records] == [Customer, Employee, OtherName, Vendor]
        customer, employee, _, vendor = records
        assert customer.full_name == "Söderström & Co:Kitchen"
        assert customer.balance == Decimal("1234.56")
        assert customer.terms is None
        assert customer.contacts[0].list_id == "80000002-1446673839"
        assert customer.list_id == "80000123-1446673838"
        assert employee.hired_date == date(2020, 2, 3)
        assert vendor.credit_limit is None
        assert vendor.is_vendor_eligible_for_1099 is True

    def test_skipping_records_does_not_disturb_the_next_response(self) -> None:
        assert [r.request_id for r in read(FIXTURES / "invoice_answers.xml")] == [
            "a-1",
            "a-2",
            "p-1",
            "v-1",
            "d-1",
        ]

    def test_records_can_be_read_once(self) -> None:
        response = next(read(FIXTURES / "bills.xml"))
        assert len(list(response.records)) == 2
        assert list(response.records) == []

    def test_records_of_a_query_that_was_passed_by_are_not_silently_empty(self) -> None:
        [response] = list(read(FIXTURES / "bills.xml"))
        with pytest.raises(RuntimeError, match="moved on"):
            next(response.records)

    def test_a_passed_query_without_records_is_simply_empty(self) -> None:
        responses = list(read(Dribble(answer("", name="ItemQueryRs"))))
        assert [list(response.records) for response in responses] == [[]]

    def test_answers_that_are_no_query_stay_readable(self) -> None:
        responses = {r.request_id: r for r in read(FIXTURES / "invoice_answers.xml")}
        [invoice] = responses["a-1"].records
        assert isinstance(invoice, Invoice)
        assert responses["a-1"].error_recovery is not None
        assert list(responses["a-2"].records) == list(responses["p-1"].records) == []

    def test_a_response_left_half_read_is_skipped(self) -> None:
        inside = "".join(f"<CustomerRet><ListID>{n}-1</ListID></CustomerRet>" for n in range(5000))
        two = answer(inside).replace(
            b"</QBXMLMsgsRs>", b'<VendorQueryRs statusCode="1" statusSeverity="Info"/></QBXMLMsgsRs>'
        )
        names = []
        for response in read(two):
            names.append(response.name)
            next(response.records, None)
        assert names == ["CustomerQueryRs", "VendorQueryRs"]

    def test_a_path_a_file_and_bytes_are_the_same(self) -> None:
        path = FIXTURES / "bills.xml"
        with path.open("rb") as file:
            counts = [
                sum(1 for _ in r.records)
                for source in (path, str(path), path.read_bytes(), file)
                for r in read(source)
            ]
        assert counts == [2, 2, 2, 2]

    def test_text_is_read_whatever_encoding_it_declares(self) -> None:
        text = (
            '\ufeff<?xml version="1.0" encoding="windows-1252"?>'
            + answer("<CustomerRet><Name>Søren</Name></CustomerRet>").decode()
        )
        [records] = [list(response.records) for response in read(text)]
        assert records == [Customer.believed({"name": "Søren"})]

    @pytest.mark.parametrize("text", ["", "  ", "<html/>", "<QBXML>\ud800</QBXML>"])
    def test_text_that_is_no_answer_is_an_error(self, text: str) -> None:
        with pytest.raises((NotQbxml, ParseError)):
            list(read(text))

    def test_other_kinds_of_bytes_are_bytes(self) -> None:
        data = (FIXTURES / "bills.xml").read_bytes()
        assert [r.request_id for r in read(bytearray(data))] == [r.request_id for r in read(memoryview(data))]

    def test_a_missing_file_is_the_error_of_the_system(self) -> None:
        with pytest.raises(FileNotFoundError):
            list(read("no-such-file.xml"))

    def test_several_message_sets_and_sign_on_blocks_do_not_confuse(self) -> None:
        document = answer("").replace(b"<QBXML>", b"<QBXML><SignonMsgsRs><SignonDesktopRs/></SignonMsgsRs>")
        assert [r.name for r in read(document)] == ["CustomerQueryRs"]

    def test_an_empty_message_set_has_no_responses(self) -> None:
        reader = read(b'<QBXML><QBXMLMsgsRs newMessageSetID="x" messageSetStatusCode="9002"/></QBXML>')
        assert list(reader) == []
        assert (reader.new_message_set_id, reader.message_set_status_code) == ("x", 9002)


class TestRaw:
    def test_unknown_records_are_kept_as_they_came_with_a_warning(self) -> None:
        response = next(read(FIXTURES / "bills.xml"))
        first, second = response.records
        assert isinstance(first, RawRecord)
        assert first.name == "BillRet"
        assert first.element.findtext("ExpenseLineRet/Amount") == "12.00"
        assert isinstance(second, RawRecord)
        assert second.xml == "<BillRet>\n<TxnID>7D-1763599521</TxnID>\n</BillRet>"
        assert [w.code for w in response.warnings] == ["unknown"]

    def test_the_whole_response_can_be_had_instead_of_records(self) -> None:
        [whole] = [response.whole() for response in read(FIXTURES / "bills.xml")]
        assert len(whole.findall("BillRet")) == 2

    def test_not_after_its_records_were_read(self) -> None:
        for response in read(FIXTURES / "bills.xml"):
            list(response.records)
            with pytest.raises(RuntimeError):
                response.whole()


class TestTolerance:
    def test_an_unknown_element_is_skipped_with_one_warning(self) -> None:
        response = next(read(answer("<CustomerRet><Name>A</Name><NewIn16>1</NewIn16></CustomerRet>" * 300)))
        assert sum(1 for r in response.records if isinstance(r, Customer) and r.name == "A") == 300
        assert [(w.path, w.code) for w in response.warnings] == [("CustomerRet.NewIn16", "unknown")]

    def test_the_list_of_unknown_elements_is_bounded_and_says_so(self) -> None:
        response = next(
            read(answer("<CustomerRet>" + "".join(f"<New{n}/>" for n in range(500)) + "</CustomerRet>"))
        )
        list(response.records)
        assert len(response.warnings) == 201
        assert "more than 200" in response.warnings[-1].message

    def test_order_does_not_matter(self) -> None:
        record = only_record(
            answer("<CustomerRet><Email>e@x</Email><Name>A</Name><ListID>1</ListID></CustomerRet>")
        )
        assert record == Customer.believed({"email": "e@x", "name": "A", "list_id": "1"})

    def test_the_id_of_a_nested_record_is_not_taken_for_its_own(self) -> None:
        inside = "<CustomerRet><ParentRef><ListID>9-9</ListID></ParentRef><Name>A</Name></CustomerRet>"
        record = only_record(answer(inside))
        assert isinstance(record, Customer)
        assert record.list_id is None
        assert record.parent == Ref(list_id="9-9")

    def test_the_first_of_two_ids_counts_and_the_second_is_reported(self) -> None:
        response = next(read(answer("<CustomerRet><ListID>1</ListID><ListID>2</ListID></CustomerRet>")))
        [record] = response.records
        assert isinstance(record, Customer)
        assert record.list_id == "1"
        assert "twice" in response.warnings[0].message

    @pytest.mark.parametrize(
        "bad", ["&#xB;", "&#11;", "&#x0;", "&#0;", "&#xFFFE;", "\x0b", "\x00", "&#x1f;", "&#xD800;"]
    )
    def test_a_control_character_does_not_cost_the_response(self, bad: str) -> None:
        response = next(read(answer(f"<CustomerRet><Name>A{bad}B</Name></CustomerRet>")))
        [record] = response.records
        assert isinstance(record, Customer)
        assert record.name == "AB"
        assert [w.code for w in response.warnings] == ["control"]

    def test_good_references_are_left_alone(self) -> None:
        record = only_record(
            answer("<CustomerRet><Name>&#65;&#x42;&#233;&#10;&amp;&#55357;&#56832;</Name></CustomerRet>")
        )
        assert isinstance(record, Customer)
        assert record.name == "ABé\n&😀"

    def test_comments_and_instructions_mean_nothing(self) -> None:
        record = only_record(answer("<!-- a --><?b c?><CustomerRet><!-- d --><Name>A</Name></CustomerRet>"))
        assert record == Customer.believed({"name": "A"})

    @pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "utf-16-le", "utf-16-be"])
    def test_byte_order_marks_and_utf_16_are_read(self, encoding: str) -> None:
        text = answer("<CustomerRet><Name>Søren</Name></CustomerRet>").decode()
        assert only_record(text.encode(encoding)) == Customer.believed({"name": "Søren"})

    def test_a_declared_code_page_is_read(self) -> None:
        head = b'<?xml version="1.0" encoding="windows-1252"?>'
        text = answer("<CustomerRet><Name>Søren €</Name></CustomerRet>").decode()
        assert only_record(head + text.encode("cp1252")) == Customer.believed({"name": "Søren €"})

    def test_an_encoding_given_by_the_caller_wins_over_the_declaration(self) -> None:
        head = b'<?xml version="1.0" encoding="windows-1252"?>'
        document = head + answer("<CustomerRet><Name>Søren</Name></CustomerRet>")
        [[record]] = [list(r.records) for r in read(document, encoding="utf-8")]
        assert record == Customer.believed({"name": "Søren"})

    def test_text_declared_utf_16_but_sent_as_bytes_is_read(self) -> None:
        head = b'<?xml version="1.0" encoding="utf-16"?>'
        assert only_record(head + answer("<CustomerRet><Name>A</Name></CustomerRet>")) is not None

    def test_white_space_before_the_prolog_is_forgiven(self) -> None:
        assert list(read(b'\n  <?xml version="1.0"?>' + answer(""))) != []


class TestStrictness:
    @pytest.mark.parametrize("amount", ["1,234", "12.5.0", "abc", "1e9"])
    def test_an_amount_that_cannot_be_read_with_certainty_is_an_error(self, amount: str) -> None:
        with pytest.raises(ParseError, match=r"CustomerRet\.Balance") as refused:
            only_record(answer(f"<CustomerRet><Balance>{amount}</Balance></CustomerRet>"))
        assert refused.value.text == amount
        assert refused.value.position is not None

    def test_the_records_behind_an_unreadable_one_can_still_be_read(self) -> None:
        bad, good = (
            "<CustomerRet><Balance>x</Balance></CustomerRet>",
            "<CustomerRet><Name>B</Name></CustomerRet>",
        )
        [response] = [r for r in read(answer(bad + good)) if self._first_fails(r)]
        assert response is not None

    @staticmethod
    def _first_fails(response: qbxml.Response) -> bool:
        with pytest.raises(ParseError):
            next(response.records)
        return list(response.records) == [Customer.believed({"name": "B"})]

    def test_a_response_without_a_status_is_an_error(self) -> None:
        with pytest.raises(ParseError, match="statusCode"):
            list(read(b"<QBXML><QBXMLMsgsRs><CustomerAddRs/></QBXMLMsgsRs></QBXML>"))

    def test_a_status_that_is_no_number_is_an_error(self) -> None:
        with pytest.raises(ParseError, match="statusCode is no whole number"):
            list(read(b'<QBXML><QBXMLMsgsRs><CustomerAddRs statusCode="ok"/></QBXMLMsgsRs></QBXML>'))

    @pytest.mark.parametrize("cut", [10, 60, 120, 170])
    def test_a_document_cut_short_is_an_error_with_a_position(self, cut: int) -> None:
        document = answer("<CustomerRet><Name>A</Name></CustomerRet>" * 3)
        with pytest.raises((ParseError, NotQbxml)) as refused:
            drain(document[:cut])
        assert refused.value.position is not None

    def test_an_error_names_line_and_surrounding_text(self) -> None:
        document = b"<QBXML>\n<QBXMLMsgsRs>\n<Wrong></Right>\n</QBXMLMsgsRs></QBXML>"
        with pytest.raises(ParseError) as refused:
            list(read(document))
        assert refused.value.position is not None
        assert refused.value.position.line == 3
        assert "<Wrong></Right>" in refused.value.text

    def test_the_text_around_an_error_is_found_far_into_a_document(self) -> None:
        rows = "".join(f"<CustomerRet><Name>n{n}</Name></CustomerRet>\n" for n in range(20_000))
        with pytest.raises(ParseError) as refused:
            drain(answer("\n" + rows + "<Oops></Ouch>"))
        assert refused.value.position is not None
        assert refused.value.position.line == 20_002
        assert "<Oops></Ouch>" in refused.value.text


class TestGuard:
    @pytest.mark.parametrize(
        "document",
        [
            b"",
            b"   ",
            b"E:no xml at all",
            b"<html><body>502</body></html>",
            b"<QBXML/>",
            b"<QBXML><QBXMLMsgsRq/></QBXML>",
            b"{}",
            b"\x89PNG",
            b"<",
            b"<!-- only a comment -->",
        ],
    )
    def test_what_is_no_qbxml_answer_is_called_so(self, document: bytes) -> None:
        with pytest.raises((NotQbxml, ParseError)):
            list(read(document))

    @pytest.mark.parametrize(
        "document",
        [
            b'<!DOCTYPE QBXML [<!ENTITY a "b">]><QBXML><QBXMLMsgsRs/></QBXML>',
            b'<?xml version="1.0"?><!-- x --><!DOCTYPE QBXML SYSTEM "http://x/y.dtd"><QBXML><QBXMLMsgsRs/></QBXML>',
            '<!DOCTYPE QBXML [<!ENTITY a "b">]><QBXML/>'.encode("utf-16"),
        ],
    )
    def test_a_document_type_is_refused_before_it_is_parsed(self, document: bytes) -> None:
        with pytest.raises(NotQbxml, match="document type"):
            list(read(document))

    def test_a_text_is_never_taken_for_the_name_of_a_file(self, tmp_path: Path) -> None:
        path = tmp_path / "answer.xml"
        path.write_bytes(answer("<CustomerRet><Name>A</Name></CustomerRet>"))
        assert len(list(read(str(path)))) == 1
        with pytest.raises(NotQbxml, match="no XML"):
            list(read(Text(str(path))))

    @given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40), st.integers(0, 40_000))
    def test_a_text_is_read_as_its_bytes_are(self, name: str, behind: int) -> None:
        document = answer(f"{' ' * behind}<CustomerRet><Name>{escape(name)}</Name></CustomerRet>")
        text = "\ufeff" + document.decode()
        assert [only_record(source) for source in (Text(text), text)] == [only_record(document)] * 2

    def test_a_document_type_cut_by_a_chunk_is_still_refused(self) -> None:
        with pytest.raises(NotQbxml, match="document type"):
            list(read(Dribble(b"<!DOCTYPE QBXML []><QBXML/>")))

    @pytest.mark.parametrize("encoding", ["utf-7", "cp037", "rot13", "idna", "iso-2022-jp"])
    def test_an_encoding_that_could_hide_markup_is_refused(self, encoding: str) -> None:
        with pytest.raises(NotQbxml, match="encoding"):
            list(read(f'<?xml version="1.0" encoding="{encoding}"?><QBXML/>'.encode()))

    def test_an_undefined_entity_is_an_error(self) -> None:
        with pytest.raises(ParseError):
            list(read(answer("<CustomerRet><Name>&secret;</Name></CustomerRet>")))

    def test_a_head_that_never_ends_is_refused(self) -> None:
        with pytest.raises(NotQbxml):
            list(read(b"<?xml version='1.0'?>" + b" " * 100_000))

    def test_more_bytes_than_allowed_are_refused(self) -> None:
        document = answer("<CustomerRet><Name>A</Name></CustomerRet>" * 5000)
        with pytest.raises(TooLarge, match="more than 100000 bytes"):
            drain(document, max_bytes=100_000)

    def test_a_document_nested_too_deep_is_refused(self) -> None:
        with pytest.raises(TooDeep):
            list(read(answer("<a>" * 5000 + "</a>" * 5000)))

    def test_a_text_of_twelve_megabytes_is_read(self) -> None:
        record = only_record(answer(f"<CustomerRet><Notes>{'n' * 12_000_000}</Notes></CustomerRet>"))
        assert isinstance(record, Customer)
        assert len(record.notes or "") == 12_000_000

    def test_bytes_that_are_no_text_are_an_error(self) -> None:
        with pytest.raises(ParseError, match="not utf-8"):
            list(read(b"<QBXML>\n<QBXMLMsgsRs>\xff</QBXMLMsgsRs></QBXML>"))

    def test_half_a_surrogate_pair_is_no_text_and_told_with_its_place(self) -> None:
        document = f"<QBXML>\n<QBXMLMsgsRs>{' ' * 40_000}\nAnn \ud800 Smith</QBXMLMsgsRs></QBXML>"
        for source in (document, Text(document)):
            with pytest.raises(ParseError, match="surrogate pair") as refused:
                list(read(source))
            assert (refused.value.position, "Smith" in refused.value.text) == (Position(3, 1), True)

    def test_errors_survive_being_sent_to_another_process(self) -> None:
        import pickle

        for error in (
            ParseError("p", qbxml.errors.Position(1, 2), "t"),
            qbxml.FieldError("a", "b", 1, 2, "c"),
        ):
            assert str(pickle.loads(pickle.dumps(error))) == str(error)
        many = qbxml.InvalidRecord([qbxml.FieldError("a", "b")], "record")
        assert str(pickle.loads(pickle.dumps(many))) == str(many)


def test_custom_fields_are_read() -> None:
    inside = "<OwnerID>0</OwnerID><DataExtName>Colour</DataExtName><DataExtValue>red</DataExtValue>"
    ext = f"<DataExtRet>{inside}</DataExtRet>"
    record = only_record(answer(f"<CustomerRet>{ext}{ext}</CustomerRet>"))
    assert isinstance(record, Customer)
    assert [e.data_ext_value for e in record.data_ext] == ["red", "red"]
    assert only_record(answer(ext, name="DataExtAddRs")) == DataExt.believed(
        {"owner_id": "0", "data_ext_name": "Colour", "data_ext_value": "red"}
    )


def test_a_flood_of_responses_is_refused() -> None:
    flood = "<QBXML><QBXMLMsgsRs>" + '<CustomerAddRs statusCode="0"/>' * 10_001 + "</QBXMLMsgsRs></QBXML>"
    with pytest.raises(TooLarge, match="more than 10000 responses"):
        for _ in read(flood):
            pass


class TestPicking:
    WANTED = ("list_id", "name", "full_name", "time_modified", "is_active", "terms", "email")

    @pytest.mark.parametrize("fixture", ["entity_query.xml", "item_query_page.xml"])
    def test_the_values_picked_of_a_record_are_those_it_is_read_with(self, fixture: str) -> None:
        records = [
            (record.kind, [vars(record).get(attribute) for attribute in self.WANTED])
            for record in next(read(FIXTURES / fixture)).records
            if isinstance(record, qbxml.records.Record)
        ]
        assert list(next(read(FIXTURES / fixture)).picked(self.WANTED)) == records
        assert records

    def test_what_is_not_picked_need_not_be_readable(self) -> None:
        inside = "<CustomerRet><Name>Quay</Name>%s<Email>a@x.example</Email></CustomerRet>"
        document = answer(inside % "<Balance>many</Balance>" + "<StrangeRet/>" + inside % "<Odd/>")
        expected = [None, "Quay", None, None, None, None, "a@x.example"]
        assert list(next(read(document)).picked(self.WANTED)) == [("Customer", expected)] * 2

    def test_what_is_picked_is_not_guessed(self) -> None:
        document = answer("<CustomerRet><IsActive>perhaps</IsActive></CustomerRet>")
        with pytest.raises(ParseError, match="IsActive"):
            list(next(read(document)).picked(self.WANTED))

    def test_an_amount_that_cannot_be_read_costs_no_other_record(self) -> None:
        document = answer(
            "<VendorRet><Balance>1,234</Balance></VendorRet><VendorRet><Balance>1,5</Balance></VendorRet>"
        )
        picked = list(next(read(document)).picked(("balance",)))
        assert picked == [("Vendor", [None]), ("Vendor", [Decimal("1.5")])]

    def test_only_one_of_both_ways_may_be_taken_and_only_once(self) -> None:
        response = next(read(answer("<CustomerRet><Name>Quay</Name></CustomerRet>")))
        assert len(list(response.records)) == 1
        with pytest.raises(RuntimeError, match="read or skipped already"):
            response.picked(self.WANTED)

    def test_values_of_a_query_that_was_passed_by_are_not_silently_missing(self) -> None:
        many = "<CustomerRet><Name>Quay</Name></CustomerRet>" * 20_000
        reader = read(answer(many))
        values = next(reader).picked(self.WANTED)
        next(values)
        assert list(reader) == []
        with pytest.raises(RuntimeError, match="moved on"):
            list(values)
