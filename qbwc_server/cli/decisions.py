"""`retry`, `link`, `unlink`, `void` and `post-as-new`: what only a person may decide of a record."""

from collections.abc import Callable
from typing import Any

import click

from qbwc_server.cli.bulk_links import link_file
from qbwc_server.cli.invocation import ACTOR, Invocation, connector_option, json_option, pass_invocation
from qbwc_server.cli.opening import chosen_connector, core_of
from qbwc_server.cli.records import kind_argument, print_view
from qbwc_server.cli.words import OneOf
from qbwc_server.desk.deciding import decisions
from qbwc_server.desk.handing_over import host, intake
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.records import State

document_argument = click.argument(
    "kind", type=OneOf("kind of document", [kind.value for kind in Kind if kind.is_document])
)
listed_argument = click.argument(
    "kind", type=OneOf("kind of list record", [kind.value for kind in Kind if not kind.is_document])
)


@click.command("retry")
@kind_argument
@click.argument("external_id")
@connector_option
@json_option
@pass_invocation
def retry(invocation: Invocation, kind: str, external_id: str, connector: str | None) -> None:
    """Try a blocked record again: it goes on unless its cause is still there. `errors retry` is for many at once."""
    view = _decided(invocation, host.retry, kind, external_id, connector)
    invocation.output.result(view, lambda target: print_view(target, view, _tried(view)))


def _tried(view: dict[str, Any]) -> str:
    return "its cause has not gone away" if view["state"] == State.BLOCKED else "tried again"


@click.command("link")
@click.argument("kind", type=OneOf("kind", [kind.value for kind in Kind]), required=False)
@click.argument("external_id", required=False)
@click.argument("quickbooks_id", metavar="LIST_OR_TXN_ID", required=False)
@click.option(
    "--from", "file", metavar="FILE|-", help="Link many: a CSV file, whose first row names the columns."
)
@click.option(
    "--dry-run", is_flag=True, help="Of a file: tell what would become of each line, and link nothing."
)
@connector_option
@json_option
@click.pass_context
def link(
    context: click.Context,
    kind: str | None,
    external_id: str | None,
    quickbooks_id: str | None,
    file: str | None,
    dry_run: bool,
    connector: str | None,
) -> None:
    """Say which record of QuickBooks a record is: by ListID, for a document by TxnID.

    It is remembered, and nothing is matched any more. QuickBooks is asked for a document at the next visit, and it
    is synced only when QuickBooks has one of that kind under this TxnID.

    An error record about several candidates, or about a number that is taken, names the ids to choose from.

    A file (--from) has the columns kind, external_id and one or several of list_id, txn_id, full_name, email,
    account_number, sku, barcode; each line fills one of those. Faulty lines are listed and the others are linked all
    the same; exit code 1 if any was faulty. It may be linked again: what is linked to the same already stays so.
    """
    invocation = context.ensure_object(Invocation)
    given = [part for part in (kind, external_id, quickbooks_id) if part is not None]
    if file is not None:
        if given:
            raise click.UsageError("name one record and its id, or a file with --from; not both")
        if link_file(invocation, file, dry_run=dry_run, connector=connector):
            context.exit(1)
        return
    if dry_run or kind is None or external_id is None or quickbooks_id is None:
        raise click.UsageError(
            "name the kind, the external id and the ListID or TxnID; or a file with --from"
        )
    _link_one(invocation, Kind(kind), external_id, quickbooks_id, connector)


def _link_one(
    invocation: Invocation, kind: Kind, external_id: str, quickbooks_id: str, connector: str | None
) -> None:
    with core_of(invocation) as core:
        name = chosen_connector(core, connector)
        view = decisions.link(core, name, kind, external_id, quickbooks_id, actor=ACTOR)
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
    with core_of(invocation) as core:
        return step(core, chosen_connector(core, connector), Kind(kind), external_id, actor=ACTOR)
