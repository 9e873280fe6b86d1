"""`qbwc-server import`: hand over many records from a file; faulty ones are listed, the others go in."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

import click

from qbwc_server.cli import previews
from qbwc_server.cli.failures import BrokenOff
from qbwc_server.cli.import_faults import FaultRow, print_faults, with_row
from qbwc_server.cli.import_files import FORMATS, Entry, entries, format_of
from qbwc_server.cli.invocation import ACTOR, Invocation, connector_option, json_option
from qbwc_server.cli.long_work import LongWork, long_work
from qbwc_server.cli.opening import chosen_connector, core_of
from qbwc_server.cli.output import Console, say
from qbwc_server.cli.records import kind_argument, reading
from qbwc_server.cli.words import OneOf
from qbwc_server.desk.handing_over import batches
from qbwc_server.desk.handing_over.batches import ImportOutcome
from qbwc_server.domain.kinds import Kind
from qbwc_server.sync.core import Core

PLACES = {"ndjson": "Line", "json": "Record", "csv": "Row"}
"""What the number of a faulty record counts."""


@click.command("import")
@kind_argument
@click.argument("file", metavar="FILE|-")
@click.option(
    "--dry-run",
    is_flag=True,
    help="Store nothing; tell what would become of each record, and what would stop it. --json tells all of it, the "
    "qbXML too.",
)
@click.option("--revive", is_flag=True, help="Take records up again that were cancelled.")
@click.option(
    "--format",
    "wanted",
    type=OneOf("format", FORMATS),
    help="Otherwise as the file's name says: .csv, anything else is JSON (an array or NDJSON).",
)
@connector_option
@json_option
@click.pass_context
def import_(
    context: click.Context,
    kind: str,
    file: str,
    dry_run: bool,
    revive: bool,
    wanted: str | None,
    connector: str | None,
) -> None:
    """Hand over many records, each with its external_id: NDJSON (one a line), a JSON array, or CSV.

    The first row of a CSV file names the fields: external_id, name, email, bill_address.city, … Of invoices and
    purchase orders each row is a line (line.item.sku, line.quantity, …), and rows with the same external_id are
    one document. `qbwc-server fields KIND` lists all fields.

    Faulty records are listed and the others go in all the same; exit code 1 if any was faulty. It may be broken off
    (Ctrl-C, SIGTERM; exit code 130) and run again: what was taken in stays so, and nothing is doubled.
    """
    invocation = context.ensure_object(Invocation)
    with core_of(invocation) as core:
        name = chosen_connector(core, connector)
        with reading(file) as stream:
            file_format, found = entries(Kind(kind), format_of(file, wanted), stream)
        if dry_run:
            looked = previews.look(
                core, name, Kind(kind), found, revive=revive, whole=invocation.output.as_json
            )
            if previews.tell(invocation.output, name, Kind(kind), PLACES[file_format], looked):
                context.exit(1)
            return
        with long_work("taking in", len(found)) as work:
            taken = _bring_in(core, name, Kind(kind), found, work, revive)
            outcomes = list(work.counted(taken))
    if len(outcomes) < len(found):
        raise BrokenOff(_broken_off(outcomes, len(found)))
    counts = Counter(outcome.result for outcome in outcomes)
    payload = {
        "connector": name,
        "kind": kind,
        "dry_run": False,
        **{result: counts[result] for result in ("created", "changed", "unchanged", "faulty")},
        "records": outcomes,
    }
    place = PLACES[file_format]
    invocation.output.result(payload, lambda target: _print(target, Kind(kind), place, outcomes))
    if counts["faulty"]:
        context.exit(1)


def _bring_in(
    core: Core, name: str, kind: Kind, found: Sequence[Entry], work: LongWork, revive: bool
) -> Iterator[ImportOutcome]:
    """What becomes of each record, in the order of the file; not of all when it is broken off."""
    texts = work.until_broken_off([entry.text for entry in found if entry.text is not None])
    outcomes = batches.bring_in(core, name, kind, texts, actor=ACTOR, revive=revive)
    for entry in found:
        if entry.text is None:
            yield batches.ImportOutcome(entry.line, entry.external_id, "faulty", tuple(entry.faults), None)
            continue
        outcome = next(outcomes, None)
        if outcome is None:
            return
        faults = tuple(with_row(fault, entry.rows) for fault in outcome.faults)
        yield replace(outcome, line=entry.line, faults=faults)


def _broken_off(outcomes: Sequence[ImportOutcome], total: int) -> str:
    """How far it came, and that it may be repeated."""
    faulty = sum(outcome.result == "faulty" for outcome in outcomes)
    words = f"broken off: {len(outcomes) - faulty:,} of {total:,} taken in" + (
        f", {faulty:,} faulty" if faulty else ""
    )
    return f"{words}; run it again, nothing is doubled"


def _print(target: Console, kind: Kind, place: str, outcomes: Sequence[ImportOutcome]) -> None:
    counts = Counter(outcome.result for outcome in outcomes)
    states = Counter(outcome.state for outcome in outcomes if outcome.state is not None)
    summary = ", ".join(f"{count} {result}" for result, count in counts.items()) or "no records in the file"
    say(target, f"{kind.label}: {summary}", "bold")
    if states:
        say(target, "  " + ", ".join(f"{count} {state}" for state, count in states.items()))
    print_faults(target, kind, place, list(_faults(outcomes)))


def _faults(outcomes: Sequence[ImportOutcome]) -> Iterator[FaultRow]:
    for outcome in outcomes:
        for fault in outcome.faults:
            yield outcome.line, outcome.external_id, fault.pointer, fault.message
