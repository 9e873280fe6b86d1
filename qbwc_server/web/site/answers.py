"""Answering an error record from its page or its group's: a choice carried out for all that wait behind the key."""

from collections.abc import Mapping

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from qbwc_server.desk.deciding import answering
from qbwc_server.desk.error_records import choices
from qbwc_server.desk.error_records.choices import Offer, Stale
from qbwc_server.domain.choices import Action, Choice, quoted
from qbwc_server.domain.cursors import LARGEST_ID
from qbwc_server.domain.faults import InvalidInput
from qbwc_server.web.context import actor, core
from qbwc_server.web.site import error_groups, errors
from qbwc_server.web.site.access import safe_target
from qbwc_server.web.site.ways_out import is_mine, must_be_typed

pages = Blueprint("answers", __name__)


@pages.post(f"/connectors/<connector:name>/errors/<int(max={LARGEST_ID}):error_id>/answer")
def answer(name: str, error_id: int) -> ResponseReturnValue:
    """Carry one choice out for everything that waits behind the same key."""
    form, offer = request.form, choices.of_error(core(), name, error_id)
    choice_id = form.get("choice", "")
    faults = _faults(offer, choice_id, form)
    if faults:
        return _page(name, offer, form, faults), 422
    try:
        done = answering.answer(
            core(),
            name,
            error_id,
            choice_id,
            form.get("token", ""),
            value=form.get("value") or None,
            note=form.get("note"),
            actor=actor(),
            allow=_check_may,
        )
    except Stale as stale:
        sentence = str(stale)
        flash(f"{sentence[:1].upper()}{sentence[1:]}.", "warning")
        return _page(name, stale.offer, {}, {}), 409
    except InvalidInput as error:
        flash(f"{error.faults[0].message[:1].upper()}{error.faults[0].message[1:]}.", "warning")
        return redirect(_here(name, offer))
    flash(_told(done), "success" if not done.still_waiting else "warning")
    return redirect(_here(name, done.offer))


def _faults(offer: Offer, choice_id: str, form: Mapping[str, str]) -> dict[str, str]:
    """What is missing of what has to be typed first."""
    # a page of its own that asks first has said what it does, and sends nothing typed
    if not form.get("on"):
        return {}
    faults, wanted = {}, must_be_typed(offer, choice_id)
    if wanted and form.get("typed", "").strip().replace(",", "").casefold() != wanted.casefold():
        field = "typed" if choice_id == Action.DISMISS else f"typed-{choice_id}"
        faults[field] = f"Type {wanted} to say that you mean it"
    if choice_id == Action.DISMISS and not form.get("note", "").strip():
        faults["note"] = "Say why, so that the next person knows"
    return faults


def _is_on_group() -> bool:
    return request.form.get("on") == "group"


def _page(name: str, offer: Offer, typed: Mapping[str, str], faults: Mapping[str, str]) -> str:
    """The page the button was pressed on, as it is now."""
    error = offer.error
    if _is_on_group():
        return error_groups.group_page(name, error.cause, error.cause_key, typed=typed, faults=faults)
    return errors.single_page(name, error.id, typed=typed, faults=faults)


def _here(name: str, offer: Offer) -> str:
    """Where what came of it is seen."""
    back = safe_target(request.form.get("next"))
    if back is not None:
        return back
    if _is_on_group():
        return error_groups.address(name, offer.error.cause, offer.error.cause_key)
    return url_for("errors.show", name=name, error_id=offer.error.id)


def _check_may(choice: Choice) -> None:
    if not is_mine(choice.action):
        abort(403)


def _told(done: answering.Answered) -> str:
    went = f"{quoted(done.choice.label)}: {done.answered:,} {'goes' if done.answered == 1 else 'go'} on."
    if done.offer.error.kind is None:
        went = f"{quoted(done.choice.label)}: this is noted."
    if done.choice.action is Action.DISMISS:
        went = f"Dismissed: {done.answered:,}. The note stands among the closed error records."
    return f"{went} {done.still_waiting:,} still wait." if done.still_waiting else went
