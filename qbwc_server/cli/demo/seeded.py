"""The cases sown into the demonstration's records, and whether exactly these are blocked in the end."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from qbwc_server.desk.handing_over import host
from qbwc_server.domain.in_quickbooks import KINDS
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.records import State
from qbwc_server.sync.core import Core

PAGE = 500

View = Mapping[str, Any]
"""A record as `record_views.view` shows it."""

Name = tuple[Kind, str]
"""A record by kind and external id."""


@dataclass(frozen=True, slots=True)
class Case:
    """One seeded case.

    Attributes:
        cause, sub_reason, cause_key: what the error records of all its records must say.
        records: who must be blocked by it, and by nothing else.
    """

    words: str
    cause: str
    sub_reason: str | None
    cause_key: str
    records: frozenset[Name]


def _case(words: str, cause: str, sub_reason: str | None, cause_key: str, *records: Name) -> Case:
    return Case(words, cause, sub_reason, cause_key, frozenset(records))


CASES = (
    _case(
        "customer without email",
        "customer_not_matched",
        "email_missing",
        "record:customer c-14",
        (Kind.CUSTOMER, "c-14"),
        (Kind.INVOICE, "inv-1041"),
    ),
    _case(
        "customer email unknown",
        "customer_not_matched",
        "email_unknown",
        "email:orders@ghost-kitchen.example",
        (Kind.INVOICE, "inv-1042"),
    ),
    _case(
        "SKU missing",
        "item_not_matched",
        "sku_missing",
        "record:invoice inv-1043",
        (Kind.INVOICE, "inv-1043"),
    ),
    _case("SKU unknown", "item_not_matched", "sku_unknown", "sku:SWD-STK-99", (Kind.INVOICE, "inv-1044")),
    _case("number already used", "number_conflict", None, "number:SO-1030", (Kind.INVOICE, "inv-1030")),
    _case("item inactive", "record_inactive", None, "sku:MF-TAIL", (Kind.INVOICE, "inv-1045")),
)
"""Read beside the README of the demonstration's records, which says the same in words."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How the records of one kind fared.

    Attributes:
        created: of those synced, how many QuickBooks did not hold before.
        states: how many are in each state.
    """

    kind: Kind
    created: int
    states: Mapping[State, int]

    @property
    def synced(self) -> int:
        """How many QuickBooks holds."""
        return self.states.get(State.SYNCED, 0)

    @property
    def found(self) -> int:
        """How many of these it held before."""
        return self.synced - self.created


def every_view(core: Core, connector: str) -> Iterator[View]:
    """All records of a connector."""
    after = 0
    while page := host.find(core, connector, after_id=after, limit=PAGE):
        yield from page
        after = page[-1]["id"]


def tallies(views: Iterable[View]) -> list[Tally]:
    """How the records fared, a kind at a time, in the order of sending."""
    by_kind: dict[Kind, list[View]] = {}
    for view in views:
        by_kind.setdefault(Kind(view["kind"]), []).append(view)
    return [
        Tally(
            kind,
            sum(1 for view in members if view["state"] == State.SYNCED and view["matched_by"] == "created"),
            Counter(State(view["state"]) for view in members),
        )
        for kind, members in sorted(by_kind.items(), key=lambda pair: KINDS[pair[0]].rank)
    ]


def surprises(views: Iterable[View], cases: Iterable[Case] = CASES) -> list[str]:
    """What differs from "exactly the seeded cases are blocked, everything else is synced", in sentences."""
    expected = {name: case for case in cases for name in case.records}
    found: list[str] = []
    for view in views:
        name = (Kind(view["kind"]), view["external_id"])
        case = expected.pop(name, None)
        found += _unlike(view, case)
    return found + [f"{kind.label} {external_id} is missing" for kind, external_id in expected]


def _unlike(view: View, case: Case | None) -> list[str]:
    label = f"{Kind(view['kind']).label} {view['external_id']}"
    wanted = State.SYNCED if case is None else State.BLOCKED
    if view["state"] != wanted:
        return [f"{label} is {view['state']} and should be {wanted}"]
    if case is None:
        return []
    causes = {(error["cause"], error["sub_reason"], error["cause_key"]) for error in view["errors"]}
    if causes == {(case.cause, case.sub_reason, case.cause_key)}:
        return []
    return [f"{label} is blocked by {sorted(map(str, causes))} and should be by {case.words}"]
