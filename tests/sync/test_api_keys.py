"""Keys of the REST API: what is kept of them, and what is noted about them."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, event, select

from qbwc_server.access import api_keys
from qbwc_server.desk.administration import connectors
from qbwc_server.desk.logs import history
from qbwc_server.domain.faults import Conflict, InvalidInput, NotFound
from qbwc_server.domain.people import ApiKey, Scope
from qbwc_server.storage.schema import api_key as table
from qbwc_server.sync.core import Core
from tests.worlds.hand_clock import HandClock
from tests.worlds.sync_world import World


@dataclass
class Shop:
    """A connector named shop, and a clock that is moved."""

    core: Core
    clock: HandClock


@pytest.fixture
def shop(world: World) -> Shop:
    """A world with a connector named shop."""
    clock = HandClock()
    made = Shop(replace(world.core, clock=clock), clock)
    connectors.add(made.core, "shop", actor="staff")
    return made


def test_a_key_has_256_bits_and_says_what_it_is(shop: Shop) -> None:
    secrets = {api_keys.create(shop.core, f"key {n}", connector=None, actor="cli").secret for n in range(20)}
    assert len(secrets) == 20
    for secret in secrets:
        assert secret.startswith("qbwc_")
        # 43 characters of 6 bits hold 256
        assert len(secret) == len("qbwc_") + 43


def test_only_a_keyed_digest_is_kept(shop: Shop) -> None:
    secret = api_keys.create(shop.core, "key", connector="shop", actor="cli").secret
    with shop.core.database.begin() as conn:
        row = conn.execute(select(table)).one()
    assert secret not in str(row)
    assert secret.removeprefix("qbwc_") not in str(row)
    assert len(row.digest) == 64


def test_a_key_is_recognised_until_it_is_revoked(shop: Shop) -> None:
    made = api_keys.create(shop.core, "key", connector="shop", actor="cli")
    assert api_keys.authenticate(shop.core, made.secret) == made.key
    api_keys.revoke(shop.core, "key", actor="cli")
    assert api_keys.authenticate(shop.core, made.secret) is None


@pytest.mark.parametrize(
    "secret", ["", "qbwc_", "qbwc_" + "A" * 43, "x" * 48, "qbwc_" + "A" * 43 + "\n", "qbwc_" + "é" * 43]
)
def test_nothing_else_is(shop: Shop, secret: str) -> None:
    api_keys.create(shop.core, "key", connector="shop", actor="cli")
    assert api_keys.authenticate(shop.core, secret) is None


@pytest.mark.parametrize("connector", ["shop", None])
def test_two_good_keys_of_a_connector_have_two_names(shop: Shop, connector: str | None) -> None:
    api_keys.create(shop.core, "key", connector=connector, actor="cli")
    with pytest.raises(Conflict, match="'key'"):
        api_keys.create(shop.core, " key ", connector=connector, actor="cli")
    assert len(api_keys.every(shop.core)) == 1


def test_the_name_of_a_key_tells_nothing_of_other_connectors(shop: Shop) -> None:
    connectors.add(shop.core, "pier", actor="staff")
    for connector in ("shop", "pier", None):
        api_keys.create(shop.core, "key", connector=connector, actor="cli")
    assert [key.connector for key in api_keys.of_connector(shop.core, "pier")] == ["pier"]


def test_of_several_keys_of_one_name_the_one_that_is_meant_is_revoked(shop: Shop) -> None:
    for connector in ("shop", None):
        api_keys.create(shop.core, "key", connector=connector, actor="cli")
    with pytest.raises(Conflict, match="shop, every connector"):
        api_keys.revoke(shop.core, "key", actor="cli")
    assert api_keys.revoke(shop.core, "key", actor="cli", opens_all=True).connector is None
    with pytest.raises(NotFound):
        api_keys.revoke(shop.core, "key", actor="cli", opens_all=True)
    assert api_keys.revoke(shop.core, "key", actor="cli", connector="shop").connector == "shop"
    with pytest.raises(NotFound):
        api_keys.revoke(shop.core, "key", actor="cli")


def test_a_key_is_good_until_the_day_of_its_expiry_ends(shop: Shop) -> None:
    day = shop.clock().date() + timedelta(days=1)
    made = api_keys.create(shop.core, "key", connector="shop", actor="cli", expires=day.isoformat())
    assert made.key.expires_at == datetime(day.year, day.month, day.day, 23, 59, 59, tzinfo=UTC)
    shop.clock.moment = made.key.expires_at - timedelta(seconds=1)
    assert api_keys.authenticate(shop.core, made.secret) is not None
    shop.clock.moment = made.key.expires_at
    with pytest.raises(api_keys.Expired, match=rf"'key' expired on {day} at 23:59 UTC"):
        api_keys.authenticate(shop.core, made.secret)


@pytest.mark.parametrize(
    "expires",
    [
        "",
        "soon",
        "2026-13-01",
        "20270131",
        "2027-01-31T18:00",
        "1999-01-01",
        "2001-01-01T00:00:00Z",
        "0001-01-01",
        "9999-12-31T23:59:59-14:00",
        "2027-W01-1",
        "２０２７-01-01",
    ],
)
def test_what_is_no_day_to_come_is_refused(shop: Shop, expires: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        api_keys.create(shop.core, "key", connector="shop", actor="cli", expires=expires)
    assert [fault.pointer for fault in refused.value.faults] == ["/expires"]
    assert api_keys.every(shop.core) == []


def test_a_key_whose_time_is_over_makes_room_for_its_successor(shop: Shop) -> None:
    first = api_keys.create(
        shop.core, "key", connector="shop", actor="cli", expires=shop.clock().date().isoformat()
    )
    shop.clock.moment += timedelta(days=1)
    second = api_keys.create(shop.core, "key", connector="shop", actor="cli")
    assert api_keys.authenticate(shop.core, second.secret) is not None
    assert api_keys.authenticate(shop.core, first.secret) is None


def test_a_key_makes_none_with_more_rights_connectors_or_time(shop: Shop) -> None:
    until = shop.clock() + timedelta(days=30)
    maker = api_keys.create(shop.core, "maker", connector="shop", actor="cli", expires=until.isoformat()).key

    def faults(by: ApiKey, **more: Any) -> list[str]:
        with pytest.raises(InvalidInput) as refused:
            api_keys.create(shop.core, "made", **{"connector": "shop", "actor": "host", **more}, by=by)
        return [fault.pointer for fault in refused.value.faults]

    assert faults(maker, connector=None) == ["/connector"]
    assert faults(maker, expires=(until + timedelta(seconds=1)).isoformat()) == ["/expires"]
    assert faults(replace(maker, scope=Scope.WRITE)) == ["/scope"]
    made = api_keys.create(shop.core, "made", connector="shop", actor="host", scope=Scope.READ, by=maker)
    assert (made.key.scope, made.key.expires_at) == (Scope.READ, until)


def test_looking_a_key_up_takes_one_statement(shop: Shop) -> None:
    secret = api_keys.create(shop.core, "key", connector="shop", actor="cli", expires="2099-12-31").secret
    api_keys.authenticate(shop.core, secret)
    said: list[str] = []
    event.listen(Engine, "before_cursor_execute", listener := lambda *heard: said.append(heard[2]))
    try:
        assert api_keys.authenticate(shop.core, secret) is not None
    finally:
        event.remove(Engine, "before_cursor_execute", listener)
    assert len(said) == 1


def test_a_key_of_a_connector_that_does_not_exist_is_not_made(world: World) -> None:
    with pytest.raises(NotFound):
        api_keys.create(world.core, "key", connector="nope", actor="cli")
    assert api_keys.every(world.core) == []


def test_the_feed_of_the_connector_tells_of_its_keys_and_of_no_others(shop: Shop) -> None:
    api_keys.create(shop.core, "of the shop", connector="shop", actor="ann")
    api_keys.create(shop.core, "of all", connector=None, actor="ann")
    api_keys.revoke(shop.core, "of the shop", actor="bob")
    api_keys.revoke(shop.core, "of all", actor="bob")
    told = [
        (entry.event.what, entry.event.actor, entry.event.detail) for entry in history.feed(shop.core, "shop")
    ][-2:]
    assert told == [
        ("API key created", "ann", "of the shop (scope manage)"),
        ("API key revoked", "bob", "of the shop (scope manage)"),
    ]


def test_a_key_tells_when_it_was_made_used_and_revoked(shop: Shop) -> None:
    made = api_keys.create(shop.core, "key", connector="shop", actor="cli")
    assert made.key.last_used_at is None
    assert made.key.revoked_at is None
    api_keys.authenticate(shop.core, made.secret)
    revoked = api_keys.revoke(shop.core, "key", actor="cli")
    assert revoked.created_at == made.key.created_at
    assert revoked.last_used_at is not None
    assert revoked.revoked_at is not None
    assert revoked.revoked_at - revoked.created_at < timedelta(minutes=1)
