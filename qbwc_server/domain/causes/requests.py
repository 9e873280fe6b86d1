"""The cause of a request that somebody wrote in qbXML, and whose outcome nobody knows."""

from dataclasses import dataclass

from qbwc_server.domain.causes.base import Actor, Cause


@dataclass(frozen=True, slots=True)
class RequestUncertain(Cause):
    """The answer to a raw request that writes was lost: only somebody who looks knows whether it was carried out.

    Attributes:
        request_id: the request, `request` the name of its element, such as ``BillAddRq``.
        asked_by: who handed it over.
    """

    request_id: int
    request: str
    asked_by: str

    name = "request_uncertain"
    usual_actor = Actor.STAFF
    retryable = False

    @staticmethod
    def key_of(request_id: int) -> str:
        """The cause key of a request."""
        return f"request:{request_id}"

    @property
    def key(self) -> str:
        return self.key_of(self.request_id)

    def message(self) -> str:
        who, paren, key = self.asked_by.partition(" (")
        asked_by = f"{'the order system' if who == 'host' else who}{paren}{key}"
        return (
            f"The answer to raw request {self.request_id} ({self.request}, handed over by {asked_by}) was lost: "
            "it may have been carried out in QuickBooks, or not."
        )

    def remedy(self) -> str:
        return (
            "Look in QuickBooks whether it was carried out, and say which it is. It is never sent again by itself: if "
            "it was not carried out and is still wanted, hand it over anew. What it says is shown to an admin by its "
            f"page under Raw requests in the log (command line: qbwc-server requests show {self.request_id})."
        )
