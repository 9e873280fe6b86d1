"""The routes about webhooks."""

from collections.abc import Iterator
from functools import partial

from qbwc_server.domain.people import Scope
from qbwc_server.web.api import parameters as p
from qbwc_server.web.api import webhooks
from qbwc_server.web.api.bodies import PATCH, Body
from qbwc_server.web.api.idempotency import Again
from qbwc_server.web.api.serving import Route

_ALL = "/connectors/{connector}/webhooks"
_ONE = f"{_ALL}/{{webhook_id}}"
_DELIVERY = f"{_ONE}/deliveries/{{delivery_id}}"

_route = partial(Route, tag="Webhooks", scope=Scope.MANAGE)


def routes() -> Iterator[Route]:
    """What can be done with the webhooks of a connector."""
    yield from _of_endpoints()
    yield from _of_deliveries()


def _of_endpoints() -> Iterator[Route]:
    yield _route(
        "POST",
        _ALL,
        webhooks.create,
        "create_webhook",
        "Have what happens sent to an address",
        {201: "NewWebhook"},
        body=Body("WebhookToMake"),
        fails=(409,),
        description="What happens from now on is sent as Standard Webhooks, the body being the event as the feed shows "
        "it: at least once, in order for each record. The secret is in this answer and nowhere else. 409 when there is "
        "one to this address, or as many as there may be.",
        again=Again.IS_REFUSED_ALWAYS,
    )
    yield _route("GET", _ALL, webhooks.listing, "list_webhooks", "The webhooks", {200: "Webhooks"})
    yield _route(
        "GET", _ONE, webhooks.show, "get_webhook", "A webhook: how far it has come", {200: "Webhook"}
    )
    yield _route(
        "PATCH",
        _ONE,
        webhooks.change,
        "change_webhook",
        "Change a webhook, switch it off or on",
        {200: "Webhook"},
        body=Body("WebhookPatch", PATCH),
        fails=(409,),
        description="One that is enabled again goes on where it stopped, at once.",
    )
    yield _route(
        "DELETE", _ONE, webhooks.remove, "remove_webhook", "Remove a webhook and its log", {200: "Webhook"}
    )
    yield _route(
        "POST",
        f"{_ONE}/rotate-secret",
        webhooks.rotate_secret,
        "rotate_webhook_secret",
        "Sign with a new secret",
        {200: "NewWebhook"},
        query=(p.OLD_VALID_HOURS,),
        description="It is in this answer and nowhere else. For a while everything is signed with both.",
        again=Again.IS_REFUSED_ALWAYS,
    )
    yield _route(
        "POST",
        f"{_ONE}/replay",
        webhooks.replay,
        "replay_webhook",
        "Send everything anew that happened after an event",
        {200: "Webhook"},
        body=Body("Replay"),
        description="Also what it was behind with is forgotten: to pass an event over, replay from behind it.",
    )


def _of_deliveries() -> Iterator[Route]:
    yield _route(
        "POST",
        f"{_ONE}/test",
        webhooks.test,
        "test_webhook",
        "Send a test event",
        {202: "WebhookDelivery"},
        fails=(409,),
        description="An event of the type `connector.webhook_test` with the id 0, which is sent within about a second; "
        "the delivery tells what was answered. It is sent also to a webhook that is disabled.",
    )
    yield _route(
        "GET",
        f"{_ONE}/deliveries",
        webhooks.log,
        "list_webhook_deliveries",
        "What was sent and what was answered, the newest first",
        {200: "WebhookDeliveries"},
        query=(p.BY_ROW, p.LIMIT),
    )
    yield _route(
        "GET",
        _DELIVERY,
        webhooks.delivery,
        "get_webhook_delivery",
        "One delivery",
        {200: "WebhookDelivery"},
    )
    yield _route(
        "POST",
        f"{_DELIVERY}/resend",
        webhooks.resend,
        "resend_webhook_delivery",
        "Send the same message once more",
        {202: "WebhookDelivery"},
        fails=(409,),
        description="Once, whatever became of it, with the same `webhook-id`, and without regard to what else waits.",
    )
