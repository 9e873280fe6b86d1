"""The one search of the site: what people know of a document, over all connectors."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from qbwc_server.desk.documents.documents import Recognised
from qbwc_server.desk.lists import searching
from qbwc_server.domain.typed import LONGEST
from qbwc_server.web.context import core

pages = Blueprint("search", __name__)

MOST_CONNECTORS = 8
"""Of so many connectors the lists are offered to be searched; of more, one has to be chosen first."""


@pages.get("/search")
def show() -> ResponseReturnValue:
    """What was found by a text; straight to the record where that is the only one and exactly what was typed."""
    text = request.args.get("q", "")[:LONGEST].strip()
    found = searching.everywhere(core(), text)
    if found.only is not None and "list" not in request.args:
        return redirect(page_of(found.only))
    return render_template("search.html", found=found, wanted=text, most_connectors=MOST_CONNECTORS)


def page_of(known: Recognised) -> str:
    """The address of a record's page."""
    return url_for("records.show", name=known.connector, kind=known.kind, external_id=known.external_id)
