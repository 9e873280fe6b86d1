"""What the references of a record name, as people call it, with the way to the order system's own record of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.records import Record, State
from qbwc_server.sync.check.known import Known
from qbwc_server.sync.check.named import Found
from qbwc_server.sync.check.naming import Naming
from qbwc_server.sync.check.verdicts import Blocked, Waiting


@dataclass(frozen=True, slots=True)
class Named:
    """What a reference of a record names.

    Attributes:
        name: what it is called in QuickBooks; else by the order system; else what the reference says.
        mark: what else it is known by: its SKU, or its email.
        kind, external_id: the order system's record of it, if there is one.
        trouble: why it cannot be followed yet, in a few words; None where it can.
    """

    name: str
    mark: str | None = None
    kind: Kind | None = None
    external_id: str | None = None
    trouble: str | None = None


def names_of(known: Known, found: Sequence[Naming]) -> dict[str, Named]:
    """What each reference names, by its path."""
    ids: dict[Kind, dict[str, None]] = {}
    for each in found:
        if isinstance(each.outcome, Found) and each.list_name.is_matched:
            ids.setdefault(Kind(each.list_name), {})[each.outcome.list_id] = None
    owners = {
        (kind, its_id): record for kind in ids for its_id, record in known.holders(kind, ids[kind]).items()
    }
    return {each.path: _named(known, each, owners) for each in found}


def _named(known: Known, naming: Naming, owners: Mapping[tuple[Kind, str], Record]) -> Named:
    kind = Kind(naming.list_name) if naming.list_name.is_matched else None
    match naming.outcome:
        case Found(list_id=list_id, entry=entry, full_name=full_name):
            record = owners.get((kind, list_id)) if kind is not None else None
            name = (entry.full_name if entry is not None else full_name) or _said(record) or naming.value
            mark = (entry.sku or entry.email) if entry is not None else None
            return _of(record, name, mark or _mark_said(naming, name))
        case Waiting(on=on):
            record = next((each for each in map(known.record, sorted(on)) if each is not None), None)
            name = _said(record) or naming.value
            return _of(record, name, _mark_said(naming, name), "not in QuickBooks yet")
        case Blocked(findings=findings):
            via = [known.record(each.via_record_id) for each in findings if each.via_record_id is not None]
            record = next((each for each in via if each is not None), None)
            if record is None and kind is not None and naming.by == "external_id":
                record = known.called(kind, naming.value)
            name = _said(record) or naming.value
            return _of(record, name, _mark_said(naming, name), "not matched in QuickBooks")
    return Named(naming.value)


def _of(record: Record | None, name: str, mark: str | None, trouble: str | None = None) -> Named:
    if record is None or record.state is State.CANCELLED:
        return Named(name, mark, trouble=trouble)
    return Named(name, mark, record.kind, record.external_id, trouble)


def _said(record: Record | None) -> str | None:
    """What the order system calls a list record."""
    if record is None:
        return None
    texts = (record.content.get(name) for name in ("name", "desc", "sku", "email"))
    return next((text for text in texts if isinstance(text, str) and text), None) or record.external_id


def _mark_said(naming: Naming, name: str) -> str | None:
    """What the reference itself says, where that is something people know."""
    return naming.value if naming.by in ("sku", "email") and naming.value != name else None
