"""Query: records are asked for, page by page where there are many."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar

from pydantic import ValidationError

from qbxml.encode import Element, Encoder
from qbxml.errors import Caveat, FieldError, InvalidRecord
from qbxml.queries import ITERATOR_SINCE, QUERIES, QUERY_SINCE, QueryTable
from qbxml.record import faults_of
from qbxml.records import ITEMS, KINDS
from qbxml.requests.base import Request, attribute
from qbxml.table import Shape
from qbxml.versions import Country, Version

_ITERATOR = ("Start", "Continue", "Stop")
_META_DATA = ("NoMetaData", "MetaDataOnly", "MetaDataAndResponseData")


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
            attribute(element, encoder, "iteratorID", self.iterator_id)
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
