"""`qbwc-server queue`: what is on its way to QuickBooks, what goes next, and what has to wait for what."""

import click

from qbwc_server.cli.invocation import Invocation, connector_option, json_option, pass_invocation
from qbwc_server.cli.opening import chosen_connector, core_of
from qbwc_server.cli.output import Console, say
from qbwc_server.cli.tables import draw, table
from qbwc_server.cli.words import Whole
from qbwc_server.desk.standing import queue as queues
from qbwc_server.desk.standing.queue import Place, Queue

HEADINGS = ("Record", "State", "Priority", "Since", "Waits for")


@click.command("queue")
@click.option(
    "--limit", type=Whole(1, 1000), default=20, show_default=True, help="Show so many of each part."
)
@connector_option
@json_option
@pass_invocation
def queue(invocation: Invocation, limit: int, connector: str | None) -> None:
    """What waits for QuickBooks: on its way, next, and later with the reason."""
    with core_of(invocation) as core:
        found = queues.queue(core, chosen_connector(core, connector), limit=limit)
    invocation.output.result(found, lambda target: _print(target, found))


def _print(target: Console, found: Queue) -> None:
    counts = f"{found.queued} queued, {found.sent} sent, {found.uncertain} uncertain"
    say(target, f"{found.connector}: {counts}", "bold")
    if found.held:
        say(target, f"  {found.held}", "yellow")
    parts = (
        ("On its way", found.on_the_way),
        ("Goes next, in this order", found.next),
        ("Later", found.later),
    )
    for title, places in parts:
        if places:
            draw(target, table(HEADINGS, map(_row, places), title=title))
    if found.requests:
        rows = (
            (f"{each.id}, {each.name}", each.state, each.actor, f"{each.since:%Y-%m-%d %H:%M} UTC")
            for each in found.requests
        )
        draw(target, table(("Request", "State", "By", "Since"), rows, title="Raw requests"))
    if not found.requests and not any(places for _, places in parts):
        say(target, "  Nothing waits for QuickBooks.", "green")


def _row(place: Place) -> tuple[str, str, int, str, str]:
    name = f"{place.kind.label} {place.external_id}"
    return name, place.state, place.priority, f"{place.since:%Y-%m-%d %H:%M} UTC", _reason(place)


def _reason(place: Place) -> str:
    reasons = list(place.waiting_for)
    if place.reason is not None:
        reasons.append(place.reason.rstrip("."))
    if place.not_before is not None:
        reasons.append(f"not before {place.not_before:%Y-%m-%d %H:%M:%S} UTC")
    if not place.is_posted:
        reasons.append(f"{place.kind.label}s are not posted (post_{place.kind}s=no)")
    return ", ".join(reasons)
