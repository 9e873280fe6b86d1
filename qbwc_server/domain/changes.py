"""What QuickBooks must be told to get from one version of a record to the next, and what a person changed there.

Only what differs is sent, so that whatever a person entered in QuickBooks beside it stays.
"""

import copy
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from difflib import SequenceMatcher
from typing import Any

from pydantic import BaseModel

import qbxml.records as qb
from qbwc_server.domain.matching import fold
from qbwc_server.domain.records import PostedLine
from qbxml.plan import json_name
from qbxml.record import Record
from qbxml.table import Shape, Spec
from qbxml.text import plain_text, stored_text

Spelling = Callable[[str], str]
"""How exactly texts are compared: `plain_text` overlooks a quote that looks like another, `stored_text` nothing
that QuickBooks would show.

What a person changed is asked with the former: whoever turns a dash into another says nothing new, and what was
sent by versions that knew plain dashes only stands there so.
"""

_NOT_COMPARED = frozenset({"lines", "external_guid", "list_id", "txn_id", "edit_sequence"})
_CENT = Decimal("0.01")
_NO_BAR_CODE = qb.BarCode.believed({"bar_code_value": ""})


@dataclass(frozen=True, slots=True)
class Unsaid:
    """A difference that no request can bring to QuickBooks, with what a person can do about it.

    Attributes:
        path: where it stands in what the host handed over: ``cost``, ``lines.0.data_ext``.
        wanted, there: what the host wants, and what QuickBooks was told before; None for nothing.
        remedy: what can be done, and by whom.
        before: where `there` stood in the version before, when that is another place; None: nowhere.
    """

    path: str
    wanted: Any
    there: Any
    remedy: str
    before: str | None

    @property
    def sentence(self) -> str:
        """The warning on the record."""
        if _empty(self.wanted):
            return f"{self.path}: stays “{in_words(self.there)}” in QuickBooks. {self.remedy}"
        still = f", which still has “{in_words(self.there)}”" if not _empty(self.there) else ""
        return f"{self.path}: “{in_words(self.wanted)}” was not sent to QuickBooks{still}. {self.remedy}"


_ONCE = "QuickBooks takes it only when a record is created: change it in QuickBooks."
_BY_ITS_OWN_IDS = "QuickBooks changes it only under an id of its own: change it in QuickBooks."
_NOT_EMPTIED = "QuickBooks cannot be told to empty it: remove it in QuickBooks."
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
        if name in _NOT_COMPARED or Shape.ADD not in spec.uses or _is_same(before, after):
            continue
        path = json_name(type(new), name)
        remedy = _why_not(spec)
        if remedy is not None:
            if old is not None:
                unsaid.append(Unsaid(path, after or None, before or None, remedy, path))
        elif isinstance(before if _empty(after) else after, Record) and not spec.ref:
            changed, emptied, stuck = _aggregate(before, after, path, name)
            unsaid += stuck
            clear += emptied
            if changed is not None:
                values[name] = changed
        elif not _empty(after):
            values[name] = after
        elif name == "is_active":
            values[name] = True  # it was retired, and is no longer said to be
        elif name in _PRICES or not _can_be_emptied(spec):
            why = _SEND_ZERO if name in _PRICES else _NOT_EMPTIED
            unsaid.append(Unsaid(path, None, before, why, path))
        elif name.endswith("account"):
            unsaid.append(Unsaid(path, None, before, _NEEDS_AN_ACCOUNT, path))
        elif not _empty(before):
            clear.append(name)
    return Changes(values, tuple(clear), tuple(unsaid))


def _is_same(before: Any, after: Any) -> bool:
    """Whether two versions of a field are sent alike; None and no members are both nothing."""
    return as_sent(before) == as_sent(after) or (_empty(before) and _empty(after))


def _why_not(spec: Spec) -> str | None:
    """Why no Mod carries a field; None when one does."""
    if Shape.MOD not in spec.uses:
        return _ONCE
    inner = spec.blocks[0].model.table.fields.values() if spec.many and spec.blocks else ()
    if any(Shape.MOD in each.required and Shape.ADD not in each.uses for each in inner):
        return _BY_ITS_OWN_IDS
    return None


def _can_be_emptied(spec: Spec) -> bool:
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
        if Shape.MOD not in spec.uses:
            continue
        if not _empty(wanted):
            if model is qb.Address or not _is_same(was, wanted):
                sent[inner] = wanted
        elif isinstance(was, str):
            sent[inner] = ""
        elif not _empty(was):
            place = f"{path}.{inner}"
            if inner in _PRICES:
                unsaid.append(Unsaid(place, None, was, _SEND_ZERO, place))
            elif inner.endswith("account"):
                unsaid.append(Unsaid(place, None, was, _NEEDS_AN_ACCOUNT, place))
            elif _can_be_emptied(spec):
                clear.append(f"{name}.{inner}")
            else:
                unsaid.append(Unsaid(place, None, was, _NOT_EMPTIED, place))
    return (model.believed(sent) if sent or clear else None), clear, unsaid


def held(
    content: Mapping[str, Any], before: Mapping[str, Any] | None, unsaid: Iterable[Unsaid]
) -> dict[str, Any]:
    """A record's content as QuickBooks holds it after a change: what could not be said is as it was before.

    So it goes on being a difference: it is told with the next change too, and no longer once it is taken back.
    """
    kept: dict[str, Any] = copy.deepcopy(dict(content))
    for each in unsaid:
        former = None if each.before is None or before is None else _at(before, each.before)
        _put_at(kept, each.path.split("."), former)
    return kept


def _at(content: Any, path: str) -> Any:
    """What stands in JSON at a dotted path; None where nothing does."""
    for part in path.split("."):
        if isinstance(content, Mapping):
            content = content.get(part)
        elif isinstance(content, Sequence) and not isinstance(content, str) and int(part) < len(content):
            content = content[int(part)]
        else:
            return None
    return content


def _put_at(content: Any, parts: Sequence[str], value: Any) -> None:
    """Set what stands in JSON at a path; None removes it."""
    *way, last = parts
    for part in way:
        if isinstance(content, dict) and content.get(part) is None:
            if value is None:
                return
            content[part] = {}
        content = content[part] if isinstance(content, dict) else content[int(part)]
    if value is None:
        content.pop(last, None)
    else:
        content[last] = copy.deepcopy(value)


def as_sent(value: Any) -> Any:
    """A value as QuickBooks holds it once it was sent, to be compared: what differs only in writing is equal."""
    if isinstance(value, str):
        return stored_text(value)
    if isinstance(value, tuple):
        return tuple(as_sent(item) for item in value)
    if isinstance(value, BaseModel):
        given = {name: as_sent(getattr(value, name)) for name in type(value).model_fields}
        return (type(value), *((name, item) for name, item in given.items() if not _empty(item)))
    return value


def _empty(value: Any) -> bool:
    return value is None or value == ()


# --- lines --------------------------------------------------------------------------------------------------


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
    lost = {name for name in ("item", *_PRICING) if not _empty(getattr(before, name, None))}
    left = {name for name in ("item", *_PRICING) if not _empty(getattr(after, name, None))}
    return ("item" in lost - left) or (bool(lost & _PRICING) and not left & _PRICING)


_PRICING = frozenset({"rate", "rate_percent", "price_level", "amount"})


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
    priced = any(not _empty(getattr(after, name, None)) for name in _PRICING)
    for name, spec in type(after).table.fields.items():
        was, wanted = getattr(before, name, None), getattr(after, name)
        path = f"lines.{plan.position}.{json_name(type(after), name)}"
        place = None if plan.before is None else f"lines.{plan.before}.{json_name(type(after), name)}"
        if Shape.ADD not in spec.uses or _is_same(was, wanted):
            continue
        if Shape.MOD not in spec.uses:
            unsaid.append(Unsaid(path, wanted or None, was or None, _ONCE_A_LINE, place))
        elif plan.keep or not _empty(wanted) or (name in _PRICING and priced):
            continue
        elif isinstance(was, str) and _can_be_emptied(spec):
            texts[name] = ""
        elif _can_be_emptied(spec):
            clear.append(name)
        else:
            unsaid.append(Unsaid(path, None, was, _NOT_EMPTIED, place))
    return LineChange(texts, tuple(clear), tuple(unsaid))


_ONCE_A_LINE = (
    "QuickBooks takes it only with a document that is created: enter it on that line in QuickBooks."
)


def _blocks(old: Sequence[Any], new: Sequence[Any]) -> list[tuple[str, int, int, int, int]]:
    before, after = [_sayable(line) for line in old], [_sayable(line) for line in new]
    return list(SequenceMatcher(None, before, after, autojunk=False).get_opcodes())


# --- what a person changed ----------------------------------------------------------------------------------


def overwritten(old: Record | None, found: Record, changes: Changes) -> dict[str, tuple[str, str]]:
    """The fields a Mod would change and a person has changed meanwhile: name → (what we had written, what is there).

    Args:
        old: what we had written; without the customer (vendor) when that is not known any more.
        found: the record as QuickBooks has it now.
    """
    differences = {}
    for name in changes.fields:
        ours, theirs = getattr(old, name, None), _there(found, name)
        if ours is None and name in ("customer", "vendor"):
            continue
        if name in changes.values and _same(changes.values[name], theirs):
            continue  # it is there already
        if old is not None and not _same(ours, theirs, plain_text):
            differences[name] = (in_words(ours), in_words(theirs))
    return differences


_OF_A_LINE = (
    "item",
    "item_group",
    "desc",
    "quantity",
    "rate",
    "amount",
    "class_",
    "service_date",
    "sales_tax_code",
    "other1",
    "other2",
)
_NOT_OF_A_GROUP = frozenset({"desc", "service_date"})
"""What QuickBooks does not let anybody say of an item group."""


def lines_differ(
    old: Sequence[Any], found: Sequence[Any], negated: Collection[str] = (), spelt: Spelling = plain_text
) -> bool:
    """Whether the lines in QuickBooks are others than those we had written.

    Args:
        negated: the ListIDs of items whose prices QuickBooks turns round: a discount of 5.00 is -5.00 there.
    """
    if len(old) != len(found):
        return True
    return any(
        True
        for ours, theirs in zip(old, found, strict=True)
        for _ in _differing(ours, theirs, negated, spelt)
    )


def line_words(old: Sequence[Any], found: Sequence[Any], negated: Collection[str] = ()) -> tuple[str, str]:
    """How the lines we had written differ from those in QuickBooks, in words: ours, theirs."""
    if len(old) != len(found):
        ours, theirs = ("; ".join(map(_line_in_words, lines)) or "nothing" for lines in (old, found))
        return ours, theirs
    pairs = [
        (f"line {number} {name.replace('_', ' ')}", getattr(ours, name), getattr(theirs, name, None))
        for number, (ours, theirs) in enumerate(zip(old, found, strict=True), start=1)
        for name in _differing(ours, theirs, negated, plain_text)
    ]
    return (
        "; ".join(f"{place} {in_words(mine)}" for place, mine, _ in pairs),
        "; ".join(f"{place} {in_words(its)}" for place, _, its in pairs),
    )


def _differing(ours: Any, theirs: Any, negated: Collection[str], spelt: Spelling) -> Iterator[str]:
    """The names of the fields that we had given and QuickBooks has otherwise."""
    item = getattr(theirs, "item", None)
    is_negated = item is not None and item.list_id in negated
    for name in _OF_A_LINE:
        if name in _NOT_OF_A_GROUP and hasattr(theirs, "item_group"):
            continue
        mine, its = getattr(ours, name, None), getattr(theirs, name, None)
        if is_negated and name in ("rate", "amount") and mine is not None and its is not None:
            mine, its = abs(mine), abs(its)
        if mine is not None and not _same(mine, its, spelt):
            yield name


def _line_in_words(line: Any) -> str:
    """A line by what it is for, how many and how much."""
    quantity, rate = getattr(line, "quantity", None), getattr(line, "rate", None)
    amount = getattr(line, "amount", None)
    if amount is None and rate is not None:
        amount = rate if quantity is None else (rate * quantity).quantize(_CENT, ROUND_HALF_UP)
    # with what it comes to, so that one side's price is never held against the other's sum
    parts = [
        "" if quantity is None or rate is None else f"{quantity} at {rate},",
        "" if amount is None else f"{amount} in all",
    ]
    return " ".join(filter(None, (getattr(line, "desc", None) or "line", *parts)))


def is_applied(changes: Changes, found: Record) -> bool:
    """Whether QuickBooks' copy already says what a Mod would have said."""
    given = all(_same(value, _there(found, name)) for name, value in changes.values.items())
    return given and all(_empty(value_at(found, path)) for path in changes.clear)


def _there(found: Record, name: str) -> Any:
    """A field of QuickBooks' copy, in the form in which it is written; a bar code comes back as its value alone."""
    if name == "bar_code":
        return qb.BarCode.believed({"bar_code_value": getattr(found, "bar_code_value", None)})
    return getattr(found, name, None)


def value_at(record: Any, path: str) -> Any:
    """What stands in a record at a dotted path of attributes; None where nothing does."""
    for part in path.split("."):
        if isinstance(record, tuple):
            record = record[int(part)] if int(part) < len(record) else None
        else:
            record = getattr(record, part, None)
    return record


def unfulfilled(wanted: Record, found: Record, negated: Collection[str] = ()) -> dict[str, tuple[str, str]]:
    """What QuickBooks has otherwise than it was told, of all that `wanted` has: path → (what was wanted, what is
    there). Lines are compared where there are as many."""
    differences: dict[str, tuple[str, str]] = {}
    for name, spec in type(wanted).table.fields.items():
        ours, theirs = getattr(wanted, name), getattr(found, name, None)
        if name in _NOT_COMPARED or _empty(ours) or Shape.RET not in spec.uses:
            continue
        if not _same(ours, theirs):
            differences[json_name(type(wanted), name)] = (in_words(ours), in_words(theirs))
    lines, there = getattr(wanted, "lines", ()), getattr(found, "lines", ())
    if len(lines) == len(there):
        for position, (mine, its) in enumerate(zip(lines, there, strict=True)):
            for name in _differing(mine, its, negated, stored_text):
                pair = (in_words(getattr(mine, name)), in_words(getattr(its, name, None)))
                differences[f"lines.{position}.{json_name(type(mine), name)}"] = pair
    return differences


def _same(ours: Any, theirs: Any, spelt: Spelling = stored_text) -> bool:
    """Whether QuickBooks' value is the one we wrote; it fills in what we left open, and drops what is empty."""
    if isinstance(ours, qb.Ref) and isinstance(theirs, qb.Ref):
        if ours.list_id is not None:
            return ours.list_id == theirs.list_id
        return fold(ours.full_name or "") == fold(theirs.full_name or "")
    if isinstance(ours, Record) and (theirs is None or isinstance(theirs, Record)):
        return all(
            _same(getattr(ours, name), getattr(theirs, name, None), spelt)
            for name in type(ours).table.fields
            if getattr(ours, name) is not None
        )
    if isinstance(ours, tuple) and isinstance(theirs, tuple):
        return len(ours) == len(theirs) and all(
            _same(mine, its, spelt) for mine, its in zip(ours, theirs, strict=True)
        )
    if isinstance(ours, str) or isinstance(theirs, str):
        return spelt(str(ours or "")) == spelt(str(theirs or ""))
    if isinstance(ours, Decimal) and isinstance(theirs, Decimal):
        return ours == theirs
    return (ours or None) == (theirs or None) if not isinstance(ours, bool) else bool(ours) == bool(theirs)


def in_words(value: Any) -> str:
    """A value in a sentence."""
    if value is None:
        return "nothing"
    if isinstance(value, qb.Ref):
        return value.full_name or value.list_id or "nothing"
    if isinstance(value, tuple):
        return "; ".join(map(in_words, value)) or "nothing"
    if isinstance(value, Record):
        parts = (getattr(value, name) for name in type(value).table.fields)
        return ", ".join(str(part) for part in parts if part not in (None, "", ())) or "nothing"
    return str(value)
