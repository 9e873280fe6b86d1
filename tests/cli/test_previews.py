"""`import --dry-run` and `put --dry-run` say what would become of records, to people and to programs."""

import json

from tests.worlds.cli_world import Cli

CUSTOMER = '{"name": "Pier Nine", "email": "ap@pier.example"}'


def test_a_dry_run_of_one_record_tells_all_about_it_and_stores_nothing(harbour: Cli) -> None:
    told = json.loads(harbour.run("put", "customer", "c-1", "-", "--dry-run", "--json", text=CUSTOMER).stdout)
    assert (told["external_id"], told["result"], told["outcome"]) == ("c-1", "created", "unchecked")
    words = harbour.run("put", "customer", "c-1", "-", "--dry-run", text=CUSTOMER).stdout
    assert "dry run, nothing stored" in words
    assert "lists have not been loaded" in words
    assert harbour.fails("get", "customer", "c-1")


def test_a_dry_run_of_one_that_is_refused_fails_and_says_where(harbour: Cli) -> None:
    done = harbour.run("put", "customer", "c-1", "-", "--dry-run", text='{"colour": "red"}')
    assert done.exit_code == 1
    assert "  colour: there is no such field" in done.stdout


def test_a_dry_run_has_nothing_to_wait_for(harbour: Cli) -> None:
    assert harbour.run("put", "customer", "c-1", "-", "--dry-run", "--wait", text=CUSTOMER).exit_code == 2


def test_a_dry_run_of_a_file_counts_what_would_become_of_its_records(harbour: Cli) -> None:
    lines = (
        '{"external_id": "a", "name": "A", "email": "a@b.example"}\n{"external_id": "b", "colour": "red"}\n'
    )
    done = harbour.run("import", "customer", "-", "--dry-run", "--json", text=lines)
    told = json.loads(done.stdout)
    assert (done.exit_code, told["created"], told["faulty"]) == (1, 1, 1)
    assert {name: count for name, count in told["outcomes"].items() if count} == {
        "unchecked": 1,
        "refused": 1,
    }
    assert [(each["line"], each["external_id"]) for each in told["records"]] == [(1, "a"), (2, "b")]
    assert "lists have not been loaded" in told["held"]
    words = harbour.run("import", "customer", "-", "--dry-run", text=lines).stdout
    assert "1 created, 1 faulty (dry run, nothing stored)" in words
