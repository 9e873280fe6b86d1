"""What a query may ask for: one class of selectors a kind, in schema order.

Three branches exclude each other in nearly every query: by id, by name or number, by filter. A class lists
its head last among its bases, because pydantic orders the fields from the furthest base on.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import ClassVar

import qbxml.table as q
from qbxml.record import Record, Ref
from qbxml.table import Choice, Shape
from qbxml.timestamps import Timestamp
from qbxml.versions import Version
from qbxml.words import (
    ACCOUNT_TYPES,
    ASSIGNABLE,
    DATE_MACROS,
    LIST_DEL_TYPES,
    MATCH_CRITERIA,
    PAYMENT_METHOD_TYPES,
    TXN_DEL_TYPES,
)

_NEEDED = frozenset((Shape.ADD,))
BY = Choice("by")
FILTER = BY.of("filter")
NAMES = Choice("names", inside=FILTER)
DATES = Choice("dates", inside=FILTER)
NUMBERS = Choice("numbers", inside=FILTER)
PICK = Choice("pick", needed=_NEEDED)


class NameFilter(Record):
    """Names (the record's own, not the FullName) that start with, contain or end with a text."""

    match_criterion: str | None = q.word("MatchCriterion", MATCH_CRITERIA, "A!")
    name: str | None = q.text("Name", None, "A!")


class NameRangeFilter(Record):
    """Names from one to another; either end may be left open."""

    from_name: str | None = q.text("FromName", None, "A")
    to_name: str | None = q.text("ToName", None, "A")


class RefNumberFilter(Record):
    """Numbers that start with, contain or end with a text."""

    match_criterion: str | None = q.word("MatchCriterion", MATCH_CRITERIA, "A!")
    ref_number: str | None = q.text("RefNumber", None, "A!")


class RefNumberRangeFilter(Record):
    """Numbers from one to another; either end may be left open."""

    from_ref_number: str | None = q.text("FromRefNumber", None, "A")
    to_ref_number: str | None = q.text("ToRefNumber", None, "A")


class TotalBalanceFilter(Record):
    """Customers or vendors by what is open."""

    operator: str | None = q.word(
        "Operator", "LessThan LessThanEqual Equal GreaterThan GreaterThanEqual", "A!"
    )
    amount: Decimal | None = q.amount("Amount", "A!")


class CurrencyFilter(Record):
    """Records in these currencies."""

    list_id: tuple[str, ...] = q.ident("ListID", "A", most=None, choice=PICK)
    full_name: tuple[str, ...] = q.text("FullName", 64, "A", most=None, choice=PICK)


class TreeFilter(Record):
    """Records that belong to these list records, or to one and everything below it."""

    list_id: tuple[str, ...] = q.ident("ListID", "A", most=None, choice=PICK)
    full_name: tuple[str, ...] = q.text("FullName", None, "A", most=None, choice=PICK)
    list_id_with_children: str | None = q.ident("ListIDWithChildren", "A", choice=PICK)
    full_name_with_children: str | None = q.text("FullNameWithChildren", None, "A", choice=PICK)


class ModifiedDateRangeFilter(Record):
    """Changed from (inclusive) to; QuickBooks' local time."""

    from_modified_date: Timestamp | None = q.moment("FromModifiedDate", "A")
    to_modified_date: Timestamp | None = q.moment("ToModifiedDate", "A")


class TxnDateRangeFilter(Record):
    """Dated from to, or within a period QuickBooks has a word for."""

    from_txn_date: date | None = q.day("FromTxnDate", "A", choice=PICK.of("range"))
    to_txn_date: date | None = q.day("ToTxnDate", "A", choice=PICK.of("range"))
    date_macro: str | None = q.word("DateMacro", DATE_MACROS, "A", choice=PICK)


class DeletedDateRangeFilter(Record):
    """Deleted from to; QuickBooks forgets deletions after some months."""

    from_deleted_date: Timestamp | None = q.moment("FromDeletedDate", "A")
    to_deleted_date: Timestamp | None = q.moment("ToDeletedDate", "A")


class QueryTable(Record):
    """Base of all selector classes. `iterates`: QuickBooks offers an iterator for this query."""

    iterates: ClassVar[bool] = False


class RetElements(QueryTable):
    """Tail: which children of the Ret to send. Name the id and EditSequence too where they are wanted."""

    include_ret_element: tuple[str, ...] = q.text("IncludeRetElement", 50, "A", most=None, since="4.0")


class Owners(QueryTable):
    """Tail: whose data extensions to send; "0" is the custom fields."""

    owner_id: tuple[str, ...] = q.guid("OwnerID", "A", most=None)


class ListHead(QueryTable):
    """Head of list queries."""

    list_id: tuple[str, ...] = q.ident("ListID", "A", most=None, choice=BY)
    full_name: tuple[str, ...] = q.text("FullName", None, "A", most=None, choice=BY)
    max_returned: int | None = q.whole("MaxReturned", "A", low=1, choice=FILTER)
    active_status: str | None = q.word("ActiveStatus", "ActiveOnly InactiveOnly All", "A", choice=FILTER)
    from_modified_date: Timestamp | None = q.moment("FromModifiedDate", "A", choice=FILTER)
    to_modified_date: Timestamp | None = q.moment("ToModifiedDate", "A", choice=FILTER)
    name_filter: NameFilter | None = q.block("NameFilter", NameFilter, "A", choice=NAMES)
    name_range_filter: NameRangeFilter | None = q.block("NameRangeFilter", NameRangeFilter, "A", choice=NAMES)


class Balances(QueryTable):
    """Filters of customers and vendors."""

    total_balance_filter: TotalBalanceFilter | None = q.block(
        "TotalBalanceFilter", TotalBalanceFilter, "A", choice=FILTER
    )
    currency_filter: CurrencyFilter | None = q.block(
        "CurrencyFilter", CurrencyFilter, "A", since="8.0", choice=FILTER
    )


class Classes(QueryTable):
    """Filter by class."""

    class_filter: TreeFilter | None = q.block(
        "ClassFilter", TreeFilter, "A", since="12.0", not_in="AU", choice=FILTER, vital=True
    )


class Accounts(QueryTable):
    """Filters of accounts."""

    account_type: tuple[str, ...] = q.word("AccountType", ACCOUNT_TYPES, "A", most=None, choice=FILTER)
    currency_filter: CurrencyFilter | None = q.block(
        "CurrencyFilter", CurrencyFilter, "A", since="8.0", choice=FILTER
    )


class TxnHead(QueryTable):
    """Head of transaction queries. Prefer ref_number_case_sensitive: the other is slow where numbers hold
    letters."""

    txn_id: tuple[str, ...] = q.ident("TxnID", "A", most=None, choice=BY)
    ref_number: tuple[str, ...] = q.text("RefNumber", None, "A", most=None, choice=BY)
    ref_number_case_sensitive: tuple[str, ...] = q.text(
        "RefNumberCaseSensitive", None, "A", most=None, since="4.0", choice=BY, vital=True
    )
    max_returned: int | None = q.whole("MaxReturned", "A", low=1, choice=FILTER)
    modified_date_range_filter: ModifiedDateRangeFilter | None = q.block(
        "ModifiedDateRangeFilter", ModifiedDateRangeFilter, "A", choice=DATES
    )
    txn_date_range_filter: TxnDateRangeFilter | None = q.block(
        "TxnDateRangeFilter", TxnDateRangeFilter, "A", choice=DATES
    )
    entity_filter: TreeFilter | None = q.block("EntityFilter", TreeFilter, "A", choice=FILTER)
    account_filter: TreeFilter | None = q.block("AccountFilter", TreeFilter, "A", choice=FILTER)
    ref_number_filter: RefNumberFilter | None = q.block(
        "RefNumberFilter", RefNumberFilter, "A", choice=NUMBERS
    )
    ref_number_range_filter: RefNumberRangeFilter | None = q.block(
        "RefNumberRangeFilter", RefNumberRangeFilter, "A", choice=NUMBERS
    )
    currency_filter: CurrencyFilter | None = q.block(
        "CurrencyFilter", CurrencyFilter, "A", since="8.0", choice=FILTER
    )


class Paid(QueryTable):
    """Filter by whether an invoice is paid."""

    paid_status: str | None = q.word("PaidStatus", "All PaidOnly NotPaidOnly", "A", choice=FILTER)


class Includes(QueryTable):
    """What to send along. Without include_line_items QuickBooks sends no lines at all."""

    include_line_items: bool | None = q.flag("IncludeLineItems", "A")
    include_linked_txns: bool | None = q.flag("IncludeLinkedTxns", "A")


class IncludeListMetaData(Record):
    """Asks HostQuery for the capacity of every list."""

    include_max_capacity: bool | None = q.flag("IncludeMaxCapacity", "A!")


class HostHead(QueryTable):
    """What HostQuery may add."""

    include_list_meta_data: IncludeListMetaData | None = q.block(
        "IncludeListMetaData", IncludeListMetaData, "A", since="6.0"
    )


class HostQuery(RetElements, HostHead):
    """HostQueryRq."""


class CompanyQuery(Owners, RetElements):
    """CompanyQueryRq."""


class PlainListQuery(RetElements, ListHead):
    """Small lists: no iterator, no data extensions."""


class PaymentTypes(QueryTable):
    """Filter of ways to pay."""

    payment_method_type: tuple[str, ...] = q.word(
        "PaymentMethodType", PAYMENT_METHOD_TYPES, "A", most=None, since="7.0", choice=FILTER
    )


class PaymentMethodQuery(RetElements, PaymentTypes, ListHead):
    """PaymentMethodQueryRq."""


class PriceLevels(QueryTable):
    """Filters of price levels."""

    item: Ref | None = q.ref("ItemRef", None, "A", choice=FILTER)
    currency_filter: CurrencyFilter | None = q.block(
        "CurrencyFilter", CurrencyFilter, "A", since="8.0", choice=FILTER
    )


class PriceLevelQuery(RetElements, PriceLevels, ListHead):
    """PriceLevelQueryRq."""


class SiteHead(QueryTable):
    """Head of InventorySiteQueryRq, which has no limit."""

    list_id: tuple[str, ...] = q.ident("ListID", "A", most=None, choice=BY)
    full_name: tuple[str, ...] = q.text("FullName", None, "A", most=None, choice=BY)
    active_status: str | None = q.word("ActiveStatus", "ActiveOnly InactiveOnly All", "A", choice=FILTER)
    from_modified_date: Timestamp | None = q.moment("FromModifiedDate", "A", choice=FILTER)
    to_modified_date: Timestamp | None = q.moment("ToModifiedDate", "A", choice=FILTER)
    name_filter: NameFilter | None = q.block("NameFilter", NameFilter, "A", choice=NAMES)
    name_range_filter: NameRangeFilter | None = q.block("NameRangeFilter", NameRangeFilter, "A", choice=NAMES)


class InventorySiteQuery(RetElements, SiteHead):
    """InventorySiteQueryRq."""


class EntityQuery(RetElements, ListHead):
    """EntityQueryRq: customers, employees, other names and vendors together."""

    iterates: ClassVar[bool] = True


class NameQuery(Owners, RetElements, Classes, Balances, ListHead):
    """CustomerQueryRq and VendorQueryRq."""

    iterates: ClassVar[bool] = True


class ItemQuery(Owners, RetElements, ListHead):
    """ItemQueryRq and the item types without a class filter."""

    iterates: ClassVar[bool] = True


class ClassedItemQuery(Owners, RetElements, Classes, ListHead):
    """The item types that can be filtered by class."""

    iterates: ClassVar[bool] = True


class OwnedListQuery(Owners, RetElements, ListHead):
    """OtherNameQueryRq and EmployeeQueryRq."""


class AccountQuery(Owners, RetElements, Accounts, ListHead):
    """AccountQueryRq."""


class InvoiceQuery(Owners, RetElements, Includes, Paid, TxnHead):
    """InvoiceQueryRq."""

    iterates: ClassVar[bool] = True


class PurchaseOrderQuery(Owners, RetElements, Includes, TxnHead):
    """PurchaseOrderQueryRq."""

    iterates: ClassVar[bool] = True


class DeletedHead(QueryTable):
    """When it was deleted."""

    deleted_date_range_filter: DeletedDateRangeFilter | None = q.block(
        "DeletedDateRangeFilter", DeletedDateRangeFilter, "A"
    )


class ListDelTypes(QueryTable):
    """Which lists."""

    list_del_type: tuple[str, ...] = q.word("ListDelType", LIST_DEL_TYPES, "A!", most=None)


class TxnDelTypes(QueryTable):
    """Which transactions."""

    txn_del_type: tuple[str, ...] = q.word("TxnDelType", TXN_DEL_TYPES, "A!", most=None)


class ListDeletedQuery(RetElements, DeletedHead, ListDelTypes):
    """ListDeletedQueryRq."""


class TxnDeletedQuery(RetElements, DeletedHead, TxnDelTypes):
    """TxnDeletedQueryRq."""


class DataExtDefHead(QueryTable):
    """Whose definitions, or of which records."""

    owner_id: tuple[str, ...] = q.guid("OwnerID", "A", most=None, choice=BY)
    assign_to_object: tuple[str, ...] = q.word("AssignToObject", ASSIGNABLE, "A", most=None, choice=BY)


class DataExtDefQuery(RetElements, DataExtDefHead):
    """DataExtDefQueryRq."""


ITERATOR_SINCE = Version("5.0")
"""The first version in which a query takes an iterator; before, an attribute like any other that is unknown."""

QUERY_SINCE: dict[str, Version] = {
    "Template": Version("3.0"),
    "PriceLevel": Version("4.0"),
    "UnitOfMeasureSet": Version("7.0"),
    "Currency": Version("8.0"),
    "InventorySite": Version("10.0"),
}
"""The first versions of the queries that are not as old as we speak."""

QUERIES: dict[str, type[QueryTable]] = {
    "Host": HostQuery,
    "Company": CompanyQuery,
    "Preferences": RetElements,
    "Customer": NameQuery,
    "Vendor": NameQuery,
    "Entity": EntityQuery,
    "Employee": OwnedListQuery,
    "OtherName": OwnedListQuery,
    "Item": ItemQuery,
    "ItemService": ClassedItemQuery,
    "ItemNonInventory": ClassedItemQuery,
    "ItemOtherCharge": ClassedItemQuery,
    "ItemInventory": ClassedItemQuery,
    "ItemInventoryAssembly": ClassedItemQuery,
    "ItemFixedAsset": ClassedItemQuery,
    "ItemGroup": ItemQuery,
    "ItemSubtotal": ItemQuery,
    "ItemDiscount": ClassedItemQuery,
    "ItemPayment": ClassedItemQuery,
    "ItemSalesTax": ClassedItemQuery,
    "ItemSalesTaxGroup": ItemQuery,
    "Invoice": InvoiceQuery,
    "PurchaseOrder": PurchaseOrderQuery,
    "Account": AccountQuery,
    "Terms": PlainListQuery,
    "StandardTerms": PlainListQuery,
    "DateDrivenTerms": PlainListQuery,
    "Class": PlainListQuery,
    "SalesTaxCode": PlainListQuery,
    "CustomerMsg": PlainListQuery,
    "ShipMethod": PlainListQuery,
    "SalesRep": PlainListQuery,
    "CustomerType": PlainListQuery,
    "VendorType": PlainListQuery,
    "JobType": PlainListQuery,
    "PaymentMethod": PaymentMethodQuery,
    "PriceLevel": PriceLevelQuery,
    "UnitOfMeasureSet": PlainListQuery,
    "InventorySite": InventorySiteQuery,
    "Currency": PlainListQuery,
    "Template": RetElements,
    "ListDeleted": ListDeletedQuery,
    "TxnDeleted": TxnDeletedQuery,
    "DataExtDef": DataExtDefQuery,
}
"""The selectors of each query, by the name in front of `QueryRq`."""
