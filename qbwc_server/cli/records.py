"""`put`, `get`, `cancel` and `import`: hand records over and see how they fare."""

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import IO, TYPE_CHECKING, Any, cast

import click
from rich.console import Console

from qbwc_server.domain.kinds import Kind

from .failures import Failure
from .invocation import Invocation, chosen_connector, connector_option, json_option, pass_invocation
from .output import say, table

if TYPE_CHECKING:
    from qbwc_server.sync.intake import ImportOutcome

SHOWN_IDENTITIES = ("list_id", "txn_id", "ref_number", "matched_by")

kind_argument = click.argument("kind", type=click.Choice([kind.value for kind in Kind]))


@click.command("put")
@kind_argument
@click.argument("external_id")
@click.argument("file", metavar="FILE|-")
@connector_option
@json_option
@pass_invocation
def put(invocation: Invocation, kind: str, external_id: str, file: str, connector: str | None) -> None:
    """Hand over one record (a JSON object in FILE, or on stdin with -): QuickBooks should hold this."""
    from qbwc_server.sync import intake

    fields = _object_in(file)
    with invocation.core() as core:
        outcome = intake.put(core, chosen_connector(core, connector), Kind(kind), external_id, fields)
    payload = {**outcome.view, "created": outcome.created, "changed": outcome.changed}
    word = "created" if outcome.created else "changed" if outcome.changed else "unchanged"
    invocation.output.result(payload, lambda target: _print_view(target, outcome.view, word))


def _object_in(file: str) -> Mapping[str, Any]:
    """The JSON object in a file, its numbers exact."""
    from qbwc_server.sync import intake

    with _reading(file) as stream:
        value = intake.read_json(stream.read())
    if not isinstance(value, dict):
        raise Failure(f"{file} must hold one JSON object")
    return value


def _reading(file: str) -> AbstractContextManager[IO[str]]:
    """The file's text, or stdin for ``-``: UTF-8, with or without the byte order mark Windows adds."""
    return cast("AbstractContextManager[IO[str]]", click.open_file(file, encoding="utf-8-sig"))


def _print_view(target: Console, view: Mapping[str, Any], word: str | None = None) -> None:
    name = f"{Kind(view['kind']).label} {view['external_id']}"
    suffix = f" ({word})" if word else ""
    say(target, f"{name}: {view['state']}{suffix}", "bold")
    for key in SHOWN_IDENTITIES:
        if view.get(key):
            say(target, f"  {key.replace('_', ' ')}: {view[key]}")
    for warning in view["warnings"]:
        say(target, f"  warning: {warning}")
    for waiting in view.get("waiting_for", ()):
        say(target, f"  waits for: {_words_of(waiting)}")
    for error in view["errors"]:
        say(target, f"  {error['message']}")
        say(target, f"    {error['remedy']}")


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
    from qbwc_server.sync import intake

    with invocation.core() as core:
        view = intake.view(core, chosen_connector(core, connector), Kind(kind), external_id)
    invocation.output.result(view, lambda target: _print_view(target, view))


@click.command("cancel")
@kind_argument
@click.argument("external_id")
@connector_option
@json_option
@pass_invocation
def cancel(invocation: Invocation, kind: str, external_id: str, connector: str | None) -> None:
    """Withdraw a record that QuickBooks has not been sent."""
    from qbwc_server.sync import intake

    with invocation.core() as core:
        view = intake.cancel(core, chosen_connector(core, connector), Kind(kind), external_id)
    invocation.output.result(view, lambda target: _print_view(target, view))


@click.command("import")
@kind_argument
@click.argument("file", metavar="FILE|-")
@click.option("--dry-run", is_flag=True, help="Check every line and store nothing.")
@connector_option
@json_option
@click.pass_context
def import_(context: click.Context, kind: str, file: str, dry_run: bool, connector: str | None) -> None:
    """Hand over many records: one JSON object a line (NDJSON), each with its external_id.

    Faulty lines are listed and the others go in all the same; exit code 1 if any line was faulty.
    """
    from qbwc_server.sync import intake

    invocation = context.ensure_object(Invocation)
    with invocation.core() as core, _reading(file) as lines:
        name = chosen_connector(core, connector)
        outcomes = list(intake.bring_in(core, name, Kind(kind), lines, dry_run=dry_run))
    counts = Counter(outcome.result for outcome in outcomes)
    payload = {
        "connector": name,
        "kind": kind,
        "dry_run": dry_run,
        **{result: counts[result] for result in ("created", "changed", "unchanged", "faulty")},
        "records": outcomes,
    }
    invocation.output.result(payload, lambda target: _print_import(target, kind, outcomes, dry_run))
    if counts["faulty"]:
        context.exit(1)


def _print_import(target: Console, kind: str, outcomes: "Sequence[ImportOutcome]", dry_run: bool) -> None:
    counts = Counter(outcome.result for outcome in outcomes)
    states = Counter(outcome.state for outcome in outcomes if outcome.state is not None)
    label = Kind(kind).label
    summary = ", ".join(f"{count} {result}" for result, count in counts.items()) or "no records in the file"
    say(target, f"{label}: {summary}{' (dry run, nothing stored)' if dry_run else ''}", "bold")
    if states:
        say(target, "  " + ", ".join(f"{count} {state}" for state, count in states.items()))
    faults = [
        (outcome.line, outcome.external_id, fault.pointer or "/", fault.message)
        for outcome in outcomes
        for fault in outcome.faults
    ]
    if faults:
        target.print(table(("Line", "External id", "Where", "What is wrong"), faults))
