"""What the commands about webhooks say to a person."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from qbwc_server.cli.output import Console, say
from qbwc_server.cli.tables import draw, table
from qbwc_server.desk.feeds.webhooks import Found
from qbwc_server.domain.webhooks import Delivery


def hours(number: int) -> timedelta:
    """So many hours."""
    return timedelta(hours=number)


def print_new(target: Console, found: Found, secret: str) -> None:
    """An endpoint that was just made."""
    endpoint = found.endpoint
    say(target, f"Webhook {endpoint.id} sends {', '.join(endpoint.types)} to {endpoint.url}", "bold green")
    _print_secret(target, secret)
    say(target, f"Try it: qbwc-server webhook test {endpoint.id}", "dim")


def print_rotated(target: Console, found: Found, secret: str) -> None:
    """A secret that was just made."""
    endpoint = found.endpoint
    say(target, f"Webhook {endpoint.id} has a new secret.", "bold green")
    _print_secret(target, secret)
    if endpoint.old_until is not None:
        say(target, f"The old one signs as well until {_moment(endpoint.old_until)} UTC.", "dim")


def _print_secret(target: Console, secret: str) -> None:
    say(target, f"  {secret}")
    say(target, "It is not shown again: the receiver verifies with it.", "dim")


def print_list(target: Console, every: Sequence[Found]) -> None:
    """All endpoints of a connector."""
    if not every:
        say(target, "There is no webhook yet. Make one: qbwc-server webhook add URL")
        return
    rows = [
        (each.endpoint.id, each.endpoint.url, ", ".join(each.endpoint.types), _state(each)) for each in every
    ]
    draw(target, table(("ID", "Address", "Types", "State"), rows))


def print_one(target: Console, found: Found) -> None:
    """One endpoint."""
    endpoint = found.endpoint
    say(target, f"Webhook {endpoint.id}: {endpoint.url}", "bold")
    say(target, f"  Types:   {', '.join(endpoint.types)}")
    say(target, f"  State:   {_state(found)}")
    say(target, f"  Come to: event {endpoint.after_id} of {found.newest_id}")
    if found.behind:
        say(target, f"  Behind:  the next event of {found.behind} records was not taken yet", "yellow")
    if endpoint.allow_private:
        say(target, "  It may lie in a private network, and may be called without TLS.")


def _state(found: Found) -> str:
    endpoint = found.endpoint
    if endpoint.disabled_at is not None:
        return f"disabled {_moment(endpoint.disabled_at)}: {endpoint.disabled_reason}"
    if endpoint.failing_since is not None and endpoint.not_before is not None:
        return (
            f"takes nothing since {_moment(endpoint.failing_since)}, next try {_moment(endpoint.not_before)}"
        )
    return "good" if not found.behind else f"{found.behind} records are behind"


def print_sent(target: Console, done: Delivery) -> None:
    """What became of a message."""
    if done.duration_ms is None:
        say(
            target,
            "It waits: the server is just delivering to this webhook. See: webhook deliveries",
            "yellow",
        )
    elif done.failure is None:
        say(target, f"Delivered in {done.duration_ms} ms: it answered {done.status}.", "green")
    else:
        say(target, f"Not delivered: {done.failure} ({done.duration_ms} ms).", "red")
    if done.answer:
        say(target, f"  {done.answer}", "dim")


def print_log(target: Console, found: Sequence[Delivery]) -> None:
    """What was sent."""
    if not found:
        say(target, "Nothing was sent yet.")
        return
    headings = ("ID", "When (UTC)", "Event", "Type", "Attempt", "What became of it", "Next try (UTC)")
    draw(target, table(headings, map(_row, found)))


def _row(item: Delivery) -> tuple[int, str, int | None, str, int, str, str | None]:
    again = None if item.next_try_at is None else _moment(item.next_try_at)
    return item.id, _moment(item.at), item.event_id, item.type, item.attempt, _became(item), again


def _became(item: Delivery) -> str:
    if item.duration_ms is None:
        return "waits to be sent"
    return f"{item.failure or f'delivered, {item.status}'} ({item.duration_ms} ms)"


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}"
