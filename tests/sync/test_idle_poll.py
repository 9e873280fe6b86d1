"""A poll that finds nothing to do: what it costs, and that whatever there is to do is found all the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from freezegun import freeze_time
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, event, insert, update

from qbwc_server.desk.administration import connectors
from qbwc_server.desk.deciding import decisions
from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.kinds import Kind, ListName
from qbwc_server.domain.limits import Limits
from qbwc_server.domain.throttle import WINDOW
from qbwc_server.storage import connectors as rows
from qbwc_server.storage import lists, looks, standing
from qbwc_server.storage.database import Database
from qbwc_server.storage.schema import list_load, message_set, record
from qbwc_server.sync import list_cache
from tests.worlds.sync_world import START, World


@contextmanager
def statements() -> Iterator[list[str]]:
    """What the driver is told within the block, the begin of a transaction of SQLite's included."""
    said: list[str] = []

    def hear(conn: Any, cursor: Any, statement: str, *_: Any) -> None:
        said.append(" ".join(statement.split()))

    event.listen(Engine, "before_cursor_execute", hear)
    try:
        yield said
    finally:
        event.remove(Engine, "before_cursor_execute", hear)


def poll(world: World) -> str:
    """serverVersion, clientVersion and authenticate; its answer."""
    world.calls.server_version()
    world.calls.client_version("2.3.0.215")
    username = connectors.get(world.core, "acme").username
    return world.calls.authenticate(username, world.passwords["acme"], address="10.0.0.7")[1]


def acme(world: World) -> Connector:
    return connectors.get(world.core, "acme")


def set_connector(world: World, **values: Any) -> None:
    with world.core.database.begin() as conn:
        rows.change(conn, acme(world).id, **values)


# --- what it costs ------------------------------------------------------------------------------------------


def test_an_idle_poll_asks_the_database_once_and_writes_once_a_minute(
    make_world: Callable[..., World],
) -> None:
    with freeze_time(START) as clock:
        world = make_world()
        world.warm()
        world.customer("c")
        world.poll()
        poll(world)  # the lists are settled, and the first tidying is done
        username = acme(world).username
        found = []
        for seconds in (1, 30, 28, 2, 60, 59):
            clock.tick(seconds)
            with statements() as said:
                answer = world.calls.authenticate(username, world.passwords["acme"], address="10.0.0.7")
            assert answer[1] == "none"
            assert answer[0]
            assert len(said) <= 4
            found.append([text.split()[0] for text in said])
        once_a_minute = ["SELECT", "BEGIN", "UPDATE"]
        assert found == [["SELECT"], ["SELECT"], ["SELECT"], once_a_minute, once_a_minute, ["SELECT"]]


def test_the_versions_ask_the_database_nothing(world: World) -> None:
    with statements() as said:
        world.calls.server_version("2.3")
        world.calls.client_version("2.3.0.215")
    assert said == []


def test_an_idle_poll_says_as_little_when_very_much_is_in_quickbooks_or_waits_for_nobody(
    make_world: Callable[..., World],
) -> None:
    world = make_world(settings={"post_invoices": False})
    world.basics()
    for number in range(20):
        world.invoice(str(number))
    world.poll()
    poll(world)
    assert world.states(Kind.INVOICE)["queued"] == 20
    with statements() as said:
        assert poll(world) == "none"
    # the name of the connector is read by this test; that invoices are not posted is asked for by itself
    assert [text.split()[0] for text in said if "BEGIN" not in text] == ["SELECT"] * 3


def test_when_it_called_last_is_known_to_the_minute(make_world: Callable[..., World]) -> None:
    with freeze_time(START) as clock:
        world = make_world()
        world.warm()
        for seconds in (10, 49, 60, 3600, 7):
            clock.tick(seconds)
            poll(world)
            late = world.core.clock() - (acme(world).last_seen_at or START)
            assert timedelta(0) <= late < timedelta(minutes=1)


def test_a_clock_that_was_set_back_does_not_stop_the_notes(make_world: Callable[..., World]) -> None:
    with freeze_time(START) as clock:
        world = make_world()
        world.warm()
        clock.move_to(START - timedelta(days=1))
        poll(world)
        assert acme(world).last_seen_at == START - timedelta(days=1)


# --- what there is to do is found -----------------------------------------------------------------------------


def queue_one(world: World) -> None:
    world.customer("new")


def release_one(world: World) -> None:
    world.customer("later")
    with world.core.database.begin() as conn:
        conn.execute(update(record).values(not_before=world.core.clock()))


def ask_for_resync(world: World) -> None:
    connectors.resync(world.core, "acme", actor="ann")


def restore(world: World) -> None:
    set_connector(world, is_restored=True)


def verify(world: World) -> None:
    set_connector(world, is_verifying=True)


def lose_an_answer(world: World) -> None:
    world.customer("lost")
    visit = world.visit()
    visit.process(visit.send())
    world.calls.close_connection(visit.ticket)
    assert world.state(Kind.CUSTOMER, "lost") == "uncertain"


def claim(world: World) -> None:
    world.basics()
    world.invoice("claimed")
    decisions.link(world.core, "acme", Kind.INVOICE, "claimed", "1A2B-1446673838", actor="ann")


def newer_quickbooks(world: World) -> None:
    with world.core.database.begin() as conn:
        conn.execute(update(list_load).values(fields=["ListID"]))


def forget_a_list(world: World) -> None:
    with world.core.database.begin() as conn:
        conn.execute(delete(list_load).where(list_load.c.list_name == ListName.ITEM))


def begin_a_list(world: World) -> None:
    with world.core.database.begin() as conn:
        lists.change_load(conn, acme(world).id, ListName.CUSTOMER, running="full")


@pytest.mark.parametrize(
    "happen",
    [
        queue_one,
        release_one,
        ask_for_resync,
        restore,
        verify,
        lose_an_answer,
        claim,
        newer_quickbooks,
        forget_a_list,
        begin_a_list,
    ],
)
def test_whatever_there_is_to_do_opens_a_session(world: World, happen: Callable[[World], None]) -> None:
    world.warm()
    assert poll(world) == "none"
    happen(world)
    assert poll(world) == ""


def test_a_message_set_that_is_to_be_sent_again_opens_a_session(world: World) -> None:
    world.warm()
    lose_an_answer(world)
    with world.core.database.begin() as conn:
        conn.execute(update(message_set).where(message_set.c.state == "uncertain").values(state="absent"))
        conn.execute(update(record).values(not_before=world.core.clock() + timedelta(hours=1)))
    assert poll(world) == ""


def test_a_list_that_has_grown_old_opens_a_session(make_world: Callable[..., World]) -> None:
    with freeze_time(START) as clock:
        world = make_world(limits=Limits(refresh_minutes=60))
        world.warm()
        clock.tick(3599)
        assert poll(world) == "none"
        clock.tick(2)
        assert poll(world) == ""


def test_what_was_noted_to_be_looked_at_is_looked_at(world: World) -> None:
    world.warm()
    world.customer("c")
    world.poll()
    with world.core.database.begin() as conn:
        ids = list(conn.execute(record.select().with_only_columns(record.c.id)).scalars())
        looks.note(conn, acme(world).id, ids, actor="ann")
    poll(world)
    with world.core.database.begin() as conn:
        assert not looks.any_noted(conn, acme(world).id)


def test_a_session_that_was_left_open_is_superseded(world: World) -> None:
    world.warm()
    world.customer("c")
    assert poll(world) == ""
    with world.core.database.begin() as conn:
        conn.execute(update(record).values(state="cancelled"))
    assert poll(world) == "none"
    assert connectors.get(world.core, "acme").last_seen_at is not None
    with world.core.database.begin() as conn:
        assert conn.exec_driver_sql("SELECT count(*) FROM session WHERE state = 'open'").scalar() == 0


def test_the_right_password_closes_the_error_of_the_wrong_one(world: World) -> None:
    world.warm()
    assert world.visit(password="wrong").answer == ("", "nvu")
    assert [item.cause for item in world.connector_errors()] == ["bad_credentials"]
    assert poll(world) == "none"
    assert world.connector_errors() == []


def test_too_many_wrong_passwords_make_the_right_one_wait_too(world: World) -> None:
    world.warm()
    for _ in range(9):
        world.visit(password="wrong")
    assert world.visit().answer == ("", "nvu")


@pytest.mark.parametrize("quiet", [{"paused": True}, {"settings": {"quiet_hours": "00:00-23:59"}}])
def test_a_connector_that_rests_is_left_alone_with_all_that_waits(
    make_world: Callable[..., World], quiet: dict[str, Any]
) -> None:
    with freeze_time(START):
        world = make_world()
        world.warm()
        world.customer("c")
        if "paused" in quiet:
            set_connector(world, paused=True)
        else:
            connectors.change_settings(world.core, "acme", quiet["settings"], actor="ann")
        poll(world)
        with statements() as said:
            assert poll(world) == "none"
        assert not any(text.startswith(("UPDATE", "INSERT", "DELETE")) for text in said)


# --- the look and the rows ------------------------------------------------------------------------------------

_MOMENTS = st.sampled_from([None, -120, -61, -60, -59, -1, 0, 1, 60])
_LOADS = st.dictionaries(
    st.sampled_from(list(ListName)),
    st.fixed_dictionaries(
        {
            "running": st.sampled_from([None, None, "full", "changes"]),
            "loaded_at": _MOMENTS,
            "not_before": _MOMENTS,
            "resync_requested_at": st.sampled_from([None, None, -5]),
            "refusal": st.sampled_from([None, "no"]),
            "lacks": st.booleans(),
            "unknown": st.sampled_from([False, False, True]),
        }
    ),
)


@pytest.fixture(scope="module")
def quiet_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    database = Database(f"sqlite:///{tmp_path_factory.mktemp('idle') / 'one.db'}")
    database.upgrade()
    yield World(database)
    database.close()


def row_of(connector: Connector, name: ListName, drawn: dict[str, Any]) -> dict[str, Any]:
    """A row of a list's load; minutes are counted from `START`."""
    moments = ("loaded_at", "not_before", "resync_requested_at")
    at = {key: None if drawn[key] is None else START + timedelta(minutes=drawn[key]) for key in moments}
    asked = list(list_cache.asked_for(name, connector.qbxml_version, connector.country))
    fields = None if drawn["unknown"] else asked[1:] if drawn["lacks"] else asked
    return {
        "connector_id": connector.id,
        "list_name": name,
        "number": 1,
        "running": drawn["running"],
        "refusal": drawn["refusal"],
        "is_resumed": False,
        "changes": {},
        "fields": fields,
        **at,
    }


@settings(max_examples=150, deadline=None)
@given(drawn=_LOADS, is_whole=st.booleans())
def test_the_look_tells_of_lists_what_their_rows_tell(
    quiet_world: World, drawn: dict[ListName, dict[str, Any]], is_whole: bool
) -> None:
    settled = {"running": None, "loaded_at": -1, "not_before": None, "resync_requested_at": None}
    settled |= {"refusal": None, "lacks": False, "unknown": False}
    given_lists = {**(dict.fromkeys(ListName, settled) if is_whole else {}), **drawn}
    connector = acme(quiet_world)
    with quiet_world.core.database.begin() as conn:
        conn.execute(delete(list_load))
        made = [row_of(connector, name, each) for name, each in given_lists.items()]
        if made:
            conn.execute(insert(list_load), made)
        found = standing.of(conn, connector.username, address="10.0.0.7", since=START - WINDOW, now=START)
        assert found is not None
        assert list_cache.rests(found, START) is not list_cache.any_due(conn, connector, START)
