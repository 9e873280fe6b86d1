"""The shipped schema is what the tables say, and says no to what QuickBooks could not parse."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from lxml import etree

from qbxml.schema import DEFAULT_FILE, main, schema, schema_text

HEAD = '<QBXML><QBXMLMsgsRq onError="stopOnError">'
TAIL = "</QBXMLMsgsRq></QBXML>"


@cache
def validator() -> etree.XMLSchema:
    return etree.XMLSchema(schema())


def valid(inside: str) -> bool:
    return bool(validator().validate(etree.fromstring(HEAD + inside + TAIL)))


def test_the_shipped_file_is_up_to_date() -> None:
    assert DEFAULT_FILE.read_bytes() == schema_text()
    assert main(["--check"]) == 0


def test_drift_is_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old = tmp_path / "old.xsd"
    old.write_text("<old/>")
    assert main(["--check", str(old)]) == 1
    assert "run python -m qbxml.schema" in capsys.readouterr().err
    assert main([str(old)]) == 0
    assert old.read_bytes() == schema_text()


@pytest.mark.parametrize(
    "inside",
    [
        "<CustomerAddRq><CustomerAdd><Name>A</Name></CustomerAdd></CustomerAddRq>",
        "<HostQueryRq/>",
        "<TxnVoidRq><TxnVoidType>Invoice</TxnVoidType><TxnID>1-1</TxnID></TxnVoidRq>",
        '<ItemQueryRq requestID="1" iterator="Start"><MaxReturned>5</MaxReturned></ItemQueryRq>',
    ],
)
def test_good_requests_are_valid(inside: str) -> None:
    assert valid(inside)


@pytest.mark.parametrize(
    "inside",
    [
        "<CustomerAddRq><CustomerAdd/></CustomerAddRq>",
        "<CustomerAddRq><CustomerAdd><IsActive>true</IsActive><Name>A</Name></CustomerAdd></CustomerAddRq>",
        f"<CustomerAddRq><CustomerAdd><Name>{'x' * 42}</Name></CustomerAdd></CustomerAddRq>",
        "<CustomerAddRq><CustomerAdd><Name>A</Name><CreditLimit>1.5</CreditLimit></CustomerAdd></CustomerAddRq>",
        "<CustomerAddRq><CustomerAdd><Name>A</Name><Mobile>1</Mobile></CustomerAdd></CustomerAddRq>",
        "<CustomerQueryRq><ListID>1</ListID><FullName>A</FullName></CustomerQueryRq>",
        "<ItemServiceAddRq><ItemServiceAdd><Name>A</Name></ItemServiceAdd></ItemServiceAddRq>",
        "<TxnVoidRq><TxnVoidType>PurchaseOrder</TxnVoidType><TxnID>1</TxnID></TxnVoidRq>",
        "<BillAddRq/>",
    ],
)
def test_bad_requests_are_not(inside: str) -> None:
    assert not valid(inside)


def test_attributes_are_bounded() -> None:
    assert not valid(f'<HostQueryRq requestID="{"x" * 51}"/>')
    assert not valid('<AccountQueryRq iterator="Start"/>')
    assert not validator().validate(etree.fromstring("<QBXML><QBXMLMsgsRq/></QBXML>"))
