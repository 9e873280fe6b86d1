"""`qbwc-server records list`: the records of a connector, narrowed by what is known of them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Any

import click

from qbwc_server.cli.invocation import Invocation, connector_option, json_option, pass_invocation
from qbwc_server.cli.opening import chosen_connector, core_of
from qbwc_server.cli.output import Console, say
from qbwc_server.cli.tables import draw, table
from qbwc_server.cli.words import OneOf, Several, Whole, named
from qbwc_server.desk.documents import finding
from qbwc_server.domain import cursors
from qbwc_server.domain.clock import read_moment
from qbwc_server.domain.faults import remark_in_words
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.records import State

MOST_AT_ONCE = 500


class _Moment(click.ParamType[datetime]):
    """A day, which begins in UTC, or a moment with its offset."""

    name = "moment"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """The moment that was typed."""
        try:
            return datetime.combine(date.fromisoformat(value), time(), UTC)
        except ValueError:
            pass
        try:
            return read_moment(value)
        except ValueError:
            words = (
                "must be a day such as 2026-11-20, or a moment with its offset such as 2026-11-20T15:04:05Z"
            )
            raise click.UsageError(f"{named(param)} {words}", ctx) from None


class _Text(click.ParamType[str]):
    """Something to look for."""

    name = "text"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """What was typed, without the blanks around it."""
        text = str(value).strip()
        if not text:
            raise click.UsageError(f"{named(param)} is empty: leave it out, or give a value", ctx)
        return text


@click.group("records")
def records() -> None:
    """The records that were handed over."""


@records.command("list")
@click.option("--kind", type=OneOf("kind", [kind.value for kind in Kind]), help="Only this kind.")
@click.option(
    "--state",
    "states",
    metavar="STATE",
    type=Several("state", [state.value for state in State]),
    multiple=True,
    help=f"Only in this state; several with commas between: {', '.join(State)}.",
)
@click.option(
    "--number", type=_Text(), help="Only documents with this number, yours or the one in QuickBooks."
)
@click.option(
    "--customer",
    type=_Text(),
    help="Only documents of this customer: by external id, name, email or ListID, however they name it.",
)
@click.option("--vendor", type=_Text(), help="Only documents of this vendor, alike.")
@click.option("--txn-id", type=_Text(), help="Only the document that is this in QuickBooks.")
@click.option("--list-id", type=_Text(), help="Only the customer, vendor or item that is this in QuickBooks.")
@click.option(
    "--q",
    metavar="WORDS",
    type=_Text(),
    help="Only those with words that begin so: number, name, email, SKU, PO number, external id.",
)
@click.option(
    "--created-after", type=_Moment(), help="Only those handed over after this day (UTC) or moment."
)
@click.option("--created-before", type=_Moment(), help="Only those handed over before it.")
@click.option(
    "--updated-after", type=_Moment(), help="Only those that changed later than this day (UTC) or moment."
)
@click.option("--updated-before", type=_Moment(), help="Only those that changed last before it.")
@click.option("--limit", type=Whole(1, MOST_AT_ONCE), default=100, show_default=True, help="So many at most.")
@click.option("--cursor", metavar="PLACE", help="Go on where the list before ended: its “next”.")
@connector_option
@json_option
@pass_invocation
def list_(
    invocation: Invocation,
    /,
    kind: str | None,
    states: Sequence[Sequence[str]],
    number: str | None,
    limit: int,
    cursor: str | None,
    connector: str | None,
    **asked: Any,
) -> None:
    """The records of a connector, the one whose last change is oldest first.

    With bounds of creation alone the oldest comes first. With --json as the REST API has it: {"records": [...],
    "next": PLACE or null}.
    """
    wanted = finding.Filter(
        kind=Kind(kind) if kind else None,
        states=sorted({State(state) for several in states for state in several}),
        ref_number=number,
        **asked,
    )
    behind = _place(cursor)
    with core_of(invocation) as core:
        name = chosen_connector(core, connector)
        found = finding.page(core, name, wanted, behind=behind, limit=limit)
    more = None if found.end is None else cursors.cursor(found.end)
    page = {"records": found.items, "next": more}
    invocation.output.result(page, lambda target: _print(target, found.items, more))


def _place(cursor: str | None) -> Any:
    try:
        return None if cursor is None else cursors.read_change(cursor)
    except ValueError:
        raise click.UsageError(f"--cursor {cursor!r} is not the “next” of a list of records") from None


def _print(target: Console, views: Sequence[Mapping[str, Any]], more: str | None) -> None:
    if not views:
        say(target, "There are no such records.")
        return
    headings = ("Record", "State", "Number or name", "Of", "Changed (UTC)", "What is in the way")
    draw(target, table(headings, map(_row, views)))
    if more:
        say(target, f"There are more: --cursor {more}", "dim")


def _row(view: Mapping[str, Any]) -> tuple[str | None, ...]:
    kind = Kind(view["kind"])
    return (
        f"{kind.label} {view['external_id']}",
        view["state"],
        _called(kind, view),
        _party(view["record"]),
        view["updated_at"][:16].replace("T", " "),
        _in_the_way(view),
    )


def _called(kind: Kind, view: Mapping[str, Any]) -> str | None:
    """What it is called in QuickBooks, or is to be."""
    record = view["record"]
    if kind.is_document:
        called = view["ref_number"] or record.get("ref_number")
    else:
        called = view["full_name"] or record.get("name") or record.get("sku")
    return None if called is None else str(called)


def _party(record: Mapping[str, Any]) -> str | None:
    """The customer or vendor of a document, as it names them."""
    said = record.get("customer") or record.get("vendor")
    return " ".join(map(str, said.values())) if isinstance(said, Mapping) else said


def _in_the_way(view: Mapping[str, Any]) -> str | None:
    if view["errors"]:
        more = f" (and {len(view['errors']) - 1} more)" if len(view["errors"]) > 1 else ""
        return f"{view['errors'][0]['message']}{more}"
    if view["waiting"]:
        return str(view["waiting"]["reason"])
    return "; ".join(map(remark_in_words, view["warnings"])) or None
