"""Queries find what their selectors and filters say, page by page, and print what they are asked to."""

from __future__ import annotations

import pytest
from lxml import etree

from tests.worlds.hand_clock import HandClock
from tests.worlds.sim_world import QuickBooks, document, takes_any_request


def names(answer: etree._Element) -> list[str]:
    return [each.findtext("Name") or "" for each in answer]


@pytest.fixture(autouse=True)
def customers(quickbooks: QuickBooks, clock: HandClock) -> None:
    """Ada at 10:00, Ben at 11:00, Cyd (inactive) at 12:00, a job below Ada at 13:00; New York time."""
    person = quickbooks.company.person
    person.add("Customer", {"Name": "Ada", "Email": "ada@x.example"})
    clock.forward(hours=1)
    person.add("Customer", {"Name": "Ben"})
    clock.forward(hours=1)
    person.deactivate("Customer", person.add("Customer", {"Name": "Cyd"}))
    clock.forward(hours=1)
    person.add("Customer", {"Name": "Kitchen", "ParentRef": "Ada"})


def ask(inner: str = "", attributes: str = "") -> str:
    return f"<CustomerQueryRq {attributes}>{inner}</CustomerQueryRq>"


@pytest.mark.parametrize(
    ("inner", "found"),
    [
        ("", ["Ada", "Ben", "Kitchen"]),
        ("<ActiveStatus>ActiveOnly</ActiveStatus>", ["Ada", "Ben", "Kitchen"]),
        ("<ActiveStatus>InactiveOnly</ActiveStatus>", ["Cyd"]),
        ("<ActiveStatus>All</ActiveStatus>", ["Ada", "Ben", "Cyd", "Kitchen"]),
        ("<MaxReturned>2</MaxReturned>", ["Ada", "Ben"]),
        ("<FullName>cyd</FullName>", ["Cyd"]),
        ("<FullName>ada:kitchen</FullName><FullName>Ben</FullName>", ["Kitchen", "Ben"]),
        ("<FromModifiedDate>2026-11-20T11:00:00</FromModifiedDate>", ["Ben", "Kitchen"]),
        ("<FromModifiedDate>2026-11-20T11:00:01</FromModifiedDate>", ["Kitchen"]),
        ("<FromModifiedDate>2026-11-20T11:00:00-05:00</FromModifiedDate>", ["Ben", "Kitchen"]),
        ("<FromModifiedDate>2026-11-20T16:00:00+00:00</FromModifiedDate>", ["Ben", "Kitchen"]),
        ("<FromModifiedDate>2026-11-20</FromModifiedDate>", ["Ada", "Ben", "Kitchen"]),
        ("<FromModifiedDate>2026-11-20T12</FromModifiedDate>", ["Kitchen"]),
        ("<ToModifiedDate>2026-11-20T11:00:00</ToModifiedDate>", ["Ada", "Ben"]),
        ("<ToModifiedDate>2026-11-20</ToModifiedDate>", ["Ada", "Ben", "Kitchen"]),
        ("<NameFilter><MatchCriterion>StartsWith</MatchCriterion><Name>a</Name></NameFilter>", ["Ada"]),
        (
            "<NameFilter><MatchCriterion>EndsWith</MatchCriterion><Name>EN</Name></NameFilter>",
            ["Ben", "Kitchen"],
        ),
        ("<NameFilter><MatchCriterion>Contains</MatchCriterion><Name>it</Name></NameFilter>", ["Kitchen"]),
        ("<NameRangeFilter><FromName>B</FromName></NameRangeFilter>", ["Ben", "Kitchen"]),
        ("<NameRangeFilter><FromName>A</FromName><ToName>B</ToName></NameRangeFilter>", ["Ada", "Ben"]),
    ],
)
def test_customers_are_found_by(quickbooks: QuickBooks, inner: str, found: list[str]) -> None:
    answer = quickbooks.one(ask(inner))
    assert names(answer) == found
    assert answer.get("statusCode") == "0"


@pytest.mark.parametrize(
    ("inner", "code", "found"),
    [
        ("<FullName>Nobody</FullName>", "500", []),
        ("<FullName>Nobody</FullName><FullName>Ada</FullName>", "500", ["Ada"]),
        ("<ListID>80000099-1234567890</ListID>", "500", []),
        ("<FromModifiedDate>2030-01-01</FromModifiedDate>", "1", []),
        (
            "<FromModifiedDate>2026-12-01</FromModifiedDate><ToModifiedDate>2026-11-01</ToModifiedDate>",
            "3030",
            [],
        ),
        ("<FromModifiedDate>2026-13-45</FromModifiedDate>", "3020", []),
    ],
)
def test_what_is_not_found_is_said_by_status(
    quickbooks: QuickBooks, inner: str, code: str, found: list[str]
) -> None:
    answer = quickbooks.one(ask(inner))
    assert (answer.get("statusCode"), names(answer)) == (code, found)


def test_include_ret_element_limits_the_answer(quickbooks: QuickBooks) -> None:
    only = "".join(f"<IncludeRetElement>{name}</IncludeRetElement>" for name in ("ListID", "Email"))
    assert [each.tag for each in quickbooks.one(ask(f"<FullName>Ada</FullName>{only}"))[0]] == [
        "ListID",
        "Email",
    ]


def test_meta_data_counts(quickbooks: QuickBooks) -> None:
    counted = quickbooks.one(ask(attributes='metaData="MetaDataOnly"'))
    assert (counted.get("retCount"), len(counted)) == ("3", 0)
    both = quickbooks.one(ask(attributes='metaData="MetaDataAndResponseData"'))
    assert (both.get("retCount"), len(both)) == ("3", 3)
    assert quickbooks.one(ask()).get("retCount") is None


def test_an_entity_query_reads_all_name_lists(quickbooks: QuickBooks) -> None:
    quickbooks.company.person.add("Employee", {"Name": "Eve"})
    quickbooks.company.person.add("OtherName", {"Name": "Oz"})
    answer = quickbooks.one(
        "<EntityQueryRq><FullName>Eve</FullName><FullName>Oz</FullName><FullName>Ada</FullName></EntityQueryRq>"
    )
    assert [each.tag for each in answer] == ["EmployeeRet", "OtherNameRet", "CustomerRet"]


def test_an_item_query_names_the_type_by_its_element(quickbooks: QuickBooks) -> None:
    person = quickbooks.company.person
    sale = {"Price": "1", "AccountRef": "Sales"}
    person.add("ItemService", {"Name": "S", "SalesOrPurchase": sale})
    person.add("ItemNonInventory", {"Name": "N", "SalesOrPurchase": sale})
    answer = quickbooks.one("<ItemQueryRq/>")
    assert {each.tag for each in answer} == {"ItemServiceRet", "ItemNonInventoryRet", "ItemSalesTaxRet"}
    assert [each.tag for each in quickbooks.one("<ItemServiceQueryRq/>")] == ["ItemServiceRet"]


@pytest.mark.parametrize(
    "kind",
    ["Account", "Terms", "StandardTerms", "DateDrivenTerms", "Class", "SalesTaxCode", "ShipMethod", "CustomerMsg",
     "Template"],
)  # fmt: skip
def test_every_starter_list_can_be_read(quickbooks: QuickBooks, kind: str) -> None:
    assert len(quickbooks.one(f"<{kind}QueryRq/>")) >= 1


@takes_any_request
@pytest.mark.parametrize("kind", ["PaymentMethod", "CustomerType", "VendorType"])
def test_starter_lists_that_only_others_ask_for_can_be_read(quickbooks: QuickBooks, kind: str) -> None:
    assert len(quickbooks.one(f"<{kind}QueryRq/>")) >= 1


def test_accounts_are_found_by_type(quickbooks: QuickBooks) -> None:
    answer = quickbooks.one("<AccountQueryRq><AccountType>Income</AccountType></AccountQueryRq>")
    assert {each.findtext("AccountType") for each in answer} == {"Income"}


# -- iterators -----------------------------------------------------------------------------------------------


def test_an_iterator_pages_through_everything_once(quickbooks: QuickBooks) -> None:
    first = quickbooks.one(ask("<MaxReturned>2</MaxReturned>", 'iterator="Start"'))
    iterator_id = first.get("iteratorID")
    assert first.get("iteratorRemainingCount") == "1"
    rest = quickbooks.one(
        ask("<MaxReturned>2</MaxReturned>", f'iterator="Continue" iteratorID="{iterator_id}"')
    )
    assert (rest.get("iteratorRemainingCount"), rest.get("iteratorID")) == ("0", iterator_id)
    assert names(first) + names(rest) == ["Ada", "Ben", "Kitchen"]
    over = ask("<MaxReturned>2</MaxReturned>", f'iterator="Continue" iteratorID="{iterator_id}"')
    assert quickbooks.status(over) == 3000


def test_an_iterator_keeps_what_it_found_at_its_start(quickbooks: QuickBooks) -> None:
    first = quickbooks.one(ask("<MaxReturned>1</MaxReturned>", 'iterator="Start"'))
    quickbooks.company.person.add("Customer", {"Name": "Late"})
    on = ask("<MaxReturned>9</MaxReturned>", f'iterator="Continue" iteratorID="{first.get("iteratorID")}"')
    assert names(quickbooks.one(on)) == ["Ben", "Kitchen"]


def test_a_stopped_iterator_is_gone(quickbooks: QuickBooks) -> None:
    first = quickbooks.one(ask("<MaxReturned>1</MaxReturned>", 'iterator="Start"'))
    other = f'iteratorID="{first.get("iteratorID")}"'
    assert quickbooks.status(ask("<MaxReturned>1</MaxReturned>", f'iterator="Stop" {other}')) == 0
    assert quickbooks.status(ask("<MaxReturned>1</MaxReturned>", f'iterator="Continue" {other}')) == 3000


def test_an_iterator_belongs_to_the_session_that_started_it(quickbooks: QuickBooks) -> None:
    company = quickbooks.company
    mine, other = company.begin_session(), company.begin_session()
    start = document(ask("<MaxReturned>1</MaxReturned>", 'iterator="Start"'))
    iterator_id = company.process(start, mine).split('iteratorID="')[1].split('"')[0]
    on = document(ask("<MaxReturned>1</MaxReturned>", f'iterator="Continue" iteratorID="{iterator_id}"'))
    assert 'statusCode="3000"' in company.process(on, other)
    assert 'statusCode="0"' in company.process(on, mine)
    company.end_session(mine)
    assert 'statusCode="3000"' in company.process(on, mine)


def test_an_iterator_needs_a_page_size(quickbooks: QuickBooks) -> None:
    assert quickbooks.status(ask("", 'iterator="Start"')) == 3150


def test_an_iterator_over_nothing_is_finished_at_once(quickbooks: QuickBooks) -> None:
    none = "<MaxReturned>5</MaxReturned><FromModifiedDate>2030-01-01</FromModifiedDate>"
    answer = quickbooks.one(ask(none, 'iterator="Start"'))
    assert (answer.get("statusCode"), answer.get("iteratorRemainingCount")) == ("1", "0")


# -- transactions --------------------------------------------------------------------------------------------


@pytest.fixture
def invoices(quickbooks: QuickBooks, clock: HandClock) -> None:
    """A-1 for Ada at 14:00, a-1 for her kitchen at 15:00, B-2 for Ben at 16:00, New York time; one a day."""
    for day, (number, customer) in enumerate(
        (("A-1", "Ada"), ("a-1", "Ada:Kitchen"), ("B-2", "Ben")), start=1
    ):
        clock.forward(hours=1)
        quickbooks.company.person.add_transaction(
            "Invoice",
            {"CustomerRef": customer, "RefNumber": number, "TxnDate": f"2026-11-0{day}"},
            [{"Desc": "x", "Amount": "1.00"}],
        )


@pytest.mark.usefixtures("invoices")
@pytest.mark.parametrize(
    ("inner", "found"),
    [
        ("", ["A-1", "a-1", "B-2"]),
        ("<RefNumber>A-1</RefNumber>", ["A-1", "a-1"]),
        ("<RefNumberCaseSensitive>A-1</RefNumberCaseSensitive>", ["A-1"]),
        ("<TxnDateRangeFilter><FromTxnDate>2026-11-02</FromTxnDate></TxnDateRangeFilter>", ["a-1", "B-2"]),
        ("<TxnDateRangeFilter><ToTxnDate>2026-11-01</ToTxnDate></TxnDateRangeFilter>", ["A-1"]),
        (
            "<ModifiedDateRangeFilter><FromModifiedDate>2026-11-20T15:00:00</FromModifiedDate>"
            "</ModifiedDateRangeFilter>",
            ["a-1", "B-2"],
        ),
        ("<EntityFilter><FullName>Ada</FullName></EntityFilter>", ["A-1"]),
        ("<EntityFilter><FullNameWithChildren>Ada</FullNameWithChildren></EntityFilter>", ["A-1", "a-1"]),
        (
            "<RefNumberFilter><MatchCriterion>StartsWith</MatchCriterion><RefNumber>b</RefNumber></RefNumberFilter>",
            ["B-2"],
        ),
        ("<RefNumberRangeFilter><FromRefNumber>B</FromRefNumber></RefNumberRangeFilter>", ["B-2"]),
        ("<PaidStatus>NotPaidOnly</PaidStatus>", ["A-1", "a-1", "B-2"]),
    ],
)
def test_invoices_are_found_by(quickbooks: QuickBooks, inner: str, found: list[str]) -> None:
    answer = quickbooks.one(f"<InvoiceQueryRq>{inner}</InvoiceQueryRq>")
    assert [each.findtext("RefNumber") for each in answer] == found


@pytest.mark.usefixtures("invoices")
def test_lines_come_only_when_asked_for(quickbooks: QuickBooks) -> None:
    assert quickbooks.one("<InvoiceQueryRq/>").find(".//InvoiceLineRet") is None
    asked = "<InvoiceQueryRq><IncludeLineItems>true</IncludeLineItems></InvoiceQueryRq>"
    assert len(quickbooks.one(asked).findall("InvoiceRet/InvoiceLineRet")) == 3


@pytest.mark.usefixtures("invoices")
def test_a_balance_filter_counts_what_jobs_owe(quickbooks: QuickBooks) -> None:
    over = "<TotalBalanceFilter><Operator>GreaterThan</Operator><Amount>1.00</Amount></TotalBalanceFilter>"
    assert names(quickbooks.one(ask(over))) == ["Ada"]


@pytest.mark.usefixtures("invoices")
def test_decimals_have_a_comma_where_windows_is_set_so(quickbooks: QuickBooks) -> None:
    quickbooks.company.person.use_decimal_comma(comma=True)
    text = quickbooks.company.process(
        '<?xml version="1.0"?><?qbxml version="13.0"?><QBXML><QBXMLMsgsRq onError="stopOnError"><InvoiceQueryRq>'
        "<IncludeLineItems>true</IncludeLineItems></InvoiceQueryRq></QBXMLMsgsRq></QBXML>"
    )
    assert "<Subtotal>1,00</Subtotal>" in text
    assert "<Amount>1,00</Amount>" in text
    assert '<?xml version="1.0" ?>' in text
