"""Connectors that are removed: dead at once, restored with all that is theirs, erased when it is time."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from qbwc_server.access import api_keys, users
from qbwc_server.desk import overview
from qbwc_server.desk.administration import connectors, registered, removal
from qbwc_server.desk.handing_over import intake
from qbwc_server.desk.views import record_views
from qbwc_server.domain.faults import Conflict, InvalidInput, NotFound
from qbwc_server.domain.kinds import Kind
from qbwc_server.storage import connectors as rows
from qbwc_server.sync.core import Core
from tests.worlds.hand_clock import HandClock
from tests.worlds.sync_world import World


@pytest.fixture
def clock(world: World) -> HandClock:
    return HandClock(world.core.clock())


@pytest.fixture
def core(world: World, clock: HandClock) -> Core:
    """The world's core with a clock that can be moved, and the connector ``pier``."""
    made = replace(world.core, clock=clock)
    connectors.add(made, "pier", actor="ada")
    return made


def names(core: Core) -> list[str]:
    return registered.names(core)


def test_a_removed_connector_is_nowhere_and_its_keys_open_nothing(core: Core) -> None:
    key = api_keys.create(core, "shop", connector="pier", actor="ada").secret
    everything = api_keys.create(core, "all", connector=None, actor="ada").secret
    removal.remove(core, "pier", actor="ada")
    assert "pier" not in names(core)
    assert "pier" not in [health.connector.name for health in overview.all_health(core)]
    for look in (connectors.get, overview.health, connectors.qwc):
        with pytest.raises(NotFound, match="pier"):
            look(core, "pier")
    with pytest.raises(NotFound):
        intake.put(core, "pier", Kind.CUSTOMER, "c", {"name": "C"}, actor="host")
    with pytest.raises(NotFound):
        removal.remove(core, "pier", actor="ada")
    assert api_keys.authenticate(core, key) is None
    assert api_keys.authenticate(core, everything) is not None
    shown = {each.name: each.connector_removed_at for each in api_keys.every(core)}
    assert shown == {"shop": core.clock(), "all": None}
    removal.restore(core, "pier", actor="ada")
    found = api_keys.authenticate(core, key)
    assert found is not None
    assert found.connector == "pier"


def test_a_removed_connector_lets_no_web_connector_in_not_even_under_the_name_it_is_buried_under(
    world: World,
) -> None:
    world.warm()
    username = connectors.get(world.core, "acme").username
    removal.remove(world.core, "acme", actor="ada")
    with world.core.database.read() as conn:
        (buried,) = rows.buried(conn)
    for each in (buried.username, username):
        assert world.calls.authenticate(each, world.passwords["acme"], address="10.0.0.7") == ("", "nvu")


def test_what_was_removed_is_told_and_kept_for_thirty_days(core: Core, clock: HandClock) -> None:
    gone = removal.remove(core, "pier", actor="ada")
    assert (gone.name, gone.gone_at - gone.removed_at) == ("pier", timedelta(days=30))
    assert removal.removed(core) == [gone]
    clock.moment = gone.gone_at - timedelta(seconds=1)
    assert removal.erase_due(core) == []
    assert removal.removed(core) == [gone]
    clock.moment = gone.gone_at
    assert removal.removed(core) == []
    with pytest.raises(NotFound, match="30 days"):
        removal.restore(core, "pier", actor="ada")
    assert removal.erase_due(core) == ["pier"]
    assert removal.erase_due(core) == []
    told = [(deed.what, deed.about, deed.actor) for deed in users.deeds(core)]
    assert told[:3] == [
        ("connector erased", "pier", "server"),
        ("connector removed", "pier", "ada"),
        ("connector added", "pier", "ada"),
    ]


def test_restored_it_is_what_it_was(core: Core) -> None:
    before = connectors.get(core, "pier")
    intake.put(core, "pier", Kind.CUSTOMER, "c", {"name": "C", "email": "c@x.example"}, actor="host")
    removal.remove(core, "pier", actor="ada")
    assert removal.restore(core, "pier", actor="bob") == before
    assert record_views.view(core, "pier", Kind.CUSTOMER, "c")["external_id"] == "c"
    assert removal.removed(core) == []


def test_its_name_may_be_given_again_and_it_comes_back_under_another_one(core: Core) -> None:
    before = connectors.get(core, "pier")
    removal.remove(core, "pier", actor="ada")
    again = connectors.add(core, "pier", actor="ada").connector
    assert again.id != before.id
    with pytest.raises(Conflict, match="another name"):
        removal.restore(core, "pier", actor="ada")
    with pytest.raises(InvalidInput):
        removal.restore(core, "pier", name="pier 9", actor="ada")
    with pytest.raises(Conflict, match="another name"):
        removal.restore(core, "pier", name="PIER", actor="ada")  # the user name would be the same
    back = removal.restore(core, "pier", name="pier-old", actor="ada")
    assert (back.id, back.name, back.username) == (before.id, "pier-old", "qbwc-pier-old")
    assert connectors.get(core, "pier") == again


def test_of_several_of_one_name_it_has_to_be_said_which(core: Core) -> None:
    first = removal.remove(core, "pier", actor="ada")
    connectors.add(core, "pier", actor="ada")
    second = removal.remove(core, "pier", actor="ada")
    assert first.handle != second.handle
    with pytest.raises(Conflict, match="say which one"):
        removal.restore(core, "pier", actor="ada")
    removal.restore(core, first.handle, actor="ada")
    assert [each.handle for each in removal.removed(core)] == [second.handle]


def test_a_process_that_lost_the_race_erases_nothing_twice(core: Core, clock: HandClock) -> None:
    removal.remove(core, "pier", actor="ada")
    with core.database.read() as conn:
        (dead,) = rows.buried(conn)
    clock.moment += registered.KEPT
    assert removal.erase_due(core) == ["pier"]
    assert removal._erase(core, dead) is False


def test_slices_become_smaller_where_they_take_long() -> None:
    assert removal._adapted(100, 0.01) == 200
    assert removal._adapted(2000, 0.01) == 2000
    assert removal._adapted(100, 3.0) == 50
    assert removal._adapted(1, 3.0) == 1


def test_erasing_much_holds_nobody_up_for_long(core: Core, clock: HandClock) -> None:
    connectors.add(core, "other", actor="ada")
    content = {"name": "C", "email": "c@x.example"}
    for number in range(300):
        intake.put(core, "pier", Kind.CUSTOMER, f"c{number}", content, actor="host")
    removal.remove(core, "pier", actor="ada")
    clock.moment += registered.KEPT
    slices = []
    give_way = core.database.give_way
    core.database.give_way = lambda: (slices.append(names(core)), give_way())  # type: ignore[method-assign, assignment]
    try:
        assert removal.erase_due(core) == ["pier"]
    finally:
        del core.database.give_way
    assert len(slices) > 3, "it was all one transaction"
    assert all("other" in there for there in slices)
