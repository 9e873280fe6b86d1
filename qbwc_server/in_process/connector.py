"""One connector, for a host in the same process."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from types import TracebackType
from typing import Any, Self

from qbwc_server.config import load_config
from qbwc_server.desk.deciding import answering
from qbwc_server.desk.deciding.choice_views import AnsweredView, ErrorInFullView
from qbwc_server.desk.error_records import choices
from qbwc_server.desk.feeds import feed, waits
from qbwc_server.desk.feeds.event_views import EventView
from qbwc_server.desk.handing_over import batches, host, intake
from qbwc_server.desk.handing_over.batches import ImportOutcome
from qbwc_server.desk.handing_over.preview_views import PreviewView
from qbwc_server.desk.standing.connector_views import ListEntryView
from qbwc_server.desk.views import record_views
from qbwc_server.desk.views.base import ErrorView
from qbwc_server.domain.clock import Clock, utc_now
from qbwc_server.domain.events import EVERYTHING
from qbwc_server.domain.faults import NoConnector, NotFound
from qbwc_server.domain.kinds import Kind, ListName
from qbwc_server.installation import open_database
from qbwc_server.storage import connectors
from qbwc_server.storage.lent import Lender, LentDatabase
from qbwc_server.sync.core import Core

from . import lists, many
from .many import Given, kind_of
from .record import RecordView
from .values import as_json

_ACTOR = "host"
_PAGE = 500


class Connector:
    """One connector, for a host in the same process.

    With `connection` everything happens in the host's own transaction: a record that is put is there when the host
    commits, and was never there when it rolls back. Nothing is begun, committed or rolled back here; what is refused
    leaves the transaction as it was. Put last, just before the commit: until then no Web Connector of this connector
    gets its turn.

    Args:
        name: of the connector.
        database_url: of the database of this server, for transactions of our own.
        connection: an SQLAlchemy connection or session on that database, for those of the host. With neither of the
            two, the database is the one of the configuration.
        schema: with `connection`, on PostgreSQL: the schema with the tables of this server, when it is not the one
            the connection finds tables in.
        clock: the time, for tests.

    Raises:
        NotFound: there is no such connector.
        DatabaseUnavailable: the database cannot be opened, or what is lent is no transaction.
        SchemaMismatch: the database has to be upgraded first, or is of a newer version.
        ConfigError: there is no database.
    """

    def __init__(
        self,
        name: str,
        *,
        database_url: str | None = None,
        connection: Lender | None = None,
        schema: str | None = None,
        clock: Clock = utc_now,
    ) -> None:
        if connection is not None and database_url is not None:
            raise TypeError("give either database_url or connection")
        if schema is not None and connection is None:
            raise TypeError(
                "schema goes with connection; a database_url says it itself: ?options=-csearch_path%3DNAME"
            )
        database = (
            LentDatabase(connection, schema)
            if connection is not None
            else open_database(load_config().database_url if database_url is None else database_url)
        )
        # no password, ticket or key is made or looked at here: there is no digest to be made with a key
        self._core = Core(database, clock, digest_key=b"", public_url="")
        self.name = name
        try:
            with database.read() as conn:
                connectors.by_name(conn, name)
        except BaseException:
            database.close()
            raise

    def close(self) -> None:
        """Give back what was opened, and answer who waits; a connection of the host stays as it is."""
        if self._core.database.ends_transactions:
            waits.close(self._core)
        self._core.database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # --- records --------------------------------------------------------------------------------------------

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
            actor=_ACTOR,
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
        return tuple(batches.take_in_all(self._core, self.name, handed, actor=_ACTOR))

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

    def _decided(
        self, decide: Callable[..., dict[str, Any]], kind: Kind | str, external_id: str
    ) -> RecordView:
        return RecordView.of(decide(self._core, self.name, kind_of(kind), external_id, actor=_ACTOR))

    # --- QuickBooks' lists --------------------------------------------------------------------------------------

    def quickbooks(
        self,
        list_name: ListName | str,
        *,
        q: str | None = None,
        email: str | None = None,
        sku: str | None = None,
        name: str | None = None,
    ) -> Iterator[ListEntryView]:
        """What a list of QuickBooks holds, as it was when it was last loaded.

        Args:
            list_name: as in the API's addresses: ``items``, ``sales-tax-codes`` …
            q: what somebody may mean who types this, the best first, 50 at most; goes alone.
            email, sku, name: only what has this, compared as records are matched.

        Raises:
            NotFound: there is no such list.
            InvalidInput: it cannot be looked through so.
        """
        return map(ListEntryView.of, lists.entries(self._core, self.name, list_name, q, email, sku, name))

    # --- errors and events ----------------------------------------------------------------------------------

    def errors(self) -> Iterator[ErrorView]:
        """The open error records, the oldest first."""
        after: int | None = 0
        while after is not None:
            page = host.error_records(self._core, self.name, after_id=after, limit=_PAGE)
            yield from map(ErrorView.of, page.items)
            after = page.end

    def error(self, error_id: int) -> ErrorInFullView:
        """One error record, with its `choices` and the `token` that goes with them.

        Raises:
            NotFound: there is none.
        """
        return ErrorInFullView.whole(choices.of_error(self._core, self.name, error_id))

    def answer(
        self,
        error_id: int,
        choice: str,
        *,
        token: str | None = None,
        value: str | None = None,
        note: str | None = None,
    ) -> AnsweredView:
        """Carry out one of the choices of an error record, for everything behind its cause key.

        Args:
            choice: its id.
            token: the one that came with the choices somebody chose from, so that nobody chooses from what is not so
                any more; None: from what there is now.
            value: what the choice needs, if it needs anything.
            note: why, for the next person.

        Raises:
            NotFound: there is no such error record.
            InvalidInput: there is no such choice, or its value is missing or wrong.
            Conflict: something else may be chosen by now, or it is not possible.
        """
        token = self.error(error_id).token if token is None else token
        done = answering.answer(
            self._core, self.name, error_id, choice, token, value=value, note=note, actor=_ACTOR
        )
        return AnsweredView.of(done)

    def events(self, after: int = 0) -> Iterator[EventView]:
        """What happened after an event, in order, until now; keep the `id` of the last one with your own data.

        Raises:
            Gone: the connector has no event of this id.
        """
        place, more = feed.Place(after), True
        while more:
            part = feed.read(self._core, self.name, place, limit=_PAGE, wanted=EVERYTHING)
            yield from part.events
            place, more = part.end, part.more
