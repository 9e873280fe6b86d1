"""Every record the tables can express is valid qbXML, and comes back as it went out."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from qbxml import Country, InvalidRecord, Version, read
from qbxml.decode import decode
from qbxml.encode import encode
from qbxml.queries import QUERIES
from qbxml.record import Record
from qbxml.records import KINDS, Customer, Invoice, ItemInventory, PurchaseOrder, Vendor
from qbxml.requests import Add, Mod, Request, supports
from qbxml.schema import schema
from qbxml.table import Shape
from tests.worlds.makers import Maker
from tests.worlds.xsd_oracle import INTUIT

SEEDS = st.integers(0, 2**48)
PER_EXAMPLE = 50
THOROUGH = "THOROUGH" in os.environ
CHEAP = settings(
    max_examples=40 if THOROUGH else 4, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)  # 40 x 50 records = 2,000 a kind and shape, or a tenth
FEWER = settings(CHEAP, max_examples=10 if THOROUGH else 2)
pytestmark = pytest.mark.search
VERSIONS = [
    Version(v) for v in ("2.0", "3.0", "4.0", "5.0", "6.0", "7.0", "8.0", "10.0", "11.0", "12.0", "13.0")
]


@pytest.fixture(scope="session", params=["ours", pytest.param("intuit", marks=pytest.mark.intuit)])
def valid_by(request: pytest.FixtureRequest) -> etree.XMLSchema:
    """Our schema, and then Intuit's."""
    source = schema() if request.param == "ours" else etree.parse(str(INTUIT / "qbxmlops130.xsd"))
    return etree.XMLSchema(source)


def writable() -> Iterator[tuple[type[Record], Shape]]:
    """Every Add and Mod we offer."""
    for kind, model in KINDS.items():
        for shape in (Shape.ADD, Shape.MOD):
            if kind != "DataExt" and supports(model, shape):
                yield model, shape


def name_of(value: object) -> str:
    return value.__name__ if isinstance(value, type) else str(value)


def assert_valid(inside: etree._Element, by: etree.XMLSchema) -> None:
    """A message set that is valid by a schema."""
    root = etree.Element("QBXML")
    root.append(inside)
    root = etree.fromstring(etree.tostring(root))
    by.validate(root)
    assert [str(error) for error in iter(cast(Any, by.error_log))] == []


def request_for(record: Record, shape: Shape, number: int) -> Request:
    return (Add if shape is Shape.ADD else Mod)(record, request_id=str(number))


@pytest.mark.parametrize(("model", "shape"), list(writable()), ids=name_of)
@CHEAP
@given(seed=SEEDS)
def test_a_written_record_is_valid_and_reads_back_the_same(
    valid_by: etree.XMLSchema, model: type[Record], shape: Shape, seed: int
) -> None:
    maker = Maker(seed)
    body = etree.Element("QBXMLMsgsRq", onError="continueOnError")
    records = [maker.record(model, shape) for _ in range(PER_EXAMPLE)]
    for number, record in enumerate(records):
        built = request_for(record, shape, number).to_element()
        assert built.warnings == ()
        body.append(built.element)
    assert_valid(body, valid_by)
    for record, request in zip(records, body, strict=True):
        assert decode(request[0], model, shape) == with_new_lines(record, shape)


def with_new_lines(record: Record, shape: Shape) -> Record:
    """A Mod gives new lines the id -1, so that is what comes back."""
    if shape is not Shape.MOD or not hasattr(record, "lines") or "txn_id" not in type(record).model_fields:
        return record
    return record.model_copy(update={"lines": tuple(new_line(line) for line in record.lines)})


def new_line(line: Any) -> Record:
    update: dict[str, object] = {} if line.txn_line_id else {"txn_line_id": "-1"}
    if getattr(line, "lines", ()):
        update["lines"] = tuple(new_line(inner) for inner in line.lines)
    return line.model_copy(update=update)


@pytest.mark.parametrize("model", [m for m, shape in writable() if shape is Shape.MOD], ids=name_of)
def test_whatever_can_be_cleared_is_cleared_by_valid_qbxml(
    valid_by: etree.XMLSchema, model: type[Record]
) -> None:
    head = Maker(1).record(model, Shape.MOD)
    ids = {
        name: getattr(head, name) for name in ("list_id", "txn_id", "edit_sequence") if hasattr(head, name)
    }
    body = etree.Element("QBXMLMsgsRq", onError="continueOnError")
    cleared = []
    for name, spec in model.table.ordered(Shape.MOD):
        try:
            element = Mod(model(**ids), clear=(name,)).to_element().element
        except InvalidRecord:
            continue
        if len(element[0]) > len(ids):
            assert element[0][-1].tag == spec.tags[Shape.MOD]
            cleared.append(name)
            body.append(element)
    assert cleared
    assert_valid(body, valid_by)


@pytest.mark.parametrize("country", ["US", "CA", "UK", "AU"])
@pytest.mark.parametrize("model", [Customer, Vendor, Invoice, PurchaseOrder, ItemInventory], ids=name_of)
@settings(CHEAP, max_examples=4)
@given(seed=SEEDS)
def test_every_country_gets_valid_qbxml(
    valid_by: etree.XMLSchema, model: type[Record], country: Country, seed: int
) -> None:
    maker = Maker(seed, country=country)
    body = etree.Element("QBXMLMsgsRq", onError="continueOnError")
    for number in range(10):
        built = Add(maker.record(model, Shape.ADD), request_id=str(number)).to_element(country=country)
        assert built.warnings == ()
        body.append(built.element)
    assert_valid(body, valid_by)


@pytest.mark.parametrize("kind", [k for k in KINDS if k not in ("DataExt",)])
@FEWER
@given(seed=SEEDS)
def test_an_answered_record_reads_back_the_same(kind: str, seed: int) -> None:
    maker = Maker(seed, usable=False)
    model = KINDS[kind]
    body = etree.Element("QBXMLMsgsRs")
    response = etree.SubElement(body, f"{kind}QueryRs", statusCode="0", statusSeverity="Info", requestID="1")
    single = kind in ("Host", "Company", "Preferences")
    records = [maker.record(model, Shape.RET) for _ in range(1 if single else PER_EXAMPLE)]
    for record in records:
        response.append(encode(record, f"{kind}Ret", Shape.RET)[0])
    document = etree.Element("QBXML")
    document.append(body)
    answers = [(a, list(a.records)) for a in read(etree.tostring(document, encoding="us-ascii"))]
    assert [a.warnings for a, _ in answers] == [()]
    assert answers[0][1] == records


@pytest.mark.parametrize("version", VERSIONS, ids=str)
@pytest.mark.parametrize(("model", "shape"), list(writable()), ids=name_of)
@settings(max_examples=4, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(seed=SEEDS)
def test_in_every_version_a_record_is_written_whole_or_says_what_was_left_out(
    model: type[Record], shape: Shape, version: Version, seed: int
) -> None:
    maker = Maker(seed, version)
    for _ in range(5):
        record = maker.record(model, shape)
        element, caveats = encode(record, "x", shape, version=version)
        assert caveats == ()
        assert decode(element, model, shape) == with_new_lines(record, shape)


@pytest.mark.parametrize("kind", QUERIES)
@FEWER
@given(seed=SEEDS)
def test_every_query_the_tables_allow_is_valid(valid_by: etree.XMLSchema, kind: str, seed: int) -> None:
    maker = Maker(seed)
    body = etree.Element("QBXMLMsgsRq", onError="stopOnError")
    for _ in range(PER_EXAMPLE):
        selectors = maker.record(QUERIES[kind], Shape.ADD)
        element, _ = encode(selectors, f"{kind}QueryRq", Shape.ADD)
        body.append(element)
        assert decode(element, QUERIES[kind], Shape.ADD) == selectors
    assert_valid(body, valid_by)
