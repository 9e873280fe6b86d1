"""What may be done to one record beside retrying and linking it: void, cancel, unlink, post as new.

Each has a page of its own that says what happens and what stays, with the button on it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from qbwc_server.desk.deciding import decisions
from qbwc_server.desk.handing_over import intake
from qbwc_server.desk.records import lives
from qbwc_server.domain.decisions import Decision
from qbwc_server.domain.in_quickbooks import KINDS
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.rights import Right
from qbwc_server.web.context import actor, core, is_admin, may
from qbwc_server.web.site.access import admin_only, needs

pages = Blueprint("deeds", __name__)

View = Mapping[str, Any]
"""A record as `record_views.view` shows it."""


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing to do to a record.

    Attributes:
        decision: what it decides; the step in its address, and its endpoint.
        hint: when to press it, in a sentence for the record's page.
        happens: what it does, by kind.
        stays: what it leaves as it is.
        done: what is told afterwards.
        grave: it cannot be undone here.
        perform: does it; takes core, connector, kind, external id and actor.
        right: what whoever does it needs; None: only admins may.
    """

    decision: Decision
    title: str
    button: str
    icon: str
    hint: str
    happens: Callable[[Kind], tuple[str, ...]]
    stays: str
    done: str
    grave: bool
    perform: Callable[..., View]
    right: Right | None = None


def _voiding(kind: Kind) -> tuple[str, ...]:
    if not KINDS[kind].is_voidable:
        return (
            "QuickBooks cannot void a purchase order, so it is marked as closed there: nothing more is expected on it.",
            "It keeps its number, its lines and its amounts.",
        )
    return (
        "The invoice stays in QuickBooks under its number, and every amount on it becomes zero.",
        "QuickBooks writes VOID into its memo. What was paid for it becomes a credit of the customer.",
    )


DEEDS = (
    Deed(
        Decision.VOID,
        "Void in QuickBooks",
        "Void it",
        "cross",
        "When the order was cancelled after it had been posted.",
        _voiding,
        "The record and its history. The order system cannot change it any more; an order that comes back "
        "needs another id.",
        "Voided in QuickBooks at the next visit.",
        True,
        intake.void,
    ),
    Deed(
        Decision.POST_AS_NEW,
        "Post as new",
        "Post as new",
        "plus",
        "When the document was deleted in QuickBooks by mistake and has to be there again.",
        lambda kind: (
            f"QuickBooks gets a new {kind.label}, without the payments and credits of the deleted one.",
            "First look for its number in QuickBooks (Edit > Find): if it is there again, link that one.",
        ),
        "The history of this record, the deleted document included. What was changed on that one in QuickBooks is not "
        "on the new one. If somebody has entered it again by hand, QuickBooks has it twice then.",
        "Posted as new at the next visit.",
        True,
        decisions.post_as_new,
        Right.POST_AS_NEW,
    ),
    Deed(
        Decision.UNLINK,
        "Unlink",
        "Forget the link",
        "plug",
        "When it is linked to the wrong entry of QuickBooks.",
        lambda kind: (
            f"This server forgets which {kind.label} in QuickBooks it is, and looks for it again as for a new record.",
            f"If no {kind.label} matches and this connector creates {kind.label}s, another one is created.",
            "Documents posted earlier keep the entry they were posted with.",
        ),
        "Everything in QuickBooks. To name the right entry yourself, link it by hand instead: nothing is created then.",
        "The link is forgotten.",
        False,
        decisions.unlink,
    ),
    Deed(
        Decision.CANCEL,
        "Cancel",
        "Cancel the record",
        "cross",
        "When it is not to be sent to QuickBooks any more.",
        lambda kind: (
            "It is not sent to QuickBooks, and its open error records are closed.",
            "What waits for it is checked again, and may be blocked without it.",
        ),
        "Everything in QuickBooks. If the order system hands it over again, it is queued again.",
        "The record is cancelled.",
        False,
        intake.cancel,
    ),
)


def is_mine(deed: Deed) -> bool:
    """Whether who is signed in may do it."""
    return is_admin() if deed.right is None else may(deed.right)


def _install(deed: Deed) -> None:
    """Add the page of a deed and its button."""
    guard = admin_only if deed.right is None else needs(deed.right)

    @guard
    def ask(name: str, kind: Kind, external_id: str) -> ResponseReturnValue:
        seen = lives.glance(core(), name, kind, external_id)
        return render_template(
            "deed.html",
            connector=seen.connector,
            kind=kind,
            view=seen.view,
            paper=seen.paper,
            deed=deed,
            objection=seen.objections[deed.decision],
        )

    @guard
    def do(name: str, kind: Kind, external_id: str) -> ResponseReturnValue:
        deed.perform(core(), name, kind, external_id, actor=actor())
        flash(deed.done, "success")
        return redirect(url_for("records.show", name=name, kind=kind, external_id=external_id))

    step = deed.decision
    rule = f"/connectors/<connector:name>/{step}/<kind:kind>/<external_id:external_id>"
    pages.add_url_rule(rule, f"ask_{step}", ask, methods=["GET"])
    pages.add_url_rule(rule, f"do_{step}", do, methods=["POST"])


for _deed in DEEDS:
    _install(_deed)
