"""The webhooks of a connector: where what happens is sent to, how each is, and what was sent and answered."""

from collections.abc import Collection, Sequence
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from qbwc_server.desk.administration import connectors
from qbwc_server.desk.feeds import deliveries, webhooks
from qbwc_server.desk.feeds.webhook_views import DeliveryView
from qbwc_server.domain.cursors import LARGEST_ID
from qbwc_server.domain.event_types import TYPES
from qbwc_server.domain.faults import Conflict, InvalidInput
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.webhooks import MOST_ENDPOINTS
from qbwc_server.web.context import actor, core
from qbwc_server.web.site import once
from qbwc_server.web.site.access import admin_only
from qbwc_server.web.site.forms import by_field

pages = Blueprint("webhooks", __name__)

DELIVERIES = 25
"""So many are shown on a page."""

_ALL = "/connectors/<connector:name>/webhooks"
_ONE = f"{_ALL}/<int(max={LARGEST_ID}):webhook_id>"
_DELIVERY = f"{_ONE}/deliveries/<int(max={LARGEST_ID}):delivery_id>"

EVERYTHING = "*"
CHOICES: tuple[tuple[str, str], ...] = (
    (EVERYTHING, "Everything that happens"),
    ("*.synced", "A record is in QuickBooks, of whatever kind"),
    ("*.blocked", "A record is blocked and needs somebody"),
    ("connector.error_*", "Something is wrong with the connector, or is right again"),
    ("connector.*", "Everything about the connector itself"),
    *((f"{kind}.*", f"Everything about {kind.label}s") for kind in Kind),
)
"""The types of events that are ticked, as patterns, and in words."""
_TICKED = frozenset(pattern for pattern, _ in CHOICES)


@pages.get(_ALL)
@admin_only
def listing(name: str) -> ResponseReturnValue:
    """All of them, and the form that adds one."""
    return _listing(name, MultiDict({"types": EVERYTHING}), {})


@pages.post(_ALL)
@admin_only
def add(name: str) -> ResponseReturnValue:
    """Add one, and show its secret on its own page, once."""
    form = request.form
    try:
        found, _ = webhooks.add(
            core(),
            name,
            url=form.get("url", "").strip(),
            types=_types(form),
            allow_private="allow_private" in form,
            actor=actor(),
        )
    except InvalidInput as error:
        return _listing(name, form, _faults(error)), 422
    except Conflict as error:
        return _listing(name, form, {"url": _sentence(error)}), 409
    once.keep(_kept(found.endpoint.id), found.endpoint.salt)
    flash("The webhook is added. What happens from now on is sent there.", "success")
    return redirect(url_for("webhooks.show", name=name, webhook_id=found.endpoint.id))


@pages.get(_ONE)
@admin_only
def show(name: str, webhook_id: int) -> ResponseReturnValue:
    """One of them: how it is, what can be done with it, and what was sent."""
    return _one(name, webhook_id)


@pages.post(f"{_ONE}/change")
@admin_only
def change(name: str, webhook_id: int) -> ResponseReturnValue:
    """Send other events, or to another address."""
    form = request.form
    try:
        webhooks.change(
            core(),
            name,
            webhook_id,
            url=form.get("url", "").strip(),
            types=_types(form),
            allow_private="allow_private" in form,
            actor=actor(),
        )
    except InvalidInput as error:
        return _one(name, webhook_id, typed=form, faults=_faults(error)), 422
    except Conflict as error:
        return _one(name, webhook_id, typed=form, faults={"url": _sentence(error)}), 409
    return _done(name, webhook_id, "Saved.")


@pages.post(f"{_ONE}/switch")
@admin_only
def switch(name: str, webhook_id: int) -> ResponseReturnValue:
    """Send nothing more, or again: then it is tried at once, where it stopped."""
    enabled = request.form.get("enabled") == "yes"
    webhooks.change(core(), name, webhook_id, enabled=enabled, actor=actor())
    words = "Enabled: it goes on where it stopped." if enabled else "Disabled: nothing is sent there now."
    return _done(name, webhook_id, words)


@pages.post(f"{_ONE}/test")
@admin_only
def test(name: str, webhook_id: int) -> ResponseReturnValue:
    """Have a test event sent."""
    deliveries.test(core(), name, webhook_id, actor=actor())
    return _done(name, webhook_id, "A test is sent within seconds. Look again to see what was answered.")


@pages.post(f"{_ONE}/rotate-secret")
@admin_only
def rotate_secret(name: str, webhook_id: int) -> ResponseReturnValue:
    """Sign with a new secret, and for a day with the old one as well. A form sent twice makes one."""
    found = webhooks.get(core(), name, webhook_id)
    if request.form.get("made") != _mark(found):
        raise Conflict("the secret was changed since this page was opened, so nothing was done now")
    found, _ = webhooks.rotate_secret(core(), name, webhook_id, actor=actor())
    once.keep(_kept(webhook_id), found.endpoint.salt)
    return _done(name, webhook_id, "There is a new secret. The old one is good for another 24 hours.")


@pages.post(f"{_ONE}/noted")
@admin_only
def noted(name: str, webhook_id: int) -> ResponseReturnValue:
    """Show the secret no more."""
    once.forget(_kept(webhook_id))
    return redirect(url_for("webhooks.show", name=name, webhook_id=webhook_id))


@pages.post(f"{_ONE}/replay")
@admin_only
def replay(name: str, webhook_id: int) -> ResponseReturnValue:
    """Send everything anew that happened after an event."""
    after = request.form.get("after", "").strip()
    if not (after.isascii() and after.isdigit() and int(after) <= LARGEST_ID):
        return _one(
            name,
            webhook_id,
            faults={"after": "Enter the number of an event; 0 means from the beginning."},
            after=after,
        ), 422
    try:
        webhooks.replay(core(), name, webhook_id, int(after), actor=actor())
    except InvalidInput as error:
        return _one(name, webhook_id, faults=by_field(error), after=after), 422
    return _done(name, webhook_id, f"Everything after event {after} is sent again.")


@pages.post(f"{_ONE}/remove")
@admin_only
def remove(name: str, webhook_id: int) -> ResponseReturnValue:
    """Send nothing there any more, and forget what was sent."""
    removed = webhooks.remove(core(), name, webhook_id, actor=actor())
    flash(f"The webhook to {removed.place} is removed.", "success")
    return redirect(url_for("webhooks.listing", name=name))


@pages.get(_DELIVERY)
@admin_only
def delivery(name: str, webhook_id: int, delivery_id: int) -> ResponseReturnValue:
    """One thing that was sent, and what was answered."""
    found = deliveries.get(core(), name, webhook_id, delivery_id)
    return render_template(
        "webhook_delivery.html",
        connector=connectors.get(core(), name),
        found=webhooks.get(core(), name, webhook_id),
        delivery=DeliveryView.of(found),
        types=TYPES,
    )


@pages.post(f"{_DELIVERY}/resend")
@admin_only
def resend(name: str, webhook_id: int, delivery_id: int) -> ResponseReturnValue:
    """Have the very same message sent once more."""
    deliveries.resend(core(), name, webhook_id, delivery_id, actor=actor())
    return _done(name, webhook_id, "It is sent once more within seconds, under the same id.")


def _types(form: MultiDict[str, str]) -> list[str]:
    """What was ticked and what was typed; everything makes all else needless."""
    ticked = [pattern for pattern in form.getlist("types") if pattern in _TICKED]
    if EVERYTHING in ticked:
        return [EVERYTHING]
    typed = (word.strip() for word in form.get("other", "").split(","))
    return [*ticked, *(word for word in typed if word)]


def _form_of(types: Sequence[str], url: str, is_private: bool) -> MultiDict[str, str]:
    """An endpoint as its form has it."""
    form = MultiDict([("types", each) for each in types if each in _TICKED])
    form["url"] = url
    form["other"] = ", ".join(each for each in types if each not in _TICKED)
    if is_private:
        form["allow_private"] = "on"
    return form


def _faults(error: InvalidInput) -> dict[str, str]:
    """By field: what is wrong with a type belongs to where types were typed, or else to the ticks."""
    found: dict[str, str] = {}
    for fault in error.faults:
        field = fault.pointer.strip("/").partition("/")
        name = field[0] if field[0] != "types" else "other" if field[2] else "types"
        words = "Tick at least one." if name == "types" else _in_words(fault.message)
        found.setdefault(name, words)
    return found


def _in_words(message: str) -> str:
    """What the form calls what programs call `allow_private`."""
    words = message.replace("allow_private", "“in our own network”")
    return f"{words[:1].upper()}{words[1:]}."


def _sentence(error: Exception) -> str:
    words = str(error)
    return f"{words[:1].upper()}{words[1:]}."


def _listing(name: str, typed: MultiDict[str, str], faults: dict[str, str]) -> str:
    return render_template(
        "webhooks.html",
        connector=connectors.get(core(), name),
        every=webhooks.every(core(), name),
        most=MOST_ENDPOINTS,
        typed=typed,
        faults=faults,
        **_words(),
    )


def _one(
    name: str,
    webhook_id: int,
    *,
    typed: MultiDict[str, str] | None = None,
    faults: dict[str, str] | None = None,
    after: str = "",
) -> str:
    connector, found = connectors.get(core(), name), webhooks.get(core(), name, webhook_id)
    endpoint, before = found.endpoint, request.args.get("before", type=int)
    before = before if before is not None and 0 < before <= LARGEST_ID else None
    sent = deliveries.log(core(), name, webhook_id, before=before, limit=DELIVERIES)
    salt = once.kept(_kept(webhook_id))
    return render_template(
        "webhook.html",
        connector=connector,
        found=found,
        secret_shown=webhooks.secret_of(core(), found, salt) if salt else None,
        mark=_mark(found),
        typed=typed if typed is not None else _form_of(endpoint.types, endpoint.url, endpoint.allow_private),
        faults=faults or {},
        after=after,
        sent=[DeliveryView.of(each) for each in sent.items],
        before=before,
        older=sent.end,
        **_words(),
    )


def _words() -> dict[str, Any]:
    return {"choices": CHOICES, "types_told": types_told}


def types_told(types: Collection[str]) -> str:
    """Types of events in words."""
    words = dict(CHOICES)
    return "; ".join(words.get(each, each) for each in types)


def _kept(webhook_id: int) -> str:
    return f"webhook {webhook_id}"


def _mark(found: webhooks.Found) -> str:
    """Tells two secrets apart without giving anything of them away."""
    return found.endpoint.salt[:8]


def _done(name: str, webhook_id: int, words: str) -> ResponseReturnValue:
    flash(words, "success")
    return redirect(url_for("webhooks.show", name=name, webhook_id=webhook_id))
