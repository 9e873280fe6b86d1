"""Answers queries: what is found, a page of it, printed as far as it was asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from lxml import etree

from qbwc_server.simulator.errors import StatusError, no_match, not_found_in_query
from qbwc_server.simulator.quickbooks import data_ext, host
from qbwc_server.simulator.quickbooks.book import Fields
from qbwc_server.simulator.quickbooks.iterators import Iterators
from qbwc_server.simulator.quickbooks.kinds import TXN_KINDS, ListKind, TxnKind, kinds_called
from qbwc_server.simulator.quickbooks.outcome import Outcome
from qbwc_server.simulator.quickbooks.queries import Answer, Searcher
from qbwc_server.simulator.quickbooks.reading import text
from qbwc_server.simulator.quickbooks.render import Renderer
from qbwc_server.simulator.quickbooks.shapes import shape
from qbwc_server.simulator.quickbooks.views import View

_DELETED_SHAPES = {
    "ListDeleted": shape("ListDelType ListID TimeCreated TimeDeleted FullName"),
    "TxnDeleted": shape("TxnDelType TxnID TimeCreated TimeDeleted RefNumber"),
}


@dataclass(frozen=True, slots=True)
class QueryDesk:
    """Answers the queries of one message set.

    Args:
        about: HostRet, CompanyRet and PreferencesRet by their names without ``Ret``.
        deleted: the deletion logs, ``ListDeleted`` and ``TxnDeleted``.
        check_feature: raises 3250 for a list whose feature is switched off.
        searcher, view, renderer, iterators: the parts that answer.
    """

    about: dict[str, Fields]
    deleted: dict[str, list[Fields]]
    check_feature: Callable[[str], None]
    searcher: Searcher
    view: View
    renderer: Renderer
    iterators: Iterators

    def answer(self, request: etree._Element, what: str) -> Outcome:
        """Answer ``<what>QueryRq``.

        Raises:
            StatusError: 1 or 500 nothing found, 1030 a query that is not simulated, or a faulty filter.
        """
        if what in self.deleted:
            return self._deleted(request, what)
        if what in self.about:
            fields = self.about[what]
            if what == "Company":
                fields = data_ext.shown_to(fields, _texts(request, "OwnerID"))
            return Outcome([host.describe(what, fields, self.renderer, request)])
        if what in TXN_KINDS:
            return self._found(request, lambda: self.searcher.transactions(request, TXN_KINDS[what]))
        self.check_feature(what)
        kinds = kinds_called(what)
        if not kinds:
            raise StatusError(1030, f"The request {what}Query is not supported by this simulated QuickBooks.")
        return self._found(request, lambda: self.searcher.lists(request, kinds))

    def _found(self, request: etree._Element, search: Callable[[], Answer]) -> Outcome:
        result = Answer([]) if self.iterators.goes_on(request) else search()
        limit = text(request, "MaxReturned")
        page, attributes = self.iterators.page(request, result.found, int(limit) if limit else None)
        status = not_found_in_query(result.missing[0]) if result.missing else None
        if not page and status is None and request.get("iterator") != "Stop":
            status = no_match()
        meta = request.get("metaData", "NoMetaData")
        if meta != "NoMetaData":
            attributes = {"retCount": str(len(page)), **attributes}
        shown = [] if meta == "MetaDataOnly" else [self._shown(request, kind, each) for kind, each in page]
        return Outcome(shown, attributes, status)

    def _shown(self, request: etree._Element, kind: ListKind | TxnKind, record: Fields) -> etree._Element:
        """One ``*Ret`` of a query, which gives lines, links and private data only when asked to."""
        fields = data_ext.shown_to(self.view.complete(kind, record), _texts(request, "OwnerID"))
        hidden = set()
        if request.findtext("IncludeLineItems") not in ("true", "1"):
            hidden.add("lines")
        if request.findtext("IncludeLinkedTxns") not in ("true", "1"):
            hidden.add("LinkedTxn")
        fields = {name: value for name, value in fields.items() if name not in hidden}
        return self.renderer.record(kind, fields, kept_elements(request))

    def _deleted(self, request: etree._Element, what: str) -> Outcome:
        type_name = "ListDelType" if what == "ListDeleted" else "TxnDelType"
        found = self.searcher.deleted(request, self.deleted[what], type_name)
        keep = kept_elements(request)
        shown = [
            self.renderer.aggregate(f"{what}Ret", each, _DELETED_SHAPES[what], keep=keep) for each in found
        ]
        return Outcome(shown, status=None if shown else no_match())


def balance_reader(view: View) -> Callable[[ListKind, Fields], Decimal]:
    """Total balance of a record, for TotalBalanceFilter."""

    def balance_of(kind: ListKind, record: Fields) -> Decimal:
        shown = view.complete(kind, record)
        return Decimal(shown.get("TotalBalance") or shown.get("Balance") or "0")

    return balance_of


def kept_elements(request: etree._Element) -> frozenset[str] | None:
    """The names in IncludeRetElement; None prints everything."""
    names = _texts(request, "IncludeRetElement")
    return frozenset(names) if names else None


def _texts(request: etree._Element, name: str) -> list[str]:
    return [(each.text or "").strip() for each in request.findall(name)]
