"""The table of routes: every address of the API, how it is served, what it answers. The documentation reads it, too."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from qbwc_server.domain.kinds import Kind

from . import connectors, errors, records
from . import parameters as p
from .bodies import LINES, PATCH, Body
from .openapi import document
from .schemas import model_name, page_name, view_name
from .serving import Answer, Call, Route

_C = "/connectors/{connector}"


def _of_kind(kind: Kind) -> Iterator[Route]:
    """What can be done with the records of one kind."""
    word, label, answers = kind.value, kind.label, {200: view_name(kind)}
    a_label = f"{'an' if label[0] in 'aeiou' else 'a'} {label}"
    all_of_them = f"{_C}/{kind.plural}"
    one = f"{all_of_them}/{{external_id}}"
    linked = f"{_C}/links/{kind.plural}/{{external_id}}"
    common: dict[str, Any] = {"fixed": {"kind": kind}, "tag": label.capitalize() + "s"}
    yield Route(
        "PUT",
        one,
        records.put,
        f"put_{word}",
        f"Hand over {a_label}, new or changed",
        answers | {201: view_name(kind)},
        body=Body(model_name(kind)),
        fails=(409,),
        description="The whole record is sent each time. The same content again changes nothing.",
        **common,
    )
    yield Route(
        "GET", one, records.show, f"get_{word}", f"{a_label.capitalize()} and how it fares", answers, **common
    )
    yield Route(
        "DELETE",
        one,
        records.take_back,
        f"cancel_{word}",
        f"Cancel {a_label} that was not sent",
        answers,
        fails=(409,),
        description="409 when QuickBooks holds it, or may hold it.",
        **common,
    )
    yield Route(
        "GET",
        all_of_them,
        records.listing,
        f"list_{word}s",
        f"The {label}s, oldest change first",
        {200: page_name(kind)},
        query=(p.STATE, p.UPDATED_AFTER, p.BY_CHANGE, p.LIMIT),
        description="Whoever pages to the end misses none: a record that changes meanwhile comes once more.",
        **common,
    )
    yield Route(
        "POST",
        f"{one}/retry",
        records.retry,
        f"retry_{word}",
        f"Try a blocked {label} again",
        answers,
        fails=(409,),
        **common,
    )
    yield Route(
        "POST",
        f"{one}/void",
        records.void,
        f"void_{word}",
        f"Have {a_label} voided in QuickBooks",
        answers,
        fails=(409,),
        description="A purchase order is closed. What was never sent is cancelled. 409 for customers, vendors "
        "and items.",
        **common,
    )
    yield Route(
        "POST",
        f"{one}/post-as-new",
        records.post_as_new,
        f"post_{word}_as_new",
        f"Post {a_label} that was deleted in QuickBooks once more",
        answers,
        fails=(409,),
        description="409 unless QuickBooks said that it was deleted; and for customers, vendors and items.",
        **common,
    )
    yield Route(
        "PUT",
        linked,
        records.link,
        f"link_{word}",
        f"Say which record of QuickBooks {a_label} is",
        answers,
        body=Body("TxnLink" if kind.is_document else "ListLink"),
        fails=(409,),
        **common,
    )
    yield Route(
        "DELETE",
        linked,
        records.unlink,
        f"unlink_{word}",
        f"Forget which record of QuickBooks {a_label} is",
        answers,
        fails=(409,),
        description="It is matched anew. 409 for invoices and purchase orders.",
        **common,
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
        body=Body("BatchLine", LINES),
        description="Each line is a record with its `kind` and `external_id` beside its fields, and is answered "
        "by one line. A faulty line holds up no other, so the status is 200 whatever becomes of the lines. "
        "Lines are taken in from first to last; after an interruption all of them may be sent again.",
    )


def _of_errors() -> Iterator[Route]:
    place, tag = f"{_C}/errors", "Error records"
    yield Route(
        "GET",
        place,
        errors.listing,
        "list_errors",
        "What stands in the way, and what to do about it",
        {200: "Errors"},
        tag,
        query=(p.ERROR_STATE, p.CAUSE, p.GROUP_BY, p.BY_ROW, p.LIMIT),
    )
    yield Route(
        "POST",
        f"{place}/retry",
        errors.retry,
        "retry_errors",
        "Try again what waits behind a cause key, or behind some error records",
        {200: "RetryOutcome"},
        tag,
        body=Body("Retry"),
    )
    yield Route(
        "GET", f"{place}/{{error_id}}", errors.show, "get_error", "One error record", {200: "Error"}, tag
    )
    yield Route(
        "POST",
        f"{place}/{{error_id}}/dismiss",
        errors.dismiss,
        "dismiss_error",
        "Let an error record rest",
        {200: "Error"},
        tag,
        body=Body("Dismissal"),
        description="Its record is cancelled; nothing in QuickBooks is touched.",
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
    )
    yield Route(
        "POST",
        f"{_C}/resync",
        connectors.resync,
        "resync",
        "Have QuickBooks' lists loaded anew at the next visit",
        {202: "Connector"},
        tag,
    )
    yield Route(
        "GET",
        f"{_C}/quickbooks/{{list}}",
        connectors.look_up,
        "look_up",
        "What a list of QuickBooks holds, as it was last loaded",
        {200: "QuickBooksList"},
        tag,
        query=(p.EMAIL, p.SKU, p.NAME, p.BY_LIST_ID, p.LIMIT),
        description="Compared as records are matched: in any case, surrounding spaces left out.",
    )
    yield Route(
        "GET",
        f"{_C}/events",
        connectors.events,
        "list_events",
        "What happened, in order",
        {200: "Events"},
        tag,
        query=(p.AFTER, p.LIMIT),
        description="Give `next` back as `after` to go on from there, whenever you like: nothing is missed, and "
        "the same `after` gives the same events again.",
    )


def _document(call: Call) -> Answer:
    return Answer(_made())


@cache
def _made() -> dict[str, Any]:
    return document(ROUTES)


ROUTES: tuple[Route, ...] = (
    Route("GET", "/openapi.json", _document, "openapi", "This document", {200: "Document"}, "Documentation"),
    *_of_connectors(),
    *(route for kind in Kind for route in _of_kind(kind)),
    *_of_all_kinds(),
    *_of_errors(),
)
"""All of them."""
