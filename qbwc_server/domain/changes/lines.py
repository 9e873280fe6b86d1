"""The lines of a document that a change has to send."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from qbwc_server.domain.changes.fields import can_be_emptied
from qbwc_server.domain.changes.unsaid import NOT_EMPTIED, Unsaid
from qbwc_server.domain.changes.values import as_sent, is_empty, is_same_sent
from qbwc_server.domain.records import PostedLine
from qbxml.plan import json_name
from qbxml.record import Record
from qbxml.table import Shape


@dataclass(frozen=True, slots=True)
class LinePlan:
    """One line of a Mod.

    Attributes:
        posted: what it is in QuickBooks; None for a new line.
        position: which of the new version's lines it is, from 0; None for one that is not the host's.
        before: which of the old version's lines it was; None for a new line.
        keep: it stays as it is, so its TxnLineID alone is sent.
    """

    posted: PostedLine | None
    position: int | None
    before: int | None
    keep: bool


def plan_lines(
    old: Sequence[Any],
    new: Sequence[Any],
    posted: Sequence[PostedLine],
    groups: Collection[int] = (),
) -> list[LinePlan] | None:
    """The lines of a Mod; None when no line differs, and so none is sent (QuickBooks then leaves them alone).

    QuickBooks deletes every line that is not mentioned once one is, and wants those that stay in their order
    (status 3290 otherwise), so a moved line is deleted and added. So is an item group that is to be another, or
    another number of it: what becomes of the lines it was opened into when a Mod changes it is written nowhere.

    Args:
        posted: the lines in QuickBooks, in its order; those of the host's are the old lines in the same order,
            fewer when they are not known.
        groups: which of the new lines are item groups, by their position.
    """
    if [_sayable(line) for line in old] == [_sayable(line) for line in new]:
        return None
    own = [line if line.txn_line_id else None for line in posted if not line.is_foreign]
    known: list[PostedLine | None] = [*own, *([None] * len(old))][: len(old)]
    plans: list[LinePlan] = []
    for tag, from_old, to_old, from_new, to_new in _blocks(old, new):
        for offset, position in enumerate(range(from_new, to_new)):
            index = from_old + offset if from_old + offset < to_old else None
            line = known[index] if index is not None else None
            if line is not None and index is not None and tag != "equal":
                other_form = line.is_group or position in groups
                line = None if other_form or _is_another(old[index], new[position]) else line
            before = index if line is not None else None
            plans.append(LinePlan(line, position, before, tag == "equal" and line is not None))
    return _with_foreign(plans, posted)


def _with_foreign(plans: list[LinePlan], posted: Sequence[PostedLine]) -> list[LinePlan]:
    """The plans, and among them the lines that are not the host's, which stay where they are."""
    place = {line.txn_line_id: number for number, line in enumerate(posted)}
    foreign = [LinePlan(line, None, None, True) for line in posted if line.is_foreign]
    made: list[LinePlan] = []
    for plan in plans:
        while plan.posted and foreign and _place(foreign[0], place) < _place(plan, place):
            made.append(foreign.pop(0))
        made.append(plan)
    return made + foreign


def _place(plan: LinePlan, places: Mapping[str | None, int]) -> int:
    return places[plan.posted.txn_line_id if plan.posted else None]


def unplanned(lines: Sequence[Any]) -> list[LinePlan]:
    """The plan of a Mod that leaves every line as it is."""
    return [LinePlan(None, position, position, keep=True) for position in range(len(lines))]


def _sayable(line: Any) -> Any:
    """A line as a Mod could say it, to be compared."""
    table = type(line).table.fields
    return as_sent(tuple(getattr(line, name) for name, spec in table.items() if Shape.MOD in spec.uses))


def _is_another(before: Any, after: Any) -> bool:
    """Whether a line cannot be made out of another: it has lost its item, or every price, which QuickBooks is to
    set anew. It is deleted and added."""
    lost = {name for name in ("item", *PRICING) if not is_empty(getattr(before, name, None))}
    left = {name for name in ("item", *PRICING) if not is_empty(getattr(after, name, None))}
    return ("item" in lost - left) or (bool(lost & PRICING) and not left & PRICING)


PRICING = frozenset({"rate", "rate_percent", "price_level", "amount"})


@dataclass(frozen=True, slots=True)
class LineChange:
    """What of one line of a Mod is said beside its values: emptied fields, and what cannot be said."""

    texts: Mapping[str, str]
    clear: tuple[str, ...]
    unsaid: tuple[Unsaid, ...]


def line_change(before: Any, after: Record | None, plan: LinePlan) -> LineChange:
    """What a Mod must say of a line beside the values it has.

    Args:
        before: the line it is made out of; None for a new one.
        after: the line as it is to be; None for one that is not the host's.
    """
    texts: dict[str, str] = {}
    clear: list[str] = []
    unsaid: list[Unsaid] = []
    if after is None:
        return LineChange({}, (), ())
    priced = any(not is_empty(getattr(after, name, None)) for name in PRICING)
    for name, spec in type(after).table.fields.items():
        was, wanted = getattr(before, name, None), getattr(after, name)
        path = f"lines.{plan.position}.{json_name(type(after), name)}"
        place = None if plan.before is None else f"lines.{plan.before}.{json_name(type(after), name)}"
        if Shape.ADD not in spec.uses or is_same_sent(was, wanted):
            continue
        if Shape.MOD not in spec.uses:
            unsaid.append(Unsaid(path, wanted or None, was or None, _ONCE_A_LINE, place))
        elif plan.keep or not is_empty(wanted) or (name in PRICING and priced):
            continue
        elif isinstance(was, str) and can_be_emptied(spec):
            texts[name] = ""
        elif can_be_emptied(spec):
            clear.append(name)
        else:
            unsaid.append(Unsaid(path, None, was, NOT_EMPTIED, place))
    return LineChange(texts, tuple(clear), tuple(unsaid))


_ONCE_A_LINE = (
    "QuickBooks takes it only with a document that is created: enter it on that line in QuickBooks."
)


def _blocks(old: Sequence[Any], new: Sequence[Any]) -> list[tuple[str, int, int, int, int]]:
    before, after = [_sayable(line) for line in old], [_sayable(line) for line in new]
    return list(SequenceMatcher(None, before, after, autojunk=False).get_opcodes())
