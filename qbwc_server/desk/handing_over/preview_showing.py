"""A preview in detail: what each reference names, what would be sent, what that changes, and what would stop it."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from lxml import etree

import qbxml.records as qb
from qbwc_server.desk.handing_over import preview_changes, preview_words
from qbwc_server.desk.handing_over.given import UNCHANGED
from qbwc_server.desk.handing_over.preview_views import (
    ChangesView,
    FieldChangeView,
    MatchView,
    NamedView,
    PreviewErrorView,
    PreviewView,
    RecordNameView,
)
from qbwc_server.desk.handing_over.previews import Preview, Scene
from qbwc_server.desk.views.base import AnswerView, CandidateView, FaultView
from qbwc_server.desk.views.error_views import candidate_of
from qbwc_server.domain import changes
from qbwc_server.domain import host_records as host
from qbwc_server.domain.causes import Cause
from qbwc_server.domain.errors import OpenCause
from qbwc_server.domain.in_quickbooks import KINDS
from qbwc_server.domain.kinds import ListName
from qbwc_server.domain.operations import Operation
from qbwc_server.domain.records import Link, Record, State
from qbwc_server.sync import wording
from qbwc_server.sync.check import (
    Blocked,
    Finding,
    Matched,
    Ready,
    Verdict,
    Waiting,
    before_in_quickbooks,
    check,
    of_unknown_sides,
)
from qbwc_server.sync.check.named import Found
from qbwc_server.sync.check.naming import Naming, references_of
from qbwc_server.sync.wording import Dialect
from qbwc_server.sync.work import asked
from qbxml.requests import Built

REQUEST_ID = "preview"
"""What stands for the requestID, which every sending has of its own."""

NUMBER_ASKED_FOR = (
    "Whether the number {number} is free: if another document has it, this one is stopped (number_conflict)."
)
READ_FIRST = (
    "How it stands in QuickBooks: what a person changed there since, and this would overwrite, is asked about "
    "(changed_in_quickbooks)."
)
SIDES_ASKED_FOR = (
    "Whether the item is sold, bought or both in QuickBooks: a change is said otherwise for each."
)


class Showing:
    """Shows the previews of one part, after all of them were decided."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._dialect = Dialect.of(scene.connector)
        self._creations = scene.creations
        self._held: dict[str, str | None] = {}

    def all(self, previews: Sequence[Preview]) -> list[PreviewView]:
        """Each of them in detail.

        What is created is not there yet while it is said what waits for it, so that is looked at first.
        """
        previews = [self._checked(each) for each in previews]
        named = [self._references(each) for each in previews]
        shown = [self._shown(each, names) for each, names in zip(previews, named, strict=True)]
        self._creations.undo()
        return shown

    def _checked(self, each: Preview) -> Preview:
        """A preview that says also what is to become of a record that stays as it is."""
        scene, record = self._scene, each.record
        if each.outcome != UNCHANGED or record is None or not scene.can_check:
            return each
        if record.state is not State.QUEUED or record.claim is not None:
            return each
        return replace(each, verdict=asked(scene.conn, scene.known, lambda: check(scene.known, record)))

    def _references(self, each: Preview) -> list[Naming]:
        known, record = self._scene.known, each.record
        if record is None or each.outcome == "unchecked":
            return []
        payload = each.verdict.payload if isinstance(each.verdict, Ready) else None
        return asked(self._scene.conn, known, lambda: references_of(known, record, payload))

    def _shown(self, each: Preview, named: Sequence[Naming]) -> PreviewView:
        record = each.record
        final = self._final(each)
        built = self._built(each, final)
        errors = self._errors(each, final)
        waits = self._waits(each)
        return PreviewView(
            line=each.line,
            kind=each.kind,
            external_id=each.external_id,
            outcome=each.outcome,
            result=each.result,
            state=record.state if record is not None else None,
            message=preview_words.message(each, record),
            held=self._held_up(each),
            faults=tuple(FaultView(pointer=item.pointer, message=item.message) for item in each.faults),
            matched=_matched(each),
            references=tuple(self._named(item) for item in named),
            waits_for=tuple(map(_name_of, waits)),
            creates=preview_words.created(each, final),
            request=_text(built),
            changes=self._changes(each, final),
            asked_first=tuple(self._asked_first(each)),
            errors=errors,
            warnings=tuple(_warnings(each, final, built)),
        )

    def _final(self, each: Preview) -> Verdict | None:
        """The verdict once all that it waits for is in QuickBooks."""
        if isinstance(each.verdict, Waiting) and each.record is not None:
            return self._creations.verdict(each.record)
        return each.verdict

    def _built(self, each: Preview, final: Verdict | None) -> Built | None:
        record = each.record
        if record is None or not isinstance(final, Ready) or self._must_be_read(record, final):
            return None
        built = wording.said(record, wording.request_of(final, REQUEST_ID), self._dialect)
        return built if isinstance(built, Built) else None

    def _held_up(self, each: Preview) -> str | None:
        if each.kind is None or each.outcome == "refused":
            return None
        if each.kind not in self._held:
            self._held[each.kind] = self._scene.held(each.kind)
        return self._held[each.kind]

    def _waits(self, each: Preview) -> list[Record]:
        if not isinstance(each.verdict, Waiting):
            return []
        found = (self._creations.as_decided(on) for on in sorted(each.verdict.on))
        return [record for record in found if record is not None]

    def _named(self, item: Naming) -> NamedView:
        outcome = item.outcome
        waits = None
        if isinstance(outcome, Waiting):
            waits = next((self._creations.as_decided(on) for on in sorted(outcome.on)), None)
        is_found = isinstance(outcome, Found)
        entry = outcome.entry if isinstance(outcome, Found) else None
        full_name = (entry.full_name if entry else outcome.full_name) if isinstance(outcome, Found) else None
        list_id = outcome.list_id if isinstance(outcome, Found) else None
        if outcome is None and item.by == "list_id":
            list_id = item.value
        return NamedView(
            pointer="/" + item.path.replace(".", "/"),
            list=item.list_name,
            given={item.by or "setting": item.value},
            list_id=list_id,
            full_name=full_name,
            matched_by=preview_words.why(item) if is_found else None,
            waits_for=_name_of(waits) if waits is not None else None,
            stand_in=self._creations.stand_ins.get(waits.id) if waits is not None else None,
        )

    def _must_be_read(self, record: Record, final: Ready) -> bool:
        """Whether what is sent depends on what QuickBooks' copy shows when it is read."""
        if record.link is None:
            return False
        return (
            record.needs_reading and bool(getattr(final.payload, "lines", ()))
        ) or self._has_unknown_sides(record)

    def _has_unknown_sides(self, record: Record) -> bool:
        known = self._scene.known
        return record.id in asked(self._scene.conn, known, lambda: of_unknown_sides(known, [record]))

    def _asked_first(self, each: Preview) -> Iterator[str]:
        record = each.record
        if record is None or not isinstance(each.verdict, Ready | Waiting):
            return
        if record.link is None:
            number = host.number_of(record.content.get("ref_number"), self._scene.connector.settings)
            if record.kind.is_document and number is not None:
                yield NUMBER_ASKED_FOR.format(number=number)
        elif record.needs_reading:
            yield READ_FIRST
        elif self._has_unknown_sides(record):
            yield SIDES_ASKED_FOR

    def _errors(self, each: Preview, final: Verdict | None) -> tuple[PreviewErrorView, ...]:
        """What would stop it; of one that stays as it is what stops it already."""
        known, record = self._scene.known, each.record
        if record is None:
            return ()
        findings: Sequence[Finding] = final.findings if isinstance(final, Blocked) else ()
        if each.verdict is None and record.state is State.BLOCKED:
            open_ones = asked(self._scene.conn, known, lambda: known.errors_of(record.id))
            findings = [_as_finding(item) for item in open_ones]
        return tuple(self._error(item) for item in findings)

    def _error(self, found: Finding) -> PreviewErrorView:
        cause: Cause = found.cause
        via = self._creations.as_decided(found.via_record_id)
        candidates = map(candidate_of, getattr(cause, "candidates", ()))
        return PreviewErrorView(
            cause=cause.name,
            sub_reason=cause.sub_reason,
            cause_key=cause.key,
            message=cause.message(),
            remedy=cause.remedy(),
            actor=cause.actor,
            retryable=cause.retryable,
            quickbooks=None if found.answer is None else AnswerView.model_validate(found.answer),
            via=_name_of(via) if via is not None else None,
            candidates=tuple(map(CandidateView.of, candidates)),
        )

    def _changes(self, each: Preview, final: Verdict | None) -> ChangesView | None:
        record, known = each.record, self._scene.known
        if record is None or not isinstance(final, Ready) or final.operation is not Operation.MOD:
            return None
        if record.is_void or record.link is None:
            return None
        before = asked(self._scene.conn, known, lambda: before_in_quickbooks(known, record))
        fields = [
            FieldChangeView(path=path, old=self._words(record, old), new=self._words(record, new))
            for path, old, new in preview_changes.fields(before, final)
        ]
        lines = () if record.needs_reading else tuple(preview_changes.lines(record, final.payload))
        return ChangesView(fields=tuple(fields), lines=lines)

    def _words(self, record: Record, value: Any) -> str | None:
        """A value in words; an entry that is named by its ListID by its name."""
        if changes.is_empty(value) or value == "":
            return None
        if isinstance(value, qb.Ref) and value.list_id is not None and value.full_name is None:
            list_name = KINDS[record.kind].party_list or ListName.CUSTOMER
            list_id, known = value.list_id, self._scene.known
            entries = asked(self._scene.conn, known, lambda: known.by_ids(list_name, [list_id]))
            return entries[0].full_name if entries else list_id
        return changes.in_words(value)


def _name_of(record: Record) -> RecordNameView:
    return RecordNameView(kind=record.kind, external_id=record.external_id, state=record.state)


def _matched(each: Preview) -> MatchView | None:
    record = each.record
    link: Link | None = record.link if record is not None else None
    if isinstance(each.verdict, Matched):
        link = each.verdict.link
    if link is None or record is None:
        return None
    is_document = record.kind.is_document
    return MatchView(
        list_id=None if is_document else link.quickbooks_id,
        txn_id=link.quickbooks_id if is_document else None,
        name=link.name,
        matched_by=link.matched_by,
    )


def _text(built: Built | None) -> str | None:
    return None if built is None else etree.tostring(built.element, encoding="us-ascii").decode("ascii")


def _warnings(each: Preview, final: Verdict | None, built: Built | None) -> list[str]:
    told = final.warnings if isinstance(final, Ready | Matched) else ()
    return wording.warnings(told, built.warnings if built is not None else ())


def _as_finding(item: OpenCause) -> Finding:
    return Finding(item.cause, item.quickbooks)
