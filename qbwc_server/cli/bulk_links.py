"""`link --from`: link many records by a file; faulty lines are listed, the others are linked."""

from collections import Counter
from collections.abc import Sequence

from qbwc_server.cli.failures import BrokenOff
from qbwc_server.cli.invocation import ACTOR, Invocation
from qbwc_server.cli.long_work import long_work
from qbwc_server.cli.opening import chosen_connector, core_of
from qbwc_server.cli.output import Console, say
from qbwc_server.cli.records import reading
from qbwc_server.cli.tables import draw, table
from qbwc_server.desk.deciding import bulk_links, link_lines
from qbwc_server.desk.deciding.bulk_links import Outcome

MOST_SHOWN = 100
"""So many faulty lines are shown to a person: one wrong column makes every line of a file faulty."""


def link_file(invocation: Invocation, file: str, *, dry_run: bool, connector: str | None) -> bool:
    """Link the lines of a CSV file; returns whether any was faulty."""
    with core_of(invocation) as core, reading(file) as stream:
        name = chosen_connector(core, connector)
        lines = link_lines.read_csv(stream)
        with long_work("checking" if dry_run else "linking", len(lines)) as work:
            wanted = work.until_broken_off(lines)
            done = bulk_links.link_all(core, name, wanted, actor=ACTOR, dry_run=dry_run)
            outcomes = list(work.counted(done))
    if len(outcomes) < len(lines):
        raise BrokenOff(_broken_off(outcomes, len(lines), dry_run))
    counts = Counter[str](outcome.result for outcome in outcomes)
    payload = {
        "connector": name,
        "dry_run": dry_run,
        **{result: counts[result] for result in ("linked", "unchanged", "faulty")},
        "lines": outcomes,
    }
    invocation.output.result(payload, lambda target: _print(target, outcomes, counts, dry_run))
    return bool(counts["faulty"])


def _broken_off(outcomes: Sequence[Outcome], total: int, dry_run: bool) -> str:
    """How far it came, and that it may be repeated."""
    if dry_run:
        return f"broken off: {len(outcomes):,} of {total:,} lines checked; nothing was stored"
    linked = sum(outcome.result != "faulty" for outcome in outcomes)
    return f"broken off: {linked:,} of {total:,} lines linked; run it again, nothing is doubled"


def _print(target: Console, outcomes: Sequence[Outcome], counts: Counter[str], dry_run: bool) -> None:
    words = {
        "linked": "would be linked" if dry_run else "linked",
        "unchanged": "already linked",
        "faulty": "faulty",
    }
    summary = ", ".join(f"{counts[result]} {word}" for result, word in words.items() if counts[result])
    say(
        target,
        f"{summary or 'no lines in the file'}{' (dry run, nothing stored)' if dry_run else ''}",
        "bold",
    )
    faulty = [outcome for outcome in outcomes if outcome.result == "faulty"]
    if faulty:
        rows = [
            (str(item.line), item.kind or "", item.external_id or "", item.reason or "") for item in faulty
        ]
        draw(target, table(("Line", "Kind", "External id", "What is wrong"), rows[:MOST_SHOWN]))
    if len(faulty) > MOST_SHOWN:
        say(target, f"… and {len(faulty) - MOST_SHOWN:,} more faulty lines; --json tells them all", "dim")
