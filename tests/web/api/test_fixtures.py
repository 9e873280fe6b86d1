"""The examples in fixtures/json are what hosts really send and really get."""

import json
from pathlib import Path

import pytest

from qbwc_server.domain.kinds import Kind
from qbwc_server.web.api.record_schemas import model_name

FOLDER = Path(__file__).parents[3] / "fixtures" / "json"


def text(name: str) -> str:
    """A file of the folder."""
    return (FOLDER / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", list(Kind))
def test_the_example_of_each_kind_is_taken_in_and_fits_the_documentation(kind, head_office, lab, check):
    example = json.loads(text(f"{kind}.json"))
    check(model_name(kind), example)
    answer = head_office.put(f"/connectors/{lab.FRESH}/{kind.plural}/example", text(f"{kind}.json").encode())
    assert answer.status_code == 201
    assert answer.json["record"] == example


def test_the_faulty_example_is_answered_as_written(head_office, lab):
    place = f"/connectors/{lab.FRESH}/invoices/faulty"
    answer = head_office.put(place, text("invoice.faulty.json").encode())
    assert answer.status_code == 422
    assert answer.json == json.loads(text("invoice.faulty.answer.json"))


def test_the_example_of_a_batch_is_answered_as_written(head_office, lab):
    answer = head_office.batch(lab.FRESH, *text("batch.ndjson").splitlines())
    assert answer == [json.loads(line) for line in text("batch.answer.ndjson").splitlines()]
