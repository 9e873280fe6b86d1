"""List records obey QuickBooks' rules about names, references, accounts and edit sequences."""

from __future__ import annotations

import re

import pytest

from qbwc_server.simulator import StatusError
from tests.worlds.hand_clock import HandClock
from tests.worlds.sim_world import QuickBooks, takes_any_request

GUID = "{12345678-1234-1234-1234-123456789012}"


def customer(name: str, inner: str = "") -> str:
    return f"<CustomerAddRq><CustomerAdd><Name>{name}</Name>{inner}</CustomerAdd></CustomerAddRq>"


def vendor(name: str) -> str:
    return f"<VendorAddRq><VendorAdd><Name>{name}</Name></VendorAdd></VendorAddRq>"


def item(kind: str, name: str, inner: str) -> str:
    return f"<Item{kind}AddRq><Item{kind}Add><Name>{name}</Name>{inner}</Item{kind}Add></Item{kind}AddRq>"


SALE = "<SalesOrPurchase><Price>1.00</Price><AccountRef><FullName>Sales</FullName></AccountRef></SalesOrPurchase>"
STOCK = (
    "<IncomeAccountRef><FullName>Sales</FullName></IncomeAccountRef>"
    "<COGSAccountRef><FullName>Cost of Goods Sold</FullName></COGSAccountRef>"
    "<AssetAccountRef><FullName>Inventory Asset</FullName></AssetAccountRef>"
)


def test_an_added_customer_gets_ids_times_and_defaults(quickbooks: QuickBooks) -> None:
    shown = quickbooks.one(customer("Ada", f"<ExternalGUID>{GUID}</ExternalGUID>")).find("CustomerRet")
    assert shown is not None
    assert re.fullmatch(r"8[0-9A-F]{7}-\d{10}", shown.findtext("ListID") or "")
    assert shown.findtext("EditSequence", "").isdigit()
    assert shown.findtext("TimeCreated") == "2026-11-20T10:00:00-05:00"
    assert shown.findtext("FullName") == "Ada"
    assert shown.findtext("IsActive") == "true"
    assert shown.findtext("Sublevel") == "0"
    assert shown.findtext("Balance") == "0.00"
    assert shown.findtext("ExternalGUID") == GUID


def test_an_external_guid_may_be_used_twice(quickbooks: QuickBooks) -> None:
    guid = f"<ExternalGUID>{GUID}</ExternalGUID>"
    assert [each.get("statusCode") for each in quickbooks.send(customer("a", guid), customer("b", guid))] == [
        "0",
        "0",
    ]


@pytest.mark.parametrize(
    "other", [customer("ADA"), vendor("ada")], ids=["customer in another case", "vendor"]
)
def test_customers_and_vendors_share_their_names(quickbooks: QuickBooks, other: str) -> None:
    quickbooks.send(customer("Ada"))
    assert quickbooks.status(other) == 3100


@pytest.mark.parametrize("kind", ["Employee", "OtherName", "Vendor"])
def test_every_name_list_takes_part_in_the_sharing(quickbooks: QuickBooks, kind: str) -> None:
    quickbooks.company.person.add(kind, {"Name": "Ada"})
    assert quickbooks.status(customer("Ada")) == 3100


def test_all_item_types_share_their_names(quickbooks: QuickBooks) -> None:
    assert quickbooks.status(item("Service", "Oyster", SALE)) == 0
    assert quickbooks.status(item("NonInventory", "oyster", SALE)) == 3100
    assert quickbooks.status(item("Inventory", "Oyster", STOCK)) == 3100


def test_an_item_and_a_customer_may_share_a_name(quickbooks: QuickBooks) -> None:
    assert quickbooks.status(item("Service", "Ada", SALE)) == 0
    assert quickbooks.status(customer("Ada")) == 0


def test_list_ids_are_unique_in_their_list_only(quickbooks: QuickBooks) -> None:
    answers = quickbooks.send(customer("a"), item("Service", "b", SALE))
    first, second = (each[0].findtext("ListID") for each in answers)
    assert first == second


def test_an_inactive_record_keeps_its_name(quickbooks: QuickBooks) -> None:
    person = quickbooks.company.person
    person.deactivate("Vendor", person.add("Vendor", {"Name": "Ada"}))
    assert quickbooks.status(customer("Ada")) == 3100


def test_jobs_share_names_only_below_the_same_customer(quickbooks: QuickBooks) -> None:
    parent = "<ParentRef><FullName>{}</FullName></ParentRef>"
    answers = quickbooks.send(
        customer("a"),
        customer("b"),
        customer("Kitchen", parent.format("a")),
        customer("Kitchen", parent.format("b")),
        customer("kitchen", parent.format("A")),
        customer("Sink", parent.format("a:Kitchen")),
    )
    assert [each.get("statusCode") for each in answers] == ["0", "0", "0", "0", "3100", "0"]
    assert answers[2].findtext("CustomerRet/FullName") == "a:Kitchen"
    assert answers[5].findtext("CustomerRet/FullName") == "a:Kitchen:Sink"
    assert answers[5].findtext("CustomerRet/Sublevel") == "2"


def test_a_renamed_parent_renames_what_hangs_below(quickbooks: QuickBooks) -> None:
    person = quickbooks.company.person
    top = person.add("Customer", {"Name": "a"})
    person.add("Customer", {"Name": "Kitchen", "ParentRef": "a"})
    person.rename("Customer", top, "z")
    assert quickbooks.status("<CustomerQueryRq><FullName>z:Kitchen</FullName></CustomerQueryRq>") == 0
    assert quickbooks.status("<CustomerQueryRq><FullName>a:Kitchen</FullName></CustomerQueryRq>") == 500
    assert quickbooks.status(customer("a")) == 0, "the old name is free again"


def test_a_colon_in_a_name_is_refused(quickbooks: QuickBooks) -> None:
    assert quickbooks.status(customer("a:b")) == 3090


def test_blanks_around_a_name_are_trimmed(quickbooks: QuickBooks) -> None:
    assert quickbooks.one(customer("  Ada ")).findtext("CustomerRet/Name") == "Ada"


@pytest.mark.parametrize(
    ("inner", "code"),
    [
        ("<TermsRef><FullName>Net 31</FullName></TermsRef>", 3140),
        ("<TermsRef><ListID>80000099-1234567890</ListID></TermsRef>", 3140),
        ("<TermsRef><ListID>not-an-id</ListID></TermsRef>", 3000),
        ("<TermsRef><FullName>net 30</FullName></TermsRef>", 0),
        ("<TermsRef><FullName></FullName></TermsRef>", 0),
        ("<PriceLevelRef><FullName>Best</FullName></PriceLevelRef>", 3140),
    ],
)
def test_references_must_lead_somewhere(quickbooks: QuickBooks, inner: str, code: int) -> None:
    assert quickbooks.status(customer("Ada", inner)) == code


def test_a_reference_to_an_inactive_record_is_refused(quickbooks: QuickBooks) -> None:
    person = quickbooks.company.person
    net30 = quickbooks.company.find("StandardTerms", Name="Net 30")["ListID"]
    person.deactivate("StandardTerms", net30)
    answer = quickbooks.one(customer("Ada", "<TermsRef><FullName>Net 30</FullName></TermsRef>"))
    assert answer.get("statusCode") == "3140"
    assert "Net 30" in (answer.get("statusMessage") or "")
    assert quickbooks.company.records("Customer") == []


@pytest.mark.parametrize(
    ("kind", "inner", "code"),
    [
        ("NonInventory", "<SalesOrPurchase><Price>1.00</Price></SalesOrPurchase>", 3270),
        ("Service", SALE, 0),
        ("Inventory", STOCK, 0),
        ("Inventory", STOCK.split("<COGS")[0], 3270),
        (
            "NonInventory",
            "<SalesAndPurchase><IncomeAccountRef><FullName>Sales</FullName></IncomeAccountRef></SalesAndPurchase>",
            3270,
        ),
    ],
)
def test_items_need_their_accounts(quickbooks: QuickBooks, kind: str, inner: str, code: int) -> None:
    assert quickbooks.status(item(kind, "x", inner)) == code


def test_inventory_items_need_the_feature(quickbooks: QuickBooks) -> None:
    quickbooks.company.preferences["PurchasesAndVendorsPreferences"]["IsUsingInventory"] = "false"
    assert quickbooks.status(item("Inventory", "x", STOCK)) == 3250


def test_non_inventory_comes_back_in_the_order_of_its_ret(quickbooks: QuickBooks) -> None:
    quickbooks.send(item("NonInventory", "Top", SALE))
    inner = (
        "<ParentRef><FullName>Top</FullName></ParentRef><ClassRef><FullName>Fresh</FullName></ClassRef>"
        f"<ManufacturerPartNumber>A-77</ManufacturerPartNumber>{SALE}"
    )
    shown = quickbooks.one(item("NonInventory", "Sub", inner))[0]
    names = [each.tag for each in shown]
    assert names.index("ClassRef") < names.index("ParentRef")
    assert shown.findtext("FullName") == "Top:Sub"


def test_prices_and_quantities_come_back_as_quickbooks_prints_them(quickbooks: QuickBooks) -> None:
    inner = SALE.replace("1.00", "9.5")
    assert quickbooks.one(item("Service", "x", inner)).findtext(".//Price") == "9.50"
    inner = SALE.replace("1.00", "0.12345")
    assert quickbooks.one(item("Service", "y", inner)).findtext(".//Price") == "0.12345"


@takes_any_request
def test_a_field_that_this_edition_lacks_is_dropped_with_a_warning(quickbooks: QuickBooks) -> None:
    answer = quickbooks.one(customer("Ada", "<Mobile>555</Mobile>"))
    assert (answer.get("statusCode"), answer.get("statusSeverity")) == ("530", "Warn")
    assert answer.findtext("CustomerRet/Name") == "Ada"
    assert answer.find("CustomerRet/Mobile") is None


def test_contacts_notes_and_ship_tos_come_back(quickbooks: QuickBooks) -> None:
    inner = (
        "<ShipToAddress><Name>Dock</Name><City>Kiel</City></ShipToAddress>"
        "<ShipToAddress><Name>Gate</Name></ShipToAddress>"
        "<Contacts><FirstName>Ada</FirstName><LastName>L</LastName></Contacts>"
        "<AdditionalNotes><Note>first</Note></AdditionalNotes><AdditionalNotes><Note>second</Note></AdditionalNotes>"
    )
    shown = quickbooks.one(customer("Ada", inner))[0]
    assert [each.findtext("Name") for each in shown.findall("ShipToAddress")] == ["Dock", "Gate"]
    assert shown.findtext("ContactsRet/Contact") == "Ada L"
    assert [each.findtext("NoteID") for each in shown.findall("AdditionalNotesRet")] == ["1", "2"]


def test_an_address_is_also_printed_as_a_block(quickbooks: QuickBooks) -> None:
    inner = (
        "<BillAddress><Addr1>Pier 1</Addr1><City>Kiel</City><State>SH</State><PostalCode>24103</PostalCode>"
        "<Country>Germany</Country></BillAddress>"
    )
    shown = quickbooks.one(customer("Ada", inner))[0].find("BillAddressBlock")
    assert shown is not None
    assert [each.text for each in shown] == ["Pier 1", "Kiel, SH 24103", "Germany"]


# -- modifying -----------------------------------------------------------------------------------------------


def mod(list_id: str, edit_sequence: str, inner: str) -> str:
    return (
        f"<CustomerModRq><CustomerMod><ListID>{list_id}</ListID><EditSequence>{edit_sequence}</EditSequence>"
        f"{inner}</CustomerMod></CustomerModRq>"
    )


@pytest.fixture
def ada(quickbooks: QuickBooks) -> dict[str, str]:
    entry = {
        "Name": "Ada",
        "Phone": "1",
        "Email": "a@b.example",
        "TermsRef": "Net 30",
        "BillAddress": {"Addr1": "Pier 1", "City": "Kiel"},
        "ExternalGUID": GUID,
    }
    quickbooks.company.person.add("Customer", entry)
    return quickbooks.company.find("Customer", Name="Ada")


def test_a_mod_changes_what_it_names_and_clears_what_it_empties(
    quickbooks: QuickBooks, ada: dict[str, str], clock: HandClock
) -> None:
    clock.forward(minutes=5)
    inner = (
        "<BillAddress><City>Bremen</City></BillAddress><Phone>2</Phone><Email></Email>"
        "<TermsRef><FullName></FullName></TermsRef>"
    )
    shown = quickbooks.one(mod(ada["ListID"], ada["EditSequence"], inner))[0]
    assert shown.findtext("Phone") == "2"
    assert shown.find("Email") is None
    assert shown.find("TermsRef") is None
    assert shown.findtext("BillAddress/Addr1") == "Pier 1"
    assert shown.findtext("BillAddress/City") == "Bremen"
    assert shown.findtext("Name") == "Ada"
    assert shown.findtext("ExternalGUID") == GUID
    assert shown.findtext("TimeModified") == "2026-11-20T10:05:00-05:00"
    assert shown.findtext("TimeCreated") == "2026-11-20T10:00:00-05:00"


def test_every_change_gives_a_new_edit_sequence_even_within_a_second(
    quickbooks: QuickBooks, ada: dict[str, str]
) -> None:
    seen = {ada["EditSequence"]}
    for phone in ("2", "3", "4"):
        current = quickbooks.company.find("Customer", Name="Ada")["EditSequence"]
        answer = quickbooks.one(mod(ada["ListID"], current, f"<Phone>{phone}</Phone>"))
        seen.add(answer.findtext("CustomerRet/EditSequence") or "")
    assert len(seen) == 4


def test_a_stale_edit_sequence_changes_nothing(quickbooks: QuickBooks, ada: dict[str, str]) -> None:
    quickbooks.company.person.edit("Customer", ada["ListID"], {"Phone": "9"})
    assert quickbooks.status(mod(ada["ListID"], ada["EditSequence"], "<Phone>2</Phone>")) == 3200
    assert quickbooks.company.find("Customer", Name="Ada")["Phone"] == "9"


@pytest.mark.parametrize(
    ("inner", "code"),
    [
        ("<Name>ben</Name>", 3100),
        ("<Name>ADA</Name>", 0),
        ("<Name></Name>", 3150),
        ("<ParentRef><FullName>Ada</FullName></ParentRef>", 3180),
        ("<ParentRef><FullName>Ben</FullName></ParentRef>", 0),
    ],
)
def test_a_mod_keeps_to_the_rules_of_names(
    quickbooks: QuickBooks, ada: dict[str, str], inner: str, code: int
) -> None:
    quickbooks.company.person.add("Vendor", {"Name": "Cyd"})
    quickbooks.company.person.add("Customer", {"Name": "Ben"})
    assert quickbooks.status(mod(ada["ListID"], ada["EditSequence"], inner)) == code


def test_a_refused_mod_leaves_the_record_untouched(quickbooks: QuickBooks, ada: dict[str, str]) -> None:
    quickbooks.company.person.add("Customer", {"Name": "Ben"})
    before = quickbooks.company.snapshot()
    quickbooks.send(mod(ada["ListID"], ada["EditSequence"], "<Name>Ben</Name><Phone>7</Phone>"))
    assert quickbooks.company.snapshot() == before


def test_a_mod_of_nothing_known_is_3120(quickbooks: QuickBooks) -> None:
    assert quickbooks.status(mod("80000099-1234567890", "1", "<Phone>2</Phone>")) == 3120


@takes_any_request
def test_an_inactive_record_can_be_made_active_by_a_mod(quickbooks: QuickBooks, ada: dict[str, str]) -> None:
    quickbooks.company.person.deactivate("Customer", ada["ListID"])
    current = quickbooks.company.find("Customer", Name="Ada")["EditSequence"]
    answer = quickbooks.one(mod(ada["ListID"], current, "<IsActive>1</IsActive>"))
    assert answer.findtext("CustomerRet/IsActive") == "true"


def test_an_item_mod_merges_prices_and_keeps_accounts(quickbooks: QuickBooks) -> None:
    shown = quickbooks.one(item("Service", "x", SALE))[0]
    request = (
        f"<ItemServiceModRq><ItemServiceMod><ListID>{shown.findtext('ListID')}</ListID>"
        f"<EditSequence>{shown.findtext('EditSequence')}</EditSequence>"
        "<SalesOrPurchaseMod><Price>2.5</Price></SalesOrPurchaseMod></ItemServiceMod></ItemServiceModRq>"
    )
    changed = quickbooks.one(request)[0]
    assert changed.findtext("SalesOrPurchase/Price") == "2.50"
    assert changed.findtext("SalesOrPurchase/AccountRef/FullName") == "Sales"


# -- deleting and merging ------------------------------------------------------------------------------------


def delete(kind: str, list_id: str) -> str:
    return f"<ListDelRq><ListDelType>{kind}</ListDelType><ListID>{list_id}</ListID></ListDelRq>"


def test_a_deleted_record_is_gone_and_remembered(
    quickbooks: QuickBooks, ada: dict[str, str], clock: HandClock
) -> None:
    clock.forward(hours=1)
    answer = quickbooks.one(delete("Customer", ada["ListID"]))
    assert (answer.findtext("FullName"), answer.findtext("TimeDeleted")) == (
        "Ada",
        "2026-11-20T11:00:00-05:00",
    )
    assert quickbooks.status(f"<CustomerQueryRq><ListID>{ada['ListID']}</ListID></CustomerQueryRq>") == 500
    both = "<ListDelType>Vendor</ListDelType><ListDelType>Customer</ListDelType>"
    ask = f"<ListDeletedQueryRq>{both}{{}}</ListDeletedQueryRq>"
    shown = quickbooks.one(ask.format(""))[0]
    assert (shown.findtext("ListDelType"), shown.findtext("ListID")) == ("Customer", ada["ListID"])
    since = (
        "<DeletedDateRangeFilter><FromDeletedDate>2026-11-20T{}</FromDeletedDate></DeletedDateRangeFilter>"
    )
    assert quickbooks.status(ask.format(since.format("11:00:01"))) == 1
    assert quickbooks.status(ask.format(since.format("11:00:00"))) == 0
    assert quickbooks.status(customer("Ada")) == 0, "its name is free"


def test_what_is_used_cannot_be_deleted(quickbooks: QuickBooks, ada: dict[str, str]) -> None:
    person = quickbooks.company.person
    person.add("Customer", {"Name": "Job", "ParentRef": "Ada"})
    assert quickbooks.status(delete("Customer", ada["ListID"])) == 3160
    terms = quickbooks.company.find("StandardTerms", Name="Net 30")["ListID"]
    assert quickbooks.status(delete("StandardTerms", terms)) == 3160
    assert quickbooks.status(delete("Customer", "80000099-1234567890")) == 3120


def test_merging_moves_everything_to_the_survivor(quickbooks: QuickBooks, ada: dict[str, str]) -> None:
    person = quickbooks.company.person
    ben = person.add("Customer", {"Name": "Ben"})
    invoice = person.add_transaction(
        "Invoice", {"CustomerRef": "Ada", "RefNumber": "1"}, [{"Desc": "x", "Amount": "5.00"}]
    )
    person.merge("Customer", ada["ListID"], ben)
    shown = quickbooks.one(f"<InvoiceQueryRq><TxnID>{invoice}</TxnID></InvoiceQueryRq>")[0]
    assert shown.findtext("CustomerRef/FullName") == "Ben"
    assert (
        quickbooks.one("<CustomerQueryRq><FullName>Ben</FullName></CustomerQueryRq>").findtext(
            "CustomerRet/Balance"
        )
        == "5.00"
    )
    assert quickbooks.status(f"<CustomerQueryRq><ListID>{ada['ListID']}</ListID></CustomerQueryRq>") == 500
    deleted = quickbooks.one("<ListDeletedQueryRq><ListDelType>Customer</ListDelType></ListDeletedQueryRq>")[
        0
    ]
    assert deleted.findtext("ListID") == ada["ListID"]


@takes_any_request
def test_a_merge_request_wants_fresh_edit_sequences(quickbooks: QuickBooks, ada: dict[str, str]) -> None:
    quickbooks.company.person.add("Customer", {"Name": "Ben"})
    ben = quickbooks.company.find("Customer", Name="Ben")

    def merge(sequence: str) -> str:
        return (
            "<ListMergeRq><ListMergeType>Customer</ListMergeType>"
            f"<MergeFrom><ListID>{ada['ListID']}</ListID><EditSequence>{sequence}</EditSequence></MergeFrom>"
            f"<MergeTo><ListID>{ben['ListID']}</ListID><EditSequence>{ben['EditSequence']}</EditSequence></MergeTo>"
            "</ListMergeRq>"
        )

    assert quickbooks.status(merge("1")) == 3200
    answer = quickbooks.one(merge(ada["EditSequence"]))
    assert answer.findtext("MergedFrom/FullName") == "Ada"
    assert answer.findtext("MergedTo/ListID") == ben["ListID"]


def test_a_record_cannot_be_merged_into_itself(quickbooks: QuickBooks, ada: dict[str, str]) -> None:
    with pytest.raises(StatusError, match="3180"):
        quickbooks.company.person.merge("Customer", ada["ListID"], ada["ListID"])


# -- custom fields and private data --------------------------------------------------------------------------


def test_custom_fields_are_set_read_and_removed(quickbooks: QuickBooks, ada: dict[str, str]) -> None:
    target = (
        f"<OwnerID>0</OwnerID><DataExtName>Route</DataExtName><ListDataExtType>Customer</ListDataExtType>"
        f"<ListObjRef><ListID>{ada['ListID']}</ListID></ListObjRef>"
    )
    value = "<DataExtValue>{}</DataExtValue>"
    add = f"<DataExtAddRq><DataExtAdd>{target}{value.format('North')}</DataExtAdd></DataExtAddRq>"
    assert quickbooks.one(add).findtext("DataExtRet/DataExtValue") == "North"
    assert quickbooks.status(add) == 3100
    change = f"<DataExtModRq><DataExtMod>{target}{value.format('South')}</DataExtMod></DataExtModRq>"
    assert quickbooks.status(change) == 0
    ask = "<CustomerQueryRq><FullName>Ada</FullName>{}</CustomerQueryRq>"
    assert quickbooks.one(ask.format("")).find("CustomerRet/DataExtRet") is None
    assert quickbooks.one(ask.format("<OwnerID>0</OwnerID>")).findtext(".//DataExtValue") == "South"
    remove = f"<DataExtDelRq><DataExtDel>{target}</DataExtDel></DataExtDelRq>"
    assert [quickbooks.status(remove), quickbooks.status(remove)] == [0, 3120]


def test_private_data_of_the_company_is_shown_to_its_owner_only(quickbooks: QuickBooks) -> None:
    quickbooks.company.register("{ABCDEF00-1234-1234-1234-123456789012}", GUID)
    mine = "<CompanyQueryRq><OwnerID>{abcdef00-1234-1234-1234-123456789012}</OwnerID></CompanyQueryRq>"
    assert quickbooks.one(mine).findtext(".//DataExtValue") == GUID
    theirs = mine.replace("abcdef00", "00000000")
    assert quickbooks.one(theirs).find(".//DataExtRet") is None
