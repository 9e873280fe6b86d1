"""Many records of a host in the same process, understood one by one: a faulty one holds up no other."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from qbwc_server.desk.handing_over import lines, previews
from qbwc_server.desk.handing_over.lines import HandedOver
from qbwc_server.desk.handing_over.preview_showing import Showing
from qbwc_server.desk.handing_over.preview_views import PreviewView
from qbwc_server.domain.faults import Fault, InvalidInput
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.order import priority_of
from qbwc_server.in_process.values import as_json
from qbwc_server.sync.core import Core

Given = tuple[Kind | str, str, Mapping[str, Any]]
"""A record among many: its kind, its external id and its content, as `Connector.put` takes them."""


def kind_of(kind: Kind | str) -> Kind:
    """The kind that is called so.

    Raises:
        InvalidInput: there is none.
    """
    try:
        return Kind(kind)
    except ValueError:
        raise InvalidInput([Fault("/kind", f"must be one of {', '.join(Kind)}")]) from None


def handed(records: Iterable[Given], priority: int | None, revive: bool) -> list[HandedOver]:
    """All of them, understood: nothing is stored before the last has been given.

    Raises:
        InvalidInput: there is no such priority.
    """
    usual = priority_of(priority)
    return [_understood(number, each, usual, revive) for number, each in enumerate(records, start=1)]


def _understood(line: int, given: Given, priority: int | None, revive: bool) -> HandedOver:
    kind, external_id, content = given
    try:
        known = kind_of(kind)
        if not isinstance(external_id, str):
            raise InvalidInput([Fault("/external_id", "is needed, as text")])
    except InvalidInput as error:
        return HandedOver(line, external_id, error.faults)
    fields = as_json(content)
    return lines.hand_over(
        line, known, external_id, fields, revive=revive, priority=priority, size=len(str(fields))
    )


def previewed(core: Core, connector_name: str, items: Sequence[HandedOver]) -> Iterator[PreviewView]:
    """What would become of them, all in sight of each other.

    Raises:
        InvalidInput: they are too many.
    """
    if len(items) > previews.MOST:
        raise InvalidInput([Fault("", previews.TOO_MANY)])
    for scene, part in previews.previewed(core, connector_name, items):
        yield from Showing(scene).all(part)
