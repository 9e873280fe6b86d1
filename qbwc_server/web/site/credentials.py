"""What lets the Web Connector in: a new connector, its password, its .qwc file, and the full reset.

A password is shown to the browser that made it, for a quarter of an hour (`once`), on a page of its own: going back
to it or reloading it sends no form. It is stored as a digest only, and stands in no cookie and no cache. So that a
form that is sent twice does not make another password, each carries a mark of the credentials it was drawn for and is
refused when they have changed.
"""

import hashlib
from collections.abc import Mapping
from io import BytesIO

from flask import Blueprint, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from qbwc_server.desk.administration import connectors
from qbwc_server.domain import qwc
from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.faults import Conflict, Fault, InvalidInput
from qbwc_server.domain.rights import Right
from qbwc_server.web.context import actor, core
from qbwc_server.web.site import once
from qbwc_server.web.site.access import admin_only, needs, safe_target
from qbwc_server.web.site.forms import Field, by_field, read
from qbwc_server.web.site.public_address import address_facts, address_faults

pages = Blueprint("credentials", __name__)

_RESERVED = "new"
_CHANGED = (
    "The password was changed since this page was opened, so nothing was done now. A password is shown only "
    "once: if nobody noted it, open the connector and create a new one."
)
_MISTYPED = "Type the connector's name exactly as it stands above."


@pages.get("/connectors/new")
@admin_only
def draft() -> ResponseReturnValue:
    """The form that makes a connector, once the Web Connector would take this server's address."""
    return _draft({})


@pages.post("/connectors/new")
@admin_only
def create() -> ResponseReturnValue:
    """Make a connector, and go on with setting it up. Nothing is made while the Web Connector would refuse it."""
    form, salt = request.form, once.new_salt()
    if address_faults():
        return _draft({}, 409)
    try:
        made = _add(form, salt)
    except InvalidInput as error:
        return _draft(by_field(error, _FIELDS), 422)
    except Conflict:
        return _draft({"name": "There is a connector of this name already."}, 409)
    once.keep(_kept(made), salt)
    return redirect(url_for("setting_up.show", name=made.name))


def _draft(faults: dict[str, str], status: int = 200) -> ResponseReturnValue:
    page = render_template(
        "connector_new.html", typed=request.form, faults=faults, every=_FIELDS[0], **address_facts()
    )
    return page, status


_FIELDS = (Field("run_every_minutes", "Minutes between two runs", kind="number", least=1, most=1440),)


def _add(form: Mapping[str, str], salt: str) -> Connector:
    name = form.get("name", "").strip()
    if name == _RESERVED:
        # its page would have the address of this form
        raise InvalidInput([Fault("/name", "this name is reserved, choose another")])
    settings = read(_FIELDS, form) if "run_every_minutes" in form else {}
    company_file = form.get("company_file", "").strip() or None
    made = connectors.add(
        core(), name, company_file=company_file, settings=settings, salt=salt, actor=actor()
    )
    return made.connector


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
    salt = once.new_salt()
    connectors.rotate_password(core(), name, salt=salt, actor=actor())
    once.keep(_kept(connector), salt)
    return redirect(url_for("credentials.handover", name=name))


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
    salt = once.new_salt()
    connectors.reset(core(), name, full=True, salt=salt, actor=actor())
    once.keep(_kept(connector), salt)
    return redirect(url_for("credentials.handover", name=name, after="reset"))


@pages.get("/connectors/<connector:name>/handover")
def handover(name: str) -> ResponseReturnValue:
    """The password this browser has just made, and what is to be done with it."""
    connector = connectors.get(core(), name)
    password = password_of(connector)
    if password is None:
        return render_template("handover_gone.html", connector=connector)
    is_reset = request.args.get("after") == "reset"
    template = "full_reset_done.html" if is_reset else "password_rotated.html"
    return _handover(template, connector, password)


@pages.post("/connectors/<connector:name>/handover")
def noted(name: str) -> ResponseReturnValue:
    """Show the password no more: whoever made it has noted it."""
    once.forget(_kept(connectors.get(core(), name)))
    return redirect(safe_target(request.form.get("next")) or url_for("connectors.show", name=name))


def password_of(connector: Connector) -> str | None:
    """The password that this browser may still show, as long as it is the connector's."""
    salt = once.kept(_kept(connector))
    return connectors.shown_password(core(), connector, salt) if salt else None


def _kept(connector: Connector) -> str:
    return f"password {connector.id}"


def _ask(template: str, name: str, fault: str = "") -> str:
    connector = connectors.get(core(), name)
    return render_template(template, connector=connector, mark=_mark(connector), fault=fault)


def _handover(template: str, connector: Connector, password: str | None) -> str:
    return render_template(template, connector=connector, password=password, soap_url=core().soap_url)


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
