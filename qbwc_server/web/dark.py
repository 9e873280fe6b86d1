"""Bootstrap's dark colours for whoever's system is dark: it ties them to an attribute, that only a script could set."""

import re
from pathlib import Path

from flask import Flask, Response, current_app, request

ENDPOINT = "dark_static"
_RULE = re.compile(r"([^{}]+)(\{[^{}]*\})")
_ATTRIBUTE = "[data-bs-theme=dark]"


def install(app: Flask) -> None:
    """Have `app`, that has Bootstrap, serve them as a style sheet of their own, to be loaded behind Bootstrap's.

    Raises:
        LookupError: this release of Bootstrap has none.
    """
    folder = app.blueprints["bootstrap"].static_folder
    sheet = in_the_dark((Path(str(folder)) / "css/bootstrap.min.css").read_text())

    def serve() -> Response:
        response = current_app.response_class(sheet, mimetype="text/css")
        response.cache_control.max_age = current_app.config["SEND_FILE_MAX_AGE_DEFAULT"]
        response.add_etag()
        response.make_conditional(request)
        return response

    app.add_url_rule("/dark.css", ENDPOINT, serve)


def in_the_dark(sheet: str) -> str:
    """The rules of a style sheet that are tied to the attribute, by a media query in its place.

    Raises:
        LookupError: there are none.
    """
    rules = [
        selector.replace(_ATTRIBUTE, ":root") + body
        for selector, body in _RULE.findall(sheet)
        if _ATTRIBUTE in selector and not selector.startswith(".navbar")
    ]
    if not rules:
        raise LookupError("Bootstrap's style sheet has no dark colours where they used to be")
    return f"@media (prefers-color-scheme: dark) {{{''.join(rules)}}}"
