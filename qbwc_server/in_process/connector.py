"""One connector, for a host in the same process."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from qbwc_server.desk.feeds import feed
from qbwc_server.desk.feeds.event_views import EventView
from qbwc_server.desk.requests import raw_requests
from qbwc_server.desk.requests.raw_request_views import WholeRawRequestView
from qbwc_server.desk.standing.connector_views import ListEntryView
from qbwc_server.domain.kinds import Kind, ListName
from qbwc_server.in_process import asked, lists
from qbwc_server.in_process.obstacles import Obstacles
from qbwc_server.in_process.opened import ACTOR, PAGE
from qbwc_server.in_process.records import Records
from qbwc_server.in_process.standing import Standing


class Connector(Records, Obstacles, Standing):
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

    def events(
        self,
        after: int = 0,
        *,
        types: Collection[str] | None = None,
        kind: Kind | str | None = None,
        external_id: str | None = None,
    ) -> Iterator[EventView]:
        """What happened after an event, in order, until now; keep the `id` of the last one with your own data.

        Args:
            types: only of these: ``invoice.synced``, ``invoice.*``, ``*.blocked``.
            kind, external_id: only what concerns records of this kind, or called so.

        Raises:
            Gone: the connector has no event of this id.
            InvalidInput: there is no such type or kind.
        """
        wanted = asked.events(types, kind, external_id)

        def all_of_them() -> Iterator[EventView]:
            place, more = feed.Place(after), True
            while more:
                part = feed.read(self._core, self.name, place, limit=PAGE, wanted=wanted)
                yield from part.events
                place, more = part.end, part.more

        return all_of_them()

    # --- anything QuickBooks can do ---------------------------------------------------------------------------

    def request(self, qbxml: str, *, follow: bool = False) -> WholeRawRequestView:
        """Have QuickBooks asked or told anything: one request in qbXML. It goes with the next visit; a write once.

        Args:
            follow: go on with its iterator to the end.

        Raises:
            InvalidInput: it is not exactly one request that may be sent.
            Conflict: it would write and the connector must not, or too many wait already.
        """
        made = raw_requests.hand_over(self._core, self.name, qbxml, follow=follow, actor=ACTOR)
        return self.requested(made.id)

    def requested(self, request_id: int) -> WholeRawRequestView:
        """A request, and QuickBooks' answer once it is there.

        Raises:
            NotFound: there is none, or it is forgotten.
        """
        return WholeRawRequestView.whole(raw_requests.get(self._core, self.name, request_id))

    def cancel_request(self, request_id: int) -> WholeRawRequestView:
        """Take a request back while it is queued.

        Raises:
            NotFound: there is none.
            Conflict: QuickBooks has heard of it already.
        """
        shown = raw_requests.cancel(self._core, self.name, request_id, actor=ACTOR)
        return WholeRawRequestView.whole(shown)
