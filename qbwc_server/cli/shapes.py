"""The JSON objects the commands print about connectors and error records, named field by field.

Field by field, so that a new attribute (a password's digest, say) never reaches anybody's screen unasked.
"""

from typing import Any
from urllib.parse import quote

from qbwc_server.desk.feeds.event_views import EventView
from qbwc_server.desk.logs.history import Entry
from qbwc_server.desk.overview import Health, Summary
from qbwc_server.desk.standing.connector_views import SummaryView
from qbwc_server.desk.views.base import OpenErrorView
from qbwc_server.desk.views.error_views import ErrorGroup, ErrorRecord
from qbwc_server.domain.connectors import Connector
from qbwc_server.sync.core import Core


def qwc_url(core: Core, name: str) -> str:
    """Where an administrator downloads the connector's .qwc file from the site."""
    return f"{core.public_url.rstrip('/')}/connectors/{quote(name, safe='')}/connector.qwc"


def identity(core: Core, connector: Connector) -> dict[str, Any]:
    """What is needed to set a connector up in the Web Connector, all but the password."""
    return {
        "name": connector.name,
        "username": connector.username,
        "owner_id": connector.owner_id,
        "file_id": connector.file_id,
        "soap_url": core.soap_url,
        "qwc_url": qwc_url(core, connector.name),
    }


def summary(health: Summary) -> dict[str, Any]:
    """One line of `connector list --json`."""
    return SummaryView.of(health).as_json()


def details(core: Core, health: Health) -> dict[str, Any]:
    """The whole of `connector show --json`."""
    connector = health.connector
    return {
        **identity(core, connector),
        **summary(health),
        "created_at": connector.created_at,
        "settings": connector.settings.model_dump(mode="json"),
        "company_file": connector.binding,
        "qbxml_version": connector.qbxml_version,
        "product": connector.product,
        "country": connector.country,
        "findings": health.findings,
        "connector_errors": [error_record(error) for error in health.connector_errors],
        "lists": health.lists,
        "resync_requested_at": health.resync_requested_at,
        "live_session": health.live_session,
        "last_session": health.last_session,
    }


def error_record(error: ErrorRecord) -> dict[str, Any]:
    """One error record, as `errors list --json` has it and the host sees it."""
    return OpenErrorView.of(error).as_json()


def error_details(error: ErrorRecord) -> dict[str, Any]:
    """One error record, as `errors show --json` has it: also whose it is and how it ended."""
    return {
        **error_record(error),
        "connector": error.connector,
        "closed_at": error.closed_at,
        "close_reason": error.close_reason,
    }


def error_group(group: ErrorGroup) -> dict[str, Any]:
    """One cause key and everything waiting behind it, as `errors list --group --json` has it."""
    return {
        "connector": group.errors[0].connector,
        "cause": group.cause,
        "cause_key": group.cause_key,
        "message": group.message,
        "remedy": group.remedy,
        "actor": group.actor,
        "retryable": group.retryable,
        "errors": [error_record(error) for error in group.errors],
    }


def event_entry(entry: Entry) -> dict[str, Any]:
    """One event, as `log --json` has it and the host's feed."""
    return EventView.of(entry).as_json()
