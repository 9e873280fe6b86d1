"""The onboarding link of a connector, for staff: made, shown once, taken back, and how far its holder has come."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from qbwc_server.desk.administration import connectors, onboarding
from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.faults import Conflict, InvalidInput
from qbwc_server.domain.onboarding import LIFE
from qbwc_server.domain.rights import Right
from qbwc_server.web.context import actor, core, now
from qbwc_server.web.site import once
from qbwc_server.web.site.access import admin_only, needs

pages = Blueprint("onboarding", __name__)

_PAGE = "/connectors/<connector:name>/onboarding"


@pages.get(_PAGE)
@needs(Right.ONBOARDING)
def show(name: str) -> str:
    """The link there is, if any, and how far its holder has come."""
    connector, link, arrival = onboarding.newest(core(), name)
    salt = once.kept(_kept(connector))
    is_good = link is not None and link.is_good(now())
    return render_template(
        "onboarding.html",
        connector=connector,
        link=link,
        is_good=is_good,
        arrival=arrival,
        address=onboarding.address_of(core(), salt) if salt and is_good else None,
        hours=LIFE.days * 24,
    )


@pages.post(_PAGE)
@needs(Right.ONBOARDING)
def make(name: str) -> ResponseReturnValue:
    """Make a link; one made before is dead."""
    salt = once.new_salt()
    try:
        onboarding.make(core(), name, salt, actor=actor())
    except InvalidInput as error:
        return render_template(
            "qwc_unusable.html", connector=connectors.get(core(), name), faults=error.faults
        ), 409
    once.keep(_kept(connectors.get(core(), name)), salt)
    return redirect(url_for("onboarding.show", name=name))


@pages.post(f"{_PAGE}/revoke")
@needs(Right.ONBOARDING)
def revoke(name: str) -> ResponseReturnValue:
    """Let the link open nothing any more."""
    was_good = onboarding.revoke(core(), name, actor=actor())
    flash(
        "The link is revoked: it opens nothing any more." if was_good else "No link was good any more.",
        "success" if was_good else "info",
    )
    return redirect(url_for("onboarding.show", name=name))


@pages.post(f"{_PAGE}/hours")
@admin_only
def set_hours(name: str) -> ResponseReturnValue:
    """Leave QuickBooks alone outside the hours, and on the other days than those, that were asked for."""
    _, link, _ = onboarding.newest(core(), name)
    if link is None or link.hours is None:
        raise Conflict("nobody has asked for hours any more")
    values = {
        "quiet_hours": link.hours.quiet_hours,
        "quiet_days": link.hours.quiet_days,
        "time_zone": link.hours.time_zone,
    }
    connectors.change_settings(core(), name, values, actor=actor())
    flash(
        f"Set: QuickBooks is worked with {link.hours.words()}, and left alone at all other times.", "success"
    )
    return redirect(url_for("onboarding.show", name=name))


def _kept(connector: Connector) -> str:
    return f"onboarding link {connector.id}"
