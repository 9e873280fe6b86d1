"""`qbwc-server replay`: says where a run in the simulator differs from what a bundle shows."""

from collections.abc import Collection, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from qbwc_server.cli.failures import Failure
from qbwc_server.cli.invocation import Invocation, json_option, pass_invocation
from qbwc_server.cli.output import Console, say
from qbwc_server.cli.replay import bundle as bundles
from qbwc_server.cli.replay.books import company_of
from qbwc_server.cli.replay.bundle import Bundle
from qbwc_server.cli.replay.engine import Outcome, outcomes
from qbwc_server.cli.replay.exchange import Exchange, exchanges


@click.command("replay")
@click.argument("bundle", type=click.Path(path_type=Path, dir_okay=False))
@json_option
@pass_invocation
def replay(invocation: Invocation, bundle: Path) -> None:
    """Run a bundle (a file from a visit's or a record's page) again in the simulator, and say what differs.

    Nothing of your own server is touched: no database, no connector, no network.
    """
    content = bundles.read(bundle)
    try:
        said, became, problems = _run(content)
    except (KeyError, TypeError, AttributeError, ValueError):
        raise Failure(
            f"{bundle} is not a whole bundle: somebody changed it. Ask for the file again."
        ) from None
    payload: dict[str, Any] = {
        "about": content.content.get("about"),
        "server": content.content.get("server"),
        "exchanges": [asdict(each) for each in said],
        "compared": sum(each.compared for each in said),
        "differ": sum(bool(each.differences) for each in said),
        "records": [{**asdict(each), "same": each.same} for each in became],
        "not_laid_in": problems,
    }
    invocation.output.result(payload, lambda target: _print(target, content, said, became, problems))


def _run(content: Bundle) -> tuple[list[Exchange], list[Outcome], list[str]]:
    company, problems = company_of(content, without=_added(content))
    said = list(exchanges(content, company))
    fresh, _ = company_of(content, without=_created(content))
    return said, outcomes(content, fresh), problems


def _added(content: Bundle) -> Collection[str]:
    """What the requests of the bundle created, so that it was not there before them."""
    answers = (each for root in content.trees("answer_xml") for messages in root for each in messages)
    rets = (ret for each in answers if str(each.tag).endswith("AddRs") for ret in each)
    return {text for ret in rets if (text := ret.findtext("ListID"))}


def _created(content: Bundle) -> Collection[str]:
    """What was not in QuickBooks before its records were handed over."""
    return {
        str(item["quickbooks_id"])
        for item in content["records"]
        if item.get("quickbooks_id") and item.get("matched_by") == "created"
    }


def _print(
    target: Console,
    content: Bundle,
    said: Sequence[Exchange],
    became: Sequence[Outcome],
    problems: Sequence[str],
) -> None:
    differ = [each for each in said if each.differences]
    compared = sum(each.compared for each in said)
    say(
        target,
        f"{compared} of {len(said)} requests compared with the simulated QuickBooks, {len(differ)} differ.",
    )
    for each in differ:
        say(target, f"\n{each.record or each.operation}, {each.operation} in message set {each.message_set}:")
        for line in each.differences:
            say(target, f"  {line}")
        if each.bundle.status and each.bundle.message:
            say(target, f"  QuickBooks said: {each.bundle.message}")
        if each.simulated.status and each.simulated.message:
            say(target, f"  the simulator says: {each.simulated.message}")
    if became:
        say(target, "\nHanded to a fresh connector of this version:")
    for outcome in became:
        same = (
            "as in the bundle"
            if outcome.same
            else f"in the bundle: {_stood(outcome.before, outcome.causes_before)}"
        )
        say(target, f"  {outcome.kind} {outcome.external_id}: {_stood(outcome.now, outcome.causes)} ({same})")
        for line in outcome.told:
            say(target, f"    {line}")
    for line in problems:
        say(target, f"Could not be laid into the simulated company file: {line}")


def _stood(state: str | None, causes: Sequence[str]) -> str:
    return ", ".join((state or "not accepted", *causes))
