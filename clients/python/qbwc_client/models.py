"""What the server tells, as frozen values; `all` is the whole of it as it came."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal, Self

from qbwc_client.errors import Fault
from qbwc_client.values import content, decimal, moment

Json = Mapping[str, Any]
Kind = Literal["customer", "vendor", "item", "invoice", "purchase_order"]
State = Literal["queued", "sent", "uncertain", "synced", "blocked", "cancelled"]

SETTLED: tuple[State, ...] = ("synced", "blocked", "cancelled")
"""The states in which nothing goes on by itself before somebody does something."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An entry or document of QuickBooks that may be meant."""

    id: str
    name: str
    number: str | None
    date: str | None
    amount: Decimal | None
    party: str | None
    email: str | None
    account_number: str | None
    is_active: bool
    city: str | None = None
    phone: str | None = None
    balance: Decimal | None = None
    currency: str | None = None
    told_at: datetime | None = None
    last_document: Json | None = None

    @classmethod
    def of(cls, told: Json) -> Self:
        """From its JSON."""
        values: dict[str, Any] = {name: told.get(name) for name in cls.__slots__}
        values |= {name: decimal(told.get(name)) for name in ("amount", "balance")}
        at = told.get("told_at")
        return cls(**{**values, "told_at": moment(at) if at else None})


@dataclass(frozen=True, slots=True)
class Error:
    """What stands in the way of a record, or (`kind` None) of the connector.

    Attributes:
        message: what happened; `remedy` what to do, `actor` who must: ``host``, ``staff`` or ``quickbooks_user``.
        cause_key: what errors with one cause have in common.
    """

    id: int
    cause: str
    sub_reason: str | None
    cause_key: str
    kind: Kind | None
    external_id: str | None
    message: str
    remedy: str
    actor: str
    retryable: bool
    candidates: tuple[Candidate, ...]
    all: Json = field(repr=False, compare=False)

    @classmethod
    def of(cls, told: Json) -> Self:
        """From its JSON."""
        return cls(**_error(told))


def _error(told: Json) -> dict[str, Any]:
    names = (
        "id",
        "cause",
        "sub_reason",
        "cause_key",
        "kind",
        "external_id",
        "message",
        "remedy",
        "actor",
        "retryable",
    )
    candidates = tuple(map(Candidate.of, told.get("candidates", ())))
    return {**{name: told[name] for name in names}, "candidates": candidates, "all": told}


@dataclass(frozen=True, slots=True)
class Choice:
    """One way out of an error.

    Attributes:
        label: what a button would say; `consequence` what becomes of everything then.
        answerable: False: no answer does it; what it says has to be done.
        needs: the name of the value that has to be given with it.
    """

    id: str
    action: str
    label: str
    consequence: str
    answerable: bool
    actor: str
    scope: str
    candidate: Candidate | None
    needs: str | None
    all: Json = field(repr=False, compare=False)

    @classmethod
    def of(cls, told: Json) -> Self:
        """From its JSON."""
        names = ("id", "action", "label", "consequence", "answerable", "actor", "scope")
        candidate, needs = told.get("candidate"), told.get("needs")
        return cls(
            **{name: told[name] for name in names},
            candidate=None if candidate is None else Candidate.of(candidate),
            needs=None if needs is None else needs["name"],
            all=told,
        )


@dataclass(frozen=True, slots=True)
class ErrorInFull(Error):
    """An error with what may be chosen of it.

    Attributes:
        token: goes with an answer, so that nobody chooses from what is not so any more.
        waiting: how many wait for the same cause.
    """

    choices: tuple[Choice, ...] = ()
    token: str = ""
    waiting: int = 0
    closed_at: datetime | None = None

    @classmethod
    def of(cls, told: Json) -> Self:
        """From its JSON."""
        closed = told.get("closed_at")
        return cls(
            **_error(told),
            choices=tuple(map(Choice.of, told["choices"])),
            token=told["token"],
            waiting=told["waiting"],
            closed_at=None if closed is None else moment(closed),
        )


@dataclass(frozen=True, slots=True)
class Answered:
    """What came of an answer.

    Attributes:
        answered: how many of those that waited wait no more; `still_waiting` how many do yet.
    """

    choice: str
    answered: int
    still_waiting: int
    error: ErrorInFull

    @classmethod
    def of(cls, told: Json) -> Self:
        """From its JSON."""
        return cls(told["choice"], told["answered"], told["still_waiting"], ErrorInFull.of(told["error"]))


@dataclass(frozen=True, slots=True)
class Record:
    """A record as it stood.

    Attributes:
        list_id: what QuickBooks calls a customer, vendor or item; `txn_id` a document; None while it is not known.
        number: of a document in QuickBooks; `full_name` of an entry of a list.
        content: what was handed over, its numbers as decimals.
    """

    kind: Kind
    external_id: str
    state: State
    revision: int
    synced_revision: int | None
    version: int | None
    list_id: str | None
    txn_id: str | None
    number: str | None
    full_name: str | None
    is_void: bool
    errors: tuple[Error, ...]
    warnings: tuple[str, ...]
    created_at: datetime
    updated_at: datetime
    content: Json
    all: Json = field(repr=False, compare=False)

    @classmethod
    def of(cls, told: Json) -> Self:
        """From its JSON."""
        same = ("kind", "external_id", "state", "revision", "synced_revision", "version", "is_void")
        return cls(
            **{name: told[name] for name in same},
            list_id=told.get("list_id"),
            txn_id=told.get("txn_id"),
            number=told.get("ref_number"),
            full_name=told.get("full_name"),
            errors=tuple(map(Error.of, told["errors"])),
            warnings=tuple(told["warnings"]),
            created_at=moment(told["created_at"]),
            updated_at=moment(told["updated_at"]),
            content=content(told["record"]),
            all=told,
        )

    @property
    def is_settled(self) -> bool:
        """Whether nothing goes on by itself before somebody does something."""
        return self.state in SETTLED

    @property
    def is_synced(self) -> bool:
        """Whether QuickBooks holds what was handed over last."""
        return self.state == "synced"


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened; `data` is what was true then."""

    id: int
    at: datetime
    type: str
    kind: Kind | None
    external_id: str | None
    from_state: State | None
    to_state: State | None
    actor: str
    data: Json
    all: Json = field(repr=False, compare=False)

    @classmethod
    def of(cls, told: Json) -> Self:
        """From its JSON."""
        return cls(
            id=told["id"],
            at=moment(told["at"]),
            type=told["type"],
            kind=told["kind"],
            external_id=told["external_id"],
            from_state=told["from"],
            to_state=told["to"],
            actor=told["actor"],
            data=told["data"],
            all=told,
        )


@dataclass(frozen=True, slots=True)
class EventPage:
    """A part of the events.

    Attributes:
        next, mark: where to go on from: keep both with your own data.
        more: whether there are more already.
    """

    events: tuple[Event, ...]
    next: int
    mark: str | None
    more: bool

    @classmethod
    def of(cls, told: Json) -> Self:
        """From its JSON."""
        return cls(tuple(map(Event.of, told["events"])), told["next"], told["mark"], told["more"])


@dataclass(frozen=True, slots=True)
class Line:
    """What became of one record of many: ``created``, ``changed``, ``unchanged``, ``faulty`` or ``failed``."""

    kind: str | None
    external_id: str | None
    result: str
    state: State | None
    faults: tuple[Fault, ...]

    @classmethod
    def of(cls, told: Json) -> Self:
        """From its JSON."""
        faults = tuple(Fault(each["pointer"], each["message"]) for each in told["faults"])
        return cls(told["kind"], told["external_id"], told["result"], told["state"], faults)
