"""What an update changes in QuickBooks: fields of the header, and lines."""

from collections.abc import Iterator, Sequence
from typing import Any

import qbxml.records as qb
from qbwc_server.desk.handing_over.preview_views import LineChangeView
from qbwc_server.domain import changes
from qbwc_server.domain import host_records as host
from qbwc_server.domain.host_records.values import given_of
from qbwc_server.domain.records import PostedLine, Record
from qbwc_server.sync import revision
from qbwc_server.sync.check import Ready
from qbxml.plan import json_name


def fields(before: qb.Record | None, verdict: Ready) -> Iterator[tuple[str, Any, Any]]:
    """The fields of the header that a Mod changes: path, old value, new value."""
    pending = revision.pending(verdict)
    model = type(verdict.payload)
    for name, value in pending.values.items():
        old = getattr(before, name, None)
        if (
            isinstance(value, qb.Record)
            and not isinstance(value, qb.Ref)
            and not isinstance(value, qb.BarCode)
        ):
            for inner in sorted(value.model_fields_set, key=list(type(value).model_fields).index):
                was, new = getattr(old, inner, None), getattr(value, inner)
                if not changes.is_same(was, new):
                    yield _path(model, f"{name}.{inner}"), was, new
        else:
            yield _path(model, name), old, value
    for path in verdict.clear:
        if not path.startswith("lines."):
            yield _path(model, path), changes.value_at(before, path), None


def _path(model: type[qb.Record], path: str) -> str:
    """A field as the host calls it."""
    first, _, inner = path.partition(".")
    if first in ("sales_or_purchase", "sales_and_purchase", "bar_code"):
        return host.NAMES_OF_FIELDS.get(inner, inner) if inner else "barcode"
    if not inner:
        name = json_name(model, first)
        return host.NAMES_OF_FIELDS.get(name, name) if model.kind.startswith("Item") else name
    return f"{json_name(model, first)}.{inner}"


def lines(record: Record, payload: qb.Record) -> Iterator[LineChangeView]:
    """The lines that a Mod adds, changes and removes, in the order of the new ones."""
    planned: Sequence[Any] = getattr(payload, "lines", ())
    if not planned:
        return
    own: list[PostedLine] = [line for line in record.posted_lines if not line.is_foreign]
    before = {line.txn_line_id: number for number, line in enumerate(own) if line.txn_line_id}
    foreign = {line.txn_line_id for line in record.posted_lines if line.is_foreign}
    old = list((record.synced_content or {}).get("lines", ()))
    new = list(record.content.get("lines", ()))
    position = 0
    for line in planned:
        if line.txn_line_id in foreign and line.txn_line_id is not None:
            continue
        was = before.pop(line.txn_line_id, None) if line.txn_line_id else None
        if was is None or set(given_of(line)) != {"txn_line_id"}:
            yield LineChangeView(
                change="added" if was is None else "changed",
                position=position,
                was=was,
                old=None if was is None else _at(old, was),
                new=_at(new, position),
            )
        position += 1
    for was in sorted(before.values()):
        yield LineChangeView(change="removed", position=None, was=was, old=_at(old, was), new=None)


def _at(lines: Sequence[Any], position: int) -> dict[str, Any] | None:
    return dict(lines[position]) if position < len(lines) else None
