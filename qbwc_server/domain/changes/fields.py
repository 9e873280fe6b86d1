"""The fields of a record that a change has to send, empty, or leave unsaid."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import qbxml.records as qb
from qbwc_server.domain.changes.unsaid import NOT_EMPTIED, Unsaid
from qbwc_server.domain.changes.values import NOT_COMPARED, is_empty, is_same_sent
from qbxml.plan import json_name
from qbxml.record import Record
from qbxml.table import Shape, Spec

_NO_BAR_CODE = qb.BarCode.believed({"bar_code_value": ""})


_ONCE = "QuickBooks takes it only when a record is created: change it in QuickBooks."


_BY_ITS_OWN_IDS = "QuickBooks changes it only under an id of its own: change it in QuickBooks."


_PRICES = frozenset({"sales_price", "purchase_cost", "price"})


_SEND_ZERO = "QuickBooks keeps a price it has: hand over 0 for none."


_NEEDS_AN_ACCOUNT = (
    "QuickBooks does not let an item go without it: name another account, or change it in QuickBooks."
)


@dataclass(frozen=True, slots=True)
class Changes:
    """What of a record a Mod changes.

    Attributes:
        values: the header fields that get a value.
        clear: those that are emptied; with dots inside an aggregate.
        unsaid: what differs, and cannot be said.
    """

    values: Mapping[str, Any]
    clear: tuple[str, ...]
    unsaid: tuple[Unsaid, ...] = ()

    @property
    def fields(self) -> tuple[str, ...]:
        """The names of all fields that are changed."""
        return (*self.values, *self.clear)


def between(old: Record | None, new: Record) -> Changes:
    """What a Mod must say to make `new` out of `old`; without an old version everything `new` has."""
    values: dict[str, Any] = {}
    clear: list[str] = []
    unsaid: list[Unsaid] = []
    for name, spec in type(new).table.fields.items():
        before, after = getattr(old, name, None), getattr(new, name)
        if name in NOT_COMPARED or Shape.ADD not in spec.uses or is_same_sent(before, after):
            continue
        path = json_name(type(new), name)
        remedy = _why_not(spec)
        if remedy is not None:
            if old is not None:
                unsaid.append(Unsaid(path, after or None, before or None, remedy, path))
        elif isinstance(before if is_empty(after) else after, Record) and not spec.ref:
            changed, emptied, stuck = _aggregate(before, after, path, name)
            unsaid += stuck
            clear += emptied
            if changed is not None:
                values[name] = changed
        elif not is_empty(after):
            values[name] = after
        elif name == "is_active":
            values[name] = True  # it was retired, and is no longer said to be
        elif name in _PRICES or not can_be_emptied(spec):
            why = _SEND_ZERO if name in _PRICES else NOT_EMPTIED
            unsaid.append(Unsaid(path, None, before, why, path))
        elif name.endswith("account"):
            unsaid.append(Unsaid(path, None, before, _NEEDS_AN_ACCOUNT, path))
        else:
            clear.append(name)
    return Changes(values, tuple(clear), tuple(unsaid))


def _why_not(spec: Spec) -> str | None:
    """Why no Mod carries a field; None when one does."""
    if Shape.MOD not in spec.uses:
        return _ONCE
    inner = spec.blocks[0].model.table.fields.values() if spec.many and spec.blocks else ()
    if any(Shape.MOD in each.required and Shape.ADD not in each.uses for each in inner):
        return _BY_ITS_OWN_IDS
    return None


def can_be_emptied(spec: Spec) -> bool:
    """Whether a Mod can take away what stands in a field."""
    return not spec.many and (spec.ref or (spec.type is not None and spec.type.clearable))


def _aggregate(
    before: Record | None, after: Record | None, path: str, name: str
) -> tuple[Record | None, list[str], list[Unsaid]]:
    """An aggregate as it is sent, with the texts it has lost as "": an absent element would leave them as they are.

    Of an address everything is sent, as QuickBooks keeps it as one block; of others only what differs.

    Returns:
        The aggregate, None when nothing of it can be said; the paths of what else is emptied; what cannot be said.
    """
    model = type(after) if after is not None else type(before or qb.Address())
    if model is qb.BarCode:
        return after or _NO_BAR_CODE, [], []
    sent: dict[str, Any] = {}
    clear: list[str] = []
    unsaid: list[Unsaid] = []
    for inner, spec in model.table.fields.items():
        was, wanted = getattr(before, inner, None), getattr(after, inner, None)
        if not is_empty(wanted):
            if model is qb.Address or not is_same_sent(was, wanted):
                sent[inner] = wanted
        elif isinstance(was, str):
            sent[inner] = ""
        elif not is_empty(was):
            place = f"{path}.{inner}"
            if inner in _PRICES:
                unsaid.append(Unsaid(place, None, was, _SEND_ZERO, place))
            elif inner.endswith("account"):
                unsaid.append(Unsaid(place, None, was, _NEEDS_AN_ACCOUNT, place))
            elif can_be_emptied(spec):
                clear.append(f"{name}.{inner}")
            else:
                unsaid.append(Unsaid(place, None, was, NOT_EMPTIED, place))
    return (model.believed(sent) if sent or clear else None), clear, unsaid
