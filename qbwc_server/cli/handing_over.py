"""`put` and `cancel`: hand a record over, and take it back."""

import time
from collections.abc import Mapping
from typing import Any

import click

from qbwc_server.cli import previews
from qbwc_server.cli.failures import Failure
from qbwc_server.cli.invocation import ACTOR, Invocation, connector_option, json_option, pass_invocation
from qbwc_server.cli.opening import chosen_connector, core_of
from qbwc_server.cli.records import kind_argument, print_view, reading
from qbwc_server.cli.words import Whole
from qbwc_server.desk.feeds import waits
from qbwc_server.desk.handing_over import intake
from qbwc_server.desk.views import record_views
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.reading_json import read_json
from qbwc_server.domain.records import State
from qbwc_server.sync.core import Core

USUAL_SECONDS, MOST_SECONDS = 30, 3600
"""How long `put --wait` waits."""


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
@click.option(
    "--dry-run",
    is_flag=True,
    help="Store nothing; tell what would become of it, what it names, and what QuickBooks would be sent.",
)
@click.option(
    "--wait",
    type=Whole(1, MOST_SECONDS),
    is_flag=False,
    flag_value=USUAL_SECONDS,
    metavar="[SECONDS]",
    help=f"Wait until it is synced, blocked or cancelled, {USUAL_SECONDS} seconds if no other number is given; "
    "then fail unless it is synced.",
)
@connector_option
@json_option
@pass_invocation
@click.pass_context
def put(
    context: click.Context,
    invocation: Invocation,
    kind: str,
    external_id: str,
    file: str,
    priority: int | None,
    revive: bool,
    dry_run: bool,
    wait: int | None,
    connector: str | None,
) -> None:
    """Hand over one record (a JSON object in FILE, or on stdin with -): QuickBooks should hold this."""
    if dry_run and (wait is not None or priority is not None):
        raise click.UsageError(
            "--dry-run stores nothing: there is nothing to wait for, and no priority to set"
        )
    fields = _object_in(file)
    with core_of(invocation) as core:
        name = chosen_connector(core, connector)
        if dry_run:
            looked = previews.look_at_one(core, name, Kind(kind), external_id, fields, revive=revive)
            invocation.output.result(looked.as_json(), lambda target: previews.print_one(target, looked))
            context.exit(1 if looked.faults else 0)
        outcome = intake.put(
            core, name, Kind(kind), external_id, fields, actor=ACTOR, priority=priority, revive=revive
        )
        view = outcome.view if wait is None else _waited_for(core, name, outcome.view, wait)
    payload = {**view, "created": outcome.created, "changed": outcome.changed}
    word = "created" if outcome.created else "changed" if outcome.changed else "unchanged"
    invocation.output.result(payload, lambda target: print_view(target, view, word))
    if wait is not None and view["state"] != State.SYNCED:
        context.exit(1)


def _waited_for(core: Core, name: str, view: Mapping[str, Any], seconds: int) -> Mapping[str, Any]:
    """The record once it is settled, or time is up."""
    kind, external_id = Kind(view["kind"]), view["external_id"]
    deadline = time.monotonic() + seconds
    while view["state"] not in waits.SETTLED and (left := deadline - time.monotonic()) > 0:
        waits.until_settled(core, name, kind, external_id, left)
        view = record_views.view(core, name, kind, external_id)
    return view


def _object_in(file: str) -> Mapping[str, Any]:
    """The JSON object in a file, its numbers exact."""
    with reading(file) as stream:
        value = read_json(stream.read())
    if isinstance(value, list) and len(value) == 1:
        (value,) = value
    if not isinstance(value, dict):
        where = "stdin" if file == "-" else file
        raise Failure(
            f'{where} must hold one JSON object, such as {{"name": "Pier Nine"}}; for many use import'
        )
    return value


@click.command("cancel")
@kind_argument
@click.argument("external_id")
@connector_option
@json_option
@pass_invocation
def cancel(invocation: Invocation, kind: str, external_id: str, connector: str | None) -> None:
    """Take back a record that QuickBooks cannot hold, so that it is not sent. `void` is for a document it holds."""
    with core_of(invocation) as core:
        view = intake.cancel(core, chosen_connector(core, connector), Kind(kind), external_id, actor=ACTOR)
    invocation.output.result(view, lambda target: print_view(target, view))
