"""The requests of message sets, and their answers."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    Connection,
    bindparam,
    insert,
    or_,
    select,
    update,
)

from qbwc_server.domain.operations import Operation, Request, purpose_of
from qbwc_server.domain.records import State
from qbwc_server.storage import gathering, memory
from qbwc_server.storage.bulk import listed, one_of
from qbwc_server.storage.prepared import Prepared
from qbwc_server.storage.schema import record, request


def request_of(values: Mapping[str, Any]) -> Request:
    """The request whose columns, by their names, these are."""
    operation = _OPERATIONS[values["operation"]]
    return Request(
        id=values["id"],
        message_set_id=values["message_set_id"],
        connector_id=values["connector_id"],
        operation=operation,
        record_id=values["record_id"],
        revision=values["revision"],
        purpose=purpose_of(operation, values["data"]),
        settled=values["settled"],
        absent=values["absent"],
    )


# looked up here, as rows are many and an enumeration takes its time to find a member
_OPERATIONS = {operation.value: operation for operation in Operation}


def add_requests(conn: Connection, requests: Sequence[Request]) -> None:
    """Store the requests of a message set, in their order."""
    rows = [
        {
            "id": item.id,
            "message_set_id": item.message_set_id,
            "connector_id": item.connector_id,
            "position": position,
            "operation": item.operation,
            "record_id": item.record_id,
            "revision": item.revision,
            "data": item.purpose.json(),
            "settled": item.settled,
            "absent": item.absent,
        }
        for position, item in enumerate(requests)
    ]
    _NEW.write(conn, rows)


_NEW = Prepared(insert(request))


def requests_of(conn: Connection, set_id: int) -> list[Request]:
    """The requests of a message set, in their order."""
    ids = memory.known(conn, _MEMBERS, set_id)
    if ids is not None:
        return [memory.known(conn, _ROW, request_id) for request_id in ids]
    found = _remembered(conn, map(request_of, _OF_SET.named(conn, {"set_id": set_id})))
    memory.keep(conn, _MEMBERS, set_id, [item.id for item in found])
    return found


_OF_SET = Prepared(
    select(request).where(request.c.message_set_id == bindparam("set_id")).order_by(request.c.position)
)


def find_request(conn: Connection, connector_id: int, request_id: str) -> Request | None:
    """The connector's request with this requestID, or None."""
    return find_requests(conn, connector_id, [request_id]).get(request_id)


def find_requests(conn: Connection, connector_id: int, request_ids: Iterable[str]) -> dict[str, Request]:
    """The connector's requests with these requestIDs, by them."""
    wanted = list(request_ids)
    found = {request_id: memory.known(conn, _ROW, request_id) for request_id in wanted}
    unread = [request_id for request_id in wanted if found[request_id] is None]
    if unread:
        given = {"connector_id": connector_id, "ids": listed(conn, unread)}
        rows = _called(conn.dialect.name).named(conn, given)
        found |= {item.id: item for item in _remembered(conn, map(request_of, rows))}
    return {
        request_id: item
        for request_id, item in found.items()
        if item is not None and item.connector_id == connector_id
    }


@lru_cache
def _called(dialect: str) -> Prepared:
    mine = request.c.connector_id == bindparam("connector_id")
    return Prepared(select(request).where(mine, one_of(dialect, request.c.id, "ids")))


_MEMBERS = "requests of a message set"


_ROW = "request"
"""What answers about requests depend on, for `memory`."""


def _remembered(conn: Connection, found: Iterable[Request]) -> list[Request]:
    read = list(found)
    for item in read:
        memory.keep(conn, _ROW, item.id, item)
    return read


def settle(
    conn: Connection, request_id: str, code: int | None, severity: str | None, message: str | None
) -> bool:
    """Note a request's answer. False when it had been settled before: an answer counts once."""
    answer = {"status_code": code, "status_severity": severity, "status_message": message}
    known: Request | None = memory.known(conn, _ROW, request_id)
    if known is not None:
        if not known.settled:
            _change(conn, known, settled=True, **answer)
        return not known.settled
    return _SETTLE.write(conn, [{"which": request_id, "settled": True, **answer}]) == 1


def unsettle(conn: Connection, request_id: str) -> None:
    """Take a request for unanswered after all: its answer did not say what is needed."""
    _change_all(conn, [request_id], settled=False)


def settle_all(conn: Connection, request_ids: Iterable[str]) -> None:
    """Mark requests as settled that never got an answer of their own."""
    _change_all(conn, list(request_ids), settled=True)


def mark_absent(conn: Connection, request_id: str) -> None:
    """Note that QuickBooks does not hold what this request wrote."""
    _change_all(conn, [request_id], absent=True)


def forget_absence(conn: Connection, set_id: int) -> None:
    """The set is sent once more: whether QuickBooks holds what it writes has to be asked anew if need be."""
    memory.forget(conn, _MEMBERS, _ROW)
    conn.execute(update(request).where(request.c.message_set_id == set_id).values(absent=False))


def _change_all(conn: Connection, request_ids: Sequence[str], **values: bool) -> None:
    known = [memory.known(conn, _ROW, request_id) for request_id in request_ids]
    if all(known):
        for item in known:
            _change(conn, item, **values)
        return
    memory.forget(conn, _MEMBERS, _ROW)
    conn.execute(update(request).where(request.c.id.in_(request_ids)).values(**values))


def _change(conn: Connection, known: Request, **values: Any) -> None:
    """Set columns of a request that is remembered."""
    of_value = {name: value for name, value in values.items() if name in ("settled", "absent")}
    memory.keep(conn, _ROW, known.id, replace(known, **of_value))
    gathering.keep_back(conn, _store_changes, (known.id, values))


def _store_changes(conn: Connection, changes: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
    for rows in gathering.together(changes):
        _CHANGE_REQUEST.write(conn, rows)


_THIS_ONE = update(request).where(request.c.id == bindparam("which"))
_CHANGE_REQUEST = Prepared(_THIS_ONE)
_SETTLE = Prepared(_THIS_ONE.where(request.c.settled.is_(False)))
"""What they set are the names of the values they are executed with."""


def uncertain_writes(conn: Connection, connector_id: int, *, now: datetime, limit: int) -> list[Request]:
    """Attempts whose answer was lost and that QuickBooks has not been asked about yet, oldest first."""
    given = {"connector_id": connector_id, "now": now, "limit": limit}
    return [request_of(found) for found in _UNCERTAIN_WRITES.named(conn, given)]


_UNCERTAIN_WRITES = Prepared(
    select(request)
    .join(record, record.c.id == request.c.record_id)
    .where(
        record.c.connector_id == bindparam("connector_id"),
        record.c.state == State.UNCERTAIN,
        request.c.settled.is_(False),
        request.c.absent.is_(False),
        or_(record.c.not_before.is_(None), record.c.not_before <= bindparam("now")),
    )
    .order_by(request.c.message_set_id, request.c.position)
    .limit(bindparam("limit"))
)
