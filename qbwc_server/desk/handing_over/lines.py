"""A line of many records that are handed over: as it was said, and as it is understood."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from qbwc_server.desk import refused
from qbwc_server.desk.handing_over.given import Given, checked
from qbwc_server.domain.causes import NotAccepted
from qbwc_server.domain.faults import Fault, InvalidInput
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.order import priority_of
from qbwc_server.domain.reading_json import read_json


@dataclass(frozen=True, slots=True)
class Said:
    """What the host says of a record, in a line or alone: as `put` takes it.

    Attributes:
        fields: the record, and beside its own fields perhaps its ``version`` and its ``priority``.
        priority: of a record that does not say its own.
    """

    kind: Kind
    external_id: str
    fields: Mapping[str, Any]
    revive: bool
    priority: int | None


@dataclass(frozen=True, slots=True)
class HandedOver:
    """A line of many.

    Attributes:
        line: its number, from 1.
        kind: None when not even that could be read.
        said: what it says, which is looked through when it is its turn (`understood`).
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
    said: Said | None = None


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
    said = Said(kind, external_id, fields, revive, priority)
    return HandedOver(line, external_id, size=size, kind=kind, said=said)


def understood(item: HandedOver) -> HandedOver:
    """A line whose record has been looked through: it is given, or its faults are known."""
    said = item.said
    if said is None:
        return item
    fields = {name: value for name, value in said.fields.items() if name != "priority"}
    try:
        wanted = priority_of(said.fields.get("priority"))
        priority = said.priority if wanted is None else wanted
        given = checked(said.kind, said.external_id, fields, revive=said.revive, priority=priority)
    except InvalidInput as error:
        refusal = refused.refusal_of(said.kind, said.external_id, error.faults)
        return replace(item, said=None, faults=error.faults, refusal=refusal)
    return replace(item, said=None, given=given)


def line_of(kind: Kind, number: int, line: str, revive: bool) -> HandedOver:
    """A line of an import: a record with its ``external_id`` inside."""
    try:
        fields = read_json(line)
        if not isinstance(fields, dict) or not isinstance(fields.get("external_id"), str):
            raise InvalidInput([Fault("/external_id", "is needed in every line, as text")])
    except InvalidInput as error:
        return HandedOver(number, None, error.faults, kind=kind)
    external_id = fields.pop("external_id")
    return hand_over(number, kind, external_id, fields, revive=revive, size=len(line))
