"""What hosts see of webhooks: endpoints without their secrets, and what was sent to them."""

from typing import Literal, Self

from pydantic import Field

from qbwc_server.desk.feeds.webhooks import Found
from qbwc_server.desk.views.base import Count, Id, Moment, View
from qbwc_server.domain.webhooks import Delivery


class WebhookView(View):
    """An endpoint, without its secret."""

    component = "Webhook"

    id: Id
    url: str
    types: tuple[str, ...] = Field(
        description="The types of events it wants, or patterns of them: `*`, `invoice.*`, `*.blocked`."
    )
    allow_private: bool = Field(
        description="It may lie in a private network, and may be called without TLS (`http://`)."
    )
    enabled: bool
    created_at: Moment
    delivered_to: Count = Field(
        description="Every event up to this one was delivered, is not wanted, or belongs to what is `behind`."
    )
    newest_event: Count = Field(description="The newest event of the connector; 0: there is none.")
    behind: Count = Field(description="So many records whose next event was not taken yet.")
    attempts: Count = Field(description="How often in a row nothing came through; 0: it answers.")
    failing_since: Moment | None = Field(description="Since when nothing comes through; null: it answers.")
    next_try_at: Moment | None = Field(
        description="Nothing is sent before; null: whatever there is, is sent."
    )
    disabled_at: Moment | None
    disabled_reason: str | None
    old_secret_until: Moment | None = Field(
        description="Until when the secret before signs as well; null: there was none."
    )

    @classmethod
    def of(cls, found: Found) -> Self:
        """The view of an endpoint."""
        return cls.model_validate(_fields(found))


def _fields(found: Found) -> dict[str, object]:
    endpoint = found.endpoint
    same = ("id", "url", "types", "allow_private", "created_at", "attempts", "failing_since")
    return {
        **{name: getattr(endpoint, name) for name in (*same, "disabled_at", "disabled_reason")},
        "enabled": endpoint.is_enabled,
        "delivered_to": endpoint.after_id,
        "newest_event": found.newest_id,
        "behind": found.behind,
        "next_try_at": endpoint.not_before,
        "old_secret_until": endpoint.old_until,
    }


class NewWebhookView(WebhookView):
    """An endpoint with the secret that was just made."""

    component = "NewWebhook"

    secret: str = Field(description="What it signs with, this once: it is kept nowhere.")

    @classmethod
    def with_secret(cls, found: Found, secret: str) -> Self:
        """The view of an endpoint, and its secret."""
        return cls.model_validate({"secret": secret, **_fields(found)})


class RequestView(View):
    """What was sent, or is to be."""

    webhook_id: str = Field(description="The header `webhook-id`: the same whenever this is sent again.")
    body: str


class DeliveryView(View):
    """One attempt to deliver something."""

    component = "WebhookDelivery"

    id: Id
    event_id: Id | None = Field(description="null: a test.")
    type: str
    state: Literal["waiting", "delivered", "failed"]
    attempt: Id = Field(description="The how manieth of this event.")
    wanted_by: str | None = Field(description="Who asked for it; null: it was sent by itself.")
    at: Moment = Field(description="When it was sent; of one that is waiting: when it was asked for.")
    request: RequestView
    duration_ms: Count | None
    status: int | None = Field(description="Of the answer; null: there was none.")
    answer: str | None = Field(description="The beginning of its body.")
    failure: str | None = Field(description="Why it counts as not delivered, in words.")
    next_try_at: Moment | None = Field(description="When it is tried again by itself.")

    @classmethod
    def of(cls, delivery: Delivery) -> Self:
        """The view of a delivery."""
        names = set(cls.model_fields) - {"state", "request"}
        request = RequestView(webhook_id=delivery.message_id, body=delivery.body)
        return cls(
            state=_state(delivery), request=request, **{name: getattr(delivery, name) for name in names}
        )


def _state(delivery: Delivery) -> Literal["waiting", "delivered", "failed"]:
    if delivery.duration_ms is None:
        return "waiting"
    return "delivered" if delivery.failure is None else "failed"
