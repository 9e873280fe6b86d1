"""What stands above every page of a connector: its badge, its tabs, and which of them is open."""

from flask import Flask

from qbwc_server.desk.overview import Summary
from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.kinds import Kind
from qbwc_server.web.site import live

KINDS = (Kind.ITEM, Kind.CUSTOMER, Kind.VENDOR, Kind.INVOICE, Kind.PURCHASE_ORDER)
"""The kinds that everybody asks for; any other stands under “More”."""


def standing_of(connector: Connector) -> Summary:
    """How a connector is doing, for its badge and the number of its errors."""
    return live.above(connector).standing


def install(app: Flask) -> None:
    """Make it known to the templates of `app`."""
    app.jinja_env.globals.update(
        standing_of=standing_of, tab_kinds=KINDS, more_kinds=tuple(kind for kind in Kind if kind not in KINDS)
    )
