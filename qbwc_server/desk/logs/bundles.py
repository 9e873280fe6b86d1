"""Bundles: all that belongs to a visit or to a record, masked, to be passed on and run again (`qbwc-server replay`)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from lxml import etree

from qbwc_server import __version__
from qbwc_server.desk.documents.exchanges import root_of
from qbwc_server.desk.logs import bundle_parts as parts
from qbwc_server.desk.logs.redaction import How, Redactor, Said
from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.events import Event
from qbwc_server.domain.faults import NotFound
from qbwc_server.domain.kinds import Kind, ListName
from qbwc_server.domain.matching import ListEntry, email_keys, fold
from qbwc_server.domain.records import Record
from qbwc_server.domain.sessions import Session
from qbwc_server.storage import Transaction, events, lists, log_pages, records, visit_pages
from qbwc_server.storage.bundles import WholeSet, errors_of, sets_of_record, sets_of_visit
from qbwc_server.storage.log_pages import Wanted
from qbwc_server.storage.visit_pages import RequestLine
from qbwc_server.sync.core import Core
from qbwc_server.sync.look import look

FORMAT = "qbwc-server bundle 1"
MOST_SETS = 100
"""A visit that carried more is told up to these; how many are missing is said."""
_MOST_EVENTS = 2_000


def of_visit(core: Core, connector_name: str, session_id: int) -> dict[str, Any]:
    """A visit with all it carried, masked.

    Raises:
        NotFound: there is no such connector, or it has no such visit.
    """
    with look(core, connector_name) as (conn, connector):
        session = visit_pages.one_visit(conn, connector.id, session_id)
        if session is None:
            raise NotFound(f"the connector {connector_name} has no visit {session_id}")
        sets = sets_of_visit(conn, session_id, limit=MOST_SETS + 1)
        left_out = len(sets) > MOST_SETS
        found = sets[:MOST_SETS]
        asked = visit_pages.request_lines(conn, [item.id for item in found])
        concerned = _with_named(
            conn, connector, {item.record_id for item in asked if item.record_id is not None}
        )
        until = session.ended_at or core.clock()
        wanted = Wanted(since=session.opened_at, until=None)
        happened = log_pages.find_events(conn, connector.id, wanted, log_pages.NEWEST, limit=_MOST_EVENTS)
        told = [event for event in reversed(happened.events) if event.at <= until]
        about = {"visit": session_id, "more_message_sets": left_out}
        return _bundle(core, conn, connector, about, [session], found, asked, concerned, told)


def of_record(core: Core, connector_name: str, kind: Kind, external_id: str) -> dict[str, Any]:
    """A record with its life and what was said about it, masked; of the message sets only its own requests.

    Raises:
        NotFound: there is no such connector or record.
    """
    with look(core, connector_name) as (conn, connector):
        record = records.find(conn, connector.id, kind, external_id)
        if record is None:
            raise NotFound(f"the connector {connector_name} has no {kind.label} {external_id!r}")
        sets = sets_of_record(conn, record.id, limit=MOST_SETS)
        asked = [
            item
            for item in visit_pages.request_lines(conn, [each.id for each in sets])
            if item.record_id == record.id
        ]
        own = {item.id for item in asked}
        found = [_only(item, own) for item in sets]
        sessions = visit_pages.visits_with(conn, {item.session_id for item in sets})
        concerned = _with_named(conn, connector, {record.id})
        about = {"record": {"kind": kind, "external_id": Said(external_id, How.TEXT)}}
        told = events.of_record(conn, record.id)
        return _bundle(core, conn, connector, about, sessions, found, asked, concerned, told)


def _bundle(
    core: Core,
    conn: Transaction,
    connector: Connector,
    about: Mapping[str, Any],
    sessions: Sequence[Session],
    sets: Sequence[WholeSet],
    asked: Sequence[RequestLine],
    concerned: Mapping[int, Record],
    told: Iterable[Event],
) -> dict[str, Any]:
    shown: dict[str, Any] = {
        **parts.own({}, format=FORMAT, server=__version__, made_at=core.clock(), about=about),
        "connector": parts.of_connector(connector),
        "sessions": [parts.of_session(item) for item in sessions],
        "message_sets": [parts.of_set(item, asked, concerned) for item in sets],
        "records": [parts.of_record(item) for item in concerned.values()],
        "list_entries": [parts.of_entry(item) for item in _entries(conn, connector, sets, concerned)],
        "errors": [parts.of_error(item) for item in errors_of(conn, list(concerned))],
        "events": [parts.of_event(item, concerned) for item in told],
    }
    masked: dict[str, Any] = Redactor().all(shown)
    return masked


# --- whose it is about --------------------------------------------------------------------------------------

_LIST_KINDS = tuple(kind for kind in Kind if not kind.is_document)


def _with_named(conn: Transaction, connector: Connector, record_ids: Iterable[int]) -> dict[int, Record]:
    """These records and those they name by their external ids, which go first."""
    own = records.get_all(conn, list(record_ids))
    named = {text for record in own.values() for text in _external_ids(record.content)}
    found = [
        item
        for kind in _LIST_KINDS
        for item in records.by_external_ids(conn, connector.id, kind, named)
        if item.id not in own
    ]
    return {item.id: item for item in [*found, *own.values()]}


def _external_ids(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        named = value.get("external_id")
        if isinstance(named, str):
            yield named
        for item in value.values():
            yield from _external_ids(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _external_ids(item)


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _strings(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _strings(item)


def _entries(
    conn: Transaction, connector: Connector, sets: Sequence[WholeSet], concerned: Mapping[int, Record]
) -> list[ListEntry]:
    """What the list cache holds of all that is named, in one statement."""
    said = {text for record in concerned.values() for text in _strings(record.content)}
    said |= set(_strings(connector.settings.model_dump(mode="json")))
    ids = {record.link.quickbooks_id for record in concerned.values() if record.link is not None}
    ids |= {text for item in sets for text in _list_ids(item)}
    names = {fold(text) for text in said}
    emails = {key for text in said for key in email_keys(text)}
    wanted: dict[tuple[ListName, Any], set[str]] = {}
    for name in ListName:
        wanted[name, "list_id"] = ids
        wanted[name, "full_name"] = names
    for name in (ListName.CUSTOMER, ListName.VENDOR):
        wanted[name, "email"] = emails
    wanted[ListName.ITEM, "sku"] = names
    found = lists.look_up(conn, connector.id, wanted)
    every = {(item.list_name, item.list_id): item for items in found.values() for _, item in items}
    return list(every.values())


def _list_ids(item: WholeSet) -> Iterator[str]:
    for text in (item.text, item.response):
        root = root_of(text)
        for element in () if root is None else root.iter("ListID"):
            if element.text:
                yield element.text


def _only(item: WholeSet, own: set[str]) -> WholeSet:
    """A message set with nothing in it but these requests and the answers to them."""
    return WholeSet(
        **{
            **asdict(item),
            "text": _without_others(item.text, own),
            "response": _without_others(item.response, own),
        }
    )


def _without_others(text: str | None, own: set[str]) -> str | None:
    root = root_of(text)
    if root is None or text is None:
        return None
    for messages in root:
        for child in list(messages):
            if isinstance(child.tag, str) and child.get("requestID") not in own:
                messages.remove(child)
    head = text[: text.find("<QBXML")] if "<QBXML" in text else ""
    return head + etree.tostring(root, encoding="unicode")
