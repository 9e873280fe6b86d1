"""`qbwc-server log`: what happened to a connector and its records, in order."""

import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

import click

from qbwc_server.cli.invocation import Invocation, json_option, pass_invocation
from qbwc_server.cli.opening import core_of
from qbwc_server.cli.output import Console, console, say
from qbwc_server.cli.shapes import event_entry
from qbwc_server.cli.tables import draw, table
from qbwc_server.cli.words import OneOf, Whole
from qbwc_server.desk.feeds import feed, waits
from qbwc_server.desk.feeds.event_views import EventView
from qbwc_server.desk.logs import history
from qbwc_server.domain.events import EVERYTHING, Wanted
from qbwc_server.domain.kinds import Kind
from qbwc_server.sync.core import Core

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
@click.option(
    "--follow",
    is_flag=True,
    help="Go on with whatever happens next, until Ctrl-C; with --json one event a line.",
)
@json_option
@pass_invocation
def log(
    invocation: Invocation,
    name: str,
    after: int | None,
    limit: int,
    record: tuple[str, str] | None,
    follow: bool,
) -> None:
    """What happened to the connector NAME and its records, oldest first."""
    if record is not None and after is not None:
        raise click.UsageError("give --record or --after, not both")
    if follow:
        _follow(invocation, name, after, limit, record)
    else:
        events = _events(invocation, name, after, limit, record)
        invocation.output.result(events, lambda target: _print(target, events))


def _follow(
    invocation: Invocation, name: str, after: int | None, limit: int, record: tuple[str, str] | None
) -> None:
    """What there is, and what comes; Ctrl-C is how it is meant to end."""
    with core_of(invocation) as core, suppress(KeyboardInterrupt):
        place = feed.end_of(core, name) if after is None else feed.Place(after)
        if after is None:
            known = _latest(core, name, place.after, limit, record)
            _tell(invocation, map(EventView.of, known))
        wanted = Wanted(kind=Kind(record[0]), external_id=record[1]) if record else EVERYTHING
        while True:
            part, _ = feed.read_when_there(core, name, place, waits.LONGEST, limit=500, wanted=wanted)
            _tell(invocation, part.events)
            place = part.end


def _latest(
    core: Core, name: str, last_id: int, limit: int, record: tuple[str, str] | None
) -> Sequence[history.Entry]:
    """The newest events up to one, the oldest of them first."""
    if record is None:
        return history.log(core, name, before=last_id + 1, limit=limit)[::-1]
    kind, external_id = Kind(record[0]), record[1]
    happened = history.life(core, name, kind, external_id)
    known = [history.Entry(event, kind, external_id) for event in happened if event.id <= last_id]
    return known[-limit:]


def _tell(invocation: Invocation, events: Iterable[EventView]) -> None:
    """Each event in a line of its own."""
    for event in (view.as_json() for view in events):
        if invocation.as_json:
            print(json.dumps(event), flush=True)
        else:
            said = (_moment(event["at"]), _subject(event), _what(event), f"by {event['actor']}")
            say(console(), "  ".join(said))


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
