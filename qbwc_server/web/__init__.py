"""The Flask application: the pages support staff and admins work with (`site`), beside them the REST API (`api`)."""

from datetime import timedelta

from flask import Flask
from flask_bootstrap import Bootstrap5
from flask_wtf import CSRFProtect

from qbwc_server import __version__
from qbwc_server.sync.core import Core
from qbwc_server.web import api, compression, dark, site
from qbwc_server.web.context import EXTENSION
from qbwc_server.web.headers import install_headers

_STATIC_SECONDS = 24 * 3600


def create_site(core: Core, *, secret_key: bytes, secure_cookies: bool, session_minutes: int = 480) -> Flask:
    """The site as a WSGI application.

    Args:
        secret_key: signs the session cookie; the same in every process that serves the site.
        secure_cookies: True when browsers come by https: cookies are then sent over it only, and browsers are
            told to insist on it.
        session_minutes: how long a person stays signed in after entering the password.
    """
    app = Flask(__name__)
    app.extensions[EXTENSION] = core
    app.config.update(_settings(secret_key, secure_cookies, session_minutes))
    # an external id may hold two slashes in a row; they must not be merged into one
    app.url_map.merge_slashes = False
    Bootstrap5(app)
    compression.install(app)
    install_headers(app, secure=secure_cookies)
    dark.install(app)
    site.install(app)
    # after the site's own guard, so that whoever is no longer signed in is asked to sign in first
    CSRFProtect(app)
    app.url_defaults(_version_of_static)
    api.install(app, core, secure=secure_cookies)
    return app


def _settings(secret_key: bytes, secure: bool, session_minutes: int) -> dict[str, object]:
    return {
        "SECRET_KEY": secret_key,
        # the prefix makes browsers refuse a cookie planted by a neighbouring host; it needs https
        "SESSION_COOKIE_NAME": "__Host-qbwc" if secure else "qbwc_session",
        "SESSION_COOKIE_SECURE": secure,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_REFRESH_EACH_REQUEST": False,
        "PERMANENT_SESSION_LIFETIME": timedelta(minutes=session_minutes),
        # a token lives as long as the session: a page left open over lunch must still work
        "WTF_CSRF_TIME_LIMIT": None,
        "MAX_CONTENT_LENGTH": 1024 * 1024,
        "MAX_FORM_MEMORY_SIZE": 1024 * 1024,
        "BOOTSTRAP_SERVE_LOCAL": True,
        "SEND_FILE_MAX_AGE_DEFAULT": _STATIC_SECONDS,
    }


def _version_of_static(endpoint: str, values: dict[str, object]) -> None:
    """Browsers may keep a static file, but not beyond the release it came with."""
    if endpoint.endswith("static"):
        values.setdefault("v", __version__)
