"""`qbwc-server errors`: what stands in the way of records, trying again once it is out of the way, letting it rest."""

from typing import Any

import click

from qbwc_server.cli.answers import answer, offered, print_choices
from qbwc_server.cli.failures import BrokenOff, Failure
from qbwc_server.cli.invocation import ACTOR, Invocation, connector_option, json_option, pass_invocation
from qbwc_server.cli.long_work import LongWork, long_work
from qbwc_server.cli.opening import chosen_connector, core_of
from qbwc_server.cli.output import Console, say
from qbwc_server.cli.shapes import error_details, error_group, error_record
from qbwc_server.cli.tables import draw, table
from qbwc_server.cli.words import OneOf, Whole
from qbwc_server.desk.deciding import decisions
from qbwc_server.desk.error_records import choices, narrowed_errors
from qbwc_server.desk.error_records import errors as error_records
from qbwc_server.desk.error_records.choices import Offer
from qbwc_server.desk.views.error_views import ErrorGroup, ErrorRecord
from qbwc_server.domain.causes import CATALOGUE, Actor, NotAccepted
from qbwc_server.domain.errors import Narrowed
from qbwc_server.domain.faults import NoConnector, NotFound
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.near import did_you_mean
from qbwc_server.sync.core import Core

ACTORS = {
    Actor.HOST: "the host application",
    Actor.STAFF: "support staff",
    Actor.QUICKBOOKS_USER: "the QuickBooks user",
}
"""Who must act, in words."""

MOST_NAMED = 50
"""So many of those that wait for one cause are named; there may be thousands."""


@click.group()
def errors() -> None:
    """The error records: what stands in the way, in plain words, and what to do about it."""


@errors.command("list")
@click.option("--group", "grouped", is_flag=True, help="One entry a cause, with all that wait for it.")
@click.option(
    "--cause",
    metavar="CAUSE",
    type=OneOf("cause", CATALOGUE),
    help="Only this cause, for example item_not_matched.",
)
@click.option(
    "--sub-reason", metavar="WORD", help="Only with this finer word for the cause, such as sku_unknown."
)
@click.option(
    "--who",
    "--actor",
    type=OneOf("actor", [actor.value for actor in Actor]),
    help="Only what they must put right.",
)
@click.option("--cause-key", metavar="KEY", help="Only what is behind this cause key, such as sku:A-77.")
@click.option(
    "--kind", type=OneOf("kind", [kind.value for kind in Kind]), help="Only of records of this kind."
)
@click.option("--external-id", metavar="ID", help="Only of the records that you call so.")
@click.option("--all", "with_closed", is_flag=True, help="Closed ones too.")
@click.option("--connector", metavar="NAME", help="Only this connector; otherwise all.")
@json_option
@pass_invocation
def list_(
    invocation: Invocation,
    grouped: bool,
    cause: str | None,
    sub_reason: str | None,
    who: str | None,
    cause_key: str | None,
    kind: str | None,
    external_id: str | None,
    with_closed: bool,
    connector: str | None,
) -> None:
    """The open error records."""
    narrowed = Narrowed(
        cause=cause,
        sub_reason=sub_reason,
        actor=who,
        cause_key=cause_key,
        kind=Kind(kind) if kind else None,
        external_id=external_id,
    )
    with core_of(invocation) as core:
        found = narrowed_errors.find(core, connector, narrowed, open_only=not with_closed)
        groups = error_records.group(found) if grouped else []
    if grouped:
        invocation.output.result(list(map(error_group, groups)), lambda target: print_groups(target, groups))
    else:
        shape = error_details if with_closed else error_record
        invocation.output.result(list(map(shape, found)), lambda target: _print_list(target, found))


def _print_list(target: Console, found: list[ErrorRecord]) -> None:
    if not found:
        say(target, "No errors: nothing stands in the way.", "green")
        return
    rows = [
        (
            error.id,
            error.connector,
            _record_of(error),
            error.cause_key,
            _said(error),
            ACTORS[Actor(error.actor)],
            error.close_reason or "open",
        )
        for error in found
    ]
    headings = ("ID", "Connector", "Record", "Cause key", "What happened", "Who must act", "State")
    draw(target, table(headings, rows))
    say(target, "What to do: qbwc-server errors show ID", "dim")


def _said(error: ErrorRecord) -> str:
    """What happened; and how often, of what may happen again while it stands."""
    if error.kind is None or error.times > 1:
        return f"{error.message} It happened {error.occurrences}."
    return error.message


def _record_of(error: ErrorRecord) -> str:
    if error.request_id is not None:
        return f"raw request {error.request_id}"
    return "the connector itself" if error.kind is None else f"{error.kind.label} {error.external_id}"


def print_groups(target: Console, groups: list[ErrorGroup]) -> None:
    """One paragraph a cause: what happened, what to do, who must do it, which records wait."""
    if not groups:
        say(target, "No errors: nothing stands in the way.", "green")
    for group in groups:
        label = "Refused:" if group.cause == NotAccepted.name else "Waiting:"
        waiting = ", ".join(_record_of(error) for error in group.errors[:MOST_NAMED])
        if len(group.errors) > MOST_NAMED:
            waiting += f" and {len(group.errors) - MOST_NAMED:,} more"
        say(target, f"{group.cause} ({group.cause_key})", "bold yellow")
        say(target, f"  What happened: {group.message}")
        if group.errors[0].kind is None or group.errors[0].times > 1:
            say(target, f"  How often:     {group.errors[0].occurrences}")
        say(target, f"  What to do:    {group.remedy}")
        say(target, f"  Who:           {ACTORS[Actor(group.actor)]}")
        say(target, f"  {label}       {waiting}")
        say(target)


@errors.command("show")
@click.argument("error_id", metavar="ID", type=Whole(1))
@json_option
@pass_invocation
def show(invocation: Invocation, error_id: int) -> None:
    """One error record, with QuickBooks' own words and what may be chosen: `errors answer ID CHOICE`."""
    with core_of(invocation) as core:
        offer = choices.of_error(core, error_records.get(core, error_id).connector, error_id)
    invocation.output.result(offered(offer), lambda target: print_offer(target, offer))


def print_offer(target: Console, offer: Offer) -> None:
    """An error record with its choices."""
    _print_error(target, offer.error)
    print_choices(target, offer)


def _print_error(target: Console, error: ErrorRecord) -> None:
    say(target, f"{error.cause} ({error.cause_key})", "bold yellow")
    facts: list[tuple[str, Any]] = [
        ("Connector", error.connector),
        ("Record", _record_of(error)),
        ("What happened", error.message),
        ("What to do", error.remedy),
        ("Who", ACTORS[Actor(error.actor)]),
        _how_often(error),
    ]
    if error.quickbooks is not None:
        answer = error.quickbooks
        words = (answer.code, answer.severity, answer.message)
        facts.append(("QuickBooks said", " ".join(word for word in words if word)))
    if error.closed_at is not None:
        facts.append(("Closed", f"{error.closed_at:%Y-%m-%d %H:%M} UTC: {error.close_reason}"))
    for fault in error.faults:
        facts.append(("Wrong", fault.in_words))
    for label, value in facts:
        say(target, f"  {label + ':':16} {value}")


def _how_often(error: ErrorRecord) -> tuple[str, str]:
    """Since when; and of what may happen again while it stands how often, when last and from which address."""
    if error.kind is None or error.times > 1:
        return ("It happened", error.occurrences)
    return ("Since", f"{error.opened_at:%Y-%m-%d %H:%M} UTC")


@errors.command("retry")
@click.argument("error_id", metavar="[ID]", type=Whole(1), required=False)
@click.option("--cause", "cause_key", metavar="KEY", help="All behind this cause key, such as sku:A-77.")
@click.option("--all", "everything", is_flag=True, help="All that is open.")
@connector_option
@json_option
@pass_invocation
def retry(
    invocation: Invocation,
    error_id: int | None,
    cause_key: str | None,
    everything: bool,
    connector: str | None,
) -> None:
    """Try again: one error record, everything behind a cause key, or everything."""
    if [error_id is not None, cause_key is not None, everything].count(True) != 1:
        raise click.UsageError("give an ID, --cause KEY or --all")
    with core_of(invocation) as core:
        name = _connector_of(core, error_id, connector)
        ids = [] if error_id is None else [error_id]
        try:
            with long_work("trying again") as work:
                outcome = error_records.retry(
                    core,
                    name,
                    ids=ids,
                    cause_key=cause_key,
                    everything=everything,
                    actor=ACTOR,
                    told=lambda done, total: _tried(work, done, total),
                )
        except NoConnector:
            raise
        except NotFound:
            raise Failure(_no_such(core, name, error_id, cause_key)) from None
    words = f"{outcome.released:,} released, {outcome.still_blocked:,} still blocked."
    since = outcome.unchanged_since
    if since is not None:
        words += (
            f" Nothing has changed since {since:%Y-%m-%d %H:%M} UTC for {outcome.unchanged:,} of "
            "them, so they were not looked at again."
        )
    if not everything and not outcome.released and not outcome.still_blocked:
        words = "Nothing was tried again: a retry does not help here. What does: qbwc-server errors show ID"
    if outcome.still_blocked:
        words += (
            " The cause has not gone away. If it was put right in QuickBooks: qbwc-server resync "
            f"{name}, which has the lists read at the next visit."
        )
    invocation.output.result(
        {
            "connector": name,
            "released": outcome.released,
            "still_blocked": outcome.still_blocked,
            "unchanged": outcome.unchanged,
            "unchanged_since": since.isoformat() if since is not None else None,
        },
        lambda target: say(target, words, "green" if outcome.released else "yellow"),
    )


def _tried(work: LongWork, done: int, total: int) -> None:
    work.reach(done, total)
    if work.is_broken_off and done < total:
        raise BrokenOff(f"broken off: {done:,} of {total:,} tried again; run it again for the others")


def _no_such(core: Core, name: str, error_id: int | None, cause_key: str | None) -> str:
    """That nothing is open of what was to be retried, and which key may be meant."""
    if cause_key is None:
        return f"there is no such open error record: {error_id} is closed already"
    keys = {error.cause_key for error in error_records.find(core, connector=name)}
    near = did_you_mean(cause_key, keys) or "; qbwc-server errors list --group names the keys there are"
    return f"{name} has no open error record behind the cause key {cause_key!r}{near}"


def _connector_of(core: Core, error_id: int | None, connector: str | None) -> str:
    """The connector whose error records are meant: an error record knows its own."""
    return (
        chosen_connector(core, connector) if error_id is None else error_records.get(core, error_id).connector
    )


@errors.command("dismiss")
@click.argument("error_id", metavar="ID", type=Whole(1))
@click.option("--note", required=True, help="Why, for the next person.")
@json_option
@pass_invocation
def dismiss(invocation: Invocation, error_id: int, note: str) -> None:
    """Let an error record rest: its record is cancelled. Nothing in QuickBooks is touched."""
    with core_of(invocation) as core:
        name = error_records.get(core, error_id).connector
        decisions.dismiss(core, name, error_id, note, actor=ACTOR)
        error = error_records.get(core, error_id)
    words = f"Error {error_id} is dismissed"
    is_cancelled = error.kind is not None and error.cause != NotAccepted.name
    words += f", and {_record_of(error)} is cancelled." if is_cancelled else "."
    invocation.output.result(error_details(error), lambda target: say(target, words, "green"))


errors.add_command(answer)
