"""Failures become pages: one status and a few plain words each, and never a traceback."""

import logging
from dataclasses import dataclass

from flask import Flask, current_app, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import BadHost, HTTPException, SecurityError

from qbwc_server.domain.faults import Conflict, DatabaseUnavailable, InvalidInput, NotFound, SchemaMismatch
from qbwc_server.web.context import admins, core

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Words:
    """What a failure's page says: its title, and a sentence on what to do."""

    title: str
    text: str


_BY_STATUS = {
    400: Words("This could not be understood", "Go back, reload the page and try again."),
    403: Words("This is for admins", "Your account has the role “support”."),
    404: Words("Not found", "There is no such page. It may have been renamed, or the address is incomplete."),
    405: Words("This address takes a button", "Open the page it belongs to and press the button there."),
    409: Words("This is not possible now", "Look at the connector again: its state has changed."),
    413: Words("That was too much", "What was sent is larger than any form of this site."),
    500: Words(
        "Something went wrong here",
        "It is not your fault, and nothing that was queued is lost. Try again in a minute. "
        "If it happens again, tell whoever runs this server when it happened: the server's log says more.",
    ),
}
_OTHER = Words("This did not work", "Go back, reload the page and try again.")
_STALE_FORM = Words(
    "This form is no longer valid",
    "The page was open for too long, or you have signed in again since. Go back, reload it and try again.",
)


def install(app: Flask) -> None:
    """Have `app` answer every failure with a page."""
    app.register_error_handler(HTTPException, _refused)
    app.before_request(_refuse_bad_host)
    app.register_error_handler(CSRFError, lambda error: _page(400, _form_refused()))
    app.register_error_handler(NotFound, lambda error: _domain(404, error))
    app.register_error_handler(Conflict, lambda error: _domain(409, error))
    app.register_error_handler(InvalidInput, _invalid)
    for failure in (DatabaseUnavailable, SchemaMismatch):
        app.register_error_handler(failure, _no_database)


def _form_refused() -> Words:
    """Why a form was refused. Over http, a browser keeps no cookie that is for https only."""
    if current_app.config["SESSION_COOKIE_SECURE"] and not request.is_secure:
        more = f" If that does not help, open the site at its own address: {core().public_url}"
        return Words(_STALE_FORM.title, _STALE_FORM.text + more)
    return _STALE_FORM


def _refused(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    if status == 403:
        return _page(403, _BY_STATUS[403], able=admins())
    if status >= 500:
        return _server_error(status)
    if error.response is not None or status < 400:
        return error.get_response()
    return _page(status, _BY_STATUS.get(status, _OTHER))


def _refuse_bad_host() -> ResponseReturnValue | None:
    """Turn away a Host header that names no host: no page can be made then, as its links would lead nowhere."""
    if isinstance(request.routing_exception, BadHost | SecurityError):
        return "The Host header of this request cannot be understood.\n", 400, {"Content-Type": "text/plain"}
    return None


def _domain(status: int, error: Exception) -> ResponseReturnValue:
    return _page(status, Words(_BY_STATUS[status].title, _sentence(error)))


def _no_database(error: Exception) -> ResponseReturnValue:
    _log.error("a page could not be made: %s", error)
    return _server_error(503)


def _server_error(status: int) -> ResponseReturnValue:
    """A page that does not ask the database who is signed in: that may be what failed."""
    return render_template("server_error.html", words=_BY_STATUS[500]), status


def _invalid(error: InvalidInput) -> ResponseReturnValue:
    return _page(400, _BY_STATUS[400], faults=[fault.in_words for fault in error.faults])


def _sentence(error: Exception) -> str:
    words = str(error.args[0]) if error.args else ""
    words = words[:1].upper() + words[1:]
    return words if not words or words.endswith((".", "!", "?")) else f"{words}."


def _page(
    status: int, words: Words, *, faults: list[str] | None = None, able: list[str] | None = None
) -> ResponseReturnValue:
    more = {"faults": faults or [], "able": able or []}
    return render_template("failure.html", words=words, status=status, **more), status
