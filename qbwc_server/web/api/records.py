"""Records: handed over one by one or many at once, looked at, tried again, voided, taken back, linked by hand."""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from qbwc_server.desk.administration import connectors
from qbwc_server.desk.deciding import decisions
from qbwc_server.desk.documents import finding
from qbwc_server.desk.feeds import waits
from qbwc_server.desk.handing_over import batches, given, host, intake, lines
from qbwc_server.desk.views import record_views
from qbwc_server.domain.faults import DatabaseUnavailable, Fault, InvalidInput
from qbwc_server.domain.kinds import Kind
from qbwc_server.web.api import shapes
from qbwc_server.web.api.bodies import LARGEST_OBJECT, NotJson, parse
from qbwc_server.web.api.failures import as_json
from qbwc_server.web.api.serving import Answer, Call, Lines


def put(call: Call, connector: str, kind: Kind, external_id: str) -> Answer:
    """Take in a record, new or changed."""
    outcome = intake.put(
        call.core,
        connector,
        kind,
        external_id,
        call.body,
        actor=call.actor,
        priority=call.query.get("priority"),
        expected=call.expected,
        revive=call.query.get("revive", False),
    )
    view, had_room, status = outcome.view, True, 201 if outcome.created else 200
    if call.seconds and view["state"] not in waits.SETTLED:
        had_room = _wait(call, connector, kind, external_id)
        view = record_views.view(call.core, connector, kind, external_id)
    return _shown(view, status, had_room=had_room)


def judge(body: Mapping[str, Any], *, connector: str, kind: Kind, external_id: str) -> Sequence[Fault]:
    """What is wrong with a record that is handed over."""
    try:
        given.checked(kind, external_id, body, revive=False)
    except InvalidInput as error:
        return error.faults
    return ()


def _wait(call: Call, connector: str, kind: Kind, external_id: str) -> bool:
    return waits.until_settled(call.core, connector, kind, external_id, call.seconds, aside=call.aside)


def _shown(view: Mapping[str, Any], status: int = 200, *, had_room: bool = True) -> Answer:
    return Answer(view, status, view["revision"], had_room)


def show(call: Call, connector: str, kind: Kind, external_id: str) -> Answer:
    """One record, once it is settled or the wait is over; 304 to whoever has seen it as it is.

    What a host saw under a revision is known only while nothing became of it: its state changes without a new
    revision, and must never be kept from somebody who asks for it.
    """
    had_room = _wait(call, connector, kind, external_id) if call.seconds else True
    view, untouched = intake.looked_at(call.core, connector, kind, external_id, expected=call.expected)
    if untouched:
        return Answer(None, 304, view["revision"], had_room)
    return _shown(view, had_room=had_room)


def cancel(call: Call, connector: str, kind: Kind, external_id: str) -> Answer:
    """Cancel a record that QuickBooks cannot hold."""
    return _shown(
        intake.cancel(call.core, connector, kind, external_id, actor=call.actor, expected=call.expected)
    )


def retry(call: Call, connector: str, kind: Kind, external_id: str) -> Answer:
    """Try a blocked record again."""
    return _shown(
        host.retry(call.core, connector, kind, external_id, actor=call.actor, expected=call.expected)
    )


def void(call: Call, connector: str, kind: Kind, external_id: str) -> Answer:
    """Have a document voided in QuickBooks."""
    return _shown(
        intake.void(call.core, connector, kind, external_id, actor=call.actor, expected=call.expected)
    )


def post_as_new(call: Call, connector: str, kind: Kind, external_id: str) -> Answer:
    """Post a document that was deleted in QuickBooks once more."""
    return _shown(
        decisions.post_as_new(
            call.core, connector, kind, external_id, actor=call.actor, expected=call.expected
        )
    )


def listing(call: Call, connector: str, kind: Kind) -> Answer:
    """The records of a kind, a page at a time."""
    asked = {name: value for name, value in call.query.items() if name not in ("cursor", "limit", "state")}
    found = finding.page(
        call.core,
        connector,
        finding.Filter(kind=kind, states=call.query.get("state", ()), **asked),
        behind=call.query.get("cursor"),
        limit=call.query.get("limit", 100),
    )
    return Answer(shapes.page("records", found, dict))


def link(call: Call, connector: str, kind: Kind, external_id: str) -> Answer:
    """Say which record of QuickBooks a record is."""
    unknown = sorted(set(call.body) - {kind.id_name})
    faults = [Fault(f"/{name}", "there is no such field") for name in unknown]
    quickbooks_id = call.body.get(kind.id_name)
    if not isinstance(quickbooks_id, str):
        faults.append(Fault(f"/{kind.id_name}", "is needed, as text"))
    if faults or not isinstance(quickbooks_id, str):
        raise InvalidInput(faults)
    return _shown(
        decisions.link(
            call.core,
            connector,
            kind,
            external_id,
            quickbooks_id,
            actor=call.actor,
            expected=call.expected,
        )
    )


def unlink(call: Call, connector: str, kind: Kind, external_id: str) -> Answer:
    """Have a list record matched anew."""
    return _shown(
        decisions.unlink(call.core, connector, kind, external_id, actor=call.actor, expected=call.expected)
    )


# --- many at once -------------------------------------------------------------------------------------------


def batch(call: Call, connector: str) -> Lines:
    """Take in records of any kinds, one a line; a faulty line holds up no other."""
    # before the first line is answered: the answer's status cannot change any more then
    connectors.get(call.core, connector)
    return Lines(_outcomes(call, connector))


def _outcomes(call: Call, connector: str) -> Iterator[dict[str, Any]]:
    named: deque[dict[str, Any]] = deque()
    outcomes = batches.take_in_all(call.core, connector, handed(call, named), actor=call.actor)
    try:
        for outcome in outcomes:
            yield {**named.popleft(), **_outcome(outcome.result, *outcome.faults, state=outcome.state)}
    except DatabaseUnavailable:
        if named:
            fault = Fault("", "the database does not answer: send this line and all after it again")
            yield {**named[0], **_outcome("failed", fault)}


def handed(call: Call, named: deque[dict[str, Any]]) -> Iterator[lines.HandedOver]:
    """The lines as they are understood; `named` is told which record each is about, as far as that is known."""
    for number, line in enumerate(call.lines, start=1):
        if line.strip():
            about: dict[str, Any] = {"line": number, "kind": None, "external_id": None}
            named.append(about)
            yield _understood(call, number, line, about)


def _understood(call: Call, number: int, line: bytes, about: dict[str, Any]) -> lines.HandedOver:
    try:
        fields = _fields(line)
        kind, external_id = _whose(fields, about)
    except InvalidInput as error:
        return lines.HandedOver(number, None, error.faults)
    except NotJson as error:
        return lines.HandedOver(number, None, (Fault("", str(error)),))
    revive = call.query.get("revive", False)
    priority = call.query.get("priority")
    return lines.hand_over(
        number, kind, external_id, fields, revive=revive, priority=priority, size=len(line)
    )


def _outcome(result: str, *faults: Fault, state: str | None = None) -> dict[str, Any]:
    return {"result": result, "state": state, "faults": [as_json(fault) for fault in faults]}


def _fields(line: bytes) -> dict[str, Any]:
    if len(line) > LARGEST_OBJECT:
        raise NotJson(f"a line may have {LARGEST_OBJECT} bytes")
    return parse(line, checked=False)


def _whose(fields: dict[str, Any], named: dict[str, Any]) -> tuple[Kind, str]:
    """Takes kind and external id out of the fields of a line."""
    kind, external_id = fields.pop("kind", None), fields.pop("external_id", None)
    faults = []
    if isinstance(kind, str) and kind in set(Kind):
        named["kind"] = kind
    else:
        faults.append(Fault("/kind", f"must be one of {', '.join(Kind)}"))
    if isinstance(external_id, str):
        named["external_id"] = external_id
    else:
        faults.append(Fault("/external_id", "is needed in every line, as text"))
    if faults:
        raise InvalidInput(faults)
    return Kind(named["kind"]), named["external_id"]
