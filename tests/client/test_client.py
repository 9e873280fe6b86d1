"""Everything a host does with the client, judged from the company file."""

from __future__ import annotations

import asyncio
import json
import re
import threading
import tomllib
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import qbwc_client
from qbwc_client import (
    AsyncClient,
    Client,
    Conflict,
    Forbidden,
    Gone,
    InvalidInput,
    NotFound,
    NotReached,
    Problem,
    Stale,
    StillWaiting,
    Unauthorized,
    verified,
)
from qbwc_client.calls import PLURALS
from qbwc_client.errors import BY_TYPE
from qbwc_client.values import DECIMALS

from qbwc_server.domain.kinds import Kind
from qbwc_server.web.api.failures import PROBLEMS
from qbwc_server.web.api.routes import documentation
from tests.worlds.receiver import receiving

pytestmark = pytest.mark.slow  # a program of its own, with servers of its own

README = Path(__file__).parents[2] / "clients" / "python" / "README.md"
CUSTOMER = {"name": "Ocean Grill", "email": "ap@ocean.example"}
ITEM = {"sku": "OY-100", "name": "Oysters", "price": Decimal("9.50")}


def invoice(number: str = "SO-1042", **fields):
    line = {"item": {"external_id": "i-1"}, "quantity": Decimal(12), "rate": Decimal("9.50")}
    named = {"external_id": "c-7"}
    return {
        "ref_number": number,
        "txn_date": date(2026, 11, 20),
        "customer": named,
        "lines": [line],
        **fields,
    }


@pytest.fixture
def handed(client):
    """A client whose customer, item and invoice are handed over."""
    client.put("customer", "c-7", CUSTOMER)
    client.put("item", "i-1", ITEM)
    client.put("invoice", "SO-1042", invoice())
    return client


class TestRecords:
    def test_an_invoice_arrives_to_the_cent_and_is_told_of(self, handed, web_connector, quickbooks):
        web_connector.visit()
        (found,) = quickbooks.records("Invoice")
        record = handed.wait("invoice", "SO-1042", seconds=5)
        assert (record.state, record.txn_id, record.number) == ("synced", found["TxnID"], "SO-1042")
        assert found["Subtotal"] == "114.00"
        assert record.content["lines"][0]["rate"] == Decimal("9.50")
        assert record.is_synced
        assert record.created_at.tzinfo is not None

    def test_what_was_read_may_be_put_again_and_changes_nothing(self, handed):
        record = handed.get("invoice", "SO-1042")
        assert handed.put("invoice", "SO-1042", record.content).revision == 1

    def test_faults_are_listed_with_their_places(self, client):
        with pytest.raises(InvalidInput) as refused:
            client.put("invoice", "SO-1", invoice(lines=[{"quantity": "some"}], nonsense=1))
        assert {fault.pointer for fault in refused.value.faults} >= {"/lines/0/quantity", "/nonsense"}
        assert refused.value.request_id

    def test_odd_ids_reach_the_record_they_name(self, client):
        odd = "SO/1042 ä&?#%41"
        client.put("customer", odd, CUSTOMER)
        assert client.get("customer", odd).external_id == odd

    def test_what_is_not_there_is_none_or_raises(self, client):
        assert client.find("invoice", "none") is None
        with pytest.raises(NotFound):
            client.get("invoice", "none")
        with pytest.raises(ValueError, match="purchase_order"):
            client.get("order", "1")

    def test_many_are_handed_over_in_parts_and_paged_through(self, client):
        customers = [
            ("customer", f"c-{n}", {"name": f"N {n}", "email": f"{n}@x.example"}) for n in range(230)
        ]
        lines = list(client.put_all([*customers, ("invoice", "bad", {"lines": []})], at_once=100))
        assert [line.external_id for line in lines] == [*(name for _, name, _ in customers), "bad"]
        assert (lines[0].result, lines[-1].result) == ("created", "faulty")
        found = list(client.records("customer", state=["queued", "blocked"], limit=100))
        assert len({record.external_id for record in found}) == 230
        assert [each.external_id for each in client.records("customer", q="c-229")] == ["c-229"]

    def test_decisions(self, handed, web_connector, quickbooks):
        web_connector.visit()
        with pytest.raises(Conflict):
            handed.cancel("invoice", "SO-1042")
        assert handed.void("invoice", "SO-1042").is_void
        web_connector.visit()
        assert quickbooks.records("Invoice")[0]["Subtotal"] == "0.00"
        handed.put("customer", "c-8", {"name": "Late", "email": "l@x.example"})
        assert handed.cancel("customer", "c-8").state == "cancelled"

    def test_whoever_waits_is_told_as_soon_as_it_is_there_or_that_it_is_not(self, handed, web_connector):
        with pytest.raises(StillWaiting) as still:
            handed.wait("invoice", "SO-1042", seconds=1)
        assert still.value.record.state == "queued"
        visit = threading.Timer(0.3, web_connector.visit)
        visit.start()
        assert handed.wait("invoice", "SO-1042", seconds=30).is_synced
        visit.join()


class TestErrorsAndEvents:
    @pytest.fixture
    def error(self, client, web_connector, quickbooks):
        for name in ("Twin A", "Twin B"):
            quickbooks.person.add("Customer", {"Name": name, "Email": "twin@x.example"})
        web_connector.visit()
        client.put("customer", "twin", {"name": "Twin", "email": "twin@x.example"})
        (error,) = client.errors(kind="customer")
        return client.error(error.id)

    def test_an_answer_settles_what_waits_for_it(self, client, error, web_connector, quickbooks):
        (choice,) = [each for each in error.choices if each.candidate and each.candidate.name == "Twin B"]
        done = client.answer(error, choice.id)
        assert (done.choice, done.still_waiting, done.error.closed_at is None) == (choice.id, 0, False)
        web_connector.visit()
        twin = client.get("customer", "twin")
        assert (twin.state, twin.list_id) == ("synced", quickbooks.find("Customer", Name="Twin B")["ListID"])

    def test_whoever_answers_what_is_decided_already_is_told_what_is_so_now(self, client, error):
        choice = next(each for each in error.choices if each.candidate)
        client.answer(error, choice.id)
        with pytest.raises(Stale) as stale:
            client.answer(error, choice.id)
        assert stale.value.error.id == error.id
        assert stale.value.error.closed_at is not None

    def test_events_are_read_once_in_their_order(self, handed, web_connector):
        first = handed.event_page(limit=2)
        rest = list(handed.events(first.next, first.mark))
        web_connector.visit()
        new = list(handed.events(rest[-1].id, type=["*.synced"]))
        ids = [event.id for event in (*first.events, *rest, *new)]
        assert ids == sorted(set(ids))
        assert {event.type for event in new} == {"customer.synced", "item.synced", "invoice.synced"}
        assert all(event.data.get("txn_id") for event in new if event.kind == "invoice")

    def test_whoever_waits_for_events_hears_at_once(self, handed, server):
        last = list(handed.events())[-1].id
        other = {"name": "Another", "email": "an@x.example"}
        put = threading.Timer(0.3, server.call, ["PUT", "customers/c-9", other])
        put.start()
        page = handed.event_page(last, wait=20)
        put.join()
        assert [event.external_id for event in page.events] == ["c-9"]

    def test_a_place_that_is_none_is_told(self, handed):
        with pytest.raises(Gone):
            handed.event_page(99_999)


class TestQuickBooks:
    @pytest.fixture
    def twin(self, client, web_connector, quickbooks):
        """An entry of QuickBooks by another email than the order system's."""
        quickbooks.person.add("Customer", {"Name": "Twin", "Email": "twin@x.example", "Phone": "555"})
        web_connector.visit()
        return quickbooks.find("Customer", Name="Twin")["ListID"]

    def test_entries_are_found_by_what_somebody_types_and_a_record_is_linked_to_one(
        self, client, web_connector, quickbooks, twin
    ):
        (found,) = client.quickbooks("customers", q="twi")
        assert (found.list_id, found.full_name, found.phone, found.is_active) == (twin, "Twin", "555", True)
        assert found.balance == Decimal(quickbooks.find("Customer", Name="Twin")["TotalBalance"])
        assert [each.list_id for each in client.quickbooks("customers", limit=1)].count(twin) == 1
        client.put("customer", "c-7", {"name": "Twin's", "email": "other@x.example"})
        assert client.link("customer", "c-7", twin).list_id == twin
        web_connector.visit()
        assert client.get("customer", "c-7").is_synced
        assert [each["ListID"] for each in quickbooks.records("Customer")].count(twin) == 1
        assert client.unlink("customer", "c-7").list_id is None
        with pytest.raises(NotFound):
            client.link("customer", "none", twin)

    def test_a_preview_tells_what_would_be_sent_and_stores_nothing(
        self, client, web_connector, quickbooks, twin
    ):
        told = client.preview("customer", "c-7", {"name": "Twin", "email": "twin@x.example"})
        assert (told.outcome, told.would_go, told.matched["list_id"]) == ("synced", True, twin)
        new, faulty, stopped = client.previews(
            [
                ("item", "i-1", ITEM),
                ("item", "bad", {"price": "much"}),
                ("invoice", "SO-1", invoice(customer={"email": "nobody@x.example"})),
            ]
        )
        assert (new.outcome, new.creates) == ("queued", "ItemNonInventory “Oysters”")
        assert "<Price>9.50</Price>" in new.request
        assert (faulty.outcome, faulty.would_go) == ("refused", False)
        assert "/price" in {fault.pointer for fault in faulty.faults}
        assert [each["cause"] for each in stopped.errors] == ["customer_not_matched"]
        assert client.find("item", "i-1") is None
        client.put("item", "i-1", ITEM)
        web_connector.visit()
        assert quickbooks.find("ItemNonInventory", Name="Oysters")

    def test_raw_requests(self, client, web_connector, quickbooks):
        sent = client.request("<TermsQueryRq/>")
        assert (sent.state, sent.is_over, sent.response) == ("queued", False, None)
        add = "<CustomerAddRq><CustomerAdd><Name>{}</Name></CustomerAdd></CustomerAddRq>"
        assert client.cancel_request(client.request(add.format("Never")).id).state == "cancelled"
        told = client.request(add.format("By hand"))
        assert told.writes
        web_connector.visit()
        answered = client.raw_request(sent.id, wait=5)
        assert (answered.state, answered.status_code, answered.is_over) == ("answered", 0, True)
        assert answered.response.startswith("<TermsQueryRs")
        names = [each["Name"] for each in quickbooks.records("Customer")]
        assert (names.count("By hand"), names.count("Never")) == (1, 0)


class TestTheConnector:
    def test_it_tells_how_it_is_doing_and_is_paused_and_resumed(self, handed, web_connector):
        assert (handed.connector().name, handed.pause().paused) == ("harbour", True)
        web_connector.visit()
        assert handed.counts().records["invoice"]["queued"] == 1
        assert not handed.resume().paused
        web_connector.visit()
        handed.resync()
        web_connector.visit()
        told = handed.connector()
        assert (told.counts["synced"], told.open_errors) == (3, 0)
        assert told.last_seen_at.tzinfo is not None
        assert handed.call("GET", "queue")["queued"] == 0

    def test_what_waits_behind_a_cause_is_tried_again(self, client, web_connector, quickbooks):
        web_connector.visit()
        client.put("item", "i-1", ITEM)
        client.put("invoice", "SO-1", invoice(customer={"full_name": "Later"}))
        (error,) = client.errors(kind="invoice")
        assert client.retry_errors(error.cause_key).still_blocked == 1
        assert client.retry_errors(ids=[error.id]).released == 0
        with pytest.raises(NotFound):
            client.retry_errors("sku:none")


class TestItsWebhooks:
    def test_a_webhook_from_its_secret_to_its_removal(self, handed, server):
        def heard(secret):
            receiver.messages.clear()
            server.deliver()
            return [verified(secret, each.text.encode(), each.headers).type for each in receiver.messages]

        with receiving() as receiver:
            made = handed.webhooks.add(receiver.url, ["invoice.*"], allow_private=True)
            assert made.secret not in repr(made)
            assert handed.webhooks.get(made.id).secret is None
            assert handed.webhooks.test(made.id).state == "waiting"
            handed.put("invoice", "SO-1043", invoice("SO-1043"))
            assert sorted(heard(made.secret)) == ["connector.webhook_test", "invoice.handed_over"]
            newest = next(iter(handed.webhooks.deliveries(made.id)))
            assert (newest.state, newest.status, newest.failure) == ("delivered", 200, None)
            handed.webhooks.resend(made.id, newest.id)
            assert heard(made.secret) == [newest.type]
            fresh = handed.webhooks.rotate_secret(made.id, old_valid_hours=0)
            assert fresh.secret != made.secret
            assert handed.webhooks.replay(made.id, 0).delivered_to == 0
            assert set(heard(fresh.secret)) == {"invoice.handed_over"}
        changed = handed.webhooks.change(made.id, types=["*.blocked"], enabled=False)
        assert (changed.types, changed.enabled) == (("*.blocked",), False)
        assert [each.id for each in handed.webhooks.all()] == [made.id]
        handed.webhooks.remove(made.id)
        assert handed.webhooks.all() == []


class TestElse:
    def test_every_other_address(self, client):
        assert client.call("GET", "counts")["records"]["invoice"]["queued"] == 0
        assert client.call("GET")["name"] == "harbour"
        assert client.call("POST", "pause")["paused"] is True

    def test_a_wrong_key_a_narrow_key_and_a_wrong_address_are_told_apart(self, connect, client, server):
        with pytest.raises(Unauthorized):
            connect(server.url, "qbwc_wrong", "harbour").get("invoice", "1")
        narrow = client.call("POST", "api-keys", {"name": "reader", "scope": "read"})
        with pytest.raises(Forbidden):
            connect(server.url, narrow["key"], "harbour").put("customer", "c-7", CUSTOMER)
        with pytest.raises(NotFound):
            connect(server.url, server.key, "harbor").get("invoice", "1")
        with pytest.raises(Problem):
            connect(f"{server.url}/support", server.key, "harbour").get("invoice", "1")
        with pytest.raises(NotReached):
            connect("http://127.0.0.1:9", server.key, "harbour").get("invoice", "1")


class TestInStepWithTheServer:
    def test_the_version_is_the_one_of_the_distribution(self):
        told = tomllib.loads((README.parent / "pyproject.toml").read_text(encoding="utf-8"))
        assert told["project"]["version"] == qbwc_client.__version__

    def test_both_clients_are_contexts(self, server):
        given = (server.url, server.key, server.connector)

        async def meanwhile() -> int:
            async with AsyncClient(*given) as client:
                put = [
                    client.put("customer", f"c-{n}", {**CUSTOMER, "email": f"{n}@x.example"})
                    for n in range(5)
                ]
                return len({record.external_id for record in await asyncio.gather(*put)})

        with ThreadPoolExecutor(1) as apart:
            assert apart.submit(asyncio.run, meanwhile()).result() == 5
        with Client(*given) as client:
            assert client.find("customer", "c-4") is not None

    def test_every_type_of_problem_has_its_class(self):
        assert set(BY_TYPE) == {known.name for known in PROBLEMS.values()}
        assert all(name in qbwc_client.__all__ for name in BY_TYPE)

    def test_every_kind_has_its_address(self):
        assert {kind.value: kind.plural for kind in Kind} == dict(PLURALS)

    def test_every_decimal_of_a_record_is_one_here(self):
        found = {
            name
            for shape in documentation()["components"]["schemas"].values()
            for name, schema in shape.get("properties", {}).items()
            if "[0-9]{1," in json.dumps(schema.get("anyOf", []))
        }
        assert found == DECIMALS

    def test_what_the_readme_shows_runs(self, server, web_connector, monkeypatch, capsys):
        shown, receiver = re.findall(
            r"^```python\n(.*?)^```$", README.read_text(encoding="utf-8"), re.M | re.S
        )
        monkeypatch.setenv("QBWC_URL", server.url)
        monkeypatch.setenv("QBWC_API_KEY", server.key)
        exec(shown, {})
        exec(receiver, {})
        assert "invoice.handed_over SO-1042" in capsys.readouterr().out
        web_connector.visit()
        assert server.call("GET", "invoices/SO-1042")[1]["state"] == "synced"
