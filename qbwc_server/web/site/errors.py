"""Error records of a connector: a line a group, one group, one in full, the closed ones; retry and dismiss."""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from qbwc_server.desk.deciding import decisions
from qbwc_server.desk.error_records import error_groups, errors
from qbwc_server.desk.error_records.error_lists import Asked, Sorting
from qbwc_server.desk.error_records.errors import RetryOutcome
from qbwc_server.desk.handing_over import host
from qbwc_server.desk.standing import progress
from qbwc_server.domain.causes import Actor
from qbwc_server.domain.causes.together import WayOn
from qbwc_server.domain.cursors import LARGEST_ID
from qbwc_server.domain.errors import Narrowed
from qbwc_server.domain.faults import Conflict, InvalidInput, NotFound
from qbwc_server.web.context import actor, core, viewer
from qbwc_server.web.site import error_messages, live, ways_out
from qbwc_server.web.site.access import safe_target
from qbwc_server.web.site.presentation import absolute

pages = Blueprint("errors", __name__)

PAGE_SIZE = 50
"""So many error records, or groups of one cause, stand on a page."""

_ERROR_ID = re.compile(r"[0-9]{1,9}")
_LARGEST_PAGE = 10**6


def lines_of(families: int) -> int:
    """So many lines of each heading are shown: the more headings there are, the fewer, so that a page stays short."""
    return next((lines for most, lines in ((2, 8), (4, 5), (8, 3)) if families <= most), 2)


@pages.get("/connectors/<connector:name>/errors")
def listing(name: str) -> str:
    """What stands in the way: a line a group, those of one cause under one heading."""
    given = request.args
    cause, why, who = given.get("cause") or None, given.get("why"), _actor(given.get("who"))
    sorting = Sorting(given["sort"]) if given.get("sort") in set(Sorting) else Sorting.DOCUMENTS
    person = viewer()
    mine = person.name if person is not None and given.get("mine") else None
    above, found = progress.errors_page(
        core(),
        name,
        Asked(
            Narrowed(cause=cause, sub_reason=why if cause else None, actor=who),
            sorting=sorting,
            assignee=mine,
            page=page_asked(),
            page_size=PAGE_SIZE,
            lines=lines_of,
        ),
    )
    live.read_above(above)
    by_actor, by_cause = _counted(found.numbers, who)
    return render_template(
        "errors.html",
        found=found,
        connector=found.connector,
        asked={"cause": cause, "why": why, "who": who, "sort": given.get("sort"), "mine": given.get("mine")},
        sorting=sorting,
        who=who,
        cause=cause,
        actors_named=[(each, by_actor[each]) for each in Actor if each in by_actor or each == who],
        causes=sorted(by_cause.items()),
        mine=mine,
        my_groups=found.assigned.get(person.name, 0) if person is not None else 0,
        total=sum(found.numbers.values()),
        asleep=sum(line.sum.number for line in found.asleep),
        retryable=sum(each.sum.number for each in found.families if each.way_on is WayOn.RETRY),
        message=error_messages.of_family(found) if cause and len(found.families) == 1 else None,
    )


def _counted(numbers: Mapping[tuple[str, str], int], who: Actor | None) -> tuple[Counter[str], Counter[str]]:
    """How many are open of whoever must act, and of each cause of those of one."""
    by_actor, by_cause = Counter[str](), Counter[str]()
    for (cause, whose), number in numbers.items():
        by_actor[whose] += number
        if who in (None, whose):
            by_cause[cause] += number
    return by_actor, by_cause


def page_asked() -> int:
    """The number of the page that is asked for, from 1."""
    return min(max(request.args.get("page", default=1, type=int), 1), _LARGEST_PAGE)


def _actor(text: str | None) -> Actor | None:
    """Whose errors are asked for; an unknown word narrows nothing."""
    return Actor(text) if text in set(Actor) else None


@pages.get("/connectors/<connector:name>/errors/closed")
def closed(name: str) -> str:
    """Error records that are over: what they were, since when, and what became of them."""
    before = request.args.get("before", type=int)
    before = before if before is not None and 0 < before <= LARGEST_ID else None
    found = errors.closed(core(), name, before=before, limit=PAGE_SIZE + 1)
    return render_template(
        "errors_closed.html",
        connector=found.connector,
        errors=found.errors[:PAGE_SIZE],
        before=before,
        older=found.errors[PAGE_SIZE - 1].id if len(found.errors) > PAGE_SIZE else None,
    )


@pages.get(f"/connectors/<connector:name>/errors/<int(max={LARGEST_ID}):error_id>")
def show(name: str, error_id: int) -> str:
    """One error record in full, open or closed."""
    return single_page(name, error_id)


@pages.post(f"/connectors/<connector:name>/errors/<int(max={LARGEST_ID}):error_id>/dismiss")
def dismiss(name: str, error_id: int) -> ResponseReturnValue:
    """Let an error record rest, with a note why."""
    note = request.form.get("note", "")
    try:
        decisions.dismiss(core(), name, error_id, note, actor=actor())
    except InvalidInput as error:
        return single_page(
            name, error_id, typed={"note": note}, faults={"note": error.faults[0].message}
        ), 422
    except NotFound:
        if host.error_record(core(), name, error_id).closed_at is not None:
            raise Conflict("this error record is closed already; look at it again") from None
        raise
    flash("Dismissed. The note stands among the closed error records.", "success")
    return redirect(url_for("errors.listing", name=name))


def single_page(
    name: str,
    error_id: int,
    *,
    typed: Mapping[str, str] | None = None,
    faults: Mapping[str, str] | None = None,
) -> str:
    """The page of one error record, with what was typed and what is wrong with it."""
    found = error_groups.single(core(), name, error_id)
    return render_template(
        "error.html",
        found=found,
        connector=found.connector,
        error=found.error,
        offer=found.offer,
        message=error_messages.of_single(found),
        **ways_out.shown(name, found.offer),
        typed=typed or {},
        faults=faults or {},
    )


# --- retrying -----------------------------------------------------------------------------------------------


@pages.post("/connectors/<connector:name>/errors/retry")
def retry(name: str) -> ResponseReturnValue:
    """Release error records (`id`), all behind a cause key (`cause_key`), or `all`: of a `cause`, of `who` must act."""
    form = request.form
    ids = [int(text) for text in form.getlist("id") if _ERROR_ID.fullmatch(text)]
    cause_key = form.get("cause_key") or None
    chosen: dict[str, Any] = {"ids": ids, "cause_key": cause_key}
    if "all" in form:
        narrowed = Narrowed(
            cause=form.get("cause") or None, sub_reason=form.get("why"), actor=_actor(form.get("who"))
        )
        chosen = {"everything": True, "narrowed": narrowed}
    if "all" in form or ids or cause_key:
        flash(*_retried(lambda: errors.retry(core(), name, **chosen, actor=actor())))
    else:
        flash("Nothing was chosen to be retried.", "warning")
    return redirect(safe_target(form.get("next")) or url_for("errors.listing", name=name))


_NOTHING_LEFT = ("There was nothing left to retry: it has been settled in the meantime.", "info")


def _retried(attempt: Callable[[], RetryOutcome]) -> tuple[str, str]:
    """Retry, and tell the outcome in a sentence with its category."""
    try:
        outcome = attempt()
    except NotFound:
        return _NOTHING_LEFT
    return _told(outcome)


def _told(outcome: RetryOutcome) -> tuple[str, str]:
    if not outcome.released and not outcome.still_blocked:
        return _NOTHING_LEFT
    sent = f"{outcome.released:,} released, to be sent the next time the Web Connector calls."
    if not outcome.still_blocked:
        return sent, "success"
    verb = "is" if outcome.still_blocked == 1 else "are"
    blocked = (
        f"{outcome.still_blocked:,} {verb} still blocked: {_why(outcome)} "
        "If it was put right in QuickBooks, press Resync, so that this server learns of it."
    )
    return (f"{sent} {blocked}" if outcome.released else blocked), "warning"


def _why(outcome: RetryOutcome) -> str:
    """Why they are still blocked, in a sentence."""
    if outcome.unchanged_since is None:
        return "the cause has not gone away."
    since = absolute(outcome.unchanged_since)
    if outcome.unchanged == outcome.still_blocked:
        return f"nothing has changed since {since}, when they were looked at last. First put right what stands there."
    return (
        f"the cause has not gone away. For {outcome.unchanged:,} of them nothing has changed since {since}."
    )
