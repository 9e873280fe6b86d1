"""`get`: see how a record fares; and how a record is named and shown by every command about one."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import IO, Any

import click

from qbwc_server.cli.invocation import Invocation, connector_option, json_option, pass_invocation
from qbwc_server.cli.opening import chosen_connector, core_of
from qbwc_server.cli.output import Console, say
from qbwc_server.cli.words import OneOf
from qbwc_server.desk.views import record_views
from qbwc_server.domain.faults import remark_in_words
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.records import State

SHOWN_IDENTITIES = ("list_id", "txn_id", "ref_number", "matched_by")

kind_argument = click.argument("kind", type=OneOf("kind", [kind.value for kind in Kind]))


def reading(file: str) -> AbstractContextManager[IO[str]]:
    """The file's text, or stdin for ``-``: UTF-8, with or without the byte order mark Windows adds."""
    return click.open_file(file, encoding="utf-8-sig")


def print_view(target: Console, view: Mapping[str, Any], word: str | None = None) -> None:
    """A record for a person: its state, what QuickBooks calls it, what it waits for, what is in its way."""
    name = f"{Kind(view['kind']).label} {view['external_id']}"
    suffix = f" ({word})" if word else ""
    say(target, f"{name}: {view['state']}{suffix}", "bold")
    if view["is_void"]:
        say(target, f"  {_fate(view)}")
    if view["state"] == State.CANCELLED and (view.get("txn_id") or view.get("list_id")):
        say(target, "  what QuickBooks has of it stays there as it is")
    for key in SHOWN_IDENTITIES:
        if view.get(key):
            say(target, f"  {key.replace('_', ' ')}: {view[key]}")
    if view["seen_at"]:
        say(
            target,
            f"  as of: {view['seen_at'][:16].replace('T', ' ')} UTC, when QuickBooks confirmed it last",
        )
    if view.get("waiting"):
        say(target, f"  waits: {view['waiting']['reason']}")
    if view.get("not_before"):
        say(target, f"  not before: {view['not_before'][:16].replace('T', ' ')} UTC")
    linked = view.get("linked_document") or {}
    if any(linked.values()):
        told = (f"{name.replace('_', ' ')} {value}" for name, value in linked.items() if value)
        say(target, f"  linked by hand to: {', '.join(told)}")
    for warning in view["warnings"]:
        say(target, f"  warning: {remark_in_words(warning)}")
    for waiting in view.get("waiting_for", ()):
        say(target, f"  waits for: {_words_of(waiting)}")
    for error in view["errors"]:
        say(target, f"  {error['message']}")
        say(target, f"    {error['remedy']}")


def _fate(view: Mapping[str, Any]) -> str:
    """How far the void of a document is; a purchase order is closed instead."""
    is_invoice = view["kind"] == Kind.INVOICE
    if view["state"] == State.SYNCED:
        return f"{'void' if is_invoice else 'closed'} in QuickBooks"
    if view["state"] == State.CANCELLED:
        return f"was to be {'voided' if is_invoice else 'closed'}, which was cancelled"
    return f"to be {'voided' if is_invoice else 'closed'} at the next visit"


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
    with core_of(invocation) as core:
        view = record_views.view(core, chosen_connector(core, connector), Kind(kind), external_id)
    invocation.output.result(view, lambda target: print_view(target, view))
