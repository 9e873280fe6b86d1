"""Add and Mod: a record is created, or changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from lxml import etree

from qbxml import datatypes as dt
from qbxml.encode import Element, Encoder
from qbxml.errors import Caveat, FieldError
from qbxml.record import Record
from qbxml.requests.base import Request
from qbxml.table import Shape
from qbxml.versions import Version

_HEAD = {"list_id", "txn_id", "time_created", "time_modified", "edit_sequence", "txn_number"}


def supports(model: type[Record], shape: Shape) -> bool:
    """Whether QuickBooks offers this Add or Mod at all, as far as our tables go."""
    return any(shape in spec.uses for a, spec in model.table.fields.items() if a not in _HEAD)


@dataclass(frozen=True, slots=True)
class _RecordRequest(Request):
    record: Record
    request_id: str = ""
    include_ret_elements: tuple[str, ...] = ()
    verb: ClassVar[str] = ""
    shape: ClassVar[Shape] = Shape.ADD

    @property
    def name(self) -> str:
        """`CustomerAddRq`."""
        return f"{self.record.kind}{self.verb}Rq"

    def _write(self, element: Element, encoder: Encoder, clear: tuple[str, ...]) -> None:
        if not self.record.kind or not supports(type(self.record), self.shape):
            problem = f"{type(self.record).__name__} has no {self.verb}"
            encoder.faults.append(FieldError("", problem, None, None, "verb"))
            return
        inner = etree.SubElement(element, f"{self.record.kind}{self.verb}")
        encoder.write(inner, self.record, self.shape, clear=clear)
        _include(element, encoder, self.include_ret_elements)


@dataclass(frozen=True, slots=True)
class Add(_RecordRequest):
    """Creates a record. What QuickBooks alone sets (ids, balances, times) is ignored."""

    verb: ClassVar[str] = "Add"
    shape: ClassVar[Shape] = Shape.ADD

    def _fill(self, element: Element, encoder: Encoder) -> None:
        self._write(element, encoder, ())


@dataclass(frozen=True, slots=True)
class Mod(_RecordRequest):
    """Changes a record: needs its id and latest edit_sequence.

    An absent field is left as it is; "" clears a text field, and `clear` names others to send as empty
    elements (a reference as one with an empty FullName), which is how QuickBooks clears a field; a name with
    dots reaches into aggregates and lines (``lines.0.service_date``). Lines: none
    at all leaves them alone, otherwise every line not mentioned is deleted and one without id is new.
    """

    clear: tuple[str, ...] = ()
    verb: ClassVar[str] = "Mod"
    shape: ClassVar[Shape] = Shape.MOD

    def _fill(self, element: Element, encoder: Encoder) -> None:
        table = type(self.record).table.fields
        for name in self.clear:
            if "." in name:
                continue  # inside an aggregate: what cannot be emptied there is found while it is written
            known = table.get(name) or table.get(name + "_")
            if known is None or Shape.MOD not in known.uses:
                encoder.faults.append(FieldError(name, "no such field in a Mod", None, None, "unknown"))
            elif getattr(self.record, name, None) not in (None, ()):
                encoder.faults.append(FieldError(name, "is given a value and cleared", None, None, "clear"))
        self._write(element, encoder, self.clear)


def _include(element: Element, encoder: Encoder, names: tuple[str, ...]) -> None:
    if encoder.version < Version("4.0"):
        if names:
            encoder.caveats.append(Caveat("include_ret_element", "version", "left out: needs qbXML 4.0"))
        return
    for index, name in enumerate(names):
        encoder.leaf(element, "IncludeRetElement", dt.Text(50), name, f"include_ret_element.{index}")
