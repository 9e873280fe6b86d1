"""The log of a connector: its visits, what people did and everything, and whole message sets for admins."""

from collections.abc import Callable, Iterable, Mapping
from itertools import groupby
from typing import Any

from flask import Blueprint, Response, abort, render_template, url_for
from flask.typing import ResponseReturnValue

from qbwc_server.desk.administration import connectors
from qbwc_server.desk.documents import exchanges
from qbwc_server.desk.logs import log, visits
from qbwc_server.desk.logs.event_words import doer, told
from qbwc_server.desk.logs.log import HOST, Line, Wanted
from qbwc_server.desk.logs.log_kinds import DEED_KINDS, KINDS, LogKind
from qbwc_server.desk.logs.visits import Asked, Visit, WantedVisits
from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.cursors import LARGEST_ID
from qbwc_server.domain.operations import Operation
from qbwc_server.domain.sessions import FINISHED, NOTHING_TO_DO, RESET_BY_STAFF, Session, SessionState
from qbwc_server.web.context import core
from qbwc_server.web.site import csv_files, log_filters
from qbwc_server.web.site.access import admin_only
from qbwc_server.web.site.log_filters import Filters

pages = Blueprint("log", __name__)

_LOG = "/connectors/<connector:name>/log"
_SET = f"/connectors/<connector:name>/message-sets/<int(max={LARGEST_ID}):set_id>"
FAILED = LogKind("With failures only")
VISIT_KINDS: Mapping[str, LogKind] = {"failed": FAILED}
SYSTEM = (HOST, "quickbooks", "server")
"""Who, beside people, does things."""


@pages.get(_LOG)
def show(name: str) -> ResponseReturnValue:
    """The visits of the Web Connector, each in a line."""
    connector, filters = _asked(name, VISIT_KINDS)
    if filters.faults:
        return _refused("log_visits.html", connector, filters, VISIT_KINDS)
    found = visits.page(core(), name, _wanted_visits(filters), filters.place)
    return _page("log_visits.html", "log.show", found.connector, filters, VISIT_KINDS, found)


@pages.get(f"{_LOG}/deeds")
def deeds(name: str) -> ResponseReturnValue:
    """What people did."""
    connector, filters = _asked(name, DEED_KINDS)
    if filters.faults:
        return _refused("log_events.html", connector, filters, DEED_KINDS)
    found = log.deeds(core(), name, _wanted(filters), filters.place)
    people = _people(filters, found.people)
    return _page("log_events.html", "log.deeds", found.connector, filters, DEED_KINDS, found, people)


@pages.get(f"{_LOG}/everything")
def everything(name: str) -> ResponseReturnValue:
    """All that happened."""
    connector, filters = _asked(name, KINDS)
    if filters.faults:
        return _refused("log_events.html", connector, filters, KINDS)
    found = log.everything(core(), name, _wanted(filters), filters.place)
    people = _people(filters, (*SYSTEM, *found.people))
    return _page("log_events.html", "log.everything", found.connector, filters, KINDS, found, people)


@pages.get(f"{_LOG}/visits/<int(max={LARGEST_ID}):session_id>")
def visit(name: str, session_id: int) -> str:
    """One visit with all it carried."""
    found = visits.one(core(), name, session_id, log_filters.place())
    return render_template(
        "log_visit.html", connector=found.connector, found=found, ended=ended, writes=_WRITES, runs=runs
    )


def runs(requests: Iterable[Asked]) -> Iterable[list[Asked]]:
    """The requests of a message set; those in a row that are about no record and went alike are one line."""

    def alike(one: Asked) -> tuple[object, ...]:
        line = one.request
        return (
            line.id if one.record else None,
            line.operation,
            line.settled,
            line.status_code,
            line.status_message,
        )

    return (list(run) for _, run in groupby(requests, alike))


# --- as files ---------------------------------------------------------------------------------------------


@pages.get(f"{_LOG}.csv")
def visits_file(name: str) -> Response:
    """The visits as a table."""
    wanted = _wanted_visits(_sound(name, VISIT_KINDS))
    head = ("visit", "began (UTC)", "seconds", "sent", "failed", "why it ended", "came from", "version")
    rows = (_visit_row(item) for item in visits.stream(core(), name, wanted))
    return csv_files.answer(f"{name}-visits", head, rows)


@pages.get(f"{_LOG}/deeds.csv")
def deeds_file(name: str) -> Response:
    """What people did as a table."""
    filters = _sound(name, DEED_KINDS)
    wanted = Wanted(True, filters.by, filters.types, filters.words, filters.since, filters.until)
    return _events_file(f"{name}-deeds", log.stream(core(), name, wanted))


@pages.get(f"{_LOG}/everything.csv")
def everything_file(name: str) -> Response:
    """All that happened as a table."""
    wanted = _wanted(_sound(name, KINDS))
    return _events_file(f"{name}-log", log.stream(core(), name, wanted))


def _events_file(name: str, lines: Iterable[Line]) -> Response:
    head = ("entry", "at (UTC)", "by", "about", "id", "what", "detail", "state")
    return csv_files.answer(name, head, map(_event_row, lines))


def _event_row(line: Line) -> tuple[object, ...]:
    event = line.event
    said = told(event)
    about = line.kind.label if line.kind else "connector"
    return (
        event.id,
        event.at,
        doer(event.actor),
        about,
        line.external_id,
        said.text,
        said.detail,
        event.to_state,
    )


def _visit_row(item: Visit) -> tuple[object, ...]:
    session = item.session
    return (
        session.id,
        session.opened_at,
        round(item.seconds, 1),
        item.sent,
        item.failed,
        ended(session),
        session.address,
        session.qbxml_version,
    )


# --- whole message sets -------------------------------------------------------------------------------------


@pages.get(_SET)
@admin_only
def message_set(name: str, set_id: int) -> str:
    """A message set and its answer as XML, with whatever records travelled in it."""
    connector = connectors.get(core(), name)
    return render_template(
        "message_set.html", connector=connector, whole=exchanges.whole(core(), name, set_id)
    )


@pages.get(f"{_SET}/request.xml")
@admin_only
def request_file(name: str, set_id: int) -> Response:
    """What was sent, as it was sent."""
    return _xml(f"{name}-{set_id}-request", exchanges.texts(core(), name, set_id)[0])


@pages.get(f"{_SET}/answer.xml")
@admin_only
def answer_file(name: str, set_id: int) -> Response:
    """What was answered, as it came."""
    return _xml(f"{name}-{set_id}-answer", exchanges.texts(core(), name, set_id)[1])


def _xml(name: str, text: str | None) -> Response:
    if not text:
        abort(404)
    response = Response(text.encode("utf-8", "replace"), mimetype="application/xml")
    response.headers.set("Content-Disposition", "attachment", filename=f"{name}.xml")
    return response


# --- what is asked for --------------------------------------------------------------------------------------


def _asked(name: str, kinds: Mapping[str, LogKind]) -> tuple[Connector, Filters]:
    connector = connectors.get(core(), name)
    return connector, log_filters.read(kinds, connector.settings.time_zone)


def _sound(name: str, kinds: Mapping[str, LogKind]) -> Filters:
    """The filters of a file; there is no form beside it to say what is wrong with them."""
    filters = _asked(name, kinds)[1]
    if filters.faults:
        abort(422)
    return filters


def _wanted(filters: Filters) -> Wanted:
    return Wanted(False, filters.by, filters.types, filters.words, filters.since, filters.until)


def _wanted_visits(filters: Filters) -> WantedVisits:
    return WantedVisits(filters.kind is FAILED, filters.words, filters.since, filters.until)


def _people(filters: Filters, known: Iterable[str]) -> list[str]:
    """Who can be chosen, and who is."""
    return list(dict.fromkeys([*known, *filter(None, [filters.by])]))


def _refused(
    template: str, connector: Connector, filters: Filters, kinds: Mapping[str, LogKind]
) -> ResponseReturnValue:
    page = render_template(
        template,
        connector=connector,
        filters=filters,
        kinds_of_log=kinds,
        people=_people(filters, ()),
        found=None,
    )
    return page, 422


def _page(
    template: str,
    endpoint: str,
    connector: Connector,
    filters: Filters,
    kinds: Mapping[str, LogKind],
    found: Any,
    people: Iterable[str] = (),
) -> str:
    return render_template(
        template,
        connector=connector,
        filters=filters,
        kinds_of_log=kinds,
        people=people,
        found=found,
        address=_address(endpoint, connector.name, filters),
        file=_address(_FILES[endpoint], connector.name, filters)(),
        ended=ended,
    )


_FILES = {
    "log.show": "log.visits_file",
    "log.deeds": "log.deeds_file",
    "log.everything": "log.everything_file",
}


def _address(endpoint: str, name: str, filters: Filters) -> Callable[..., str]:
    """Makes the address of another page with the same filters."""

    def made(**more: int | None) -> str:
        values: dict[str, Any] = {"name": name, **filters.typed, **more}
        return url_for(endpoint, **values)

    return made


_WRITES: Mapping[str, str] = {
    Operation.ADD.value: "to be created",
    Operation.MOD.value: "to be changed",
    Operation.VOID.value: "to be voided or closed",
}
"""What was wanted of a record."""

_ENDINGS: Mapping[str, str] = {
    FINISHED: "everything was done",
    NOTHING_TO_DO: "there was nothing to do",
    "no call for too long": "the Web Connector was not heard of any more",
    RESET_BY_STAFF: "somebody here reset it",
    "a new session took its place": "the Web Connector came again before it had ended",
}


def ended(session: Session) -> str:
    """Why a visit ended, in words."""
    if session.state is SessionState.OPEN:
        return "it is going on"
    return why_ended(session.end_reason)


@pages.app_template_filter("why_ended")
def why_ended(reason: str | None) -> str:
    """Why a visit that is over ended, in words."""
    return (_ENDINGS.get(reason or "", reason) or "not known").rstrip(".")
