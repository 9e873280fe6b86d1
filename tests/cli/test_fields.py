"""`qbwc-server fields`: what a record may hold, so that nobody has to guess."""

import json
from typing import Any

import pytest

from qbwc_server.domain.host_records import parse
from qbwc_server.domain.kinds import Kind
from tests.worlds.cli_world import Cli

EXAMPLES = {
    "the name it has in QuickBooks": "Net 30",
    "its full name; or .external_id, .email, .list_id": "Harbour Fish Co",
    "its full name; or .external_id, .sku, .list_id": "Oyster",
    "true or false": True,
    "a date, such as 2026-11-20": "2026-11-20",
    "a whole number": 4,
    'a number, in quotes: "9.50"': "9.50",
}


def value_for(words: str) -> Any:
    """A value that fits what is said of a field."""
    if words.startswith("one of "):
        return words.removeprefix("one of ").split(", ")[0]
    return EXAMPLES.get(words, "x")


def refusal_of(kind: Kind, record: Any) -> str:
    """Why a record is refused; empty when it is not."""
    try:
        parse(kind, record)
    except ValueError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("kind", list(Kind))
def test_every_field_that_is_named_is_known(cli: Cli, kind: Kind) -> None:
    """What is told of a field's values is not judged here: some exclude each other."""
    told = cli.json("fields", kind.value)
    record: dict[str, Any] = {"lines": [{}]} if kind.is_document else {}
    assert [field["field"] for field in told if field["field"] in ("external_id", "version")] == [
        "external_id",
        "version",
    ]
    for field in told:
        if field["field"] in ("external_id", "version"):
            continue
        if field["value"] == "a list; in JSON only" or "[]" in field["field"]:
            continue
        *path, last = field["field"].split(".")
        place = record["lines"][0] if path[:1] == ["line"] else record
        for part in path[path[:1] == ["line"] :]:
            place = place.setdefault(part, {})
        place[last] = value_for(field["value"])
    assert "there is no such field" not in refusal_of(kind, json.loads(json.dumps(record)))


def test_the_fields_stand_as_csv_names_them(cli: Cli) -> None:
    words = cli.words("fields", "invoice")
    for column in (
        "external_id",
        "ref_number",
        "bill_address.city",
        "line.item",
        "line.quantity",
        "txn_date",
    ):
        assert f" {column} " in words
    assert "at most 11 characters" in words


def test_an_import_with_an_unknown_column_leads_to_the_fields(harbour: Cli) -> None:
    file = harbour.file("c.csv", "external_id,fullname\nc-1,Harbour\n")
    done = harbour.run("import", "customer", file)
    assert done.exit_code == 1
    assert "qbwc-server fields customer" in done.stdout


def test_what_is_needed_how_long_it_may_be_and_what_it_is_for_is_told(cli: Cli) -> None:
    told = {field["field"]: field for field in cli.json("fields", "customer")}
    assert [name for name, field in told.items() if field["required"] and "." not in name] == [
        "external_id",
        "name",
    ]
    assert told["name"]["max_length"] == 41
    assert told["parent"]["description"] == "The customer this one is a job or branch of."
    assert all(field["description"] for field in told.values())


@pytest.mark.parametrize("kind", list(Kind))
def test_the_place_in_json_is_told_of_every_field_those_of_lists_too(cli: Cli, kind: Kind) -> None:
    told = cli.json("fields", kind.value)
    for field in told:
        record: dict[str, Any] = {}
        place = record
        *path, last = field["json"].split(".")
        for part in path:
            inner: dict[str, Any] = {}
            place[part.removesuffix("[]")] = [inner] if part.endswith("[]") else inner
            place = inner
        place[last] = [] if field["value"].startswith("a list") else value_for(field["value"])
        if field["json"] in ("external_id", "version"):
            continue
        assert "there is no such field" not in refusal_of(kind, record)


def test_what_the_objects_of_a_list_hold_is_told(cli: Cli) -> None:
    told = {field["field"]: field for field in cli.json("fields", "invoice")}
    assert told["set_credit[].credit_txn_id"]["required"]
    assert told["line.item"]["json"] == "lines[].item"
    assert told["line.data_ext[].data_ext_name"]["json"] == "lines[].data_ext[].data_ext_name"
