"""`import --dry-run` and `put --dry-run`: what would become of records, and what would be sent; nothing is stored."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from qbwc_server.cli.failures import BrokenOff
from qbwc_server.cli.import_faults import print_faults, with_row
from qbwc_server.cli.import_files import Entry
from qbwc_server.cli.long_work import LongWork, long_work
from qbwc_server.cli.output import Console, Output, say
from qbwc_server.cli.tables import draw, table
from qbwc_server.desk.handing_over import lines, previews
from qbwc_server.desk.handing_over.preview_showing import Showing
from qbwc_server.desk.handing_over.preview_views import OUTCOMES, PreviewView
from qbwc_server.desk.handing_over.previews import Preview, Scene
from qbwc_server.domain.faults import Fault, path_in_words, place_in_words, remark_in_words
from qbwc_server.domain.kinds import Kind
from qbwc_server.sync.check import Blocked
from qbwc_server.sync.core import Core

MOST_CAUSES = 50
"""So many causes are shown to a person."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What a look at the records of a file told.

    Attributes:
        held: why nothing of them would be sent just now.
        views: all about each; none unless all was asked for.
    """

    held: str | None
    previews: Sequence[Preview]
    views: Sequence[Mapping[str, Any]]


def look(core: Core, name: str, kind: Kind, found: Sequence[Entry], *, revive: bool, whole: bool) -> Looked:
    """What would become of the records of a file; `whole`: with all there is to be told of each.

    Raises:
        BrokenOff: somebody broke it off.
    """
    seen: list[Preview] = []
    views: list[Mapping[str, Any]] = []
    held: str | None = None
    with long_work("checking", len(found)) as work:
        handed = work.until_broken_off(_handed(kind, found, revive))
        for scene, part in previews.previewed(core, name, handed, together=not kind.is_document):
            held = scene.held(kind)
            placed = [_placed(each, entry) for each, entry in zip(part, found[len(seen) :], strict=False)]
            views += _whole(scene, placed, work) if whole else []
            seen += work.counted(placed) if not whole else placed
    if len(seen) < len(found):
        raise BrokenOff(f"broken off: {len(seen):,} of {len(found):,} checked; nothing was stored")
    return Looked(held, seen, views)


def _handed(kind: Kind, found: Sequence[Entry], revive: bool) -> Iterator[lines.HandedOver]:
    for entry in found:
        if entry.text is None:
            yield lines.HandedOver(entry.line, entry.external_id, tuple(entry.faults), kind=kind)
        else:
            yield lines.line_of(kind, entry.line, entry.text, revive)


def _placed(each: Preview, entry: Entry) -> Preview:
    """A preview whose faults say in which row of the file they are."""
    return replace(each, faults=tuple(with_row(fault, entry.rows) for fault in each.faults))


def _whole(scene: Scene, part: Sequence[Preview], work: LongWork) -> list[dict[str, Any]]:
    return [view.as_json() for view in work.counted(Showing(scene).all(part))]


def tell(output: Output, name: str, kind: Kind, place: str, looked: Looked) -> bool:
    """Say what would become of the records of a file; returns whether any is faulty."""
    counts = Counter(each.result for each in looked.previews)
    outcomes = Counter(each.outcome for each in looked.previews)
    payload = {
        "connector": name,
        "kind": kind,
        "dry_run": True,
        **{result: counts[result] for result in ("created", "changed", "unchanged", "faulty")},
        "outcomes": {outcome: outcomes[outcome] for outcome in OUTCOMES},
        "held": looked.held,
        "causes": [cause for cause, _ in _causes(looked.previews)],
        "records": looked.views,
    }
    output.result(payload, lambda target: _print(target, kind, place, looked))
    return bool(counts["faulty"])


def _causes(found: Sequence[Preview]) -> list[tuple[dict[str, Any], int]]:
    """What would stop records, by cause key, the most frequent first; and how many it would stop."""
    counts: Counter[tuple[str, str]] = Counter()
    first: dict[tuple[str, str], Any] = {}
    for each in found:
        if each.outcome == "blocked" and isinstance(each.verdict, Blocked):
            for finding in each.verdict.findings:
                key = (finding.cause.name, finding.cause.key)
                counts[key] += 1
                first.setdefault(key, finding.cause)
    return [(_cause(first[key], number), number) for key, number in counts.most_common()]


def _cause(cause: Any, number: int) -> dict[str, Any]:
    return {
        "cause": cause.name,
        "cause_key": cause.key,
        "count": number,
        "message": cause.message(),
        "remedy": cause.remedy(),
        "actor": cause.actor,
    }


def _unquoted(words: str) -> str:
    """Words of the API's pages, which set names of fields off, for a terminal."""
    return words.replace("`", "")


def _print(target: Console, kind: Kind, place: str, looked: Looked) -> None:
    counts = Counter(each.result for each in looked.previews)
    outcomes = Counter(each.outcome for each in looked.previews)
    summary = ", ".join(f"{count} {result}" for result, count in counts.items()) or "no records in the file"
    say(target, f"{kind.label}: {summary} (dry run, nothing stored)", "bold")
    for outcome, words in OUTCOMES.items():
        if outcomes[outcome] and outcome not in ("refused", "unchanged"):
            say(target, f"  {outcomes[outcome]} {outcome.replace('_', ' ')}: {_unquoted(words)}")
    if looked.held is not None:
        say(target, f"  {looked.held}", "yellow")
    causes = _causes(looked.previews)
    rows = [(count, cause["message"], cause["remedy"]) for cause, count in causes[:MOST_CAUSES]]
    if rows:
        draw(target, table(("Records", "What would stop them", "What to do"), rows))
    if len(causes) > MOST_CAUSES:
        say(target, f"… and {len(causes) - MOST_CAUSES:,} more causes; --json tells them all", "dim")
    faults = [
        (each.line, each.external_id, fault.pointer, fault.message)
        for each in looked.previews
        for fault in each.faults
    ]
    print_faults(target, kind, place, faults)


# --- one record ---------------------------------------------------------------------------------------------


def look_at_one(
    core: Core, name: str, kind: Kind, external_id: str, fields: Any, *, revive: bool
) -> PreviewView:
    """What would become of one record."""
    handed = lines.hand_over(1, kind, external_id, fields, revive=revive, size=0)
    for scene, part in previews.previewed(core, name, [handed]):
        return Showing(scene).all(part)[0]
    raise LookupError(external_id)


def print_one(target: Console, view: PreviewView) -> None:
    """All about one record, for a person."""
    say(target, f"{_unquoted(view.message)} (dry run, nothing stored)", "bold")
    if view.held is not None:
        say(target, f"  {view.held}", "yellow")
    for fault in view.faults:
        say(target, f"  {Fault(fault.pointer, fault.message).in_words}")
    if view.matched is not None:
        name = f" “{view.matched.name}”" if view.matched.name else ""
        say(
            target, f"  is{name}, {view.matched.list_id or view.matched.txn_id}: by {view.matched.matched_by}"
        )
    if view.creates is not None:
        say(target, f"  creates {view.creates}")
    for named in view.references:
        given = " ".join(f"{by} {value}" for by, value in named.given.items())
        if named.waits_for is not None:
            found = f"waits for {named.waits_for.kind.label} {named.waits_for.external_id}"
        elif named.list_id is not None:
            found = (
                f"“{named.full_name or named.list_id}” ({named.list_id}), by {named.matched_by or 'list_id'}"
            )
        else:
            found = "not found"
        say(target, f"  {place_in_words(named.pointer)} ({given}): {found}")
    for change in view.changes.fields if view.changes is not None else ():
        say(target, f"  {path_in_words(change.path)}: {change.old or 'nothing'} → {change.new or 'nothing'}")
    for line in view.changes.lines if view.changes is not None else ():
        number = line.position if line.position is not None else line.was
        say(target, f"  line {(number or 0) + 1} {line.change}")
    for words in view.asked_first:
        say(target, f"  asked first: {words}")
    for warning in view.warnings:
        say(target, f"  warning: {remark_in_words(warning)}")
    for error in view.errors:
        say(target, f"  {error.message}")
        say(target, f"    {error.remedy}")
    if view.request is not None:
        say(target, view.request, "dim")
