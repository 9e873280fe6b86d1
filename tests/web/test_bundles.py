"""Bundles of a visit and of a record: everything that concerns it, and not one word of what is anybody's."""

import json
import re
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from lxml import etree

from qbwc_server.desk.administration import connectors
from qbwc_server.desk.handing_over import intake
from qbwc_server.desk.logs import bundles
from qbwc_server.desk.logs.redaction import How, Redactor, Said, Xml, as_text
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.masking import Mask

WORD = re.compile(r"[^\W\d_]{3,}")


def words(value: Any) -> set[str]:
    """The words of three letters and more in all texts of a value."""
    if isinstance(value, str):
        return {word.casefold() for word in WORD.findall(value)}
    if isinstance(value, dict):
        return set().union(*(words(item) for item in value.values())) if value else set()
    if isinstance(value, list | tuple):
        return set().union(*(words(item) for item in value)) if value else set()
    return set()


def document(name: str, email: str, memo: str, amount: str) -> dict[str, Any]:
    """What a bundle is made of, with these data at every place where they may stand."""
    root = etree.fromstring(
        '<QBXML><QBXMLMsgsRs><InvoiceAddRs requestID="fade1a2b" statusCode="3140" statusSeverity="Error">'
        "<InvoiceRet><TxnID>1AFE-1700000001</TxnID><CustomerRef><ListID>80000BAD-1700000001</ListID><FullName/>"
        "</CustomerRef><TxnDate>2026-11-20</TxnDate><BillAddress><State/></BillAddress><Memo/><Subtotal/>"
        "<NobodyKnowsThis/></InvoiceRet></InvoiceAddRs></QBXMLMsgsRs></QBXML>"
    )
    for tag, text in (
        ("FullName", name),
        ("State", name),
        ("Memo", memo),
        ("Subtotal", amount),
        ("NobodyKnowsThis", memo),
    ):
        for element in root.iter(tag):
            element.text = text
    said = f'There is an invalid reference to QuickBooks Customer "{name}" in the Invoice.'
    next(root.iter("InvoiceAddRs")).set("statusMessage", said)
    return {
        "content": {
            "name": name,
            "email": email,
            "memo": memo,
            "bill_address": {"state": name, "country": memo},
            "lines": [{"desc": memo, "rate": amount, "quantity": "12"}],
        },
        "message": Said(said, How.SENTENCE),
        "answer": Xml(etree.tostring(root, encoding="unicode")),
    }


SKELETON = words(as_text(Redactor().all(document("1", "2@3", "4", "5.00"))))
"""What is in every bundle: the words of the language, and of the first line of an XML document."""

CHARACTERS = st.characters(
    codec="utf-8", exclude_categories=("Cs", "Cc", "Cn", "Co"), exclude_characters="\ufffe\uffff"
)
AWKWARD = st.one_of(
    st.text(CHARACTERS, min_size=1, max_size=40),
    st.lists(
        st.sampled_from(
            [
                "Müller",
                "O'Brien",
                "Ace",
                "the",
                "customer",
                "FADE",
                "bad",
                "Straße",
                "寿司まつり",
                "aaa",
                "x",
                "-",
            ]
        ),
        min_size=1,
        max_size=6,
    ).map(" ".join),
)
AMOUNTS = st.decimals(-10_000_000, 10_000_000, places=2, allow_nan=False).map(str)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(AWKWARD, AWKWARD, AWKWARD, AMOUNTS)
@example("Ace Fish", "ace@fade.example", "bad customer FADE", "0.00")
@example("the invalid", "a@b", "aaa aab aba abb", "-9.50")
@example("UTF", "a@b", "ascii", "1.00")
def test_no_word_of_a_masked_field_stands_anywhere(name: str, email: str, memo: str, amount: str) -> None:
    shown = document(name, email, memo, amount)
    masked = as_text(Redactor().all(shown)).casefold()
    meant = words(name) | words(email) | words(memo)
    # what is a word of the language itself, or a part of one, stands in it by right
    meant = {word for word in meant if not any(word in each for each in SKELETON)}
    assert not {word for word in meant if any(word in each for each in WORD.findall(masked))}


@settings(max_examples=100, deadline=None)
@given(st.text(CHARACTERS, max_size=60))
def test_a_text_keeps_what_matters_for_a_fault(text: str) -> None:
    mask = Mask()
    mask.learn(text)
    masked = mask.text(text)
    assert len(masked) == len(text)
    for one, other in zip(text, masked, strict=True):
        assert one.isspace() == other.isspace()
        assert one.isascii() == other.isascii() or not one.isalpha()
        assert one.isalnum() or one == other
    assert mask.text(text) == masked


@pytest.mark.parametrize(
    ("amount", "shape"),
    [
        ("-9.50", r"-[1-9]\.[1-9]0"),
        ("0.00", r"0\.00"),
        ("440", r"[1-9]\d\d"),
        ("007", r"00[1-9]"),
        ("1234.56789", r"[1-9]\d{3}\.\d{4}[1-9]"),
    ],
)
def test_an_amount_keeps_its_sign_and_places(amount: str, shape: str) -> None:
    assert re.fullmatch(shape, Mask().amount(amount))


def test_what_is_alike_is_masked_alike_wherever_it_stands() -> None:
    mask = Mask()
    assert mask.text("Ocean Grill").split()[0].casefold() == mask.sentence("ocean", frozenset()).casefold()
    assert mask.amount("9.50")[:-1] == mask.amount("9.5")
    assert mask.text("it was 9.50").endswith(mask.amount("9.50"))
    assert mask.identifier("80000AFE-1") == mask.identifier("80000afe-1") != mask.identifier("80000AFE-2")
    said = mask.sentence('the object specified by the id = "80000AFE-1700000001"', frozenset())
    assert said.endswith(f'"{mask.identifier("80000AFE-1700000001")}"')
    guid = "5B7A3F60-0A1C-4C5E-9F0B-3A2B1C0D9E8F"
    assert mask.identifier(f"{{{guid}}}") == f"{{{mask.identifier(guid)}}}"
    assert len({mask.text(str(number)) for number in range(1, 200)}) == 199


def contents(made: dict[str, Any]) -> dict[str, Any]:
    return {item["external_id"]: item for item in made["records"]}


@pytest.fixture
def bundle(support, troubled, site_of, signed_in, lab):
    def fetched(path: str) -> dict[str, Any]:
        answer = signed_in(site_of(troubled), lab.SUPPORT).get(f"/connectors/{lab.CONNECTOR}{path}")
        assert answer.status_code == 200
        assert "attachment" in answer.headers["Content-Disposition"]
        return json.loads(answer.get_data())

    return fetched


def test_the_bundle_of_a_visit_holds_its_message_sets_records_and_events(bundle, troubled, lab):
    made = bundle("/log/visits/2/bundle")
    assert made["format"] == bundles.FORMAT
    (carried,) = made["message_sets"]
    root = etree.fromstring(carried["request_xml"].encode())
    ids = [element.get("requestID") for element in root.iter("InvoiceAddRq")]
    assert ids == [item["request_id"] for item in carried["requests"]]
    assert len(made["records"]) == 2
    answer = etree.fromstring(carried["answer_xml"].encode())
    assert {element.text for element in answer.iter("TxnID")} >= {
        item["quickbooks_id"] for item in made["records"]
    }


KNOWN = ("city", "phone", "balance")


def test_the_bundle_of_a_record_holds_nothing_of_another(bundle, troubled, lab):
    made = bundle("/bundle/invoices/SO-1050")
    (carried,) = made["message_sets"]
    assert carried["request_xml"].count("<InvoiceAddRq") == 1
    (record,) = made["records"]
    assert record["content"]["lines"][0]["quantity"] == "12"
    assert record["content"]["txn_date"] == "2026-11-20"
    assert made["events"][0]["type"] == "invoice.handed_over"
    (entry,) = [each for each in made["list_entries"] if each["list_name"] == "customer"]
    assert entry["email"] == record["content"]["customer"]["email"]
    assert {"Bremen", "0421 553311", "1234.50"}.isdisjoint(map(str, entry.values()))
    assert re.fullmatch(r"[^ ]+ [^ ]+ [0-9]+ [0-9]+\.[0-9]+", " ".join(map(str, map(entry.get, KNOWN))))
    (error,) = made["errors"]
    assert error["cause"] == "document_deleted"


def test_no_word_of_a_host_record_stands_in_the_bundle_of_a_real_world(bundle, troubled, lab):
    awkward = {
        "name": "Jürgen's Meeresfrüchte “Zum Anker”",
        "company_name": "Jürgen Meeresfrüchte",
        "email": "kasse@meeresfruechte.example",
        "phone": "0421 553311",
        "bill_address": {
            "addr1": "Hafenstraße 7",
            "city": "Cuxhaven",
            "state": "Niedersachsen",
            "country": "Germany",
        },
        "notes": " leading blank, trailing blank ",
    }
    connectors.change_settings(
        troubled.core, lab.CONNECTOR, {"company_file": r"C:\Privat\Anker.qbw"}, actor="Zoë Geheim"
    )
    intake.put(troubled.core, lab.CONNECTOR, Kind.CUSTOMER, "kunde-anker", awkward, actor="host (kasse)")
    invoice = {
        "ref_number": "RG-99",
        "txn_date": "2026-11-20",
        "customer": {"external_id": "kunde-anker"},
        "memo": "Lieferung für Anker",
        "lines": [{"item": {"sku": "MU-1"}, "quantity": "1", "rate": "9.50", "desc": "Miesmuscheln"}],
    }
    intake.put(troubled.core, lab.CONNECTOR, Kind.INVOICE, "rechnung-99", invoice, actor="host (kasse)")
    made = bundle("/bundle/invoices/rechnung-99")
    text = json.dumps(made, ensure_ascii=False).casefold()
    meant = (
        words(awkward) | words(invoice) | {"kunde", "anker", "rechnung", "kasse", "zoë", "geheim", "privat"}
    )
    assert not {word for word in meant if word in set(WORD.findall(text))}
    assert "553311" not in text
    party, document_ = made["records"]
    assert document_["content"]["customer"]["external_id"] == party["external_id"]
    assert party["content"]["notes"][0] == party["content"]["notes"][-1] == " "
    assert (
        re.fullmatch(r"\w{4}ß\w|\w+ \d", party["content"]["bill_address"]["addr1"])
        or not party["content"]["bill_address"]["addr1"].isascii()
    )


def test_there_is_no_bundle_of_what_is_not_there(support, lab):
    assert support.get(f"/connectors/{lab.CONNECTOR}/log/visits/999/bundle").status_code == 404
    assert support.get(f"/connectors/{lab.CONNECTOR}/bundle/invoices/nobody").status_code == 404
