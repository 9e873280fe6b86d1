"""`qbwc-server import`: hand over many records from a file; faulty ones are listed, the others go in."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

import click

from qbwc_server.desk import batches
from qbwc_server.desk.batches import ImportOutcome
from qbwc_server.domain.faults import Fault
from qbwc_server.domain.kinds import Kind
from qbwc_server.sync.core import Core

from .failures import BrokenOff
from .import_files import FORMATS, Entry, entries, format_of
from .invocation import ACTOR, Invocation, connector_option, json_option
from .long_work import LongWork, long_work
from .opening import chosen_connector, core_of
from .output import Console, say
from .records import kind_argument, reading
from .tables import draw, table
from .words import OneOf

PLACES = {"ndjson": "Line", "json": "Record", "csv": "Row"}
"""What the number of a faulty record counts."""

UNKNOWN_FIELD = "there is no such field"
"""How the fault of a field begins that records of this kind do not have."""

MOST_FAULTS = 100
"""So many faults are shown to a person: one wrong column makes every row of a file faulty."""


@click.command("import")
@kind_argument
@click.argument("file", metavar="FILE|-")
@click.option("--dry-run", is_flag=True, help="Check every record and store nothing.")
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
        with long_work("checking" if dry_run else "taking in", len(found)) as work:
            taken = _bring_in(core, name, Kind(kind), found, work, dry_run, revive)
            outcomes = list(work.counted(taken))
    if len(outcomes) < len(found):
        raise BrokenOff(_broken_off(outcomes, len(found), dry_run))
    counts = Counter(outcome.result for outcome in outcomes)
    payload = {
        "connector": name,
        "kind": kind,
        "dry_run": dry_run,
        **{result: counts[result] for result in ("created", "changed", "unchanged", "faulty")},
        "records": outcomes,
    }
    place = PLACES[file_format]
    invocation.output.result(payload, lambda target: _print(target, Kind(kind), place, outcomes, dry_run))
    if counts["faulty"]:
        context.exit(1)


def _bring_in(
    core: Core, name: str, kind: Kind, found: Sequence[Entry], work: LongWork, dry_run: bool, revive: bool
) -> Iterator[ImportOutcome]:
    """What becomes of each record, in the order of the file; not of all when it is broken off."""
    texts = work.until_broken_off([entry.text for entry in found if entry.text is not None])
    outcomes = batches.bring_in(core, name, kind, texts, actor=ACTOR, dry_run=dry_run, revive=revive)
    for entry in found:
        if entry.text is None:
            yield batches.ImportOutcome(entry.line, entry.external_id, "faulty", tuple(entry.faults), None)
            continue
        outcome = next(outcomes, None)
        if outcome is None:
            return
        faults = tuple(_with_row(fault, entry.rows) for fault in outcome.faults)
        yield replace(outcome, line=entry.line, faults=faults)


def _broken_off(outcomes: Sequence[ImportOutcome], total: int, dry_run: bool) -> str:
    """How far it came, and that it may be repeated."""
    if dry_run:
        return f"broken off: {len(outcomes):,} of {total:,} checked; nothing was stored"
    faulty = sum(outcome.result == "faulty" for outcome in outcomes)
    words = f"broken off: {len(outcomes) - faulty:,} of {total:,} taken in" + (
        f", {faulty:,} faulty" if faulty else ""
    )
    return f"{words}; run it again, nothing is doubled"


def _with_row(fault: Fault, rows: Sequence[int]) -> Fault:
    """Say in which row of the file the faulty line of a document is."""
    parts = fault.pointer.split("/")
    if not rows or parts[1:2] != ["lines"] or len(parts) < 3 or int(parts[2]) >= len(rows):
        return fault
    return Fault(fault.pointer, f"{fault.message} (row {rows[int(parts[2])]})")


def _print(target: Console, kind: Kind, place: str, outcomes: Sequence[ImportOutcome], dry_run: bool) -> None:
    counts = Counter(outcome.result for outcome in outcomes)
    states = Counter(outcome.state for outcome in outcomes if outcome.state is not None)
    summary = ", ".join(f"{count} {result}" for result, count in counts.items()) or "no records in the file"
    say(target, f"{kind.label}: {summary}{' (dry run, nothing stored)' if dry_run else ''}", "bold")
    if states:
        say(target, "  " + ", ".join(f"{count} {state}" for state, count in states.items()))
    faults = list(_faults(outcomes))
    if faults:
        draw(target, table((place, "External id", "Where", "What is wrong"), faults[:MOST_FAULTS]))
    if len(faults) > MOST_FAULTS:
        say(target, f"… and {len(faults) - MOST_FAULTS:,} more faults; --json tells them all", "dim")
    if any(fault[3].startswith(UNKNOWN_FIELD) for fault in faults):
        say(target, f"The fields there are: qbwc-server fields {kind.value}", "dim")


def _faults(outcomes: Sequence[ImportOutcome]) -> Iterator[tuple[int, str | None, str, str]]:
    for outcome in outcomes:
        for fault in outcome.faults:
            yield outcome.line, outcome.external_id, fault.pointer or "/", fault.message
