"""What would become of records if they were handed over now: taken in as `batches` does it, and stored nowhere."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from qbwc_server.desk.handing_over.batches import FAULTY
from qbwc_server.desk.handing_over.given import CREATED, UNCHANGED, Given
from qbwc_server.desk.handing_over.lines import HandedOver, understood
from qbwc_server.desk.handing_over.storing import COMES_BACK, revised
from qbwc_server.desk.standing.queue import held
from qbwc_server.domain.connectors import Connector, kinds_to_post
from qbwc_server.domain.faults import Conflict, Fault
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.records import Record, State
from qbwc_server.storage import Transaction, connectors, records
from qbwc_server.sync import outlook, resolve
from qbwc_server.sync.check import Blocked, Matched, Unread, Verdict, Waiting
from qbwc_server.sync.core import Core
from qbwc_server.sync.supposed import Supposed
from qbwc_server.sync.work import asked

MOST = 1000
"""So many records are previewed at once where all of them are to see each other."""
TOO_MANY = f"so many records are previewed at once: {MOST:,}; send the others by themselves"


@dataclass(frozen=True, slots=True)
class Preview:
    """What would become of one of the records.

    Attributes:
        result: what handing it over would answer: ``created``, ``changed``, ``unchanged`` or ``faulty``.
        outcome: one of `preview_views.OUTCOMES`.
        record: as it would stand; None for one that is refused.
        verdict: what the check finds; None where there is nothing to be checked.
        again_in: the line that hands it over once more, which alone is what is sent in the end.
    """

    line: int
    kind: Kind | None
    external_id: str | None
    result: str
    outcome: str
    faults: tuple[Fault, ...] = ()
    record: Record | None = None
    verdict: Verdict | None = None
    again_in: int | None = None


@dataclass(frozen=True, slots=True)
class Scene:
    """Within what a preview is made: a snapshot of the database, and what is supposed beside it."""

    conn: Transaction
    connector: Connector
    known: Supposed
    creations: outlook.Creations
    now: datetime
    can_check: bool

    def held(self, kind: Kind) -> str | None:
        """Why nothing of a kind would be sent just now."""
        if kind not in kinds_to_post(self.connector):
            return f"The connector's settings keep {kind.label}s back; none is posted."
        return held(self.conn, self.connector, self.now)


def previewed(
    core: Core, connector_name: str, handed: Iterable[HandedOver], *, together: bool = True
) -> Iterator[tuple[Scene, list[Preview]]]:
    """What would become of records, in their order; a part of them at a time, each with the scene it is made in.

    Args:
        together: all of them see each other. Otherwise a part sees itself and what came before, which makes no
            difference to documents: nothing refers to one.

    Raises:
        NotFound: there is no such connector.
    """
    items = map(understood, handed)
    with core.database.read() as conn:
        connector = connectors.by_name(conn, connector_name)
        can_check = resolve.can_check(conn, connector)
        known = Supposed(connector)
        scene = Scene(conn, connector, known, outlook.Creations(conn, known), core.clock(), can_check)
        while part := list(items if together else islice(items, outlook.AT_ONCE)):
            yield scene, _part(scene, part)
            scene.known.forget_parsed()


@dataclass(slots=True)
class _Line:
    """A line, and the record it would make."""

    item: HandedOver
    result: str
    faults: tuple[Fault, ...] = ()
    record_id: int | None = None
    again_in: int | None = None


def _part(scene: Scene, part: Sequence[HandedOver]) -> list[Preview]:
    lines = _handed_over(scene, part)
    known = scene.known
    stored = {line.record_id: line for line in lines if line.record_id is not None}
    records_now = [known.record(each) for each in stored]
    members = [
        record
        for record in records_now
        if record is not None
        and stored[record.id].result != UNCHANGED
        and record.state in (State.QUEUED, State.BLOCKED)
        and record.claim is None
    ]
    found = outlook.decide_all(known, scene.creations, members) if scene.can_check else {}
    return [_preview(scene, line, found) for line in lines]


def _handed_over(scene: Scene, part: Sequence[HandedOver]) -> list[_Line]:
    """Suppose that all of them are handed over, one after the other."""
    conn, known = scene.conn, scene.known
    given = [item.given for item in part if item.given is not None]
    asked(conn, known, lambda: [known.called(each.kind, each.external_id) for each in given])
    lines: list[_Line] = []
    last: dict[int, _Line] = {}
    for item in part:
        line = _taken(scene, item)
        lines.append(line)
        if line.record_id is not None:
            if line.record_id in last and line.result != UNCHANGED:
                last[line.record_id].again_in = item.line
            last[line.record_id] = line
    return lines


def _taken(scene: Scene, item: HandedOver) -> _Line:
    given, known = item.given, scene.known
    if given is None:
        return _Line(item, FAULTY, item.faults)
    record = known.called(given.kind, given.external_id)
    try:
        result = given.result(record)
    except Conflict as error:
        return _Line(item, FAULTY, (Fault("", str(error)),))
    if result != UNCHANGED:
        record = known.hand_over(_made(scene, record, given), given.typed)
        if result == CREATED:
            known.tell_errors(record.id, ())
    return _Line(item, result, record_id=record.id if record is not None else None)


def _made(scene: Scene, record: Record | None, given: Given) -> Record:
    """The record as handing it over would make it."""
    if record is None:
        new = given.as_new()
        return records.as_added(scene.connector.id, new, scene.known.new_id(), now=scene.now)
    values = asked(scene.conn, scene.known, lambda: revised(scene.known, record, given, now=scene.now))
    state = State.QUEUED if record.state in COMES_BACK else record.state
    return record._replace(**values, state=state)


def _preview(scene: Scene, line: _Line, found: dict[int, outlook.Outlook]) -> Preview:
    item = line.item
    kind = item.kind
    if line.record_id is None:
        return Preview(item.line, kind, item.external_id, line.result, "refused", line.faults)
    record = scene.known.record(line.record_id)
    if record is None:
        raise LookupError(line.record_id)
    seen = found.get(record.id)
    verdict = seen.verdict if seen is not None else None
    outcome = UNCHANGED if line.result == UNCHANGED else _outcome(record, verdict, can_check=scene.can_check)
    return Preview(
        item.line,
        kind,
        item.external_id,
        line.result,
        outcome,
        record=record,
        verdict=verdict,
        again_in=line.again_in,
    )


def _outcome(record: Record, verdict: Verdict | None, *, can_check: bool) -> str:
    if record.state in (State.SENT, State.UNCERTAIN) or record.claim is not None:
        return "on_its_way"
    match verdict:
        case Blocked():
            return "blocked"
        case Waiting():
            return "waiting"
        case Matched():
            return "synced"
        case Unread():
            return "unchecked"
    return "queued" if can_check else "unchecked"
