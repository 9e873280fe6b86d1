"""A record as the host hands it over: understood, and held against the one there is."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from qbwc_server.domain import external_ids
from qbwc_server.domain.faults import Conflict, InvalidInput
from qbwc_server.domain.host_records import HostRecord, parse, take_in
from qbwc_server.domain.json_values import impossible
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.order import check_turn, version_of
from qbwc_server.domain.records import Record, State
from qbwc_server.storage.records import DEFAULT_PRIORITY, NewRecord
from qbwc_server.sync import check, resolve
from qbwc_server.sync.work import Work

CREATED, CHANGED, UNCHANGED = "created", "changed", "unchanged"


@dataclass(frozen=True, slots=True)
class Given:
    """A record as it comes in, sure to be right.

    Attributes:
        content: in JSON's own values, without its version.
        typed: what that says.
        priority: None leaves it as it is, or is the usual one.
    """

    kind: Kind
    external_id: str
    content: dict[str, Any]
    typed: HostRecord
    version: int | None
    revive: bool
    priority: int | None = None

    def as_new(self) -> NewRecord:
        """It, where there is no such record yet."""
        priority = DEFAULT_PRIORITY if self.priority is None else self.priority
        return NewRecord(self.kind, self.external_id, self.content, self.version, priority)

    def result(self, record: Record | None) -> str:
        """What becomes of the record the host calls so.

        Raises:
            Conflict: it may not be changed, or not by this.
        """
        if record is None:
            return CREATED
        same = record.content == self.content or parse(self.kind, record.content) == self.typed
        check_turn(record, self.version, same=same, revive=self.revive)
        if same and record.state is not State.CANCELLED:
            return UNCHANGED
        if record.is_void:
            raise Conflict(f"{record.label} is void; hand the order over under another id")
        return CHANGED


def checked(
    kind: Kind, external_id: str, fields: Mapping[str, Any], *, revive: bool, priority: int | None = None
) -> Given:
    """A record as the host hands it over, understood.

    Raises:
        InvalidInput: every fault is listed.
    """
    faults, unusable = [*external_ids.faults_of(external_id)], [*impossible(fields)]
    fields, version = dict(fields), None
    try:
        version = version_of(fields.pop("version", None))
    except InvalidInput as error:
        faults += error.faults
    typed: HostRecord | None = None
    if not unusable:  # else nothing further in is to meet them
        try:
            typed = take_in(kind, fields)
        except InvalidInput as error:
            known = {fault.pointer for fault in faults}
            faults += [fault for fault in error.faults if fault.pointer not in known]
    faults += unusable
    if faults:
        raise InvalidInput(faults)
    content: dict[str, Any] = json.loads(json.dumps(fields, default=_plain, ensure_ascii=False))
    if typed is None or content != fields:  # a number with a fraction, which is kept as text
        typed = parse(kind, content)
    return Given(kind, external_id, content, typed, version, revive, priority)


def _plain(value: object) -> str:
    if isinstance(value, Decimal):
        return format(value, "f")
    raise TypeError(f"{type(value).__name__} is not a JSON value")


def find_all(work: Work, handed: Sequence[Given]) -> Mapping[tuple[Kind, str], Record | None]:
    """The records these are, as they stand; by kind and external id.

    Those that they name are read by the same statement, as they are about to be checked.
    """
    names: dict[Kind, list[str]] = {}
    for each in handed:
        check.ask_for_named(work.known, each.kind, each.typed)
        names.setdefault(each.kind, []).append(each.external_id)
    resolve.meet(work, names)
    return {(each.kind, each.external_id): work.known.called(each.kind, each.external_id) for each in handed}
