"""The parts of a bundle as JSON values, their texts marked with what becomes of them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import Enum
from typing import Any

from qbwc_server.desk.logs.redaction import How, Said, Xml
from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.errors import StoredError
from qbwc_server.domain.events import Event
from qbwc_server.domain.matching import ListEntry
from qbwc_server.domain.records import Record
from qbwc_server.domain.sessions import Session
from qbwc_server.storage.bundles import WholeSet
from qbwc_server.storage.visit_pages import RequestLine

_IDS = frozenset({"list_id", "txn_id", "quickbooks_id"})
_SYSTEM = frozenset({"host", "quickbooks", "server", "cli"})


def own(how: Mapping[How, str], **values: Any) -> dict[str, Any]:
    """An object of this server's own: its texts stay, but for the fields named."""
    named = {name: each for each, names in how.items() for name in names.split()}
    return {name: _said(value, named.get(name, How.STAYS)) for name, value in values.items()}


def _said(value: Any, how: How) -> Any:
    """A value as JSON has it, its texts marked with what becomes of them."""
    if isinstance(value, Said | Xml):
        return value
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Enum):
        return Said(str(value.value), How.STAYS)
    if isinstance(value, str):
        return Said(value, how)
    if isinstance(value, Mapping):
        return {str(name): _said(item, how) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_said(item, how) for item in value]
    return value


def of_connector(connector: Connector) -> dict[str, Any]:
    about = own(
        {},
        paused=connector.paused,
        is_bound=connector.binding is not None,
        qbxml_version=connector.qbxml_version,
        product=connector.product,
        country=connector.country,
    )
    # these are masked by their names, as the records of the order system are
    return {**about, "settings": connector.settings.model_dump(mode="json")}


def of_session(session: Session) -> dict[str, Any]:
    return own(
        {How.SENTENCE: "end_reason last_error", How.TEXT: "address"},
        id=session.id,
        state=session.state,
        opened_at=session.opened_at,
        ended_at=session.ended_at,
        end_reason=session.end_reason,
        last_error=session.last_error,
        qbxml_version=session.qbxml_version,
        quarantined=session.quarantined,
        connection_errors=session.connection_errors,
        address=session.address,
    )


def of_set(item: WholeSet, asked: Sequence[RequestLine], concerned: Mapping[int, Record]) -> dict[str, Any]:
    return own(
        {How.SENTENCE: "message"},
        id=item.id,
        session=item.session_id,
        state=item.state,
        writes=item.writes,
        resent=item.resent,
        sent_at=item.sent_at,
        answered_at=item.answered_at,
        hresult=item.hresult,
        message=item.hresult_message,
        requests=[_request(each, concerned) for each in asked if each.message_set_id == item.id],
        request_xml=Xml(item.text) if item.text else None,
        answer_xml=Xml(item.response) if item.response else None,
    )


def _request(item: RequestLine, concerned: Mapping[int, Record]) -> dict[str, Any]:
    return own(
        {How.SENTENCE: "message", How.ID: "request_id"},
        request_id=item.id,
        operation=item.operation,
        record=_name(concerned.get(item.record_id or 0)),
        settled=item.settled,
        status=item.status_code,
        severity=item.status_severity,
        message=item.status_message,
    )


def _name(record: Record | None) -> dict[str, Any] | None:
    if record is None:
        return None
    return own({How.TEXT: "external_id"}, kind=record.kind, external_id=record.external_id)


def of_record(record: Record) -> dict[str, Any]:
    """A record, and what QuickBooks calls it."""
    link = record.link
    told = own(
        {How.TEXT: "external_id name", How.ID: "quickbooks_id", How.SENTENCE: "warnings"},
        kind=record.kind,
        external_id=record.external_id,
        state=record.state,
        revision=record.revision,
        synced_revision=record.synced_revision,
        quickbooks_id=link.quickbooks_id if link else None,
        edit_sequence=link.edit_sequence if link else None,
        name=link.name if link else None,
        matched_by=link.matched_by if link else None,
        proof=link.proof if link else None,
        is_void=record.is_void,
        generation=record.generation,
        attempts=record.attempts,
        warnings=list(record.warnings),
    )
    return {**told, "content": record.content, "synced_content": record.synced_content}


def of_entry(entry: ListEntry) -> dict[str, Any]:
    """A message set with its requests."""
    how = {
        How.TEXT: "full_name email sku terms account_number barcode city phone",
        How.ID: "list_id external_guid",
        How.AMOUNT: "balance",
    }
    balance = None if entry.balance is None else str(entry.balance)
    return own(how, **{**entry._asdict(), "balance": balance})


def of_error(item: StoredError) -> dict[str, Any]:
    """A visit."""
    said = item.quickbooks
    return own(
        {How.TEXT: "external_id", How.SENTENCE: "data close_reason message"},
        kind=item.kind,
        external_id=item.external_id,
        cause=item.cause.name,
        sub_reason=item.cause.sub_reason,
        data=item.cause.data(),
        opened_at=item.opened_at,
        closed_at=item.closed_at,
        close_reason=item.close_reason,
        times=item.times,
        code=said.code if said else None,
        severity=said.severity if said else None,
        message=said.message if said else None,
    )


def of_event(event: Event, concerned: Mapping[int, Record]) -> dict[str, Any]:
    """What a connector is set to; nothing of how one gets in."""
    data = event.data or {}
    return own(
        {How.SENTENCE: "what detail"},
        id=event.id,
        at=event.at,
        type=event.type,
        record=_name(concerned.get(event.record_id or 0)),
        from_state=event.from_state,
        to_state=event.to_state,
        revision=event.revision,
        by=_actor(event.actor),
        what=event.what,
        detail=event.detail,
        causes=[each.get("cause") for each in data.get("errors", ())],
    )


def _actor(actor: str) -> Any:
    """Who did it: of people, and of keys, the name is masked."""
    who, paren, key = actor.partition(" (")
    if who not in _SYSTEM:
        return Said(actor, How.TEXT)
    return Said(who, How.STAYS) if not paren else [Said(who, How.STAYS), Said(key.rstrip(")"), How.TEXT)]
