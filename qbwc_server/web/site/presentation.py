"""Plain words, colours and icons for what pages show: moods, states, severities, actors, moments."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flask import Flask
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup

from qbwc_server import __version__
from qbwc_server.desk.documents.documents import at_stake, money
from qbwc_server.desk.logs.event_words import HOW_FOUND, HOW_KNOWN, closing, doer, told
from qbwc_server.desk.overview import ListAge, Mood
from qbwc_server.domain.causes import CATALOGUE, CONNECTOR_WIDE
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.operations import Operation
from qbwc_server.domain.records import State
from qbwc_server.domain.setting_changes import value_in_words
from qbwc_server.domain.settings import WORDS
from qbwc_server.web.context import admins, is_admin, may, now, viewer
from qbwc_server.web.site.forms import shown
from qbwc_server.web.site.zones import local, zone_name


@dataclass(frozen=True, slots=True)
class Look:
    """How a state of things is shown; a colour never stands alone.

    Attributes:
        label: one or two words.
        icon: name of a drawing in ``icons.html``.
        tone: one of Bootstrap's colours: ``success``, ``info``, ``warning``, ``danger``, ``secondary``.
        help: what it means, in a sentence.
    """

    label: str
    icon: str
    tone: str
    help: str = ""


MOODS: Mapping[Mood, Look] = {
    Mood.STOPPED: Look("Nothing goes out", "cross", "danger"),
    Mood.OK: Look("Up to date", "check", "success"),
    Mood.WORKING: Look("Working", "arrows", "info"),
    Mood.WAITING: Look("Waiting", "clock", "info"),
    Mood.ATTENTION: Look("Needs attention", "warning", "danger"),
    Mood.LATE: Look("Late", "clock", "warning"),
    Mood.PAUSED: Look("Paused", "pause", "secondary"),
    Mood.NEVER_SEEN: Look("Never connected", "plug", "secondary"),
}

STATES: Mapping[State, Look] = {
    State.QUEUED: Look("Queued", "clock", "info", "Waiting to be sent, or for a record it refers to."),
    State.BLOCKED: Look("Blocked", "warning", "danger", "Cannot go on until the cause is put right."),
    State.SENT: Look("Sent", "arrows", "info", "On its way; the answer of QuickBooks is awaited."),
    State.UNCERTAIN: Look(
        "Uncertain",
        "question",
        "warning",
        "The answer was lost; QuickBooks is asked before it is sent again.",
    ),
    State.SYNCED: Look("Synced", "check", "success", "QuickBooks holds the latest revision."),
    State.CANCELLED: Look("Cancelled", "cross", "secondary", "Withdrawn; it will not be sent."),
}

SEVERITIES: Mapping[str, Look] = {
    "ok": Look("OK", "check", "success"),
    "warning": Look("Warning", "warning", "warning"),
    "problem": Look("Problem", "warning", "danger"),
}

ACTORS: Mapping[str, str] = {
    "host": "whoever keeps the records in the order system",
    "staff": "you or a colleague who looks after this server",
    "quickbooks_user": "whoever works at the PC with QuickBooks",
}

ACTOR_NAMES: Mapping[str, str] = {
    "host": "Order system",
    "staff": "Support",
    "quickbooks_user": "QuickBooks user",
}
"""Who must act, in a word or two."""

DECIDED: frozenset[str] = frozenset(name for name, cause in CATALOGUE.items() if cause.retry_decides)
"""The causes of which a retry decides something: no button is called so, but by what it decides."""

CATEGORIES: Mapping[str, Look] = {
    "success": Look("Done", "check", "success"),
    "info": Look("Note", "info", "info"),
    "warning": Look("Warning", "warning", "warning"),
    "danger": Look("Problem", "warning", "danger"),
}

OPERATIONS: Mapping[Operation, tuple[str, str]] = {
    Operation.ADD: ("record to create", "records to create"),
    Operation.MOD: ("record to change", "records to change"),
    Operation.VOID: ("document to void or close", "documents to void or close"),
    Operation.READ: ("look at records", "looks at records"),
    Operation.CLAIM: ("look at documents linked by hand", "looks at documents linked by hand"),
    Operation.NUMBER_PROBE: ("check of document numbers", "checks of document numbers"),
    Operation.CONFLICT_PROBE: ("look at numbers that were taken", "looks at numbers that were taken"),
    Operation.RECORD_PROBE: ("search after a lost answer", "searches after a lost answer"),
    Operation.GUID_SEARCH: ("search for what was sent before", "searches for what was sent before"),
    Operation.LIST_PAGE: ("page of a list read", "pages of lists read"),
    Operation.LIST_DELETED: ("question for deleted list entries", "questions for deleted list entries"),
    Operation.VERIFY: ("look at what was synced last", "looks at what was synced last"),
    Operation.RAW_QUERY: ("raw query", "raw queries"),
    Operation.RAW_WRITE: ("raw write", "raw writes"),
    Operation.GREETING: ("greeting, as nothing was left to do", "greetings, as nothing was left to do"),
    Operation.TXN_DELETED: ("question for deleted documents", "questions for deleted documents"),
}
"""What a request of a session was for: one of it, and several."""

_LABELS: Mapping[str, str] = {
    "desc": "Description",
    "po_number": "PO number",
    "purchase_desc": "Purchase description",
    "ref_number": "Number",
    "sku": "SKU",
    "txn_date": "Date",
}

_STEPS = (
    (timedelta(days=2), 86_400, "day"),
    (timedelta(hours=1), 3_600, "hour"),
    (timedelta(0), 60, "minute"),
)


def relative(moment: datetime, present: datetime) -> str:
    """How far `moment` lies from `present`, as one says it: `just now`, `3 minutes ago`, `in 2 hours`."""
    distance = abs(moment - present)
    if distance < timedelta(seconds=60):
        return "just now"
    seconds, unit = next((seconds, unit) for least, seconds, unit in _STEPS if distance >= least)
    # what lies ahead has not lost the seconds that passed while the page was made
    count = (
        int(distance.total_seconds()) // seconds
        if moment < present
        else round(distance.total_seconds() / seconds)
    )
    words = f"{count} {unit}{'' if count == 1 else 's'}"
    return f"{words} ago" if moment < present else f"in {words}"


def absolute(moment: datetime) -> str:
    """`moment` to the minute, in the zone of this page: `2026-11-22 10:21 UTC`."""
    return f"{local(moment):%Y-%m-%d %H:%M %Z}"


def when(moment: datetime | str | None) -> Markup:
    """How far `moment` (or its ISO form) lies back or ahead, for lists: the moment itself is told to whoever points at
    it; `never` when there was none.
    """
    return _told(moment, Markup('<time datetime="{}" title="{}">{}</time>'))


def shortened(time: str) -> str:
    """A time in words, in as few letters as can be."""
    for long, short in (("second", "s"), ("minute", "min"), ("hour", "h")):
        time = time.replace(f"{long}s", short).replace(long, short)
    return time


def brief(at: datetime) -> Markup:
    """The same in as few letters as can be, for lists of very many: `3 min ago`, `in 2 h`."""
    told = shortened(relative(at, now())).replace("just now", "now")
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        at.astimezone(UTC).isoformat(timespec="seconds"), absolute(at), told
    )


def moment(at: datetime | str | None) -> Markup:
    """The same with the moment beside it, for facts."""
    return _told(at, Markup('<time datetime="{0}">{2} <span class="moment">({1})</span></time>'))


def on_day(at: datetime) -> Markup:
    """Its day, in the zone of this page."""
    return Markup('<time class="day" datetime="{0}">{0}</time>').format(f"{local(at):%Y-%m-%d}")


def _told(at: datetime | str | None, form: Markup) -> Markup:
    if at is None:
        return Markup('<span class="text-body-secondary">never</span>')
    if isinstance(at, str):
        at = datetime.fromisoformat(at)
    return form.format(at.astimezone(UTC).isoformat(timespec="seconds"), absolute(at), relative(at, now()))


def words(name: str) -> str:
    """A name of the catalogue as a heading: `customer_not_matched` → `Customer not matched`."""
    text = name.replace("_", " ").replace("quickbooks", "QuickBooks")
    return text[:1].upper() + text[1:]


def label(name: str) -> str:
    """The name of a record's field as a label: `ref_number` → `Number`, `bill_address` → `Bill address`."""
    return _LABELS.get(name) or words(name)


def is_rows(content: object) -> bool:
    """Whether this is a list of objects, to be shown as a table."""
    return isinstance(content, list) and bool(content) and all(isinstance(row, dict) for row in content)


def columns(rows: Sequence[Mapping[str, object]]) -> list[str]:
    """The names of all fields the rows have, in the order they first appear."""
    return list(dict.fromkeys(name for row in rows for name in row))


def count(number: int, noun: str) -> str:
    """`1 record`, `3 records`, `2 entries`."""
    if number == 1:
        return f"1 {noun}"
    return f"{number:,} {noun[:-1]}ies" if noun.endswith("y") else f"{number:,} {noun}s"


def change(what: str, number: int) -> str:
    """One part of what a load of a list changed: `3 new`, `1 email changed`, `12 waiting records released`."""
    if what == "released":
        return f"{count(number, 'waiting record')} released"
    return f"{number:,} {what.replace('sku', 'SKU').replace('_', ' ')}"


def did(operation: Operation, number: int) -> str:
    """`1 record to create`, `40 records to create`: what was asked for, whatever the answer was."""
    one, many = OPERATIONS[operation]
    return f"{number:,} {one if number == 1 else many}"


def setting(name: str) -> str:
    """What a setting is called on its form."""
    return WORDS[name].label if name in WORDS else words(name)


def reading(lists: Sequence[ListAge]) -> str:
    """How far the reading of QuickBooks' lists has come, in a sentence; empty when none is being read.

    A list that is read for the first time has no number of entries to compare with: QuickBooks does not tell it.
    """
    if not any(item.loading for item in lists):
        return ""
    waiting = sum(item.resync_requested_at is not None for item in lists)
    if waiting:
        return f"Resync in progress: {len(lists) - waiting} of {len(lists)} lists are read."
    if any(item.loading and item.loaded_at is None for item in lists):
        read = sum(item.entries if item.read_so_far is None else item.read_so_far for item in lists)
        entries = "1 entry" if read == 1 else f"{read:,} entries"
        return f"The lists are read for the first time: {entries} so far. How many there are is known at the end only."
    return "The lists are being read from QuickBooks now."


def install(app: Flask) -> None:
    """Make it all known to the templates of `app`."""
    app.jinja_env.filters.update(brief=brief, shortened=shortened)
    app.jinja_env.filters.update(
        money=money,
        at_stake=at_stake,
        when=when,
        moment=moment,
        on_day=on_day,
        words=words,
        count=count,
        shown=shown,
        absolute=absolute,
    )
    app.jinja_env.filters.update(
        label=label, is_rows=is_rows, columns=columns, did=did, change=change, reading=reading
    )
    app.jinja_env.filters.update(told=told, closing=closing, setting=setting, setting_value=value_in_words)
    app.jinja_env.globals.update(
        moods=MOODS,
        states=STATES,
        severities=SEVERITIES,
        actors=ACTORS,
        actor_names=ACTOR_NAMES,
        decided=DECIDED,
        found_by=HOW_FOUND,
        doer=doer,
        proofs=HOW_KNOWN,
        categories=CATEGORIES,
        connector_wide=CONNECTOR_WIDE,
        kinds=tuple(Kind),
        viewer=viewer,
        is_admin=is_admin,
        may=may,
        admins=admins,
        csrf_token=generate_csrf,
        now=now,
        zone_name=zone_name,
        version=__version__,
    )
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
