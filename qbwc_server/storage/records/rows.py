"""One row as the record it is, and what is remembered of rows that were read."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    Connection,
    Row,
)

from qbwc_server.domain.amounts import cents_of
from qbwc_server.domain.findable import party_of
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.records import Claim, Link, Record, State
from qbwc_server.storage import memory
from qbwc_server.storage.columns import ClaimColumns, LinkColumns
from qbwc_server.storage.schema import record as table

DEFAULT_PRIORITY = 100
COLUMNS = tuple(table.c.keys())
"""The columns of a record, in their order."""

# looked up here, as rows are many and an enumeration takes its time to find a member
_KINDS = {kind.value: kind for kind in Kind}
_STATES = {state.value: state for state in State}


def value(row: Row[Any]) -> Record:
    """A row as the record it is."""
    return _of_columns(row._mapping)


def value_of(columns: Sequence[Any]) -> Record:
    """The record whose columns, all of them, these are."""
    return _of_columns(dict(zip(COLUMNS, columns, strict=True)))


def _of_columns(values: Mapping[Any, Any]) -> Record:
    link = None
    if values["quickbooks_id"] is not None:
        link = Link(
            quickbooks_id=values["quickbooks_id"],
            edit_sequence=values["edit_sequence"],
            name=values["quickbooks_name"],
            matched_by=values["matched_by"],
            proof=values["proof"],
        )
    return Record(
        id=values["id"],
        connector_id=values["connector_id"],
        kind=_KINDS[values["kind"]],
        external_id=values["external_id"],
        state=_STATES[values["state"]],
        revision=values["revision"],
        synced_revision=values["synced_revision"],
        content=values["content"],
        priority=values["priority"],
        is_surplus=values["is_surplus"],
        waiting=values["waiting"],
        link=link,
        synced_content=values["synced_content"],
        posted_lines=values["line_ids"],
        needs_reading=values["needs_reading"],
        is_void=values["is_void"],
        generation=values["generation"],
        warnings=tuple(values["warnings"]),
        attempts=values["attempts"],
        not_before=values["not_before"],
        pause_reason=values["pause_reason"],
        isolation=values["isolation"],
        probed_session_id=values["probed_session_id"],
        created_at=values["created_at"],
        updated_at=values["updated_at"],
        claim=claim(values["claimed_id"], values["claim"]),
        linked_document=values["linked_document"],
        version=values["version"],
        revised_at=values["revised_at"],
        seen_at=values["seen_at"],
    )


def claim(claimed_id: str | None, said: Mapping[str, Any] | None) -> Claim | None:
    """What a person said a record is, from its two columns."""
    if claimed_id is None or said is None:
        return None
    found_as = said["found_as"]
    return Claim(claimed_id, said["revision"], said["content"], Kind(found_as) if found_as else None)


def kept(conn: Connection, record: Record, before: Record | None = None) -> Record:
    """A record as it was just written; what was found of its kind is looked for anew.

    Args:
        before: what it was; None: it is new.
    """
    memory.forget(conn, record.kind)
    for known in filter(None, (before, record)):
        if known.link is not None:
            memory.forget(conn, key_of_holder(known.connector_id, known.kind, known.link.quickbooks_id))
    memory.keep(conn, key(record.id), "row", record)
    memory.keep(conn, key_of_name(record.connector_id, record.kind, record.external_id), "row", record)
    return record


def key_of_name(connector_id: int, kind: Kind, external_id: str) -> tuple[int, Kind, str]:
    """What remembers a record by what the host calls it."""
    return (connector_id, kind, external_id)


def key(record_id: int) -> tuple[str, int]:
    """What remembers a record by its id."""
    return ("record", record_id)


def remember(conn: Connection, record: Record) -> None:
    """A record was read as it stands, where that is remembered; what is known of it already is newer."""
    if memory.known(conn, key(record.id), "row") is None:
        memory.keep(conn, key(record.id), "row", record)


def key_of_holder(connector_id: int, kind: Kind, quickbooks_id: str) -> tuple[str, int, Kind, str]:
    """What remembers whom an entry or document of QuickBooks belongs to."""
    return ("holder", connector_id, kind, quickbooks_id)


def link_columns(link: Link) -> LinkColumns:
    """The columns that hold a link, for `move` and `change`."""
    return {
        "is_surplus": False,
        "quickbooks_id": link.quickbooks_id,
        "edit_sequence": link.edit_sequence,
        "quickbooks_name": link.name,
        "matched_by": link.matched_by,
        "proof": link.proof,
    }


def found_by(kind: Kind, content: Mapping[str, Any]) -> dict[str, Any]:
    """The columns that hold what a record itself says it may be found by, beside its words."""
    return {"party": party_of(kind, content), "amount": cents_of(kind, content)}


def claim_columns(claim: Claim | None) -> ClaimColumns:
    """The columns that hold a claim, for `move` and `change`."""
    if claim is None:
        return {"claimed_id": None, "claim": None}
    said = {"revision": claim.revision, "content": dict(claim.content), "found_as": claim.found_as}
    return {"claimed_id": claim.quickbooks_id, "claim": said}
