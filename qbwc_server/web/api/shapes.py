"""The JSON objects the API answers about connectors, error records and QuickBooks' lists, named field by field.

Field by field, so that a new attribute (a password's digest, say) never reaches a host unasked.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from qbwc_server.desk.error_views import ErrorGroup, ErrorRecord, as_json
from qbwc_server.desk.host import CachedList, Page
from qbwc_server.desk.overview import Finding, Health, ListAge, SessionInfo, Summary
from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.matching import ListEntry

from .parameters import cursor

MOST_LISTED = 100
"""So many error records of one group are listed; behind one cause there may be thousands."""

_Item = TypeVar("_Item")


def page(name: str, found: Page[_Item, Any], shape: Callable[[_Item], Any]) -> dict[str, Any]:
    """A page of a longer list, with the cursor of the next one."""
    return {name: [shape(item) for item in found.items], "next": _next(found)}


def _next(found: Page[Any, Any]) -> str | None:
    return None if found.end is None else cursor(found.end)


def connector(health: Health, now: datetime) -> dict[str, Any]:
    """Everything about a connector but its credentials."""
    return {
        **summary(health),
        "created_at": health.connector.created_at,
        "company_file": _company_file(health.connector),
        "qbxml_version": health.connector.qbxml_version,
        "product": health.connector.product,
        "country": health.connector.country,
        "settings": settings(health.connector),
        "findings": [_finding(item) for item in health.findings],
        "connector_errors": [error_record(item) for item in health.connector_errors],
        "lists": [_list_age(item, now) for item in health.lists],
        "resync_requested_at": health.resync_requested_at,
        "live_session": _session(health.live_session),
        "last_session": _session(health.last_session),
    }


def summary(health: Summary) -> dict[str, Any]:
    """How a connector is, in short."""
    return {
        "name": health.connector.name,
        "mood": health.mood,
        "headline": health.headline,
        "paused": health.connector.paused,
        "last_seen_at": health.connector.last_seen_at,
        "counts": {state.value: number for state, number in health.counts.items()},
        "open_errors": health.open_errors,
    }


def settings(connector: Connector) -> dict[str, Any]:
    """The settings of a connector."""
    return connector.settings.model_dump(mode="json")


def _company_file(connector: Connector) -> dict[str, Any] | None:
    bound = connector.binding
    if bound is None:
        return None
    return {"file_id": bound.file_id, "company_name": bound.company_name, "path": bound.path}


def _finding(item: Finding) -> dict[str, str]:
    return {"severity": item.severity, "text": item.text, "remedy": item.remedy}


def _list_age(item: ListAge, now: datetime) -> dict[str, Any]:
    age = None if item.loaded_at is None else max(0, int((now - item.loaded_at).total_seconds()))
    return {
        "list": item.list,
        "entries": item.entries,
        "loaded_at": item.loaded_at,
        "age_seconds": age,
        "loading": item.loading,
    }


def _session(info: SessionInfo | None) -> dict[str, Any] | None:
    if info is None:
        return None
    return {
        "id": info.id,
        "opened_at": info.opened_at,
        "last_call_at": info.last_call_at,
        "ended_at": info.ended_at,
        "end_reason": info.end_reason,
        "message_sets": info.message_sets,
        "records_synced": info.records_synced,
        "last_error": info.last_error,
    }


def error_record(error: ErrorRecord) -> dict[str, Any]:
    """An error record, also how it ended."""
    return {**as_json(error), "closed_at": error.closed_at, "close_reason": error.close_reason}


def error_group(group: ErrorGroup) -> dict[str, Any]:
    """A cause key and what waits behind it."""
    return {
        "cause": group.cause,
        "cause_key": group.cause_key,
        "message": group.message,
        "remedy": group.remedy,
        "actor": group.actor,
        "retryable": group.retryable,
        "count": group.number,
        "errors": [error_record(error) for error in group.errors[:MOST_LISTED]],
    }


def cached_list(found: CachedList) -> dict[str, Any]:
    """A part of a list of QuickBooks, and how old that knowledge is."""
    return {**page("entries", found.page, _entry), "loaded_at": found.loaded_at}


def _entry(entry: ListEntry) -> dict[str, Any]:
    return {
        "list_id": entry.list_id,
        "type": entry.type,
        "full_name": entry.full_name,
        "is_active": entry.is_active,
        "email": entry.email,
        "sku": entry.sku,
        "account_number": entry.account_number,
        "barcode": entry.barcode,
        "terms": entry.terms,
        "edit_sequence": entry.edit_sequence,
    }
