"""The log of a connector: what happened, newest first, the sessions, and whole message sets for admins."""

from flask import Blueprint, render_template, request

from qbwc_server.desk import connectors, exchanges, history
from qbwc_server.web.addresses import LARGEST_ID
from qbwc_server.web.context import core

from .access import admin_only

pages = Blueprint("log", __name__)

EVENTS, SESSIONS = 50, 10
"""So many are shown on a page."""


@pages.get("/connectors/<connector:name>/log")
def show(name: str) -> str:
    """What happened and the sessions, each with its own way back into the past."""
    before, sessions_before = _id("before"), _id("sessions_before")
    # one more than is shown tells whether there is anything older
    found = history.whole_log(
        core(),
        name,
        before=before,
        sessions_before=sessions_before,
        limit=EVENTS + 1,
        session_limit=SESSIONS + 1,
    )
    entries, visits = found.entries, found.visits
    return render_template(
        "log.html",
        connector=found.connector,
        entries=entries[:EVENTS],
        visits=visits[:SESSIONS],
        before=before,
        sessions_before=sessions_before,
        older=entries[EVENTS - 1].event.id if len(entries) > EVENTS else None,
        older_sessions=visits[SESSIONS - 1].session.id if len(visits) > SESSIONS else None,
    )


@pages.get(f"/connectors/<connector:name>/message-sets/<int(max={LARGEST_ID}):set_id>")
@admin_only
def message_set(name: str, set_id: int) -> str:
    """A message set and its answer as XML, with whatever records travelled in it."""
    connector = connectors.get(core(), name)
    return render_template(
        "message_set.html", connector=connector, whole=exchanges.whole(core(), name, set_id)
    )


def _id(name: str) -> int | None:
    number = request.args.get(name, type=int)
    return number if number is not None and 0 < number <= LARGEST_ID else None
