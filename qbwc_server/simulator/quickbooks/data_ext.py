"""Custom fields and private data: DataExtRet lists on records, and on the company itself."""

from __future__ import annotations

from collections.abc import Callable

from lxml import etree

from qbwc_server.simulator.errors import StatusError, object_not_found
from qbwc_server.simulator.quickbooks.book import Book, Fields
from qbwc_server.simulator.quickbooks.kinds import LIST_KINDS, SPACES
from qbwc_server.simulator.quickbooks.reading import Reader, required

_OBJECTS = {
    "Item": SPACES["Item"],
    **{name: (name,) for name in ("Account", "Customer", "Employee", "OtherName")},
}
_OBJECTS["Vendor"] = ("Vendor",)


def entries(holder: Fields) -> list[Fields]:
    """The data extensions of a record; made when there are none."""
    found: list[Fields] = holder.setdefault("DataExtRet", [])
    return found


def put(holder: Fields, owner_id: str, name: str, value: str, data_type: str = "STR255TYPE") -> Fields:
    """Set one data extension; OwnerID is kept in upper case, as QuickBooks returns it."""
    entry = find(holder, owner_id, name)
    if entry is None:
        entry = {"OwnerID": owner_id.upper(), "DataExtName": name, "DataExtType": data_type}
        entries(holder).append(entry)
    entry["DataExtValue"] = value
    return entry


def find(holder: Fields, owner_id: str, name: str) -> Fields | None:
    """One data extension; names and owners are compared without regard to case."""
    for entry in holder.get("DataExtRet", []):
        if entry["OwnerID"] == owner_id.upper() and entry["DataExtName"].casefold() == name.casefold():
            found: Fields = entry
            return found
    return None


def shown_to(record: Fields, owners: list[str]) -> Fields:
    """A record with the data extensions of the owners a query names: none named, none shown."""
    if "DataExtRet" not in record and "lines" not in record:
        return record
    wanted = {owner.upper() for owner in owners}
    kept = [entry for entry in record.get("DataExtRet", []) if entry["OwnerID"] in wanted]
    shown = {name: value for name, value in record.items() if name != "DataExtRet"}
    if "lines" in shown:
        shown["lines"] = [shown_to(line, owners) for line in shown["lines"]]
    return {**shown, "DataExtRet": kept} if kept else shown


def holder_of(data: etree._Element, book: Book, company: Fields) -> Fields:
    """The record, line or company a ``DataExtAdd/Mod/Del`` is about.

    Raises:
        StatusError: 3120, 3140 or 3000 when there is no such thing.
    """
    if data.find("OtherDataExtType") is not None:
        return company
    if data.find("TxnDataExtType") is not None:
        return _transaction(data, book)
    kinds = _OBJECTS[required(data, "ListDataExtType")]
    target = data.find("ListObjRef")
    reference = Reader(book, "DataExt").any_reference(target, kinds) if target is not None else None
    if reference is None:
        raise object_not_found("")
    record = book.list_record(LIST_KINDS[kinds[0]].space, reference["ListID"])
    if record is None:
        raise object_not_found(reference["ListID"])
    return record[1]


def _transaction(data: etree._Element, book: Book) -> Fields:
    txn_id = required(data, "TxnID")
    found = book.transaction(txn_id)
    if found is None or found[0].name != required(data, "TxnDataExtType"):
        raise object_not_found(txn_id)
    line_id = data.findtext("TxnLineID")
    if not line_id:
        return found[1]
    for line in found[1]["lines"]:
        if line["TxnLineID"] == line_id:
            chosen: Fields = line
            return chosen
    raise object_not_found(line_id)


def change(request: str, data: etree._Element, holder: Fields, touch: Callable[[Fields], None]) -> Fields:
    """Carry out a ``DataExtAdd``, ``DataExtMod`` or ``DataExtDel``; answers the entry for the DataExtRet.

    Raises:
        StatusError: 3100 adding what is there, 3120 deleting what is not.
    """
    owner, name = required(data, "OwnerID"), required(data, "DataExtName")
    present = find(holder, owner, name)
    if request == "DataExtDel":
        if present is None:
            raise object_not_found(name)
        entries(holder).remove(present)
        entry = {"OwnerID": owner.upper(), "DataExtName": name}
    elif request == "DataExtAdd" and present is not None:
        raise StatusError(3100, f'The data extension "{name}" already has a value.')
    else:
        entry = put(holder, owner, name, data.findtext("DataExtValue") or "")
    if "EditSequence" in holder:
        touch(holder)
    return entry
