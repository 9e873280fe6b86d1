"""In which order changes count: what a host may expect of a record it changes, and versions of its own."""

from dataclasses import dataclass
from decimal import Decimal

from qbwc_server.domain.faults import Conflict, Fault, InvalidInput, PreconditionFailed
from qbwc_server.domain.records import Record, State

MOST_VERSION = 2**63 - 1
"""The largest version (PostgreSQL's bigint): milliseconds and ticks of any calendar have room."""


@dataclass(frozen=True, slots=True)
class Tags:
    """The revisions a request names, as text: a record has its revision as its only tag.

    Attributes:
        every: it names whatever there is (``*``).
    """

    named: frozenset[str] = frozenset()
    every: bool = False

    def hold(self, record: Record | None) -> bool:
        """Whether the record is one of them."""
        return record is not None and (self.every or str(record.revision) in self.named)

    def __str__(self) -> str:
        return "any revision" if self.every else f"revision {' or '.join(sorted(self.named)) or '(none)'}"


@dataclass(frozen=True, slots=True)
class Expected:
    """What must hold of a record for a request to be carried out (RFC 9110, 13.1); by default nothing.

    Attributes:
        match: it must be one of these.
        none_match: it must be none of these.
    """

    match: Tags | None = None
    none_match: Tags | None = None

    def check(self, label: str, record: Record | None) -> None:
        """Say nothing, or refuse.

        Args:
            label: how a person calls it, whether or not there is one.

        Raises:
            PreconditionFailed: it is another revision, naming both.
        """
        is_now = f"{label} is at revision {record.revision}" if record else f"there is no {label} yet"
        if self.match is not None and not self.match.hold(record):
            raise PreconditionFailed(
                f"{is_now}, and the request is for {self.match} (If-Match); look at it again before changing it"
            )
        if self.none_match is not None and self.none_match.hold(record):
            raise PreconditionFailed(
                f"{is_now}, and the request is for none or another than {self.none_match} (If-None-Match)"
            )


ANYTHING = Expected()
"""Nothing is expected: the last one to speak is right."""


MOST_PRIORITY = 1000


def version_of(value: object) -> int | None:
    """The host's version of a record; None where it counts none.

    Raises:
        InvalidInput: it is no whole number.
    """
    if value is None:
        return None
    if isinstance(value, Decimal) and value == value.to_integral_value() and value.adjusted() < 19:
        value = int(value)  # 7.0 is a whole number in JSON
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MOST_VERSION:
        raise InvalidInput([Fault("/version", f"must be a whole number from 0 to {MOST_VERSION}")])
    return value


def priority_of(value: object) -> int | None:
    """The priority a record is handed over with; None where none is said.

    Raises:
        InvalidInput: it is no whole number within the bounds.
    """
    if value is None:
        return None
    if isinstance(value, Decimal) and value in range(MOST_PRIORITY + 1):
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MOST_PRIORITY:
        raise InvalidInput([Fault("/priority", f"must be a whole number from 0 to {MOST_PRIORITY}")])
    return value


def check_turn(record: Record, version: int | None, *, same: bool, revive: bool) -> None:
    """Refuse what comes late: an older version, another content under the same one, a record that was cancelled.

    Args:
        version: of what was handed over now.
        same: whether that says the same as the record.
        revive: whether a cancelled record is to be taken up again.

    Raises:
        Conflict: it comes late; the message names both versions.
    """
    known = record.version
    if known is not None and version is not None and version < known:
        raise Conflict(
            f"{record.label} is at version {known}, and what was handed over is the older version {version}"
        )
    if known is not None and not same and version is None:
        raise Conflict(
            f"{record.label} is at version {known}, and what was handed over has none; give it a later version"
        )
    if known is not None and not same and version == known:
        raise Conflict(
            f"{record.label} was handed over as version {known} with another content; "
            f"version {version} cannot be both: give it a later version"
        )
    if record.state is State.CANCELLED and not revive and not _later(known, version):
        raise Conflict(
            f"{record.label} was cancelled at {record.updated_at:%Y-%m-%d %H:%M:%S} UTC; to have it posted all the "
            "same, hand it over with revive, or with a later version"
        )


def _later(known: int | None, version: int | None) -> bool:
    return known is not None and version is not None and version > known
