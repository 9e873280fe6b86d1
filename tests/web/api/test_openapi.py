"""The documentation: valid OpenAPI 3.1, open to everybody, and neither more nor less than what is served."""

import json
import re
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from qbwc_server.domain.faults import InvalidInput
from qbwc_server.domain.host_records import parse, take_in
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.settings import ConnectorSettings
from qbwc_server.web.api import viewer
from qbwc_server.web.api.connectors import LISTS
from qbwc_server.web.api.record_schemas import model_name


def operations(paper):
    """Every documented operation: path, method, operation."""
    return [
        (path, method, operation)
        for path, methods in paper["paths"].items()
        for method, operation in methods.items()
    ]


def references(value):
    """Every reference inside the document."""
    if isinstance(value, dict):
        if "$ref" in value:
            yield value["$ref"]
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from references(item)


def test_it_is_open_to_everybody_and_needs_no_key(nobody, paper):
    answer = nobody.get("/openapi.json")
    assert answer.status_code == 200
    assert answer.json == paper


def test_it_is_valid_openapi(paper):
    assert [error.message for error in OpenAPIV31SpecValidator(paper).iter_errors()] == []
    assert paper["openapi"].startswith("3.1")


def test_every_schema_is_a_valid_schema(paper):
    for schema in paper["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_every_reference_leads_somewhere_and_nothing_is_there_for_nothing(paper):
    used = set(references(paper))
    sections = paper["components"]
    there = {
        f"#/components/{section}/{name}"
        for section in ("schemas", "responses", "parameters")
        for name in sections[section]
    }
    assert used <= there
    assert there - used == set()


def test_what_is_documented_is_served_and_what_is_served_is_documented(api, paper):
    served = set()
    for rule in api.url_map.iter_rules():
        if rule.endpoint in viewer.PAGES:
            continue
        path = re.sub(r"<(?:[a-z_]+:)?([a-z_]+)>", r"{\1}", rule.rule.removeprefix("/v1"))
        if "list_name" in rule.arguments:
            served |= {
                (path.replace("{list_name}", step), method, f"look_up_{step.replace('-', '_')}")
                for step in LISTS
                for method in rule.methods
            }
            continue
        for kind in Kind if "kind" in rule.arguments else ["record"]:
            name = rule.endpoint.replace("record", kind)
            step = path.replace("{kind}", getattr(kind, "plural", ""))
            served |= {(step, method, name) for method in rule.methods}
    documented = {(path, method.upper(), item["operationId"]) for path, method, item in operations(paper)}
    assert documented == {item for item in served if item[1] != "HEAD"}
    assert {item[:2] for item in served if item[1] == "HEAD"} == {
        (path, "HEAD") for path, method, _ in documented if method == "GET"
    }


def test_every_address_of_the_contract_is_there(paper):
    documented = {(method.upper(), path) for path, method, _ in operations(paper)}
    place = "/connectors/{connector}"
    for kind in ("customers", "vendors", "items", "invoices", "purchase-orders"):
        one = f"{place}/{kind}/{{external_id}}"
        assert {(method, one) for method in ("PUT", "GET", "DELETE")} <= documented
        assert {("POST", f"{one}/{action}") for action in ("retry", "void", "post-as-new")} <= documented
        assert ("GET", f"{place}/{kind}") in documented
        assert ("PUT", f"{place}/links/{kind}/{{external_id}}") in documented
    for method, path in (
        ("POST", "/batch"),
        ("POST", "/preview"),
        ("GET", "/errors"),
        ("POST", "/errors/retry"),
        ("POST", "/errors/{error_id}/dismiss"),
        ("POST", "/resync"),
        ("GET", ""),
        ("PATCH", "/settings"),
        *(("GET", f"/quickbooks/{step}") for step in ("customers", "vendors", "items", "accounts", "terms")),
        ("GET", "/events"),
    ):
        assert (method, place + path) in documented


def test_every_part_of_an_address_is_explained(paper):
    for path, method, operation in operations(paper):
        named = {item["name"] for item in operation["parameters"] if item.get("in") == "path"}
        assert named == set(re.findall("{([a-z_]+)}", path)), (method, path)


def test_everything_but_the_documentation_needs_a_key(paper):
    assert paper["security"] == [{"key": []}]
    open_to_all = [path for path, _, operation in operations(paper) if operation["security"] == []]
    assert open_to_all == ["/openapi.json"]
    for path, _, operation in operations(paper):
        assert ("401" in operation["responses"]) == (path != "/openapi.json")


def test_it_names_no_secret_and_no_machine(nobody, world, lab):
    text = nobody.get("/openapi.json").text
    assert "kkkk" not in text
    assert lab.CONNECTOR not in text
    assert "/home/" not in text
    assert str(world.core.database._engine.url) not in text


@pytest.mark.parametrize("kind", list(Kind))
def test_the_example_of_a_record_fits_its_schema_and_the_reader(kind, paper, check):
    (example,) = paper["components"]["schemas"][model_name(kind)]["examples"]
    check(model_name(kind), example)
    parse(kind, example)


@pytest.mark.parametrize("kind", list(Kind))
def test_a_documented_field_is_one_the_reader_knows(kind, paper):
    """What is documented can be handed over: null is the one value every field takes that is not needed. A version
    stands beside the fields of a record, and is not the reader's."""
    properties = paper["components"]["schemas"][model_name(kind)]["properties"]
    assert {"ref_number", "name"} & set(properties)
    needed = paper["components"]["schemas"][model_name(kind)]["examples"][0]
    lists = {name for name, schema in properties.items() if schema.get("type") == "array"}
    parse(kind, {name: None for name in properties if name not in lists | {"version"}} | needed)


def test_what_quickbooks_sets_is_not_documented_as_something_to_hand_over(paper):
    schemas = paper["components"]["schemas"]
    for name, field in (("Invoice", "txn_id"), ("Customer", "list_id"), ("Invoice", "external_guid")):
        assert field not in schemas[name]["properties"]
    for name in ("Invoice", "PurchaseOrder", "InvoiceLine", "Customer", "Item"):
        assert schemas[name]["additionalProperties"] is False


def test_a_list_is_searched_by_what_its_entries_have(paper):
    for step in LISTS:
        operation = paper["paths"][f"/connectors/{{connector}}/quickbooks/{step}"]["get"]
        named = {item["name"] for item in operation["parameters"] if item.get("in") == "query"}
        assert ("email" in named) == (step in ("customers", "vendors"))
        assert ("sku" in named) == (step == "items")


@pytest.mark.parametrize(
    ("text", "is_taken"),
    [("Café – “Søren’s” 5 € ½", True), ("tab\tand zero\u200bwidth", True), ("寿司", False), ("🦪", False)],
)
def test_a_text_is_documented_with_the_characters_that_quickbooks_stores(text, is_taken, paper):
    validator = Draft202012Validator(
        {"$ref": "#/components/schemas/Vendor", "components": paper["components"]}
    )
    assert validator.is_valid({"name": text}) is is_taken
    try:
        take_in(Kind.VENDOR, {"name": text})
    except InvalidInput:
        assert not is_taken
    else:
        assert is_taken


def test_every_setting_is_documented(paper):
    assert set(paper["components"]["schemas"]["Settings"]["properties"]) == set(
        ConnectorSettings.model_fields
    )


def test_it_is_small_enough_to_read(paper):
    assert len(json.dumps(paper)) < 420_000


@pytest.mark.parametrize("kind", list(Kind))
def test_what_is_needed_is_documented_as_needed(kind, paper):
    validator = Draft202012Validator(
        {"$ref": f"#/components/schemas/{model_name(kind)}", "components": paper["components"]}
    )
    example = paper["components"]["schemas"][model_name(kind)]["examples"][0]
    assert validator.is_valid(example | {"version": 7})
    nothings: list[dict[str, Any]] = [
        {},
        {"version": 1},
        {"name": None},
        {"customer": {}, "lines": [{}]},
        {"lines": []},
    ]
    for nothing in nothings:
        assert not validator.is_valid(nothing), nothing
        with pytest.raises(InvalidInput):
            take_in(kind, {name: value for name, value in nothing.items() if name != "version"})


def test_every_field_of_a_record_has_a_sentence(paper):
    for name in ("Customer", "Vendor", "Item", "Invoice", "PurchaseOrder", "InvoiceLine", "Address"):
        for field, schema in paper["components"]["schemas"][name]["properties"].items():
            assert schema.get("description", "").endswith("."), (name, field)
