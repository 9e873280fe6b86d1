"""What is happening now, for a page that stays open: a part of it drawn anew, or the word that nothing has changed."""

from datetime import datetime, timedelta
from hashlib import sha256
from urllib.parse import urlsplit

from flask import Blueprint, Flask, Response, abort, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from qbwc_server import __version__
from qbwc_server.desk.administration import connectors
from qbwc_server.desk.standing import progress
from qbwc_server.desk.standing.progress import Above, Progress
from qbwc_server.desk.standing.resyncs import Resync
from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.cursors import LARGEST_ID
from qbwc_server.web.context import core, now, viewer
from qbwc_server.web.headers import may_fetch
from qbwc_server.web.site.access import safe_target
from qbwc_server.web.site.presentation import absolute
from qbwc_server.web.site.zones import local

pages = Blueprint("live", __name__)

SECONDS_MOVING, SECONDS_AT_REST = 4, 30
"""So long a page waits before it asks again: while something is going on or awaited, and otherwise."""
_SEEN = "resyncs_seen"
_MOST_SEEN = 20


@pages.get("/connectors/<connector:name>/now")
def now_there(name: str) -> ResponseReturnValue:
    """What every page of a connector shows of it, or all that its own page does; nothing, when nothing has changed."""
    tag = _tag(name)
    if request.if_none_match.contains_weak(tag):
        answer = Response(status=304)
    elif request.args.get("of") == "connector":
        answer = Response(render_template("connector_now.html", **shown(progress.progress(core(), name))))
    else:
        connector = connectors.get(core(), name)
        told = _unseen(connector, above(connector).resync)
        answer = Response(render_template("live_frame.html", connector=connector, told=told))
    answer.set_etag(tag, weak=True)
    # whoever only watches leaves the session as it is
    session.modified = False
    return answer


@pages.post(f"/connectors/<connector:name>/resync/<int(max={LARGEST_ID}):event_id>/seen")
def seen(name: str, event_id: int) -> ResponseReturnValue:
    """Show a Resync no longer to this person."""
    known = dict(session.get(_SEEN, {}))
    known.pop(name, None)
    known[name] = event_id
    session[_SEEN] = dict(list(known.items())[-_MOST_SEEN:])
    came_from = urlsplit(request.referrer or "")
    back = f"{came_from.path}?{came_from.query}" if came_from.query else came_from.path
    return redirect(safe_target(back) or url_for("connectors.show", name=name))


def shown(found: Progress) -> dict[str, object]:
    """What the templates of a connector's page are handed."""
    return {
        "progress": found,
        "health": found.health,
        "connector": found.health.connector,
        "to_confirm": found.health.file_to_confirm,
        "soap_url": core().soap_url,
    }


def above(connector: Connector) -> Above:
    """What stands above a page of a connector, read once for it."""
    if "above" not in g:
        read_above(progress.above(core(), connector))
    found: Above = g.above
    return found


def read_above(found: Above) -> None:
    """What stands above the page of a connector that is being drawn has been read."""
    g.above = found


def resync_told(connector: Connector, found: Progress | None = None) -> Resync | None:
    """The Resync to tell of on a page of a connector; None when there is none, or this person has seen its end."""
    resync = above(connector).resync if found is None else found.resync
    return _unseen(connector, resync)


def _unseen(connector: Connector, resync: Resync | None) -> Resync | None:
    if resync is not None and not resync.runs and session.get(_SEEN, {}).get(connector.name) == resync.id:
        return None
    return resync


def seconds(found: Progress | None, resync: Resync | None) -> int:
    """How long a page waits before it asks again."""
    is_moving = found.is_moving if found is not None else resync is not None and resync.runs
    return SECONDS_MOVING if is_moving else SECONDS_AT_REST


def at_clock(moment: datetime) -> Markup:
    """The time of day, for what is near: `21:04`; with the date where it is not."""
    text = f"{local(moment):%H:%M}" if abs(moment - now()) < timedelta(hours=12) else absolute(moment)
    return Markup('<time class="text-nowrap" datetime="{}" title="{}">{}</time>').format(
        moment.isoformat(timespec="seconds"), absolute(moment), text
    )


def _tag(name: str) -> str:
    """Differs when what is shown may: something has happened, a minute has passed, or somebody else is looking."""
    mark, user = progress.mark(core(), name), viewer()
    if mark is None:
        abort(404)
    parts = (
        __version__,
        mark,
        f"{now():%Y%m%d%H%M}",
        request.args.get("of"),
        user and (user.id, user.role),
        session.get(_SEEN, {}).get(name),
    )
    return sha256(repr(parts).encode()).hexdigest()[:32]


def _let_it_ask(response: Response) -> Response:
    """The pages of a connector ask for what is new; no other page's script may ask for anything."""
    is_page = response.mimetype == "text/html" and "name" in (request.view_args or {})
    return may_fetch(response) if is_page else response


def install(app: Flask) -> None:
    """Make it known to the templates of `app`, and let their pages ask."""
    app.jinja_env.filters.update(at_clock=at_clock)
    app.jinja_env.globals.update(resync_told=resync_told, seconds_to_wait=seconds)
    app.after_request(_let_it_ask)
