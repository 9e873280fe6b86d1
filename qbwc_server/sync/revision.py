"""A linked record whose new revision is to reach QuickBooks: its copy there is read, compared and adopted."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import qbxml.records as qb
from qbwc_server.domain import changes, posted_lines
from qbwc_server.domain import host_records as host
from qbwc_server.domain.causes import Cause, ChangedInQuickbooks, DocumentDeleted, RecordDeleted
from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.kinds import Kind, ListName
from qbwc_server.domain.matching import ListEntry
from qbwc_server.domain.operations import Operation
from qbwc_server.domain.records import Link, Record, State
from qbwc_server.storage import Transaction, lists, records
from qbwc_server.sync import resolve
from qbwc_server.sync.check import Finding, Ready, Verdict, before_in_quickbooks, check, written
from qbwc_server.sync.check.known import Known
from qbwc_server.sync.work import Work


def adopt(work: Work, read: Sequence[tuple[Record, Any]]) -> None:
    """Take over EditSequences and lines of QuickBooks' copies; block what a person changed there that we would
    overwrite.

    Blocked or not, a record then carries the latest EditSequence, so that a retry overwrites knowingly.
    """
    items = [
        (record, found) for record, found in read if record.kind is Kind.ITEM and record.link is not None
    ]
    sides = {record.link.quickbooks_id: host.sides_of(found) for record, found in items if record.link}
    lists.note_sides(work.conn, work.connector.id, sides)
    # an item may have been read for its sides alone; a stale EditSequence is found by the change itself
    wanted = [
        (record, found) for record, found in read if record.needs_reading or record.kind is not Kind.ITEM
    ]
    resolve.foresee_errors(work, [record for record, _ in wanted])
    compared = [record for record, found in wanted if _is_compared(work, record, found)]
    work.ask(lambda: [_as_known(work.known, record) for record in compared])
    for record, found in wanted:
        _adopt(work, record, found)


def _adopt(work: Work, record: Record, found: Any) -> None:
    if _was_taken_back(record, found):
        taken_back(work, record)
        return
    differences = _differences(work, record, found) if _is_compared(work, record, found) else {}
    record = work.change(
        record,
        edit_sequence=getattr(found, "edit_sequence", None),
        line_ids=living_lines(record, found),
        needs_reading=False,
        seen_at=work.now,
    )
    if differences:
        cause = ChangedInQuickbooks(record.label, differences, voided=_was_voided(found))
        resolve.put_off(work, record, [Finding(cause)], actor="quickbooks")


def _was_voided(found: Any) -> bool:
    """Whether QuickBooks' copy is void: it writes so into the memo, which alone may be left from an earlier time."""
    return (getattr(found, "memo", None) or "").startswith("VOID:") and getattr(found, "subtotal", None) == 0


def _is_compared(work: Work, record: Record, found: Any) -> bool:
    """Whether a person may have changed what we would overwrite, and is asked about it."""
    is_free = work.connector.settings.host_wins or _is_as_last_seen(record, found)
    return not is_free and not _was_taken_back(record, found)


def _is_as_last_seen(record: Record, found: Any) -> bool:
    """Whether nobody changed QuickBooks' copy since it was matched or written.

    What a person said a document is was never compared with what the host has: that is asked about once.
    """
    link = record.link
    if link is None or link.edit_sequence is None or link.matched_by == "hand":
        return False
    return link.edit_sequence == getattr(found, "edit_sequence", None)


def _was_taken_back(record: Record, found: Any) -> bool:
    """Whether QuickBooks' copy is older than it was, and nobody has been asked about that yet."""
    if record.link is None or record.synced_content is None:
        return False
    return is_older(record.link, getattr(found, "edit_sequence", None))


def living_lines(record: Record, found: Any) -> posted_lines.Posted:
    """What is left in QuickBooks of a document's lines."""
    told = record.content if record.synced_content is None else record.synced_content
    content = host.parse(record.kind, told)
    return posted_lines.still_there(getattr(found, "lines", ()), content, record.posted_lines)


def _as_known(known: Known, record: Record) -> tuple[Verdict, qb.Record | None, qb.Record | None]:
    """What is to become of a record, what QuickBooks was last told of it, and what it is to be told now."""
    verdict = check(known, record)
    return verdict, before_in_quickbooks(known, record), written(known, record, record.content)


def _differences(work: Work, record: Record, found: qb.Record) -> dict[str, tuple[str, str]]:
    verdict, old, wanted = work.ask(lambda: _as_known(work.known, record))
    if not isinstance(verdict, Ready) or verdict.operation is not Operation.MOD or record.is_void:
        return {}
    differences = changes.overwritten(old, found, pending(verdict))
    if getattr(verdict.payload, "lines", ()) and old is not None:
        ours = getattr(old, "lines", ())
        theirs = posted_lines.hosts_own(getattr(found, "lines", ()), living_lines(record, found))
        turned = negated(work.conn, work.connector, theirs)
        planned = getattr(wanted, "lines", ())
        # lines that are there already may be our own change, whose answer was never told
        if changes.lines_differ(ours, theirs, turned) and changes.lines_differ(planned, theirs, turned):
            differences["lines"] = changes.line_words(ours, theirs, turned)
    return differences


def told(known: Known, record: Record, content: Mapping[str, Any] | None) -> qb.Record | None:
    """A content that QuickBooks was told of a linked record, in its terms; None where there is none."""
    return None if content is None else written(known, record, content)


def unfulfilled(
    work: Work,
    record: Record,
    content: Mapping[str, Any],
    cleared: Sequence[str],
    found: qb.Record,
) -> list[str]:
    """Warnings about what QuickBooks has otherwise than a change told it, as its own answer shows.

    Args:
        content: what it was told, in the host's words.
        cleared: the fields it was told to empty.
    """
    wanted = work.ask(lambda: told(work.known, record, content))
    if wanted is None or type(wanted) is not type(found):
        return []
    turned = negated(work.conn, work.connector, getattr(found, "lines", ()))
    warnings = [
        f"{path}: QuickBooks has “{theirs}” instead of “{ours}”."
        for path, (ours, theirs) in changes.unfulfilled(wanted, found, turned).items()
    ]
    for path in cleared:
        left = changes.value_at(found, path)
        if left not in (None, (), ""):
            warnings.append(f"{path.replace('class_', 'class')}: QuickBooks kept “{changes.in_words(left)}”.")
    return [each for each in warnings if not any(_path(each) == _path(known) for known in record.warnings)]


def _path(warning: str) -> str:
    return warning.partition(":")[0]


def negated(conn: Transaction, connector: Connector, lines: Iterable[Any]) -> frozenset[str]:
    """The items of these lines whose prices QuickBooks turns round: it shows a discount of 5.00 as -5.00."""
    items = {
        line.item.list_id for line in lines if getattr(line, "item", None) is not None and _is_less(line)
    }
    entries = lists.by_ids(conn, connector.id, ListName.ITEM, items) if items else []
    return frozenset(entry.list_id for entry in entries if entry.type in _TAKEN_OFF)


_TAKEN_OFF = frozenset({"ItemDiscount", "ItemPayment"})


def _is_less(line: Any) -> bool:
    return any((getattr(line, name, None) or 0) < 0 for name in ("rate", "amount"))


def pending(verdict: Ready) -> changes.Changes:
    """The header fields a Mod will change."""
    payload = verdict.payload
    ids = {"list_id", "txn_id", "edit_sequence", "lines"}
    values = {name: getattr(payload, name) for name in payload.model_fields_set if name not in ids}
    return changes.Changes(values, verdict.clear)


def vanished(work: Work, record: Record, link: Link) -> Record:
    """QuickBooks no longer holds a record, and lists it nowhere as deleted."""
    cause = gone_cause(record, link)
    if isinstance(cause, DocumentDeleted):
        cause = replace(cause, vanished=True)
    return resolve.put_off(work, record, [Finding(cause)], actor="quickbooks")


def is_older(link: Link, edit_sequence: str | None) -> bool:
    """Whether QuickBooks' copy is older than the one it confirmed to us: EditSequences grow with every change."""
    confirmed = link.edit_sequence if link.proof != "cache" else None
    if (
        confirmed is None
        or edit_sequence is None
        or not (confirmed.isdecimal() and edit_sequence.isdecimal())
    ):
        return False
    return int(edit_sequence) < int(confirmed)


def taken_back(work: Work, record: Record) -> Record:
    """QuickBooks holds an older version than the one posted. A retry posts the latest one again, in full."""
    work.add([record])
    record = work.change(record, synced_content=None, line_ids=(), needs_reading=True)
    cause = ChangedInQuickbooks(record.label, {}, older=True)
    return resolve.put_off(work, record, [Finding(cause)], actor="quickbooks")


def entries_taken_back(
    conn: Transaction, connector: Connector, entries: Iterable[ListEntry], *, now: datetime
) -> None:
    """Block the synced records whose entries in QuickBooks' lists are older than what it confirmed to us."""
    edit_sequences: dict[ListName, dict[str, str | None]] = {}
    for entry in entries:
        edit_sequences.setdefault(entry.list_name, {})[entry.list_id] = entry.edit_sequence
    older = [
        record
        for list_name, found in edit_sequences.items()
        if list_name.is_matched
        for record in records.linked_to(conn, connector.id, Kind(list_name), found)
        if record.state is State.SYNCED
        and record.link
        and is_older(record.link, found[record.link.quickbooks_id])
    ]
    with resolve.working(conn, connector, now=now) as work:
        resolve.foresee_errors(work, older)
        for record in older:
            taken_back(work, record)


def gone_cause(record: Record, link: Link) -> Cause:
    """Why a record cannot go on that QuickBooks no longer holds."""
    if record.kind.is_document:
        return DocumentDeleted(record.kind.label, record.label, link.quickbooks_id)
    key = f"list_id:{link.quickbooks_id}"
    return RecordDeleted(ListName(record.kind), link.name or record.external_id, link.quickbooks_id, key)


def documents_gone(
    conn: Transaction, connector: Connector, kind: Kind, txn_ids: Sequence[str], *, now: datetime
) -> None:
    """QuickBooks says these documents were deleted: those of ours among them need a person. None is ever created again
    behind anyone's back."""
    gone = [
        (record, Finding(gone_cause(record, record.link)))
        for record in records.linked_to(conn, connector.id, kind, txn_ids)
        if record.state is State.SYNCED and record.link is not None
    ]
    with resolve.working(conn, connector, now=now) as work:
        resolve.put_off_all(work, gone, actor="quickbooks")
