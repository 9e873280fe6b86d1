"""The page of one error group, and what people may do there: snooze, assign, note, dismiss all."""

from collections.abc import Callable, Mapping
from datetime import datetime

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from qbwc_server.access import users
from qbwc_server.desk.error_records import caring, error_groups
from qbwc_server.domain.care import LONGEST_NOTE
from qbwc_server.domain.faults import InvalidInput, place_in_words, remark_in_words
from qbwc_server.web.context import actor, core
from qbwc_server.web.site import error_messages, ways_out
from qbwc_server.web.site.errors import listing, page_asked

pages = Blueprint("error_groups", __name__)


@pages.app_template_filter()
def day(moment: datetime) -> str:
    """The date of a moment that is the beginning of a day (UTC): `2026-12-01`."""
    return f"{moment:%Y-%m-%d}"


pages.add_app_template_filter(place_in_words, "place")
pages.add_app_template_filter(remark_in_words, "remark")

PAGE_SIZE = 50
"""So many members stand on a page."""


@pages.get("/connectors/<connector:name>/errors/group")
def show(name: str) -> str:
    """One group: what waits, what to do, the ways out, who looks after it, what became of it."""
    cause = request.args.get("cause", "")
    # an address that was cut off says no group: whoever has it looks among all
    return group_page(name, cause, request.args.get("key", ""), page=page_asked()) if cause else listing(name)


def group_page(
    name: str,
    cause: str,
    key: str,
    *,
    page: int = 1,
    typed: Mapping[str, str] | None = None,
    faults: Mapping[str, str] | None = None,
) -> str:
    """The page of one group, with what was typed and what is wrong with it."""
    found = error_groups.group(core(), name, cause, key, page=page, page_size=PAGE_SIZE)
    return render_template(
        "error_group.html",
        found=found,
        connector=found.connector,
        error=found.example,
        offer=found.offer,
        message=error_messages.of_group(found),
        people=[user.name for user in users.every(core())],
        **ways_out.shown(name, found.offer),
        page_size=PAGE_SIZE,
        longest_note=LONGEST_NOTE,
        typed=typed or {},
        faults=faults or {},
    )


def address(name: str, cause: str, key: str) -> str:
    """The address of a group, which stays the same as long as it can be told what waits."""
    return url_for("error_groups.show", name=name, cause=cause, key=key)


@pages.post("/connectors/<connector:name>/errors/group/snooze")
def snooze(name: str) -> ResponseReturnValue:
    """Let it sleep until a date."""
    until = request.form.get("until", "")
    return _done(
        name,
        lambda cause, key: caring.snooze(core(), name, cause, key, until, actor=actor()),
        f"Snoozed until {until.strip()}. It comes back by itself then, or before if it becomes more.",
    )


@pages.post("/connectors/<connector:name>/errors/group/wake")
def wake(name: str) -> ResponseReturnValue:
    """End its sleep."""
    return _done(
        name,
        lambda cause, key: caring.wake(core(), name, cause, key, actor=actor()),
        "It stands among the open errors again.",
    )


@pages.post("/connectors/<connector:name>/errors/group/assign")
def assign(name: str) -> ResponseReturnValue:
    """Say who looks after it."""
    whom = request.form.get("assignee", "")
    return _done(
        name,
        lambda cause, key: caring.assign(core(), name, cause, key, whom, actor=actor()),
        f"{whom} looks after it now." if whom else "Nobody in particular looks after it now.",
    )


@pages.post("/connectors/<connector:name>/errors/group/note")
def note(name: str) -> ResponseReturnValue:
    """Note something for the next person."""
    text = request.form.get("text", "")
    return _done(
        name, lambda cause, key: caring.note(core(), name, cause, key, text, actor=actor()), "Noted."
    )


def _done(name: str, act: Callable[[str, str], None], sentence: str) -> ResponseReturnValue:
    cause, key = request.form.get("cause", ""), request.form.get("key", "")
    if not cause:
        abort(400)
    try:
        act(cause, key)
    except InvalidInput as error:
        faults = {fault.pointer.lstrip("/"): fault.message for fault in error.faults}
        return group_page(name, cause, key, typed=request.form, faults=faults), 422
    flash(sentence, "success")
    return redirect(address(name, cause, key))
