"""`put` and `cancel`: hand a record over, and take it back."""

from collections.abc import Mapping
from typing import Any

import click

from qbwc_server.desk import intake
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.reading_json import read_json

from .failures import Failure
from .invocation import ACTOR, Invocation, connector_option, json_option, pass_invocation
from .opening import chosen_connector, core_of
from .records import kind_argument, print_view, reading
from .words import Whole


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
    fields = _object_in(file)
    with core_of(invocation) as core:
        name = chosen_connector(core, connector)
        outcome = intake.put(
            core, name, Kind(kind), external_id, fields, actor=ACTOR, priority=priority, revive=revive
        )
    payload = {**outcome.view, "created": outcome.created, "changed": outcome.changed}
    word = "created" if outcome.created else "changed" if outcome.changed else "unchanged"
    invocation.output.result(payload, lambda target: print_view(target, outcome.view, word))


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
