"""An error as a plain text to send to whoever must act: what is wrong, which documents, what to do, where to look."""

from collections.abc import Iterable, Sequence

from flask import url_for

from qbwc_server.desk.documents.documents import Recognised, at_stake
from qbwc_server.desk.error_records.error_groups import Group, Member, Single
from qbwc_server.desk.error_records.error_lists import Line, Listing
from qbwc_server.domain.errors import QuickBooksAnswer, Total
from qbwc_server.web.context import core
from qbwc_server.web.site.presentation import count

MOST_NAMED = 50
"""So many documents are named in a message; the others are on the page."""
_WHOM = {
    "host": "For whoever keeps the records in the order system",
    "staff": "For whoever looks after the connection to QuickBooks",
    "quickbooks_user": "For whoever works at the PC with QuickBooks",
}


def address(path: str) -> str:
    """A path of this site as an address that can be sent to somebody."""
    return f"{core().public_url.rstrip('/')}{path}"


def address_of_error(name: str, error_id: int) -> str:
    """The address of one error record's page."""
    return address(url_for("errors.show", name=name, error_id=error_id))


def waiting(total: Total) -> str:
    """How much waits, in words: ``187 invoices``, ``3 records``; "" for what holds up the whole connector."""
    if not total.kinds:
        return ""
    return count(total.number, total.kind.label if total.kind is not None else "record")


def _of(total: Total) -> str:
    sums = " + ".join(at_stake(total))
    amount = f", {sums} in all" if sums else ""
    said = waiting(total)
    return f" ({said}{amount})" if said else ""


def of_family(found: Listing) -> str | None:
    """Of all groups of one cause; None where there is none."""
    if not found.families:
        return None
    family = found.families[0]
    if family.groups == 1:
        return None
    here = url_for(
        "errors.listing", name=found.connector.name, cause=family.cause, why=family.sub_reason or ""
    )
    named = [_line(line) for line in family.lines[:MOST_NAMED]]
    return _text(
        family.actor,
        found.connector.name,
        f"{family.heading}{_of(family.sum)}.",
        family.remedy,
        named,
        family.groups,
        here,
    )


def _line(line: Line) -> str:
    return line.record.words if line.record is not None else f"{line.subject}{_of(line.sum)}"


def of_group(found: Group) -> str | None:
    """Of one group; None when nothing waits any more."""
    if found.sum is None:
        return None
    named = [_member(each) for each in found.members[:MOST_NAMED] if each.error.kind is not None]
    here = url_for("error_groups.show", name=found.connector.name, cause=found.cause, key=found.cause_key)
    what = f"{found.title.rstrip('.')}{_of(found.sum)}."
    error = found.example
    number = found.sum.number
    said = error.quickbooks if number == 1 else None
    return _text(error.actor, found.connector.name, what, error.remedy, named, number, here, said)


def of_single(found: Single) -> str | None:
    """Of one error record; None when it is over."""
    error = found.error
    if error.closed_at is not None:
        return None
    named = (
        [_known(found.about, error.kind.label if error.kind else "", error.external_id)] if error.kind else []
    )
    here = url_for("errors.show", name=found.connector.name, error_id=error.id)
    return _text(
        error.actor, found.connector.name, error.message, error.remedy, named, 1, here, error.quickbooks
    )


def _member(member: Member) -> str:
    kind = member.error.kind
    return _known(member.record, kind.label if kind is not None else "", member.error.external_id)


def _known(record: Recognised | None, label: str, external_id: str | None) -> str:
    return (
        record.words if record is not None else f"{label[:1].upper()}{label[1:]} {external_id or ''}".strip()
    )


def _text(
    whom: str,
    name: str,
    what: str,
    remedy: str,
    named: Sequence[str],
    number: int,
    path: str,
    said: QuickBooksAnswer | None = None,
) -> str:
    parts = [f"{_WHOM[whom]} ({name}):", what]
    if said is not None and said.message:
        parts.append(f"QuickBooks said: {said.message} ({said.code})")
    parts.append(f"What to do:\n{remedy}")
    if named:
        parts.append("It concerns:\n" + "\n".join(_listed(named, number)))
    parts.append(f"More on this page:\n{address(path)}")
    return "\n\n".join(parts)


def _listed(named: Sequence[str], number: int) -> Iterable[str]:
    yield from (f"- {each}" for each in named)
    if number > len(named):
        yield f"- … and {number - len(named):,} more, on the page"
