"""The circumstances QuickBooks works under: who has what open, what the user may do, whether it answers."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from qbwc_server.simulator.errors import RequestProcessorError, StatusError
from qbwc_server.simulator.quickbooks.book import Fields


@dataclass(slots=True)
class Trouble:
    """A failure that lasts for a number of attempts, e.g. a modal dialog somebody will close.

    ``times`` None lasts until it is taken away.
    """

    hresult: str
    message: str
    times: int | None = None

    def strike(self) -> None:
        """Raise RequestProcessorError, and count down."""
        if self.times is not None:
            self.times -= 1
        raise RequestProcessorError(self.hresult, self.message)


@dataclass(slots=True)
class Conditions:
    """Set by a person at QuickBooks (or a test); read by every request.

    Attributes:
        open_forms: ListIDs and TxnIDs whose form another user has open: changing them gives 3175, and
            changing something that belongs to them 3176.
        locked_lists: kinds whose list another user works in: writing to them gives 3180.
        denied: request names without ``Rq`` ("InvoiceAdd", or "*" for all that write) to a status code:
            3260 user's rights, 3261 application's rights, 3263 application registered read-only.
        decimal_comma: Windows prints decimals with a comma.
        sessions: what BeginSession says, when not yes.
        requests: what ProcessRequest says to the whole set, when not yes.
    """

    open_forms: set[str] = field(default_factory=set)
    locked_lists: set[str] = field(default_factory=set)
    denied: dict[str, int] = field(default_factory=dict)
    decimal_comma: bool = False
    sessions: list[Trouble] = field(default_factory=list)
    requests: list[Trouble] = field(default_factory=list)

    def begin_session(self) -> None:
        """Raise what stands in the way of opening the company file."""
        _strike(self.sessions)

    def process_request(self) -> None:
        """Raise what makes QuickBooks reject a whole message set unread."""
        _strike(self.requests)

    def check_permission(self, request: str) -> None:
        """Raise StatusError 3260, 3261 or 3263 for a writing request that is not allowed.

        Args:
            request: the request's name without ``Rq``.
        """
        code = self.denied.get(request, self.denied.get("*"))
        if code is not None:
            raise StatusError(code, _DENIALS.get(code, _DENIALS[3260]))

    def check_list(self, kind: str) -> None:
        """Raise StatusError 3180 when another user works in the list."""
        if kind in self.locked_lists:
            raise StatusError(
                3180,
                f"There was an error when saving a {kind} list.  QuickBooks error message: This list has "
                f"been "
                "modified by another user.",
            )

    def check_form(self, own_id: str | None, related: tuple[str, ...] = ()) -> None:
        """Raise StatusError 3175 when the record itself is open elsewhere, 3176 when one it belongs to is."""
        if own_id in self.open_forms:
            raise StatusError(
                3175,
                f'The object "{own_id}" could not be locked.  QuickBooks error message: '
                "It is in use by another user.",
            )
        busy = [each for each in related if each in self.open_forms]
        if busy:
            raise StatusError(
                3176,
                f'The related object "{busy[0]}" is in use.  QuickBooks error message: '
                "Failed to acquire the lock.",
            )

    def to_state(self) -> Fields:
        """For the state file."""
        return {
            **asdict(self),
            "open_forms": sorted(self.open_forms),
            "locked_lists": sorted(self.locked_lists),
        }

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Conditions:
        """The reverse of to_state."""
        return cls(
            open_forms=set(state.get("open_forms", ())),
            locked_lists=set(state.get("locked_lists", ())),
            denied=dict(state.get("denied", {})),
            decimal_comma=state.get("decimal_comma", False),
            sessions=[Trouble(**each) for each in state.get("sessions", ())],
            requests=[Trouble(**each) for each in state.get("requests", ())],
        )


_DENIALS = {
    3260: "Insufficient permission level to perform this action.",
    3261: "The integrated application has no permission to access this data or perform this action.",
    3263: "The integrated application is registered as read-only and cannot modify the company file.",
}


def _strike(troubles: list[Trouble]) -> None:
    while troubles and troubles[0].times == 0:
        troubles.pop(0)
    if troubles:
        troubles[0].strike()
