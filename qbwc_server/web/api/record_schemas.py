"""JSON Schemas of the records a host hands over, made from the very models that read them."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, get_args

from pydantic.json_schema import models_json_schema

import qbxml.records as qb
import qbxml.text
from qbwc_server.domain.host_records import (
    MODELS,
    NOT_TAKEN,
    HostCustomer,
    HostInvoice,
    HostInvoiceLine,
    HostItem,
    HostPurchaseOrder,
    HostPurchaseOrderLine,
    ItemReference,
    PartyReference,
)
from qbwc_server.domain.host_records.completeness import NUMBERS_OF_ITEMS
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.order import MOST_VERSION
from qbxml.datatypes import Price
from qbxml.table import NOWHERE, Shape

Schema = dict[str, Any]

_NAMES: Mapping[str, str] = {
    HostCustomer.__name__: "Customer",
    HostItem.__name__: "Item",
    HostInvoice.__name__: "Invoice",
    HostInvoiceLine.__name__: "InvoiceLine",
    HostPurchaseOrder.__name__: "PurchaseOrder",
    HostPurchaseOrderLine.__name__: "PurchaseOrderLine",
}
"""Names in the documentation that differ from those of the models."""

_LOOKED_FOR = {
    PartyReference.__name__: ("external_id", "email"),
    ItemReference.__name__: ("external_id", "sku"),
}
"""What a reference is looked for by, and never written."""
_REFERENCES = (qb.Ref.__name__, *_LOOKED_FOR)
_EXAMPLES: Mapping[Kind, Schema] = {
    Kind.CUSTOMER: {"name": "Harbour Fish Co", "email": "ap@harbour.example", "terms": "Net 30"},
    Kind.VENDOR: {"name": "Casco Bay Shellfish", "email": "billing@casco.example"},
    Kind.ITEM: {"sku": "A-77", "name": "Oyster 100ct", "price": "9.50", "income_account": "Sales"},
    Kind.INVOICE: {
        "ref_number": "SO-1042",
        "txn_date": "2026-11-20",
        "customer": {"external_id": "c-7"},
        "lines": [{"item": {"sku": "A-77"}, "quantity": "12", "rate": "9.50"}],
    },
    Kind.PURCHASE_ORDER: {
        "ref_number": "PO-310",
        "txn_date": "2026-11-20",
        "vendor": {"email": "billing@casco.example"},
        "lines": [{"item": {"sku": "A-77"}, "quantity": "40", "rate": "6.00"}],
    },
}


_OF_A_SALES_ORDER = (
    (qb.LinkToTxn.__name__, "txn_id", "1A2B-1700000001"),
    (qb.LinkToTxn.__name__, "txn_line_id", "1A2D-1700000001"),
    (HostInvoice.__name__, "link_to_txn_id", ["1A3C-1700000007"]),
)
"""A sales order is taken over as a whole or line by line: two different ones are examples of both at once."""


def model_name(kind: Kind) -> str:
    """The name of a kind's record in the documentation: ``PurchaseOrder``."""
    name = MODELS[kind].__name__
    return _NAMES.get(name, name)


def record_schemas() -> dict[str, Schema]:
    """The schema of every record and of every part of one, by name."""
    _, made = models_json_schema(
        [(model, "validation") for model in MODELS.values()], ref_template="#/components/schemas/{model}"
    )
    schemas: dict[str, Schema] = made["$defs"]
    for model in _records_in(MODELS.values()):
        _leave_out(schemas[model.__name__], model)
    for model in _records_in(MODELS.values()):
        _tell(schemas[model.__name__], model)
    for name in _REFERENCES:
        schemas[name] = _also_plain(_told_apart(schemas[name]))
    _tell_item(schemas[HostItem.__name__])
    for kind, reader in MODELS.items():
        schema = schemas[reader.__name__]
        schema["properties"]["version"] = _VERSION
        schema["examples"] = [_EXAMPLES[kind]]
    for name, rules in _NEEDED_BESIDE.items():
        schemas[name] |= rules
    order = schemas[HostPurchaseOrder.__name__]
    order["required"].append("lines")
    order["properties"]["lines"]["minItems"] = 1
    for name, field, example in _OF_A_SALES_ORDER:
        schemas[name]["properties"][field]["examples"] = [example]
    named = {
        _NAMES.get(name, name): _tidied(_written(schema, but=_LOOKED_FOR.get(name, ())))
        for name, schema in schemas.items()
    }
    named["Text"] = _text()
    return _reachable(named, [model_name(kind) for kind in Kind])


def _records_in(types: Iterable[Any]) -> set[type[qb.Record]]:
    """The records among these types, and those that they are made of."""
    found: set[type[qb.Record]] = set()
    open_types = list(types)
    while open_types:
        each = open_types.pop()
        if not isinstance(each, type):
            open_types += get_args(each)
        elif issubclass(each, qb.Record) and each not in found:
            found.add(each)
            open_types += [field.annotation for field in each.model_fields.values()]
    return found


def _leave_out(schema: Schema, model: type[qb.Record]) -> None:
    """Drop the fields that QuickBooks or this server sets, and those QuickBooks Desktop does not have."""
    for name, spec in model.table.fields.items():
        if Shape.ADD not in spec.uses or spec.not_in == NOWHERE or name in NOT_TAKEN:
            schema["properties"].pop(model.model_fields[name].alias or name)


_VERSION: Schema = {
    "description": "Your own count of its changes: an older one than is known is refused (409).",
    "anyOf": [{"type": "integer", "minimum": 0, "maximum": MOST_VERSION}, {"type": "null"}],
}
# a character that is neither a blank nor dropped on the way to QuickBooks
_SEEN = r"[^\s\u0000-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u2060\ufeff]"
_SAYS_SOMETHING: Schema = {
    "anyOf": [
        {"type": "string", "pattern": _SEEN},
        {
            "type": "object",
            "minProperties": 1,
            "additionalProperties": {"type": "string", "pattern": _SEEN},
        },
    ]
}
_A_LINE: Schema = {
    "anyOf": [{"required": [name], "properties": {name: _SAYS_SOMETHING}} for name in ("item", "item_group")]
    + [
        {"required": ["desc"], "properties": {"desc": {"type": "string", "pattern": _SEEN}}},
        {"required": ["link_to_txn"], "properties": {"link_to_txn": {"type": "object"}}},
    ]
}
_LINES: Schema = {"required": ["lines"], "properties": {"lines": {"minItems": 1}}}
_LINKED: Schema = {"required": ["link_to_txn_id"], "properties": {"link_to_txn_id": {"minItems": 1}}}
_NEEDED_BESIDE: Mapping[str, Schema] = {
    HostItem.__name__: {
        "anyOf": [
            {"required": [name], "properties": {name: {"type": "string", "pattern": _SEEN}}}
            for name in ("sku", "name")
        ]
    },
    HostInvoice.__name__: {"anyOf": [_LINES, _LINKED]},
    HostInvoiceLine.__name__: _A_LINE,
    HostPurchaseOrderLine.__name__: _A_LINE,
}
"""What `completeness` asks for beside single fields."""


def _tell(schema: Schema, model: type[qb.Record]) -> None:
    """Say of every field what QuickBooks calls it, how long it may be, and whether it is needed."""
    needed = []
    for name, spec in model.table.fields.items():
        key = model.model_fields[name].alias or name
        field = schema.get("properties", {}).get(key)
        if field is None:
            continue
        field["description"] = _about(model, name) or f"QuickBooks' {spec.tags[Shape.ADD]}."
        if spec.ref and spec.limit is not None and not spec.many:
            field["maxLength"] = spec.limit
            field["properties"] = {"full_name": {"maxLength": spec.limit}}
        if spec.ref and spec.many:
            field["items"] = {"allOf": [field["items"], _SAYS_SOMETHING]}
        if name != "lines" and (Shape.ADD in spec.required or (model, name) == (HostPurchaseOrder, "vendor")):
            needed.append(key)
            _never_absent(field, is_reference=spec.ref)
    if needed:
        schema["required"] = needed


def _about(model: type[qb.Record], name: str) -> str | None:
    """The sentence where the field is declared: a subclass may have widened it."""
    declared = [base.model_fields.get(name) for base in model.__mro__ if issubclass(base, qb.Record)]
    return next((field.description for field in declared if field and field.description), None)


def _never_absent(field: Schema, *, is_reference: bool) -> None:
    if "anyOf" in field:
        field["anyOf"] = [item for item in field["anyOf"] if item != {"type": "null"}]
    if is_reference:
        field["allOf"] = [_SAYS_SOMETHING]


def _tell_item(item: Schema) -> None:
    """In an item an empty text stands for nothing, whatever the field is for."""
    for name, field in item["properties"].items():
        if name in NUMBERS_OF_ITEMS:
            field["anyOf"] = Price().schema()["anyOf"]
        field["anyOf"].append({"const": ""})


def _told_apart(reference: Schema) -> Schema:
    """Of a host's own reference one way is given; QuickBooks' takes a ListID or a name."""
    if "properties" in reference:
        # as QuickBooks itself writes a reference, and goes by its ListID
        as_quickbooks = {"required": ["list_id", "full_name"], "maxProperties": 2}
        return reference | {"anyOf": [{"maxProperties": 1}, as_quickbooks]}
    plain, named = reference["anyOf"]
    ways = [
        {"required": [name], "properties": {name: {"type": "string", "minLength": 1}}}
        for name in ("list_id", "full_name")
    ]
    return {**reference, "anyOf": [plain, {**named, "anyOf": ways}]}


def _also_plain(reference: Schema) -> Schema:
    """A reference may also be a plain string: the full name."""
    words = reference.pop("description", "One record of a list.").splitlines()[0]
    return {
        "description": f"{words} A plain string is the full name.",
        "anyOf": [{"type": "string"}, reference],
    }


def _text() -> Schema:
    """The characters that QuickBooks stores, and those that are mapped to one of them."""
    return {
        "type": "string",
        "pattern": f"^[{qbxml.text.character_ranges()}]*$",
        "description": "What QuickBooks stores is Windows-1252. Control characters are dropped, other dashes, quotes, "
        "blanks and ligatures are written in their plain form; the warnings of the record tell. Any other is refused.",
    }


def _written(value: Any, but: Iterable[str] = ()) -> Any:
    """With the rule for what is written into QuickBooks wherever any text would do, `but` in these fields."""
    if isinstance(value, list):
        return [_written(item, but) for item in value]
    if not isinstance(value, dict):
        return value
    made = {key: item if key in but else _written(item, but) for key, item in value.items()}
    if value.get("type") == "string" and not {"pattern", "enum", "const", "format"} & set(value):
        return {"$ref": "#/components/schemas/Text"} | {key: made[key] for key in made if key != "type"}
    return made


def _tidied(value: Any) -> Any:
    """Without titles and defaults that say nothing, and with the names of the documentation."""
    if isinstance(value, list):
        return [_tidied(item) for item in value]
    if not isinstance(value, dict):
        return value
    tidy: Schema = {}
    for key, item in value.items():
        if key == "properties":
            tidy[key] = {name: _tidied(schema) for name, schema in item.items()}
        elif key == "$ref":
            path, _, name = item.rpartition("/")
            tidy[key] = f"{path}/{_NAMES.get(name, name)}"
        elif key not in ("title", "default"):
            tidy[key] = item if key == "examples" else _tidied(item)
    return tidy


def _reachable(schemas: Mapping[str, Schema], roots: list[str]) -> dict[str, Schema]:
    left, kept = list(roots), {}
    while left:
        name = left.pop()
        if name not in kept:
            kept[name] = schemas[name]
            left += _references(schemas[name])
    return dict(sorted(kept.items()))


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if "$ref" in value:
            yield value["$ref"].rpartition("/")[2]
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _references(item)
