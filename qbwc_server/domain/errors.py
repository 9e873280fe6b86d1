"""Error records: one cause that holds up a record or a connector, from when it began until it went away."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from qbwc_server.domain.causes import Cause
from qbwc_server.domain.kinds import Kind

if TYPE_CHECKING:
    from qbxml import Response


@dataclass(frozen=True, slots=True)
class QuickBooksAnswer:
    """What QuickBooks itself said, verbatim.

    Attributes:
        code: a statusCode (``3100``) or an hresult (``0x80040400``).
    """

    code: str
    severity: str | None
    message: str | None

    @classmethod
    def of(cls, response: "Response") -> "QuickBooksAnswer":
        """What it said to one request."""
        return cls(str(response.status_code), response.status_severity, response.status_message)


@dataclass(frozen=True, slots=True)
class OpenCause:
    """An open error record of a record, as far as what becomes of the record depends on it.

    Attributes:
        id: None of one that is yet to be written.
    """

    id: int | None
    cause: Cause
    cause_key: str
    quickbooks: QuickBooksAnswer | None


@dataclass(frozen=True, slots=True)
class StoredError:
    """One error record as it stands in the database.

    Attributes:
        record_id: None: it concerns the connector as a whole; or, when there is a `kind`, a record as it was handed
            over and refused.
        about_id: the record of that kind and external id, if there is one.
        refusal: why the record this one waits for was refused when it was handed over.
    """

    id: int
    connector_id: int
    connector_name: str
    record_id: int | None
    kind: Kind | None
    external_id: str | None
    about_id: int | None
    cause: Cause
    cause_key: str
    quickbooks: QuickBooksAnswer | None
    opened_at: datetime
    closed_at: datetime | None
    close_reason: str | None
    times: int
    last_at: datetime
    address: str | None
    refusal: str | None = None

    @property
    def occurrences(self) -> str:
        """How often it happened, since when, and from where: for people."""
        told = f"once, at {self.opened_at:%Y-%m-%d %H:%M} UTC"
        if self.times > 1:
            began, last = f"{self.opened_at:%Y-%m-%d %H:%M} UTC", f"{self.last_at:%Y-%m-%d %H:%M} UTC"
            told = f"{self.times:,} times since {began}, last {last}"
        return told if self.address is None else f"{told}, from {self.address}"


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What is known of error records; what is None narrows nothing.

    Attributes:
        actor: who must put them right.
        kind, external_id: of the record they are about, or of what the host was refused.
        cause_key: in any case.
    """

    cause: str | None = None
    sub_reason: str | None = None
    actor: str | None = None
    cause_key: str | None = None
    kind: Kind | None = None
    external_id: str | None = None

    @property
    def is_about_records(self) -> bool:
        """Whether it says of which records they are."""
        return self.kind is not None or self.external_id is not None


EVERY = Narrowed()


@dataclass(frozen=True, slots=True)
class Total:
    """What waits for one thing.

    Attributes:
        number: how many error records; `amount` what their documents come to, None where none of them says, or they
            are of more than one currency.
        since: when the first was opened; `last` the last.
        kind: what all of them are; None where they are of several kinds, or none is about a record.
        kinds: the names of the first and the last kind by alphabet, which are the same where there is one.
        currencies: in a company file that has several, what they come to in each by its code, the most first; under
            "" what is of a currency that is not known yet, which comes last. Empty in any other.
    """

    number: int
    amount: Decimal | None
    since: datetime
    last: datetime
    kinds: tuple[str, ...]
    currencies: tuple[tuple[str, Decimal], ...] = ()

    @classmethod
    def added(cls, totals: Sequence["Total"]) -> "Total":
        """Several together, at least one."""
        amounts = [each.amount for each in totals if each.amount is not None]
        made = cls(
            sum(each.number for each in totals),
            sum(amounts, Decimal(0)) if amounts else None,
            min(each.since for each in totals),
            max(each.last for each in totals),
            tuple(sorted({kind for each in totals for kind in each.kinds})),
        )
        told = [pair for each in totals for pair in each.currencies]
        return made.in_currencies(told) if told else made

    def in_currencies(self, told: Iterable[tuple[str, Decimal]]) -> "Total":
        """The same in a company file that has several; nothing is added to what is of another currency."""
        found: dict[str, Decimal] = {}
        for code, amount in told:
            found[code] = found.get(code, Decimal(0)) + amount
        sums = tuple(sorted(found.items(), key=lambda each: (each[0] == "", -each[1], each[0])))
        is_one = len(sums) == 1 and sums[0][0] != ""
        return replace(self, amount=sums[0][1] if is_one else None, currencies=sums)

    @property
    def size(self) -> Decimal:
        """How much it is, for an order alone: an amount of one currency counts as much as of another."""
        return sum((amount for _, amount in self.currencies), Decimal(0)) or self.amount or Decimal(0)

    @property
    def kind(self) -> Kind | None:
        """The one kind of what waits."""
        return Kind(self.kinds[0]) if len(self.kinds) == 1 else None
