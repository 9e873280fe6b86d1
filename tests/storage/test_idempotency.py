"""POSTs that come again under a key, on both databases: done once, and answered as they were the first time."""

from __future__ import annotations

import gzip
import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from werkzeug.test import Client, TestResponse

from qbwc_server.access import api_keys, repeats
from qbwc_server.courier import tidying
from qbwc_server.desk.administration import connectors
from qbwc_server.domain.clock import utc_now
from qbwc_server.domain.repeats import LARGEST_ANSWER, LONGEST_WORK
from qbwc_server.storage.database import Database
from qbwc_server.storage.schema import idempotency_key
from qbwc_server.sync.core import Core
from qbwc_server.web.api import create_api

QUERY = {"qbxml": "<SalesRepQueryRq/>"}
WRITE = {"qbxml": "<CustomerAddRq><CustomerAdd><Name>By hand</Name></CustomerAdd></CustomerAddRq>"}


class Shop:
    """A connector, and a program with a key of its own."""

    def __init__(self, database: Database) -> None:
        self.now = utc_now()
        self.core = Core(database, lambda: self.now, b"k" * 32, "http://localhost")
        connectors.add(self.core, "shop", actor="staff")
        self.client = Client(create_api(self.core, secure=False))
        self.program = api_keys.create(self.core, "program", connector="shop", actor="cli")
        self.other = api_keys.create(self.core, "other", connector="shop", actor="cli")

    def post(
        self, path: str, body: Any = None, key: str = "k-1", by: Any = None, **more: Any
    ) -> TestResponse:
        """A POST with a key."""
        headers = {"Authorization": f"Bearer {(by or self.program).secret}", "Idempotency-Key": key}
        data = None if body is None else json.dumps(body).encode()
        return self.client.post(
            f"/v1/connectors/shop{path}", data=data, headers=headers, content_type="application/json", **more
        )

    def get(self, path: str) -> Any:
        """What there is."""
        headers = {"Authorization": f"Bearer {self.program.secret}"}
        return self.client.get(f"/v1/connectors/shop{path}", headers=headers).json

    def requests(self) -> int:
        """How many raw requests were handed over."""
        return len(self.get("/requests")["requests"])

    def kept(self) -> int:
        """How many keys stand for something."""
        with self.core.database.read() as conn:
            return conn.execute(select(func.count()).select_from(idempotency_key)).scalar_one()

    def claim(self, path: str, body: Any, *, is_harmless: bool) -> repeats.Claim:
        """A request that has begun, and whose process ends before it is answered."""
        data = b"" if body is None else json.dumps(body).encode()
        digest = repeats.digest([f"/v1/connectors/shop{path}?".encode(), data])
        claimed = repeats.begin(self.core, self.program.key, "k-1", digest, is_harmless=is_harmless)
        assert isinstance(claimed, repeats.Claim)
        return claimed


@pytest.fixture
def shop(database: Database) -> Shop:
    """A shop."""
    return Shop(database)


def test_the_same_request_again_is_answered_as_the_first_and_not_done_again(shop: Shop) -> None:
    first = shop.post("/requests", WRITE)
    assert (first.status_code, "Idempotency-Replayed" in first.headers) == (202, False)
    shop.now += timedelta(hours=23)
    again = shop.post("/requests", WRITE)
    assert (again.status_code, again.data, again.content_type) == (202, first.data, first.content_type)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert shop.requests() == 1


def test_another_body_or_address_under_the_key_is_refused_in_plain_words(shop: Shop) -> None:
    shop.post("/requests", QUERY)
    for path, body in (("/requests", WRITE), ("/requests?wait=0", QUERY), ("/resync", None)):
        refused = shop.post(path, body)
        assert refused.status_code == 422
        assert refused.content_type == "application/problem+json"
        assert "another request" in refused.json["detail"]
    assert shop.requests() == 1


def test_a_key_is_one_programs_own(shop: Shop) -> None:
    assert shop.post("/requests", QUERY).status_code == 202
    assert "Idempotency-Replayed" not in shop.post("/requests", WRITE, by=shop.other).headers
    assert shop.requests() == 2


def test_after_a_day_the_key_is_free_and_tidied_away(shop: Shop) -> None:
    shop.post("/requests", QUERY)
    shop.now += timedelta(hours=24, seconds=1)
    assert shop.post("/requests", WRITE).status_code == 202
    assert (shop.requests(), shop.kept()) == (2, 1)
    shop.now += timedelta(hours=23)
    tidying.tidy(shop.core)
    assert shop.kept() == 1
    shop.now += timedelta(hours=2)
    tidying.tidy(shop.core)
    assert shop.kept() == 0


def test_very_many_keys_are_tidied_away_in_slices(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tidying, "_KEYS_AT_ONCE", 2)
    for number in range(5):
        shop.post("/resync", key=f"k-{number}")
    shop.now += timedelta(hours=25)
    tidying.tidy(shop.core)
    assert shop.kept() == 0


def test_what_is_refused_for_good_is_refused_again_and_what_may_change_is_tried_again(shop: Shop) -> None:
    faulty = {"qbxml": "<NoSuchRq/>"}
    first = shop.post("/requests", faulty)
    again = shop.post("/requests", faulty)
    assert (first.status_code, again.status_code, again.json) == (422, 422, first.json)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.content_type == "application/problem+json"
    missing = shop.post("/invoices/nobody/retry", key="k-2")
    assert missing.status_code == 404
    assert "Idempotency-Replayed" not in shop.post("/invoices/nobody/retry", key="k-2").headers
    assert shop.kept() == 1


def test_while_the_first_is_under_way_the_second_is_to_wait(shop: Shop) -> None:
    ours = shop.claim("/requests", WRITE, is_harmless=False)
    second = shop.post("/requests", WRITE)
    assert (second.status_code, second.headers["Retry-After"]) == (409, "5")
    assert "under way" in second.json["detail"]
    repeats.answered(shop.core, ours, 202, None, "{}")
    assert shop.post("/requests", WRITE).data == b"{}"
    assert shop.requests() == 0


def test_what_may_harm_is_not_done_again_when_the_first_was_cut_off(shop: Shop) -> None:
    shop.claim("/requests", WRITE, is_harmless=False)
    shop.now += LONGEST_WORK
    for _ in range(2):
        refused = shop.post("/requests", WRITE)
        assert (refused.status_code, refused.headers.get("Retry-After")) == (409, None)
        assert "outcome is not known" in refused.json["detail"]
    assert shop.requests() == 0


def test_what_does_no_harm_is_done_again_when_the_first_was_cut_off(shop: Shop) -> None:
    late = shop.claim("/resync", None, is_harmless=True)
    assert shop.post("/resync").status_code == 409
    shop.now += LONGEST_WORK
    done = shop.post("/resync")
    assert (done.status_code, "Idempotency-Replayed" in done.headers) == (202, False)
    repeats.answered(shop.core, late, 202, None, "too late")
    assert shop.post("/resync").data == done.data


def test_an_answer_with_a_secret_is_never_kept(shop: Shop) -> None:
    made = shop.post("/api-keys", {"name": "till"})
    assert made.status_code == 201
    again = shop.post("/api-keys", {"name": "till"})
    assert again.status_code == 409
    assert "carried out" in again.json["detail"]
    with shop.core.database.read() as conn:
        assert conn.execute(select(idempotency_key.c.answer)).scalar_one() is None
    assert [key["name"] for key in shop.get("/api-keys")["api_keys"]].count("till") == 1


def test_an_answer_that_is_very_large_is_not_kept_but_what_was_done_is_not_done_again(shop: Shop) -> None:
    ours = shop.claim("/requests", WRITE, is_harmless=False)
    repeats.answered(shop.core, ours, 202, None, "x" * (LARGEST_ANSWER + 1))
    assert shop.post("/requests", WRITE).status_code == 409
    assert shop.requests() == 0


def test_a_zipped_body_is_the_same_request(shop: Shop) -> None:
    data = json.dumps(QUERY).encode()
    headers = {"Authorization": f"Bearer {shop.program.secret}", "Idempotency-Key": "k-1"}
    ids = set()
    for moment in (1, 2):
        answer = shop.client.post(
            "/v1/connectors/shop/requests",
            data=gzip.compress(data, mtime=moment),
            headers={**headers, "Content-Encoding": "gzip"},
            content_type="application/json",
        )
        ids.add(answer.json["id"])
    assert len(ids) == 1
