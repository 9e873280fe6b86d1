"""TxnVoid, TxnDel and ListDel: what becomes of a record that is named by its type and its id."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from qbxml import datatypes as dt
from qbxml.encode import Element, Encoder
from qbxml.requests.base import Request
from qbxml.words import LIST_DEL_TYPES, TXN_DEL_TYPES, TXN_VOID_TYPES


@dataclass(frozen=True, slots=True)
class _ByType(Request):
    """A request of a type word and an id."""

    type: str
    id: str
    request_id: str = ""
    stem: ClassVar[str] = ""
    words: ClassVar[str] = ""
    id_tag: ClassVar[str] = "TxnID"

    @property
    def name(self) -> str:
        """`TxnVoidRq`."""
        return f"{self.stem}Rq"

    def _fill(self, element: Element, encoder: Encoder) -> None:
        encoder.leaf(element, f"{self.stem}Type", dt.Enum(tuple(self.words.split())), self.type, "type")
        encoder.leaf(element, self.id_tag, dt.Id(), self.id, "id")


@dataclass(frozen=True, slots=True)
class TxnVoid(_ByType):
    """Voids a transaction: it stays, with amounts of zero. Purchase orders cannot be voided."""

    stem: ClassVar[str] = "TxnVoid"
    words: ClassVar[str] = TXN_VOID_TYPES


@dataclass(frozen=True, slots=True)
class TxnDel(_ByType):
    """Deletes a transaction."""

    stem: ClassVar[str] = "TxnDel"
    words: ClassVar[str] = TXN_DEL_TYPES


@dataclass(frozen=True, slots=True)
class ListDel(_ByType):
    """Deletes a list record; QuickBooks refuses where it is in use (make it inactive instead)."""

    stem: ClassVar[str] = "ListDel"
    words: ClassVar[str] = LIST_DEL_TYPES
    id_tag: ClassVar[str] = "ListID"
