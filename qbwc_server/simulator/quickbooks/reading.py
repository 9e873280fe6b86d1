"""From the elements of a request to stored fields: references resolved, blanks trimmed, foreign fields
noticed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from qbwc_server.simulator.errors import StatusError, invalid_id, invalid_reference, missing_element
from qbwc_server.simulator.quickbooks import money
from qbwc_server.simulator.quickbooks.book import Book, Fields
from qbwc_server.simulator.quickbooks.kinds import LIST_KINDS, REFERENCES, RENAMED
from qbwc_server.simulator.quickbooks.shapes import NESTED, Field, Shape

_ID = re.compile(r"[0-9A-Fa-f]+-[0-9]+$")
_TRUTH = {"1": "true", "0": "false"}


@dataclass(slots=True)
class Reader:
    """Reads the inside of one request.

    Args:
        book: where references lead.
        where: what the request makes, for QuickBooks' sentences: ``"Invoice"``.
        own_kind: the kind a ParentRef may lead to.

    ``foreign`` collects elements that the schema has and this edition has not: QuickBooks saves the record
    without them and warns with 530. ``notices`` collects whatever else it warns of.
    """

    book: Book
    where: str
    own_kind: str | None = None
    foreign: list[str] = field(default_factory=list)
    notices: list[StatusError] = field(default_factory=list)

    def fields(self, element: etree._Element, layout: Shape) -> Fields:
        """The children of ``element`` that ``layout`` knows. Empty elements and references come out as
        None."""
        found: Fields = {}
        for name, each, child in self._known(element, layout):
            value = self._value(name, each, child)
            if each.many:
                found.setdefault(name, []).append(value)
            else:
                found[name] = value
        return found

    def reference(self, name: str, element: etree._Element) -> Fields | None:
        """The record a reference leads to, or None for an empty reference.

        Raises:
            StatusError: 3140 nothing there or inactive, 3000 not an id.
        """
        return self.any_reference(element, self._kinds_for(name), name.removesuffix("Ref"))

    def any_reference(
        self, element: etree._Element, kinds: tuple[str, ...], what: str = "list"
    ) -> Fields | None:
        """As ``reference``, leading to any of the given kinds."""
        list_id, full_name = text(element, "ListID"), text(element, "FullName")
        if not list_id and not full_name:
            return None
        wanted = list_id or full_name
        if list_id and not looks_like_id(list_id):
            raise invalid_id(list_id, "ListID")
        space = LIST_KINDS[kinds[0]].space if kinds else ""
        found = self._look_up(space, list_id, full_name) if space else None
        if found is None or found[0] not in kinds:
            why = "Invalid argument.  The specified record does not exist in the list."
            raise invalid_reference(what, wanted, self.where, why)
        if found[1].get("IsActive") == "false":
            raise invalid_reference(what, wanted, self.where, "The record is inactive.")
        return {"ListID": found[1]["ListID"]}

    def warning(self) -> StatusError | None:
        """What QuickBooks warns of: 530 when something was left out, or the first notice; else None."""
        if self.notices:
            return self.notices[0]
        if not self.foreign:
            return None
        return StatusError(
            530, f'The field "{self.foreign[0]}" is not supported by this edition of QuickBooks.'
        )

    def _known(self, element: etree._Element, layout: Shape) -> Iterator[tuple[str, Field, etree._Element]]:
        for child in element:
            name = RENAMED.get(child.tag, child.tag)
            each = layout.by_name.get(name)
            if each is not None and each.foreign:
                self.foreign.append(child.tag)
            elif each is not None:
                yield name, each, child

    def _value(self, name: str, each: Field, child: etree._Element) -> Any:
        if each.shape == "ref":
            return self.reference(name, child)
        if each.shape is not None:
            return self.fields(child, NESTED[each.shape])
        plain = (child.text or "").strip()
        if not plain:
            return None
        return money.normal(name, plain) if each.decimal else _truth(name, plain)

    def _kinds_for(self, name: str) -> tuple[str, ...]:
        if name == "ParentRef":
            return (self.own_kind,) if self.own_kind else ()
        return REFERENCES.get(name, ())

    def _look_up(self, space: str, list_id: str, full_name: str) -> tuple[str, Fields] | None:
        found = list_id or self.book.list_id_of(space, full_name)
        record = self.book.list_record(space, found) if found else None
        return (record[0].name, record[1]) if record else None


def looks_like_id(value: str) -> bool:
    """Whether a text can be a ListID, TxnID or TxnLineID at all."""
    return _ID.match(value) is not None


def text(element: etree._Element, name: str) -> str:
    """The trimmed text of a child, ``""`` where it is absent."""
    return (element.findtext(name) or "").strip()


def required(element: etree._Element, name: str) -> str:
    """The trimmed text of a child that must be there.

    Raises:
        StatusError: 3150.
    """
    value = text(element, name)
    if not value:
        raise missing_element(name)
    return value


def compact(fields: Fields) -> Fields:
    """Without what is None, at every depth: in an Add an empty element is as good as none."""
    return {name: _compact(value) for name, value in fields.items() if value is not None and value != []}


def _compact(value: Any) -> Any:
    if isinstance(value, dict):
        return compact(value)
    if isinstance(value, list):
        return [_compact(each) for each in value if each is not None]
    return value


def merge(record: Fields, changes: Fields) -> Fields:
    """A copy of a record with the fields of a Mod: None clears, absent leaves as it is, addresses merge."""
    merged = dict(record)
    for name, value in changes.items():
        if value is None:
            merged.pop(name, None)
        elif isinstance(value, dict) and not name.endswith("Ref"):
            inner = merge(merged.get(name, {}), value)
            merged[name] = inner
        else:
            merged[name] = _compact(value)
    return {name: value for name, value in merged.items() if value not in ({}, [])}


def _truth(name: str, plain: str) -> str:
    """Booleans may be sent as 1 and 0; QuickBooks answers with words."""
    return _TRUTH.get(plain, plain) if name.startswith("Is") or name == "DefaultShipTo" else plain
