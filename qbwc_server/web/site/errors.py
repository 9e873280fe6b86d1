"""Error records of a connector: open ones grouped by cause key, one in full, the closed ones; retry and dismiss."""

import re
from collections import Counter
from collections.abc import Callable, Iterable

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from qbwc_server.desk import choices, decisions, errors, host
from qbwc_server.desk.error_views import ErrorRecord
from qbwc_server.desk.errors import RetryOutcome
from qbwc_server.domain.causes import CATALOGUE, Actor
from qbwc_server.domain.faults import Conflict, InvalidInput, NotFound
from qbwc_server.web.addresses import LARGEST_ID
from qbwc_server.web.context import actor, core

from . import answers
from .access import safe_target
from .presentation import absolute

pages = Blueprint("errors", __name__)

MOST_LISTED = 50
"""So many records of one group are listed; behind one cause there may be thousands."""
PAGE_SIZE = 50
MOST_GROUPS = 50
"""So many causes stand on a page."""

DECISIONS = frozenset(name for name, cause in CATALOGUE.items() if cause.retry_decides)
"""Causes whose retry is a decision about one record (overwrite what a person entered, send once more), so that
it is never taken for all of them at once."""

_ERROR_ID = re.compile(r"[0-9]{1,9}")
_LARGEST_PAGE = 10**6


@pages.get("/connectors/<connector:name>/errors")
def listing(name: str) -> str:
    """What stands in the way: one entry a cause key, with everything that waits behind it."""
    cause, who = request.args.get("cause") or None, _actor(request.args.get("who"))
    page = min(max(request.args.get("page", default=1, type=int), 1), _LARGEST_PAGE)
    found = errors.standing(
        core(), name, cause=cause, who=who, page=page, page_size=MOST_GROUPS, most_listed=MOST_LISTED
    )
    whose = [(item, number) for item, number in found.numbers.items() if who in (None, item[1])]
    chosen = [(item, number) for item, number in whose if cause in (None, item[0])]
    by_actor, by_cause = Counter[str](), Counter[str]()
    for (_, actor_named), number in found.numbers.items():
        by_actor[actor_named] += number
    for (cause_named, _), number in whose:
        by_cause[cause_named] += number
    return render_template(
        "errors.html",
        connector=found.connector,
        groups=found.groups,
        page=found.page,
        has_next=found.has_next,
        different=found.different,
        is_more=found.is_more,
        who=who,
        actors_named=[(each, by_actor[each]) for each in Actor if each in by_actor or each == who],
        causes=sorted(by_cause.items()),
        cause=cause,
        total=sum(found.numbers.values()),
        chosen=sum(number for _, number in chosen),
        retryable=sum(number for (each, _), number in chosen if _is_retried_with_others(each)),
        decisions=DECISIONS,
    )


def _is_retried_with_others(cause: str) -> bool:
    return CATALOGUE[cause].retryable and cause not in DECISIONS


def _actor(text: str | None) -> Actor | None:
    """Whose errors are asked for; an unknown word narrows nothing."""
    return Actor(text) if text in set(Actor) else None


def _narrowed(found: Iterable[ErrorRecord], cause: str | None, who: Actor | None) -> list[ErrorRecord]:
    """Those of a cause, and those that somebody must put right; None is everything."""
    return [error for error in found if cause in (None, error.cause) and who in (None, error.actor)]


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
    return _page(name, error_id, "", "")


@pages.post(f"/connectors/<connector:name>/errors/<int(max={LARGEST_ID}):error_id>/dismiss")
def dismiss(name: str, error_id: int) -> ResponseReturnValue:
    """Let an error record rest, with a note why."""
    note = request.form.get("note", "")
    try:
        decisions.dismiss(core(), name, error_id, note, actor=actor())
    except InvalidInput as error:
        return _page(name, error_id, note, error.faults[0].message), 422
    except NotFound:
        if host.error_record(core(), name, error_id).closed_at is not None:
            raise Conflict("this error record is closed already; look at it again") from None
        raise
    flash("Dismissed. The note stands among the closed error records.", "success")
    return redirect(url_for("errors.listing", name=name))


def _page(name: str, error_id: int, note: str, fault: str) -> str:
    found = errors.single(core(), name, error_id)
    offer, wanted = choices.of_error(core(), name, error_id), request.args.get("q", "").strip()
    return render_template(
        "error.html",
        offer=offer,
        offered=[
            (choice, answers.found_for(name, choice, wanted))
            for choice in answers.offered(offer, is_linked_above=found.linkable is not None)
        ],
        wanted=wanted,
        connector=found.connector,
        error=found.error,
        together=found.together,
        linkable=found.linkable,
        typed=note,
        fault=fault,
    )


@pages.post("/connectors/<connector:name>/errors/retry")
def retry(name: str) -> ResponseReturnValue:
    """Release error records (`id`), all behind a cause key (`cause_key`), or `all`: of a `cause`, of `who` must act."""
    form = request.form
    ids = [int(text) for text in form.getlist("id") if _ERROR_ID.fullmatch(text)]
    cause_key = form.get("cause_key") or None
    if "all" in form:
        cause, who = form.get("cause") or None, _actor(form.get("who"))
        flash(*_retried(lambda: _retry_all(name, cause, who)))
    elif ids or cause_key:
        flash(*_retried(lambda: errors.retry(core(), name, ids=ids, cause_key=cause_key, actor=actor())))
    else:
        flash("Nothing was chosen to be retried.", "warning")
    return redirect(safe_target(form.get("next")) or url_for("errors.listing", name=name))


def _retried_together(found: Iterable[ErrorRecord]) -> list[ErrorRecord]:
    return [error for error in found if _is_retried_with_others(error.cause)]


def _retry_all(name: str, cause: str | None, who: Actor | None) -> RetryOutcome:
    """Retry whatever needs no decision; a record may be released by an earlier one, so it may be found no more."""
    found = _narrowed(errors.find(core(), connector=name, cause=cause), cause, who)
    ids = [error.id for error in _retried_together(found)]
    if not ids:
        raise NotFound("there is no open error record that can be retried")
    return errors.retry(core(), name, ids=ids, actor=actor())


def _retried(attempt: Callable[[], RetryOutcome]) -> tuple[str, str]:
    """Retry, and tell the outcome in a sentence with its category."""
    try:
        outcome = attempt()
    except NotFound:
        return "There was nothing left to retry: the cause has gone away in the meantime.", "info"
    return _told(outcome)


def _told(outcome: RetryOutcome) -> tuple[str, str]:
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
