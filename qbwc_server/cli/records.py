"""`put`, `get` and `cancel`: hand a record over, see how it fares, take it back."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import IO, Any, cast

import click
from rich.console import Console

from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.records import State

from .failures import Failure
from .invocation import ACTOR, Invocation, chosen_connector, connector_option, json_option, pass_invocation
from .output import say
from .words import OneOf, Whole

SHOWN_IDENTITIES = ("list_id", "txn_id", "ref_number", "matched_by")

kind_argument = click.argument("kind", type=OneOf("kind", [kind.value for kind in Kind]))


@click.command("put")
@kind_argument
@click.argument("external_id")
@click.argument("file", metavar="FILE|-")
@click.option(
    "--priority",
    type=Whole(0, 1000),
    help="Lower is sent earlier among its kind; 100 if never given.",
)
@click.option("--revive", is_flag=True, help="Take the record up again if it was cancelled.")
@connector_option
@json_option
@pass_invocation
def put(
    invocation: Invocation,
    kind: str,
    external_id: str,
    file: str,
    priority: int | None,
    revive: bool,
    connector: str | None,
) -> None:
    """Hand over one record (a JSON object in FILE, or on stdin with -): QuickBooks should hold this."""
    from qbwc_server.desk import intake

    fields = _object_in(file)
    with invocation.core() as core:
        name = chosen_connector(core, connector)
        outcome = intake.put(
            core, name, Kind(kind), external_id, fields, actor=ACTOR, priority=priority, revive=revive
        )
    payload = {**outcome.view, "created": outcome.created, "changed": outcome.changed}
    word = "created" if outcome.created else "changed" if outcome.changed else "unchanged"
    invocation.output.result(payload, lambda target: print_view(target, outcome.view, word))


def _object_in(file: str) -> Mapping[str, Any]:
    """The JSON object in a file, its numbers exact."""
    from qbwc_server.desk import intake

    with reading(file) as stream:
        value = intake.read_json(stream.read())
    if isinstance(value, list) and len(value) == 1:
        (value,) = value
    if not isinstance(value, dict):
        where = "stdin" if file == "-" else file
        raise Failure(
            f'{where} must hold one JSON object, such as {{"name": "Pier Nine"}}; for many use import'
        )
    return value


def reading(file: str) -> AbstractContextManager[IO[str]]:
    """The file's text, or stdin for ``-``: UTF-8, with or without the byte order mark Windows adds."""
    return cast("AbstractContextManager[IO[str]]", click.open_file(file, encoding="utf-8-sig"))


def print_view(target: Console, view: Mapping[str, Any], word: str | None = None) -> None:
    """A record for a person: its state, what QuickBooks calls it, what it waits for, what is in its way."""
    name = f"{Kind(view['kind']).label} {view['external_id']}"
    suffix = f" ({word})" if word else ""
    say(target, f"{name}: {view['state']}{suffix}", "bold")
    if view["is_void"]:
        say(target, f"  {_fate(view)}")
    if view["state"] == State.CANCELLED and (view.get("txn_id") or view.get("list_id")):
        say(target, "  what QuickBooks has of it stays there as it is")
    for key in SHOWN_IDENTITIES:
        if view.get(key):
            say(target, f"  {key.replace('_', ' ')}: {view[key]}")
    if view["seen_at"]:
        say(
            target,
            f"  as of: {view['seen_at'][:16].replace('T', ' ')} UTC, when QuickBooks confirmed it last",
        )
    if view.get("waiting"):
        say(target, f"  waits: {view['waiting']['reason']}")
    if view.get("not_before"):
        say(target, f"  not before: {view['not_before'][:16].replace('T', ' ')} UTC")
    linked = view.get("linked_document") or {}
    if any(linked.values()):
        told = (f"{name.replace('_', ' ')} {value}" for name, value in linked.items() if value)
        say(target, f"  linked by hand to: {', '.join(told)}")
    for warning in view["warnings"]:
        say(target, f"  warning: {warning}")
    for waiting in view.get("waiting_for", ()):
        say(target, f"  waits for: {_words_of(waiting)}")
    for error in view["errors"]:
        say(target, f"  {error['message']}")
        say(target, f"    {error['remedy']}")


def _fate(view: Mapping[str, Any]) -> str:
    """How far the void of a document is; a purchase order is closed instead."""
    is_invoice = view["kind"] == Kind.INVOICE
    if view["state"] == State.SYNCED:
        return f"{'void' if is_invoice else 'closed'} in QuickBooks"
    if view["state"] == State.CANCELLED:
        return f"was to be {'voided' if is_invoice else 'closed'}, which was cancelled"
    return f"to be {'voided' if is_invoice else 'closed'} at the next visit"


def _words_of(value: Any) -> str:
    return " ".join(str(part) for part in value.values()) if isinstance(value, Mapping) else str(value)


@click.command("get")
@kind_argument
@click.argument("external_id")
@connector_option
@json_option
@pass_invocation
def get(invocation: Invocation, kind: str, external_id: str, connector: str | None) -> None:
    """One record: its state, what QuickBooks calls it, and what stands in its way."""
    from qbwc_server.desk import record_views

    with invocation.core() as core:
        view = record_views.view(core, chosen_connector(core, connector), Kind(kind), external_id)
    invocation.output.result(view, lambda target: print_view(target, view))


@click.command("cancel")
@kind_argument
@click.argument("external_id")
@connector_option
@json_option
@pass_invocation
def cancel(invocation: Invocation, kind: str, external_id: str, connector: str | None) -> None:
    """Take back a record that QuickBooks cannot hold, so that it is not sent. `void` is for a document it holds."""
    from qbwc_server.desk import intake

    with invocation.core() as core:
        view = intake.cancel(core, chosen_connector(core, connector), Kind(kind), external_id, actor=ACTOR)
    invocation.output.result(view, lambda target: print_view(target, view))
