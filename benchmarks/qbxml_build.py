"""Building 10,000 InvoiceAdd of five lines in message sets of 50: how many a second, and what costs most.

    python benchmarks/qbxml_build.py [--invoices 10000]

The floor beside it is the same elements made by lxml alone, in the same run.
"""

from __future__ import annotations

import argparse
import cProfile
import pstats
import time
from collections.abc import Callable
from datetime import date
from decimal import Decimal

from lxml import etree

from qbxml import build
from qbxml.records import Address, Invoice, InvoiceLine, Ref
from qbxml.requests import Add

BATCH = 50
LINES = 5


def invoice(number: int) -> Invoice:
    """An invoice as the server sends one: references by ListID, a bill-to address, a GUID."""
    return Invoice.believed(
        {
            "customer": Ref.believed({"list_id": f"80{number:06X}-1446673838"}),
            "txn_date": date(2026, 11, 20),
            "ref_number": f"SO-{number}",
            "bill_address": Address.believed(
                {"addr1": "Harbour Fish Co", "addr2": "1 Quay", "city": "Bayshore"}
            ),
            "po_number": "PO-9",
            "memo": "Café – delivered at the back door",
            "external_guid": "{6a5c0b1e-52f4-4f1a-8a59-1f6f5c0b7d22}",
            "lines": tuple(
                InvoiceLine.believed(
                    {
                        "item": Ref.believed({"list_id": f"80{line:06X}-1446673838"}),
                        "desc": f"Oysters, line {line}",
                        "quantity": Decimal(12),
                        "rate": Decimal("9.50"),
                    }
                )
                for line in range(LINES)
            ),
        }
    )


def ours(invoices: list[Invoice]) -> int:
    """Bytes of all message sets."""
    total = 0
    for start in range(0, len(invoices), BATCH):
        batch = invoices[start : start + BATCH]
        total += len(build([Add(record, request_id=f"{start}-{n}") for n, record in enumerate(batch)]).text)
    return total


def floor(invoices: list[Invoice]) -> int:
    """The same elements, hard-coded: what lxml itself needs to make and write them."""
    total = 0
    for start in range(0, len(invoices), BATCH):
        root = etree.Element("QBXMLMsgsRq", onError="continueOnError")
        for number, record in enumerate(invoices[start : start + BATCH]):
            request = etree.SubElement(root, "InvoiceAddRq", requestID=f"{start}-{number}")
            inner = etree.SubElement(request, "InvoiceAdd")
            _leaf(_group(inner, "CustomerRef"), "ListID", record.customer.list_id)
            _leaf(inner, "TxnDate", record.txn_date.isoformat())
            _leaf(inner, "RefNumber", record.ref_number)
            address = _group(inner, "BillAddress")
            _leaf(address, "Addr1", record.bill_address.addr1)
            _leaf(address, "Addr2", record.bill_address.addr2)
            _leaf(address, "City", record.bill_address.city)
            _leaf(inner, "PONumber", record.po_number)
            _leaf(inner, "Memo", record.memo)
            _leaf(inner, "ExternalGUID", record.external_guid)
            for line in record.lines:
                element = _group(inner, "InvoiceLineAdd")
                _leaf(_group(element, "ItemRef"), "ListID", line.item.list_id)
                _leaf(element, "Desc", line.desc)
                _leaf(element, "Quantity", str(line.quantity))
                _leaf(element, "Rate", str(line.rate))
        total += len(etree.tostring(root, encoding="us-ascii"))
    return total


def _group(parent: etree._Element, tag: str) -> etree._Element:
    return etree.SubElement(parent, tag)


def _leaf(parent: etree._Element, tag: str, text: str) -> None:
    etree.SubElement(parent, tag).text = text


def timed(way: Callable[[list[Invoice]], int], invoices: list[Invoice]) -> float:
    started = time.perf_counter()
    way(invoices)
    return time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--invoices", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    invoices = [invoice(number) for number in range(options.invoices)]
    pairs = [(timed(floor, invoices), timed(ours, invoices)) for _ in range(options.rounds)]
    bare, mine = min(b for b, _ in pairs), min(o for _, o in pairs)
    print(f"{options.invoices} InvoiceAdd with {LINES} lines in sets of {BATCH}")
    print(f"{options.invoices / mine:.0f} a second; {mine / bare:.2f} times hard-coded lxml ({bare:.2f} s)")
    profile = cProfile.Profile()
    profile.runcall(ours, invoices[: options.invoices // 5])
    table = pstats.Stats(profile).sort_stats("tottime")
    whole = sum(row[2] for row in table.stats.values())
    rows = sorted(table.stats.items(), key=lambda item: -item[1][2])[:5]
    for (file, line, name), (_, calls, own, *_rest) in rows:
        print(f"{own / whole:5.0%}  {calls:>8} calls  {file.rpartition('/')[2]}:{line} {name}")


if __name__ == "__main__":
    main()
