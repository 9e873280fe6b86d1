"""Whatever is typed wrongly, a person is answered in our words, never in those of a library."""

import json
import re
from collections.abc import Iterator
from typing import Any

import click
import pytest

from qbwc_server.cli import main
from qbwc_server.cli.demo.server import free_port
from qbwc_server.config import keys
from qbwc_server.config.reading import environment_name
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.settings import ConnectorSettings
from qbwc_server.web.api.record_schemas import model_name, record_schemas
from tests.worlds.cli_world import Cli

OF_LIBRARIES = re.compile(
    r"pydantic|urllib3|HTTPS?Connection|Max retries|sqlalchemy|psycopg|Traceback|Input should|[Ss]tring should|"
    r"valid (dictionary|tuple|string|boolean|integer|decimal|list)|instance of|Errno|Expecting|codec|\[0-5\]|\\d|"
    r"NoneType|OperationalError|invalid literal|something went wrong inside|Value error|No module named|x<=|object at"
)
"""What gives a library away: its name, its turns of phrase, a pattern."""

WRONG = [
    "",
    "maybe",
    "lots",
    "-1",
    "0",
    "1.5",
    "1E+1",
    "99999999999999999999",
    "x" * 5000,
    "25:00-06:00",
    "{}",
    ",",
]


def in_our_words(text: str) -> str:
    """The text, of which no library is the author."""
    found = OF_LIBRARIES.search(text)
    assert found is None, f"{found[0]!r} in {text[:400]}"
    return text


def refused(cli: Cli, *arguments: str, text: str | None = None, code: int = 1) -> str:
    """What a command that fails says to a person."""
    done = cli.run(*arguments, text=text)
    assert done.exit_code == code, done.output
    return in_our_words(done.stdout + done.stderr)


# --- settings and configuration -----------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [value for value in WRONG if value], ids=lambda value: value[:9])
def test_a_wrong_value_is_refused_in_our_words_for_all_settings_at_once(harbour: Cli, value: str) -> None:
    given = [f"{setting}={value}" for setting in ConnectorSettings.model_fields]
    told = refused(harbour, "connector", "set", "harbour", *given)
    assert told.count("\n  ") >= 10, "every setting that it does not fit is named"


@pytest.mark.parametrize("setting", ConnectorSettings.model_fields)
def test_a_wrong_value_of_any_option_is_refused_in_our_words(harbour: Cli, setting: str) -> None:
    for value in ("{}", ","):
        done = harbour.run("connector", "add", f"h{len(value)}", f"--{setting.replace('_', '-')}={value}")
        assert done.exit_code in (0, 1, 2)
        in_our_words(done.output)


@pytest.mark.parametrize(
    ("assignment", "words"),
    [
        ("create_items=maybe", "create_items: must be yes or no"),
        ("batch_size=lots", "batch_size: must be a whole number from 1 to 500"),
        ("batch_size=501", "batch_size: must be a whole number from 1 to 500"),
        ("quiet_hours=25:00-06:00", "quiet_hours: must be hours such as 22:00-06:00"),
        ("time_zone=America", "is no time zone; write it as America/New_York"),
        (f"time_zone={'x' * 5000}", "is no time zone; write it as America/New_York"),
        ("default_item_type=thing", "must be one of service, non_inventory, other_charge, inventory"),
        ("ref_number_prefix=123456789", "may have 8 characters at most"),
        ("default_term=Net 30", "default_term: there is no such setting; did you mean default_terms"),
    ],
)
def test_a_setting_is_explained(harbour: Cli, assignment: str, words: str) -> None:
    assert words in refused(harbour, "connector", "set", "harbour", assignment)


@pytest.mark.parametrize("key", list(keys()), ids=environment_name)
def test_a_wrong_value_in_the_environment_is_refused_in_our_words(
    harbour: Cli, monkeypatch: pytest.MonkeyPatch, key: tuple[str, ...]
) -> None:
    for value in [
        *WRONG,
        "http://a:b/",
        "mysql://a/b",
        "postgresql://u@localhost:abc/x",
        "sqlite:////none/x.db",
    ]:
        monkeypatch.setenv(environment_name(key), value)
        in_our_words(harbour.run("connector", "list").output)


def test_a_configuration_that_is_no_toml_is_refused_with_its_place(cli: Cli) -> None:
    cli.file("qbwc.toml", "[server]\nport = \n")
    assert "is not TOML: look at line 2" in refused(cli, "--config", "qbwc.toml", "connector", "list")


# --- databases ----------------------------------------------------------------------------------------------------


def test_a_database_server_that_does_not_answer_is_told_in_our_words(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QBWC_SECRETS_FILE", str(cli.folder / "secrets.json"))
    monkeypatch.setenv("QBWC_DATABASE_URL", f"postgresql://u@127.0.0.1:{free_port()}/x")
    assert "the database server does not answer" in refused(cli, "connector", "list")


def test_without_the_driver_it_is_said_how_to_install_it(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "psycopg", None)
    monkeypatch.setenv("QBWC_SECRETS_FILE", str(cli.folder / "secrets.json"))
    monkeypatch.setenv("QBWC_DATABASE_URL", "postgresql://u@127.0.0.1/x")
    assert "pip install '.[postgres]'" in refused(cli, "connector", "list")


def test_a_backup_that_cannot_be_written_names_what_was_typed(harbour: Cli) -> None:
    said = refused(harbour, "db", "backup", "nowhere/x.db")
    assert "nowhere/x.db: the copy cannot be written there" in said
    assert ".x.db." not in said


# --- records ------------------------------------------------------------------------------------------------------

VALUES: list[Any] = [5, 1.5, True, None, "", "x" * 5000, "\ud800", "1E+1", [], [5], {}, {"x": 1}, ["x"]]


def wrong_records(kind: Kind) -> Iterator[dict[str, Any]]:
    """Records each with one wrong field, at any depth."""
    schemas = record_schemas()
    number = 0
    for path in paths(schemas[model_name(kind)], schemas, ()):
        for value in VALUES:
            number += 1
            record: dict[str, Any] = {"external_id": f"r-{number}"}
            place: Any = record
            for part in path[:-1]:
                inner: Any = [{}] if part == "lines" else {}
                place[part] = inner
                place = inner[0] if part == "lines" else inner
            place[path[-1]] = value
            yield record


def paths(
    schema: dict[str, Any], schemas: dict[str, Any], above: tuple[str, ...]
) -> Iterator[tuple[str, ...]]:
    """The places of all fields, those of inner objects too."""
    for name, inner in schema["properties"].items():
        yield (*above, name)
        alternatives = [*inner.get("anyOf", [inner]), inner.get("items", {})]
        for target in (item.get("$ref", "").rpartition("/")[2] for item in alternatives):
            if target and "properties" in schemas[target] and len(above) < 2:
                yield from paths(schemas[target], schemas, (*above, name))


@pytest.mark.parametrize("kind", list(Kind))
def test_a_wrong_value_of_any_field_is_refused_in_our_words(harbour: Cli, kind: Kind) -> None:
    lines = "".join(json.dumps(record) + "\n" for record in wrong_records(kind))
    done = harbour.run("import", kind.value, "-", "--dry-run", "--json", text=lines)
    told = json.loads(done.stdout or done.output)
    assert told["faulty"] > 100
    for record in told["records"]:
        for fault in record["faults"]:
            in_our_words(fault["message"])


@pytest.mark.parametrize(
    ("record", "words"),
    [
        ('{"name": 5}', "must be text, in quotes"),
        ('{"name": "A", "terms": 5}', "must be its name as text"),
        ('{"name": "A", "bill_address": "Pier 4"}', "must be an object"),
        ('{"name": "A", "credit_limit": "1E+1"}', "write 10, not 1E+1"),
        ('{"name": "A", "credit_limit": "lots"}', "a number expected, such as"),
        ('{"name": ', "not JSON: it cannot be read from column"),
        ('{"name": NaN}', "NaN is not a number"),
        ("1" * 5000, "a number of too many digits"),
    ],
)
def test_a_record_is_explained(harbour: Cli, record: str, words: str) -> None:
    assert words in refused(harbour, "put", "customer", "c-1", "-", text=record)


# --- names --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("import customers -", "there is no kind 'customers'; did you mean customer?"),
        ("put purchase-order x -", "there is no kind 'purchase-order'; did you mean purchase_order?"),
        ("log harbour --record invoices x", "did you mean invoice?"),
        ("void customer c-1", "there is no kind of document 'customer'; there are invoice, purchase_order"),
        ("errors list --cause oops", "there is no cause 'oops'; there are customer_not_matched, "),
        ("errors list --cause item_not_match", "did you mean item_not_matched"),
        ("errors list --who hosts", "there is no actor 'hosts'; did you mean host?"),
        ("connectors list", "'connector'"),
        ("connector lst", "'list'"),
        ("user add x --role boss", "there is no role 'boss'; there are admin, support"),
        ("errors show 99999999999999999999", "ID must be a whole number from 1 to 2147483647"),
        ("log harbour --after -1", "--after must be a whole number from 0 to"),
        ("queue --limit 0", "--limit must be a whole number from 1 to 1000"),
        ("simulate --url nonsense --username x --password y", "'nonsense' is no address such as http://"),
        ("simulate --url http://h:99999/ --username x --password y", "is no address such as http://"),
    ],
)
def test_what_was_meant_is_said(harbour: Cli, typed: str, words: str) -> None:
    assert words in refused(harbour, *typed.split(), code=2)


@pytest.mark.parametrize(
    "typed",
    [
        "connector show harbor",
        "connector set Harbour host_wins=yes",
        "connector doctor harbor",
        "resync harbor",
        "log harbor",
        "queue --connector harbor",
        "errors list --connector harbor",
        "errors retry --all --connector harbor",
        "get customer c-1 --connector harbor",
        "api-key create shop --connector harbor",
    ],
)
def test_a_connector_that_does_not_exist_is_answered_with_the_one_that_does(harbour: Cli, typed: str) -> None:
    assert "did you mean harbour?" in refused(harbour, *typed.split())


def test_a_cause_key_nobody_has_is_no_success(harbour: Cli) -> None:
    said = refused(harbour, "errors", "retry", "--cause", "sku:A-77")
    assert "harbour has no open error record behind the cause key 'sku:A-77'" in said
    assert "errors list --group" in said


# --- commands -----------------------------------------------------------------------------------------------------


def commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name)


@pytest.mark.parametrize(
    "path", [path for path in commands(main) if path not in (("serve",), ("demo",))], ids=" ".join
)
def test_every_command_refuses_nonsense_in_our_words(harbour: Cli, path: tuple[str, ...]) -> None:
    for rest in (
        (),
        ("no", "such", "thing"),
        ("x" * 300,) * 3,
        ("--no-such-option",),
        ("-",),
        ("customer", "\ud800"),
    ):
        done = harbour.run(*path, *rest, text="\x00\ud7ff{]\n")
        assert done.exit_code in (0, 1, 2, 130)
        in_our_words(done.output)


def test_a_dead_port_is_told_once_and_with_its_remedy(cli: Cli) -> None:
    url = f"http://127.0.0.1:{free_port()}/qbwc"
    said = refused(cli, "simulate", "--url", url, "--username", "x", "--password", "y")
    assert said.count(f"nobody answers at {url}: is `qbwc-server serve` running?") == 1


@pytest.mark.parametrize("content", ["", "{", "[]", "<a", "<a/>", "\x00"])
def test_a_file_of_another_kind_is_refused_in_our_words(harbour: Cli, content: str) -> None:
    file = harbour.file("some", content)
    url = ("--url", "http://127.0.0.1:1/qbwc", "--username", "x")
    for command in (
        ("simulate", "--qwc", file, "--password", "y"),
        ("simulate", *url, "--company-file", file, "--password", "y"),
        ("link", "--from", file),
        *(("import", "customer", file, "--format", name) for name in ("ndjson", "json", "csv")),
        ("put", "customer", "c-1", file),
    ):
        done = harbour.run(*command)
        assert done.exit_code in (0, 1, 2)
        in_our_words(done.output)
