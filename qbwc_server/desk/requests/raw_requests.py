"""Requests in qbXML that somebody has written themselves: handed over, looked at, taken back."""

from collections.abc import Collection, Sequence
from contextlib import nullcontext
from dataclasses import dataclass

from lxml import etree

from qbwc_server.desk.feeds import waits
from qbwc_server.domain.causes import WrongCompanyFile
from qbwc_server.domain.connectors import Connector, may_write
from qbwc_server.domain.event_types import ConnectorHappening
from qbwc_server.domain.faults import Conflict, Fault, InvalidInput, NotFound
from qbwc_server.domain.raw_requests import MOST_WAITING, RawRequest, RawState
from qbwc_server.storage import Transaction, connectors, errors, events
from qbwc_server.storage import raw_requests as rows
from qbwc_server.sync import raw_requests
from qbwc_server.sync.core import Core
from qbwc_server.sync.look import look
from qbwc_server.sync.turn import turn
from qbxml import LATEST, InvalidRecord, ReadError, Version
from qbxml import raw as qb


@dataclass(frozen=True, slots=True)
class Noted:
    """A request, and the open error record that asks whether it was carried out, if nobody knows."""

    raw: RawRequest
    error_id: int | None


@dataclass(frozen=True, slots=True)
class Shown(Noted):
    """The same with its answer as QuickBooks sent it; None while there is none."""

    response: str | None


def writes(core: Core, connector_name: str, qbxml: str) -> bool:
    """Whether a request may change the company file; to be asked before it is handed over.

    Raises:
        NotFound: there is no such connector.
        InvalidInput: it is not exactly one request that may be sent.
    """
    with look(core, connector_name) as (_, connector):
        return not _read(connector, qbxml).asks


def hand_over(core: Core, connector_name: str, qbxml: str, *, follow: bool, actor: str) -> RawRequest:
    """Queue a request; it goes with the next visit of the Web Connector.

    Args:
        qbxml: one request element, or a whole document with one message set of one.
        follow: its iterator is followed to the end.

    Raises:
        NotFound: there is no such connector.
        InvalidInput: it is not exactly one request that may be sent.
        Conflict: it would write, and the connector must not; or too many wait already.
    """
    with turn(core, connector_name) as (conn, connector):
        request = _read(connector, qbxml)
        if follow and not request.begins_iterator:
            told = 'only a query with iterator="Start" can be followed'
            raise InvalidInput([Fault("/follow", told)])
        if not request.asks:
            _check_may_write(conn, connector)
        if rows.count_waiting(conn, connector.id) >= MOST_WAITING:
            raise Conflict(f"{MOST_WAITING:,} raw requests wait for QuickBooks already")
        now = core.clock()
        made = rows.add(
            conn,
            connector.id,
            name=request.name,
            writes=not request.asks,
            follow=follow,
            text=request.text,
            actor=actor,
            now=now,
        )
        connectors.change(conn, connector.id, has_requests=True)
        events.add(
            conn, connector.id, ConnectorHappening.REQUEST_QUEUED, at=now, actor=actor, detail=made.label
        )
    return made


def _read(connector: Connector, qbxml: str) -> qb.RawRequest:
    newest = Version(connector.qbxml_version) if connector.qbxml_version else LATEST
    try:
        return qb.read_request(qbxml, newest)
    except InvalidRecord as error:
        raise InvalidInput([Fault("/qbxml", fault.problem) for fault in error.faults]) from None
    except ReadError as error:
        where = f" (line {error.position.line})" if error.position else ""
        raise InvalidInput([Fault("/qbxml", f"this is no qbXML that can be read{where}")]) from None


def _check_may_write(conn: Transaction, connector: Connector) -> None:
    if not may_write(connector):
        raise Conflict("this connector only reads (read_only): it takes queries, and nothing that writes")
    if errors.find(conn, connector.id, cause=WrongCompanyFile.name):
        raise Conflict(
            "QuickBooks had another company file open: nothing is written until a person has confirmed it"
        )


def get(core: Core, connector_name: str, raw_id: int) -> Shown:
    """A request, and its answer.

    Raises:
        NotFound: there is no such connector, or request.
    """
    with look(core, connector_name) as (conn, connector):
        (noted,) = _noted(conn, connector, [_found(conn, connector, raw_id)])
        raw = noted.raw
        return Shown(raw, noted.error_id, _whole(rows.pages_of(conn, raw.id)) if raw.state.is_over else None)


def about(core: Core, connector_name: str, raw_id: int) -> Noted:
    """A request without its answer, which may be long.

    Raises:
        NotFound: there is no such connector, or request.
    """
    with look(core, connector_name) as (conn, connector):
        return _noted(conn, connector, [_found(conn, connector, raw_id)])[0]


def _noted(conn: Transaction, connector: Connector, found: Sequence[RawRequest]) -> list[Noted]:
    asked = raw_requests.uncertain(conn, connector, found)
    return [Noted(raw, asked[raw.id].id if raw.id in asked else None) for raw in found]


def until_over(
    core: Core, connector_name: str, raw_id: int, seconds: float, *, aside: waits.Aside = nullcontext
) -> bool:
    """Wait until a request is over, or time is up.

    Returns:
        False: it is not, and there was no room to wait for it.

    Raises:
        NotFound: there is no such connector, or request.
    """
    with look(core, connector_name) as (conn, connector):
        _found(conn, connector, raw_id)

    def is_over() -> bool:
        with core.database.glance() as conn:
            raw = rows.get(conn, connector.id, raw_id)
            return raw is None or raw.state.is_over

    # whatever becomes of it is an event of the connector
    return waits.until(core, connector.id, is_over, seconds, aside=aside)


def _found(conn: Transaction, connector: Connector, raw_id: int) -> RawRequest:
    raw = rows.get(conn, connector.id, raw_id)
    if raw is None:
        raise NotFound("there is no such request, or it was over so long ago that it is forgotten")
    return raw


def _whole(pages: list[str]) -> str | None:
    """The pages of an answer as one element: the first, and what the others hold."""
    if len(pages) <= 1:
        return pages[0] if pages else None
    parser = etree.XMLParser(huge_tree=True, resolve_entities=False)
    heads = [etree.fromstring(page, parser) for page in pages]
    whole = heads[0]
    for name in ("iteratorID", "iteratorRemainingCount", "retCount"):
        whole.attrib.pop(name, "")
    for head in heads[1:]:
        whole.extend(list(head))
    whole.set("retCount", str(len(whole)))
    return etree.tostring(whole, encoding="us-ascii").decode("ascii")


def listing(
    core: Core,
    connector_name: str,
    *,
    states: Collection[RawState] = (),
    before: int | None = None,
    limit: int = 100,
) -> list[Noted]:
    """The connector's requests from the newest back, or from the one before an id.

    Raises:
        NotFound: there is no such connector.
    """
    with look(core, connector_name) as (conn, connector):
        return _noted(
            conn, connector, rows.page(conn, connector.id, states=states, before=before, limit=limit)
        )


def cancel(core: Core, connector_name: str, raw_id: int, *, actor: str) -> Shown:
    """Take a request back while it is queued; one that is cancelled stays so.

    Raises:
        NotFound: there is no such connector, or request.
        Conflict: QuickBooks has heard of it already.
    """
    with turn(core, connector_name) as (conn, connector):
        raw = _found(conn, connector, raw_id)
        if raw.state is RawState.QUEUED:
            raw_requests.move(conn, raw, RawState.CANCELLED, now=core.clock(), actor=actor)
        elif raw.state is not RawState.CANCELLED:
            raise Conflict(f"it is {raw.state} already: only what is queued can be taken back")
    return get(core, connector_name, raw_id)
