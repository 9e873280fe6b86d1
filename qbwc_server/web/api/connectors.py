"""Connectors: their health and settings, a new load of the lists, and what QuickBooks' lists hold."""

from collections.abc import Iterator

from qbwc_server.desk import overview
from qbwc_server.desk.administration import connectors
from qbwc_server.desk.handing_over import host
from qbwc_server.desk.lists import search
from qbwc_server.desk.pages import Page
from qbwc_server.desk.standing.connector_views import ConnectorView, ResyncView, SummaryView, settings_of
from qbwc_server.domain.faults import Fault, InvalidInput, NotFound
from qbwc_server.domain.kinds import ListName
from qbwc_server.domain.settings import ConnectorSettings
from qbwc_server.web.api import shapes
from qbwc_server.web.api.serving import Answer, Call

LISTS = {item.step: item for item in ListName}
"""`sales-tax-codes` → `ListName.SALES_TAX_CODE`."""


def listing(call: Call) -> Answer:
    """The connectors this key opens."""
    opened = call.key.connector if call.key else None
    after, limit = call.query.get("cursor", ""), call.query.get("limit", 100)
    if opened is None:
        found = overview.health_page(call.core, after=after, limit=limit)
    else:
        found = Page((overview.health(call.core, opened),) if opened > after else (), None)
    return Answer(shapes.page("connectors", found, lambda item: SummaryView.of(item).as_json()))


def show(call: Call, connector: str) -> Answer:
    """One connector."""
    return Answer(_shown(call, connector))


def _shown(call: Call, connector: str) -> dict[str, object]:
    return ConnectorView.whole(overview.health(call.core, connector), call.core.clock()).as_json()


def settings(call: Call, connector: str) -> Answer:
    """The settings of a connector."""
    return Answer(settings_of(connectors.get(call.core, connector)))


def change_settings(call: Call, connector: str) -> Answer:
    """Set some settings of a connector."""
    known = ConnectorSettings.model_fields
    values = {name: value for name, value in call.body.items() if name in known}
    faults = [Fault(f"/{name}", "there is no such setting") for name in call.body if name not in known]
    faults += _loosely_typed(values)
    if faults:
        told = {fault.pointer for fault in faults}
        raise InvalidInput([*faults, *(item for item in _faults_of(values) if item.pointer not in told)])
    return Answer(settings_of(connectors.change_settings(call.core, connector, values, actor=call.actor)))


def _loosely_typed(values: dict[str, object]) -> Iterator[Fault]:
    """On the command line everything is text; in JSON a yes or no is true or false, and a number a number."""
    for name, value in values.items():
        wanted = ConnectorSettings.model_fields[name].annotation
        if wanted is bool and not isinstance(value, bool) and value != "":
            yield Fault(f"/{name}", "true or false expected")
        elif wanted is int and isinstance(value, str | bool) and value != "":
            yield Fault(f"/{name}", "a whole number expected")


def _faults_of(values: dict[str, object]) -> tuple[Fault, ...]:
    try:
        ConnectorSettings().changed(**values)
    except InvalidInput as error:
        return error.faults
    return ()


def resync(call: Call, connector: str) -> Answer:
    """Have the list cache loaded anew at the Web Connector's next visit."""
    since = connectors.resync(call.core, connector, actor=call.actor)
    health, now = overview.health(call.core, connector), call.core.clock()
    return Answer(ResyncView.asked(health, now, already=since is not None).as_json(), 202)


def look_up(call: Call, connector: str, list_name: str) -> Answer:
    """What a list of QuickBooks holds, as the list cache knows it."""
    if list_name not in LISTS:
        raise NotFound(f"there is no list {list_name!r}; there are {', '.join(LISTS)}")
    if "q" in call.query:
        return Answer(shapes.cached_list(_picked(call, connector, LISTS[list_name])))
    found = host.look_up(
        call.core,
        connector,
        LISTS[list_name],
        email=call.query.get("email"),
        sku=call.query.get("sku"),
        name=call.query.get("name"),
        after=call.query.get("cursor", ""),
        limit=call.query.get("limit", 100),
    )
    return Answer(shapes.cached_list(found))


def _picked(call: Call, connector: str, list_name: ListName) -> host.CachedList:
    """What somebody may mean who types: not to be narrowed further, and in one page."""
    others = sorted(set(call.query) - {"q", "limit"})
    if others:
        raise InvalidInput([Fault(f"/{name}", "goes without q") for name in others])
    limit = call.query.get("limit", search.MOST_PICKED)
    return search.picker(call.core, connector, list_name, call.query["q"], limit=limit)
