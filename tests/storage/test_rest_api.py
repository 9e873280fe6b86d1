"""The REST API on both databases: its keys, its pages, and values one of them could not hold."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
from werkzeug.test import Client, TestResponse

from qbwc_server.access import api_keys
from qbwc_server.desk.administration import connectors
from qbwc_server.domain.faults import Conflict
from qbwc_server.domain.kinds import ListName
from qbwc_server.domain.matching import ListEntry
from qbwc_server.storage import lists
from qbwc_server.storage.database import Database
from qbwc_server.sync.core import Core
from qbwc_server.web.api import create_api

START = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)


class Shop:
    """A host application with the key of the connector ``shop``; a second passes with every request."""

    def __init__(self, database: Database) -> None:
        self.now = START
        self.core = Core(database, lambda: self.now, b"k" * 32, "http://localhost")
        self.connector = connectors.add(self.core, "shop", actor="staff").connector
        connectors.add(self.core, "other", actor="staff")
        self.key = api_keys.create(self.core, "order system", connector="shop", actor="cli")
        self._client = Client(create_api(self.core, secure=False))

    def ask(self, method: str, path: str, body: object = None, kind: str = "json") -> TestResponse:
        """A request; `path` is below the connector."""
        self.now += timedelta(seconds=1)
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {self.key.secret}", "Content-Type": f"application/{kind}"}
        return self._client.open(f"/v1/connectors/shop{path}", method=method, data=data, headers=headers)

    def get(self, path: str) -> Any:
        """What a GET is answered, which must go well."""
        answer = self.ask("GET", path)
        assert answer.status_code == 200, answer.text
        return answer.json


@pytest.fixture
def shop(database: Database) -> Shop:
    """A shop with its lists loaded: one customer, three items, one of them deleted."""
    made = Shop(database)
    with database.begin() as conn:
        row = made.connector.id
        for entries in (
            [_entry(ListName.CUSTOMER, "80-1", "Harbour", email="ap@harbour.example")],
            [
                _entry(ListName.ITEM, "90-3", "Oyster", sku="A-77"),
                _entry(ListName.ITEM, "90-1", "Mussel", sku="M-1"),
                _entry(ListName.ITEM, "90-2", "Clam", sku="C-1"),
            ],
        ):
            lists.store(conn, row, entries, load=1)
        lists.mark_deleted(conn, row, ListName.ITEM, ["90-2"])
        for name in ListName:
            lists.change_load(conn, row, name, number=1, loaded_at=START)
    return made


def _entry(name: ListName, list_id: str, full_name: str, **values: Any) -> ListEntry:
    given = {"email": None, "sku": None} | values
    return ListEntry(
        list_name=name,
        list_id=list_id,
        type="Customer" if name is ListName.CUSTOMER else "ItemNonInventory",
        full_name=full_name,
        is_active=True,
        is_deleted=False,
        edit_sequence="1",
        external_guid=None,
        terms=None,
        **given,
    )


def invoice(sku: str = "A-77", **more: object) -> dict[str, object]:
    """An invoice for the customer QuickBooks has."""
    lines = [{"item": {"sku": sku}, "quantity": "2", "rate": "9.50"}]
    return {"customer": {"email": "ap@harbour.example"}, "lines": lines, **more}


def paged(shop: Shop, path: str, name: str) -> list[Any]:
    """Everything in a list, two at a time."""
    first = f"{path}{'&' if '?' in path else '?'}limit=2"
    found, address = [], first
    while address:
        page = shop.get(address)
        assert len(page[name]) <= 2
        found += page[name]
        address = f"{first}&cursor={page['next']}" if page["next"] is not None else ""
    return found


def test_records_are_handed_over_changed_and_taken_back(shop: Shop) -> None:
    place = f"/invoices/{quote('SO/1 ä🦪', safe='')}"
    first = shop.ask("PUT", place, invoice())
    assert first.status_code == 201
    again = shop.ask("PUT", place, invoice())
    assert (again.status_code, again.json) == (200, first.json)
    assert shop.ask("PUT", place, invoice(memo="soon")).status_code == 200
    view = shop.get(place)
    assert (view["external_id"], view["revision"], view["state"]) == ("SO/1 ä🦪", 2, "queued")
    assert shop.ask("DELETE", place).json["state"] == "cancelled"


def test_pages_of_records_miss_none_while_one_changes(shop: Shop) -> None:
    for number in range(5):
        shop.ask("PUT", f"/invoices/{number}", invoice())
    first = shop.get("/invoices?limit=2")
    assert [view["external_id"] for view in first["records"]] == ["0", "1"]
    shop.ask("PUT", "/invoices/3", invoice(memo="changed"))
    rest = []
    cursor = first["next"]
    while cursor is not None:
        page = shop.get(f"/invoices?limit=2&cursor={cursor}")
        rest += [view["external_id"] for view in page["records"]]
        cursor = page["next"]
    assert rest == ["2", "4", "3"]
    changed_last = shop.get("/invoices/4")["updated_at"]
    after = shop.get(f"/invoices?updated_after={quote(changed_last)}")["records"]
    assert [view["external_id"] for view in after] == ["3"]


def test_error_records_are_paged_and_grouped_whether_open_or_closed(shop: Shop) -> None:
    for number in range(5):
        shop.ask("PUT", f"/invoices/{number}", invoice(sku=f"NEW-{number % 2}"))
    open_ones = paged(shop, "/errors", "errors")
    assert [error["external_id"] for error in open_ones] == ["0", "1", "2", "3", "4"]
    groups = paged(shop, "/errors?group_by=cause_key", "groups")
    assert [(group["cause_key"], group["count"]) for group in groups] == [("sku:NEW-0", 3), ("sku:NEW-1", 2)]
    shop.ask("DELETE", "/invoices/2")
    assert [error["external_id"] for error in paged(shop, "/errors?state=closed", "errors")] == ["2"]
    assert len(paged(shop, "/errors?state=all&cause=item_not_matched", "errors")) == 5


def test_lists_are_paged_and_searched(shop: Shop) -> None:
    entries = paged(shop, "/quickbooks/items", "entries")
    assert [entry["full_name"] for entry in entries] == ["Mussel", "Oyster"]
    for query in ("items?sku=a-77", "items?name=OYSTER", "items?sku=A-77&name=oyster"):
        assert [entry["list_id"] for entry in shop.get(f"/quickbooks/{query}")["entries"]] == ["90-3"]
    found = shop.get("/quickbooks/customers?email=AP@harbour.example")["entries"]
    assert [entry["list_id"] for entry in found] == ["80-1"]


def test_the_feed_is_in_order(shop: Shop) -> None:
    for number in range(3):
        shop.ask("PUT", f"/invoices/{number}", invoice())
    seen, after, more = [], "0", True
    while more:
        page = shop.get(f"/events?limit=2&after={after}")
        seen += page["events"]
        after, more = page["next"], page["more"]
    assert [event["external_id"] for event in seen if event["kind"]] == ["0", "1", "2"]
    assert [event["id"] for event in seen] == sorted(event["id"] for event in seen)


def test_a_batch_goes_in_line_by_line(shop: Shop) -> None:
    lines = [{"kind": "invoice", "external_id": f"b{number}", **invoice()} for number in range(3)]
    body = "\n".join(map(json.dumps, [*lines, {"kind": "x"}])).encode()
    answer = shop.ask("POST", "/batch", body, "x-ndjson")
    results = [json.loads(line)["result"] for line in answer.text.splitlines()]
    assert results == ["created", "created", "created", "faulty"]


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/invoices/%00", None, 404),
        ("PUT", "/invoices/a%00b", invoice(), 422),
        ("PUT", "/invoices/x", invoice(sku="a\0b"), 422),
        ("PUT", "/invoices/x", invoice(memo="\ud800"), 422),
        ("GET", "/quickbooks/items?sku=%00", None, 422),
        ("GET", "/quickbooks/customers?email=a%00@b.c", None, 422),
        ("GET", "/errors/2147483647", None, 404),
        ("GET", "/errors/2147483648", None, 404),
        ("GET", "/events?after=2147483647", None, 410),
        ("GET", "/events?after=2147483648", None, 422),
        ("POST", "/errors/retry", {"ids": [2**31 - 1]}, 404),
        ("POST", "/errors/retry", {"ids": [2**31]}, 422),
        ("POST", "/errors/retry", {"cause_key": "sku:\0"}, 422),
        ("POST", "/errors/1/dismiss", {"note": "\0"}, 422),
        ("PATCH", "/settings", {"default_terms": "\0"}, 422),
        ("PUT", "/links/invoices/x", {"txn_id": "\0"}, 422),
        ("GET", "/invoices?updated_after=0001-01-01T00:00:00Z", None, 200),
        ("GET", "/invoices?updated_after=9999-12-31T23:59:59.999999Z", None, 200),
        ("GET", "/invoices?updated_after=9999-12-31T23:59:59-01:00", None, 422),
    ],
)
def test_values_one_of_the_databases_could_not_hold_never_reach_it(
    shop: Shop, method: str, path: str, body: object, status: int
) -> None:
    assert shop.ask(method, path, body).status_code == status


def test_the_name_of_a_revoked_key_is_free_again_and_of_a_good_one_is_not(shop: Shop) -> None:
    with pytest.raises(Conflict):
        api_keys.create(shop.core, "order system", connector="shop", actor="cli")
    api_keys.revoke(shop.core, "order system", actor="cli")
    assert shop.ask("GET", "").status_code == 401
    api_keys.create(shop.core, "order system", connector="shop", actor="cli")
    api_keys.revoke(shop.core, "order system", actor="cli")
    assert [key.revoked_at is None for key in api_keys.every(shop.core)] == [False, False]
