"""A full disk, a read-only database, a disk that fails: a plain sentence everywhere, nothing accepted is lost."""

import contextlib
import resource
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.pool import Pool

from qbwc_server.domain.faults import DatabaseUnavailable, NotWritable
from qbwc_server.storage.database import Database
from tests.worlds.security_world import CUSTOMER, Place, Shop, sign_in

pytestmark = pytest.mark.slow  # it waits until it gives up


@contextlib.contextmanager
def pragma(name: str, bad: int | str, good: int | str) -> Iterator[None]:
    """Every connection has this setting while the block lasts."""
    value = bad

    def set_it(connection: Any, *_: object) -> None:
        connection.execute(f"PRAGMA {name}={value}")

    event.listen(Pool, "checkout", set_it)
    _LISTENING.append(set_it)
    try:
        yield
    finally:
        value = good  # for the connections of the pool that still have the bad one


_LISTENING: list[Callable[..., None]] = []


@pytest.fixture(autouse=True)
def _hang_up() -> Iterator[None]:
    yield
    while _LISTENING:
        event.remove(Pool, "checkout", _LISTENING.pop())


@contextlib.contextmanager
def no_more_bytes() -> Iterator[None]:
    """Whatever this process writes to a file fails."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


Trouble = Callable[[], AbstractContextManager[None]]
TROUBLES: dict[str, Trouble] = {
    "the disk is full": lambda: pragma("max_page_count", 1, 4_294_967_294),
    "the database is read-only": lambda: pragma("query_only", "ON", "OFF"),
    "the disk fails": no_more_bytes,
}
WORDS = {
    "the disk is full": "database or disk is full",
    "the database is read-only": "the database is read-only",
    "the disk fails": "the disk of the database cannot be read or written",
}


@pytest.fixture(params=TROUBLES)
def trouble(request: pytest.FixtureRequest) -> Trouble:
    """Any of them."""
    return TROUBLES[request.param]


@pytest.fixture(params=[name for name in TROUBLES if "full" not in name])
def halt(request: pytest.FixtureRequest) -> tuple[Trouble, str]:
    """Those in which not a single byte can be written (a full database has room for small changes), in words."""
    return TROUBLES[request.param], WORDS[request.param]


NUMBER = 40
ONCE_EACH = {f"c{number}": 1 for number in range(NUMBER)}


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory, template: Path) -> Shop:
    """A connector whose lists are loaded, with customers to be created, and no spare room in its file."""
    made = Shop.create(Place.create(tmp_path_factory.mktemp("busy"), template), "harbour")
    made.poll()
    for number in range(NUMBER):
        made.put(f"c{number}")
    made.place.close()
    with contextlib.closing(sqlite3.connect(made.place.database_path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("VACUUM")
    return made


@pytest.fixture
def shop(busy: Shop, tmp_path: Path) -> Iterator[Shop]:
    """A copy of it."""
    copied = busy.copied(tmp_path)
    assert copied.place.application  # started before the trouble begins
    yield copied
    copied.place.close()


def test_sending_fails_with_a_sentence_and_the_records_stay_queued(shop: Shop, trouble: Trouble) -> None:
    ticket = shop.authenticate()[0]
    with trouble():
        assert shop.send(ticket) == ""
        sentence = shop.call("getLastError", ticket=ticket)[0]
        assert "database" in sentence
        assert "nothing" in sentence.lower()
        assert "Traceback" not in sentence
        shop.call("closeConnection", ticket=ticket)
    assert shop.states() == {"queued": NUMBER}
    shop.poll()
    assert shop.states() == {"synced": NUMBER}
    assert shop.created() == ONCE_EACH


def test_a_web_connector_that_comes_meanwhile_is_told_to_come_again(
    shop: Shop, halt: tuple[Trouble, str]
) -> None:
    with halt[0]():
        assert shop.authenticate()[1] == "busy"
    shop.poll()
    assert shop.states() == {"synced": NUMBER}


def test_an_answer_that_cannot_be_stored_is_looked_for_and_never_written_twice(
    shop: Shop, trouble: Trouble
) -> None:
    ticket = shop.authenticate()[0]
    response = shop.company.process(shop.send(ticket))
    with trouble():
        assert shop.call("receiveResponseXML", ticket=ticket, response=response)[0] == "-1"
        shop.call("closeConnection", ticket=ticket)
    assert shop.states() == {"sent": NUMBER}
    shop.call("closeConnection", ticket=ticket)
    shop.poll()
    assert shop.states() == {"synced": NUMBER}
    assert shop.created() == ONCE_EACH


def test_a_command_says_what_is_wrong_and_changes_nothing(shop: Shop, halt: tuple[Trouble, str]) -> None:
    trouble, words = halt
    with trouble():
        assert words in shop.place.refused(
            "put", "customer", "new", "-", text='{"name": "X", "email": "x@y.example"}'
        )
        assert words in shop.place.refused("connector", "add", "pier")
    assert shop.states() == {"queued": NUMBER}
    assert [row["name"] for row in shop.place.command("connector", "list")] == ["harbour"]


def test_the_site_says_that_nothing_is_lost(shop: Shop, halt: tuple[Trouble, str]) -> None:
    client = sign_in(shop.place)
    with halt[0]():
        answer = client.post("/connectors/harbour/pause")
        assert answer.status_code == 503
        assert "nothing that was queued is lost" in answer.text
        assert "sqlite" not in answer.text.lower()
    assert client.post("/connectors/harbour/pause").status_code in (302, 303)


def test_what_only_reads_goes_on(shop: Shop, halt: tuple[Trouble, str]) -> None:
    client, key = sign_in(shop.place), shop.api_key()
    with halt[0]():
        assert client.get("/connectors/harbour").status_code == 200
        assert client.get("/healthz").status_code == 200
        assert client.get("/api/v1/connectors/harbour", headers=key).status_code == 200


def test_monitors_are_told_while_it_lasts_that_nothing_can_be_stored(shop: Shop, trouble: Trouble) -> None:
    client = sign_in(shop.place)
    assert client.get("/readyz").status_code == 200
    with trouble():
        with contextlib.suppress(DatabaseUnavailable):
            fill(shop.place.core.database)
        answer = client.get("/readyz")
        assert (answer.status_code, answer.mimetype) == (503, "text/plain")
        assert answer.text.startswith("The database cannot be written: ")
        assert str(shop.place.folder) not in answer.text
        assert client.get("/healthz").status_code == 200
    shop.put("after")
    assert client.get("/readyz").status_code == 200


def test_the_api_does_not_say_that_it_stored_what_it_did_not(shop: Shop, halt: tuple[Trouble, str]) -> None:
    client, key = sign_in(shop.place), shop.api_key()
    address = "/api/v1/connectors/harbour/customers/new"
    with halt[0]():
        answer = client.put(address, json=CUSTOMER, headers=key)
        assert answer.status_code == 503
        assert answer.content_type == "application/problem+json"
    assert client.get(address, headers=key).status_code == 404
    assert client.put(address, json=CUSTOMER, headers=key).status_code == 201


def test_the_api_tells_that_there_is_no_room_and_keeps_what_it_accepted(shop: Shop) -> None:
    client, key = sign_in(shop.place), shop.api_key()
    address = "/api/v1/connectors/harbour/customers/{}"

    def put(number: int) -> Any:
        fields = {"name": f"n{number}", "email": f"n{number}@fish.example", "notes": "x" * 3000}
        return client.put(address.format(f"n{number}"), json=fields, headers=key)

    with TROUBLES["the disk is full"]():
        accepted = 0
        while (answer := put(accepted)).status_code == 201:
            accepted += 1
            assert accepted < 200
        assert (answer.status_code, answer.content_type) == (507, "application/problem+json")
        assert answer.json["title"] == "The server's disk is full"
        assert "Nothing of this request was stored" in answer.json["detail"]
    kept = [
        client.get(address.format(f"n{number}"), headers=key).status_code for number in range(accepted + 1)
    ]
    assert kept == [200] * accepted + [404]
    assert put(accepted).status_code == 201


def test_a_database_file_without_write_permission_is_named_as_such(shop: Shop) -> None:
    place = shop.place
    place.close()
    url = f"sqlite:///file:{place.database_path}?mode=ro&uri=true"
    place.config_path.write_text(
        f'database_url = "{url}"\nsecrets_file = "{place.folder / "qbwc-secrets.json"}"\n'
    )
    sentence = place.refused("put", "customer", "new", "-", text='{"name": "X", "email": "x@y.example"}')
    assert "read-only" in sentence
    assert place.command("get", "customer", "c0")["state"] == "queued"


def test_a_read_only_file_is_noticed_though_nothing_was_to_be_written_yet(shop: Shop) -> None:
    read_only = Database(f"sqlite:///file:{shop.place.database_path}?mode=ro&uri=true")
    with contextlib.closing(read_only):
        read_only.check()
        with pytest.raises(NotWritable, match="read-only"):
            read_only.check_writable()


def test_a_disk_that_is_nearly_full_is_told_before_it_is(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    client = sign_in(shop.place)
    monkeypatch.setattr("shutil.disk_usage", lambda path: SimpleNamespace(free=5 * 2**20))
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "5 MiB left" in answer.text


def test_to_ask_whether_it_can_be_written_writes_nothing_and_waits_for_nobody(shop: Shop) -> None:
    database = shop.place.core.database
    files = [shop.place.database_path, shop.place.database_path.with_name("qbwc.db-wal")]
    before = [path.read_bytes() for path in files]
    started = time.monotonic()
    with contextlib.closing(sqlite3.connect(shop.place.database_path)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        database.check_writable()
        writer.rollback()
    database.check_writable()
    assert time.monotonic() - started < 5
    assert [path.read_bytes() for path in files] == before
    # and whoever writes next waits for its turn again, as ever
    with database.begin() as conn:
        assert conn.exec_driver_sql("PRAGMA busy_timeout").scalar() == 30_000


def test_a_transaction_that_cannot_be_committed_has_stored_nothing(shop: Shop, trouble: Trouble) -> None:
    database = shop.place.core.database
    with trouble(), pytest.raises(DatabaseUnavailable):
        fill(database)
    with database.read() as conn:
        assert conn.exec_driver_sql("SELECT max(priority), count(*) FROM record").one() == (100, NUMBER)
        assert conn.exec_driver_sql("SELECT count(*) FROM login_failure").scalar() == 0


def fill(database: Database) -> None:
    """One transaction that changes everything and adds two megabytes."""
    row = "INSERT INTO login_failure (address, who, at) VALUES (?, 'x', '2026-01-01')"
    with database.begin() as conn:
        conn.exec_driver_sql("UPDATE record SET priority = priority + 1")
        for _ in range(2000):
            conn.exec_driver_sql(row, ("a" * 1000,))
