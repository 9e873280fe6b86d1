"""`qbwc-server listen`: sends what happens to a developer's own program, signed, as a webhook would."""

import json
import time
from collections.abc import Iterator

import click

from qbwc_server.cli.invocation import Invocation, connector_option, json_option, pass_invocation
from qbwc_server.cli.opening import chosen_connector, core_of
from qbwc_server.cli.output import console, say
from qbwc_server.cli.webhooks import type_option
from qbwc_server.cli.words import Whole
from qbwc_server.courier.sending import Line, Outcome
from qbwc_server.desk.feeds import feed
from qbwc_server.desk.feeds.event_views import EventView
from qbwc_server.domain.event_types import TYPES, chosen
from qbwc_server.domain.events import Wanted
from qbwc_server.domain.faults import Fault, InvalidInput
from qbwc_server.domain.webhooks import faults_of_url, message_id, secret_of, signed
from qbwc_server.sync.core import Core

LOOK_EVERY = 0.5
"""Seconds between two looks at what has happened."""


@click.command("listen")
@click.option("--forward-to", "url", required=True, metavar="URL", help="Where your program listens.")
@type_option
@click.option("--after", type=Whole(0), help="Begin behind this event; otherwise with what is new.")
@click.option("--limit", type=Whole(1), help="End after so many events; otherwise with Ctrl-C.")
@connector_option
@json_option
@pass_invocation
def listen(
    invocation: Invocation,
    url: str,
    types: tuple[str, ...],
    after: int | None,
    limit: int | None,
    connector: str | None,
) -> None:
    """Send what happens to your own program, as a webhook would: signed, one event after the other.

    For development, on the machine that has the database. What is not taken is not sent again: begin anew with --after.
    With --json it prints one JSON object a line.
    """
    faults = [Fault("/forward-to", fault.message) for fault in faults_of_url(url, allow_private=True)]
    if faults:
        raise InvalidInput(faults)
    wanted = Wanted(types=_types(types))
    with core_of(invocation) as core:
        name = chosen_connector(core, connector)
        begin = feed.end_of(core, name) if after is None else feed.Place(after)
        secret = secret_of(core.digest_key, f"listen {name}")
        _say_hello(invocation, url, secret, begin.after)
        _forward(core, invocation, _followed(core, name, begin, wanted), url, secret, limit)


def _types(patterns: tuple[str, ...]) -> frozenset[str]:
    try:
        return chosen(patterns) if patterns else frozenset(TYPES)
    except ValueError as error:
        raise click.UsageError(str(error)) from None


def _say_hello(invocation: Invocation, url: str, secret: str, begin: int) -> None:
    if invocation.as_json:
        click.echo(json.dumps({"forward_to": url, "secret": secret, "after": begin}))
        return
    target = console()
    say(target, f"What happens after event {begin} is sent to {url}, signed with", "bold")
    say(target, f"  {secret}")
    say(target, "Ctrl-C ends it.", "dim")


def _followed(core: Core, name: str, place: feed.Place, wanted: Wanted) -> Iterator[EventView]:
    """Whatever happens, for ever."""
    while True:
        part = feed.read(core, name, place, wanted=wanted)
        yield from part.events
        place = part.end
        if not part.more:
            time.sleep(LOOK_EVERY)


def _forward(
    core: Core,
    invocation: Invocation,
    happening: Iterator[EventView],
    url: str,
    secret: str,
    limit: int | None,
) -> None:
    line = Line(url, allow_private=True)
    try:
        for number, event in enumerate(happening, start=1):
            body = event.as_text()
            told = message_id("listen", event.id, event.at)
            outcome = line.post(body, signed([secret], told, body, core.clock()))
            _tell(invocation, event, outcome)
            if number == limit:
                return
    finally:
        line.close()


def _tell(invocation: Invocation, event: EventView, outcome: Outcome) -> None:
    if invocation.as_json:
        answer = {"status": outcome.status, "failure": outcome.failure, "duration_ms": outcome.duration_ms}
        click.echo(
            json.dumps({"id": event.id, "type": event.type, "external_id": event.external_id, **answer})
        )
        return
    about = f" {event.external_id}" if event.external_id is not None else ""
    if outcome.failure is None:
        say(console(), f"{event.id} {event.type}{about}: {outcome.status} in {outcome.duration_ms} ms")
    else:
        say(console(), f"{event.id} {event.type}{about}: not taken, {outcome.failure}", "red")
