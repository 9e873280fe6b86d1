"""`qbwc-server fields`: what the records of a kind may hold, under the names that JSON and CSV have for it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import click

from qbwc_server.cli.import_files import LINE_PREFIX
from qbwc_server.cli.invocation import Invocation, json_option, pass_invocation
from qbwc_server.cli.output import say
from qbwc_server.cli.records import kind_argument
from qbwc_server.cli.tables import draw, table
from qbwc_server.domain import external_ids
from qbwc_server.domain.kinds import Kind
from qbwc_server.web.api.record_schemas import model_name, record_schemas

IN_JSON_ONLY = "a list; in JSON only"

_NAMED = {
    "Ref": "the name it has in QuickBooks",
    "PartyReference": "its full name; or .external_id, .email, .list_id",
    "ItemReference": "its full name; or .external_id, .sku, .list_id",
}
"""References to other records, which are written as a name or as a field within."""


@click.command("fields")
@kind_argument
@json_option
@pass_invocation
def fields(invocation: Invocation, kind: str) -> None:
    """What a record may hold: the fields of a JSON object, and the columns of a CSV file.

    A field within a field is written with a dot: bill_address.city is {"bill_address": {"city": …}} in JSON. Lines
    are a list under "lines" there, and columns beginning with "line." in CSV. What is behind [] is in each object of
    a list, in JSON only: set_credit[].credit_txn_id. --json tells the place in JSON beside the name of the column.
    """
    found = [_EXTERNAL_ID, *_fields(Kind(kind))]

    def words(target: Any) -> None:
        rows = [
            (item.name, f"{item.value}{' (needed)' if item.is_needed else ''}", item.about) for item in found
        ]
        draw(target, table(("Field", "What it holds", "What it is"), rows))
        say(target, "What was never given stays as QuickBooks has it.", "dim")

    invocation.output.result([_as_json(item) for item in found], words)


@dataclass(frozen=True, slots=True)
class _Field:
    """One field of a record.

    Attributes:
        value: what it holds, in words.
        longest: how many characters at most; None where that is not told.
    """

    name: str
    value: str
    about: str
    is_needed: bool = False
    longest: int | None = None


_EXTERNAL_ID = _Field("external_id", "text", "Your own id of it.", True, external_ids.LONGEST)


def _as_json(item: _Field) -> dict[str, Any]:
    return {
        "field": item.name,
        "json": f"lines[].{item.name.removeprefix(LINE_PREFIX)}"
        if item.name.startswith(LINE_PREFIX)
        else item.name,
        "value": item.value,
        "required": item.is_needed,
        "max_length": item.longest,
        "description": item.about,
    }


def _fields(kind: Kind) -> Iterator[_Field]:
    schemas = record_schemas()
    yield from _within(schemas[model_name(kind)], "", schemas)


def _within(schema: Mapping[str, Any], prefix: str, schemas: Mapping[str, Any]) -> Iterator[_Field]:
    needed = schema.get("required", ())
    for name, inner in schema["properties"].items():
        yield from _field(prefix + name, inner, schemas, is_needed=name in needed)


def _field(
    path: str, schema: Mapping[str, Any], schemas: Mapping[str, Any], *, is_needed: bool
) -> Iterator[_Field]:
    """One field; those within it where it is an object, or the lines of a document."""
    about = str(schema.get("description", ""))
    if schema.get("type") == "array":
        inner = schema["items"]
        if path == "lines":
            yield from _within(schemas[_name(inner)], LINE_PREFIX, schemas)
        else:
            yield _Field(path, IN_JSON_ONLY, about, is_needed)
            if "properties" in schemas.get(_name(inner), ()):
                yield from _within(schemas[_name(inner)], f"{path}[].", schemas)
        return
    plain = _plain(schema)
    name, longest = _name(plain), schema.get("maxLength") or plain.get("maxLength")
    if name in _NAMED:
        yield _Field(path, _NAMED[name], about, is_needed, longest)
    elif "properties" in schemas.get(name, ()):
        yield from _within(schemas[name], f"{path}.", schemas)
    else:
        yield _Field(path, _value(plain, schema), about, is_needed, longest)


def _plain(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a field holds when it holds anything: of the alternatives, text before a number."""
    alternatives = [
        item for item in schema.get("anyOf", [schema]) if item.get("type") != "null" and "const" not in item
    ]
    return next((item for item in alternatives if item.get("type") == "string"), alternatives[0])


def _name(schema: Mapping[str, Any]) -> str:
    return str(schema.get("$ref", "")).rpartition("/")[2]


def _value(plain: Mapping[str, Any], whole: Mapping[str, Any]) -> str:
    """The values a field takes, in words."""
    choices = plain.get("enum") or whole.get("enum")
    if choices:
        return "one of " + ", ".join(str(choice) for choice in choices if choice is not None)
    if plain.get("type") == "boolean":
        return "true or false"
    if plain.get("format") == "date":
        return "a date, such as 2026-11-20"
    if any(item.get("type") in ("number", "integer") for item in whole.get("anyOf", [])):
        return 'a number, in quotes: "9.50"'
    longest = whole.get("maxLength") or plain.get("maxLength")
    return f"text, at most {longest} characters" if longest else "text"
