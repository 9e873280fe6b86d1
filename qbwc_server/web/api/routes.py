"""The table of routes: every address of the API, how it is served, what it answers. The documentation reads it, too."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Self

from qbwc_server.desk.documents import finding
from qbwc_server.desk.handing_over import host
from qbwc_server.domain.kinds import Kind, ListName
from qbwc_server.domain.people import Scope

from . import (
    connectors,
    records,
    routes_errors,
    routes_events,
    routes_keys,
    routes_links,
    routes_previews,
    routes_requests,
    routes_standing,
    routes_webhooks,
)
from . import parameters as p
from .bodies import LINES, PATCH, Body
from .failures import MOUNT, mounted_at
from .idempotency import Again
from .openapi import document
from .queries import Parameter
from .schemas import model_name, page_name, view_name
from .serving import Answer, Call, Route

_C = "/connectors/{connector}"


@dataclass(frozen=True, slots=True)
class Words:
    """What the documentation calls records of a kind, and the schemas about them.

    Attributes:
        step: the part of an address that names the kind.
    """

    word: str
    label: str
    step: str
    model: str
    link: str = ""

    @classmethod
    def of(cls, kind: Kind) -> Self:
        """The words for one kind."""
        link = "TxnLink" if kind.is_document else "ListLink"
        return cls(kind.value, kind.label, kind.plural, model_name(kind), link)

    @property
    def a_label(self) -> str:
        """With its article."""
        return f"{'an' if self.label[0] in 'aeiou' else 'a'} {self.label}"

    @property
    def tag(self) -> str:
        """Under which heading they are documented."""
        return f"{self.label.capitalize()}s"

    @property
    def view(self) -> str:
        """Schema of a record as the server shows it."""
        return view_name(self.model)

    @property
    def page(self) -> str:
        """Schema of a page of them."""
        return page_name(self.model)

    def found_by(self) -> tuple[Parameter, ...]:
        """What they are looked for by, beside their states and moments."""
        ways = {"ref_number": p.REF_NUMBER, "txn_id": p.TXN_ID, "list_id": p.LIST_ID, **p.PARTIES}
        of = None if self.word == "record" else Kind(self.word)
        return (*(way for name, way in ways.items() if of in (None, *finding.HAVING[name])), p.Q)


ANY = Words("record", "record", "{kind}", "Record")
"""Words for all kinds at once: an address is served for all of them, and documented for each."""


def _of_records(of: Words) -> Iterator[Route]:
    """What can be done with the records of a kind."""
    yield from _kept(of, f"{_C}/{of.step}")
    yield from _acted_on(of, f"{_C}/{of.step}/{{external_id}}")
    yield from _linked(of, f"{_C}/links/{of.step}/{{external_id}}")


def _kept(of: Words, all_of_them: str) -> Iterator[Route]:
    one = f"{all_of_them}/{{external_id}}"
    yield Route(
        "PUT",
        one,
        records.put,
        f"put_{of.word}",
        f"Hand over {of.a_label}, new or changed",
        {200: of.view, 201: of.view},
        body=Body(of.model, is_record=True),
        judge=records.judge,
        query=(p.PRIORITY, p.REVIVE, p.WAIT),
        fails=(409,),
        description="The whole record is sent each time. The same content again changes nothing. What comes late "
        "is refused: by If-Match (412), or by `version`, a number of your own that only goes up (409); once a record "
        "has one, another content needs a later one. 409 as well for a record that is void or was cancelled.",
        tag=of.tag,
    )
    yield Route(
        "GET",
        one,
        records.show,
        f"get_{of.word}",
        f"Look at {of.a_label}",
        {200: of.view},
        query=(p.WAIT,),
        tag=of.tag,
    )
    yield Route(
        "DELETE",
        one,
        records.cancel,
        f"cancel_{of.word}",
        f"Cancel {of.a_label} that QuickBooks cannot hold",
        {200: of.view},
        fails=(409,),
        description="409 when QuickBooks holds it, or may hold it; the sentence says what to do instead. "
        "Cancelling twice is as good as once.",
        tag=of.tag,
    )
    yield Route(
        "GET",
        all_of_them,
        records.listing,
        f"list_{of.word}s",
        f"The {of.label}s, oldest change first",
        {200: of.page},
        query=(*of.found_by(), p.STATE, *p.BOUNDS, p.BY_CHANGE, p.LIMIT),
        description="Whoever pages to the end misses none: a record that changes meanwhile comes once more.",
        tag=of.tag,
    )


def _acted_on(of: Words, one: str) -> Iterator[Route]:
    yield Route(
        "POST",
        f"{one}/retry",
        records.retry,
        f"retry_{of.word}",
        f"Try a blocked {of.label} again",
        {200: of.view},
        fails=(409,),
        tag=of.tag,
    )
    yield Route(
        "POST",
        f"{one}/void",
        records.void,
        f"void_{of.word}",
        f"Have {of.a_label} voided in QuickBooks",
        {200: of.view},
        fails=(409,),
        description="A purchase order is closed. What QuickBooks cannot hold is cancelled. 409 for customers, "
        "vendors and items.",
        tag=of.tag,
    )
    yield Route(
        "POST",
        f"{one}/post-as-new",
        records.post_as_new,
        f"post_{of.word}_as_new",
        f"Post {of.a_label} that was deleted in QuickBooks once more",
        {200: of.view},
        fails=(409,),
        description="409 unless QuickBooks said that it was deleted; and for customers, vendors and items.",
        tag=of.tag,
        again=Again.IS_REFUSED,
    )


def _linked(of: Words, linked: str) -> Iterator[Route]:
    yield Route(
        "PUT",
        linked,
        records.link,
        f"link_{of.word}",
        f"Say which record of QuickBooks {of.a_label} is",
        {200: of.view},
        body=Body(of.link),
        fails=(409,),
        tag=of.tag,
        scope=Scope.MANAGE,
    )
    yield Route(
        "DELETE",
        linked,
        records.unlink,
        f"unlink_{of.word}",
        f"Forget which record of QuickBooks {of.a_label} is",
        {200: of.view},
        fails=(409,),
        description="It is matched anew. 409 for invoices and purchase orders.",
        tag=of.tag,
        scope=Scope.MANAGE,
    )


def _of_all_kinds() -> Iterator[Route]:
    yield Route(
        "POST",
        f"{_C}/batch",
        records.batch,
        "put_batch",
        "Hand over many records, of any kinds, one a line",
        {200: "BatchOutcome"},
        "Batch",
        query=(p.PRIORITY, p.REVIVE),
        body=Body("BatchLine", LINES),
        description="Each line is a record with its `kind` and `external_id` beside its fields, perhaps with a "
        "`priority` of its own in place of the batch's, and is answered "
        "by one line. A faulty line holds up no other, so the status is 200 whatever becomes of the lines. "
        "Lines are taken in from first to last; after an interruption all of them may be sent again.",
    )


def _of_connectors() -> Iterator[Route]:
    tag = "Connectors"
    yield Route(
        "GET",
        "/connectors",
        connectors.listing,
        "list_connectors",
        "The connectors your key opens",
        {200: "Connectors"},
        tag,
        query=(p.BY_CONNECTOR, p.LIMIT),
    )
    yield Route(
        "GET",
        _C,
        connectors.show,
        "get_connector",
        "A connector: health, last visit, queue, age of the list cache",
        {200: "Connector"},
        tag,
    )
    yield Route(
        "GET", f"{_C}/settings", connectors.settings, "get_settings", "Its settings", {200: "Settings"}, tag
    )
    yield Route(
        "PATCH",
        f"{_C}/settings",
        connectors.change_settings,
        "change_settings",
        "Set some of its settings",
        {200: "Settings"},
        tag,
        body=Body("SettingsPatch", PATCH),
        scope=Scope.MANAGE,
    )
    yield Route(
        "POST",
        f"{_C}/resync",
        connectors.resync,
        "resync",
        "Have QuickBooks' lists loaded anew at the next visit",
        {202: "ResyncAnswer"},
        tag,
        description="While one waits, another changes nothing: the answer says so in `already_asked`.",
    )


def _of_a_list(step: str, of: ListName | None = None) -> Route:
    """What a list of QuickBooks holds; without `of`, any of them."""
    by_what = ((p.EMAIL, host.WITH_EMAIL), (p.SKU, host.WITH_SKU))
    return Route(
        "GET",
        f"{_C}/quickbooks/{step}",
        connectors.look_up,
        f"look_up_{of.label.replace(' ', '_')}" if of else "look_up",
        f"The {of.label if of else 'entries'} of QuickBooks, as they were last loaded",
        {200: "QuickBooksList"},
        "QuickBooks' lists",
        query=(
            *(parameter for parameter, lists in by_what if of is None or of in lists),
            p.NAME,
            p.PICK,
            p.BY_LIST_ID,
            p.LIMIT,
        ),
        description="Compared as records are matched: in any case, surrounding spaces left out.",
    )


def _documentation(call: Call) -> Answer:
    return Answer({**documentation(), "servers": [{"url": f"{mounted_at()}{MOUNT}/v1"}]})


@cache
def documentation() -> dict[str, Any]:
    """The OpenAPI document of the whole API."""
    return document(DOCUMENTED)


_OTHERS = (
    Route(
        "GET",
        "/openapi.json",
        _documentation,
        "openapi",
        "This document",
        {200: "Document"},
        "Documentation",
    ),
    *_of_connectors(),
    *_of_all_kinds(),
    *routes_standing.routes(),
    *routes_links.routes(),
    *routes_previews.routes(),
    *routes_errors.routes(),
    *routes_events.routes(),
    *routes_keys.routes(),
    *routes_webhooks.routes(),
    *routes_requests.routes(),
)
SERVED: tuple[Route, ...] = (*_OTHERS, _of_a_list("{list}"), *_of_records(ANY))
"""The routes as they are served: one for the records of all kinds, and one for all lists of QuickBooks."""
DOCUMENTED: tuple[Route, ...] = (
    *_OTHERS,
    *(_of_a_list(step, of) for step, of in connectors.LISTS.items()),
    *(route for kind in Kind for route in _of_records(Words.of(kind))),
)
"""The same routes as they are documented: one for each kind, with its own schemas, and for each list what it can be
searched by."""
