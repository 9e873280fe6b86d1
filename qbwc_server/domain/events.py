"""Events: what happened to records and connectors, in order, and what was true of them then."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self

from qbwc_server.domain.causes import Cause
from qbwc_server.domain.errors import QuickBooksAnswer, StoredError
from qbwc_server.domain.event_types import (
    OF_CONNECTORS,
    TYPES,
    ConnectorHappening,
    Happening,
    of_change,
    of_kind,
    type_of,
    type_of_connector,
)
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.records import Record, State, meaning


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened.

    Attributes:
        type: one of `event_types.TYPES`.
        what: for a record the meaning of its transition, for a connector what was done to it.
        actor: ``host``, ``quickbooks``, ``server``, or the name of a user.
        data: what was true then, as JSON values: what QuickBooks called the record, and the error records that stood
            in its way, under ``errors``. Of what a former version noted it is not known.
    """

    id: int
    connector_id: int
    record_id: int | None
    at: datetime
    type: str
    what: str
    from_state: State | None
    to_state: State | None
    revision: int | None
    actor: str
    detail: str | None
    data: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which events somebody wants to hear of.

    Attributes:
        types: those of these types.
        kind, external_id: those of records of this kind, and of this id; None: of any.
    """

    types: frozenset[str] = frozenset(TYPES)
    kind: Kind | None = None
    external_id: str | None = None

    @property
    def meant(self) -> frozenset[str]:
        """The types there can be of."""
        return self.types if self.kind is None else self.types & set(of_kind(self.kind))


EVERYTHING = Wanted()


@dataclass(frozen=True, slots=True)
class Reason:
    """An error record that an event tells of.

    Attributes:
        error_id: None of one that is yet to be written, in the same transaction.
    """

    cause: Cause
    error_id: int | None = None
    answer: QuickBooksAnswer | None = None

    @classmethod
    def of(cls, item: StoredError) -> Self:
        """The reason that is an error record already."""
        return cls(item.cause, item.id, item.quickbooks)

    def as_data(self, error_id: int | None) -> dict[str, Any]:
        """Its sentences as of now, for `Event.data`."""
        told: dict[str, Any] = {
            "error_id": error_id,
            "cause": self.cause.name,
            "sub_reason": self.cause.sub_reason,
            "cause_key": self.cause.key,
            "message": self.cause.message(),
            "remedy": self.cause.remedy(),
            "actor": self.cause.actor.value,
        }
        if self.answer is not None:
            code, severity, message = self.answer.code, self.answer.severity, self.answer.message
            told["quickbooks"] = {"code": code, "severity": severity, "message": message}
        return told


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event that is not yet stored; the fields are those of `Event`.

    Attributes:
        reasons: the error records it tells of; they go into its data once all their ids are known.
    """

    connector_id: int
    type: str
    what: str
    at: datetime
    actor: str
    record_id: int | None = None
    from_state: State | None = None
    to_state: State | None = None
    revision: int | None = None
    detail: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    reasons: Sequence[Reason] = ()


def of_connector(
    connector_id: int,
    happening: ConnectorHappening,
    *,
    at: datetime,
    actor: str,
    detail: str | None = None,
    reasons: Sequence[Reason] = (),
    changes: Sequence[Mapping[str, Any]] = (),
) -> NewEvent:
    """That something happened to a connector as a whole.

    Args:
        changes: the settings that were changed, each with its value before and now; never a secret.
    """
    what = OF_CONNECTORS[happening]
    data: dict[str, Any] = {"changes": list(changes)} if changes else {}
    return NewEvent(
        connector_id, type_of_connector(happening), what, at, actor, detail=detail, data=data, reasons=reasons
    )


def of_record(
    record: Record,
    happening: Happening,
    what: str,
    *,
    at: datetime,
    actor: str,
    detail: str | None = None,
    reasons: Sequence[Reason] = (),
) -> NewEvent:
    """That something happened to a record, as it stands now, that is no change of its state."""
    return NewEvent(
        record.connector_id,
        type_of(record.kind, happening),
        what,
        at,
        actor,
        record.id,
        detail=detail,
        data=known_of(record),
        reasons=reasons,
    )


def came_to(
    record: Record,
    before: State | None,
    *,
    at: datetime,
    actor: str,
    detail: str | None = None,
    reasons: Sequence[Reason] = (),
) -> NewEvent:
    """That a record has come to its state; or, blocked before and after, that it is so for other reasons."""
    is_still = before is record.state
    return NewEvent(
        connector_id=record.connector_id,
        type=type_of(record.kind, of_change(before, record)),
        what=_FOR_OTHER_REASONS if is_still else meaning(before, record.state),
        at=at,
        actor=actor,
        record_id=record.id,
        from_state=before,
        to_state=record.state,
        revision=record.revision,
        detail=detail,
        data=known_of(record),
        reasons=reasons,
    )


_FOR_OTHER_REASONS = "cannot be sent for other reasons now"


def known_of(record: Record) -> dict[str, Any]:
    """What a record is called, in QuickBooks and on paper, and how far QuickBooks is; only what is known."""
    link, is_document = record.link, record.kind.is_document
    name = None if link is None else link.name
    if is_document and name is None:
        name = record.content.get("ref_number")
    told = {
        record.kind.id_name: link and link.quickbooks_id,
        "edit_sequence": link and link.edit_sequence,
        "number" if is_document else "full_name": name,
        "synced_revision": record.synced_revision,
        "matched_by": link and link.matched_by,
        "proof": link and link.proof,
        "is_void": record.is_void or None,
    }
    return {key: value for key, value in told.items() if value is not None}
