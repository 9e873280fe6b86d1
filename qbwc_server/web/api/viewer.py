"""The pages of the API at ``/api/docs``: its document, drawn by the Swagger UI that `flask-swagger-ui` brings along."""

from pathlib import Path

import flask_swagger_ui
from flask import Flask, Response, render_template, send_from_directory
from flask.typing import ResponseReturnValue

from qbwc_server.web import headers

PAGES = frozenset({"api_docs", "api_docs_static"})
"""Its endpoints: open to everybody, as the document is."""

_DRAWS = Path(flask_swagger_ui.__file__).parent / "dist"
_OURS = Path(headers.__file__).parent / "static"
_FILES = {
    "swagger-ui.css": _DRAWS,
    "swagger-ui-bundle.js": _DRAWS,
    "api-docs.js": _OURS,
    "favicon.svg": _OURS,
}
_SECONDS = 24 * 3600


def install(app: Flask) -> None:
    """Serve it in `app`, the application of the API."""
    app.add_url_rule("/docs", "api_docs", _page, provide_automatic_options=False)
    rule = f"/docs/<any({', '.join(map(repr, _FILES))}):name>"
    app.add_url_rule(rule, "api_docs_static", _file, provide_automatic_options=False)


def _page() -> ResponseReturnValue:
    # it fetches the document, and tries out requests where somebody enters a key
    return headers.may_fetch(Response(render_template("api_docs.html")))


def _file(name: str) -> ResponseReturnValue:
    return send_from_directory(_FILES[name], name, max_age=_SECONDS)
