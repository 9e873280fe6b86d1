"""Reading a large ItemQueryRs against a bare lxml iterparse of the same bytes, in one run.

    python benchmarks/qbxml_read.py [--items 50000] [--rounds 5]

Prints the ratio of the times (goal: at most 2.5) and, from child processes of their own, how far each way
of reading raises the peak memory above the interpreter with its imports (goal: at most 40 MB, and no growth
with size).
"""

from __future__ import annotations

import argparse
import io
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from lxml import etree

from qbxml import read


def document(items: int) -> bytes:
    """An answer to ItemQuery as QuickBooks formats it: half inventory, half non-inventory items."""
    parts = ['<?xml version="1.0" ?>\n<QBXML>\n<QBXMLMsgsRs>\n<ItemQueryRs requestID="1" statusCode="0" ']
    parts.append('statusSeverity="Info" statusMessage="Status OK">\n')
    for number in range(items):
        parts.append(_inventory(number) if number % 2 else _non_inventory(number))
    parts.append("</ItemQueryRs>\n</QBXMLMsgsRs>\n</QBXML>\n")
    return "".join(parts).encode()


def _head(number: int) -> str:
    return (
        f"<ListID>80{number:06X}-1446673838</ListID>\n<TimeCreated>2024-03-01T09:30:00-08:00</TimeCreated>\n"
        f"<TimeModified>2026-11-19T17:05:21-08:00</TimeModified>\n<EditSequence>17637171{number:06d}</EditSequence>\n"
        f"<Name>Oyster {number}</Name>\n<FullName>Shellfish:Oyster {number}</FullName>\n<IsActive>true</IsActive>\n"
        "<ParentRef>\n<ListID>80000001-1</ListID>\n<FullName>Shellfish</FullName>\n</ParentRef>\n"
        f"<Sublevel>1</Sublevel>\n<ManufacturerPartNumber>A-{number}</ManufacturerPartNumber>\n"
        "<SalesTaxCodeRef>\n<ListID>80000002-1</ListID>\n<FullName>Non</FullName>\n</SalesTaxCodeRef>\n"
    )


def _non_inventory(number: int) -> str:
    return (
        f"<ItemNonInventoryRet>\n{_head(number)}<SalesAndPurchase>\n<SalesDesc>Oysters &amp; more, 100ct</SalesDesc>\n"
        "<SalesPrice>9.50</SalesPrice>\n<IncomeAccountRef>\n<ListID>80000003-1</ListID>\n<FullName>Sales</FullName>\n"
        "</IncomeAccountRef>\n<PurchaseDesc>Oysters</PurchaseDesc>\n<PurchaseCost>6.00</PurchaseCost>\n"
        "<ExpenseAccountRef>\n<ListID>80000004-1</ListID>\n<FullName>Purchases</FullName>\n</ExpenseAccountRef>\n"
        "</SalesAndPurchase>\n</ItemNonInventoryRet>\n"
    )


def _inventory(number: int) -> str:
    return (
        f"<ItemInventoryRet>\n{_head(number)}<SalesDesc>Caf&#233; oysters</SalesDesc>\n<SalesPrice>12.75</SalesPrice>\n"
        "<IncomeAccountRef>\n<ListID>80000003-1</ListID>\n<FullName>Sales</FullName>\n</IncomeAccountRef>\n"
        "<PurchaseCost>8.00</PurchaseCost>\n<COGSAccountRef>\n<ListID>80000005-1</ListID>\n<FullName>COGS</FullName>\n"
        "</COGSAccountRef>\n<AssetAccountRef>\n<ListID>80000006-1</ListID>\n<FullName>Stock</FullName>\n"
        "</AssetAccountRef>\n<QuantityOnHand>120</QuantityOnHand>\n<AverageCost>7.9</AverageCost>\n"
        "<QuantityOnOrder>0</QuantityOnOrder>\n<QuantityOnSalesOrder>0</QuantityOnSalesOrder>\n</ItemInventoryRet>\n"
    )


def bare(data: bytes | str) -> int:
    """What lxml needs to walk the document, every element looked at and dropped."""
    count = 0
    source = io.BytesIO(data) if isinstance(data, bytes) else data
    for _, element in etree.iterparse(source, huge_tree=True):
        count += 1
        element.clear()
        while element.getprevious() is not None:
            del element.getparent()[0]
    return count


def ours(data: bytes | str) -> int:
    """Typed records, each dropped."""
    return sum(1 for response in read(data, max_bytes=1 << 40) for _ in response.records)


def nothing(data: bytes | str) -> int:
    """The interpreter with its imports."""
    return 0


WAYS: dict[str, Callable[[bytes | str], int]] = {"bare": bare, "ours": ours, "nothing": nothing}


def timed(way: Callable[[bytes | str], int], data: bytes) -> float:
    started = time.perf_counter()
    way(data)
    return time.perf_counter() - started


def peak(way: str, path: str) -> int:
    """Peak memory in KiB of a process of its own that reads the file."""
    result = subprocess.run([sys.executable, __file__, "--child", way, path], capture_output=True, check=True)
    return int(result.stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--child", nargs=2)
    options = parser.parse_args()
    if options.child:
        WAYS[options.child[0]](options.child[1])
        status = Path("/proc/self/status").read_text()  # getrusage would count the parent's memory as well
        print(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")))
        return
    data = document(options.items)
    pairs = [(timed(bare, data), timed(ours, data)) for _ in range(options.rounds)]
    floor, mine = min(b for b, _ in pairs), min(o for _, o in pairs)
    print(f"{options.items} items, {len(data) / 1e6:.1f} MB")
    print(f"bare iterparse {floor:.2f} s, typed records {mine:.2f} s, ratio {mine / floor:.2f}")
    for items in (options.items // 5, options.items, options.items * 2):
        with tempfile.NamedTemporaryFile(suffix=".xml") as file:
            Path(file.name).write_bytes(document(items))
            base = peak("nothing", file.name)
            above = {way: (peak(way, file.name) - base) / 1024 for way in ("bare", "ours")}
        print(f"peak at {items} items: bare +{above['bare']:.1f} MB, typed records +{above['ours']:.1f} MB")


if __name__ == "__main__":
    main()
