"""Open error records of a connector, grouped by cause key, and retrying them."""

import re

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from qbwc_server.domain.faults import NotFound
from qbwc_server.sync import connectors, errors
from qbwc_server.web.context import actor, core

from .access import safe_target

pages = Blueprint("errors", __name__)

MOST_LISTED = 50
"""So many records of one group are listed; behind one cause there may be thousands."""

_ERROR_ID = re.compile(r"[0-9]{1,9}")


@pages.get("/connectors/<connector:name>/errors")
def listing(name: str) -> str:
    """What stands in the way: one entry a cause key, with everything that waits behind it."""
    connector = connectors.get(core(), name)
    found = errors.find(core(), connector=name)
    cause = request.args.get("cause") or None
    causes = sorted({error.cause for error in found})
    chosen = [error for error in found if cause in (None, error.cause)]
    return render_template(
        "errors.html",
        connector=connector,
        groups=errors.group(chosen),
        causes=causes,
        cause=cause,
        total=len(found),
        most_listed=MOST_LISTED,
    )


@pages.post("/connectors/<connector:name>/errors/retry")
def retry(name: str) -> ResponseReturnValue:
    """Release one error record (`id`), or all behind a cause key (`cause_key`)."""
    ids = [int(text) for text in request.form.getlist("id") if _ERROR_ID.fullmatch(text)]
    cause_key = request.form.get("cause_key") or None
    if ids or cause_key:
        flash(*_retried(name, ids, cause_key))
    else:
        flash("Nothing was chosen to be retried.", "warning")
    return redirect(safe_target(request.form.get("next")) or url_for("errors.listing", name=name))


def _retried(name: str, ids: list[int], cause_key: str | None) -> tuple[str, str]:
    """Retry, and tell the outcome in a sentence with its category."""
    try:
        outcome = errors.retry(core(), name, ids=ids, cause_key=cause_key, actor=actor())
    except NotFound:
        return "There was nothing left to retry: the cause has gone away in the meantime.", "info"
    return _told(outcome.released, outcome.still_blocked)


def _told(released: int, still_blocked: int) -> tuple[str, str]:
    sent = f"{released:,} released, to be sent the next time the Web Connector calls."
    if not still_blocked:
        return sent, "success"
    verb = "is" if still_blocked == 1 else "are"
    blocked = f"{still_blocked:,} {verb} still blocked: the cause has not gone away."
    return (f"{sent} {blocked}" if released else blocked), "warning"
