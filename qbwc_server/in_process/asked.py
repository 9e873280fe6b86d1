"""By what a host in process looks for records, errors and events; what cannot be asked is told with its place."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import fields
from typing import Any

from qbwc_server.desk.documents.finding import Filter
from qbwc_server.domain import event_types
from qbwc_server.domain.causes import CATALOGUE, Actor
from qbwc_server.domain.errors import Narrowed
from qbwc_server.domain.events import Wanted
from qbwc_server.domain.faults import Fault, InvalidInput
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.near import did_you_mean
from qbwc_server.domain.records import State
from qbwc_server.in_process.many import kind_of

_FILTERS = sorted({field.name for field in fields(Filter)} - {"kind", "states"})
_OF_ERRORS = sorted(field.name for field in fields(Narrowed))


def records(kind: Kind | str | None, state: Collection[State | str], found_by: Mapping[str, Any]) -> Filter:
    """The records that are looked for.

    Raises:
        InvalidInput: nothing can be found so; every fault is listed.
    """
    states = [state] if isinstance(state, str) else list(state)
    faults = [*_unknown(found_by, _FILTERS)]
    if not set(states) <= set(State):
        faults.append(Fault("/state", f"must be of {', '.join(State)}"))
    if faults:
        raise InvalidInput(faults)
    of = None if kind is None else kind_of(kind)
    return Filter(kind=of, states=[State(each) for each in states], **found_by)


def narrowed(found_by: Mapping[str, Any]) -> Narrowed:
    """The error records that are looked for.

    Raises:
        InvalidInput: nothing can be found so; every fault is listed.
    """
    faults = [*_unknown(found_by, _OF_ERRORS)]
    for name, words in (("cause", CATALOGUE), ("actor", Actor), ("kind", Kind)):
        if found_by.get(name) is not None and found_by[name] not in list(words):
            faults.append(Fault(f"/{name}", f"must be one of {', '.join(words)}"))
    if faults:
        raise InvalidInput(faults)
    kind = found_by.get("kind")
    return Narrowed(**{**found_by, "kind": None if kind is None else Kind(kind)})


def events(types: Collection[str] | None, kind: Kind | str | None, external_id: str | None) -> Wanted:
    """The events that are wanted.

    Raises:
        InvalidInput: there is no such type or kind.
    """
    of = None if kind is None else kind_of(kind)
    if types is None:
        return Wanted(kind=of, external_id=external_id)
    try:
        chosen = event_types.chosen([types] if isinstance(types, str) else list(types))
    except ValueError as error:
        raise InvalidInput([Fault("/types", str(error))]) from None
    return Wanted(chosen, of, external_id)


def _unknown(found_by: Mapping[str, Any], known: Iterable[str]) -> list[Fault]:
    return [
        Fault(f"/{name}", f"there is no such filter{did_you_mean(name, known)}")
        for name in found_by
        if name not in known
    ]
