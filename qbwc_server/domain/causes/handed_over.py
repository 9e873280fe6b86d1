"""The cause of what the order system handed over and this server did not take."""

from collections.abc import Iterable
from dataclasses import dataclass

from qbwc_server.domain.causes.base import Actor, Cause, at_the_start
from qbwc_server.domain.faults import Fault
from qbwc_server.domain.kinds import Kind

MOST_FAULTS = 10
"""So many faults of one record are kept; the others are counted."""
_MOST_NAMED = 3
_LONGEST_POINTER, _LONGEST_MESSAGE = 200, 300


@dataclass(frozen=True, slots=True)
class NotAccepted(Cause):
    """A record was handed over and refused, as it has faults; nothing of it was stored.

    Attributes:
        kind: of the record, `external_id` the host's own id for it.
        faults: pointer and sentence of each; `more` of them are left out.
    """

    kind: str
    external_id: str
    faults: tuple[tuple[str, str], ...]
    more: int = 0

    name = "not_accepted"
    usual_actor = Actor.HOST
    retryable = False

    @classmethod
    def of(cls, kind: Kind, external_id: str, faults: Iterable[Fault]) -> "NotAccepted":
        """What was refused; long lists and texts are cut, as a host may send anything."""
        every = [
            (_cut(fault.pointer, _LONGEST_POINTER), _cut(fault.message, _LONGEST_MESSAGE)) for fault in faults
        ]
        return cls(kind.value, external_id, tuple(every[:MOST_FAULTS]), max(0, len(every) - MOST_FAULTS))

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.external_id}"

    @property
    def why(self) -> str:
        """The faults, in words."""
        named = [Fault(pointer, message).in_words for pointer, message in self.faults[:_MOST_NAMED]]
        left = len(self.faults) - len(named) + self.more
        return "; ".join(named) + (f"; and {left:,} more" if left else "")

    def message(self) -> str:
        label = at_the_start(f"{Kind(self.kind).label} {self.external_id}")
        return f"{label} was handed over and not accepted: {self.why.rstrip('.')}."

    def remedy(self) -> str:
        return (
            "Correct it in the order system and hand it over again. Then this goes away, and what waits for it goes on "
            "by itself. What was accepted before stays as it is."
        )


def _cut(text: str, longest: int) -> str:
    text = text.encode(errors="replace").decode().replace("\0", "?")
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
