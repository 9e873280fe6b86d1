"""`qbwc-server errors`, on error records that a real session opened."""

import importlib

import pytest

from tests.sync.test_errors import SHAPE
from tests.worlds.cli_world import Cli, visit


def test_list_has_the_shape_the_contract_names(blocked: Cli) -> None:
    for error in blocked.json("errors", "list"):
        assert set(error) == SHAPE
        assert error["message"]
        assert error["remedy"]


def test_list_tells_what_blocks_which_record(blocked: Cli) -> None:
    found = {
        (error["external_id"], error["cause"], error["cause_key"]) for error in blocked.json("errors", "list")
    }
    assert found == {
        ("c-1", "customer_not_matched", "record:customer c-1"),
        ("i-1", "customer_not_matched", "record:customer c-1"),
        ("i-1", "item_not_matched", "sku:A-77"),
        ("i-2", "item_not_matched", "sku:A-77"),
    }


def test_list_can_be_narrowed_by_cause_and_connector(blocked: Cli) -> None:
    found = blocked.json("errors", "list", "--cause", "item_not_matched", "--connector", "harbour")
    assert [error["external_id"] for error in found] == ["i-1", "i-2"]
    assert blocked.fails("errors", "list", "--connector", "harbor")["error"]


def test_everybody_can_list_what_waits_for_them(blocked: Cli) -> None:
    theirs = {
        who: {error["cause"] for error in blocked.json("errors", "list", "--who", who)}
        for who in ("host", "staff", "quickbooks_user")
    }
    assert theirs == {
        "host": {"customer_not_matched"},
        "staff": set(),
        "quickbooks_user": {"item_not_matched"},
    }
    assert "the QuickBooks user" in blocked.words("errors", "list", "--who", "quickbooks_user")
    (group,) = blocked.json("errors", "list", "--group", "--who", "host")
    assert group["actor"] == "host"


def test_of_many_that_wait_for_one_cause_some_are_named_and_all_are_counted(
    blocked: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    # the package has the command under the module's name
    monkeypatch.setattr(importlib.import_module("qbwc_server.cli.errors"), "MOST_NAMED", 1)
    assert "Waiting:       invoice i-1 and 1 more" in blocked.words("errors", "list", "--group")


def test_a_group_holds_everything_behind_one_cause_key(blocked: Cli) -> None:
    groups = {group["cause_key"]: group for group in blocked.json("errors", "list", "--group")}
    assert [error["external_id"] for error in groups["sku:A-77"]["errors"]] == ["i-1", "i-2"]
    assert groups["sku:A-77"]["remedy"]


def test_a_person_reads_what_happened_what_to_do_and_who_must_do_it(blocked: Cli) -> None:
    words = blocked.words("errors", "list", "--group")
    assert "What happened: No item in QuickBooks has the Manufacturer's Part Number A-77" in words
    assert "Who:           the host application" in words
    assert "Waiting:       invoice i-1, invoice i-2" in words


def test_show_tells_one_error_and_how_it_ended(blocked: Cli) -> None:
    error = blocked.json("errors", "list", "--cause", "item_not_matched")[1]
    shown = blocked.json("errors", "show", str(error["id"]))
    more = {name: shown[name] for name in ("waiting", "choices", "token", "answered")}
    assert shown == {**error, **more, "connector": "harbour", "closed_at": None, "close_reason": None}
    assert "invoice i-2" in blocked.words("errors", "show", str(error["id"]))
    blocked.json("cancel", "invoice", "i-2")
    assert blocked.json("errors", "show", str(error["id"]))["close_reason"] == "cancelled"


def test_show_of_an_error_that_never_was_fails(blocked: Cli) -> None:
    assert "4711" in blocked.fails("errors", "show", "4711")["error"]


def test_retry_before_anything_changed_releases_nothing(blocked: Cli) -> None:
    answer = blocked.json("errors", "retry", "--cause", "sku:A-77")
    assert (answer["released"], answer["still_blocked"]) == (0, 2)
    words = blocked.words("errors", "retry", "--cause", "sku:A-77")
    assert "The cause has not gone away" in words
    assert "qbwc-server resync harbour" in words


def test_retry_of_one_error_tells_that_its_cause_remains(blocked: Cli) -> None:
    (customer,) = (error for error in blocked.json("errors", "list") if error["kind"] == "customer")
    answer = blocked.json("errors", "retry", str(customer["id"]))
    assert answer["released"] == 0
    assert blocked.json("get", "customer", "c-1")["state"] == "blocked"


def test_a_setting_that_takes_the_cause_away_leaves_nothing_to_retry(blocked: Cli) -> None:
    (customer,) = (error for error in blocked.json("errors", "list") if error["kind"] == "customer")
    blocked.json("connector", "set", "harbour", "create_without_email=yes")
    assert blocked.json("get", "customer", "c-1")["state"] == "queued"
    assert "no such open error record" in blocked.fails("errors", "retry", str(customer["id"]))["error"]


def test_retry_of_an_unknown_key_fails(blocked: Cli) -> None:
    assert blocked.fails("errors", "retry", "--cause", "sku:B-1")["error"]


@pytest.mark.parametrize("arguments", [(), ("1", "--cause", "sku:A-77")])
def test_retry_wants_an_id_or_a_key(blocked: Cli, arguments: tuple[str, ...]) -> None:
    assert blocked.run("errors", "retry", *arguments).exit_code == 2


def test_an_error_of_the_connector_itself_is_listed_without_a_record(harbour: Cli) -> None:
    visit(harbour, "qbwc-harbour", "wrong")
    (error,) = harbour.json("errors", "list")
    assert (error["cause"], error["kind"], error["external_id"]) == ("bad_credentials", None, None)
    assert "the connector itself" in harbour.words("errors", "list")


def test_no_errors_is_said(harbour: Cli) -> None:
    assert harbour.json("errors", "list") == []
    assert "nothing stands in the way" in harbour.words("errors", "list")


def test_what_was_refused_is_listed_shown_and_let_rest(harbour: Cli) -> None:
    name = harbour.file("sushi.json", '{"name": "寿司まつり", "email": "s@x.example"}')
    for _ in range(2):
        assert harbour.run("put", "customer", "c-102", name).exit_code == 1
    (error,) = harbour.json("errors", "list", "--who", "host")
    assert (error["cause"], error["kind"], error["external_id"]) == ("not_accepted", "customer", "c-102")
    assert [fault["pointer"] for fault in error["faults"]] == ["/name"]
    words = " ".join(harbour.words("errors", "list").split())
    assert "customer c-102" in words
    shown = harbour.words("errors", "show", str(error["id"]))
    assert "It happened:" in shown
    assert "2 times" in shown
    assert "Wrong:           name: " in shown
    grouped = harbour.words("errors", "list", "--group")
    assert "Refused:" in grouped
    assert "Waiting:" not in grouped
    assert "handed over and not accepted" in harbour.run("get", "customer", "c-102").output
    done = harbour.words("errors", "dismiss", str(error["id"]), "--note", "a test of theirs")
    assert "is dismissed." in done
    assert "cancelled" not in done
    assert harbour.json("errors", "list") == []


@pytest.mark.parametrize(
    ("options", "found"),
    [
        (("--kind", "customer"), {"c-1"}),
        (("--external-id", "i-2"), {"i-2"}),
        (("--external-id", "i-2", "--kind", "customer"), set()),
        (("--cause-key", "SKU:a-77"), {"i-1", "i-2"}),
        (("--sub-reason", "sku_unknown"), {"i-1", "i-2"}),
        (("--actor", "host", "--external-id", "c-1"), {"c-1"}),
    ],
)
@pytest.mark.parametrize("connector", [(), ("--connector", "harbour")])
def test_errors_are_found_by_what_is_known_of_them(
    blocked: Cli, options: tuple[str, ...], connector: tuple[str, ...], found: set[str]
) -> None:
    listed = blocked.json("errors", "list", *options, *connector)
    assert {error["external_id"] for error in listed} == found
