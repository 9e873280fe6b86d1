"""The columns that may be set of a row, with their types: what the functions that change rows take by name."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, TypedDict

from qbwc_server.domain.connectors import Binding
from qbwc_server.domain.records import PostedLine
from qbwc_server.domain.sessions import SessionState, SetState
from qbwc_server.domain.settings import ConnectorSettings


class RecordColumns(TypedDict, total=False):
    """Of a record; its state is moved, not set."""

    revision: int
    synced_revision: int | None
    content: Mapping[str, Any]
    party: str | None
    amount: int | None
    priority: int
    waiting: int
    quickbooks_id: str | None
    is_surplus: bool
    edit_sequence: str | None
    quickbooks_name: str | None
    matched_by: str | None
    proof: str | None
    synced_content: Mapping[str, Any] | None
    line_ids: Sequence[PostedLine]
    needs_reading: bool
    is_void: bool
    generation: int
    warnings: Sequence[str]
    attempts: int
    not_before: datetime | None
    pause_reason: str | None
    isolation: str | None
    probed_session_id: int | None
    claimed_id: str | None
    claim: Mapping[str, Any] | None
    linked_document: Mapping[str, Any] | None
    version: int | None
    revised_at: datetime | None
    seen_at: datetime | None


class LinkColumns(TypedDict):
    """Those of a record that hold its link."""

    is_surplus: bool
    quickbooks_id: str | None
    edit_sequence: str | None
    quickbooks_name: str | None
    matched_by: str | None
    proof: str | None


class ClaimColumns(TypedDict):
    """Those of a record that hold a claim."""

    claimed_id: str | None
    claim: Mapping[str, Any] | None


class PauseColumns(TypedDict):
    """Those of a record that say why it has to wait, and until when."""

    not_before: datetime | None
    pause_reason: str | None


class SessionColumns(TypedDict, total=False):
    """Of a session."""

    state: SessionState
    last_call_at: datetime
    ended_at: datetime | None
    end_reason: str | None
    qbxml_version: str | None
    country: str | None
    quarantined: bool
    last_error: str
    connection_errors: int
    has_refusal: bool


class SetColumns(TypedDict, total=False):
    """Of a message set."""

    session_id: int
    state: SetState
    resent: bool
    text: str
    sent_at: datetime
    answered_at: datetime | None
    progress: int | None
    hresult: str | None
    hresult_message: str | None
    status_code: int | None
    response: str | None


class RawRequestColumns(TypedDict, total=False):
    """Of a request that somebody has written themselves; its state is set with the event that tells of it."""

    sent_at: datetime
    answered_at: datetime
    request_id: str | None
    session_id: int | None
    iterator_id: str | None
    tries: int
    alone: bool
    pages: int
    size: int
    status_code: int
    status_severity: str
    status_message: str
    problem: str | None


class OnboardingColumns(TypedDict, total=False):
    """Of a link by which somebody sets up their own connector."""

    opened_at: datetime
    downloaded_at: datetime
    password_at: datetime
    hours: Mapping[str, Any]
    hours_changes: int


class LoadColumns(TypedDict, total=False):
    """Of how far loading a list has come."""

    number: int
    running: Literal["full", "changes"] | None
    iterator_id: str | None
    session_id: int | None
    loaded_at: datetime | None
    not_before: datetime | None
    resync_requested_at: datetime | None
    is_persons: bool
    high_water: str | None
    resume_after: str | None
    is_resumed: bool
    expected: int | None
    left_to_tell: int | None
    changes: Mapping[str, int]
    attempts: int
    refusal: str | None
    fields: Sequence[str] | None
    began_at: datetime | None
    read_from: datetime | None
    fully_loaded_at: datetime | None
    newest: str | None
    entries: int


class ConnectorColumns(TypedDict, total=False):
    """Of a connector; settings and binding as values of the domain."""

    name: str
    username: str
    password_digest: str
    owner_id: str
    file_id: str
    settings: ConnectorSettings
    binding: Binding | None
    paused: bool
    last_seen_at: datetime | None
    last_message_set: str | None
    qbxml_version: str | None
    product: str | None
    country: str | None
    seconds_per_request: float | None
    tidied_at: datetime | None
    is_restored: bool
    is_verifying: bool
    has_requests: bool
    pc_offset: int | None
    removed_at: datetime | None
    habit: str | None
