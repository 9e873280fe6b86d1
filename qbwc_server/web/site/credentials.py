"""What lets the Web Connector in: a new connector, its password, its .qwc file, and the full reset.

A password is shown once, in the answer to the button that made it: it is stored as a digest only, and it is
neither kept in the session cookie nor in a cache. So that reloading such a page does not make another
password, every form carries a mark of the credentials it was drawn for and is refused when they have changed.
"""

import hashlib
from io import BytesIO

from flask import Blueprint, render_template, request, send_file
from flask.typing import ResponseReturnValue

from qbwc_server.desk import connectors
from qbwc_server.domain import qwc
from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.faults import Conflict, Fault, InvalidInput
from qbwc_server.domain.rights import Right
from qbwc_server.web.context import actor, core

from .access import admin_only, needs
from .forms import by_field

pages = Blueprint("credentials", __name__)

_RESERVED = "new"
_CHANGED = (
    "The password was changed since this page was opened, so nothing was done now. A password is shown only "
    "once: if nobody noted it, open the connector and make a new one."
)
_MISTYPED = "Type the connector's name exactly as it stands above."


@pages.get("/connectors/new")
@admin_only
def draft() -> str:
    """The form that makes a connector."""
    return render_template("connector_new.html", typed={}, faults={})


@pages.post("/connectors/new")
@admin_only
def create() -> ResponseReturnValue:
    """Make a connector and show its password, once."""
    form = request.form
    name, company_file = form.get("name", "").strip(), form.get("company_file", "").strip()
    try:
        made = _add(name, company_file or None)
    except InvalidInput as error:
        return render_template("connector_new.html", typed=form, faults=by_field(error)), 422
    except Conflict:
        faults = {"name": "There is a connector of this name already."}
        return render_template("connector_new.html", typed=form, faults=faults), 409
    return _handover("connector_created.html", made.connector, made.password)


def _add(name: str, company_file: str | None) -> connectors.NewConnector:
    if name == _RESERVED:
        # its page would have the address of this form
        raise InvalidInput([Fault("/name", "this name is reserved, choose another")])
    return connectors.add(core(), name, company_file=company_file, actor=actor())


@pages.get("/connectors/<connector:name>/connector.qwc")
@needs(Right.QWC)
def download(name: str) -> ResponseReturnValue:
    """The file that introduces the connector to the Web Connector."""
    try:
        content = connectors.qwc(core(), name)
    except InvalidInput as error:
        connector = connectors.get(core(), name)
        return render_template("qwc_unusable.html", connector=connector, faults=error.faults), 409
    # a connector's name is made of letters, digits, dots, dashes and underscores: safe in a file name
    return send_file(
        BytesIO(content), mimetype=qwc.MEDIA_TYPE, as_attachment=True, download_name=f"qbwc-{name}.qwc"
    )


@pages.get("/connectors/<connector:name>/password")
@needs(Right.NEW_PASSWORD)
def ask_password(name: str) -> str:
    """What a new password means, and the button for it."""
    return _ask("password.html", name)


@pages.post("/connectors/<connector:name>/password")
@needs(Right.NEW_PASSWORD)
def rotate_password(name: str) -> ResponseReturnValue:
    """Give the connector a new password and show it, once."""
    connector = _unchanged(name)
    password = connectors.rotate_password(core(), name, actor=actor())
    return _handover("password_rotated.html", connector, password)


@pages.get("/connectors/<connector:name>/full-reset")
@needs(Right.FULL_RESET)
def ask_full_reset(name: str) -> str:
    """What a full reset does; the connector's name has to be typed."""
    return _ask("full_reset.html", name)


@pages.post("/connectors/<connector:name>/full-reset")
@needs(Right.FULL_RESET)
def full_reset(name: str) -> ResponseReturnValue:
    """Start the connector over, and walk through what has to be done at the Web Connector."""
    connector = _unchanged(name)
    if request.form.get("name", "").strip() != connector.name:
        return _ask("full_reset.html", name, fault=_MISTYPED), 422
    password = connectors.reset(core(), name, full=True, actor=actor())
    return _handover("full_reset_done.html", connectors.get(core(), name), password)


def _ask(template: str, name: str, fault: str = "") -> str:
    connector = connectors.get(core(), name)
    return render_template(template, connector=connector, mark=_mark(connector), fault=fault)


def _handover(template: str, connector: Connector, password: str | None) -> str:
    return render_template(
        template, connector=connector, password=password, soap_url=connectors.soap_url(core())
    )


def _unchanged(name: str) -> Connector:
    """The connector, when its credentials are still those the submitted form was drawn for.

    Raises:
        Conflict: they have changed since: the form was sent twice, or somebody else was quicker.
    """
    connector = connectors.get(core(), name)
    if request.form.get("mark") != _mark(connector):
        raise Conflict(_CHANGED)
    return connector


def _mark(connector: Connector) -> str:
    """Tells two states of the credentials apart without giving anything of them away."""
    state = f"{connector.password_digest} {connector.file_id}"
    return hashlib.sha256(state.encode()).hexdigest()[:16]
