"""Causes that concern who is told of what happens."""

from dataclasses import dataclass

from qbwc_server.domain.causes.base import Actor, Cause


@dataclass(frozen=True, slots=True)
class WebhookDisabled(Cause):
    """A receiver of events has taken none for days, or said that it wants no more.

    Attributes:
        webhook_id: the endpoint; of several one.
        place: its address, without what may be secret in it.
    """

    webhook_id: int
    place: str
    reason: str

    name = "webhook_disabled"
    usual_actor = Actor.STAFF
    retryable = False

    @property
    def key(self) -> str:
        return "webhook"

    def message(self) -> str:
        return f"Webhook {self.webhook_id} to {self.place} is disabled: {self.reason}."

    def remedy(self) -> str:
        return (
            "Put the receiver in order, and have an admin enable the webhook again (Settings > Webhooks; API: PATCH "
            "with enabled true; "
            f"command line: qbwc-server webhook change {self.webhook_id} --enable). It goes on where it stopped: "
            "nothing is lost. If it is not needed any more, remove it."
        )
