"""The lines of a change: what is kept, changed, opened anew, and left where it is."""

from __future__ import annotations

from typing import Any

import pytest

import qbxml.records as qb
from qbwc_server.domain import changes, posted_lines
from qbwc_server.domain import host_records as host
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.records import PostedLine
from qbwc_server.storage.types import PostedLines

PLAIN, GROUP, FOREIGN = (
    PostedLine("1-1"),
    PostedLine("2-1", is_group=True),
    PostedLine("3-1", is_foreign=True),
)


def lines(*names: str, **changed: str) -> tuple[Any, ...]:
    """A line over each item; a keyword gives one another quantity."""
    given = [{"item": name, "quantity": changed.get(name, "1")} for name in names]
    invoice = host.parse(Kind.INVOICE, {"customer": "C", "lines": given})
    assert isinstance(invoice, host.HostInvoice)
    return invoice.lines


def told(plans: list[changes.LinePlan] | None) -> list[tuple[str | None, int | None, bool]]:
    return [
        (plan.posted.txn_line_id if plan.posted else None, plan.position, plan.keep) for plan in plans or ()
    ]


def test_a_group_is_kept_as_a_group() -> None:
    plans = changes.plan_lines(lines("a", "g"), lines("a", "g", a="2"), [PLAIN, GROUP], [1])
    assert told(plans) == [("1-1", 0, False), ("2-1", 1, True)]
    document = qb.Invoice.believed(
        {"lines": (qb.InvoiceLine(quantity="2"), qb.InvoiceLineGroup(item_group="g"))}
    )
    first, second = (
        host.planned_line(document, changes.LineChange({}, (), ()), plan) for plan in plans or ()
    )
    assert isinstance(first, qb.InvoiceLine)
    assert (type(second), second.model_fields_set) == (qb.InvoiceLineGroup, {"txn_line_id"})


@pytest.mark.parametrize(
    ("posted", "groups"),
    [
        pytest.param(GROUP, (), id="a group that becomes a line"),
        pytest.param(PLAIN, (0,), id="a line that becomes a group"),
        pytest.param(GROUP, (0,), id="another number of the group"),
    ],
)
def test_a_group_that_changes_is_a_new_line(posted: PostedLine, groups: tuple[int, ...]) -> None:
    plans = changes.plan_lines(lines("a"), lines("a", a="2"), [posted], groups)
    assert told(plans) == [(None, 0, False)]


def test_lines_that_are_not_the_hosts_stay_where_they_are() -> None:
    last = PostedLine("9-1", is_foreign=True)
    posted = [FOREIGN, PLAIN, PostedLine("5-1"), last]
    plans = changes.plan_lines(lines("a", "b"), lines("x", "a", "b", b="2"), posted)
    assert told(plans) == [
        (None, 0, False),
        ("3-1", None, True),
        ("1-1", 1, True),
        ("5-1", 2, False),
        ("9-1", None, True),
    ]


def test_a_host_that_takes_all_its_lines_back_leaves_the_others() -> None:
    assert told(changes.plan_lines(lines("a"), (), [FOREIGN, PLAIN])) == [("3-1", None, True)]


def found(*quantities: str) -> list[Any]:
    return [qb.InvoiceLine(txn_line_id=f"{n}-1", quantity=each) for n, each in enumerate(quantities)]


@pytest.mark.parametrize(
    ("there", "foreign"),
    [
        pytest.param(("7", "8", "1"), {"0-1", "1-1"}, id="before the host's own"),
        pytest.param(("1", "7", "8"), {"1-1", "2-1"}, id="behind the host's own"),
        pytest.param(("1",), set(), id="none"),
    ],
)
def test_which_lines_stem_from_the_sales_order(there: tuple[str, ...], foreign: set[str]) -> None:
    invoice = host.parse(
        Kind.INVOICE, {"customer": "C", "link_to_txn_id": ["5-1"], "lines": [{"item": "a", "quantity": "1"}]}
    )
    posted = posted_lines.of_answer(found(*there), invoice)
    assert {line.txn_line_id for line in posted if line.is_foreign} == foreign
    assert len(posted_lines.hosts_own(found(*there), posted)) == 1


def test_what_a_person_deleted_is_remembered_of_the_hosts_lines_only() -> None:
    invoice = host.parse(Kind.INVOICE, {"customer": "C", "lines": [{"item": "a"}, {"item": "g"}]})
    group = qb.InvoiceLineGroup(txn_line_id="2-1", item_group="g")
    assert posted_lines.still_there([group], invoice, (FOREIGN, PLAIN, PostedLine("2-1"))) == (
        PostedLine(None),
        GROUP,
    )


def test_lines_are_stored_as_json_and_those_of_former_versions_are_read() -> None:
    column: Any = PostedLines()
    kept = (PLAIN, GROUP, FOREIGN, PostedLine(None))
    assert column.process_result_value(column.process_bind_param(kept, None), None) == kept
    assert column.process_result_value(["1-1", None], None) == (PLAIN, PostedLine(None))
