"""What is signed is verified by the specification's own library; addresses and pauses are what they should be."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from qbwc_server.domain import webhooks
from qbwc_server.domain.addresses import is_public
from qbwc_server.domain.webhooks import PAUSES, Endpoint

KEY = b"k" * 32
GUIDE = Path(__file__).parents[2] / "docs" / "webhooks.md"
BODY = json.dumps({"type": "invoice.synced", "external_id": "i-Ü\N{SNOWMAN}"})


def endpoint(**values: object) -> Endpoint:
    made = {
        "id": 1,
        "connector_id": 1,
        "url": "https://orders.example.com/hooks",
        "types": ("*",),
        "allow_private": False,
        "created_at": datetime(2026, 11, 20, tzinfo=UTC),
        "after_id": 0,
        "epoch": 0,
        "attempts": 0,
        "failing_since": None,
        "not_before": None,
        "disabled_at": None,
        "disabled_reason": None,
        "claimed_by": None,
        "claimed_until": None,
        "salt": webhooks.new_salt(),
        "old_salt": None,
        "old_until": None,
    }
    return Endpoint(**{**made, **values})


def test_a_signature_is_verified_by_the_library_of_the_specification() -> None:
    secret = webhooks.secret_of(KEY, webhooks.new_salt())
    headers = webhooks.signed([secret], "evt_7_ab", BODY, datetime.now(UTC))
    assert Webhook(secret).verify(BODY, dict(headers)) == json.loads(BODY)


def test_what_the_guide_shows_verifies_what_is_genuine_and_nothing_else() -> None:
    (code,) = re.findall(r"^```python\n(.*?)^```$", GUIDE.read_text(encoding="utf-8"), re.M | re.S)
    shown: dict[str, Any] = {}
    exec(code, shown)
    old, new = (webhooks.secret_of(KEY, webhooks.new_salt()) for _ in range(2))
    headers = dict(webhooks.signed([new, old], "evt_7_ab", BODY, datetime.now(UTC)))
    late = dict(webhooks.signed([new], "evt_7_ab", BODY, datetime.now(UTC) - timedelta(hours=1)))
    assert shown["is_genuine"](new, BODY.encode(), headers)
    assert shown["is_genuine"](old, BODY.encode(), headers)
    assert not shown["is_genuine"](webhooks.secret_of(KEY, "other"), BODY.encode(), headers)
    assert not shown["is_genuine"](new, BODY.encode() + b" ", headers)
    assert not shown["is_genuine"](new, BODY.encode(), late)


def test_another_secret_another_body_another_id_and_an_old_moment_are_found_out() -> None:
    secret, forged = (webhooks.secret_of(KEY, webhooks.new_salt()) for _ in range(2))
    good = dict(webhooks.signed([secret], "evt_7_ab", BODY, datetime.now(UTC)))
    old = dict(webhooks.signed([secret], "evt_7_ab", BODY, datetime.now(UTC) - timedelta(hours=1)))
    for key, body, headers in (
        (forged, BODY, good),
        (secret, BODY.replace("synced", "voided"), good),
        (secret, BODY, {**good, "webhook-id": "evt_8_ab"}),
        (secret, BODY, old),
    ):
        with pytest.raises(WebhookVerificationError):
            Webhook(key).verify(body, headers)


def test_while_a_secret_is_rotated_both_verify_and_afterwards_the_new_one_alone() -> None:
    now = datetime.now(UTC)
    rotated = endpoint(old_salt=webhooks.new_salt(), old_until=now + timedelta(seconds=1))
    new, old = webhooks.secret_of(KEY, rotated.salt), webhooks.secret_of(KEY, rotated.old_salt)
    headers = dict(webhooks.signed(webhooks.secrets_of(KEY, rotated, now), "evt_7_ab", BODY, now))
    assert Webhook(new).verify(BODY, headers) == Webhook(old).verify(BODY, headers)
    assert webhooks.secrets_of(KEY, rotated, now + timedelta(seconds=1)) == [new]


def test_a_secret_is_of_this_installation_and_of_this_endpoint_alone() -> None:
    salt = webhooks.new_salt()
    made = {webhooks.secret_of(KEY, salt), webhooks.secret_of(b"x" * 32, salt)}
    made |= {webhooks.secret_of(KEY, webhooks.new_salt())}
    assert len(made) == 3
    assert salt not in repr(endpoint(salt=salt))


def test_an_event_has_the_same_message_id_always_and_another_one_after_a_restored_backup() -> None:
    at = datetime(2026, 11, 20, tzinfo=UTC)
    assert webhooks.message_id("u", 7, at) == webhooks.message_id("u", 7, at)
    others = (("u", 8, at), ("v", 7, at), ("u", 7, at + timedelta(seconds=1)))
    assert len({webhooks.message_id(*other) for other in (("u", 7, at), *others)}) == 4


def test_pauses_grow_and_never_come_all_at_one_moment() -> None:
    assert webhooks.pause(1, 0) == PAUSES[0] == timedelta(seconds=5)
    assert webhooks.pause(1, 1) == timedelta(seconds=6)
    assert [webhooks.pause(times, 0) for times in range(1, 9)] == [*PAUSES, PAUSES[-1], PAUSES[-1]]
    assert webhooks.pause(10**9, 0) == PAUSES[-1]


PRIVATE = [
    "127.0.0.1",
    "127.9.9.9",
    "10.1.1.1",
    "192.168.0.1",
    "172.16.9.9",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "224.0.0.1",
    "255.255.255.255",
    "240.0.0.1",
    "192.0.2.1",
    "198.18.0.1",
    "168.63.129.16",
    "::1",
    "::",
    "fe80::1",
    "fd00:ec2::254",
    "fec0::1",
    "ff02::1",
    "::ffff:10.0.0.1",
    "::7f00:1",
    "64:ff9b::a00:1",
    "2002:a00:1::",
    "2001:db8::1",
    "2001:0:4136:e378:8000:63bf:f5ff:fffe",
]
PUBLIC = [
    "8.8.8.8",
    "1.1.1.1",
    "::ffff:8.8.8.8",
    "64:ff9b::808:808",
    "2606:4700::1111",
    "2001:0:4136:e378:8000:63bf:f7f7:f7f7",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_of_a_private_network_is_told_however_it_is_written(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", PUBLIC)
def test_an_address_of_the_internet_is_told(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    "url",
    [
        None,
        7,
        "",
        "orders.example.com",
        "ftp://orders.example.com/",
        "https://",
        "https:///hooks",
        "https://orders.example.com:0/",
        "https://orders.example.com:70000/",
        "https://orders.example.com:x/",
        "https://user:word@orders.example.com/",
        "https://orders.example.com/#part",
        "https://orders.example.com/a b",
        "https://orders.example.com/\r\nX: y",
        "https://[::1/",
        "https://bücher.example/",
        "https://orders.example.com/" + "x" * 2000,
        "javascript:alert(1)",
        "file:///etc/passwd",
    ],
)
@pytest.mark.parametrize("allow_private", [False, True])
def test_what_is_no_address_of_a_receiver_is_refused(url: object, allow_private: bool) -> None:
    assert [fault.pointer for fault in webhooks.faults_of_url(url, allow_private=allow_private)] == ["/url"]


@pytest.mark.parametrize(
    "url",
    [
        "http://orders.example.com/hooks",
        "https://localhost/",
        "https://LOCALHOST./",
        "https://orders.local/",
        "https://10.0.0.7/",
        "https://[::1]:8443/",
        "https://169.254.169.254/latest/meta-data",
    ],
)
def test_what_is_private_or_unprotected_by_its_looks_needs_a_permission(url: str) -> None:
    assert webhooks.faults_of_url(url, allow_private=False)
    assert webhooks.faults_of_url(url, allow_private=True) == []


@pytest.mark.parametrize(
    "url", ["https://orders.example.com", "https://orders.example.com:8443/h?x=1", "https://8.8.8.8/"]
)
def test_an_address_of_the_internet_with_tls_is_taken(url: str) -> None:
    assert webhooks.faults_of_url(url, allow_private=False) == []
