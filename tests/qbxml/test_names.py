"""Attribute names follow from element names by one rule, so nobody has to look them up."""

from __future__ import annotations

import re

import pytest

from qbxml.queries import QUERIES
from qbxml.record import Record
from qbxml.records import DIRECT, KINDS
from qbxml.table import Spec

EXCEPTIONS = {
    "lines": "all lines of a record, whatever their element is called",
    "contacts": "Contacts, ContactsMod, ContactsRet",
    "additional_notes": "AdditionalNotes, AdditionalNotesMod, AdditionalNotesRet",
    "data_ext": "DataExt, DataExtRet",
    "tax_line_info": "TaxLineInfoRet",
}


def snake(tag: str) -> str:
    """FOB, fob; PONumber, po_number; COGSAccountRef, cogs_account_ref; SupportedQBXMLVersion."""
    text = tag.replace("QBXML", "Qbxml").replace("QBFile", "QbFile").replace("For1099", "For_1099")
    text = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", text)
    return re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", text).lower()


def models() -> list[type[Record]]:
    """Every record class, nested ones included."""
    seen: list[type[Record]] = []
    waiting: list[type[Record]] = [*KINDS.values(), *QUERIES.values(), *DIRECT.values()]
    while waiting:
        model = waiting.pop()
        if model not in seen:
            seen.append(model)
            waiting += [block.model for spec in model.table.fields.values() for block in spec.blocks]
    return seen


def expected_name(spec: Spec) -> str:
    name = snake(spec.tags[0]).removesuffix("_add").removesuffix("_ret")
    return name.removesuffix("_ref") if spec.ref else name


@pytest.mark.parametrize("model", models(), ids=lambda model: model.__name__)
def test_an_attribute_is_the_snake_case_of_its_element(model: type[Record]) -> None:
    fields = {a: s for a, s in model.table.fields.items() if a not in EXCEPTIONS}
    assert [a.removesuffix("_") for a in fields] == [expected_name(spec) for spec in fields.values()]
