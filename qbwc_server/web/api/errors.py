"""Error records: listed or grouped by cause key, retried, and let rest."""

from dataclasses import asdict
from decimal import Decimal
from typing import Any

from qbwc_server.desk.deciding import answering, decisions
from qbwc_server.desk.deciding.choice_views import AnsweredView, ErrorInFullView
from qbwc_server.desk.error_records import choices, errors
from qbwc_server.desk.handing_over import host
from qbwc_server.desk.views import base
from qbwc_server.desk.views.base import ErrorGroupView, ErrorView
from qbwc_server.domain.cursors import LARGEST_ID
from qbwc_server.domain.errors import Narrowed
from qbwc_server.domain.faults import Fault, InvalidInput
from qbwc_server.web.api import shapes
from qbwc_server.web.api.keys import check_scope
from qbwc_server.web.api.serving import Answer, Call

MOST_IDS = 1000


def listing(call: Call, connector: str) -> Answer:
    """Error records, or cause keys with what waits behind them."""
    asked = ("cause", "sub_reason", "actor", "cause_key", "kind", "external_id")
    narrowed: dict[str, Any] = {
        "is_open": call.query.get("state", True),
        "narrowed": Narrowed(**{name: call.query.get(name) for name in asked}),
        "after_id": call.query.get("cursor", 0),
        "limit": call.query.get("limit", 100),
    }
    if "group_by" in call.query:
        groups = host.error_groups(call.core, connector, **narrowed, most_listed=base.MOST_LISTED)
        return Answer(shapes.page("groups", groups, lambda item: ErrorGroupView.of(item).as_json()))
    found = host.error_records(call.core, connector, **narrowed)
    return Answer(shapes.page("errors", found, lambda item: ErrorView.of(item).as_json()))


def show(call: Call, connector: str, error_id: int) -> Answer:
    """One error record, with what may be chosen of it."""
    return Answer(ErrorInFullView.whole(choices.of_error(call.core, connector, error_id)).as_json())


def answer(call: Call, connector: str, error_id: int) -> Answer:
    """Carry out one of the choices of an error record."""
    taken = {"choice": True, "token": True, "value": False, "note": False}
    faults = _unknown(call, set(taken))
    for name, is_needed in taken.items():
        if is_needed and name not in call.body:
            faults.append(Fault(f"/{name}", "is needed, as text"))
        elif not isinstance(call.body.get(name, ""), str):
            faults.append(Fault(f"/{name}", "must be text"))
    if faults:
        raise InvalidInput(faults)
    done = answering.answer(
        call.core,
        connector,
        error_id,
        call.body["choice"],
        call.body["token"],
        value=call.body.get("value"),
        note=call.body.get("note"),
        actor=call.actor,
        allow=lambda choice: check_scope(call.key, choice.scope) if call.key else None,
    )
    return Answer(AnsweredView.of(done).as_json())


def retry(call: Call, connector: str) -> Answer:
    """Try again what waits behind error records or a cause key."""
    faults = [*_unknown(call, {"ids", "cause_key"}), *_ids(call), *_cause_key(call)]
    if ("ids" in call.body) == ("cause_key" in call.body):
        faults.append(Fault("", "give either ids or cause_key"))
    if faults:
        raise InvalidInput(faults)
    outcome = errors.retry(
        call.core,
        connector,
        ids=[int(item) for item in call.body.get("ids", ())],
        cause_key=call.body.get("cause_key"),
        actor=call.actor,
    )
    return Answer(asdict(outcome))


def dismiss(call: Call, connector: str, error_id: int) -> Answer:
    """Let an error record rest, with a note why."""
    faults = _unknown(call, {"note"})
    note = call.body.get("note")
    if not isinstance(note, str):
        faults.append(Fault("/note", "is needed, as text"))
    if faults:
        raise InvalidInput(faults)
    decisions.dismiss(call.core, connector, error_id, str(note), actor=call.actor)
    return show(call, connector, error_id)


def _unknown(call: Call, known: set[str]) -> list[Fault]:
    return [Fault(f"/{name}", "there is no such field") for name in sorted(set(call.body) - known)]


def _ids(call: Call) -> list[Fault]:
    ids = call.body.get("ids", [1])
    if not isinstance(ids, list) or not 1 <= len(ids) <= MOST_IDS:
        return [Fault("/ids", f"must be a list of 1 to {MOST_IDS} ids")]
    wrong = (place for place, item in enumerate(ids) if not _is_id(item))
    return [Fault(f"/ids/{place}", "is no id of an error record") for place in wrong]


def _is_id(item: Any) -> bool:
    """An id as JSON has whole numbers: 7.0 is 7, true is none."""
    return type(item) in (int, Decimal) and 0 < item <= LARGEST_ID and item == int(item)


def _cause_key(call: Call) -> list[Fault]:
    if isinstance(call.body.get("cause_key", "some"), str):
        return []
    return [Fault("/cause_key", "must be text")]
