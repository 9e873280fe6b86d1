"""The page of an onboarding link: connecting QuickBooks step by step, without an account and without any other page."""

from io import BytesIO
from math import ceil

from flask import Blueprint, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from qbwc_server.access import guests
from qbwc_server.desk.administration import connectors, onboarding
from qbwc_server.desk.administration.onboarding import Guest, Over
from qbwc_server.domain import qwc
from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.faults import Conflict, InvalidInput, NotFound
from qbwc_server.domain.onboarding import DAYS, Onboarding, hours_of
from qbwc_server.domain.settings import ConnectorSettings
from qbwc_server.web.context import core
from qbwc_server.web.headers import may_fetch, without_path
from qbwc_server.web.site import once
from qbwc_server.web.site.forms import by_field
from qbwc_server.web.site.presentation import count

pages = Blueprint("guest", __name__)

_ONE = "/onboard/<token>"

ZONES = (
    ("America/New_York", "Eastern time (New York)"),
    ("America/Chicago", "Central time (Chicago)"),
    ("America/Denver", "Mountain time (Denver)"),
    ("America/Phoenix", "Arizona (Phoenix)"),
    ("America/Los_Angeles", "Pacific time (Los Angeles)"),
    ("America/Anchorage", "Alaska (Anchorage)"),
    ("Pacific/Honolulu", "Hawaii (Honolulu)"),
    ("America/Halifax", "Atlantic time (Halifax)"),
    ("America/St_Johns", "Newfoundland (St. John's)"),
    ("Europe/London", "United Kingdom (London)"),
    ("UTC", "UTC"),
)
"""Where QuickBooks Desktop is sold; a connector's own zone is offered beside them."""


@pages.get(_ONE)
def show(token: str) -> ResponseReturnValue:
    """The steps, each ticked as the server sees it."""
    return may_fetch(without_path(_page(onboarding.guest(core(), token), token)))


@pages.get(f"{_ONE}/steps")
def steps(token: str) -> str:
    """The steps alone, for the page to be kept up to date by its script."""
    return _page(onboarding.guest(core(), token), token, template="onboard_steps.html")


@pages.get(f"{_ONE}/connector.qwc")
def download(token: str) -> ResponseReturnValue:
    """The file that introduces the connector to the Web Connector."""
    try:
        connector, content = onboarding.download(core(), token)
    except InvalidInput:
        return without_path(render_template("onboard_over.html", reason="address", made_by="")), 409
    name = f"qbwc-{connector.name}.qwc"
    return send_file(BytesIO(content), mimetype=qwc.MEDIA_TYPE, as_attachment=True, download_name=name)


@pages.post(f"{_ONE}/password")
def take_password(token: str) -> ResponseReturnValue:
    """Make a new password; this browser shows it for a few minutes, and no other one ever does."""
    salt, seen = once.new_salt(), onboarding.guest(core(), token)
    try:
        onboarding.take_password(core(), token, salt)
    except Conflict as error:
        return without_path(_page(onboarding.guest(core(), token), token, problem=f"{error}.")), 409
    once.keep(_kept(seen), salt)
    return redirect(f"{url_for('guest.show', token=token)}#password")


@pages.post(f"{_ONE}/hours")
def ask_hours(token: str) -> ResponseReturnValue:
    """Note when they would have it run."""
    form = request.form
    try:
        wanted = hours_of(
            form.getlist("days"), form.get("start", ""), form.get("end", ""), form.get("time_zone", "")
        )
        onboarding.ask_hours(core(), token, wanted)
    except InvalidInput as error:
        faults = by_field(error)
        return without_path(_page(onboarding.guest(core(), token), token, faults=faults, typed=form)), 422
    except Conflict as error:
        return without_path(_page(onboarding.guest(core(), token), token, problem=f"{error}.")), 409
    return redirect(f"{url_for('guest.show', token=token)}#hours")


@pages.errorhandler(Over)
def over(error: Over) -> ResponseReturnValue:
    """The link was good once: whom to ask for another one."""
    if request.endpoint == "guest.steps":
        return "", 404  # its page says that it is kept up to date no longer
    asked = onboarding.asked(error.made_by)
    return without_path(render_template("onboard_over.html", reason="over", made_by=asked)), 410


@pages.errorhandler(NotFound)
def unknown(error: NotFound) -> ResponseReturnValue:
    """There never was such a link; whoever tries many has to wait."""
    wait = guests.guessed(core(), request.remote_addr or "")
    if wait is None:
        return without_path(render_template("onboard_over.html", reason="unknown", made_by="")), 404
    seconds = ceil(wait.total_seconds())
    page = render_template("onboard_over.html", reason="waiting", wait=count(seconds, "second"), made_by="")
    return without_path(page), 429, {"Retry-After": str(seconds)}


def _page(
    seen: Guest,
    token: str,
    *,
    problem: str = "",
    faults: dict[str, str] | None = None,
    typed: MultiDict[str, str] | None = None,
    template: str = "onboard.html",
) -> str:
    connector, link = seen.connector, seen.link
    salt = once.kept(_kept(seen))
    zone = link.hours.time_zone if link.hours else _zone_of(connector)
    known = [name for name, _ in ZONES]
    return render_template(
        template,
        token=token,
        link=link,
        arrival=seen.arrival,
        connector=connector,
        password=connectors.shown_password(core(), connector, salt) if salt else None,
        made_by=onboarding.asked(link.made_by),
        problem=problem,
        faults=faults or {},
        typed=typed,
        weekdays=DAYS,
        ticked=_ticked(link, typed),
        zones=ZONES if not zone or zone in known else ((zone, zone), *ZONES),
        zone=zone,
    )


def _zone_of(connector: Connector) -> str:
    """The zone somebody chose for the connector, if any did: few of them mean the one that is set from the start."""
    zone = connector.settings.time_zone
    return "" if zone == ConnectorSettings().time_zone else zone


def _ticked(link: Onboarding, typed: MultiDict[str, str] | None) -> list[str]:
    """The days that are ticked: those somebody has just ticked, those asked for before, or those of a usual week."""
    if typed is not None:
        return typed.getlist("days")
    return [DAYS[day] for day in (link.hours.days if link.hours else range(5))]


def _kept(seen: Guest) -> str:
    return f"onboarding password {seen.link.id}"
