"""Reading needs the same memory for a large company file as for a small one."""

from __future__ import annotations

import gc
import subprocess
import sys
import weakref
from pathlib import Path

import pytest

from qbxml import read
from qbxml.response import Response

READ = """
import sys
from qbxml import read
items = sum(1 for response in read(sys.argv[1]) for record in response.records)
status = open("/proc/self/status").read()
print(items, next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")))
"""
ITEM = (
    "<{kind}Ret>\n<ListID>80{n:06X}-1446673838</ListID>\n<Name>Oyster {n}</Name>\n<SalesTaxCodeRef>\n"
    "<ListID>80000002-1</ListID>\n<FullName>Non</FullName>\n</SalesTaxCodeRef>\n<Strange{odd}>1</Strange{odd}>\n</{kind}Ret>\n"
)


def answer(path: Path, items: int, kind: str) -> Path:
    with path.open("w") as file:
        file.write('<QBXML><QBXMLMsgsRs><ItemQueryRs statusCode="0" statusSeverity="Info">')
        for number in range(items):
            file.write(ITEM.format(kind=kind, n=number, odd=number % 3000))
        file.write("</ItemQueryRs></QBXMLMsgsRs></QBXML>")
    return path


def peak(path: Path, items: int) -> int:
    """Peak memory in KiB of a process of its own that reads the file."""
    done = subprocess.run([sys.executable, "-c", READ, str(path)], capture_output=True, check=True, text=True)
    count, memory = done.stdout.split()
    assert int(count) == items
    return int(memory)


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peak memory is read from /proc")
@pytest.mark.parametrize("kind", ["ItemInventory", "NobodyKnows"])
def test_peak_memory_does_not_grow_with_the_number_of_records(kind: str, tmp_path: Path) -> None:
    small = peak(answer(tmp_path / "small.xml", 1_000, kind), 1_000)
    large = peak(answer(tmp_path / "large.xml", 40_000, kind), 40_000)
    assert large - small < 6 << 10


def written(response: Response) -> None:
    assert response.written is not None


def one_of_two(response: Response) -> None:
    assert next(response.records) is not None


@pytest.mark.parametrize(("name", "use"), [("ItemInventoryAddRs", written), ("ItemQueryRs", one_of_two)])
def test_a_response_that_was_passed_by_does_not_wait_for_the_garbage_collector(name: str, use) -> None:
    items = "".join(ITEM.format(kind="ItemInventory", n=number, odd=number) for number in range(2))
    text = f'<{name} statusCode="0" statusSeverity="Info">{items}</{name}>'
    reader = read(f"<QBXML><QBXMLMsgsRs>{text}</QBXMLMsgsRs></QBXML>")
    gc.disable()
    try:
        response = next(reader)
        use(response)
        assert next(reader, None) is None
        known = weakref.ref(response)
        del response
        assert known() is None
    finally:
        gc.enable()
