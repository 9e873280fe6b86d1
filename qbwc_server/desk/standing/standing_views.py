"""What hosts see of how a connector stands: its numbers, its queue, and what the health check finds."""

from typing import Annotated

from pydantic import WithJsonSchema

from qbwc_server.desk import overview
from qbwc_server.desk.overview import Mood
from qbwc_server.desk.standing.connector_views import FindingView
from qbwc_server.desk.standing.queue import Place, Queue
from qbwc_server.desk.views.base import Count, Moment, Schema, View
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.records import State
from qbwc_server.storage import kept_counts
from qbwc_server.sync.core import Core
from qbwc_server.sync.look import look


def _numbers(names: tuple[str, ...], each: Schema) -> Schema:
    """An object with one number, or one object of numbers, of each name."""
    properties = dict.fromkeys(names, each)
    return {
        "type": "object",
        "properties": properties,
        "required": list(names),
        "additionalProperties": False,
    }


_NUMBER: Schema = {"type": "integer", "minimum": 0}
_OF_STATES = _numbers(tuple(State), _NUMBER)


class CountsView(View):
    """How much there is, by kind and state and by cause, as it is kept: nothing is counted for it."""

    component = "Counts"

    records: Annotated[dict[Kind, dict[State, int]], WithJsonSchema(_numbers(tuple(Kind), _OF_STATES))]
    open_errors: Annotated[
        dict[str, int], WithJsonSchema({"type": "object", "additionalProperties": _NUMBER})
    ]


class PlaceView(View):
    """A record in the queue, and what it waits for."""

    component = "Place"

    kind: Kind
    external_id: str
    state: State
    revision: Count
    priority: Count
    since: Moment
    not_before: Moment | None
    reason: str | None
    waiting_for: tuple[str, ...]
    is_posted: bool

    @classmethod
    def of(cls, place: Place) -> "PlaceView":
        """The view of a place."""
        return cls.model_validate(place)


class QueueView(View):
    """What waits for QuickBooks: on its way, next in the order of sending, and later."""

    component = "Queue"

    connector: str
    held: str | None
    queued: Count
    sent: Count
    uncertain: Count
    on_the_way: tuple[PlaceView, ...]
    next: tuple[PlaceView, ...]
    later: tuple[PlaceView, ...]

    @classmethod
    def of(cls, queue: Queue) -> "QueueView":
        """The view of a queue."""
        return cls.model_validate(queue)


class HealthView(View):
    """What is wrong with a connector, and what to do about it."""

    component = "HealthCheck"

    name: str
    mood: Mood
    headline: str
    paused: bool
    findings: tuple[FindingView, ...]
    ok: bool


def counts(core: Core, connector_name: str) -> CountsView:
    """How many records there are of each kind in each state, and how many error records are open of each cause.

    Raises:
        NotFound: there is no such connector.
    """
    with look(core, connector_name) as (conn, connector):
        kinds = kept_counts.of_kinds(conn, connector.id)
        errors = kept_counts.open_errors(conn, [connector.id])[connector.id]
    by_cause: dict[str, int] = {}
    for (cause, _), number in sorted(errors.items()):
        by_cause[cause] = by_cause.get(cause, 0) + number
    return CountsView(records=kinds, open_errors=by_cause)


def health(core: Core, connector_name: str) -> HealthView:
    """What the health check finds; `ok` unless one of it is a problem.

    Raises:
        NotFound: there is no such connector.
    """
    found = overview.health(core, connector_name)
    return HealthView(
        name=connector_name,
        mood=found.mood,
        headline=found.headline,
        paused=found.connector.paused,
        findings=tuple(map(FindingView.model_validate, found.findings)),
        ok=all(finding.severity != "problem" for finding in found.findings),
    )
