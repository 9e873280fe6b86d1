"""`qbwc-server api-key`."""

from qbwc_server.access import api_keys
from qbwc_server.config.reading import load_config
from qbwc_server.domain.people import ApiKey
from qbwc_server.wiring import core_from
from tests.worlds.cli_world import Cli


def opened_by(secret: str) -> ApiKey | None:
    """The key behind a secret, as the server sees it."""
    core = core_from(load_config())
    try:
        return api_keys.authenticate(core, secret)
    finally:
        core.database.close()


def test_a_key_opens_the_connector_it_was_made_for(harbour: Cli) -> None:
    made = harbour.json("api-key", "create", "order system", "--connector", "harbour")
    assert (made["name"], made["connector"]) == ("order system", "harbour")
    key = opened_by(made["key"])
    assert key is not None
    assert key.connector == "harbour"


def test_the_only_connector_need_not_be_named(harbour: Cli) -> None:
    assert harbour.json("api-key", "create", "order system")["connector"] == "harbour"


def test_which_of_several_connectors_must_be_said(harbour: Cli) -> None:
    harbour.json("connector", "add", "pier")
    assert harbour.run("api-key", "create", "order system").exit_code == 2
    assert harbour.json("api-key", "list") == []


def test_a_key_for_all_connectors_is_made_only_when_that_is_said(harbour: Cli) -> None:
    made = harbour.json("api-key", "create", "head office", "--all-connectors")
    assert made["connector"] is None
    both = harbour.run("api-key", "create", "x", "--all-connectors", "--connector", "harbour")
    assert both.exit_code == 2


def test_the_secret_is_shown_once_and_kept_nowhere(harbour: Cli) -> None:
    words = harbour.words("api-key", "create", "order system")
    (secret,) = (word for word in words.split() if word.startswith("qbwc_"))
    assert opened_by(secret) is not None
    assert secret not in harbour.words("api-key", "list")
    assert secret not in str(harbour.json("api-key", "list"))
    files = [path for path in harbour.folder.rglob("*") if path.is_file()]
    assert len(files) > 1
    assert not any(secret.encode() in path.read_bytes() for path in files)


def test_keys_are_listed_with_their_use_and_end(harbour: Cli) -> None:
    secret = harbour.json("api-key", "create", "one")["key"]
    harbour.json("api-key", "create", "two", "--all-connectors")
    opened_by(secret)
    harbour.json("api-key", "revoke", "two")
    one, two = harbour.json("api-key", "list")
    assert (one["name"], one["connector"], one["revoked_at"]) == ("one", "harbour", None)
    assert one["last_used_at"] is not None
    assert (two["name"], two["connector"], two["last_used_at"]) == ("two", None, None)
    assert two["revoked_at"] is not None
    assert set(one) == {
        "id",
        "name",
        "connector",
        "scope",
        "created_at",
        "expires_at",
        "last_used_at",
        "revoked_at",
        "connector_removed_at",
    }
    words = harbour.words("api-key", "list")
    assert "every connector" in words
    assert "revoked" in words


def test_a_revoked_key_opens_nothing_and_its_name_is_free_again(harbour: Cli) -> None:
    first = harbour.json("api-key", "create", "order system")["key"]
    assert "already" in harbour.fails("api-key", "create", "order system")["error"]
    assert harbour.json("api-key", "revoke", "order system")["revoked_at"] is not None
    assert opened_by(first) is None
    second = harbour.json("api-key", "create", "order system")["key"]
    assert opened_by(second) is not None
    assert opened_by(first) is None


def test_a_key_that_does_not_exist_is_not_revoked(harbour: Cli) -> None:
    assert "no API key" in harbour.fails("api-key", "revoke", "nope")["error"]
    harbour.json("api-key", "create", "once")
    harbour.json("api-key", "revoke", "once")
    assert harbour.fails("api-key", "revoke", "once")["error"]


def test_a_key_for_a_connector_that_does_not_exist_is_not_made(harbour: Cli) -> None:
    assert "nope" in harbour.fails("api-key", "create", "x", "--connector", "nope")["error"]


def test_a_name_nobody_can_read_is_refused(harbour: Cli) -> None:
    for name in ("", " ", "a\nb", "x" * 81):
        faults = harbour.fails("api-key", "create", name)["faults"]
        assert [fault["pointer"] for fault in faults] == ["/name"]


def test_without_any_key_the_list_says_how_to_make_one(cli: Cli) -> None:
    cli.words("db", "upgrade")
    assert "api-key create" in cli.words("api-key", "list")


def test_a_key_has_the_scope_it_was_given_and_may_do_everything_without_one(harbour: Cli) -> None:
    reader = harbour.json("api-key", "create", "reader", "--scope", "read", "--expires", "2099-12-31")
    assert (reader["scope"], reader["expires_at"]) == ("read", "2099-12-31T23:59:59+00:00")
    everything = harbour.json("api-key", "create", "all")
    assert (everything["scope"], everything["expires_at"]) == ("manage", None)
    found = opened_by(reader["key"])
    assert found is not None
    assert found.scope == "read"
    words = harbour.words("api-key", "list")
    assert "2099-12-31 23:59" in words
    assert "read" in words


def test_a_scope_or_date_that_does_not_exist_is_refused(harbour: Cli) -> None:
    done = harbour.run("api-key", "create", "x", "--scope", "wirte")
    assert done.exit_code == 2
    assert "did you mean write?" in done.stderr
    for date in ("yesterday", "2001-01-01", "2099-12-31T10:00"):
        faults = harbour.fails("api-key", "create", "x", "--expires", date)["faults"]
        assert [fault["pointer"] for fault in faults] == ["/expires"]
    assert harbour.json("api-key", "list") == []


def test_of_several_keys_of_one_name_it_is_said_which_to_revoke(harbour: Cli) -> None:
    harbour.json("api-key", "create", "shop")
    harbour.json("api-key", "create", "shop", "--all-connectors")
    assert "harbour, every connector" in harbour.fails("api-key", "revoke", "shop")["error"]
    assert harbour.json("api-key", "revoke", "shop", "--all-connectors")["connector"] is None
    assert harbour.json("api-key", "revoke", "shop", "--connector", "harbour")["connector"] == "harbour"
