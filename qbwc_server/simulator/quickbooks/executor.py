"""Carries out the requests of one message set, each on its own, and builds their answers."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from dataclasses import dataclass

from lxml import etree

from qbwc_server.simulator.errors import StatusError, stale_edit_sequence
from qbwc_server.simulator.quickbooks import data_ext, envelope
from qbwc_server.simulator.quickbooks.book import Book, Fields
from qbwc_server.simulator.quickbooks.conditions import Conditions
from qbwc_server.simulator.quickbooks.kinds import LIST_KINDS, TXN_KINDS, ListKind, TxnKind
from qbwc_server.simulator.quickbooks.line_changes import LineChange
from qbwc_server.simulator.quickbooks.lists import ListEditor, touch
from qbwc_server.simulator.quickbooks.outcome import Outcome, Touched
from qbwc_server.simulator.quickbooks.pc_clock import write_moment
from qbwc_server.simulator.quickbooks.query_desk import QueryDesk, kept_elements
from qbwc_server.simulator.quickbooks.reading import Reader, required, text
from qbwc_server.simulator.quickbooks.render import Renderer
from qbwc_server.simulator.quickbooks.shapes import NESTED, Shape, shape
from qbwc_server.simulator.quickbooks.transactions import TxnEditor
from qbwc_server.simulator.quickbooks.views import View

_NAME = re.compile(r"(?P<what>\w+?)(?P<verb>Add|Mod|Query)$")
_MAX_REQUEST_ID = 50
_LIST_DEL = shape("ListDelType ListID TimeDeleted FullName")
_TXN_DEL = shape("TxnDelType TxnID TimeDeleted RefNumber")
_TXN_VOID = shape("TxnVoidType TxnID TimeCreated TimeModified RefNumber")
_MERGED_FROM = shape("ListID TimeDeleted FullName")
_MERGED_TO = shape("ListID TimeCreated TimeModified EditSequence FullName")


@dataclass(slots=True)
class Executor:
    """One message set's worth of work on one company file.

    Args:
        book, lists, transactions: the records and those who change them.
        company: CompanyRet as stored, with private data.
        queries: answers queries.
        view, renderer: print records.
        conditions: the circumstances of the moment.
    """

    book: Book
    lists: ListEditor
    transactions: TxnEditor
    company: Fields
    queries: QueryDesk
    view: View
    renderer: Renderer
    conditions: Conditions

    def execute(self, request: etree._Element) -> tuple[etree._Element, Touched | None]:
        """Carry out one request. A refusal becomes the status of its answer; nothing is changed then."""
        try:
            outcome = self._outcome(request)
        except StatusError as refusal:
            return envelope.response(request, refusal), None
        answer = envelope.response(request, outcome.status)
        for name, value in outcome.attributes.items():
            answer.set(name, value)
        answer.extend(outcome.children)
        return answer, outcome.touched

    def _outcome(self, request: etree._Element) -> Outcome:
        if len(request.get("requestID", "")) > _MAX_REQUEST_ID:
            raise StatusError(1060, "The request ID is too long.")
        name = request.tag.removesuffix("Rq")
        special = self._special().get(name)
        if special is not None:
            return special(request)
        found = _NAME.match(name)
        if found is not None:
            what, verb = found["what"], found["verb"]
            if verb == "Query":
                return self.queries.answer(request, what)
            if what in LIST_KINDS or what in TXN_KINDS:
                kind = LIST_KINDS.get(what) or TXN_KINDS[what]
                return self._write(request, kind, verb)
        raise StatusError(1030, f"The request {name} is not supported by this simulated QuickBooks.")

    def _special(self) -> dict[str, Callable[[etree._Element], Outcome]]:
        return {
            "TxnVoid": self._void,
            "TxnDel": self._delete_txn,
            "ListDel": self._delete_list,
            "ListMerge": self._merge,
            "DataExtAdd": self._data_ext,
            "DataExtMod": self._data_ext,
            "DataExtDel": self._data_ext,
        }

    # -- adds and mods ---------------------------------------------------------------------------------------

    def _write(self, request: etree._Element, kind: ListKind | TxnKind, verb: str) -> Outcome:
        name = f"{kind.name}{verb}"
        self.conditions.check_permission(name)
        data = request.find(name)
        if data is None:
            raise StatusError(3150, f'There is a missing element: "{name}".')
        reader = Reader(self.book, kind.name, kind.name)
        if isinstance(kind, ListKind):
            record = self._write_list(kind, data, reader, is_new=verb == "Add")
        else:
            record = self._write_txn(kind, data, reader, is_new=verb == "Add")
        shown = self.renderer.record(kind, self.view.complete(kind, record), kept_elements(request))
        return Outcome([shown], status=reader.warning(), touched=Touched(kind.name, kind.id_field, record))

    def _write_list(self, kind: ListKind, data: etree._Element, reader: Reader, *, is_new: bool) -> Fields:
        self.conditions.check_list(kind.name)
        fields = reader.fields(data, kind.shape)
        bar_code = data.find("BarCode")
        if bar_code is not None:
            fields["BarCodeValue"] = text(bar_code, "BarCodeValue") or None
        if is_new:
            return self.lists.add(kind, fields)
        record = self.lists.get(kind, required(data, "ListID"))
        self._check_fresh(data, record)
        self.conditions.check_form(record["ListID"])
        _check_sides(record, fields)
        if data.findtext("ClearItemsInGroup") in ("true", "1"):
            fields[_parts_of(kind)] = None
        return self.lists.modify(kind, record["ListID"], _changes(fields))

    def _write_txn(self, kind: TxnKind, data: etree._Element, reader: Reader, *, is_new: bool) -> Fields:
        fields = reader.fields(data, kind.shape)
        party = (fields.get(kind.party) or {}).get("ListID", "")
        if is_new:
            self.conditions.check_form(None, (party,))
            numbered = data.find("RefNumber") is not None
            lines = self._new_lines(kind, data, reader)
            return self.transactions.add(kind, fields, lines, numbered=numbered, notices=reader.notices)
        record = self.transactions.get(kind, required(data, "TxnID"))
        self._check_fresh(data, record)
        self.conditions.check_form(record["TxnID"], (record[kind.party]["ListID"], party))
        changes = self._line_changes(kind, data, reader)
        return self.transactions.modify(kind, record["TxnID"], _changes(fields), changes)

    def _check_fresh(self, data: etree._Element, record: Fields) -> None:
        given = required(data, "EditSequence")
        if given != record["EditSequence"]:
            raise stale_edit_sequence(given)

    def _new_lines(self, kind: TxnKind, data: etree._Element, reader: Reader) -> list[Fields]:
        line, group = line_shapes(kind)
        tags = {f"{kind.name}LineAdd": line, f"{kind.name}LineGroupAdd": group}
        return [only_given(reader.fields(each, tags[each.tag])) for each in data if each.tag in tags]

    def _line_changes(self, kind: TxnKind, data: etree._Element, reader: Reader) -> list[LineChange] | None:
        line, group = line_shapes(kind)
        tags = {f"{kind.name}LineMod": line, f"{kind.name}LineGroupMod": group}
        found = [each for each in data if each.tag in tags]
        return [
            LineChange(
                required(each, "TxnLineID"),
                _changes(reader.fields(each, tags[each.tag])),
                tuple(self._line_changes(kind, each, reader) or ()),
            )
            for each in found
        ] or None

    # -- void, delete, merge, data extensions ----------------------------------------------------------------

    def _void(self, request: etree._Element) -> Outcome:
        kind, txn_id = self._chosen_txn(request, "TxnVoid")
        record = self.transactions.void(kind, txn_id)
        shown = {"TxnVoidType": kind.name, **record}
        return self._flat(shown, _TXN_VOID, Touched(kind.name, "TxnID", record))

    def _delete_txn(self, request: etree._Element) -> Outcome:
        kind, txn_id = self._chosen_txn(request, "TxnDel")
        entry = self.transactions.delete(kind, txn_id)
        return self._flat(entry, _TXN_DEL, Touched(kind.name, "TxnID", entry))

    def _chosen_txn(self, request: etree._Element, name: str) -> tuple[TxnKind, str]:
        self.conditions.check_permission(name)
        what, txn_id = required(request, f"{name}Type"), required(request, "TxnID")
        if what not in TXN_KINDS:
            raise StatusError(1030, f"{name} of a {what} is not supported by this simulated QuickBooks.")
        record = self.transactions.get(TXN_KINDS[what], txn_id)
        self.conditions.check_form(txn_id, (record[TXN_KINDS[what].party]["ListID"],))
        return TXN_KINDS[what], txn_id

    def _delete_list(self, request: etree._Element) -> Outcome:
        self.conditions.check_permission("ListDel")
        kind = _list_kind(required(request, "ListDelType"))
        list_id = required(request, "ListID")
        self.conditions.check_list(kind.name)
        self.conditions.check_form(list_id)
        entry = self.lists.delete(kind, list_id)
        return self._flat(entry, _LIST_DEL, Touched(kind.name, "ListID", entry))

    def _merge(self, request: etree._Element) -> Outcome:
        self.conditions.check_permission("ListMerge")
        kind = _list_kind(required(request, "ListMergeType"))
        ids = []
        for name in ("MergeFrom", "MergeTo"):
            holder = request.find(name)
            if holder is None:
                raise StatusError(3150, f'There is a missing element: "{name}".')
            self._check_fresh(holder, self.lists.get(kind, required(holder, "ListID")))
            ids.append(required(holder, "ListID"))
        entry = self.lists.merge(kind, *ids)
        target = self.lists.get(kind, ids[1])
        shown = [
            self.renderer.aggregate("MergedFrom", entry, _MERGED_FROM),
            self.renderer.aggregate("MergedTo", self.view.complete(kind, target), _MERGED_TO),
        ]
        merge_type = etree.Element("ListMergeType")
        merge_type.text = kind.name
        return Outcome([merge_type, *shown], touched=Touched(kind.name, "ListID", entry))

    def _data_ext(self, request: etree._Element) -> Outcome:
        name = request.tag.removesuffix("Rq")
        self.conditions.check_permission(name)
        data = request.find(name)
        if data is None:
            raise StatusError(3150, f'There is a missing element: "{name}".')
        holder = data_ext.holder_of(data, self.book, self.company)
        entry = data_ext.change(name, data, holder, lambda record: touch(record, self.lists.clock))
        touched = Touched("DataExt", "OwnerID", {"OwnerID": entry["OwnerID"]})
        if name == "DataExtDel":
            return Outcome([self._data_ext_deleted(data)], touched=touched)
        return Outcome([self.renderer.aggregate("DataExtRet", entry, NESTED["data_ext"])], touched=touched)

    def _data_ext_deleted(self, data: etree._Element) -> etree._Element:
        """What was deleted is said in the words of the request."""
        gone = copy.deepcopy(data)
        gone.tag = "DataExtDelRet"
        etree.SubElement(gone, "TimeDeleted").text = self.renderer.stamp(write_moment(self.lists.clock.utc()))
        return gone

    def _flat(self, fields: Fields, layout: Shape, touched: Touched) -> Outcome:
        """An answer whose fields stand directly inside the ``*Rs``."""
        header = {name: value for name, value in fields.items() if name != "lines"}
        return Outcome(list(self.renderer.aggregate("Rs", header, layout)), touched=touched)


def line_shapes(kind: TxnKind) -> tuple[Shape, Shape]:
    """How a line and a group of lines of a kind of transaction look."""
    names = (kind.shape.by_name[tag].shape or "" for tag in (kind.line, kind.group))
    line, group = (NESTED[name] for name in names)
    return line, group


def _list_kind(name: str) -> ListKind:
    if name not in LIST_KINDS:
        raise StatusError(1030, f"The list {name} is not kept by this simulated QuickBooks.")
    return LIST_KINDS[name]


def _changes(fields: Fields) -> Fields:
    """The fields of a Mod without what identifies the record and what may be set only once."""
    fixed = ("ListID", "TxnID", "TxnLineID", "EditSequence", "TimeCreated", "TimeModified", "ExternalGUID")
    return {name: value for name, value in fields.items() if name not in fixed}


def _check_sides(record: Fields, changes: Fields) -> None:
    """An item sold or bought is changed as what it is: only a person can give it its second side, or take it (3170 is
    what public reports of applications that tried say)."""
    for wrong, right in (("SalesOrPurchase", "SalesAndPurchase"), ("SalesAndPurchase", "SalesOrPurchase")):
        if wrong in changes and right in record:
            raise StatusError(
                3170,
                f'There was an error when modifying an item list, element "{record["Name"]}".  QuickBooks error '
                f'message: The "{wrong}" of an item that has a "{right}" cannot be modified.',
            )


def only_given(fields: Fields) -> Fields:
    """Without the empty elements, which say nothing in an Add."""
    return {name: value for name, value in fields.items() if value is not None}


def _parts_of(kind: ListKind) -> str:
    return "ItemGroupLine" if kind.name == "ItemGroup" else "ItemInventoryAssemblyLine"
