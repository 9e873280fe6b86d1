"""Lists of records as people look through them: what needs somebody first, or found by what is known of one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from qbwc_server.desk.documents import documents
from qbwc_server.desk.documents.documents import Recognised
from qbwc_server.desk.lists import searching
from qbwc_server.desk.views.error_views import ErrorRecord, shown
from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.records import State
from qbwc_server.storage import kept_counts, records, refused
from qbwc_server.storage.records import WORST_FIRST
from qbwc_server.sync.core import Core
from qbwc_server.sync.look import look

Place = tuple[State, int]
"""Where a record stands in such a list: its state and its id."""


@dataclass(frozen=True, slots=True)
class RecordList:
    """Some records of a connector.

    Attributes:
        counts: how many records of the kind, or of all kinds, there are in each state.
        previous, next: the places before and behind which there are more; None: there are none.
        exact: how many are exactly what was typed; `has_more` are found than are shown.
        refused: what was handed over under the id that was typed, and not accepted.
    """

    connector: Connector
    records: tuple[Recognised, ...]
    counts: Mapping[State, int]
    previous: Place | None = None
    next: Place | None = None
    exact: int = 0
    has_more: bool = False
    refused: tuple[ErrorRecord, ...] = ()

    @property
    def only(self) -> Recognised | None:
        """The one record that was meant for certain."""
        return self.records[0] if len(self.records) == self.exact == 1 and not self.refused else None


def page(
    core: Core,
    connector_name: str,
    kind: Kind | None,
    state: State | None,
    *,
    behind: Place | None = None,
    before: Place | None = None,
    limit: int,
) -> RecordList:
    """A page of the records of one kind, or of all, in one state, or in any: what is blocked first, then the newest.

    Raises:
        NotFound: there is no such connector.
    """
    with look(core, connector_name) as (conn, connector):
        # one more than is shown tells whether there are more
        places = records.worst_first(
            conn,
            connector.id,
            _some(kind),
            WORST_FIRST if state is None else (state,),
            behind=behind,
            before=before,
            limit=limit + 1,
        )
        is_longer = len(places) > limit
        here = places[-limit:] if before is not None else places[:limit]
        known = documents.recognised(conn, [record_id for _, record_id in here])
        counts = _counts(kept_counts.of_kinds(conn, connector.id), kind)
    has_previous = is_longer if before is not None else behind is not None
    has_next = is_longer if before is None else True
    return RecordList(
        connector,
        tuple(known.values()),
        counts,
        previous=here[0] if here and has_previous else None,
        next=here[-1] if here and has_next else None,
    )


def found(core: Core, connector_name: str, kind: Kind | None, state: State | None, text: str) -> RecordList:
    """The records of a connector that are found by a text, the best first.

    Raises:
        NotFound: there is no such connector.
    """
    states = tuple(State) if state is None else (state,)
    with look(core, connector_name) as (conn, connector):
        hits = searching.hits(conn, {connector.id: connector.name}, text, kinds=_some(kind), states=states)
        counts = _counts(kept_counts.of_kinds(conn, connector.id), kind)
        not_accepted = [
            item for item in refused.called(conn, [connector.id], text.strip()) if kind in (None, item.kind)
        ]
    return RecordList(
        connector,
        hits.records,
        counts,
        exact=hits.exact,
        has_more=hits.has_more,
        refused=tuple(map(shown, not_accepted)),
    )


def _some(kind: Kind | None) -> Sequence[Kind]:
    return tuple(Kind) if kind is None else (kind,)


def _counts(of_kinds: Mapping[Kind, Mapping[State, int]], kind: Kind | None) -> dict[State, int]:
    return {state: sum(of_kinds[each][state] for each in _some(kind)) for state in WORST_FIRST}
