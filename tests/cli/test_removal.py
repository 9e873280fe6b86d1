"""`qbwc-server connector remove`, `restore` and `list --removed`."""

from tests.worlds.cli_world import Cli


def names(cli: Cli) -> list[str]:
    return [each["name"] for each in cli.json("connector", "list")]


def test_the_name_has_to_be_typed_once_more(harbour: Cli) -> None:
    assert "--yes harbour" in harbour.fails("connector", "remove", "harbour")["error"]
    assert "not harbour" in harbour.fails("connector", "remove", "harbour", "--yes", "harbor")["error"]
    refused = harbour.run("connector", "remove", "harbour", text="no\n")
    assert refused.exit_code == 1
    assert names(harbour) == ["harbour"]
    done = harbour.run("connector", "remove", "harbour", text="harbour\n")
    assert done.exit_code == 0
    assert "connector restore" in done.stdout
    assert names(harbour) == []


def test_nobody_is_asked_about_a_connector_that_is_not_there(harbour: Cli) -> None:
    done = harbour.run("connector", "remove", "harbor")
    assert done.exit_code == 1
    assert "harbour" in done.stderr
    assert "type its name" not in done.stderr


def test_what_was_removed_is_listed_and_restored(harbour: Cli) -> None:
    assert "No connector was removed" in harbour.words("connector", "list", "--removed")
    gone = harbour.json("connector", "remove", "harbour", "--yes", "harbour")
    assert set(gone) == {"name", "handle", "removed_at", "gone_at"}
    assert harbour.json("connector", "list", "--removed") == [gone]
    assert f'"{gone["handle"]}"' in harbour.words("connector", "list", "--removed")
    sentence = harbour.fails("connector", "show", "harbour")["error"]
    assert "it was removed" in sentence
    assert "connector list --removed" in sentence
    assert harbour.json("connector", "restore", "harbour")["username"] == "qbwc-harbour"
    assert names(harbour) == ["harbour"]
    assert "30 days" in harbour.fails("connector", "restore", "harbour")["error"]


def test_it_comes_back_under_another_name_when_its_own_is_taken(harbour: Cli) -> None:
    harbour.words("connector", "remove", "harbour", "--yes", "harbour")
    harbour.words("connector", "add", "harbour")
    assert "--as NAME" in harbour.fails("connector", "restore", "harbour")["error"]
    assert harbour.json("connector", "restore", "harbour", "--as", "old")["name"] == "old"
    assert names(harbour) == ["harbour", "old"]


def test_the_errors_of_a_removed_connector_are_nobodys_until_it_is_back(blocked: Cli) -> None:
    before = blocked.json("errors", "list")
    assert before
    blocked.words("connector", "remove", "harbour", "--yes", "harbour")
    assert blocked.json("errors", "list") == blocked.json("errors", "list", "--all") == []
    assert "no error record" in blocked.fails("errors", "show", str(before[0]["id"]))["error"]
    blocked.words("connector", "restore", "harbour")
    assert blocked.json("errors", "list") == before


def test_the_keys_of_a_removed_connector_are_told_to_open_nothing(harbour: Cli) -> None:
    harbour.words("api-key", "create", "shop", "--connector", "harbour")
    harbour.words("connector", "remove", "harbour", "--yes", "harbour")
    assert "opens nothing: its connector was removed" in harbour.words("api-key", "list")
    harbour.words("connector", "restore", "harbour")
    assert "good" in harbour.words("api-key", "list")


def test_nothing_is_tidied_before_its_time(harbour: Cli) -> None:
    harbour.words("connector", "remove", "harbour", "--yes", "harbour")
    assert harbour.json("db", "tidy") == {"erased": []}
    assert "Nothing was due" in harbour.words("db", "tidy")
    assert len(harbour.json("connector", "list", "--removed")) == 1
