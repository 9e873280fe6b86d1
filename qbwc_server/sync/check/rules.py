"""The connector's rules to match by: what of a record each compares, and what it finds in the list cache."""

from collections.abc import Iterable, Mapping, Sequence

import qbxml.records as qb
from qbwc_server.domain import host_records as host
from qbwc_server.domain.kinds import ListName
from qbwc_server.domain.matching import ListEntry, choose, email_keys, fold, parent_key, spelt_so
from qbwc_server.sync.check.known import Known

ByRule = Mapping[str, Mapping[str, Sequence[ListEntry]]]
"""What each rule finds: rule → folded text → entries."""

MATCHED_BY = {"part_number": "sku", "name": "name", "sub_name": "name", "barcode": "barcode"}
"""How an item says what it was found by."""


def of_parties(known: Known, list_name: ListName) -> tuple[str, ...]:
    """The rules for customers or vendors, in their order."""
    settings = known.settings
    return settings.match_customers_by if list_name is ListName.CUSTOMER else settings.match_vendors_by


def values_of_party(content: qb.Customer | qb.Vendor) -> Mapping[str, tuple[str, ...]]:
    """What each rule compares of a customer or vendor; nothing where it says nothing of the kind."""
    return {
        "email": email_keys(content.email),
        "name": (content.name,) if content.name else (),
        "account_number": (content.account_number,) if content.account_number else (),
    }


def heads(
    known: Known, list_name: ListName, rule: str, values: Sequence[str]
) -> Mapping[str, list[ListEntry]]:
    """The customers or vendors at the head of a family that have one of these values: value, folded → entries."""
    match rule:
        case "email":
            found = known.by_emails(list_name, values)
        case "name":
            found = _by_names(known, list_name, values)
        case _:
            found = known.by_account_numbers(list_name, values)
    return {
        value: [entry for entry in hits if not parent_key(entry.full_name)] for value, hits in found.items()
    }


def values_of_item(content: host.HostItem) -> Mapping[str, tuple[str, ...]]:
    """What each rule compares of an item. Where items are known by their names, those are often their SKUs."""
    above = content.full_name.removesuffix(content.own_name)
    own_names = tuple(dict.fromkeys(name for name in (content.sku, content.own_name) if name))
    barcode = content.barcode or content.sku
    return {
        "part_number": (content.sku,) if content.sku else (),
        "name": tuple(above + name for name in own_names),
        "sub_name": own_names,
        "barcode": (barcode,) if barcode else (),
    }


def items(known: Known, skus: Iterable[str]) -> ByRule:
    """The items that a reference by SKU may mean, by each of the connector's rules."""
    wanted = list(skus)
    return {rule: items_by(known, rule, wanted) for rule in known.settings.match_items_by if wanted}


def items_by(known: Known, rule: str, values: Sequence[str]) -> Mapping[str, list[ListEntry]]:
    """The items that have one of these values: value, folded → items."""
    match rule:
        case "part_number":
            return known.by_skus(values)
        case "sub_name":
            return known.by_own_names(values)
        case "barcode":
            return known.by_barcodes(values)
        case _:
            return _by_names(known, ListName.ITEM, values)


def _by_names(known: Known, list_name: ListName, values: Sequence[str]) -> dict[str, list[ListEntry]]:
    found = known.by_names(list_name, values)
    return {fold(value): spelt_so(found[fold(value)], value) for value in values}


def distinct(groups: Iterable[Iterable[ListEntry]]) -> list[ListEntry]:
    """Every entry once."""
    return list({entry.list_id: entry for group in groups for entry in group}.values())


def meant(groups: Iterable[Iterable[ListEntry]]) -> tuple[ListEntry, ...]:
    """Of all that was found the entries that may be meant."""
    return choose(distinct(groups))
