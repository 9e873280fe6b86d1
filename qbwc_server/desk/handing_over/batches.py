"""Many records handed over at once: taken in chunk by chunk, each chunk in one transaction."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from qbwc_server.desk import refused
from qbwc_server.domain.causes import NotAccepted
from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.faults import Conflict, Fault, InvalidInput, PreconditionFailed
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.order import ANYTHING, priority_of
from qbwc_server.domain.reading_json import read_json
from qbwc_server.domain.records import State
from qbwc_server.storage import Transaction, connectors
from qbwc_server.sync import allowance, resolve
from qbwc_server.sync.core import Core
from qbwc_server.sync.turn import catch_up
from qbwc_server.sync.work import Work

from .given import Given, checked
from .intake import Stored, store_all

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


@dataclass(frozen=True, slots=True)
class HandedOver:
    """A line of many, as it was understood.

    Attributes:
        line: its number, from 1.
        kind: None when not even that could be read.
        faults: what is wrong with it; then nothing is given.
        size: how long it is.
        refusal: what is kept of it when it is refused.
    """

    line: int
    external_id: str | None
    faults: tuple[Fault, ...] = ()
    given: Given | None = None
    size: int = 0
    refusal: NotAccepted | None = None
    kind: Kind | None = None


def hand_over(
    line: int,
    kind: Kind,
    external_id: str,
    fields: Mapping[str, Any],
    *,
    revive: bool = False,
    priority: int | None = None,
    size: int,
) -> HandedOver:
    """A record as `put` takes it, for `take_in_all`; its faults are told with the others' outcomes.

    Args:
        fields: the record, and beside its own fields perhaps its ``version`` and its ``priority``.
        priority: of a record that does not say its own.
    """
    own = {name: value for name, value in fields.items() if name != "priority"}
    try:
        wanted = priority_of(fields.get("priority"))
        given = checked(
            kind, external_id, own, revive=revive, priority=priority if wanted is None else wanted
        )
    except InvalidInput as error:
        refusal = refused.refusal_of(kind, external_id, error.faults)
        return HandedOver(line, external_id, error.faults, size=size, refusal=refusal, kind=kind)
    return HandedOver(line, external_id, given=given, size=size, kind=kind)


def take_in_all(
    core: Core, connector_name: str, handed: Iterable[HandedOver], *, actor: str
) -> Iterator[ImportOutcome]:
    """Take in records one after the other, as `put` does each, many in one transaction.

    An outcome is given when its record is stored for good; a faulty record holds up no other. They are read and
    checked while nobody has to wait for them.

    Raises:
        NotFound: there is no such connector.
        DatabaseUnavailable: nothing is stored of those whose outcomes were not given.
    """
    has_left = False
    for chunk, is_last in _chunks(handed):
        stored = list(_stored(core, connector_name, chunk, actor))
        has_left |= any(left for _, left in stored)
        # before the last outcome, behind which nobody may ask for more; what a host's own transaction cannot look at
        # is left to the next visit
        if is_last and has_left and core.database.ends_transactions:
            catch_up(core, connector_name)
        yield from chain.from_iterable(outcomes for outcomes, _ in stored)


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
) -> Iterator[ImportOutcome]:
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


def line_of(kind: Kind, number: int, line: str, revive: bool) -> HandedOver:
    """A line of an import, understood: a record with its ``external_id`` inside."""
    try:
        fields = read_json(line)
        if not isinstance(fields, dict) or not isinstance(fields.get("external_id"), str):
            raise InvalidInput([Fault("/external_id", "is needed in every line, as text")])
    except InvalidInput as error:
        return HandedOver(number, None, error.faults, kind=kind)
    external_id = fields.pop("external_id")
    return hand_over(number, kind, external_id, fields, revive=revive, size=len(line))
