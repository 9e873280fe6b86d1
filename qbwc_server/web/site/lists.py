"""QuickBooks' lists as they are known here: looked through by name, and searched."""

from flask import Blueprint, render_template, request

from qbwc_server.desk.lists import browsing
from qbwc_server.domain.kinds import ListName
from qbwc_server.domain.typed import LONGEST
from qbwc_server.web.context import core

pages = Blueprint("lists", __name__)

PAGE_SIZE = 100


@pages.get("/connectors/<connector:name>/lists")
def listing(name: str) -> str:
    """Which lists there are, how long they are, and when they were read."""
    found = browsing.known(core(), name)
    return render_template(
        "lists.html",
        connector=found.connector,
        loads=[load for load in found.loads if load.is_wanted],
        unwanted=[load.list_name for load in found.loads if not load.is_wanted],
    )


@pages.get("/connectors/<connector:name>/lists/<list:list_name>")
def show(name: str, list_name: ListName) -> str:
    """One list: a page of it by name, or what of it holds a text."""
    text = request.args.get("q", "")[:LONGEST].strip()
    with_deleted = "deleted" in request.args
    if text:
        found = browsing.found(core(), name, list_name, text)
    else:
        behind, before = _place("after"), _place("before")
        found = browsing.page(
            core(), name, list_name, behind=behind, before=before, with_deleted=with_deleted, limit=PAGE_SIZE
        )
    return render_template(
        "list.html",
        connector=found.connector,
        list_name=list_name,
        found=found,
        wanted=text,
        with_deleted=with_deleted,
        most_found=browsing.MOST_FOUND,
    )


def _place(argument: str) -> tuple[str, str] | None:
    """Where a page begins or ends: a ListID and the folded name; None: at the end of the list."""
    list_id, colon, name = request.args.get(argument, "").partition(":")
    return (name, list_id) if colon else None
