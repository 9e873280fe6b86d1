"""Message sets: sent, answered or lost, and their texts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Unpack

from sqlalchemy import (
    Connection,
    bindparam,
    insert,
    literal_column,
    select,
    update,
)

from qbwc_server.domain.sessions import MessageSet, Session, SetState
from qbwc_server.storage import gathering, memory
from qbwc_server.storage.columns import SetColumns
from qbwc_server.storage.prepared import Prepared
from qbwc_server.storage.schema import HAS_TEXT, message_set


def _set(values: Mapping[str, Any]) -> MessageSet:
    return MessageSet(
        id=values["id"],
        connector_id=values["connector_id"],
        session_id=values["session_id"],
        state=SetState(values["state"]),
        name=values["name"],
        writes=values["writes"],
        resent=values["resent"],
        text=values["text"],
        sent_at=values["sent_at"],
        progress=values["progress"],
    )


def add_set(
    conn: Connection, session_value: Session, *, name: str | None, writes: bool, text: str, now: datetime
) -> MessageSet:
    """Store a message set that is about to be sent."""
    values: dict[str, Any] = {
        "connector_id": session_value.connector_id,
        "session_id": session_value.id,
        "state": SetState.SENT,
        "name": name,
        "writes": writes,
        "resent": False,
        "text": text,
        "sent_at": now,
    }
    return MessageSet(id=_NEW.value(conn, values), progress=None, **values)


_NEW = Prepared(insert(message_set).returning(message_set.c.id))


def change_set(conn: Connection, set_id: int, **values: Unpack[SetColumns]) -> None:
    """Set columns of a message set."""
    memory.forget(conn, _SET)
    gathering.keep_back(conn, _store_set_changes, (set_id, values))


def _store_set_changes(conn: Connection, changes: Sequence[tuple[int, Mapping[str, Any]]]) -> None:
    for rows in gathering.together(changes):
        _CHANGE_SET.write(conn, rows)


_CHANGE_SET = Prepared(update(message_set).where(message_set.c.id == bindparam("which")))
"""What it sets are the names of the values it is executed with."""


def get_set(conn: Connection, set_id: int) -> MessageSet:
    """The message set with this id, which must exist."""
    (found,) = map(_set, _BY_ID.named(conn, {"set_id": set_id}))
    memory.keep(conn, _SET, set_id, found.resent)
    return found


_BY_ID = Prepared(select(message_set).where(message_set.c.id == bindparam("set_id")))


def is_resent(conn: Connection, set_id: int) -> bool:
    """Whether a message set was sent again; asked for every write, so its long text is left where it is."""
    return memory.recall(conn, _SET, set_id, lambda: bool(_RESENT.value(conn, {"set_id": set_id})))


_RESENT = Prepared(select(message_set.c.resent).where(message_set.c.id == bindparam("set_id")))


_SET = "resent"
"""What the answer of `is_resent` depends on, for `memory`."""


def unanswered(conn: Connection, session_id: int) -> MessageSet | None:
    """The session's message set whose answer is awaited, or None."""
    for found in map(_set, _UNANSWERED.named(conn, {"session_id": session_id})):
        memory.keep(conn, _SET, found.id, found.resent)
        return found
    return None


_UNANSWERED = Prepared(
    select(message_set).where(
        message_set.c.session_id == bindparam("session_id"), message_set.c.state == SetState.SENT
    )
)


def newest_answered(conn: Connection, session_id: int) -> MessageSet | None:
    """The session's message set that was answered last, or None."""
    row = conn.execute(_NEWEST_ANSWERED, {"session_id": session_id}).one_or_none()
    return None if row is None else _set(row._asdict())


_NEWEST_ANSWERED = (
    select(message_set)
    .where(message_set.c.session_id == bindparam("session_id"), message_set.c.progress.is_not(None))
    .order_by(message_set.c.answered_at.desc(), message_set.c.id.desc())
    .limit(1)
)


def newest_set(conn: Connection, session_id: int) -> int | None:
    """The id of the session's message set that was sent last, or None."""
    newest: int | None = _NEWEST_SET.value(conn, {"session_id": session_id})
    return newest


_NEWEST_SET = Prepared(
    select(message_set.c.id)
    .where(message_set.c.session_id == bindparam("session_id"))
    .order_by(message_set.c.sent_at.desc(), message_set.c.id.desc())
    .limit(1)
)


def sets_in(conn: Connection, connector_id: int, *states: SetState) -> list[MessageSet]:
    """The connector's message sets in these states, oldest first."""
    return [_set(found) for found in _sets_in(states).named(conn, {"connector_id": connector_id})]


@lru_cache
def _sets_in(states: tuple[SetState, ...]) -> Prepared:
    mine = message_set.c.connector_id == bindparam("connector_id")
    return Prepared(
        select(message_set).where(mine, message_set.c.state.in_(states)).order_by(message_set.c.id)
    )


def forget_texts(conn: Connection, connector_id: int, *, before: datetime) -> None:
    """Remove the texts of message sets sent before a moment that nothing can depend on any more."""
    done = (SetState.ANSWERED, SetState.REFUSED, SetState.SETTLED)
    conn.execute(
        update(message_set)
        .where(
            message_set.c.connector_id == connector_id,
            message_set.c.state.in_(done),
            message_set.c.sent_at < before,
            literal_column(HAS_TEXT),
        )
        .values(text="", response=None)
    )


@dataclass(frozen=True, slots=True)
class Document:
    """A message set as it was sent, and its answer as it came; "" and None once they have been removed."""

    set: MessageSet
    answered_at: datetime | None
    hresult: str | None
    hresult_message: str | None
    response: str | None


def document(conn: Connection, connector_id: int, set_id: int) -> Document | None:
    """A message set of a connector with its answer, or None."""
    query = select(message_set).where(message_set.c.connector_id == connector_id, message_set.c.id == set_id)
    row = conn.execute(query).one_or_none()
    if row is None:
        return None
    values = row._asdict()
    return Document(
        _set(values), values["answered_at"], values["hresult"], values["hresult_message"], values["response"]
    )
