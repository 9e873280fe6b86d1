"""A connector's settings, names and secrets."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from qbwc_server.domain.connectors import check_name, digest, new_guid, new_password, same
from qbwc_server.domain.faults import InvalidInput
from qbwc_server.domain.settings import ConnectorSettings


def test_settings_have_sensible_values_without_any_being_given() -> None:
    settings = ConnectorSettings()
    assert settings.post_invoices
    assert settings.create_customers
    assert not settings.create_without_email
    assert not settings.read_only
    assert (settings.batch_size, settings.refresh_minutes) == (50, 60)
    assert settings.default_item_type == "non_inventory"


def test_an_unknown_key_is_a_fault_with_its_name() -> None:
    with pytest.raises(InvalidInput) as caught:
        ConnectorSettings().changed(nonsense=1)
    assert [fault.pointer for fault in caught.value.faults] == ["/nonsense"]


def test_every_value_that_does_not_fit_is_a_fault() -> None:
    with pytest.raises(InvalidInput) as caught:
        ConnectorSettings().changed(
            batch_size=501,
            refresh_minutes=0,
            read_only="maybe",
            default_item_type="bundle",
            ref_number_prefix="123456789",
            quiet_hours="25:00-06:00",
            time_zone="Mars/Base",
        )
    assert {fault.pointer for fault in caught.value.faults} == {
        "/batch_size",
        "/refresh_minutes",
        "/read_only",
        "/default_item_type",
        "/ref_number_prefix",
        "/quiet_hours",
        "/time_zone",
    }


def test_an_empty_value_unsets() -> None:
    settings = ConnectorSettings().changed(default_terms="Net 30", template="Web")
    assert settings.changed(default_terms="") == ConnectorSettings(template="Web")


@pytest.mark.parametrize("key", ["batch_size", "read_only", "time_zone"])
def test_a_setting_that_must_have_a_value_takes_its_default_again_when_it_is_unset(key: str) -> None:
    changed = {"batch_size": 7, "read_only": True, "time_zone": "America/New_York"}[key]
    settings = ConnectorSettings().changed(**{key: changed})
    assert settings.changed(**{key: ""}) == ConnectorSettings()


def test_changing_makes_new_settings_and_leaves_the_old_ones() -> None:
    before = ConnectorSettings()
    after = before.changed(batch_size="7", read_only="yes")
    assert (after.batch_size, after.read_only) == (7, True)
    assert before == ConnectorSettings()


@pytest.mark.parametrize(
    ("hours", "moment", "quiet"),
    [
        ("22:00-06:00", "2026-11-20T23:00", True),
        ("22:00-06:00", "2026-11-20T05:59", True),
        ("22:00-06:00", "2026-11-20T06:00", False),
        ("22:00-06:00", "2026-11-20T12:00", False),
        ("09:00-17:00", "2026-11-20T09:00", True),
        ("09:00-17:00", "2026-11-20T17:00", False),
        (None, "2026-11-20T12:00", False),
    ],
)
def test_quiet_hours_may_span_midnight(hours: str | None, moment: str, quiet: bool) -> None:
    now = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    assert ConnectorSettings(quiet_hours=hours).is_quiet(now) is quiet


def test_quiet_hours_are_those_of_the_time_zone() -> None:
    settings = ConnectorSettings(quiet_hours="22:00-06:00", time_zone="America/New_York")
    assert settings.is_quiet(datetime(2026, 7, 1, 3, 0, tzinfo=UTC))  # 23:00 there
    assert not settings.is_quiet(datetime(2026, 7, 1, 23, 0, tzinfo=UTC))  # 19:00 there


@pytest.mark.parametrize("name", ["acme", "A", "a.b-c_9", "9", "x" * 40])
def test_a_plain_name_is_good(name: str) -> None:
    check_name(name)


@pytest.mark.parametrize("name", ["", " ", "a b", ".a", "-a", "a/b", "a\\b", "ä", "x" * 41, "a\n", "a\x00"])
def test_a_name_that_could_not_stand_in_an_address_is_not(name: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        check_name(name)
    assert [fault.pointer for fault in caught.value.faults] == ["/name"]


def test_a_password_has_at_least_128_random_bits_and_nothing_that_is_mistaken() -> None:
    passwords = {new_password() for _ in range(500)}
    assert len(passwords) == 500
    for password in passwords:
        letters = password.replace("-", "")
        assert len(letters) * 5 >= 128
        assert not set(letters) & set("01lo")
        assert letters.isalnum()
        assert letters.islower()


def test_a_guid_is_as_the_web_connector_wants_it() -> None:
    guid = new_guid()
    assert guid == guid.upper()
    assert guid[0] + guid[-1] == "{}"
    assert len(guid) == 38
    assert guid != new_guid()


def test_a_digest_depends_on_key_and_secret() -> None:
    one = digest(b"k" * 32, "secret")
    assert one == digest(b"k" * 32, "secret")
    assert len({one, digest(b"l" * 32, "secret"), digest(b"k" * 32, "Secret"), digest(b"k" * 32, "")}) == 4
    assert same(one, digest(b"k" * 32, "secret"))
    assert not same(one, digest(b"l" * 32, "secret"))


def test_a_setting_named_like_a_python_word_is_an_unknown_one() -> None:
    with pytest.raises(InvalidInput, match="self"):
        ConnectorSettings().changed(self="1")


# --- rules to match by --------------------------------------------------------------------------------------


def test_records_are_found_by_email_and_part_number_unless_told_otherwise() -> None:
    settings = ConnectorSettings()
    assert settings.match_customers_by == settings.match_vendors_by == ("email",)
    assert settings.match_items_by == ("part_number",)


@pytest.mark.parametrize("given", ["name, part_number", ["name", "part_number"], ("name", "part_number")])
def test_rules_are_kept_in_the_order_they_were_given_in(given: object) -> None:
    settings = ConnectorSettings().changed(match_items_by=given)
    assert settings.match_items_by == ("name", "part_number")
    assert ConnectorSettings.model_validate(settings.model_dump(mode="json")) == settings
    assert settings.changed(match_items_by="") == ConnectorSettings()


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("match_customers_by", "mail", "use one or several of: email, name, account_number"),
        ("match_customers_by", "part_number", "use one or several of: email, name, account_number"),
        ("match_vendors_by", [], "use one or several of: email, name, account_number"),
        ("match_vendors_by", None, "use one or several of: email, name, account_number"),
        ("match_vendors_by", "email,", "use one or several of: email, name, account_number"),
        ("match_items_by", 7, "use one or several of: part_number, name, sub_name, barcode"),
        ("match_items_by", [7], "use one or several of: part_number, name, sub_name, barcode"),
        (
            "match_items_by",
            "name,part_number,name",
            "name each of them once, in the order in which they are to be tried",
        ),
    ],
)
def test_a_rule_there_is_not_none_at_all_and_one_twice_are_told(key: str, value: object, words: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        ConnectorSettings().changed(**{key: value})
    assert [(fault.pointer, fault.message) for fault in caught.value.faults] == [(f"/{key}", words)]
