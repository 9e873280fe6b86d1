"""What the server tells beside records, errors and events, as frozen values; `all` is the whole of it as it came."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Literal, Self

from qbwc_client.errors import Fault
from qbwc_client.models import Json, Kind, State
from qbwc_client.values import decimal, moment

ListName = Literal[
    "customers",
    "vendors",
    "items",
    "accounts",
    "terms",
    "classes",
    "sales-tax-codes",
    "ship-methods",
    "employees",
    "other-names",
    "templates",
    "sales-reps",
    "customer-messages",
    "payment-methods",
    "price-levels",
    "unit-of-measure-sets",
    "inventory-sites",
    "currencies",
    "customer-types",
    "vendor-types",
    "job-types",
]
"""A list of QuickBooks, as it stands in an address."""


def _moment(value: str | None) -> datetime | None:
    return None if value is None else moment(value)


@dataclass(frozen=True, slots=True)
class Preview:
    """What would become of a record that is not handed over yet.

    Attributes:
        outcome: ``queued``, ``waiting``, ``blocked``, ``synced``, ``unchanged``, ``on_its_way``, ``unchecked`` or
            ``refused``; `message` says it in a sentence.
        matched: what it is in QuickBooks, and why; None: nothing there.
        creates: what it would create; `request` the qbXML that would be sent; `changes` what an update changes.
        errors: what would stop it, each as its error record would say it.
    """

    kind: Kind | None
    external_id: str | None
    outcome: str
    result: str
    state: State | None
    message: str
    faults: tuple[Fault, ...]
    matched: Json | None
    creates: str | None
    request: str | None
    changes: Json | None
    errors: tuple[Json, ...]
    warnings: tuple[str, ...]
    all: Json = field(repr=False, compare=False)

    @classmethod
    def of(cls, told: Json) -> Self:
        """From its JSON."""
        same = (
            "kind",
            "external_id",
            "outcome",
            "result",
            "state",
            "message",
            "matched",
            "creates",
            "request",
        )
        return cls(
            **{name: told[name] for name in same},
            changes=told["changes"],
            faults=tuple(Fault(each["pointer"], each["message"]) for each in told["faults"]),
            errors=tuple(told["errors"]),
            warnings=tuple(told["warnings"]),
            all=told,
        )

    @property
    def would_go(self) -> bool:
        """Whether nothing would stop it."""
        return self.outcome not in ("blocked", "refused")


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of a list of QuickBooks."""

    list_id: str
    full_name: str
    type: str
    is_active: bool
    email: str | None
    sku: str | None
    account_number: str | None
    city: str | None
    phone: str | None
    balance: Decimal | None
    all: Json = field(repr=False, compare=False)

    @classmethod
    def of(cls, told: Json) -> Self:
        """From its JSON."""
        same = (
            "list_id",
            "full_name",
            "type",
            "is_active",
            "email",
            "sku",
            "account_number",
            "city",
            "phone",
        )
        return cls(**{name: told[name] for name in same}, balance=decimal(told["balance"]), all=told)


@dataclass(frozen=True, slots=True)
class Connector:
    """How a connector is doing.

    Attributes:
        mood: in a word; `headline` in a sentence.
        counts: state → how many records.
        last_seen_at: when its Web Connector called last; `next_expected_at` when it should call next.
    """

    name: str
    mood: str
    headline: str
    paused: bool
    counts: Mapping[str, int]
    open_errors: int
    last_seen_at: datetime | None
    next_expected_at: datetime | None
    all: Json = field(repr=False, compare=False)

    @classmethod
    def of(cls, told: Json) -> Self:
        """From its JSON."""
        same = ("name", "mood", "headline", "paused", "counts", "open_errors")
        seen, expected = _moment(told["last_seen_at"]), _moment(told["next_expected_at"])
        return cls(
            **{name: told[name] for name in same}, last_seen_at=seen, next_expected_at=expected, all=told
        )


@dataclass(frozen=True, slots=True)
class Counts:
    """How many records there are of each kind in each state, and how many open errors of each cause."""

    records: Mapping[Kind, Mapping[State, int]]
    open_errors: Mapping[str, int]

    @classmethod
    def of(cls, told: Json) -> Self:
        """From its JSON."""
        return cls(told["records"], told["open_errors"])


@dataclass(frozen=True, slots=True)
class Retried:
    """How many records go on after a retry, and how many do not, as their cause is still there."""

    released: int
    still_blocked: int

    @classmethod
    def of(cls, told: Json) -> Self:
        """From its JSON."""
        return cls(told["released"], told["still_blocked"])


@dataclass(frozen=True, slots=True)
class RawRequest:
    """A request in QuickBooks' own language, and what became of it.

    Attributes:
        state: ``queued``, ``sent``, ``answered``, ``refused``, ``uncertain`` or ``cancelled``.
        response: QuickBooks' answer as it came; None while there is none.
        problem: why there is none, and what to do.
        error_id: of an uncertain one the error record by which somebody says whether it was carried out.
    """

    id: int
    name: str
    state: str
    writes: bool
    response: str | None
    status_code: int | None
    status_message: str | None
    problem: str | None
    error_id: int | None
    all: Json = field(repr=False, compare=False)

    @classmethod
    def of(cls, told: Json) -> Self:
        """From its JSON."""
        same = ("id", "name", "state", "writes", "status_code", "status_message", "problem", "error_id")
        return cls(**{name: told[name] for name in same}, response=told.get("response"), all=told)

    @property
    def is_over(self) -> bool:
        """Whether nothing more becomes of it by itself."""
        return self.state not in ("queued", "sent")


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where events are sent to.

    Attributes:
        delivered_to: it has every event up to this one that it wants, but for those of the records that are `behind`.
        disabled_reason: why nothing is sent any more, if it was given up.
        secret: signs what is sent; told only when it was made or has a new one.
    """

    id: int
    url: str
    types: tuple[str, ...]
    allow_private: bool
    enabled: bool
    behind: int
    delivered_to: int
    failing_since: datetime | None
    disabled_reason: str | None
    secret: str | None = field(repr=False)
    all: Json = field(repr=False, compare=False)

    @classmethod
    def of(cls, told: Json) -> Self:
        """From its JSON."""
        same = ("id", "url", "allow_private", "enabled", "behind", "delivered_to", "disabled_reason")
        return cls(
            **{name: told[name] for name in same},
            types=tuple(told["types"]),
            failing_since=_moment(told["failing_since"]),
            secret=told.get("secret"),
            all=told,
        )


@dataclass(frozen=True, slots=True)
class Delivery:
    """One attempt to send an event to a webhook.

    Attributes:
        state: ``waiting``, ``delivered`` or ``failed``.
        status: what the receiver answered; `failure` why that did not do.
    """

    id: int
    event_id: int | None
    type: str
    state: str
    attempt: int
    at: datetime
    status: int | None
    failure: str | None
    next_try_at: datetime | None
    all: Json = field(repr=False, compare=False)

    @classmethod
    def of(cls, told: Json) -> Self:
        """From its JSON."""
        same = ("id", "event_id", "type", "state", "attempt", "status", "failure")
        return cls(
            **{name: told[name] for name in same},
            at=moment(told["at"]),
            next_try_at=_moment(told["next_try_at"]),
            all=told,
        )
