"""A whole run, host to QuickBooks and back, on every database."""

from __future__ import annotations

from qbwc_server.desk import overview
from qbwc_server.desk.administration import connectors
from qbwc_server.desk.error_records import errors
from qbwc_server.domain.kinds import Kind
from qbwc_server.storage.database import Database
from tests.worlds.sync_world import World


def test_records_are_matched_blocked_released_and_posted_once(database: Database) -> None:
    world = World(database, settings={"default_expense_account": "Purchases", "batch_size": 4})
    world.basics()
    world.vendor("v")
    world.customer("nomail", email=None)
    for number in range(6):
        world.invoice(f"n{number}")
    world.invoice("blocked", customer={"external_id": "nomail"})
    world.order("o")
    world.poll()
    assert world.states() == {"synced": 10, "blocked": 2}
    assert [group.cause_key for group in errors.group(world.errors())] == ["record:customer nomail"]
    world.customer("nomail", name="Ünal & Söhne")
    visit = world.visit()
    visit.process(visit.send())
    visit.close()
    world.poll()
    assert world.states() == {"synced": 12}
    assert set(world.posted().values()) == {1}
    assert len(world.posted()) == 12
    connectors.resync(world.core, "acme", actor="ada")
    world.poll()
    assert world.view(Kind.CUSTOMER, "nomail")["matched_by"] == "created"
    assert overview.health(world.core, "acme").mood == "ok"
