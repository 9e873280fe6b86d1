"""Many records handed over at once: taken in chunk by chunk, each chunk in one transaction."""

from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass

from qbwc_server.desk import refused
from qbwc_server.desk.handing_over import again
from qbwc_server.desk.handing_over.given import UNCHANGED
from qbwc_server.desk.handing_over.lines import HandedOver, line_of, understood
from qbwc_server.desk.handing_over.storing import Stored, store_all
from qbwc_server.domain.causes import NotAccepted
from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.faults import Conflict, Fault, PreconditionFailed
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.order import ANYTHING
from qbwc_server.domain.records import State
from qbwc_server.storage import Transaction, connectors
from qbwc_server.sync import allowance, resolve
from qbwc_server.sync.core import Core
from qbwc_server.sync.turn import catch_up
from qbwc_server.sync.work import Work

FAULTY = "faulty"
CHUNK = 100
"""How many records are taken in in one transaction: well below a second."""
CHUNK_SIZE = 256 * 1024
"""How much text they may have together; a document of thousands of lines goes by itself."""


@dataclass(frozen=True, slots=True)
class ImportOutcome:
    """What became of one line.

    Attributes:
        line: its number, from 1.
        result: ``created``, ``changed``, ``unchanged`` or ``faulty``.
        state: the record's state; None for a faulty line.
        kind: None when not even that could be read.
    """

    line: int
    external_id: str | None
    result: str
    faults: tuple[Fault, ...]
    state: State | None
    kind: Kind | None = None


def take_in_all(
    core: Core, connector_name: str, handed: Iterable[HandedOver], *, actor: str
) -> Generator[ImportOutcome, None, None]:
    """Take in records one after the other, as `put` does each, many in one transaction.

    An outcome is given when its record is stored for good; a faulty record holds up no other. They are read and
    checked while nobody has to wait for them.

    Raises:
        NotFound: there is no such connector.
        DatabaseUnavailable: nothing is stored of those whose outcomes were not given.
    """
    has_left = False
    for chunk, is_last in _chunks(handed):
        same = _as_they_stand(core, connector_name, chunk)
        other = [understood(item) for item in chunk if item.line not in same]
        stored = list(_stored(core, connector_name, other, actor)) if other else []
        has_left |= any(left for _, left in stored)
        # before the last outcome, behind which nobody may ask for more; what a host's own transaction cannot look at
        # is left to the next visit
        if is_last and has_left and core.database.ends_transactions:
            catch_up(core, connector_name)
        told = same | {outcome.line: outcome for outcomes, _ in stored for outcome in outcomes}
        yield from (told[item.line] for item in chunk)


def _as_they_stand(core: Core, connector_name: str, chunk: Sequence[HandedOver]) -> dict[int, ImportOutcome]:
    """The outcomes of those lines that certainly say nothing new, by line: there is nothing to be done for them."""
    if not again.can_be_told(core):
        return {}
    said = {item.line: item.said for item in chunk if item.said is not None}
    with core.database.glance() as conn:
        found = again.as_they_stand(conn, connector_name, said.values())
    return {
        line: ImportOutcome(line, each.external_id, UNCHANGED, (), record.state, each.kind)
        for line, each in said.items()
        if (record := found.get((each.kind, each.external_id))) is not None
    }


def _chunks(handed: Iterable[HandedOver]) -> Iterator[tuple[list[HandedOver], bool]]:
    """What goes into one transaction, and whether it is the last."""
    chunk: list[HandedOver] = []
    size = 0
    for item in handed:
        if chunk and (len(chunk) == CHUNK or size + item.size > CHUNK_SIZE):
            yield chunk, False
            chunk, size = [], 0
        chunk.append(item)
        size += item.size
    if chunk:
        yield chunk, True


_Stored = tuple[list[ImportOutcome], bool]
"""The outcomes of a chunk, and whether there is more to be looked at because of it."""


def _stored(core: Core, connector_name: str, chunk: Sequence[HandedOver], actor: str) -> Iterator[_Stored]:
    """Take in a chunk in one transaction; where the database itself refuses one of them, each in its own."""
    try:
        yield _stored_together(core, connector_name, chunk, actor)
    except Conflict as error:
        if len(chunk) == 1:
            yield [_refused(chunk[0], Fault("", str(error)))], False
            return
        for item in chunk:
            yield from _stored(core, connector_name, [item], actor)


def _stored_together(core: Core, connector_name: str, chunk: Sequence[HandedOver], actor: str) -> _Stored:
    with core.database.begin() as conn:
        connector = connectors.lock_named(conn, connector_name)
        found: list[ImportOutcome] = []
        with resolve.working(conn, connector, now=core.clock()) as work:
            kept = [each for part in _apart(chunk) for each in _kept(work, part, actor)]
        for item, stored in zip(chunk, kept, strict=True):
            found.append(_outcome(work, item, stored))
        told = zip(chunk, found, strict=True)
        _note_refusals(core, conn, connector, told, may_be_refused=work.may_be_refused)
        return found, allowance.has_left(conn)


def _apart(chunk: Sequence[HandedOver]) -> Iterator[list[HandedOver]]:
    """The lines in parts, none of which has a record twice: each is taken in in sight of what came before it."""
    part: list[HandedOver] = []
    named: set[tuple[Kind, str]] = set()
    for item in chunk:
        name = None if item.given is None else (item.given.kind, item.given.external_id)
        if name in named:
            yield part
            part, named = [], set()
        part.append(item)
        named |= {name} if name is not None else set()
    yield part


def _kept(
    work: Work, part: Sequence[HandedOver], actor: str
) -> Iterator[Stored | Conflict | PreconditionFailed | None]:
    """What was stored of each line; None for one with faults."""
    given = [(item.given, ANYTHING) for item in part if item.given is not None]
    stored = iter(store_all(work, given, actor=actor))
    return (None if item.given is None else next(stored) for item in part)


def _outcome(
    work: Work, item: HandedOver, stored: Stored | Conflict | PreconditionFailed | None
) -> ImportOutcome:
    if stored is None:
        return _refused(item, *item.faults)
    if isinstance(stored, Stored):
        record = work.known.now(stored.record)
        return ImportOutcome(item.line, item.external_id, stored.result, (), record.state, item.kind)
    return _refused(item, Fault("", str(stored)))


def _note_refusals(
    core: Core,
    conn: Transaction,
    connector: Connector,
    done: Iterable[tuple[HandedOver, ImportOutcome]],
    *,
    may_be_refused: bool,
) -> None:
    """Keep what was refused, and end what was refused of those that are accepted now; the last line of each counts."""
    newest: dict[tuple[str, str], NotAccepted | None] = {}
    for item, outcome in done:
        if item.refusal is not None:
            newest[item.refusal.kind, item.refusal.external_id] = item.refusal
        elif item.given is not None and outcome.result != FAULTY:
            newest[item.given.kind, item.given.external_id] = None
    accepted: dict[Kind, list[str]] = {}
    for (kind, external_id), refusal in newest.items():
        if refusal is None and may_be_refused:
            accepted.setdefault(Kind(kind), []).append(external_id)
    now = core.clock()
    for each, names in accepted.items():
        refused.accepted(conn, connector, each, names, now=now)
    refused.keep(conn, connector, [item for item in newest.values() if item is not None], now=now)


def _refused(item: HandedOver, *faults: Fault) -> ImportOutcome:
    return ImportOutcome(item.line, item.external_id, FAULTY, faults, None, item.kind)


def bring_in(
    core: Core,
    connector_name: str,
    kind: Kind,
    lines: Iterable[str],
    *,
    actor: str,
    revive: bool = False,
) -> Generator[ImportOutcome, None, None]:
    """Take in NDJSON, a record a line with its ``external_id`` inside, by the rule of `take_in_all`.

    Args:
        actor: who hands them over, for the history.
        revive: take cancelled records up again.

    Raises:
        NotFound: there is no such connector.
    """
    with core.database.read() as conn:
        connectors.by_name(conn, connector_name)
    handed = (
        line_of(kind, number, line, revive) for number, line in enumerate(lines, start=1) if line.strip()
    )
    return take_in_all(core, connector_name, handed, actor=actor)
