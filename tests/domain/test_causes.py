"""The catalogue of causes: closed, and every cause tells what happened, what to do, and who."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from qbwc_server.domain.causes import (
    CATALOGUE,
    Actor,
    AlreadyLinked,
    BadCredentials,
    Candidate,
    Cause,
    ChangedInQuickbooks,
    ClosedPeriod,
    CustomerNotMatched,
    DocumentDeleted,
    InvalidField,
    ItemNotMatched,
    LinkRefused,
    NameInUse,
    NotAccepted,
    NotPermitted,
    NumberConflict,
    QuickbooksUnreachable,
    RecordDeleted,
    RecordInactive,
    ReferenceMissing,
    Refused,
    RequestUncertain,
    Uncertain,
    VendorNotMatched,
    VersionUnsupported,
    WebhookDisabled,
    WrongCompanyFile,
    restore,
)

DESIGNED = {
    "customer_not_matched",
    "vendor_not_matched",
    "item_not_matched",
    "number_conflict",
    "record_inactive",
    "record_deleted",
    "document_deleted",
    "link_refused",
    "name_in_use",
    "already_linked",
    "invalid_field",
    "reference_missing",
    "changed_in_quickbooks",
    "not_permitted",
    "closed_period",
    "refused",
    "uncertain",
    "not_accepted",
    "quickbooks_unreachable",
    "wrong_company_file",
    "bad_credentials",
    "version_unsupported",
    "webhook_disabled",
    "request_uncertain",
}
"""The closed set of the design, section 7."""

TWO = (Candidate("Harbour & Sons", "80000001-1"), Candidate("Harbour, Inc", "80000002-1"))
PARTY_REASONS: dict[str, dict[str, Any]] = {
    "email_missing": {},
    "email_unknown": {"value": "ap@x.example"},
    "several": {"value": "ap@x.example", "candidates": TWO},
    "name_unknown": {"value": "Harbour"},
    "id_unknown": {"value": "80000001-1"},
    "not_named": {},
    "not_handed_over": {"value": "c-7"},
    "creation_off": {"value": "ap@x.example"},
    "number_missing": {},
}
ITEM_REASONS: dict[str, dict[str, Any]] = {
    "sku_missing": {},
    "sku_unknown": {"value": "A-77"},
    "several": {"value": "A-77", "candidates": TWO},
    "name_unknown": {"value": "Oyster"},
    "id_unknown": {"value": "80000001-1"},
    "not_handed_over": {"value": "i-7"},
    "creation_off": {"value": "A-77"},
}
EXAMPLES: list[Cause] = [
    *(CustomerNotMatched(why, "invoice SO-1", **more) for why, more in PARTY_REASONS.items()),
    *(VendorNotMatched(why, "purchase order 9", **more) for why, more in PARTY_REASONS.items()),
    *(
        ItemNotMatched(why, "invoice SO-1", "line 3 of invoice SO-1", **more)
        for why, more in ITEM_REASONS.items()
    ),
    ItemNotMatched("sku_missing", "item i-7", "item i-7"),
    ItemNotMatched("creation_off", "item i-7", "item i-7", "A-77", (), "name,barcode"),
    ItemNotMatched("several", "item i-7", "item i-7", "A-77", TWO, "sub_name"),
    CustomerNotMatched("several", "customer c-9", "AC-1", TWO, "account_number"),
    VendorNotMatched("creation_off", "vendor v-9", "Boats", (), "name"),
    ItemNotMatched("several", "item i-7", "item i-7", "A-77", TWO),
    CustomerNotMatched("email_missing", "customer c-9"),
    CustomerNotMatched("several", "customer c-9", "ap@x.example", TWO),
    VendorNotMatched("email_missing", "vendor v-9"),
    NumberConflict("invoice", "1042", "5-1", "Harbour", "2026-11-20", "19.00"),
    NumberConflict("purchase order", "1042", "5-1"),
    NumberConflict("invoice", "1042", "5-1", "Harbour", "2026-11-20", "19.00", "invoice SO-7"),
    RecordInactive("customer", "Harbour", "8-1", "email:ap@x.example"),
    RecordInactive("item", "Oyster", "8-1", "sku:A"),
    *(
        RecordInactive(list_name, "Net 30", "8-1", f"{list_name}_name:net 30")
        for list_name in ("account", "terms", "class", "sales_tax_code", "ship_method", "template")
    ),
    RecordDeleted("vendor", "Boats", "8-1", "vendor:v"),
    RecordDeleted("terms", "Net 30", "8-1", "list_id:8-1"),
    DocumentDeleted("invoice", "invoice SO-1", "5-1"),
    LinkRefused("invoice", "invoice SO-1", "5-1"),
    LinkRefused("invoice", "invoice SO-1", "5-1", "purchase order"),
    LinkRefused("purchase order", "purchase order 9", "5-1", "invoice"),
    LinkRefused("invoice", "invoice SO-1", "5-1", taken_by="invoice SO-2"),
    DocumentDeleted("purchase order", "purchase order 9", "5-1", vanished=True),
    NameInUse("customer", "Harbour", "a vendor with the email ap@x.example"),
    NameInUse("customer", "Harbour"),
    NameInUse("customer", "Harbour", "an inactive customer with the email ap@x.example"),
    NameInUse("item", "Oyster"),
    NameInUse("item", "Oyster", "an item without a part number", taken_by="item i-7"),
    NameInUse("item", "Oyster", "an item without a part number"),
    AlreadyLinked("customer c-9", "customer c-7", "8-1", False, "Harbour"),
    AlreadyLinked("invoice SO-1", "invoice SO-2", "5-1", True),
    InvalidField("invoice SO-1", "ref_number", "it has 12 characters, QuickBooks takes 11"),
    InvalidField("invoice SO-1", "ref_number", "it has 12 characters", "ref_number_prefix"),
    InvalidField("invoice SO-1"),
    *(
        ReferenceMissing("item i-7", what)
        for what in ("income account", "expense account", "cogs account", "asset account")
    ),
    ReferenceMissing("invoice SO-1", "terms", "Net 31", "terms"),
    ReferenceMissing("item i-7", "income account", "Salez", "account"),
    ReferenceMissing("invoice SO-1"),
    ReferenceMissing("invoice SO-1", "sales order", "5A-1"),
    ReferenceMissing(
        "invoice SO-1", "inventory site", "Pier", "inventory_site", "QuickBooks has no such list"
    ),
    ChangedInQuickbooks("customer c-7", {"phone": ("1", "2"), "bill_address": ("a", "b")}),
    ChangedInQuickbooks("invoice SO-1", {"memo": ("nothing", "b"), "lines": ("line 1", "line 2")}),
    ChangedInQuickbooks("invoice SO-1", {}, older=True),
    ChangedInQuickbooks("invoice SO-1", {"lines": ("line 1", "line 2")}, voided=True),
    NotPermitted("invoice SO-1"),
    ClosedPeriod("invoice SO-1"),
    Refused("invoice SO-1"),
    Refused("invoice SO-1", "Open it in QuickBooks."),
    Uncertain("invoice SO-1"),
    Uncertain("customer c-7"),
    Uncertain("invoice SO-1", "invoice 1042"),
    NotAccepted("customer", "c-102", (("/name", "holds 寿, which QuickBooks cannot store"),)),
    NotAccepted("purchase_order", "9", (("", "is too large."), ("/lines/0/rate", "is not a number")), 4),
    QuickbooksUnreachable(),
    QuickbooksUnreachable("Close every dialog in QuickBooks."),
    WrongCompanyFile({"FileID": ("{A}", "{B}"), "path": ("C:\\a.qbw", None)}),
    BadCredentials(),
    VersionUnsupported("1.0, 1.1"),
    RequestUncertain(12, "BillAddRq", "host (key of shop)"),
    WebhookDisabled(3, "https://orders.example.com/hooks", "it answered 410: it wants nothing any more"),
]
IDS = [f"{cause.name}-{cause.sub_reason or ''}-{number}" for number, cause in enumerate(EXAMPLES)]


def test_the_catalogue_is_the_closed_set_of_the_design() -> None:
    assert set(CATALOGUE) == DESIGNED
    assert {cause.name for cause in EXAMPLES} == DESIGNED
    assert all(CATALOGUE[name].name == name for name in DESIGNED)


@pytest.mark.parametrize("cause", EXAMPLES, ids=IDS)
def test_message_and_remedy_read_as_sentences(cause: Cause) -> None:
    for text in (cause.message(), cause.remedy()):
        assert re.fullmatch(r"[A-Z0-9“].*[.]", text, re.DOTALL), text
        assert not re.search(r"None|\s\s|\.\.|\s[.,;]|[<>{}]Rq|\(\)|“”", text), text
        assert not re.search(r"\ban [bcdfgjklmnpqrstvwxyz]", text), text
        assert not re.search(r"\ba [aeiou](?!n? ?[A-Z]|ser|se)", text), text
        for part in re.split(r"[.?]\s+", text):
            assert re.match(r"[A-Z0-9“]", part), text


@pytest.mark.parametrize("cause", EXAMPLES, ids=IDS)
def test_words_of_the_program_stay_out_of_what_people_read(cause: Cause) -> None:
    ours = (getattr(cause, "field", None), getattr(cause, "setting", None))
    for text in (cause.message(), cause.remedy()):
        for word in filter(None, ours):
            text = text.replace(word, "")
        assert not re.search(r"[a-z]_[a-z]|\b(cogs|None|null|hresult|XML)\b", text), text


@pytest.mark.parametrize("cause", EXAMPLES, ids=IDS)
def test_who_must_act_fits_what_is_to_be_done(cause: Cause) -> None:
    remedy = cause.remedy()
    if cause.actor is Actor.HOST:
        assert "order system" in remedy
    if cause.actor is Actor.QUICKBOOKS_USER:
        assert "QuickBooks" in remedy or "Web Connector" in remedy
    if "an admin" in remedy and not isinstance(cause, BadCredentials):
        assert cause.actor is Actor.STAFF


@pytest.mark.parametrize("cause", EXAMPLES, ids=IDS)
def test_the_key_names_what_is_to_be_put_right(cause: Cause) -> None:
    assert re.fullmatch(r"[a-z_]+(:.+)?|[a-z_]+:", cause.key), cause.key
    assert "None" not in cause.key
    assert isinstance(cause.actor, Actor)
    assert isinstance(cause.retryable, bool)


@pytest.mark.parametrize("cause", EXAMPLES, ids=IDS)
def test_a_cause_comes_back_equal_from_its_data(cause: Cause) -> None:
    data = json.loads(json.dumps(cause.data()))
    again = restore(cause.name, data)
    assert again == cause
    assert type(again) is type(cause)
    assert again.data() == cause.data()
    assert again.message() == cause.message()
    assert again.remedy() == cause.remedy()
    assert (again.key, again.sub_reason) == (cause.key, cause.sub_reason)


@pytest.mark.parametrize("cause", EXAMPLES, ids=IDS)
def test_the_hosts_own_ids_keep_their_letters(cause: Cause) -> None:
    record = getattr(cause, "record", "")
    for text in (cause.message(), cause.remedy()):
        if record and record.casefold() in text.casefold():
            assert record in text or record[0].upper() + record[1:] in text


def test_an_unknown_cause_is_not_restored() -> None:
    with pytest.raises(KeyError):
        restore("no_such_cause", {})


@pytest.mark.parametrize(
    ("cause", "key"),
    [
        (CustomerNotMatched("email_unknown", "invoice 1", "AP@x.example"), "email:ap@x.example"),
        (ItemNotMatched("sku_unknown", "invoice 1", "line 1 of invoice 1", "A-77"), "sku:A-77"),
        (NumberConflict("invoice", "1042", "5-1"), "number:1042"),
    ],
)
def test_the_keys_are_those_of_the_design(cause: Cause, key: str) -> None:
    assert cause.key == key


def test_causes_with_one_key_have_it_whoever_waits() -> None:
    keys = {CustomerNotMatched("email_unknown", f"invoice {number}", "a@x").key for number in range(3)}
    assert len(keys) == 1


def test_the_message_of_a_number_conflict_names_what_holds_the_number() -> None:
    text = NumberConflict("invoice", "1042", "5-1", "Harbour", "2026-11-20", "19.00").message()
    for part in ("1042", "5-1", "Harbour", "2026-11-20", "19.00"):
        assert part in text


def test_the_document_that_holds_the_number_is_offered_as_the_one_that_may_be_meant() -> None:
    conflict = NumberConflict("invoice", "1042", "5-1", "Harbour", "2026-11-20", "19.00")
    words = "invoice 1042, for Harbour, dated 2026-11-20, total 19.00"
    assert conflict.candidates == (Candidate(words, "5-1", "1042", "2026-11-20", "19.00", "Harbour"),)
    assert "candidates" not in conflict.data()


def test_the_email_of_a_vendor_is_no_billing_email() -> None:
    assert "billing" not in VendorNotMatched("email_missing", "vendor v-9").message()
    assert "no billing email" in CustomerNotMatched("email_missing", "customer c-9").message()


def test_linking_is_proposed_only_for_a_record_that_is_itself_ambiguous() -> None:
    own = CustomerNotMatched("several", "customer c-9", "ap@x.example", TWO)
    named = CustomerNotMatched("several", "invoice SO-1", "ap@x.example", TWO)
    assert "link the record" in own.remedy()
    assert "link" not in named.remedy()


def test_a_name_held_by_a_vendor_cannot_be_the_customer_that_is_meant() -> None:
    held_by_vendor = NameInUse("customer", "Harbour", "a vendor with the email ap@x.example")
    held_by_customer = NameInUse("customer", "Harbour", "a customer without an email")
    assert "Main Email" not in held_by_vendor.remedy()
    assert "Main Email" in held_by_customer.remedy()


def test_what_was_empty_before_a_person_changed_it_is_said_to_have_been_empty() -> None:
    cause = ChangedInQuickbooks("invoice SO-1", {"ship_date": ("nothing", "2026-11-20")})
    assert cause.message().endswith("ship date was empty, now “2026-11-20”.")


def test_a_missing_reference_is_sought_where_quickbooks_menus_have_it() -> None:
    remedy = ReferenceMissing("invoice SO-1", "terms", "Net 31", "terms").remedy()
    assert "Lists > Customer & Vendor Profile Lists > Terms List" in remedy


def test_a_cause_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        Refused("invoice 1").record = "other"


MOST_WORDS = 36


@pytest.mark.parametrize("cause", EXAMPLES, ids=IDS)
def test_a_remedy_begins_with_what_to_do_in_one_sentence(cause: Cause) -> None:
    first, _, _ = cause.remedy().partition(". ")
    assert len(first.split()) <= MOST_WORDS
    assert not first.startswith(("QuickBooks' own", "QuickBooks cannot"))
