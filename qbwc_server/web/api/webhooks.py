"""The webhooks of a connector: made, changed, removed, tested; what was sent, and what is to be sent once more."""

from collections.abc import Collection, Iterator, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from qbwc_server.desk.feeds import deliveries, webhooks
from qbwc_server.desk.feeds.webhook_views import DeliveryView, NewWebhookView, WebhookView
from qbwc_server.domain.cursors import LARGEST_ID
from qbwc_server.domain.faults import Fault, InvalidInput
from qbwc_server.domain.near import did_you_mean
from qbwc_server.domain.webhooks import OLD_SECRET_LIFE, faults_of_url
from qbwc_server.web.api import shapes
from qbwc_server.web.api.serving import Answer, Call

_TO_MAKE = ("url", "types", "allow_private")
_TO_CHANGE = (*_TO_MAKE, "enabled")
MOST_TYPES = 100


def create(call: Call, connector: str) -> Answer:
    """Make an endpoint; its secret is shown this once."""
    faults = [*_faults(call.body, _TO_MAKE)]
    if "url" not in call.body:
        faults.insert(0, Fault("/url", "is needed"))
    if faults:
        raise InvalidInput(faults)
    found, secret = webhooks.add(
        call.core,
        connector,
        url=call.body["url"],
        types=call.body.get("types", webhooks.EVERYTHING),
        allow_private=call.body.get("allow_private", False),
        actor=call.actor,
    )
    return Answer(NewWebhookView.with_secret(found, secret).as_json(), 201)


def listing(call: Call, connector: str) -> Answer:
    """The endpoints of a connector."""
    found = webhooks.every(call.core, connector)
    return Answer({"webhooks": [WebhookView.of(each).as_json() for each in found]})


def show(call: Call, connector: str, webhook_id: int) -> Answer:
    """One endpoint."""
    return Answer(WebhookView.of(webhooks.get(call.core, connector, webhook_id)).as_json())


def change(call: Call, connector: str, webhook_id: int) -> Answer:
    """Change an endpoint."""
    if faults := _faults(call.body, _TO_CHANGE):
        raise InvalidInput(faults)
    changed = webhooks.change(call.core, connector, webhook_id, **call.body, actor=call.actor)
    return Answer(WebhookView.of(changed).as_json())


def remove(call: Call, connector: str, webhook_id: int) -> Answer:
    """Remove an endpoint, and what is known of what was sent to it; how it was last."""
    found = webhooks.get(call.core, connector, webhook_id)
    webhooks.remove(call.core, connector, webhook_id, actor=call.actor)
    return Answer(WebhookView.of(found).as_json())


def rotate_secret(call: Call, connector: str, webhook_id: int) -> Answer:
    """Sign with a new secret, which is shown this once."""
    hours = call.query.get("old_valid_hours")
    life = OLD_SECRET_LIFE if hours is None else timedelta(hours=hours)
    found, secret = webhooks.rotate_secret(call.core, connector, webhook_id, old_life=life, actor=call.actor)
    return Answer(NewWebhookView.with_secret(found, secret).as_json())


def replay(call: Call, connector: str, webhook_id: int) -> Answer:
    """Send everything anew that happened after an event."""
    faults = _unknown(call.body, ("after",))
    after: Any = call.body.get("after")
    if type(after) not in (int, Decimal) or not 0 <= after <= LARGEST_ID or after != int(after):
        faults.append(Fault("/after", "is needed, as the id of an event; 0: from the beginning"))
    if faults:
        raise InvalidInput(faults)
    moved = webhooks.replay(call.core, connector, webhook_id, int(after), actor=call.actor)
    return Answer(WebhookView.of(moved).as_json())


def test(call: Call, connector: str, webhook_id: int) -> Answer:
    """Have a test event sent."""
    asked = deliveries.test(call.core, connector, webhook_id, actor=call.actor)
    return Answer(DeliveryView.of(asked).as_json(), 202)


def log(call: Call, connector: str, webhook_id: int) -> Answer:
    """What was sent, from the newest back."""
    before, limit = call.query.get("cursor"), call.query.get("limit", 100)
    found = deliveries.log(call.core, connector, webhook_id, before=before, limit=limit)
    return Answer(shapes.page("deliveries", found, lambda item: DeliveryView.of(item).as_json()))


def delivery(call: Call, connector: str, webhook_id: int, delivery_id: int) -> Answer:
    """One delivery."""
    return Answer(DeliveryView.of(deliveries.get(call.core, connector, webhook_id, delivery_id)).as_json())


def resend(call: Call, connector: str, webhook_id: int, delivery_id: int) -> Answer:
    """Have a message sent once more."""
    asked = deliveries.resend(call.core, connector, webhook_id, delivery_id, actor=call.actor)
    return Answer(DeliveryView.of(asked).as_json(), 202)


def _unknown(body: Collection[str], known: Collection[str]) -> list[Fault]:
    return [
        Fault(f"/{name}", f"there is no such field{did_you_mean(name, known)}")
        for name in body
        if name not in known
    ]


def _faults(body: dict[str, Any] | Any, known: Collection[str]) -> list[Fault]:
    """What has the wrong form; and where anything has, also what the rest cannot mean: all is told at once."""
    faults = _unknown(body, known)
    if "url" in body and not isinstance(body["url"], str):
        faults.append(Fault("/url", "must be text"))
    faults += [
        Fault(f"/{name}", "true or false expected")
        for name in ("allow_private", "enabled")
        if name in known and name in body and not isinstance(body[name], bool)
    ]
    faults += _faults_of_types(body["types"]) if "types" in body else []
    return [*faults, *_faults_of_meaning(body, is_new="enabled" not in known)] if faults else []


def _faults_of_meaning(body: Mapping[str, Any], *, is_new: bool) -> Iterator[Fault]:
    url, types = body.get("url"), body.get("types")
    if isinstance(url, str):
        # of one that is there it is known further in whether it may be private
        yield from faults_of_url(url, allow_private=body.get("allow_private", not is_new) is not False)
    if isinstance(types, list):
        for place, word in enumerate(types):
            if isinstance(word, str):
                yield from webhooks.faults_of_type(place, word)


def _faults_of_types(types: Any) -> list[Fault]:
    if not isinstance(types, list) or len(types) > MOST_TYPES:
        return [Fault("/types", f"must be a list of 1 to {MOST_TYPES} types")]
    return [
        Fault(f"/types/{place}", "must be text")
        for place, item in enumerate(types)
        if not isinstance(item, str)
    ]
