"""A company file made from what a bundle shows to have been in the real one."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lxml import etree

from qbwc_server.cli.replay.bundle import Bundle
from qbwc_server.simulator import CompanyFile, StatusError
from qbwc_server.simulator.quickbooks.contents import Contents
from qbwc_server.simulator.quickbooks.kinds import LIST_KINDS, REFERENCES, ListKind

_KINDS = {
    "customer": "Customer",
    "vendor": "Vendor",
    "item": "ItemNonInventory",
    "terms": "StandardTerms",
    "account": "Account",
}
"""What an entry of the list cache is where it does not say so."""
_FIRST = {"ItemRef": "ItemNonInventory", "TermsRef": "StandardTerms", "ItemInventoryRef": "ItemInventory"}
_ACCOUNT_TYPES = {
    "IncomeAccountRef": "Income",
    "AccountRef": "Income",
    "COGSAccountRef": "CostOfGoodsSold",
    "AssetAccountRef": "OtherCurrentAsset",
    "ExpenseAccountRef": "Expense",
    "default_income_account": "Income",
    "default_expense_account": "Expense",
    "default_cogs_account": "CostOfGoodsSold",
    "default_asset_account": "OtherCurrentAsset",
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Something that was in a list.

    Attributes:
        list_id: None where only its name is known.
    """

    kind: str
    name: str
    list_id: str | None
    fields: Mapping[str, Any]


def company_of(bundle: Bundle, *, without: Collection[str] = ()) -> tuple[CompanyFile, list[str]]:
    """A company file with all that the bundle shows to have been there, and what could not be laid into it.

    Args:
        without: the ListIDs of what was not there before.
    """
    company = CompanyFile.create(company_name="Replay")
    problems: list[str] = []
    found = sorted(_wanted(bundle), key=_first_accounts_then_parents)
    with company.changing() as contents:
        for item in found:
            if item.list_id in without:
                continue
            try:
                _lay_in(contents, item)
            except StatusError as error:
                problems.append(f"{item.kind} {item.name}: {error}")
    return company, problems


def _first_accounts_then_parents(item: Wanted) -> tuple[bool, bool, int]:
    return item.kind != "Account", item.list_id is None, item.name.count(":")


def _wanted(bundle: Bundle) -> Iterator[Wanted]:
    yield from _of_settings(bundle)
    yield from _of_entries(bundle)
    for part in ("request_xml", "answer_xml"):
        for root in bundle.trees(part):
            yield from _of_references(root, _refused(bundle))


def _of_settings(bundle: Bundle) -> Iterator[Wanted]:
    for name, value in bundle.content["connector"]["settings"].items():
        if name in _ACCOUNT_TYPES and value:
            yield Wanted("Account", str(value), None, {"AccountType": _ACCOUNT_TYPES[name]})


def _of_entries(bundle: Bundle) -> Iterator[Wanted]:
    for entry in bundle["list_entries"]:
        kind = str(entry.get("type"))
        if kind not in LIST_KINDS:
            kind = _KINDS.get(str(entry.get("list_name")), "")
        if kind not in LIST_KINDS or entry.get("is_deleted") or not entry.get("full_name"):
            continue
        fields: dict[str, Any] = {"IsActive": "true" if entry.get("is_active") else "false"}
        if kind in ("Customer", "Vendor"):
            fields |= {"Email": entry.get("email"), "AccountNumber": entry.get("account_number")}
        elif entry.get("sku") and kind in ("ItemInventory", "ItemInventoryAssembly", "ItemNonInventory"):
            fields["ManufacturerPartNumber"] = entry["sku"]
        yield Wanted(kind, entry["full_name"], entry.get("list_id"), {k: v for k, v in fields.items() if v})


def _refused(bundle: Bundle) -> frozenset[str]:
    """The requests that were refused: what they name need not have been there."""
    asked = (item for each in bundle["message_sets"] for item in each.get("requests", ()))
    return frozenset(str(item["request_id"]) for item in asked if item.get("severity") == "Error")


def _of_references(root: etree._Element, refused: frozenset[str]) -> Iterator[Wanted]:
    for messages in root:
        for request in messages:
            if not isinstance(request.tag, str) or request.get("requestID") in refused:
                continue
            for element in request.iter():
                found = _reference(element)
                if found is not None:
                    yield found


def _reference(element: etree._Element) -> Wanted | None:
    tag = str(element.tag)
    if tag not in REFERENCES:
        return None
    name, list_id = element.findtext("FullName"), element.findtext("ListID")
    if not name:
        return None
    kind = _FIRST.get(tag, REFERENCES[tag][0])
    fields = {"AccountType": _ACCOUNT_TYPES.get(tag, "Income")} if kind == "Account" else {}
    return Wanted(kind, name, list_id, fields)


def _lay_in(contents: Contents, item: Wanted) -> None:
    kind = LIST_KINDS[item.kind]
    book = contents.book
    if item.list_id is not None and book.list_record(kind.space, item.list_id) is not None:
        return
    present = book.list_id_of(kind.space, item.name)
    if present is None:
        above, _, own = item.name.rpartition(":")
        fields = {**_needed(contents, item.kind), kind.name_field: own, **item.fields}
        if above:
            fields["ParentRef"] = {"ListID": _parent(contents, item, above)}
        present = contents.lists.add(kind, fields)["ListID"]
    if item.list_id is not None:
        _call_it(contents, kind, present, item.list_id)


def _parent(contents: Contents, item: Wanted, above: str) -> str:
    kind = LIST_KINDS[item.kind]
    found = contents.book.list_id_of(kind.space, above)
    if found is None:
        _lay_in(contents, Wanted(item.kind, above, None, {}))
        found = contents.book.list_id_of(kind.space, above)
    return str(found)


def _call_it(contents: Contents, kind: ListKind, present: str, list_id: str) -> None:
    """Give it the id that the bundle has for it."""
    found = contents.book.list_record(kind.space, present)
    if found is None or present == list_id or contents.book.children_of(kind.space, present):
        return
    fields = contents.book.remove_list(found[0], present)
    contents.book.put_list(found[0], {**fields, "ListID": list_id})


def _needed(contents: Contents, kind: str) -> dict[str, Any]:
    """What QuickBooks wants to know before it takes one, and no bundle tells."""

    def account(name: str) -> dict[str, Any]:
        return {"ListID": contents.book.list_id_of(LIST_KINDS["Account"].space, name)}

    match kind:
        case "Account":
            return {"AccountType": "Income"}
        case "ItemService" | "ItemNonInventory" | "ItemOtherCharge":
            return {"SalesOrPurchase": {"AccountRef": account("Sales")}}
        case "ItemInventory" | "ItemInventoryAssembly":
            return {
                "IncomeAccountRef": account("Sales"),
                "COGSAccountRef": account("Cost of Goods Sold"),
                "AssetAccountRef": account("Inventory Asset"),
            }
        case "StandardTerms":
            return {"StdDueDays": "30", "StdDiscountDays": "0"}
        case "Template":
            return {"TemplateType": "Invoice"}
    return {}
