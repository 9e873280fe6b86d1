"""`link`, `unlink`, `void` and `post-as-new`: what only a person may decide of a record."""

from collections.abc import Callable
from typing import Any

import click

from qbwc_server.domain.kinds import Kind

from .invocation import ACTOR, Invocation, chosen_connector, connector_option, json_option, pass_invocation
from .records import kind_argument, print_view

document_argument = click.argument(
    "kind", type=click.Choice([kind.value for kind in Kind if kind.is_document])
)
listed_argument = click.argument(
    "kind", type=click.Choice([kind.value for kind in Kind if not kind.is_document])
)


@click.command("link")
@kind_argument
@click.argument("external_id")
@click.argument("quickbooks_id", metavar="LIST_OR_TXN_ID")
@connector_option
@json_option
@pass_invocation
def link(
    invocation: Invocation, kind: str, external_id: str, quickbooks_id: str, connector: str | None
) -> None:
    """Say which record of QuickBooks a record is: by ListID, for a document by TxnID.

    It is remembered, and nothing is matched any more. QuickBooks is asked for a document at the next visit, and it
    is synced only when QuickBooks has one of that kind under this TxnID.

    An error record about several candidates, or about a number that is taken, names the ids to choose from.
    """
    from qbwc_server.sync import decisions

    with invocation.core() as core:
        name = chosen_connector(core, connector)
        view = decisions.link(core, name, Kind(kind), external_id, quickbooks_id, actor=ACTOR)
    invocation.output.result(view, lambda target: print_view(target, view, _linked(view)))


def _linked(view: dict[str, Any]) -> str:
    return "linked by hand, asked for at the next visit" if view["state"] == "queued" else "linked by hand"


@click.command("unlink")
@listed_argument
@click.argument("external_id")
@connector_option
@json_option
@pass_invocation
def unlink(invocation: Invocation, kind: str, external_id: str, connector: str | None) -> None:
    """Forget which record of QuickBooks a customer, vendor or item is: it is matched anew."""
    from qbwc_server.sync import decisions

    view = _decided(invocation, decisions.unlink, kind, external_id, connector)
    invocation.output.result(view, lambda target: print_view(target, view, "to be matched anew"))


@click.command("void")
@document_argument
@click.argument("external_id")
@connector_option
@json_option
@pass_invocation
def void(invocation: Invocation, kind: str, external_id: str, connector: str | None) -> None:
    """Have an invoice voided in QuickBooks, or a purchase order closed; one never sent is cancelled."""
    from qbwc_server.sync import intake

    view = _decided(invocation, intake.void, kind, external_id, connector)
    word = None if view["is_void"] else "it never was in QuickBooks"
    invocation.output.result(view, lambda target: print_view(target, view, word))


@click.command("post-as-new")
@document_argument
@click.argument("external_id")
@connector_option
@json_option
@pass_invocation
def post_as_new(invocation: Invocation, kind: str, external_id: str, connector: str | None) -> None:
    """Post a document that somebody deleted in QuickBooks once more, as a new one."""
    from qbwc_server.sync import decisions

    view = _decided(invocation, decisions.post_as_new, kind, external_id, connector)
    invocation.output.result(view, lambda target: print_view(target, view, "to be posted as new"))


def _decided(
    invocation: Invocation,
    step: Callable[..., dict[str, Any]],
    kind: str,
    external_id: str,
    connector: str | None,
) -> dict[str, Any]:
    """The record once the step was taken."""
    with invocation.core() as core:
        return step(core, chosen_connector(core, connector), Kind(kind), external_id, actor=ACTOR)
