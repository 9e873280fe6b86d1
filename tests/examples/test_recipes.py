"""The recipes do what docs/recipes.md says of them: each against a real server, judged from QuickBooks' ledger."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
import requests
from sqlalchemy import Engine, text
from standardwebhooks import Webhook
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

from examples.recipes import feed, outbox, webhook_receiver
from examples.recipes.hand_over import Refused, TryLater, backoff, hand_over

pytestmark = pytest.mark.slow  # programs of their own, with servers of their own

CUSTOMER = {"name": "Harbour Fish Co", "email": "ap@harbour.example"}
ITEM = {"sku": "OY-100", "name": "Oyster 100ct", "type": "non_inventory", "price": "92.50"}


def invoice(quantity: str = "12") -> dict[str, Any]:
    line = {"item": {"sku": "OY-100"}, "quantity": quantity, "rate": "92.50"}
    return {"ref_number": "SO-1042", "customer": {"external_id": "c-7"}, "lines": [line]}


def note_all(engine: Engine) -> None:
    with engine.begin() as conn:
        outbox.note(conn, "invoices", "SO/1042", invoice())
        outbox.note(conn, "customers", "c-7", CUSTOMER)
        outbox.note(conn, "items", "i-1", ITEM)


def rows(engine: Engine, query: str) -> list[tuple[Any, ...]]:
    with engine.connect() as conn:
        return [tuple(row) for row in conn.execute(text(query))]


def create(engine: Engine, *tables: str) -> None:
    with engine.begin() as conn:
        for table in tables:
            conn.execute(text(table))


@contextmanager
def served(application: Any) -> Iterator[str]:
    """The address at which an application answers."""
    http = make_server("127.0.0.1", 0, application, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{http.port}"
    finally:
        http.shutdown()
        thread.join()
        http.server_close()


class Quiet(WSGIRequestHandler):
    """Says no line for each request."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Says nothing."""


def busy(status: int, **headers: str) -> Any:
    """A server that has other things to do."""
    return Request.application(lambda request: Response(status=status, headers=headers))


# --- outbox -------------------------------------------------------------------------------------------------------


@pytest.fixture
def shop(engine: Engine) -> Engine:
    create(engine, outbox.TABLE)
    return engine


def test_what_was_noted_with_an_order_is_in_quickbooks_once_however_often_the_worker_runs(
    shop, server, web_connector, quickbooks, http
):
    note_all(shop)
    for _ in range(3):
        assert outbox.send(shop, http, server.api) == 1
    web_connector.visit()
    outbox.send(shop, http, server.api)
    web_connector.visit()
    assert [found["Subtotal"] for found in quickbooks.records("Invoice")] == ["1110.00"]
    assert rows(shop, "SELECT * FROM outbox WHERE sent < version OR refused IS NOT NULL") == []


def test_a_worker_that_was_killed_before_it_kept_the_answer_sends_it_again_and_nothing_is_doubled(
    shop, server, web_connector, quickbooks, http
):
    note_all(shop)
    outbox.send(shop, http, server.api)
    web_connector.visit()
    with shop.begin() as conn:
        conn.execute(text("UPDATE outbox SET sent = 0"))
    outbox.send(shop, http, server.api)
    web_connector.visit()
    assert len(quickbooks.records("Invoice")) == 1
    assert http.get(f"{server.api}/invoices/SO%2F1042").json()["revision"] == 1


def test_an_order_that_is_rolled_back_hands_nothing_over(shop, server, http):
    with shop.connect() as conn:
        outbox.note(conn, "customers", "c-7", CUSTOMER)
        conn.rollback()
    outbox.send(shop, http, server.api)
    assert server.call("GET", "customers/c-7")[0] == 404


def test_a_worker_that_is_late_neither_writes_an_old_version_nor_hides_the_new_one(
    shop, server, web_connector, quickbooks, http
):
    note_all(shop)
    with shop.begin() as conn:
        outbox.note(conn, "invoices", "SO/1042", invoice("20"))
    outbox.send(shop, http, server.api)
    late = http.put(f"{server.api}/invoices/SO%2F1042", json=invoice() | {"version": 1})
    assert late.status_code == 409
    outbox.answered(shop, "invoices", "SO/1042", 1, late)
    assert rows(shop, "SELECT version, sent, refused FROM outbox WHERE path = 'invoices'") == [(2, 2, None)]
    web_connector.visit()
    assert [found["Subtotal"] for found in quickbooks.records("Invoice")] == ["1850.00"]


def test_a_faulty_record_is_kept_with_its_faults_and_holds_up_no_other(shop, server, http):
    with shop.begin() as conn:
        outbox.note(conn, "customers", "bad", {"name": "X", "e_mail": "x@x.example"})
        outbox.note(conn, "customers", "good", CUSTOMER)
    outbox.send(shop, http, server.api)
    assert server.call("GET", "customers/good")[0] == 200
    ((refused,),) = rows(shop, "SELECT refused FROM outbox WHERE external_id = 'bad'")
    assert "e_mail" in refused
    with shop.begin() as conn:
        outbox.note(conn, "customers", "bad", {"name": "X", "email": "x@x.example"})
    outbox.send(shop, http, server.api)
    assert server.call("GET", "customers/bad")[0] == 200


def test_a_wrong_key_is_no_fault_of_the_records(shop, server):
    note_all(shop)
    with requests.Session() as stranger, pytest.raises(requests.HTTPError, match="401"):
        outbox.send(shop, stranger, server.api)
    assert rows(shop, "SELECT * FROM outbox WHERE refused IS NOT NULL OR sent > 0") == []


@pytest.mark.parametrize("status", [429, 503, 507])
def test_a_server_that_is_busy_says_when_to_come_again(shop, http, status):
    note_all(shop)
    with served(busy(status, **{"Retry-After": "7"})) as api:
        assert outbox.send(shop, http, api) == 7
    assert len(rows(shop, "SELECT * FROM outbox WHERE sent = 0 AND refused IS NULL")) == 3


# --- the task -----------------------------------------------------------------------------------------------------


def test_a_task_hands_a_record_over_and_the_same_again_changes_nothing(server, http):
    for attempt in range(2):
        record = hand_over(http, server.api, "customers", "c/7", CUSTOMER, attempt)
        assert (record["external_id"], record["revision"]) == ("c/7", 1)


def test_a_task_that_cannot_succeed_is_not_tried_again(server, http):
    with pytest.raises(Refused, match="e_mail"):
        hand_over(http, server.api, "customers", "c-7", {"name": "X", "e_mail": "x"})
    hand_over(http, server.api, "customers", "c-7", CUSTOMER | {"version": 5})
    with pytest.raises(Refused):
        hand_over(http, server.api, "customers", "c-7", {"name": "Y", "version": 4})


@pytest.mark.parametrize("status", [429, 503, 507])
def test_a_task_waits_at_least_as_long_as_the_server_asks_for(http, status):
    with served(busy(status, **{"Retry-After": "42"})) as api, pytest.raises(TryLater) as later:
        hand_over(http, api, "customers", "c-7", CUSTOMER)
    assert later.value.seconds == 42


def test_a_task_waits_longer_each_time_the_server_is_not_there(http):
    with served(busy(503)) as api:
        pass
    with pytest.raises(TryLater) as later:
        hand_over(http, api, "customers", "c-7", CUSTOMER, attempt=5)
    assert 24 <= later.value.seconds <= 40
    assert backoff(1000) <= 750


def test_celery_takes_the_task(server, monkeypatch):
    pytest.importorskip("celery", reason="Celery is not installed, and the recipe's task is a plain function")
    monkeypatch.setenv("CELERY_BROKER_URL", "memory://")
    monkeypatch.setenv("QBWC_API_KEY", server.key)
    monkeypatch.setenv("QBWC_API", server.api)
    # reads the environment
    from examples.recipes.celery_task import to_quickbooks

    assert to_quickbooks.apply(args=["customers", "c-7", CUSTOMER]).get() == "queued"


# --- the receiver -------------------------------------------------------------------------------------------------


@pytest.fixture
def hooked(engine: Engine, server) -> Iterator[tuple[str, str]]:
    """The address of a receiver of this server's webhooks, and its secret."""
    create(engine, webhook_receiver.TABLE)
    later: dict[str, Any] = {}
    with served(lambda environ, start: later["application"](environ, start)) as url:
        body = {"url": f"{url}/quickbooks", "types": ["invoice.*"], "allow_private": True}
        status, made = server.call("POST", "webhooks", body)
        assert status == 201
        later["application"] = webhook_receiver.create_receiver(engine, made["secret"])
        yield f"{url}/quickbooks", made["secret"]


def test_what_becomes_of_an_invoice_is_received_and_acted_on_once_in_its_order(
    engine, server, web_connector, http, hooked
):
    for path, content in (("customers/c-7", CUSTOMER), ("items/i-1", ITEM), ("invoices/SO-1042", invoice())):
        http.put(f"{server.api}/{path}", json=content).raise_for_status()
    web_connector.visit()
    for _ in range(10):
        server.deliver()
    told: list[dict[str, Any]] = []
    while webhook_receiver.work(engine, lambda conn, body: told.append(json.loads(body))):
        pass
    types = [event["type"] for event in told]
    assert (types[0], types[-1]) == ("invoice.handed_over", "invoice.synced")
    assert len({event["id"] for event in told}) == len(told)
    assert told[-1]["data"]["txn_id"] == http.get(f"{server.api}/invoices/SO-1042").json()["txn_id"]


def test_an_event_that_comes_twice_is_kept_once_and_a_forged_one_never(engine, hooked):
    url, secret = hooked
    now = datetime.now(UTC)
    headers = {
        "webhook-id": "evt_1",
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(secret).sign("evt_1", now, '{"id": 1}'),
    }
    assert [requests.post(url, data='{"id": 1}', headers=headers).status_code for _ in range(2)] == [204, 204]
    assert requests.post(url, data='{"id": 2}', headers=headers).status_code == 400
    assert requests.post(url, data='{"id": 1}').status_code == 400
    assert rows(engine, "SELECT webhook_id, body FROM inbox") == [("evt_1", '{"id": 1}')]


def test_work_that_fails_is_done_the_next_time(engine):
    create(engine, webhook_receiver.TABLE)
    with engine.begin() as conn:
        conn.execute(text("INSERT INTO inbox VALUES (1, 'evt_1', '{}', false)"))

    def fail(conn: Any, body: str) -> None:
        raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        webhook_receiver.work(engine, fail)
    assert webhook_receiver.work(engine, lambda conn, body: None) == 1
    assert webhook_receiver.work(engine, lambda conn, body: None) == 0


# --- the feed -----------------------------------------------------------------------------------------------------


def hear(engine: Engine, http: requests.Session, api: str) -> None:
    for _ in range(20):
        if not feed.listen(engine, http, api, wait=0):
            return
    raise AssertionError("there is always more")


def test_the_feed_tells_what_each_record_is_in_quickbooks(engine, server, web_connector, quickbooks, http):
    create(engine, *feed.TABLES)
    for path, content in (("customers/c-7", CUSTOMER), ("items/i-1", ITEM), ("invoices/SO-1042", invoice())):
        http.put(f"{server.api}/{path}", json=content).raise_for_status()
    http.put(f"{server.api}/customers/c-8", json={"name": "Quayside Deli"}).raise_for_status()
    hear(engine, http, server.api)
    web_connector.visit()
    hear(engine, http, server.api)
    (document,) = quickbooks.records("Invoice")
    assert rows(
        engine, "SELECT external_id, state, quickbooks_id FROM in_quickbooks WHERE kind = 'invoice'"
    ) == [("SO-1042", "synced", document["TxnID"])]
    ((state, why),) = rows(engine, "SELECT state, message FROM in_quickbooks WHERE external_id = 'c-8'")
    assert state == "blocked"
    assert "no billing email" in why


@pytest.mark.parametrize("change", ["next = next + 1000", "mark = 'another'"])
def test_a_server_with_another_database_is_heard_anew_and_what_it_lost_is_found(engine, server, http, change):
    create(engine, *feed.TABLES)
    http.put(f"{server.api}/customers/c-7", json=CUSTOMER).raise_for_status()
    hear(engine, http, server.api)
    with engine.begin() as conn:
        conn.execute(text(f"UPDATE place SET {change}"))
        conn.execute(text("INSERT INTO in_quickbooks VALUES ('customer', 'c-6', 'synced', '8-1', NULL, 1)"))
    hear(engine, http, server.api)
    with engine.connect() as conn:
        assert feed.lost(conn) == [("customer", "c-6")]
    assert rows(engine, "SELECT round FROM place") == [(2,)]


def test_of_two_that_hear_the_same_one_acts(engine, server, http):
    create(engine, *feed.TABLES)
    http.put(f"{server.api}/customers/c-7", json=CUSTOMER).raise_for_status()

    class Slow(requests.Session):
        """Whose answer is there, and who acts on it after somebody else did."""

        def get(self, *arguments: Any, **named: Any) -> requests.Response:
            answer = super().get(*arguments, **named)
            hear(engine, http, server.api)
            with engine.begin() as conn:
                conn.execute(text("UPDATE in_quickbooks SET message = 'read by Ann'"))
            return answer

    with Slow() as slow:
        slow.headers.update(http.headers)
        feed.listen(engine, slow, server.api, wait=0)
    assert rows(engine, "SELECT message FROM in_quickbooks") == [("read by Ann",)]
