"""From a stored record to the elements of an answer: schema order, versions, references by their present name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from qbwc_server.simulator.quickbooks.book import Book, Fields
from qbwc_server.simulator.quickbooks.kinds import LIST_KINDS, REFERENCES, ListKind, TxnKind
from qbwc_server.simulator.quickbooks.pc_clock import PcClock, read_moment
from qbwc_server.simulator.quickbooks.shapes import NESTED, Field, Shape, Version

_MOMENTS = frozenset({"TimeCreated", "TimeModified", "TimeDeleted"})
_Kept = frozenset[str] | None


@dataclass(slots=True)
class Renderer:
    """Prints records as QuickBooks would for requests of one qbXML version.

    ``decimal_comma``: amounts with a comma, as seen from a PC whose Windows is set so.
    """

    book: Book
    clock: PcClock
    version: Version = (13, 0)
    decimal_comma: bool = False
    _visible: dict[tuple[int, _Kept], list[Field]] = field(default_factory=dict)

    def record(self, kind: ListKind | TxnKind, fields: Fields, keep: _Kept = None) -> etree._Element:
        """One ``*Ret`` element.

        Args:
            kind: the record's kind.
            fields: the record, complete with what is computed.
            keep: names of children to print (IncludeRetElement); None prints all.
        """
        element = etree.Element(kind.ret)
        self._fill(element, fields, kind.shape, kind.name, keep)
        return element

    def aggregate(self, tag: str, fields: Fields, layout: Shape, keep: _Kept = None) -> etree._Element:
        """An element with the children of ``layout``, in its order."""
        element = etree.Element(tag)
        self._fill(element, fields, layout, "", keep)
        return element

    def reference(self, name: str, value: Fields, own_kind: str = "") -> Fields:
        """A stored reference completed with the full name its record has now.

        Args:
            name: the element, e.g. ``TermsRef``.
            value: ``{"ListID": ...}``.
            own_kind: the kind of the record that refers, to which its ParentRef leads.
        """
        kinds = (own_kind,) if name == "ParentRef" else REFERENCES.get(name, ())
        space = LIST_KINDS[kinds[0]].space if kinds and kinds[0] in LIST_KINDS else ""
        if not space or self.book.list_record(space, value["ListID"]) is None:
            return value
        return {"ListID": value["ListID"], "FullName": self.book.full_name(space, value["ListID"])}

    def stamp(self, moment: str) -> str:
        """A stored moment as QuickBooks prints it."""
        return self.clock.stamp(read_moment(moment))

    def _fill(
        self, element: etree._Element, fields: Fields, layout: Shape, own_kind: str, keep: _Kept
    ) -> None:
        for each in self._visible_fields(layout, keep):
            value = fields.get(each.name)
            if value is None or value == "":
                continue
            if each.shape is None and not each.many:
                etree.SubElement(element, each.name).text = self._text(each, value)
            else:
                self._fill_children(element, each, value, own_kind)
        if "lines" in fields:
            self._add_lines(element, fields["lines"], layout, keep)

    def _fill_children(self, element: etree._Element, each: Field, value: Any, own_kind: str) -> None:
        if each.shape is None:
            for one in value:
                etree.SubElement(element, each.name).text = self._text(each, one)
            return
        layout = NESTED[each.shape]
        for one in value if each.many else (value,):
            if each.shape == "ref":
                one = self.reference(each.name, one, own_kind)
            self._fill(etree.SubElement(element, each.name), one, layout, own_kind, None)

    def _visible_fields(self, layout: Shape, keep: _Kept) -> list[Field]:
        key = (id(layout), keep)
        if key not in self._visible:
            self._visible[key] = [
                each
                for each in layout.fields
                if not (each.foreign or each.asked)
                and each.since <= self.version
                and (keep is None or each.name in keep)
            ]
        return self._visible[key]

    def _text(self, each: Field, value: Any) -> str:
        if each.name in _MOMENTS:
            return self.stamp(value)
        text = str(value)
        return text.replace(".", ",") if each.decimal and self.decimal_comma else text

    def _add_lines(
        self, element: etree._Element, lines: Iterable[Fields], layout: Shape, keep: _Kept
    ) -> None:
        """Lines and groups of lines are one mixed sequence; it stands where the first line field stands."""
        places = [each for each in layout.fields if each.name.endswith(("LineRet", "LineGroupRet"))]
        for_groups = {each.name.endswith("LineGroupRet"): each for each in places}
        position = _position_of(element, layout, places[0])
        for line in lines:
            place = for_groups["ItemGroupRef" in line]
            if keep is None or place.name in keep:
                printed = self.aggregate(place.name, line, NESTED[place.shape or ""])
                element.insert(position, printed)
                position += 1


def _position_of(element: etree._Element, layout: Shape, place: Field) -> int:
    before = {each.name for each in layout.fields[: layout.fields.index(place)]}
    return sum(1 for child in element if child.tag in before)
