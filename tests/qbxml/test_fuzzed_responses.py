"""Thousands of damaged responses: a result or a named error, never a traceback, never unbounded memory."""

from __future__ import annotations

import io
import os
import random
from pathlib import Path

import pytest
from lxml import etree

from qbxml import QbxmlError, Response, read
from qbxml.encode import encode
from qbxml.records import KINDS
from qbxml.table import Shape
from tests.worlds.makers import Maker

ERRORS = {"ParseError", "NotQbxml", "TooLarge", "TooDeep"}
ROUNDS = 20_000 if "THOROUGH" in os.environ else 4_000
BATCH = 2_000
TOKENS = [
    b"&#xB;", b"&#0;", b"&#55357;&#56832;", b"&#xFFFE;", b"&amp", b"&foo;", b"<![CDATA[", b"]]>", b"<!--", b"-->",
    b"<?pi ", b"?>", b"<!DOCTYPE a [<!ENTITY b 'c'>]>", b"\x00", b"\x0b", b"\xff", b"\xc3", b"\xef\xbb\xbf",
    b"<a>", b"</a>",
    b"</QBXML>", b"</QBXMLMsgsRs>", b"<QBXML>", b"statusCode='x'", b'"', b"'", b"<", b">", b"<a " * 3, b"<x>" * 3000,
    b"1,5", b"1.234,56", b"1e400", b"-", b"\xd9\xa1", b"2026-13-45", b"TRUE", b" ", b"\n", b"<ListID>" * 2,
]  # fmt: skip


def document(seed: int) -> bytes:
    """A whole answer with a few records of a few kinds, as QuickBooks formats one."""
    maker = Maker(seed)
    root = etree.Element("QBXML")
    body = etree.SubElement(root, "QBXMLMsgsRs", newMessageSetID="m1", messageSetStatusCode="0")
    for kind in maker.rng.sample(sorted(KINDS), 3):
        response = etree.SubElement(
            body,
            f"{kind}QueryRs",
            requestID="1",
            statusCode="0",
            statusSeverity="Info",
            statusMessage="Status OK",
        )
        for _ in range(2):
            response.append(encode(maker.record(KINDS[kind], Shape.RET), f"{kind}Ret", Shape.RET)[0])
    etree.SubElement(body, "TxnVoidRs", statusCode="0", statusSeverity="Info").append(etree.Element("TxnID"))
    return b'<?xml version="1.0" ?>\n' + etree.tostring(root, pretty_print=True)


def damaged(rng: random.Random, data: bytes) -> bytes:
    """`data` with one to four random injuries."""
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(data) + 1)
        end = min(len(data), at + rng.choice((1, 1, 5, 200)))
        injury = rng.randrange(7)
        if injury == 0:
            data = data[:at] + data[end:]
        elif injury == 1:
            data = data[:at] + rng.choice(TOKENS) + data[at:]
        elif injury == 2:
            data = data[:at] + rng.randbytes(end - at) + data[end:]
        elif injury == 3:
            data = data[:at]
        elif injury == 4:
            data = data[:at] + data[at:end] * 3 + data[end:]
        elif injury == 5:
            data = data[end:] if rng.random() < 0.3 else data[:at] + data[at:end].swapcase() + data[end:]
        else:
            text = data.decode("latin-1")
            data = text.encode(rng.choice(("utf-16", "utf-8", "utf-16-be", "utf-7")))
    return data


class Dribble(io.BytesIO):
    """A file that gives a few bytes at a time, so that every construct is cut somewhere."""

    def __init__(self, data: bytes, rng: random.Random) -> None:
        super().__init__(data)
        self.rng = rng

    def read(self, size: int | None = -1) -> bytes:
        return super().read(self.rng.randint(1, 300))


def consume(data: bytes, rng: random.Random) -> str:
    """Reads everything; the name of the error that ended it, or "result"."""
    source = Dribble(data, rng) if rng.random() < 0.3 else io.BytesIO(data)
    try:
        for response in read(source, max_bytes=1 << 20):
            str(response.warnings)
            drained(response)
            assert response.error_recovery is None or response.error_recovery.kind
    except QbxmlError as error:
        return f"{type(error).__name__}: {error}".split(":")[0]
    return "result"


def drained(response: Response) -> None:
    records = response.records
    while True:
        try:
            next(records)
        except StopIteration:
            return
        except QbxmlError:
            continue


def high_water() -> int:
    status = Path("/proc/self/status")
    if not status.exists():
        pytest.skip("peak memory is read from /proc")
    return next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM"))


@pytest.mark.search
@pytest.mark.parametrize("batch", range(ROUNDS // BATCH))
def test_a_damaged_response_is_a_result_or_a_named_error(batch: int) -> None:
    rng = random.Random(batch)
    originals = [document(batch * 100 + number) for number in range(20)]
    outcomes: dict[str, int] = {}
    before = high_water()
    for _ in range(BATCH):
        outcome = consume(damaged(rng, rng.choice(originals)), rng)
        outcomes[outcome] = outcomes.get(outcome, 0) + 1
    assert sum(outcomes.values()) == BATCH
    assert outcomes.get("result", 0) > BATCH // 50
    assert {"ParseError", "NotQbxml"} <= outcomes.keys() <= {"result", *ERRORS}
    assert high_water() - before < 64 << 10


def test_an_undamaged_response_is_a_result() -> None:
    rng = random.Random(0)
    assert {consume(document(seed), rng) for seed in range(50)} == {"result"}


def test_a_document_read_byte_by_byte_is_the_same() -> None:
    rng = random.Random(1)
    for seed in range(20):
        data = document(seed)
        whole = [(r.name, list(r.records)) for r in read(data)]
        assert [(r.name, list(r.records)) for r in read(Dribble(data, rng))] == whole
