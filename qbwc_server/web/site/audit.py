"""What people did over all connectors and to the installation, for admins."""

from typing import Any

from flask import Blueprint, Response, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue

from qbwc_server.desk.logs import audit
from qbwc_server.desk.logs.audit import AuditLine, Both
from qbwc_server.desk.logs.event_words import doer
from qbwc_server.desk.logs.log import Wanted
from qbwc_server.desk.logs.log_kinds import DEED_KINDS
from qbwc_server.domain.setting_changes import difference_in_words
from qbwc_server.web.context import core
from qbwc_server.web.site import csv_files, log_filters
from qbwc_server.web.site.access import admin_only
from qbwc_server.web.site.log_filters import Filters
from qbwc_server.web.site.zones import zone

pages = Blueprint("audit", __name__)


@pages.get("/audit")
@admin_only
def show() -> ResponseReturnValue:
    """Everybody's deeds, the newest first."""
    filters = log_filters.read(DEED_KINDS, str(zone()))
    if filters.faults:
        people = [filters.by] if filters.by else []
        page = render_template(
            "audit.html", filters=filters, kinds_of_log=DEED_KINDS, people=people, found=None
        )
        return page, 422
    before, after = Both.read(request.args.get("before")), Both.read(request.args.get("after"))
    found = audit.page(core(), _wanted(filters), filters.kind, before=before, after=after)
    people = list(dict.fromkeys([*found.people, *filter(None, [filters.by])]))
    return render_template(
        "audit.html",
        filters=filters,
        kinds_of_log=DEED_KINDS,
        people=people,
        found=found,
        is_later=before is not None,
        newer=_address(filters, after=found.newer),
        older=_address(filters, before=found.older),
        file=url_for("audit.file", **_typed(filters)),
    )


@pages.get("/audit.csv")
@admin_only
def file() -> Response:
    """The same as a table."""
    filters = log_filters.read(DEED_KINDS, str(zone()))
    if filters.faults:
        abort(422)
    head = (
        "at (UTC)",
        "by",
        "connector",
        "about",
        "id",
        "what",
        "detail",
        "old and new",
        "times",
        "last (UTC)",
    )
    lines = audit.stream(core(), _wanted(filters), filters.kind)
    return csv_files.answer("audit", head, map(_row, lines))


def _row(line: AuditLine) -> tuple[object, ...]:
    about = line.record.words if line.record else line.about
    changes = "; ".join(map(difference_in_words, (line.data or {}).get("changes", ())))
    times = line.times + line.others
    detail = None if changes else line.detail
    return (
        line.at,
        doer(line.actor),
        line.connector,
        about,
        line.record.external_id if line.record else None,
        line.what,
        detail,
        changes,
        times,
        line.last_at,
    )


def _wanted(filters: Filters) -> Wanted:
    return Wanted(True, filters.by, filters.types, filters.words, filters.since, filters.until)


def _address(filters: Filters, **place: Both | None) -> str | None:
    """The address of a page on either side with the same filters, if there is one."""
    if not any(place.values()):
        return None
    values = _typed(filters) | {name: str(each) for name, each in place.items()}
    return url_for("audit.show", **values)


def _typed(filters: Filters) -> dict[str, Any]:
    return dict(filters.typed)
