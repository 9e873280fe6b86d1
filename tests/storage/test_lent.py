"""A host's own transaction: what is handed over in it commits and rolls back with the host's own rows."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, scoped_session, sessionmaker

from qbwc_server import Conflict, Connector, DatabaseUnavailable, InvalidInput, NotFound, SchemaMismatch
from qbwc_server.domain.kinds import Kind
from qbwc_server.storage import gathering, memory
from qbwc_server.storage.database import Database
from qbwc_server.sync import allowance
from qbwc_server.sync.work import _at_work

CUSTOMER = {"name": "Ocean Grill", "email": "ap@ocean.example"}
INVOICE = {
    "ref_number": "SO-1042",
    "txn_date": date(2026, 11, 20),
    "customer": {"external_id": "c-1"},
    "lines": [{"item": {"sku": "A-77"}, "quantity": Decimal("12"), "rate": 9.5}],
}


def engine_of(url: str) -> Engine:
    """The host's own engine, made as a host makes one."""
    return create_engine(url.replace("postgresql://", "postgresql+psycopg://"))


@pytest.fixture
def engine(url: str, make: Callable[..., object], database: Database) -> Iterator[Engine]:
    """The host's engine, its table of orders, and the connector ``harbour``."""
    make(database, "harbour")
    made = engine_of(url)
    with made.begin() as conn:
        conn.exec_driver_sql("CREATE TABLE orders (id INTEGER PRIMARY KEY)")
    yield made
    made.dispose()


@pytest.fixture
def conn(engine: Engine) -> Iterator[Connection]:
    """A connection of the host."""
    with engine.connect() as made:
        yield made


def order(conn: Connection, number: int = 1) -> None:
    conn.exec_driver_sql(f"INSERT INTO orders VALUES ({number})")


def orders(conn: Connection) -> int:
    found: int = conn.exec_driver_sql("SELECT count(*) FROM orders").scalar_one()
    return found


def seen_by_others(engine: Engine, external_id: str = "c-1", kind: str = "customer") -> bool:
    with engine.connect() as other:
        return Connector("harbour", connection=other).get(kind, external_id) is not None


class TestOneTransaction:
    def test_the_record_commits_with_the_order(self, engine: Engine, conn: Connection) -> None:
        order(conn)
        put = Connector("harbour", connection=conn).put("customer", "c-1", CUSTOMER)
        assert (put.state, put.list_id, put.txn_id, put.errors) == ("queued", None, None, ())
        assert not seen_by_others(engine)
        conn.commit()
        assert seen_by_others(engine)
        assert orders(conn) == 1

    def test_the_record_rolls_back_with_the_order(self, engine: Engine, conn: Connection) -> None:
        order(conn)
        Connector("harbour", connection=conn).put(Kind.CUSTOMER, "c-1", CUSTOMER)
        conn.rollback()
        assert not seen_by_others(engine)
        assert orders(conn) == 0

    def test_a_record_put_first_belongs_to_the_transaction_as_well(
        self, engine: Engine, conn: Connection
    ) -> None:
        Connector("harbour", connection=conn).put("customer", "c-1", CUSTOMER)
        order(conn)
        conn.rollback()
        assert not seen_by_others(engine)
        assert orders(conn) == 0

    def test_the_hosts_own_savepoint_takes_the_record_back(self, engine: Engine, conn: Connection) -> None:
        order(conn)
        inner = conn.begin_nested()
        Connector("harbour", connection=conn).put("customer", "c-1", CUSTOMER)
        inner.rollback()
        conn.commit()
        assert not seen_by_others(engine)
        assert orders(conn) == 1

    def test_a_transaction_begun_by_the_host_is_left_to_it(self, engine: Engine) -> None:
        with engine.begin() as conn:
            order(conn)
            Connector("harbour", connection=conn).put("customer", "c-1", CUSTOMER)
            assert conn.in_transaction()
        assert seen_by_others(engine)

    def test_two_records_of_one_transaction_see_each_other(self, engine: Engine, conn: Connection) -> None:
        harbour = Connector("harbour", connection=conn)
        harbour.put("customer", "c-1", CUSTOMER)
        harbour.put("invoice", "inv-1", INVOICE)
        again = harbour.put("customer", "c-1", {**CUSTOMER, "phone": "555 0100"})
        assert again.revision == 2
        conn.commit()
        assert [each.type for each in harbour.events()] == ["customer.handed_over", "invoice.handed_over"]
        assert seen_by_others(engine, "inv-1", "invoice")

    def test_a_hundred_transactions_on_one_connection_leave_nothing_behind(self, conn: Connection) -> None:
        harbour = Connector("harbour", connection=conn)
        for number in range(100):
            order(conn, number)
            harbour.put("customer", f"c-{number}", {**CUSTOMER, "email": f"{number}@ocean.example"})
            conn.commit() if number % 2 else conn.rollback()
            assert not gathering.is_on(conn)
            assert conn not in memory._kept
            assert conn not in allowance._accounts
            assert conn not in _at_work
        assert orders(conn) == 50

    def test_a_put_takes_as_many_statements_however_many_went_before_it(
        self, engine: Engine, conn: Connection
    ) -> None:
        harbour, said = Connector("harbour", connection=conn), []
        event.listen(engine, "before_cursor_execute", lambda *given: said.append(given[2]))
        counts = []
        for number in range(20):
            said.clear()
            harbour.put("invoice", f"inv-{number}", {**INVOICE, "ref_number": f"SO-{number}"})
            counts.append(len(said))
        assert set(counts[1:]) == {counts[-1]}
        assert counts[-1] <= 12, said

    @pytest.mark.parametrize("scoped", [False, True])
    def test_a_session_lends_its_transaction(self, engine: Engine, scoped: bool) -> None:
        made = sessionmaker(engine)
        session: Session | scoped_session[Session] = scoped_session(made) if scoped else made()
        harbour = Connector("harbour", connection=session)
        order(session.connection())
        harbour.put("customer", "c-1", CUSTOMER)
        session.rollback()
        assert harbour.get("customer", "c-1") is None
        order(session.connection())
        harbour.put("customer", "c-1", CUSTOMER)
        session.commit()
        assert seen_by_others(engine)
        assert orders(session.connection()) == 1
        session.close()


class TestFaults:
    def test_what_is_refused_lists_its_faults_and_leaves_the_transaction_usable(
        self, engine: Engine, conn: Connection
    ) -> None:
        harbour = Connector("harbour", connection=conn)
        order(conn)
        with pytest.raises(InvalidInput) as refused:
            harbour.put("invoice", "inv-1", {**INVOICE, "lines": [{"quantity": "some"}], "nonsense": 1})
        assert {fault.pointer for fault in refused.value.faults} >= {"/lines/0/quantity", "/nonsense"}
        order(conn, 2)
        conn.commit()
        assert orders(conn) == 2
        assert not seen_by_others(engine, "inv-1", "invoice")

    def test_a_conflict_undoes_what_it_wrote_and_nothing_of_the_hosts(self, conn: Connection) -> None:
        harbour = Connector("harbour", connection=conn)
        harbour.put("customer", "c-1", {**CUSTOMER, "version": 2})
        order(conn)
        with pytest.raises(Conflict):
            harbour.put("customer", "c-1", {**CUSTOMER, "name": "Late", "version": 1})
        conn.commit()
        found = harbour.get("customer", "c-1")
        assert found is not None
        assert (found.content["name"], orders(conn)) == ("Ocean Grill", 1)

    def test_a_failure_in_the_middle_of_writing_is_undone_to_the_savepoint(
        self, engine: Engine, conn: Connection
    ) -> None:
        harbour = Connector("harbour", connection=conn)
        order(conn)

        def fail(conn: Connection, cursor: object, statement: str, *_: object) -> None:
            if statement.startswith("INSERT INTO event"):
                raise IntegrityError(statement, {}, Exception("the disk of the test"))

        event.listen(engine, "before_cursor_execute", fail)
        with pytest.raises(DatabaseUnavailable):
            harbour.put("customer", "c-1", CUSTOMER)
        event.remove(engine, "before_cursor_execute", fail)
        order(conn, 2)
        conn.commit()
        assert orders(conn) == 2
        assert not seen_by_others(engine)
        assert harbour.put("customer", "c-1", CUSTOMER).revision == 1

    def test_an_unknown_kind_and_an_unknown_connector_are_told(self, conn: Connection) -> None:
        with pytest.raises(InvalidInput, match="customer, vendor"):
            Connector("harbour", connection=conn).put("order", "1", {})
        with pytest.raises(NotFound, match="harbor"):
            Connector("harbor", connection=conn)

    def test_what_is_not_there_is_none_and_cannot_be_decided(self, conn: Connection) -> None:
        harbour = Connector("harbour", connection=conn)
        assert harbour.get("invoice", "inv-1") is None
        for decide in (harbour.void, harbour.cancel, harbour.retry):
            with pytest.raises(NotFound):
                decide("invoice", "inv-1")

    def test_decisions_are_the_hosts_transaction_too(self, engine: Engine, conn: Connection) -> None:
        harbour = Connector("harbour", connection=conn)
        harbour.put("invoice", "inv-1", INVOICE)
        conn.commit()
        assert harbour.cancel("invoice", "inv-1").state == "cancelled"
        conn.rollback()
        found = harbour.get("invoice", "inv-1")
        assert found is not None
        assert found.state == "queued"

    def test_what_is_done_with_the_connector_is_in_the_hosts_transaction(
        self, engine: Engine, conn: Connection
    ) -> None:
        harbour = Connector("harbour", connection=conn)
        harbour.put("customer", "c-1", CUSTOMER)
        harbour.pause()
        assert (harbour.resync(), harbour.resync()) == (True, False)
        assert harbour.change_settings(create_items=False)["create_items"] is False
        asked = harbour.request("<SalesRepQueryRq/>")
        assert (asked.state, asked.actor) == ("queued", "host")
        assert harbour.cancel_request(asked.id).state == "cancelled"
        assert harbour.status().paused
        assert harbour.queue().queued == 1
        assert harbour.counts().records["customer"]["queued"] == 1
        with engine.connect() as other:
            outside = Connector("harbour", connection=other)
            assert not outside.status().paused
            assert outside.settings()["create_items"] is True
        conn.rollback()
        assert not harbour.status().paused
        harbour.resume()
        assert harbour.settings()["create_items"] is True
        assert list(harbour.records()) == []

    def test_records_are_found_by_what_is_known_of_them(self, conn: Connection) -> None:
        harbour = Connector("harbour", connection=conn)
        harbour.put("customer", "c-1", CUSTOMER)
        harbour.put("invoice", "inv-1", INVOICE)
        harbour.put("invoice", "inv-2", {**INVOICE, "ref_number": "SO-7"})
        ids = [each.external_id for each in harbour.records("invoice", ref_number="so-7", state=["queued"])]
        assert ids == ["inv-2"]
        assert len(list(harbour.records(customer="c-1"))) == 2
        assert len(list(harbour.records(state="queued"))) == 3
        with pytest.raises(InvalidInput) as refused:
            harbour.records("invoice", number="SO-7", state=["oops"])
        assert [fault.pointer for fault in refused.value.faults] == ["/number", "/state"]

    def test_errors_and_events_are_narrowed_as_at_the_other_doors(self, conn: Connection) -> None:
        harbour = Connector("harbour", connection=conn)
        harbour.put("customer", "c-1", CUSTOMER)
        harbour.put("invoice", "inv-1", INVOICE)
        heard = [each.external_id for each in harbour.events(types=["invoice.*"])]
        assert heard == ["inv-1"]
        assert [each.type for each in harbour.events(kind="customer")] == ["customer.handed_over"]
        assert [each.external_id for each in harbour.events(external_id="c-1")] == ["c-1"]
        assert list(harbour.errors(actor="host", kind="invoice", external_id="inv-1")) == []
        for wrong, pointers in (
            (lambda: harbour.errors(cause="oops", who="host"), ["/who", "/cause"]),
            (lambda: harbour.events(types=["boat.sunk"]), ["/types"]),
        ):
            with pytest.raises(InvalidInput) as refused:
                wrong()
            assert [fault.pointer for fault in refused.value.faults] == pointers

    def test_a_connection_that_commits_by_itself_is_refused(self, engine: Engine) -> None:
        with (
            engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn,
            pytest.raises(DatabaseUnavailable, match="AUTOCOMMIT"),
        ):
            Connector("harbour", connection=conn).put("customer", "c-1", CUSTOMER)
        assert not seen_by_others(engine)

    def test_what_is_no_connection_is_refused_in_words(self, engine: Engine) -> None:
        class Asynchronous:
            async def connection(self) -> None: ...

        with pytest.raises(DatabaseUnavailable, match="run_sync"):
            Connector("harbour", connection=Asynchronous())

    def test_one_does_not_give_both(self, url: str, conn: Connection) -> None:
        with pytest.raises(TypeError, match="either"):
            Connector("harbour", connection=conn, database_url=url)


class TestPython:
    def test_decimals_days_and_floats_are_what_json_would_have_brought(self, conn: Connection) -> None:
        put = Connector("harbour", connection=conn).put("invoice", "inv-1", INVOICE)
        assert put.content["txn_date"] == "2026-11-20"
        assert put.content["lines"] == [{"item": {"sku": "A-77"}, "quantity": "12", "rate": "9.5"}]

    def test_a_connector_with_an_address_has_transactions_of_its_own(self, url: str, engine: Engine) -> None:
        with Connector("harbour", database_url=url) as harbour:
            harbour.put("customer", "c-1", CUSTOMER)
        assert seen_by_others(engine)


class TestMany:
    def test_many_records_commit_and_roll_back_with_the_order(self, engine: Engine, conn: Connection) -> None:
        records = [("customer", f"c-{number}", {"name": f"N {number}"}) for number in range(250)]
        order(conn)
        done = Connector("harbour", connection=conn).put_many(records)
        assert [(each.line, each.external_id, each.result) for each in done] == [
            (number + 1, f"c-{number}", "created") for number in range(250)
        ]
        assert not seen_by_others(engine)
        conn.rollback()
        assert orders(conn) == 0
        assert Connector("harbour", connection=conn).get("customer", "c-249") is None

    def test_a_faulty_one_holds_up_no_other_and_is_told_as_put_tells_it(self, conn: Connection) -> None:
        harbour = Connector("harbour", connection=conn)
        content = {**CUSTOMER, "priority": 5}
        done = harbour.put_many(
            [
                ("order", "1", {}),
                ("customer", "", {}),
                ("customer", 7, {}),  # type: ignore[list-item]
                ("customer", "c-1", content),
                ("customer", "c-1", content),
                ("invoice", "inv-1", INVOICE),
            ]
        )
        assert [each.result for each in done] == ["faulty"] * 3 + ["created", "unchanged", "created"]
        pointers = [[fault.pointer for fault in each.faults] for each in done]
        assert pointers == [["/kind"], ["/external_id", "/name"], ["/external_id"], [], [], []]
        assert [each.kind for each in done][2:] == [None, Kind.CUSTOMER, Kind.CUSTOMER, Kind.INVOICE]
        asked = "SELECT priority FROM record WHERE external_id = 'c-1'"
        assert conn.exec_driver_sql(asked).scalar_one() == 5
        with pytest.raises(InvalidInput, match="0 to 1000"):
            harbour.put_many([], priority=1001)

    def test_a_preview_sees_what_the_transaction_holds_and_stores_nothing(self, conn: Connection) -> None:
        harbour = Connector("harbour", connection=conn)
        harbour.put("customer", "c-1", CUSTOMER)
        same, other = harbour.preview([("customer", "c-1", CUSTOMER), ("customer", "c-2", {"name": ""})])
        assert (same.outcome, same.result) == ("unchanged", "unchanged")
        assert (other.outcome, other.faults[0].pointer) == ("refused", "/name")
        assert harbour.get("customer", "c-2") is None
        with pytest.raises(InvalidInput, match="1,000"):
            harbour.preview([("customer", "c-2", CUSTOMER)] * 1001)

    def test_who_would_wait_in_the_transaction_that_holds_the_record_is_told_to_commit(
        self, url: str, conn: Connection
    ) -> None:
        harbour = Connector("harbour", connection=conn)
        harbour.put("customer", "c-1", CUSTOMER)
        with pytest.raises(TypeError, match="commit first"):
            harbour.wait("customer", "c-1")
        conn.commit()
        with Connector("harbour", database_url=url) as own:
            found = own.wait("customer", "c-1", 0.1)
            assert found is not None
            assert found.state == "queued"
            assert own.wait("customer", "c-9", 60) is None

    def test_a_list_is_asked_for_in_words_that_exist(self, conn: Connection) -> None:
        harbour = Connector("harbour", connection=conn)
        assert list(harbour.quickbooks("customers")) == []
        with pytest.raises(NotFound, match="sales-tax-codes"):
            harbour.quickbooks("customer")
        for wrong in ({"q": " "}, {"q": "a", "name": "b"}, {"sku": "A"}):
            with pytest.raises(InvalidInput):
                harbour.quickbooks("customers", **wrong)


class TestOthers:
    """Whoever else comes while the host's transaction is open."""

    def test_another_host_waits_for_the_commit_and_no_longer(self, engine: Engine, conn: Connection) -> None:
        order(conn)
        Connector("harbour", connection=conn).put("customer", "c-1", CUSTOMER)
        done = threading.Event()

        def other() -> None:
            with engine.begin() as own:
                Connector("harbour", connection=own).put("customer", "c-1", {**CUSTOMER, "phone": "555"})
            done.set()

        thread = threading.Thread(target=other)
        thread.start()
        assert not done.wait(0.3)
        conn.commit()
        assert done.wait(4)
        thread.join()
        found = Connector("harbour", connection=conn).get("customer", "c-1")
        assert found is not None
        assert found.revision == 2


class TestSqlite:
    @pytest.fixture
    def kind(self) -> str:
        return "sqlite"

    def test_a_transaction_that_cannot_become_the_writer_is_told_so_and_stays_usable(
        self, engine: Engine
    ) -> None:
        @event.listens_for(engine, "connect")
        def by_hand(connection, _) -> None:
            connection.isolation_level = None

        @event.listens_for(engine, "begin")
        def begin(conn: Connection) -> None:
            conn.exec_driver_sql("BEGIN")

        engine.dispose()
        with engine.connect() as conn:
            assert orders(conn) == 0  # what it has read is what it goes on from
            with engine.begin() as other:
                order(other, 7)
            harbour = Connector("harbour", connection=conn)
            with pytest.raises(DatabaseUnavailable, match="BEGIN IMMEDIATE"):
                harbour.put("customer", "c-1", CUSTOMER)
            assert orders(conn) == 0
            conn.rollback()
            assert harbour.put("customer", "c-1", CUSTOMER).revision == 1
            conn.commit()
        assert seen_by_others(engine)

    def test_a_schema_is_refused(self, conn: Connection) -> None:
        with pytest.raises(DatabaseUnavailable, match="no schemas"):
            Connector("harbour", connection=conn, schema="qbwc")


class TestPostgres:
    @pytest.fixture
    def kind(self) -> str:
        return "postgresql"

    def test_our_tables_may_lie_in_a_schema_of_their_own_beside_the_hosts_of_the_same_names(
        self, empty_url: str, make: Callable[..., object], open_database: Callable[[str], Database]
    ) -> None:
        engine = engine_of(empty_url)
        with engine.begin() as conn:
            conn.exec_driver_sql("CREATE SCHEMA qbwc")
            conn.exec_driver_sql("CREATE TABLE event (id INTEGER)")
            conn.exec_driver_sql("CREATE TABLE alembic_version (version_num TEXT)")
            conn.exec_driver_sql("INSERT INTO alembic_version VALUES ('3f0c5e1d2b4a')")
        ours = open_database(f"{empty_url}{'&' if '?' in empty_url else '?'}options=-csearch_path%3Dqbwc")
        ours.upgrade()
        make(ours, "harbour")
        with engine.connect() as conn:
            with pytest.raises(SchemaMismatch, match="CREATE SCHEMA qbwc"):
                Connector("harbour", connection=conn)
            harbour = Connector("harbour", connection=conn, schema="qbwc")
            conn.exec_driver_sql("INSERT INTO event VALUES (1)")
            harbour.put("customer", "c-1", CUSTOMER)
            with pytest.raises(InvalidInput):
                harbour.put("customer", "c-2", {"name": 3})
            assert conn.exec_driver_sql("SELECT count(*) FROM event").scalar_one() == 1
            conn.commit()
            assert conn.exec_driver_sql("SHOW search_path").scalar_one() == '"$user", public'
            assert harbour.put("customer", "c-1", CUSTOMER).revision == 1
        engine.dispose()

    def test_a_snapshot_that_would_be_old_is_refused(self, engine: Engine) -> None:
        with engine.connect().execution_options(isolation_level="REPEATABLE READ") as conn:
            with pytest.raises(DatabaseUnavailable, match="READ COMMITTED"):
                Connector("harbour", connection=conn).put("customer", "c-1", CUSTOMER)
            order(conn)
            conn.commit()


class TestTheHostsTables:
    def test_names_that_clash_are_refused_before_anything_is_made(
        self, empty_url: str, open_database: Callable[[str], Database]
    ) -> None:
        engine = engine_of(empty_url)
        with engine.begin() as conn:
            conn.exec_driver_sql('CREATE TABLE "user" (id INTEGER)')
            conn.exec_driver_sql("CREATE TABLE session (id INTEGER)")
        with pytest.raises(SchemaMismatch, match=r"session, user.*of its own"):
            open_database(empty_url).upgrade()
        with engine.begin() as conn:
            conn.exec_driver_sql('DROP TABLE "user"')
            conn.exec_driver_sql("DROP TABLE session")
        engine.dispose()
        open_database(empty_url).upgrade()

    def test_an_alembic_of_the_hosts_is_not_taken_for_a_newer_server(
        self, empty_url: str, open_database: Callable[[str], Database]
    ) -> None:
        engine = engine_of(empty_url)
        with engine.begin() as conn:
            conn.exec_driver_sql("CREATE TABLE alembic_version (version_num TEXT)")
            conn.exec_driver_sql("INSERT INTO alembic_version VALUES ('3f0c5e1d2b4a'), ('7e0c5e1d2b4a')")
        engine.dispose()
        with pytest.raises(SchemaMismatch, match="another program"):
            open_database(empty_url).upgrade()

    def test_tables_of_other_names_stay_as_they_are(
        self, empty_url: str, open_database: Callable[[str], Database]
    ) -> None:
        engine = engine_of(empty_url)
        with engine.begin() as conn:
            conn.exec_driver_sql("CREATE TABLE orders (id INTEGER)")
            order(conn)
        open_database(empty_url).upgrade()
        with engine.connect() as conn:
            assert orders(conn) == 1
        engine.dispose()
