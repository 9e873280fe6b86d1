"""Many records at once: each line has its own outcome, and holds up no other."""

from __future__ import annotations

import pytest

from qbwc_server.desk.handing_over import batches
from qbwc_server.domain.faults import NotFound
from qbwc_server.domain.kinds import Kind
from tests.worlds.sync_world import World


def outcomes(world: World, lines: list[str], **options: bool) -> list[batches.ImportOutcome]:
    return list(batches.bring_in(world.core, "acme", Kind.CUSTOMER, lines, **options, actor="host"))


LINES = [
    '{"external_id": "a", "name": "A", "email": "a@x.example"}',
    "",
    '{"external_id": "a", "name": "A", "email": "a@x.example"}',
    '{"external_id": "a", "name": "AA", "email": "a@x.example"}',
    '{"external_id": "b", "name": "' + "B" * 50 + '", "nonsense": 1}',
    "not json",
    '["a list"]',
    '{"name": "no id"}',
    '{"external_id": 5, "name": "no id"}',
    '{"external_id": "n", "name": "N", "credit_limit": NaN}',
    '{"external_id": "c", "name": "C", "email": "c@x.example", "credit_limit": 0.1}',
]


def test_every_line_has_its_own_outcome_and_a_faulty_one_holds_up_no_other(world: World) -> None:
    found = outcomes(world, LINES)
    assert [(item.line, item.external_id, item.result) for item in found] == [
        (1, "a", "created"),
        (3, "a", "unchanged"),
        (4, "a", "changed"),
        (5, "b", "faulty"),
        (6, None, "faulty"),
        (7, None, "faulty"),
        (8, None, "faulty"),
        (9, None, "faulty"),
        (10, None, "faulty"),
        (11, "c", "created"),
    ]
    assert {fault.pointer for fault in found[3].faults} == {"/name", "/nonsense"}
    assert world.view(Kind.CUSTOMER, "c")["record"]["credit_limit"] == "0.1"
    assert world.states() == {"queued": 2}
    again = [item.result for item in outcomes(world, LINES)]
    assert again == ["changed", "unchanged", "changed", *["faulty"] * 6, "unchanged"]
    assert world.view(Kind.CUSTOMER, "a")["record"]["name"] == "AA"


def test_lines_for_an_unknown_connector_are_refused_before_the_first(world: World) -> None:
    with pytest.raises(NotFound):
        list(batches.bring_in(world.core, "nowhere", Kind.CUSTOMER, LINES, actor="host"))
