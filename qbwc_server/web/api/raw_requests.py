"""Requests in qbXML that hosts write themselves: handed over, looked at, taken back."""

from collections.abc import Mapping
from typing import Any

from qbwc_server.desk.requests import raw_requests
from qbwc_server.desk.requests.raw_request_views import RawRequestView, WholeRawRequestView
from qbwc_server.domain.faults import Fault, InvalidInput
from qbwc_server.domain.near import did_you_mean
from qbwc_server.domain.people import Scope
from qbwc_server.web.api.keys import check_scope
from qbwc_server.web.api.serving import Answer, Call

_FIELDS = ("qbxml", "follow")


def create(call: Call, connector: str) -> Answer:
    """Queue a request. One that writes needs more of a key."""
    if faults := judge(call.body, connector=connector):
        raise InvalidInput(faults)
    qbxml, follow = call.body["qbxml"], call.body.get("follow", False)
    if call.key is not None and raw_requests.writes(call.core, connector, str(qbxml)):
        check_scope(call.key, Scope.MANAGE)
    made = raw_requests.hand_over(
        call.core,
        connector,
        str(qbxml),
        follow=bool(follow) or call.query.get("follow", False),
        actor=call.actor,
    )
    return _waited_for(call, connector, made.id, 202)


def judge(body: Mapping[str, Any], *, connector: str) -> list[Fault]:
    """What has the wrong form in what is handed over."""
    faults = [
        Fault(f"/{name}", f"there is no such field{did_you_mean(name, _FIELDS)}")
        for name in body
        if name not in _FIELDS
    ]
    if not isinstance(body.get("qbxml"), str):
        faults.append(Fault("/qbxml", "is needed, as text"))
    if not isinstance(body.get("follow", False), bool):
        faults.append(Fault("/follow", "must be true or false"))
    return faults


def _waited_for(call: Call, connector: str, raw_id: int, status: int = 200) -> Answer:
    had_room = raw_requests.until_over(call.core, connector, raw_id, call.seconds, aside=call.aside)
    return Answer(_whole(call, connector, raw_id), status, had_room=had_room)


def _whole(call: Call, connector: str, raw_id: int) -> dict[str, object]:
    return WholeRawRequestView.whole(raw_requests.get(call.core, connector, raw_id)).as_json()


def show(call: Call, connector: str, request_id: int) -> Answer:
    """One of them, with its answer, once it is over or the wait is."""
    return _waited_for(call, connector, request_id)


def listing(call: Call, connector: str) -> Answer:
    """The connector's, newest first."""
    limit = call.query.get("limit", 100)
    # one more than is shown tells whether there is more
    found = raw_requests.listing(
        call.core,
        connector,
        states=call.query.get("state", ()),
        before=call.query.get("cursor"),
        limit=limit + 1,
    )
    shown = found[:limit]
    return Answer(
        {
            "requests": [RawRequestView.of(noted).as_json() for noted in shown],
            "next": str(shown[-1].raw.id) if len(found) > limit else None,
        }
    )


def cancel(call: Call, connector: str, request_id: int) -> Answer:
    """Take one back while it is queued."""
    shown = raw_requests.cancel(call.core, connector, request_id, actor=call.actor)
    return Answer(WholeRawRequestView.whole(shown).as_json())
