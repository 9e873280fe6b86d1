"""Keys of the REST API: what is kept of them, and what is noted about them."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from qbwc_server.access import api_keys
from qbwc_server.desk import connectors, history
from qbwc_server.domain.faults import Conflict, NotFound
from qbwc_server.storage.schema import api_key as table
from tests.worlds.sync_world import World


@pytest.fixture
def shop(world: World) -> World:
    """A world with a connector named shop."""
    connectors.add(world.core, "shop", actor="staff")
    return world


def test_a_key_has_256_bits_and_says_what_it_is(shop: World) -> None:
    secrets = {api_keys.create(shop.core, f"key {n}", connector=None, actor="cli").secret for n in range(20)}
    assert len(secrets) == 20
    for secret in secrets:
        assert secret.startswith("qbwc_")
        # 43 characters of 6 bits hold 256
        assert len(secret) == len("qbwc_") + 43


def test_only_a_keyed_digest_is_kept(shop: World) -> None:
    secret = api_keys.create(shop.core, "key", connector="shop", actor="cli").secret
    with shop.core.database.begin() as conn:
        row = conn.execute(select(table)).one()
    assert secret not in str(row)
    assert secret.removeprefix("qbwc_") not in str(row)
    assert len(row.digest) == 64


def test_a_key_is_recognised_until_it_is_revoked(shop: World) -> None:
    made = api_keys.create(shop.core, "key", connector="shop", actor="cli")
    assert api_keys.authenticate(shop.core, made.secret) == made.key
    api_keys.revoke(shop.core, "key", actor="cli")
    assert api_keys.authenticate(shop.core, made.secret) is None


@pytest.mark.parametrize(
    "secret", ["", "qbwc_", "qbwc_" + "A" * 43, "x" * 48, "qbwc_" + "A" * 43 + "\n", "qbwc_" + "é" * 43]
)
def test_nothing_else_is(shop: World, secret: str) -> None:
    api_keys.create(shop.core, "key", connector="shop", actor="cli")
    assert api_keys.authenticate(shop.core, secret) is None


def test_two_good_keys_have_two_names(shop: World) -> None:
    api_keys.create(shop.core, "key", connector="shop", actor="cli")
    with pytest.raises(Conflict, match="'key'"):
        api_keys.create(shop.core, " key ", connector=None, actor="cli")
    assert len(api_keys.every(shop.core)) == 1


def test_a_key_of_a_connector_that_does_not_exist_is_not_made(world: World) -> None:
    with pytest.raises(NotFound):
        api_keys.create(world.core, "key", connector="nope", actor="cli")
    assert api_keys.every(world.core) == []


def test_the_feed_of_the_connector_tells_of_its_keys_and_of_no_others(shop: World) -> None:
    api_keys.create(shop.core, "of the shop", connector="shop", actor="ann")
    api_keys.create(shop.core, "of all", connector=None, actor="ann")
    api_keys.revoke(shop.core, "of the shop", actor="bob")
    api_keys.revoke(shop.core, "of all", actor="bob")
    told = [
        (entry.event.what, entry.event.actor, entry.event.detail) for entry in history.feed(shop.core, "shop")
    ][-2:]
    assert told == [
        ("API key created", "ann", "of the shop"),
        ("API key revoked", "bob", "of the shop"),
    ]


def test_a_key_tells_when_it_was_made_used_and_revoked(shop: World) -> None:
    made = api_keys.create(shop.core, "key", connector="shop", actor="cli")
    assert made.key.last_used_at is None
    assert made.key.revoked_at is None
    api_keys.authenticate(shop.core, made.secret)
    revoked = api_keys.revoke(shop.core, "key", actor="cli")
    assert revoked.created_at == made.key.created_at
    assert revoked.last_used_at is not None
    assert revoked.revoked_at is not None
    assert revoked.revoked_at - revoked.created_at < timedelta(minutes=1)
