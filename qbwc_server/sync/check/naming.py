"""What each reference of a record names and by what it was found, for whoever is to see it before it is sent."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

import qbxml.records as qb
from qbwc_server.domain import host_records as host
from qbwc_server.domain.causes import Cause
from qbwc_server.domain.in_quickbooks import KINDS
from qbwc_server.domain.kinds import ListName
from qbwc_server.domain.matching import ListEntry
from qbwc_server.domain.records import Record
from qbwc_server.sync.check import named, references, rules
from qbwc_server.sync.check.documents import item_of, party_of
from qbwc_server.sync.check.known import Known
from qbwc_server.sync.check.named import Found, Outcome
from qbwc_server.sync.check.verdicts import Blocked, Finding
from qbxml.plan import json_name


@dataclass(frozen=True, slots=True)
class Naming:
    """One reference of a record.

    Attributes:
        path: where it stands in what the host handed over: ``lines.0.item``.
        by: what it was given by: ``external_id``, ``email``, ``sku``, ``list_id``, ``full_name``; None where the
            connector's settings give it.
        value: what was given.
        outcome: what it names; None where its list has not been read, or QuickBooks alone knows.
    """

    path: str
    list_name: ListName
    by: str | None
    value: str
    outcome: Outcome | None


def references_of(known: Known, record: Record, payload: qb.Record | None) -> list[Naming]:
    """What a record refers to.

    Args:
        payload: what is written of it, where that is known: what the connector's settings add stands there alone.
    """
    content = known.parsed(record.kind, record.content)
    found = list(_of_document(known, record, content)) if record.kind.is_document else []
    found += _bound(known, record, content)
    found += _by_name(known, record, content, is_given=True)
    if payload is not None:
        there = {each.path for each in found}
        found += [each for each in _by_name(known, record, payload, is_given=False) if each.path not in there]
    return found


def _of_document(known: Known, record: Record, content: Any) -> Iterator[Naming]:
    """Whose it is, and the items of its lines."""
    row = KINDS[record.kind]
    if content.party is not None and not content.party.is_empty and row.party is not None:
        list_name = row.party_list or ListName.CUSTOMER
        yield Naming(row.party, list_name, *_given(content.party), party_of(known, record, content))
    numbered = {id(line): number for number, line in enumerate(content.lines)}
    lines = list(content.item_lines(record.label))
    skus = [line.item.sku for _, line in lines if line.item is not None and line.item.sku]
    by_rule = rules.items(known, skus)
    for words, line in lines:
        if line.item is not None and not line.item.is_empty:
            outcome = item_of(known, record, line.item, words, by_rule)
            path = f"lines.{numbered[id(line)]}.item"
            yield Naming(path, ListName.ITEM, *_given(line.item), outcome)


def _bound(known: Known, record: Record, content: BaseModel) -> Iterator[Naming]:
    """What it names beside its customer, vendor and items: its parent, whom it is shipped to …"""
    if isinstance(content, host.HostInvoice):
        return
    parts: list[tuple[str, str, BaseModel]] = [("", record.label, content)]
    parts += [
        (f"lines.{number}.", f"line {number + 1} of {record.label}", line)
        for number, line in enumerate(getattr(content, "lines", ()))
    ]
    for prefix, words, part in parts:
        for field in sorted(named.LISTS_OF.keys() & part.model_fields_set):
            ref = getattr(part, field)
            if not isinstance(ref, host.Reference) or ref.is_empty:
                continue
            outcome = named.looked_for(known, record, field, ref, named.Place(record, words, field))
            lists = named.LISTS_OF[field] or (ListName(record.kind),)
            list_name = outcome.entry.list_name if isinstance(outcome, Found) and outcome.entry else lists[0]
            yield Naming(prefix + field, list_name, *_given(ref), outcome)


def _given(ref: host.Reference) -> tuple[str, str]:
    """By what a reference names, and what it says."""
    (by,) = ref.model_fields_set
    return by, str(getattr(ref, by))


def _by_name(known: Known, record: Record, content: BaseModel, *, is_given: bool) -> Iterator[Naming]:
    """Terms, accounts, classes …: what is named by its full name, or else by its ListID."""
    for path, field, ref in _refs(content):
        list_name = references.list_of(field, record)
        if list_name is None:
            continue
        if not is_given and isinstance(content, qb.Record) and not record.kind.is_document:
            path = host.NAMES_OF_FIELDS.get(field, field)
        by = "list_id" if ref.list_id is not None else "full_name"
        value = ref.list_id or ref.full_name or ""
        outcome = None
        if ref.list_id is None and ref.full_name:
            outcome = _outcome(references.look_up(known, record, field, list_name, ref.full_name))
        yield Naming(path, list_name, by if is_given else None, value, outcome)


def _outcome(found: ListEntry | Cause | None) -> Outcome | None:
    if found is None:
        return None
    if isinstance(found, Cause):
        return Blocked((Finding(found),))
    return Found(found.list_id, found, found.full_name)


def _refs(value: Any, path: str = "", field: str = "") -> Iterator[tuple[str, str, qb.Ref]]:
    """Every reference in QuickBooks' words, with its path and the field it stands in."""
    if isinstance(value, qb.Ref):
        yield path, field, value
    elif isinstance(value, tuple):
        for number, item in enumerate(value):
            yield from _refs(item, f"{path}.{number}", field)
    elif isinstance(value, BaseModel) and not isinstance(value, host.Reference):
        for name in sorted(value.model_fields_set):
            item = getattr(value, name)
            if isinstance(item, tuple | BaseModel):
                step = json_name(type(value), name) if isinstance(value, qb.Record) else name
                yield from _refs(item, f"{path}.{step}" if path else step, name)
