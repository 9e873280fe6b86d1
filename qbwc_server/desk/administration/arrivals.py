"""How far a connector has come on its way into the Web Connector, and where it took a wrong turn."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from qbwc_server.domain.causes import BadCredentials, QuickbooksUnreachable, WrongCompanyFile
from qbwc_server.domain.connectors import ANY_FILE, Connector
from qbwc_server.domain.errors import StoredError
from qbwc_server.domain.lists import ListLoad
from qbwc_server.domain.sessions import Session
from qbwc_server.domain.wrong_turns import BY_CODE, WRONG_PASSWORD, WrongTurn, wrong_file
from qbwc_server.storage import Transaction, errors, events, lists, sessions
from qbwc_server.sync.core import Core
from qbwc_server.sync.look import look
from qbxml import status


@dataclass(frozen=True, slots=True)
class Met:
    """A wrong turn that was taken.

    Attributes:
        times: how often, since it began.
        at: when it was taken last.
    """

    turn: WrongTurn
    times: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Arrival:
    """How far it has come.

    Attributes:
        is_called: the Web Connector has called, be it with a wrong password.
        is_let_in: with the right one.
        is_file_known: QuickBooks was opened with the company file the connector belongs to.
        is_read: the lists that records are matched with were read.
        lists_read: how many of the `lists` were.
    """

    connector: Connector
    is_called: bool
    is_let_in: bool
    is_file_known: bool
    is_read: bool
    lists_read: int
    lists: int
    wrong_turns: tuple[Met, ...]


def of(core: Core, name: str) -> Arrival:
    """How far a connector has come since it was started over last, if ever.

    Raises:
        NotFound: there is no such connector.
    """
    with look(core, name) as (conn, connector):
        return since(conn, connector, _began(conn, connector))


def _began(conn: Transaction, connector: Connector) -> datetime:
    return events.last_full_reset(conn, connector.id) or datetime.min.replace(tzinfo=UTC)


def since(
    conn: Transaction, connector: Connector, began: datetime, password_at: datetime | None = None
) -> Arrival:
    """How far a connector has come since a moment.

    Args:
        password_at: when it got another password: who was let in before is not in yet.
    """
    found = errors.find(conn, connector.id, connector_wide=True)
    latest = sessions.latest(conn, connector.id)
    loads = [load for load in lists.loads_of(conn, [connector.id])[connector.id] if load.list_name.is_matched]
    seen, from_then = connector.last_seen_at, max(began, password_at or began)
    is_let_in = seen is not None and seen >= from_then
    is_known = is_let_in and _is_file_known(connector, latest, found, began)
    return Arrival(
        connector,
        is_called=is_let_in or any(_is_of_password(item) and item.last_at >= began for item in found),
        is_let_in=is_let_in,
        is_file_known=is_known,
        is_read=is_known and bool(loads) and all(map(_is_read, loads)),
        lists_read=sum(map(_is_read, loads)),
        lists=len(loads),
        wrong_turns=tuple(met for item in found if (met := _met(connector, item)) is not None),
    )


def _is_file_known(
    connector: Connector, latest: Session | None, found: Sequence[StoredError], began: datetime
) -> bool:
    if connector.binding in (None, ANY_FILE) or any(
        isinstance(item.cause, WrongCompanyFile) for item in found
    ):
        return False
    # only what QuickBooks answered to says which file is open
    return latest is not None and latest.opened_at >= began and latest.qbxml_version is not None


def _is_read(load: ListLoad) -> bool:
    return load.loaded_at is not None


def _is_of_password(item: StoredError) -> bool:
    return isinstance(item.cause, BadCredentials)


def _met(connector: Connector, item: StoredError) -> Met | None:
    turn = _turn(connector, item)
    return None if turn is None else Met(turn, item.times, item.last_at)


def _turn(connector: Connector, item: StoredError) -> WrongTurn | None:
    cause = item.cause
    if isinstance(cause, BadCredentials):
        return WRONG_PASSWORD
    if isinstance(cause, WrongCompanyFile):
        ours = None if connector.binding is None else connector.binding.company_name
        _, theirs = cause.differences.get("company name", (None, None))
        return wrong_file(ours, theirs or (cause.seen or {}).get("company_name"))
    if isinstance(cause, QuickbooksUnreachable) and item.quickbooks is not None:
        code = item.quickbooks.code
        known = status.hresults.get(code)
        return BY_CODE.get(code.lower()) or WrongTurn(known.meaning.rstrip("."), (cause.remedy(),))
    return WrongTurn(cause.message().rstrip("."), (cause.remedy(),)) if cause.name in _OF_THE_PC else None


_OF_THE_PC = frozenset({"quickbooks_unreachable", "version_unsupported"})
"""Causes that are mended at the PC with QuickBooks."""
