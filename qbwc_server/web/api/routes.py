"""The table of routes: every address of the API, how it is served, what it answers. The documentation reads it, too."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from qbwc_server.desk.handing_over import host
from qbwc_server.domain.kinds import Kind, ListName
from qbwc_server.domain.people import Scope
from qbwc_server.web.api import (
    connectors,
    routes_errors,
    routes_events,
    routes_keys,
    routes_links,
    routes_previews,
    routes_records,
    routes_requests,
    routes_standing,
    routes_webhooks,
)
from qbwc_server.web.api import parameters as p
from qbwc_server.web.api.bodies import PATCH, Body
from qbwc_server.web.api.failures import MOUNT, mounted_at
from qbwc_server.web.api.openapi import document
from qbwc_server.web.api.serving import Answer, Call, Route

_C = "/connectors/{connector}"


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
    *routes_records.of_all_kinds(),
    *routes_standing.routes(),
    *routes_links.routes(),
    *routes_previews.routes(),
    *routes_errors.routes(),
    *routes_events.routes(),
    *routes_keys.routes(),
    *routes_webhooks.routes(),
    *routes_requests.routes(),
)
SERVED: tuple[Route, ...] = (*_OTHERS, _of_a_list("{list}"), *routes_records.of_records(routes_records.ANY))
"""The routes as they are served: one for the records of all kinds, and one for all lists of QuickBooks."""
DOCUMENTED: tuple[Route, ...] = (
    *_OTHERS,
    *(_of_a_list(step, of) for step, of in connectors.LISTS.items()),
    *(route for kind in Kind for route in routes_records.of_records(routes_records.Words.of(kind))),
)
"""The same routes as they are documented: one for each kind, with its own schemas, and for each list what it can be
searched by."""
