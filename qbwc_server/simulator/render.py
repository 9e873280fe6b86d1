"""From a stored record to the elements of an answer: schema order, versions, references by current full
name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from lxml import etree

from qbwc_server.simulator.book import Book, Fields
from qbwc_server.simulator.kinds import LIST_KINDS, REFERENCES, ListKind, TxnKind
from qbwc_server.simulator.pc_clock import PcClock, read_moment
from qbwc_server.simulator.shapes import NESTED, Field, Shape, Version

_MOMENTS = frozenset({"TimeCreated", "TimeModified", "TimeDeleted"})


@dataclass(frozen=True, slots=True)
class Renderer:
    """Prints records as QuickBooks would for requests of one qbXML version.

    ``decimal_comma``: amounts with a comma, as seen from a PC whose Windows is set so.
    """

    book: Book
    clock: PcClock
    version: Version = (13, 0)
    decimal_comma: bool = False

    def record(
        self, kind: ListKind | TxnKind, fields: Fields, keep: frozenset[str] | None = None
    ) -> etree._Element:
        """One ``*Ret`` element.

        Args:
            kind: the record's kind.
            fields: the record, complete with what is computed.
            keep: names of children to print (IncludeRetElement); None prints all.
        """
        return self.aggregate(kind.ret, fields, kind.shape, own_kind=kind, keep=keep)

    def aggregate(
        self,
        tag: str,
        fields: Fields,
        layout: Shape,
        *,
        own_kind: ListKind | TxnKind | None = None,
        keep: frozenset[str] | None = None,
    ) -> etree._Element:
        """An element with the children of ``layout``, in its order. Transactions' lines keep their own
        order."""
        element = etree.Element(tag)
        for each in layout.fields:
            if each.name in fields and self._is_visible(each, keep):
                for value in _values(each, fields[each.name]):
                    element.append(self._child(each, value, own_kind))
        if "lines" in fields:
            self._add_lines(element, fields["lines"], layout, keep)
        return element

    def reference(self, name: str, value: Fields, own_kind: ListKind | TxnKind | None = None) -> Fields:
        """A stored reference completed with the full name its record has now."""
        kinds = REFERENCES.get(name, ())
        if name == "ParentRef" and isinstance(own_kind, ListKind):
            kinds = (own_kind.name,)
        space = LIST_KINDS[kinds[0]].space if kinds else ""
        if not space or self.book.list_record(space, value["ListID"]) is None:
            return value
        return {"ListID": value["ListID"], "FullName": self.book.full_name(space, value["ListID"])}

    def stamp(self, moment: str) -> str:
        """A stored moment as QuickBooks prints it."""
        return self.clock.stamp(read_moment(moment))

    def _is_visible(self, each: Field, keep: frozenset[str] | None) -> bool:
        return not each.foreign and each.since <= self.version and (keep is None or each.name in keep)

    def _child(self, each: Field, value: Any, own_kind: ListKind | TxnKind | None) -> etree._Element:
        if each.shape == "ref" and each.name != "AdditionalContactRef":
            value = self.reference(each.name, value, own_kind)
        if each.shape is not None:
            return self.aggregate(each.name, value, NESTED[each.shape])
        element = etree.Element(each.name)
        element.text = self._text(each, value)
        return element

    def _text(self, each: Field, value: str) -> str:
        if each.name in _MOMENTS:
            return self.stamp(value)
        return value.replace(".", ",") if each.decimal and self.decimal_comma else value

    def _add_lines(
        self, element: etree._Element, lines: Iterable[Fields], layout: Shape, keep: frozenset[str] | None
    ) -> None:
        """Lines and groups of lines are one mixed sequence; it stands where the first line field stands."""
        places = [each for each in layout.fields if each.name.endswith(("LineRet", "LineGroupRet"))]
        visible = {("ItemGroupRef" in NESTED[each.shape or ""].by_name): each for each in places}
        after = _position_after(element, layout, places[0].name)
        for line in lines:
            place = visible["ItemGroupRef" in line]
            if keep is None or place.name in keep:
                element.insert(after, self.aggregate(place.name, line, NESTED[place.shape or ""]))
                after += 1


def _values(each: Field, value: Any) -> list[Any]:
    values = value if each.many else [value]
    return [value for value in values if value != ""]


def _position_after(element: etree._Element, layout: Shape, name: str) -> int:
    before = {each.name for each in layout.fields[: layout.fields.index(layout.by_name[name])]}
    return sum(1 for child in element if child.tag in before)
