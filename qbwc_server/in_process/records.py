"""A host's records in its own process: handed over, looked at, found, waited for, and what is decided of each."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any

from qbwc_server.desk.deciding import decisions
from qbwc_server.desk.documents import finding
from qbwc_server.desk.feeds import waits
from qbwc_server.desk.handing_over import batches, host, intake
from qbwc_server.desk.handing_over.batches import ImportOutcome
from qbwc_server.desk.handing_over.preview_views import PreviewView
from qbwc_server.desk.views import record_views
from qbwc_server.domain.faults import NoConnector, NotFound
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.records import State
from qbwc_server.in_process import asked, many
from qbwc_server.in_process.many import Given, kind_of
from qbwc_server.in_process.opened import ACTOR, PAGE, Opened
from qbwc_server.in_process.record import RecordView
from qbwc_server.in_process.values import as_json


class Records(Opened):
    """The part of `Connector` that is about records."""

    def put(
        self,
        kind: Kind | str,
        external_id: str,
        content: Mapping[str, Any],
        *,
        priority: int | None = None,
        revive: bool = False,
    ) -> RecordView:
        """Hand a record over, new or changed; the same again changes nothing.

        Args:
            content: as its JSON; money and quantities as `Decimal` or text, days as `date` or text. Beside its own
                fields its ``version``, if the host counts its changes.
            priority: 0 to 1000, lower is sent earlier among its kind.
            revive: take a cancelled record up again.

        Raises:
            InvalidInput: every fault is listed in `faults`; nothing was stored.
            Conflict: the record is void or cancelled, or this comes late.
        """
        done = intake.put(
            self._core,
            self.name,
            kind_of(kind),
            external_id,
            as_json(content),
            actor=ACTOR,
            priority=priority,
            revive=revive,
        )
        return RecordView.of(done.view)

    def put_many(
        self, records: Iterable[Given], *, priority: int | None = None, revive: bool = False
    ) -> tuple[ImportOutcome, ...]:
        """Hand many records over, each as `put` does; one that is refused holds up no other.

        Args:
            records: each its kind, external id and content, which may say its own ``priority``.

        Returns:
            What became of each: `result` is ``created``, ``changed``, ``unchanged`` or ``faulty``, with its `faults`.

        Raises:
            DatabaseUnavailable: only some may be stored; roll back what is the host's, and hand all over again.
        """
        handed = many.handed(records, priority, revive)
        return tuple(batches.take_in_all(self._core, self.name, handed, actor=ACTOR))

    def preview(
        self, records: Iterable[Given], *, priority: int | None = None, revive: bool = False
    ) -> tuple[PreviewView, ...]:
        """What would become of records if `put_many` took them in now, all in sight of each other; stores nothing.

        Raises:
            InvalidInput: they are too many.
        """
        return tuple(many.previewed(self._core, self.name, many.handed(records, priority, revive)))

    def get(self, kind: Kind | str, external_id: str) -> RecordView | None:
        """A record as it stands; None when there is none."""
        try:
            return RecordView.of(record_views.view(self._core, self.name, kind_of(kind), external_id))
        except NoConnector:
            raise
        except NotFound:
            return None

    def records(
        self, kind: Kind | str | None = None, *, state: Collection[State | str] = (), **found_by: Any
    ) -> Iterator[RecordView]:
        """The records that were handed over, the oldest change first; one that changes meanwhile comes once more.

        Args:
            kind: only these.
            state: only those in one of these states.
            found_by: what is known of them: ``ref_number``, ``txn_id``, ``list_id``, ``customer``, ``vendor``, ``q``;
                ``created_after``, ``created_before``, ``updated_after``, ``updated_before``, as aware moments.

        Raises:
            InvalidInput: nothing can be found so.
        """
        wanted = asked.records(kind, state, found_by)
        first = finding.page(self._core, self.name, wanted, limit=PAGE)

        def all_of_them() -> Iterator[RecordView]:
            page = first
            yield from map(RecordView.of, page.items)
            while page.end is not None:
                page = finding.page(self._core, self.name, wanted, behind=page.end, limit=PAGE)
                yield from map(RecordView.of, page.items)

        return all_of_them()

    def wait(self, kind: Kind | str, external_id: str, seconds: float = 60) -> RecordView | None:
        """A record as soon as it is synced, blocked or cancelled, or as it stands when the time is up; None, at once,
        when there is none. Nothing is held meanwhile. No more than 64 wait for a connector in one process.

        Raises:
            TypeError: this has a connection of the host, whose transaction must be committed before anything goes out.
        """
        if not self._core.database.ends_transactions:
            raise TypeError("commit first, then wait with Connector(name, database_url=…)")
        waits.until_settled(self._core, self.name, kind_of(kind), external_id, seconds)
        return self.get(kind, external_id)

    def cancel(self, kind: Kind | str, external_id: str) -> RecordView:
        """Withdraw a record that QuickBooks cannot hold.

        Raises:
            NotFound: there is no such record.
            Conflict: QuickBooks holds it, or may hold it.
        """
        return self._decided(intake.cancel, kind, external_id)

    def void(self, kind: Kind | str, external_id: str) -> RecordView:
        """Have a document voided in QuickBooks (a purchase order: closed).

        Raises:
            NotFound: there is no such record.
            Conflict: it may not be voided as it stands.
        """
        return self._decided(intake.void, kind, external_id)

    def retry(self, kind: Kind | str, external_id: str) -> RecordView:
        """Try a blocked record again.

        Raises:
            NotFound: there is no such record.
            Conflict: it is neither blocked nor queued.
        """
        return self._decided(host.retry, kind, external_id)

    def link(self, kind: Kind | str, external_id: str, quickbooks_id: str) -> RecordView:
        """Say which record of QuickBooks a record is, by its ListID or TxnID. A document is queued until QuickBooks
        has shown it.

        Raises:
            NotFound: there is no such record, or QuickBooks' list has no such entry.
            InvalidInput: it is no ListID or TxnID at all.
            Conflict: the record is on its way, or another one is linked to this.
        """
        known = kind_of(kind)
        view = decisions.link(self._core, self.name, known, external_id, quickbooks_id, actor=ACTOR)
        return RecordView.of(view)

    def unlink(self, kind: Kind | str, external_id: str) -> RecordView:
        """Forget which entry of QuickBooks a customer, vendor or item is: it is matched anew.

        Raises:
            NotFound: there is no such record.
            Conflict: it is a document, or may not be unlinked as it stands.
        """
        return self._decided(decisions.unlink, kind, external_id)

    def post_as_new(self, kind: Kind | str, external_id: str) -> RecordView:
        """Post a document that somebody deleted in QuickBooks once more, as a new one.

        Raises:
            NotFound: there is no such record.
            Conflict: QuickBooks did not say that it was deleted.
        """
        return self._decided(decisions.post_as_new, kind, external_id)

    def _decided(
        self, decide: Callable[..., dict[str, Any]], kind: Kind | str, external_id: str
    ) -> RecordView:
        return RecordView.of(decide(self._core, self.name, kind_of(kind), external_id, actor=ACTOR))
