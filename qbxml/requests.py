"""The requests we can send, as frozen values that become one `*Rq` element each.

Every request has `request_id` (at most 50 characters, the only safe correlation), `name` (`CustomerAddRq`),
`writes` and `to_element`. Building raises InvalidRecord with all faults; it never yields XML that
QuickBooks could not parse.
"""

from __future__ import annotations

import copy
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, ClassVar, NamedTuple

from lxml import etree
from pydantic import ValidationError

from qbxml import datatypes as dt
from qbxml.encode import Element, Encoder
from qbxml.errors import Caveat, FieldError, InvalidRecord
from qbxml.guard import parse_one
from qbxml.queries import ITERATOR_SINCE, QUERIES, QUERY_SINCE, QueryTable
from qbxml.record import Record, faults_of
from qbxml.records import ITEMS, KINDS
from qbxml.records.data_ext import DataExtTarget, DataExtValue
from qbxml.table import Shape
from qbxml.versions import LATEST, Country, Version
from qbxml.words import LIST_DEL_TYPES, TXN_DEL_TYPES, TXN_VOID_TYPES

REQUEST_ID_LIMIT = 50
"""QuickBooks answers 1060 to a longer requestID."""

_HEAD = {"list_id", "txn_id", "time_created", "time_modified", "edit_sequence", "txn_number"}
_ITERATOR = ("Start", "Continue", "Stop")
_ATTRIBUTES = {"requestID": "request_id", "iteratorID": "iterator_id"}
_META_DATA = ("NoMetaData", "MetaDataOnly", "MetaDataAndResponseData")


class Built(NamedTuple):
    """A request element and what was left out or mapped while it was written."""

    element: Element
    warnings: tuple[Caveat, ...]


class Request(ABC):
    """What every request offers; subclasses are frozen dataclasses."""

    __slots__ = ()

    request_id: str
    writes: ClassVar[bool] = True

    @property
    @abstractmethod
    def name(self) -> str:
        """The element name, `CustomerAddRq`."""

    @abstractmethod
    def _fill(self, element: Element, encoder: Encoder) -> None:
        """Appends the content of the request."""

    def to_element(self, version: Version = LATEST, country: Country = "US") -> Built:
        """The request as one element. Raises InvalidRecord with every fault."""
        encoder = Encoder(version, country)
        element = etree.Element(self.name)
        if self.request_id:
            _attribute(element, encoder, "requestID", self.request_id)
        self._fill(element, encoder)
        return Built(element, encoder.finish(self.name))


def _attribute(element: Element, encoder: Encoder, name: str, value: str) -> None:
    if len(value) > REQUEST_ID_LIMIT or not value.isascii() or not value.isprintable():
        problem = f"{name} must be 1 to {REQUEST_ID_LIMIT} printable ASCII characters"
        path = _ATTRIBUTES[name]
        encoder.faults.append(FieldError(path, problem, value, REQUEST_ID_LIMIT, path))
        return
    element.set(name, value)


def _include(element: Element, encoder: Encoder, names: tuple[str, ...]) -> None:
    if encoder.version < Version("4.0"):
        if names:
            encoder.caveats.append(Caveat("include_ret_element", "version", "left out: needs qbXML 4.0"))
        return
    for index, name in enumerate(names):
        encoder.leaf(element, "IncludeRetElement", dt.Text(50), name, f"include_ret_element.{index}")


def ret_elements(
    kind: str, names: Iterable[str], version: Version, country: Country = "US"
) -> tuple[str, ...]:
    """Those of these children of a Ret that QuickBooks has at a version; what our tables do not know is kept."""
    newer = _newer(kind, version, country)
    return tuple(name for name in names if name not in newer)


@lru_cache(maxsize=256)
def _newer(kind: str, version: Version, country: Country) -> frozenset[str]:
    """The children of a Ret that none of a query's kinds of record has at this version."""
    models = ITEMS if kind == "Item" else [KINDS[kind]] if kind in KINDS else []
    shown: dict[str, bool] = {}
    for model in models:
        for spec in model.table.fields.values():
            if Shape.RET in spec.uses:
                tag = spec.tags[Shape.RET]
                is_there = version >= spec.since[Shape.RET] and country not in spec.not_in
                shown[tag] = shown.get(tag, False) or is_there
    return frozenset(tag for tag, is_there in shown.items() if not is_there)


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


@dataclass(frozen=True, slots=True, init=False)
class Query(Request):
    """Asks for records: `Query("Invoice", ref_number=["1042"], include_line_items=True)`.

    `kind` is the name in front of QueryRq; selectors are the snake_case elements of that query (see
    `qbxml.queries`). Raises InvalidRecord for an unknown kind or selector, or values of the wrong type; what
    excludes each other is found by `to_element`. An iterator needs max_returned with every call and the same
    selectors; its id dies with the QuickBooks session.
    """

    kind: str
    selectors: QueryTable
    request_id: str = ""
    iterator: str | None = None
    iterator_id: str | None = None
    meta_data: str | None = None
    writes: ClassVar[bool] = False

    def __init__(
        self,
        kind: str,
        *,
        request_id: str = "",
        iterator: str | None = None,
        iterator_id: str | None = None,
        meta_data: str | None = None,
        **selectors: Any,
    ) -> None:
        model = QUERIES.get(kind)
        if model is None:
            raise InvalidRecord([FieldError("kind", "no such query", kind, None, "unknown")], "query")
        put = object.__setattr__
        put(self, "kind", kind)
        put(self, "selectors", _selected(model, selectors, f"{kind}QueryRq"))
        put(self, "request_id", request_id)
        put(self, "iterator", iterator)
        put(self, "iterator_id", iterator_id)
        put(self, "meta_data", meta_data)

    @property
    def name(self) -> str:
        """`InvoiceQueryRq`."""
        return f"{self.kind}QueryRq"

    def is_known(self, version: Version) -> bool:
        """Whether QuickBooks knows this query at all in a version."""
        return version >= QUERY_SINCE.get(self.kind, version)

    def _fill(self, element: Element, encoder: Encoder) -> None:
        encoder.faults.extend([*self._misused(), *self._too_new(encoder.version)])
        if self.meta_data in _META_DATA:
            element.set("metaData", str(self.meta_data))
        if self.iterator in _ITERATOR:
            element.set("iterator", str(self.iterator))
        if self.iterator_id is not None:
            _attribute(element, encoder, "iteratorID", self.iterator_id)
        encoder.write(element, self._answerable(encoder), Shape.ADD)

    def _answerable(self, encoder: Encoder) -> QueryTable:
        """The selectors, without what QuickBooks cannot show at this version."""
        wanted = getattr(self.selectors, "include_ret_element", ())
        kept = ret_elements(self.kind, wanted, encoder.version, encoder.country)
        if len(kept) == len(wanted):
            return self.selectors
        left_out = ", ".join(name for name in wanted if name not in kept)
        encoder.caveats.append(Caveat("include_ret_element", "version", f"left out: {left_out}"))
        return self.selectors.model_copy(update={"include_ret_element": kept})

    def _too_new(self, version: Version) -> Iterator[FieldError]:
        """What QuickBooks would refuse the whole message set for. Nothing is left out: a query without its iterator
        would be answered by its first page alone."""
        if not self.is_known(version):
            problem = f"{self.name} needs qbXML {QUERY_SINCE[self.kind]}"
            yield FieldError("kind", problem, self.kind, None, "version")
        if self.iterator is not None and version < ITERATOR_SINCE:
            problem = f"an iterator needs qbXML {ITERATOR_SINCE}"
            yield FieldError("iterator", problem, self.iterator, None, "version")

    def _misused(self) -> list[FieldError]:
        found = []
        if self.meta_data is not None and self.meta_data not in _META_DATA:
            found.append(
                FieldError("meta_data", f"one of {', '.join(_META_DATA)}", self.meta_data, None, "enum")
            )
        if self.iterator is None:
            if self.iterator_id is not None:
                found.append(FieldError("iterator", "is missing beside iterator_id", None, None, "missing"))
            return found
        if self.iterator not in _ITERATOR:
            found.append(
                FieldError("iterator", f"one of {', '.join(_ITERATOR)}", self.iterator, None, "enum")
            )
        if not self.selectors.iterates:
            found.append(FieldError("iterator", f"{self.name} has no iterator", None, None, "unusable"))
        if (self.iterator == "Start") != (self.iterator_id is None):
            problem = "needed to continue or stop, and only there"
            found.append(FieldError("iterator_id", problem, self.iterator_id, None, "missing"))
        if getattr(self.selectors, "max_returned", None) is None:
            found.append(FieldError("max_returned", "is needed with an iterator", None, None, "missing"))
        return found


def _selected(model: type[QueryTable], selectors: Mapping[str, Any], name: str) -> QueryTable:
    """The selectors as a record; a single value may stand where several are allowed."""
    given = {}
    for key, value in selectors.items():
        spec = model.table.fields.get(key)
        single = spec is not None and spec.many and not isinstance(value, list | tuple)
        given[key] = [value] if single and value is not None else value
    try:
        return model(**given)
    except ValidationError as error:
        raise faults_of(error, name) from None


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


@dataclass(frozen=True, slots=True, init=False)
class _DataExtRequest(Request):
    """Sets one field of one record; fields are those of `qbxml.records.data_ext.DataExtValue`."""

    target: DataExtTarget
    request_id: str = ""
    verb: ClassVar[str] = ""
    shape: ClassVar[Shape] = Shape.ADD
    model: ClassVar[type[DataExtTarget]] = DataExtValue

    def __init__(self, *, request_id: str = "", **fields: Any) -> None:
        try:
            target = self.model(**fields)
        except ValidationError as error:
            raise faults_of(error, f"DataExt{self.verb}") from None
        object.__setattr__(self, "target", target)
        object.__setattr__(self, "request_id", request_id)

    @property
    def name(self) -> str:
        """`DataExtModRq`."""
        return f"DataExt{self.verb}Rq"

    def _fill(self, element: Element, encoder: Encoder) -> None:
        encoder.write(etree.SubElement(element, f"DataExt{self.verb}"), self.target, self.shape)
        if self.target.list_data_ext_type is not None and self.target.list_obj is None:
            encoder.faults.append(
                FieldError("list_obj", "QuickBooks needs this field", None, None, "missing")
            )
        if self.target.txn_data_ext_type is not None and self.target.txn_id is None:
            encoder.faults.append(FieldError("txn_id", "QuickBooks needs this field", None, None, "missing"))


class DataExtAdd(_DataExtRequest):
    """Gives a custom field its first value; fails where it has one already (then use DataExtMod)."""

    verb: ClassVar[str] = "Add"


class DataExtMod(_DataExtRequest):
    """Changes the value of a custom field."""

    verb: ClassVar[str] = "Mod"
    shape: ClassVar[Shape] = Shape.MOD


class DataExtDel(_DataExtRequest):
    """Clears a custom field of one record."""

    verb: ClassVar[str] = "Del"
    model: ClassVar[type[DataExtTarget]] = DataExtTarget


@dataclass(frozen=True, slots=True)
class Raw(Request):
    """Any other request, as an lxml element or its bytes: one `*Rq` element, content as the caller wrote it.

    Well-formedness, the envelope and the requestID are ours; a requestID in the source is replaced.
    """

    source: Element | bytes
    request_id: str = ""
    parsed: Element = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        given = parse_one(self.source) if isinstance(self.source, bytes) else copy.deepcopy(self.source)
        if not isinstance(given.tag, str) or not given.tag.endswith("Rq") or not given.tag.isalnum():
            problem = "one request element is needed, its name ending in Rq"
            raise InvalidRecord([FieldError("source", problem, str(given.tag), None, "name")], "raw request")
        object.__setattr__(self, "parsed", given)

    @property
    def name(self) -> str:
        """The name of the element given."""
        return str(self.parsed.tag)

    @property
    def writes(self) -> bool:  # type: ignore[override]  # a class variable elsewhere, here it depends
        """False for queries and reports, which change nothing."""
        return not self.name.endswith(("QueryRq", "ReportQueryRq"))

    def _fill(self, element: Element, encoder: Encoder) -> None:
        element.text = self.parsed.text
        for name, value in self.parsed.attrib.items():
            if name != "requestID":
                element.set(name, value)
        for child in self.parsed:
            element.append(copy.deepcopy(child))
