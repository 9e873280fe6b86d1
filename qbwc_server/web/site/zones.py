"""In which time zone moments are told: the viewer's, as the script left it in a cookie; the connector's; or UTC."""

from datetime import UTC, datetime, tzinfo
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from flask import Flask, before_render_template, g, has_request_context, request

from qbwc_server.domain.connectors import Connector

COOKIE = "zone"


def install(app: Flask) -> None:
    """Have the pages of `app` about a connector told in its zone, where the viewer's is not known."""
    before_render_template.connect(_note_connector, app)


def zone() -> tzinfo:
    """The zone of this page."""
    if not has_request_context():
        return UTC
    return _named(request.cookies.get(COOKIE, "")) or g.get("zone", UTC)


def zone_name() -> str:
    """What it is called: `America/New York`, `UTC`."""
    return str(zone()).replace("_", " ")


def local(moment: datetime) -> datetime:
    """`moment` as it is told on this page."""
    return moment.astimezone(zone())


def _note_connector(_: Flask, context: dict[str, Any], **__: Any) -> None:
    connector = context.get("connector") or getattr(context.get("health"), "connector", None)
    if isinstance(connector, Connector):
        g.zone = _named(connector.settings.time_zone) or UTC


def _named(name: str) -> tzinfo | None:
    """The zone of that name; None where nothing is called so."""
    return ZoneInfo(name) if name in _names() else None


@cache
def _names() -> frozenset[str]:
    return frozenset(available_timezones())
