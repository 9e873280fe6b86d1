"""The pages anybody may open: the support page of the .qwc, and the answers monitors ask for."""

import logging

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from qbwc_server.domain.faults import DatabaseUnavailable, NotWritable, SchemaMismatch
from qbwc_server.web.context import core

pages = Blueprint("public", __name__)

_log = logging.getLogger(__name__)
_PLAIN = {"Content-Type": "text/plain; charset=utf-8"}


@pages.get("/support")
def support() -> ResponseReturnValue:
    """AppSupport of the .qwc: the Web Connector GETs it while the file is loaded and wants 200, no login.

    Whoever works at the QuickBooks PC lands here, so it says whom to ask and what is normal, and no secret.
    (Web Connector Programmer's Guide: AppSupport.)
    """
    return render_template("support.html")


@pages.get("/healthz")
def alive() -> ResponseReturnValue:
    """200 as long as the process answers."""
    return "ok\n", 200, _PLAIN


@pages.get("/readyz")
def ready() -> ResponseReturnValue:
    """200 when the database can be read and written, else 503 and a sentence. Nothing is written to find out."""
    database = core().database
    try:
        database.check()
        database.check_writable()
    except NotWritable as error:
        _log.warning("not ready: %s", error)
        return f"{error}\n", 503, _PLAIN
    except (DatabaseUnavailable, SchemaMismatch) as error:
        _log.warning("not ready: %s", error)
        return "the database cannot be used\n", 503, _PLAIN
    return "ready\n", 200, _PLAIN
