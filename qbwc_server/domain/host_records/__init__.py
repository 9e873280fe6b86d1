"""The records as the host writes them: qbXML's own names, plus references by external id, email or SKU."""

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

import qbxml.records as qb
from qbwc_server.domain.faults import Fault, InvalidInput
from qbwc_server.domain.host_records import completeness, lettering
from qbwc_server.domain.host_records.documents import (
    LONGEST_NUMBER,
    HostDocument,
    HostInvoice,
    HostInvoiceLine,
    HostPurchaseOrder,
    HostPurchaseOrderLine,
    NamedItem,
    QuickBooksDocument,
    not_of_a_group,
    number_of,
    planned_line,
)
from qbwc_server.domain.host_records.items import (
    NAMES_OF_FIELDS,
    TYPES_WITH_PART_NUMBER,
    HostItem,
    has_sides,
    in_host_words,
    item_type_of,
    sides_of,
)
from qbwc_server.domain.host_records.parties import HostCustomer
from qbwc_server.domain.host_records.references import ItemReference, PartyReference, Reference
from qbwc_server.domain.host_records.values import given_of
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.matching import email_keys, fold
from qbwc_server.domain.settings import ConnectorSettings
from qbxml.errors import InvalidRecord
from qbxml.table import Shape

__all__ = [
    "LONGEST_NUMBER",
    "MODELS",
    "NAMES_OF_FIELDS",
    "TYPES_WITH_PART_NUMBER",
    "HostCustomer",
    "HostDocument",
    "HostInvoice",
    "HostInvoiceLine",
    "HostItem",
    "HostPurchaseOrder",
    "HostPurchaseOrderLine",
    "HostRecord",
    "ItemReference",
    "NamedItem",
    "PartyReference",
    "QuickBooksDocument",
    "QuickBooksRecord",
    "Reference",
    "has_sides",
    "in_host_words",
    "item_type_of",
    "keys_of",
    "not_of_a_group",
    "number_of",
    "parse",
    "planned_line",
    "sides_of",
    "take_in",
    "with_guid",
]

_OURS = "external_guid"
NOT_TAKEN = frozenset({_OURS, "credit_card_info"})
"""Fields no host hands over: our own mark, and card data, which would lie in every message text and backup."""
# accounts in place of those still to be set, when only the rest of an item is being checked
_ANY_ACCOUNTS = ConnectorSettings(
    default_income_account="any",
    default_expense_account="any",
    default_cogs_account="any",
    default_asset_account="any",
)

HostRecord = HostCustomer | qb.Vendor | HostItem | HostDocument
QuickBooksRecord = (
    qb.Customer
    | qb.Vendor
    | qb.ItemService
    | qb.ItemNonInventory
    | qb.ItemOtherCharge
    | qb.ItemInventory
    | QuickBooksDocument
)

MODELS: Mapping[Kind, type[BaseModel]] = {
    Kind.CUSTOMER: HostCustomer,
    Kind.VENDOR: qb.Vendor,
    Kind.ITEM: HostItem,
    Kind.INVOICE: HostInvoice,
    Kind.PURCHASE_ORDER: HostPurchaseOrder,
}
"""What reads the host's JSON of each kind."""


def take_in(kind: Kind, content: Mapping[str, Any]) -> HostRecord:
    """What is handed over now as a typed record: everything QuickBooks needs must be there.

    Raises:
        InvalidInput: faults, each with a JSON pointer into what the host wrote.
    """
    loose = list(lettering.faults(content)) if isinstance(content, Mapping) else []
    if kind is Kind.ITEM and isinstance(content, Mapping):
        loose += completeness.loosely_typed(content)
    try:
        record = parse(kind, content)
    except InvalidInput as error:
        known = {fault.pointer for fault in error.faults}
        raise InvalidInput([*error.faults, *(item for item in loose if item.pointer not in known)]) from None
    faults = [*loose, *completeness.missing(record)]
    if faults:
        raise InvalidInput(faults)
    return record


def parse(kind: Kind, content: Mapping[str, Any]) -> HostRecord:
    """The host's JSON as a typed record: also what was taken in when less was asked for.

    Raises:
        InvalidInput: faults, each with a JSON pointer into what the host wrote.
    """
    if not isinstance(content, Mapping):
        raise InvalidInput([Fault("", "a record must be a JSON object")])
    model = MODELS[kind]
    if not issubclass(model, qb.Record):
        return _parse_item(content)
    try:
        record = model.from_json(content)
    except InvalidRecord as error:
        raise InvalidInput(_faults(error)) from None
    faults = list(_not_the_hosts(record))
    if faults:
        raise InvalidInput(faults)
    return record  # type: ignore[return-value]  # the table above holds the members of HostRecord


def _parse_item(content: Mapping[str, Any]) -> HostItem:
    try:
        item = HostItem.model_validate(content)
    except ValidationError as error:
        raise InvalidInput(Fault.of(found) for found in error.errors()) from None
    try:
        item.to_quickbooks(_ANY_ACCOUNTS)
    except InvalidRecord as error:
        raise InvalidInput(_faults(error, NAMES_OF_FIELDS)) from None
    return item


def _faults(error: InvalidRecord, names: Mapping[str, str] | None = None) -> list[Fault]:
    faults = []
    for fault in error.faults:
        parts = fault.path.split(".") if fault.path else []
        if names is not None:
            parts = [
                names.get(part, part)
                for part in parts
                if part not in ("sales_or_purchase", "sales_and_purchase", "bar_code")
            ]
        parts = [part.replace("~", "~0").replace("/", "~1") for part in parts]
        faults.append(Fault("".join(f"/{part}" for part in parts), fault.problem))
    return faults


def _not_the_hosts(record: qb.Record) -> Iterator[Fault]:
    """Fields that QuickBooks or this server sets."""
    for name in sorted(record.model_fields_set):
        spec = record.table.fields.get(name)
        if name == "credit_card_info":
            yield Fault(f"/{name}", "is not taken: card data belongs into QuickBooks alone")
        elif name in NOT_TAKEN or (spec is not None and Shape.ADD not in spec.uses):
            yield Fault(f"/{name}", "is set by QuickBooks or this server and cannot be handed over")


def keys_of(record: HostRecord) -> frozenset[str]:
    """By what others find it: ``email:ap@x.example``, ``sku:a-77``, ``name:harbour fish`` (its own name, without its
    parent's). None for documents, which nothing refers to."""
    if isinstance(record, HostItem):
        found = {f"name:{fold(record.own_name)}"}
        return frozenset(found | {f"sku:{fold(record.sku)}"} if record.sku else found)
    if isinstance(record, qb.Customer | qb.Vendor):
        marks = {f"email:{key}" for key in email_keys(record.email)}
        if record.account_number:
            marks.add(f"account_number:{fold(record.account_number)}")
        return frozenset(marks | {f"name:{fold(record.name)}"} if record.name else marks)
    return frozenset()


_Record = TypeVar("_Record", bound=qb.Record)


def with_guid(record: _Record, guid: str) -> _Record:
    """The record with its ExternalGUID, by which it is recognised when it comes back."""
    return type(record).believed(given_of(record) | {_OURS: guid})
