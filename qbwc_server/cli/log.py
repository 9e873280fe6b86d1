"""`qbwc-server log`: what happened to a connector and its records, in order."""

from collections.abc import Mapping, Sequence
from typing import Any

import click

from qbwc_server.desk import history
from qbwc_server.domain.kinds import Kind

from .invocation import Invocation, json_option, pass_invocation
from .opening import core_of
from .output import Console, say
from .shapes import event_entry
from .tables import draw, table
from .words import OneOf, Whole

Events = Sequence[Mapping[str, Any]]


@click.command("log")
@click.argument("name")
@click.option("--after", type=Whole(0), help="Those after this event; otherwise the newest ones.")
@click.option("--limit", type=Whole(1, 10_000), default=50, show_default=True, help="So many.")
@click.option(
    "--record",
    type=(OneOf("kind", [kind.value for kind in Kind]), str),
    metavar="KIND EXTERNAL_ID",
    help="Only the life of this record, from its beginning.",
)
@json_option
@pass_invocation
def log(
    invocation: Invocation, name: str, after: int | None, limit: int, record: tuple[str, str] | None
) -> None:
    """What happened to the connector NAME and its records, oldest first.

    Whoever wants to follow it asks again with --after and the id of the last event.
    """
    if record is not None and after is not None:
        raise click.UsageError("give --record or --after, not both")
    events = _events(invocation, name, after, limit, record)
    invocation.output.result(events, lambda target: _print(target, events))


def _events(
    invocation: Invocation, name: str, after: int | None, limit: int, record: tuple[str, str] | None
) -> Events:
    with core_of(invocation) as core:
        if record is not None:
            kind, external_id = Kind(record[0]), record[1]
            happened = history.life(core, name, kind, external_id)
            entries = [history.Entry(event, kind, external_id) for event in happened[:limit]]
            return [event_entry(entry) for entry in entries]
        if after is not None:
            return [event_entry(entry) for entry in history.feed(core, name, after=after, limit=limit)]
        return [event_entry(entry) for entry in reversed(history.log(core, name, limit=limit))]


def _print(target: Console, events: Events) -> None:
    if not events:
        say(target, "Nothing happened.")
        return
    rows = [
        (event["id"], _moment(event["at"]), _subject(event), _what(event), event["actor"]) for event in events
    ]
    draw(target, table(("ID", "When (UTC)", "About", "What happened", "By"), rows))


def _moment(text: str) -> str:
    return text[:19].replace("T", " ")


def _subject(event: Mapping[str, Any]) -> str:
    return "the connector" if event["kind"] is None else f"{Kind(event['kind']).label} {event['external_id']}"


def _what(event: Mapping[str, Any]) -> str:
    data = event["data"]
    words = f"{event['to']}: {data['what']}" if event["to"] else str(data["what"])
    return f"{words} ({data['detail']})" if data.get("detail") else words
