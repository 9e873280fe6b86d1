"""The choices of an error record on its page: what has no button of its own there, and answering it."""

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from qbwc_server.desk import answering, search
from qbwc_server.desk.choices import Offer
from qbwc_server.domain.causes import CATALOGUE
from qbwc_server.domain.choices import DONE_ELSEWHERE, Action, Choice
from qbwc_server.domain.faults import InvalidInput
from qbwc_server.domain.matching import ListEntry
from qbwc_server.domain.rights import Right
from qbwc_server.web.addresses import LARGEST_ID
from qbwc_server.web.context import actor, core, is_admin, may

pages = Blueprint("answers", __name__)

MOST_FOUND = 10
"""So many entries are offered to choose from at once."""

_HAS_ITS_BUTTON = frozenset({Action.RETRY, Action.RESYNC, Action.DISMISS, Action.CONFIRM})
_FOR_ADMINS = frozenset({Action.SET_DEFAULT})
_BY_RIGHT = {Action.POST_AS_NEW: Right.POST_AS_NEW}
"""What support answers only if it may do so at all."""


def offered(offer: Offer, *, is_linked_above: bool) -> list[Choice]:
    """What may be answered on the page, beside what it has buttons for anyhow.

    Args:
        is_linked_above: its candidates are offered already.
    """
    taken = _HAS_ITS_BUTTON | DONE_ELSEWHERE
    if CATALOGUE[offer.error.cause].retry_decides:
        taken |= {Action.OVERWRITE}
    return [
        choice
        for choice in offer.choices
        if choice.action not in taken
        and not (is_linked_above and choice.candidate is not None)
        and _is_mine(choice.action)
    ]


def found_for(name: str, choice: Choice, text: str) -> tuple[ListEntry, ...]:
    """The entries of QuickBooks' list, found by some words, one of which a choice needs; none where it needs none."""
    if choice.needs is None or choice.needs.look_up is None:
        return ()
    return search.find(core(), name, choice.needs.look_up, text, limit=MOST_FOUND)


@pages.post(f"/connectors/<connector:name>/errors/<int(max={LARGEST_ID}):error_id>/answer")
def answer(name: str, error_id: int) -> ResponseReturnValue:
    """Carry one choice out for everything that waits behind the same key."""
    here = url_for("errors.show", name=name, error_id=error_id)
    try:
        done = answering.answer(
            core(),
            name,
            error_id,
            request.form.get("choice", ""),
            request.form.get("token", ""),
            value=request.form.get("value") or None,
            actor=actor(),
            allow=_check_may,
        )
    except InvalidInput as error:
        flash(f"{error.faults[0].message[:1].upper()}{error.faults[0].message[1:]}.", "warning")
        return redirect(here)
    flash(_told(done), "success" if not done.still_waiting else "warning")
    return redirect(here if done.offer.error.closed_at is None else url_for("errors.listing", name=name))


def _check_may(choice: Choice) -> None:
    if not _is_mine(choice.action):
        abort(403)


def _is_mine(action: Action) -> bool:
    if action in _FOR_ADMINS:
        return is_admin()
    return action not in _BY_RIGHT or may(_BY_RIGHT[action])


def _told(done: answering.Answered) -> str:
    went = f"“{done.choice.label}”: {done.answered:,} {'goes' if done.answered == 1 else 'go'} on."
    return f"{went} {done.still_waiting:,} still wait." if done.still_waiting else went
