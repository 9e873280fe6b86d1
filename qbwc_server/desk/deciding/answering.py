"""Answering an error record: a choice carried out for everything behind its cause key, in slices, once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from qbwc_server.desk.administration import connectors
from qbwc_server.desk.deciding import decisions
from qbwc_server.desk.error_records import errors
from qbwc_server.desk.error_records.choices import Offer, check_token, offer_of
from qbwc_server.domain.causes import AlreadyLinked
from qbwc_server.domain.choices import Action, Choice
from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.event_types import ConnectorHappening, Happening
from qbwc_server.domain.events import NewEvent, Reason, of_connector, of_record
from qbwc_server.domain.faults import Conflict, Fault, InvalidInput, NotFound
from qbwc_server.domain.kinds import Kind, ListName
from qbwc_server.domain.records import Record
from qbwc_server.domain.rulings import key_of_record
from qbwc_server.storage import Transaction, answers, events, records, rulings
from qbwc_server.storage.bulk import batched
from qbwc_server.sync import allowance, keeping, raw_requests, resolve
from qbwc_server.sync.core import Core
from qbwc_server.sync.look import look
from qbwc_server.sync.turn import turn


@dataclass(frozen=True, slots=True)
class Answered:
    """What came of an answer.

    Attributes:
        answered: how many of those that waited behind the key wait there no more.
        still_waiting: how many do yet.
        offer: the error record as it stands then.
    """

    choice: Choice
    answered: int
    still_waiting: int
    offer: Offer


@dataclass(frozen=True, slots=True)
class _Step:
    """What is needed to carry a choice out.

    Attributes:
        value: what was given with it; `note` why.
        up_to: the newest error record that whoever answers has seen behind the key.
    """

    core: Core
    offer: Offer
    choice: Choice
    value: str
    note: str
    up_to: int
    actor: str

    @property
    def now(self) -> datetime:
        """The moment."""
        return self.core.clock()

    @property
    def about(self) -> Record:
        """The record that is to blame."""
        if self.offer.about is None:
            raise Conflict("there is no record any more that could be decided about")
        return self.offer.about


def answer(
    core: Core,
    connector_name: str,
    error_id: int,
    choice_id: str,
    token: str,
    *,
    value: str | None = None,
    note: str | None = None,
    actor: str,
    allow: Callable[[Choice], object] = lambda choice: None,
) -> Answered:
    """Carry a choice out for everything that waits behind the cause key of an error record.

    What is decided of one record is done at once; what is done to many goes in slices, each committed. Of two that
    answer at once one wins, and the other is told what was decided.

    Args:
        token: the one that came with the choices.
        value: what the choice needs, if it needs anything.
        note: why, for the next person.
        allow: raises where whoever asks may not choose that.

    Raises:
        NotFound: there is no such connector or error record.
        Stale: something else may be chosen by now, or somebody has answered.
        InvalidInput: there is no such choice, it cannot be answered, or its value is missing or wrong.
        Conflict: what was chosen is not possible; it says why.
    """
    with turn(core, connector_name) as (conn, connector):
        offer = offer_of(conn, connector, error_id)
        up_to = check_token(offer, token)
        choice = _chosen(offer, choice_id, value)
        allow(choice)
        given = candidate.id if (candidate := choice.candidate) is not None else (value or "").strip()
        step = _Step(core, offer, choice, given, (note or "").strip(), up_to, actor)
        now = core.clock()
        answers.give(conn, connector.id, error_id, choice.id, choice.label, actor=actor, now=now)
        events.add_all(conn, [_told(connector, step)])
        if choice.action in _AT_ONCE:
            _AT_ONCE[choice.action](conn, connector, step)
    if choice.action in _IN_SLICES:
        try:
            _IN_SLICES[choice.action](step)
        except (InvalidInput, Conflict):
            with core.database.begin() as conn:
                answers.take_back(conn, error_id)
            raise
    still, after = _left(core, connector_name, offer)
    return Answered(choice, max(0, offer.together - still), still, after)


def _left(core: Core, connector_name: str, offer: Offer) -> tuple[int, Offer]:
    """How many wait yet of those that waited when it was answered, and the error record as it stands."""
    own = offer.stored
    with look(core, connector_name) as (conn, connector):
        still = answers.count_behind(conn, connector.id, own.cause.name, own.cause_key, up_to=offer.newest)
        return still, offer_of(conn, connector, own.id)


def _told(connector: Connector, step: _Step) -> NewEvent:
    """That somebody chose, and what."""
    choice, stored = step.choice, step.offer.stored
    detail = f"{choice.label} ({choice.id})" + (f": {step.note}" if step.note else "")
    more: dict[str, Any] = {
        "at": step.now,
        "actor": step.actor,
        "detail": detail,
        "reasons": [Reason.of(stored)],
    }
    if step.offer.about is None:
        return of_connector(connector.id, ConnectorHappening.ERROR_ANSWERED, **more)
    return of_record(step.offer.about, Happening.ANSWERED, "error record answered", **more)


def _chosen(offer: Offer, choice_id: str, value: str | None) -> Choice:
    """The choice with this id, with the value it needs."""
    choice = next((each for each in offer.choices if each.id == choice_id), None)
    if choice is None:
        ids = ", ".join(each.id for each in offer.choices if each.is_answerable)
        raise InvalidInput([Fault("/choice", f"there is no such choice; there are {ids}")])
    if not choice.is_answerable:
        how = f"this is not answered but done: {choice.consequence}"
        raise InvalidInput([Fault("/choice", how)])
    if choice.needs is not None and not (value or "").strip():
        raise InvalidInput([Fault("/value", f"is needed: {choice.needs.description}")])
    if choice.needs is None and value is not None:
        raise InvalidInput([Fault("/value", "this choice takes no value")])
    return choice


# --- what is done at once -----------------------------------------------------------------------------------


def _link(conn: Transaction, connector: Connector, step: _Step) -> None:
    situation = step.offer.situation
    if situation.list_name is None or situation.is_own:
        about = step.about
        decisions.link_in(
            step.core, conn, connector, about.kind, about.external_id, step.value, actor=step.actor
        )
        return
    decisions.chosen_in(conn, connector, Kind(situation.list_name), step.value)
    key = step.offer.stored.cause.key
    _rule(conn, connector, step, situation.list_name, key, step.value)
    resolve.release(conn, connector, {key}, now=step.now, actor=step.actor)


def _rule(
    conn: Transaction, connector: Connector, step: _Step, list_name: ListName, key: str, list_id: str | None
) -> None:
    rulings.set_one(conn, connector.id, list_name, key, list_id, actor=step.actor, now=step.now)


def _create(conn: Transaction, connector: Connector, step: _Step) -> None:
    about = step.about
    _rule(conn, connector, step, ListName(about.kind), key_of_record(about), None)
    resolve.retry(conn, connector, [about.id], now=step.now, actor=step.actor)


def _post_as_new(conn: Transaction, connector: Connector, step: _Step) -> None:
    decisions.post_as_new_in(conn, connector, step.about, now=step.now, actor=step.actor)


def _overwrite(conn: Transaction, connector: Connector, step: _Step) -> None:
    resolve.retry(conn, connector, [step.about.id], now=step.now, actor=step.actor)


def _keep(conn: Transaction, connector: Connector, step: _Step) -> None:
    keeping.keep(conn, connector, step.about, step.offer.stored.cause, now=step.now, actor=step.actor)


def _unlink(conn: Transaction, connector: Connector, step: _Step) -> None:
    decisions.unlink_in(conn, connector, step.about, now=step.now, actor=step.actor)


def _unlink_other(conn: Transaction, connector: Connector, step: _Step) -> None:
    cause, about = step.offer.stored.cause, step.about
    list_id = cause.quickbooks_id if isinstance(cause, AlreadyLinked) else ""
    holder = records.holder(conn, about, list_id)
    if holder is None:
        raise Conflict("the other record has let go of it meanwhile; look at the error record again")
    decisions.unlink_in_favour_of(step.core, conn, connector, holder, about, actor=step.actor)


def _settle_request(conn: Transaction, connector: Connector, step: _Step) -> None:
    cause, was_done = step.offer.stored.cause, step.choice.action is Action.CARRIED_OUT
    raw_requests.settle(conn, connector, cause, was_done=was_done, now=step.now, actor=step.actor)


_AT_ONCE: Mapping[Action, Callable[[Transaction, Connector, _Step], None]] = {
    Action.LINK: _link,
    Action.CREATE: _create,
    Action.POST_AS_NEW: _post_as_new,
    Action.OVERWRITE: _overwrite,
    Action.KEEP: _keep,
    Action.UNLINK: _unlink,
    Action.UNLINK_OTHER: _unlink_other,
    Action.CARRIED_OUT: _settle_request,
    Action.NOT_CARRIED_OUT: _settle_request,
}
"""What is decided of one record or request; whatever waits for it is looked at as by any other decision."""

# --- what goes in slices ------------------------------------------------------------------------------------


def _retry(step: _Step) -> None:
    stored = step.offer.stored
    which = {"ids": [stored.id]} if stored.record_id is None else {"cause_key": stored.cause_key}
    try:
        errors.retry(step.core, stored.connector_name, **which, actor=step.actor)
    except NotFound:
        return  # it went away meanwhile: nothing is left to be tried


def _resync(step: _Step) -> None:
    connectors.resync(step.core, step.offer.stored.connector_name, actor=step.actor)


def _confirm(step: _Step) -> None:
    name = step.offer.stored.connector_name
    _with_value(
        lambda: connectors.confirm_company_file(step.core, name, company=step.value, actor=step.actor)
    )


def _set_default(step: _Step) -> None:
    name, setting = step.offer.stored.connector_name, step.choice.setting or ""
    values = {setting: step.value}
    _with_value(lambda: connectors.change_settings(step.core, name, values, actor=step.actor))


def _with_value(act: Callable[[], object]) -> None:
    """Whatever is wrong with the value is told of the answer's."""
    try:
        act()
    except InvalidInput as error:
        raise InvalidInput([Fault("/value", fault.message) for fault in error.faults]) from None


def _dismiss(step: _Step) -> None:
    stored, note = step.offer.stored, step.note or "answered so"
    chosen: Sequence[int] = [stored.id]
    if step.choice.id == Action.DISMISS and stored.record_id is not None:
        with step.core.database.read() as conn:
            chosen = answers.behind(
                conn, stored.connector_id, stored.cause.name, stored.cause_key, up_to=step.up_to
            )
    for number, part in enumerate(batched(chosen, allowance.AT_ONCE)):
        if number:
            step.core.database.give_way()
        with turn(step.core, stored.connector_name) as (conn, connector):
            decisions.dismiss_in(conn, connector, part, note, now=step.now, actor=step.actor)


_IN_SLICES: Mapping[Action, Callable[[_Step], None]] = {
    Action.RETRY: _retry,
    Action.RESYNC: _resync,
    Action.CONFIRM: _confirm,
    Action.SET_DEFAULT: _set_default,
    Action.DISMISS: _dismiss,
}
"""What may be about many records, or about the connector: it goes on after the answer is kept."""
