"""The life of a record in order, with the error records that came and went."""

from qbwc_server.desk.error_records import errors
from qbwc_server.desk.handing_over import intake
from qbwc_server.desk.logs import history
from qbwc_server.desk.views import record_views
from qbwc_server.domain.kinds import Kind
from qbwc_server.web.site import timeline


def life(world, lab, external_id: str) -> list[timeline.Step]:
    events = history.life(world.core, lab.CONNECTOR, Kind.INVOICE, external_id)
    found = errors.of_record(world.core, lab.CONNECTOR, Kind.INVOICE, external_id)
    return timeline.life(events, found)


def test_an_error_record_is_opened_after_the_block_and_closed_before_the_release(world, lab):
    lab.cure_sku(world)
    errors.retry(world.core, lab.CONNECTOR, everything=True, actor=lab.SUPPORT)
    steps = life(world, lab, "SO-1041")
    assert [step.look.label for step in steps] == ["Queued", "Blocked", "Over", "Queued"]
    # that it stopped, and why, is told once
    assert steps[1].text.startswith(
        "Stopped before it was sent: No item in QuickBooks has the Manufacturer's Part Number"
    )
    assert steps[2].text == f"Item not matched: Checked again by {lab.SUPPORT}: the cause is gone"
    assert steps[1].error_id == steps[2].error_id
    assert steps[3].by == lab.SUPPORT


def test_a_new_revision_is_named(world, lab):
    content = record_views.view(world.core, lab.CONNECTOR, Kind.INVOICE, "SO-1045")["record"]
    intake.put(world.core, lab.CONNECTOR, Kind.INVOICE, "SO-1045", {**content, "memo": "again"}, actor="host")
    assert life(world, lab, "SO-1045")[-1].detail == "revision 2"
