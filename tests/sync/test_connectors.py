"""Connectors: adding, setting, pausing, resetting them, and their .qwc file."""

from __future__ import annotations

import pytest
from lxml import etree
from sqlalchemy import select

from qbwc_server.desk import overview
from qbwc_server.desk.administration import connectors, registered
from qbwc_server.domain.faults import Conflict, InvalidInput, NotFound
from qbwc_server.domain.kinds import Kind
from qbwc_server.storage import events
from qbwc_server.storage.schema import connector as connector_table
from qbwc_server.storage.schema import session as session_table
from tests.worlds.sync_world import Answer, World, writes_in


def told(world: World) -> list[tuple[str, str]]:
    """What was done to the connector, and by whom."""
    connector = connectors.get(world.core, "acme")
    with world.core.database.begin() as conn:
        found = events.of_connector(conn, connector.id, limit=1000)
    return [(event.what, event.actor) for event in found if event.record_id is None]


def test_a_password_is_shown_once_and_stored_as_a_digest_only(world: World) -> None:
    with world.core.database.begin() as conn:
        row = conn.execute(select(connector_table)).one()
    assert world.passwords["acme"] not in str(row)
    assert len(world.passwords["acme"].replace("-", "")) * 5 >= 128


def test_tickets_are_not_stored_as_they_are(world: World) -> None:
    visit = world.visit()
    with world.core.database.begin() as conn:
        row = conn.execute(select(session_table)).one()
    assert visit.ticket not in str(row)
    assert len(visit.ticket) >= 43


def test_two_connectors_cannot_have_one_name(world: World) -> None:
    with pytest.raises(Conflict):
        connectors.add(world.core, "acme", actor="staff")
    with pytest.raises(Conflict):
        connectors.add(world.core, "ACME", actor="staff")
    assert registered.names(world.core) == ["acme"]


@pytest.mark.parametrize("name", ["", "a b", "-a", "a/b", "x" * 41, "ä", "a\n"])
def test_a_name_that_could_not_stand_in_an_address_is_refused(world: World, name: str) -> None:
    with pytest.raises(InvalidInput):
        connectors.add(world.core, name, actor="staff")


def test_unknown_and_unfit_settings_are_all_listed_and_nothing_is_set(world: World) -> None:
    with pytest.raises(InvalidInput) as caught:
        connectors.change_settings(
            world.core, "acme", {"nonsense": 1, "batch_size": 0, "read_only": "perhaps"}, actor="ada"
        )
    assert {fault.pointer for fault in caught.value.faults} == {"/nonsense", "/batch_size", "/read_only"}
    assert connectors.get(world.core, "acme").settings.batch_size == 50


def test_settings_given_as_text_are_understood_and_empty_unsets(world: World) -> None:
    changed = connectors.change_settings(
        world.core, "acme", {"read_only": "true", "batch_size": "7", "default_terms": "Net 30"}, actor="ada"
    ).settings
    assert (changed.read_only, changed.batch_size, changed.default_terms) == (True, 7, "Net 30")
    changed = connectors.change_settings(world.core, "acme", {"default_terms": ""}, actor="ada").settings
    assert changed.default_terms is None
    assert ("settings changed", "ada") in told(world)


def test_an_unknown_connector_is_not_found(world: World) -> None:
    for call in (
        lambda: connectors.get(world.core, "nowhere"),
        lambda: connectors.qwc(world.core, "nowhere"),
        lambda: connectors.reset(world.core, "nowhere", full=False, actor="ada"),
        lambda: connectors.pause(world.core, "nowhere", actor="ada"),
        lambda: connectors.resync(world.core, "nowhere", actor="ada"),
        lambda: connectors.rotate_password(world.core, "nowhere", actor="ada"),
        lambda: overview.health(world.core, "nowhere"),
    ):
        with pytest.raises(NotFound):
            call()


def test_a_paused_connector_has_nothing_to_do_until_it_is_resumed(world: World) -> None:
    world.basics()
    connectors.pause(world.core, "acme", actor="ada")
    assert world.poll().answer[1] == "none"
    assert overview.health(world.core, "acme").mood == "paused"
    connectors.resume(world.core, "acme", actor="bob")
    world.poll()
    assert world.states() == {"synced": 2}
    assert [each for each in told(world) if each[0] in ("paused", "resumed")] == [
        ("paused", "ada"),
        ("resumed", "bob"),
    ]


def test_a_rotated_password_replaces_the_old_one(world: World) -> None:
    old = world.passwords["acme"]
    new = connectors.rotate_password(world.core, "acme", actor="ada")
    assert new != old
    assert world.visit(password=old).answer[1] == "nvu"
    assert world.visit(password=new).is_open


def test_a_session_reset_ends_the_session_and_what_it_held_is_asked_for(world: World) -> None:
    world.warm()
    world.customer("c")
    visit = world.visit()
    answer = visit.process(visit.send())
    before = connectors.get(world.core, "acme")
    assert connectors.reset(world.core, "acme", full=False, actor="ada") is None
    assert world.state(Kind.CUSTOMER, "c") == "uncertain"
    assert visit.send() == ""
    after = connectors.get(world.core, "acme")
    assert (after.file_id, after.binding) == (before.file_id, before.binding)
    again = world.poll()
    assert all(not writes_in(text) for text in again.texts)
    assert world.posted() == {"Customer c": 1}
    assert visit.receive(answer) >= -1
    assert world.states() == {"synced": 1}


def test_a_session_reset_without_a_session_does_no_harm(world: World) -> None:
    assert connectors.reset(world.core, "acme", full=False, actor="ada") is None
    world.warm()


def test_a_full_reset_gives_new_credentials_and_forgets_binding_and_lists_but_no_record(world: World) -> None:
    world.basics()
    world.invoice("1")
    world.poll()
    before = connectors.get(world.core, "acme")
    list_id = world.view(Kind.CUSTOMER, "c")["list_id"]
    password = connectors.reset(world.core, "acme", full=True, actor="ada")
    assert password is not None
    after = connectors.get(world.core, "acme")
    assert after.file_id != before.file_id
    assert (after.owner_id, after.uuid) == (before.owner_id, before.uuid)
    assert after.binding is None
    assert world.view(Kind.CUSTOMER, "c")["list_id"] == list_id
    assert world.states() == {"synced": 3}
    assert world.visit().answer[1] == "nvu"
    assert all(each.entries == 0 for each in overview.health(world.core, "acme").lists)

    world.passwords["acme"] = password
    world.company.register(after.owner_id, after.file_id)
    world.invoice("2")
    world.poll()
    assert world.posted() == {"Customer c": 1, "Item i": 1, "1": 1, "2": 1}
    assert connectors.get(world.core, "acme").binding is not None


def test_a_full_reset_in_the_middle_of_a_session_doubles_nothing(world: World) -> None:
    world.warm()
    world.customer("c")
    visit = world.visit()
    visit.process(visit.send())
    world.passwords["acme"] = connectors.reset(world.core, "acme", full=True, actor="ada") or ""
    connector = connectors.get(world.core, "acme")
    world.company.register(connector.owner_id, connector.file_id)
    world.poll()
    assert world.posted() == {"Customer c": 1}
    assert world.states() == {"synced": 1}


def test_the_qwc_file_stays_the_same_over_every_download(world: World) -> None:
    first, second = connectors.qwc(world.core, "acme"), connectors.qwc(world.core, "acme")
    assert first == second
    root = etree.fromstring(first)
    assert root.findtext("AppURL") == world.core.soap_url == "https://qb.example.com/qbwc"


# --- health -------------------------------------------------------------------------------------------------


def test_health_follows_the_connectors_life(world: World) -> None:
    assert overview.health(world.core, "acme").mood == "never_seen"
    world.customer("c")
    world.customer("d", email=None)
    visit = world.visit()
    assert overview.health(world.core, "acme").live_session is not None
    visit.run()
    health = overview.health(world.core, "acme")
    assert health.mood == "attention"
    assert health.headline.startswith("1 blocked record needs")
    assert (health.counts["synced"], health.counts["blocked"], health.open_errors) == (1, 1, 1)
    assert health.last_session is not None
    assert (health.last_session.records_synced, health.last_session.message_sets) == (1, 2)
    world.customer("d")
    assert overview.health(world.core, "acme").mood == "waiting"
    world.poll()
    assert overview.health(world.core, "acme").mood == "ok"
    assert [each.connector.name for each in overview.all_health(world.core)] == ["acme"]


def test_health_names_what_is_wrong_with_the_connector(world: World) -> None:
    visit = world.visit()
    world.calls.connection_error(visit.ticket, "0x8004041A", "no permission")
    health = overview.health(world.core, "acme")
    assert health.mood == "stopped"
    assert any(finding.severity == "problem" for finding in health.findings)
    assert visit.receive(Answer("")) in (-1, 100)


def test_looking_at_health_changes_nothing(world: World) -> None:
    before = told(world)
    overview.health(world.core, "acme")
    overview.all_health(world.core)
    assert told(world) == before
    assert overview.health(world.core, "acme").mood == "never_seen"
