"""`qbwc-server webhook`: the addresses that what happens is sent to, and what was sent."""

import time
from collections.abc import Sequence

import click

from qbwc_server.cli import webhook_words as words
from qbwc_server.cli.invocation import ACTOR, Invocation, connector_option, json_option, pass_invocation
from qbwc_server.cli.opening import chosen_connector, core_of
from qbwc_server.cli.output import say
from qbwc_server.cli.words import Whole
from qbwc_server.courier.delivering import deliver
from qbwc_server.desk.feeds import deliveries, webhooks
from qbwc_server.desk.feeds.webhook_views import DeliveryView, NewWebhookView, WebhookView
from qbwc_server.domain.webhooks import OLD_SECRET_LIFE, Delivery
from qbwc_server.sync.core import Core

_ANSWERED_WITHIN = 30.0
"""So many seconds it is waited for another process that delivers to the same webhook."""

_ID = Whole(1)

type_option = click.option(
    "--type",
    "types",
    multiple=True,
    metavar="TYPE",
    help="A type of events it wants, or a pattern: invoice.synced, 'invoice.*', '*.blocked'. May be given again.",
)


@click.group("webhook")
def webhook() -> None:
    """The addresses that what happens is sent to."""


@webhook.command("add")
@click.argument("url")
@type_option
@click.option(
    "--allow-private", is_flag=True, help="It lies in your own network, or is called without TLS (http://)."
)
@connector_option
@json_option
@pass_invocation
def add(
    invocation: Invocation, url: str, types: tuple[str, ...], allow_private: bool, connector: str | None
) -> None:
    """Have what happens from now on sent to URL; the secret it is signed with is shown this once."""
    with core_of(invocation) as core:
        found, secret = webhooks.add(
            core,
            chosen_connector(core, connector),
            url=url,
            types=types or webhooks.EVERYTHING,
            allow_private=allow_private,
            actor=ACTOR,
        )
    payload = NewWebhookView.with_secret(found, secret).as_json()
    invocation.output.result(payload, lambda target: words.print_new(target, found, secret))


@webhook.command("list")
@connector_option
@json_option
@pass_invocation
def list_(invocation: Invocation, connector: str | None) -> None:
    """All webhooks of a connector, and how they are."""
    with core_of(invocation) as core:
        found = webhooks.every(core, chosen_connector(core, connector))
    payload = [WebhookView.of(each).as_json() for each in found]
    invocation.output.result(payload, lambda target: words.print_list(target, found))


@webhook.command("show")
@click.argument("webhook_id", metavar="ID", type=_ID)
@connector_option
@json_option
@pass_invocation
def show(invocation: Invocation, webhook_id: int, connector: str | None) -> None:
    """One webhook: how far it has come, and what is in its way."""
    with core_of(invocation) as core:
        found = webhooks.get(core, chosen_connector(core, connector), webhook_id)
    invocation.output.result(WebhookView.of(found).as_json(), lambda target: words.print_one(target, found))


@webhook.command("change")
@click.argument("webhook_id", metavar="ID", type=_ID)
@click.option("--url", help="Send it to this address.")
@type_option
@click.option("--allow-private/--no-allow-private", default=None, help="It may lie in your own network.")
@click.option("--enable/--disable", "enabled", default=None, help="Go on where it stopped; or send nothing.")
@connector_option
@json_option
@pass_invocation
def change(
    invocation: Invocation,
    webhook_id: int,
    url: str | None,
    types: Sequence[str],
    allow_private: bool | None,
    enabled: bool | None,
    connector: str | None,
) -> None:
    """Give a webhook another address or other types, switch it off or on."""
    if url is None and not types and allow_private is None and enabled is None:
        raise click.UsageError("say what is to change: --url, --type, --allow-private, --enable or --disable")
    with core_of(invocation) as core:
        found = webhooks.change(
            core,
            chosen_connector(core, connector),
            webhook_id,
            url=url,
            types=types or None,
            allow_private=allow_private,
            enabled=enabled,
            actor=ACTOR,
        )
    invocation.output.result(WebhookView.of(found).as_json(), lambda target: words.print_one(target, found))


@webhook.command("remove")
@click.argument("webhook_id", metavar="ID", type=_ID)
@connector_option
@json_option
@pass_invocation
def remove(invocation: Invocation, webhook_id: int, connector: str | None) -> None:
    """Send nothing more to a webhook, and forget it with its log."""
    with core_of(invocation) as core:
        name = chosen_connector(core, connector)
        found = webhooks.get(core, name, webhook_id)
        webhooks.remove(core, name, webhook_id, actor=ACTOR)
    told = f"Webhook {webhook_id} to {found.endpoint.url} is removed."
    invocation.output.result(WebhookView.of(found).as_json(), lambda target: say(target, told))


@webhook.command("rotate-secret")
@click.argument("webhook_id", metavar="ID", type=_ID)
@click.option(
    "--old-valid-hours",
    type=Whole(0, 168),
    default=int(OLD_SECRET_LIFE.total_seconds() // 3600),
    show_default=True,
    help="So long the old secret signs as well; 0: it is worthless at once.",
)
@connector_option
@json_option
@pass_invocation
def rotate_secret(
    invocation: Invocation, webhook_id: int, old_valid_hours: int, connector: str | None
) -> None:
    """Sign with a new secret, which is shown this once."""
    with core_of(invocation) as core:
        found, secret = webhooks.rotate_secret(
            core,
            chosen_connector(core, connector),
            webhook_id,
            old_life=words.hours(old_valid_hours),
            actor=ACTOR,
        )
    payload = NewWebhookView.with_secret(found, secret).as_json()
    invocation.output.result(payload, lambda target: words.print_rotated(target, found, secret))


@webhook.command("replay")
@click.argument("webhook_id", metavar="ID", type=_ID)
@click.option("--after", type=Whole(0), required=True, help="The id of an event; 0: from the beginning.")
@connector_option
@json_option
@pass_invocation
def replay(invocation: Invocation, webhook_id: int, after: int, connector: str | None) -> None:
    """Have the server send everything anew that happened after an event."""
    with core_of(invocation) as core:
        found = webhooks.replay(core, chosen_connector(core, connector), webhook_id, after, actor=ACTOR)
    invocation.output.result(WebhookView.of(found).as_json(), lambda target: words.print_one(target, found))


# --- deliveries --------------------------------------------------------------------------------------------


@webhook.command("test")
@click.argument("webhook_id", metavar="ID", type=_ID)
@connector_option
@json_option
@pass_invocation
def test(invocation: Invocation, webhook_id: int, connector: str | None) -> None:
    """Send a test event, and tell what is answered; no server is needed for it."""
    with core_of(invocation) as core:
        name = chosen_connector(core, connector)
        done = _sent(core, name, deliveries.test(core, name, webhook_id, actor=ACTOR))
    _tell(invocation, done)


@webhook.command("resend")
@click.argument("webhook_id", metavar="ID", type=_ID)
@click.argument("delivery_id", metavar="DELIVERY", type=_ID)
@connector_option
@json_option
@pass_invocation
def resend(invocation: Invocation, webhook_id: int, delivery_id: int, connector: str | None) -> None:
    """Send the message of a delivery once more, and tell what is answered."""
    with core_of(invocation) as core:
        name = chosen_connector(core, connector)
        done = _sent(core, name, deliveries.resend(core, name, webhook_id, delivery_id, actor=ACTOR))
    _tell(invocation, done)


def _sent(core: Core, connector: str, asked: Delivery) -> Delivery:
    """Send it from here, or wait for the server that is just delivering to the same webhook."""
    until = time.monotonic() + _ANSWERED_WITHIN
    while True:
        deliver(core, asked.webhook_id, wanted_only=True)
        found = deliveries.get(core, connector, asked.webhook_id, asked.id)
        if found.duration_ms is not None or time.monotonic() > until:
            return found
        time.sleep(0.5)


def _tell(invocation: Invocation, done: Delivery) -> None:
    invocation.output.result(DeliveryView.of(done).as_json(), lambda target: words.print_sent(target, done))
    if done.failure is not None:
        raise click.exceptions.Exit(1)


@webhook.command("deliveries")
@click.argument("webhook_id", metavar="ID", type=_ID)
@click.option("--limit", type=Whole(1, 10_000), default=50, show_default=True, help="So many.")
@click.option("--before", type=_ID, help="Those before the delivery with this id.")
@connector_option
@json_option
@pass_invocation
def deliveries_(
    invocation: Invocation, webhook_id: int, limit: int, before: int | None, connector: str | None
) -> None:
    """What was sent and what was answered, the newest first."""
    with core_of(invocation) as core:
        name = chosen_connector(core, connector)
        found = deliveries.log(core, name, webhook_id, before=before, limit=limit).items
    payload = [DeliveryView.of(each).as_json() for each in found]
    invocation.output.result(payload, lambda target: words.print_log(target, found))
