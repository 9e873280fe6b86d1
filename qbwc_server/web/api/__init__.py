"""The REST API for host applications: an application of its own under ``/api``, without sessions and cookies."""

from collections.abc import Callable
from typing import Any

from flask import Flask
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from qbwc_server.access.budgets import Budgets
from qbwc_server.sync.core import Core
from qbwc_server.web import compression
from qbwc_server.web.api import addresses, budget, failures, keys, serving, viewer
from qbwc_server.web.api.failures import MOUNT
from qbwc_server.web.api.routes import SERVED
from qbwc_server.web.context import EXTENSION
from qbwc_server.web.headers import install_headers

__all__ = ["MOUNT", "create_api", "install"]


class _Api(Flask):
    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """See `Flask.ensure_sync`; no view here is a coroutine, and to ask each time whether it is takes its time."""
        return func


def install(site: Flask, core: Core, *, secure: bool) -> None:
    """Have `site` hand everything under ``/api`` to the REST API: no login, form or page has a say there."""
    api = create_api(core, secure=secure)
    mounted = DispatcherMiddleware(site.wsgi_app, {MOUNT: api})
    site.wsgi_app = mounted  # type: ignore[method-assign]  # Flask's documented place for middleware


def create_api(core: Core, *, secure: bool) -> Flask:
    """The REST API as a WSGI application, to be mounted at ``/api``.

    Args:
        secure: True when hosts come by https; they are then told to come by nothing else.
    """
    app = _Api(__name__, static_folder=None, template_folder="../templates")
    app.extensions[EXTENSION] = core
    # an address with two slashes in a row is another address, and not there
    app.url_map.merge_slashes = False
    addresses.install(app)
    failures.install(app)
    budget.install(app, Budgets(core.limits.requests_per_minute))
    keys.install(app, {route.name: route.needs for route in SERVED})
    compression.install(app)
    install_headers(app, secure=secure)
    viewer.install(app)
    for route in SERVED:
        serving.add(app, route)
    return app
