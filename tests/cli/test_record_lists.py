"""`records list` and `retry`, on records that a real session moved."""

import json
from typing import Any

import pytest
from sqlalchemy import event

from qbwc_server.config.reading import load_config
from qbwc_server.desk.documents import finding
from qbwc_server.domain.kinds import Kind
from qbwc_server.wiring import core_from
from tests.worlds.cli_world import Cli, visit


def listed(cli: Cli, *options: str) -> list[str]:
    """The external ids of a list, oldest change first."""
    answer = cli.json("records", "list", *options)
    assert set(answer) == {"records", "next"}
    return [record["external_id"] for record in answer["records"]]


def test_all_records_are_listed_as_get_shows_each(blocked: Cli) -> None:
    records = blocked.json("records", "list")["records"]
    assert {(record["kind"], record["external_id"]) for record in records} == {
        ("customer", "c-1"),
        ("customer", "c-2"),
        ("invoice", "i-1"),
        ("invoice", "i-2"),
    }
    for record in records:
        assert record == blocked.json("get", record["kind"], record["external_id"])


@pytest.mark.parametrize(
    ("options", "found"),
    [
        (("--kind", "invoice"), {"i-1", "i-2"}),
        (("--state", "synced"), {"c-2"}),
        (("--state", "synced,blocked", "--kind", "customer"), {"c-1", "c-2"}),
        (("--state", "synced", "--state", "cancelled,queued"), {"c-2"}),
        (("--number", "2"), {"i-2"}),
        (("--number", " 2 ", "--kind", "invoice"), {"i-2"}),
        (("--number", "nobody's"), set()),
        (("--customer", "c-1"), {"i-1"}),
        (("--customer", "c-9"), set()),
        (("--q", "i-"), {"i-1", "i-2"}),
        (("--q", "c-2"), {"c-2", "i-2"}),
        (("--created-after", "2020-01-01", "--created-before", "2100-01-01"), {"c-1", "c-2", "i-1", "i-2"}),
        (("--updated-before", "2020-01-01"), set()),
        (("--txn-id", "5F-1"), set()),
        (("--list-id", "5F-1", "--kind", "customer"), set()),
        (("--updated-after", "2020-01-01"), {"c-1", "c-2", "i-1", "i-2"}),
        (("--updated-after", "2100-01-01T00:00:00Z"), set()),
        (("--connector", "harbour", "--state", "blocked"), {"c-1", "i-1", "i-2"}),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_a_list_is_narrowed(blocked: Cli, options: tuple[str, ...], found: set[str]) -> None:
    assert set(listed(blocked, *options)) == found


@pytest.mark.parametrize("said", ["Pier Nine", {"full_name": "Pier Nine"}, {"email": "a@pier.example"}])
def test_an_invoice_is_found_by_whatever_it_calls_its_customer(harbour: Cli, said: Any) -> None:
    lines = [{"item": {"sku": "A-77"}, "quantity": "1"}]
    for external_id, customer in (("i-1", said), ("i-2", "Other Pier")):
        record = json.dumps({"customer": customer, "lines": lines})
        harbour.json("put", "invoice", external_id, "-", text=record)
    wanted = said if isinstance(said, str) else next(iter(said.values()))
    assert listed(harbour, "--customer", wanted) == ["i-1"]


def test_the_number_in_quickbooks_finds_it_too(cli: Cli) -> None:
    card = cli.json(
        "connector", "add", "harbour", "--default-income-account", "Sales", "--ref-number-prefix", "W-"
    )
    cli.json("put", "customer", "c-1", "-", text='{"name": "Pier", "email": "a@pier.example"}')
    cli.json("put", "item", "i-1", "-", text='{"sku": "A-77", "name": "Oyster", "price": "2"}')
    record = {"ref_number": "7", "customer": "Pier", "lines": [{"item": {"sku": "A-77"}, "quantity": "1"}]}
    cli.json("put", "invoice", "so-1", "-", text=json.dumps(record))
    visit(cli, card["username"], card["password"])
    assert cli.json("get", "invoice", "so-1")["ref_number"] == "W-7"
    assert listed(cli, "--number", "7") == listed(cli, "--number", "W-7") == ["so-1"]


def test_pages_hold_every_record_once(harbour: Cli) -> None:
    lines = "".join(json.dumps({"external_id": f"c-{n}", "name": f"C {n}"}) + "\n" for n in range(7))
    harbour.json("import", "customer", "-", text=lines)
    found: list[str] = []
    cursor: tuple[str, ...] = ()
    for _ in range(4):
        answer = harbour.json("records", "list", "--limit", "2", *cursor)
        found += [record["external_id"] for record in answer["records"]]
        cursor = ("--cursor", answer["next"] or "")
    assert answer["next"] is None
    assert sorted(found) == [f"c-{n}" for n in range(7)]
    assert "There are more: --cursor" in harbour.words("records", "list", "--limit", "2")


def test_a_person_sees_what_is_in_the_way(blocked: Cli) -> None:
    words = blocked.words("records", "list", "--state", "blocked")
    assert "customer c-1" in words
    assert "Customer c-1 has no billing email" in words
    assert "There are no such records." in blocked.words("records", "list", "--state", "cancelled")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--state", "blockd"), "there is no state 'blockd'; did you mean blocked?"),
        (("--state", "synced,oops"), "there is no state 'oops'; there are queued, "),
        (("--kind", "invoices"), "did you mean invoice?"),
        (("--updated-after", "yesterday"), "--updated-after must be a day such as 2026-11-20"),
        (("--updated-after", "2026-11-20T10:00:00"), "with its offset"),
        (("--created-before", "soon"), "--created-before must be a day such as 2026-11-20"),
        (("--number", " "), "--number is empty"),
        (("--cursor", "x"), "is not the “next” of a list of records"),
        (("--limit", "501"), "--limit must be a whole number from 1 to 500"),
    ],
)
def test_a_wrong_filter_is_refused(harbour: Cli, options: tuple[str, ...], words: str) -> None:
    done = harbour.run("records", "list", *options)
    assert done.exit_code == 2
    assert words in done.stderr


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--number", "2", "--kind", "customer"), "customers have no number"),
        (("--list-id", "8-1", "--txn-id", "8-1"), "have no"),
        (("--q", "x"), "write at least 2 letters or digits"),
    ],
)
def test_what_nothing_can_be_found_by_is_said(harbour: Cli, options: tuple[str, ...], words: str) -> None:
    assert words in str(harbour.fails("records", "list", *options))


def test_a_list_takes_as_many_statements_for_many_records_as_for_few(blocked: Cli) -> None:
    core = core_from(load_config())
    statements: list[str] = []
    event.listen(core.database._engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
    numbers = []
    for limit in (1, 4):
        statements.clear()
        finding.page(core, "harbour", finding.Filter(), limit=limit)
        numbers.append(len(statements))
    core.database.close()
    assert numbers[0] == numbers[1] <= 6


# --- retry --------------------------------------------------------------------------------------------------------


def test_one_record_is_tried_again_by_its_name(blocked: Cli) -> None:
    view = blocked.json("retry", "customer", "c-1")
    assert (view["state"], view["kind"]) == ("blocked", Kind.CUSTOMER)
    assert "its cause has not gone away" in blocked.words("retry", "customer", "c-1")
    blocked.json("connector", "set", "harbour", "create_without_email=yes")
    assert blocked.json("retry", "customer", "c-1")["state"] == "queued"


def test_what_is_synced_or_unknown_cannot_be_tried_again(blocked: Cli) -> None:
    assert "c-2" in blocked.fails("retry", "customer", "c-2")["error"]
    assert "no customer 'c-9'" in blocked.fails("retry", "customer", "c-9")["error"]
