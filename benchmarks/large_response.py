"""A 60 MB answer end to end: SOAP body, session, reading, list cache; its time, and the peak memory it takes.

    python benchmarks/large_response.py [--items 100000] [--bytes-each 600]

Each size runs in a process of its own, as memory once taken is seldom given back. "Peak" is all of the process,
interpreter and imports included; "above idle" is what the answer took. For comparison: an lxml tree of the same
answer alone, and a bare pass over it by iterparse.
"""

from __future__ import annotations

import argparse
import gc
import json
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import IO, Any

from lxml import etree

TNS = "http://developer.intuit.com/"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
OPENING = (
    f'<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="{SOAP}"><s:Body>'
    f'<receiveResponseXML xmlns="{TNS}"><ticket>%s</ticket><response>'
)
CLOSING = "</response><hresult /><message /></receiveResponseXML></s:Body></s:Envelope>"


def item(number: int, size: int) -> str:
    """One item as QuickBooks writes it, its description as long as it takes to make `size` bytes."""
    text = (
        f"<ItemNonInventoryRet>\n<ListID>80{number:06X}-1446673838</ListID>\n"
        f"<TimeModified>2026-11-19T17:05:21-08:00</TimeModified>\n<EditSequence>17637171{number:06d}</EditSequence>\n"
        f"<Name>Oyster {number:06d}</Name>\n<FullName>Oyster {number:06d}</FullName>\n<IsActive>true</IsActive>\n"
        f"<ManufacturerPartNumber>A-{number}</ManufacturerPartNumber>\n<SalesAndPurchase>\n<SalesDesc>%s</SalesDesc>\n"
        "<SalesPrice>9.50</SalesPrice>\n<PurchaseCost>6.00</PurchaseCost>\n</SalesAndPurchase>\n</ItemNonInventoryRet>\n"
    )
    return text % ("Oysters, " * size)[: max(0, size - len(text) + 2)]


def write_answer(file: IO[str], asked: str, items: int, size: int, *, escaped: bool) -> int:
    """The answer to a message set: `items` items for its item query, nothing found for the rest; its length."""
    length = 0
    for text in answer(asked, items, size):
        length += len(text)
        file.write(text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") if escaped else text)
    return length


def answer(asked: str, items: int, size: int) -> Any:
    """The answer in pieces."""
    yield '<?xml version="1.0" ?>\n<QBXML>\n<QBXMLMsgsRs>\n'
    for request in etree.fromstring(asked.encode())[0]:
        name, found = f"{request.tag[:-2]}Rs", items if request.tag == "ItemQueryRq" else 0
        status = "0" if found else "1"
        yield f'<{name} requestID="{request.get("requestID")}" statusCode="{status}" statusSeverity="Info">\n'
        yield from (item(number, size) for number in range(found))
        yield f"</{name}>\n"
    yield "</QBXMLMsgsRs>\n</QBXML>\n"


# --- in the child ---------------------------------------------------------------------------------------------


def memory(field: str) -> float:
    """A line of /proc/self/status in MB: VmHWM is the peak, VmRSS what is taken now."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(field))


def post(application: Any, body: IO[bytes], length: int) -> list[str]:
    """One SOAP call; the texts of its result."""
    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/qbwc",
        "QUERY_STRING": "",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_TYPE": "text/xml; charset=utf-8",
        "CONTENT_LENGTH": str(length),
        "wsgi.url_scheme": "http",
        "wsgi.input": body,
    }
    reply = b"".join(application(environ, lambda status, headers, exc_info=None: None))
    ((result,),) = etree.fromstring(reply).find(f"{{{SOAP}}}Body")
    return [member.text or "" for member in result] or [result.text or ""]


def call(application: Any, method: str, folder: Path, **arguments: str) -> list[str]:
    """One small SOAP call."""
    root = etree.Element(f"{{{SOAP}}}Envelope")
    element = etree.SubElement(etree.SubElement(root, f"{{{SOAP}}}Body"), f"{{{TNS}}}{method}")
    for name, value in arguments.items():
        etree.SubElement(element, f"{{{TNS}}}{name}").text = value
    path = folder / "call.xml"
    path.write_bytes(etree.tostring(root))
    with path.open("rb") as body:
        return post(application, body, path.stat().st_size)


def run(folder: Path, items: int, size: int) -> dict[str, Any]:
    """A whole server takes one large answer; what it took."""
    from qbwc_server.app import create_app
    from qbwc_server.config.reading import load_config
    from qbwc_server.desk.administration import connectors
    from qbwc_server.wiring import core_from

    config = load_config(overrides={("database_url",): f"sqlite:///{folder / 'qbwc.db'}"}, environ={})
    core = core_from(config, create=True)
    made = connectors.add(core, "large", actor="staff")
    application = create_app(config)
    ticket = call(
        application, "authenticate", folder, strUserName=made.connector.username, strPassword=made.password
    )[0]
    asked = call(
        application, "sendRequestXML", folder, ticket=ticket, qbXMLMajorVers="13", qbXMLMinorVers="0"
    )[0]
    path = folder / "body.xml"
    with path.open("w", encoding="utf-8") as file:
        file.write(OPENING % ticket)
        length = write_answer(file, asked, items, size, escaped=True)
        file.write(CLOSING)
    return _measured(application, core, path, length, items)


def _measured(application: Any, core: Any, path: Path, length: int, items: int) -> dict[str, Any]:
    # as a worker of `serve` does
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 50)
    idle = memory("VmRSS")
    started, busy = time.perf_counter(), time.process_time()
    with path.open("rb") as body:
        (progress,) = post(application, body, path.stat().st_size)
    took, busy = time.perf_counter() - started, time.process_time() - busy
    peak = memory("VmHWM")
    with closing(core.database), core.database.read() as conn:
        stored = conn.exec_driver_sql("SELECT count(*) FROM list_entry WHERE sku LIKE 'A-%'").scalar()
    return {
        "items": items,
        "answer_mb": length / 1e6,
        "body_mb": path.stat().st_size / 1e6,
        "progress": progress,
        "stored": stored,
        "seconds": took,
        "cpu_seconds": busy,
        "idle_mb": idle,
        "peak_mb": peak,
    }


def compared(way: str, path: str) -> None:
    """An lxml tree of the bare answer, or one pass over it."""
    started, busy = time.perf_counter(), time.process_time()
    if way == "tree":
        tree = etree.parse(path, etree.XMLParser(huge_tree=True))
        assert tree.getroot() is not None
    else:
        for _, element in etree.iterparse(path, huge_tree=True):
            element.clear()
            while element.getprevious() is not None:
                del element.getparent()[0]
    took, busy = time.perf_counter() - started, time.process_time() - busy
    print(json.dumps({"seconds": took, "cpu_seconds": busy, "peak_mb": memory("VmHWM")}))


# --- in the parent --------------------------------------------------------------------------------------------


def in_a_process_of_its_own(*arguments: str) -> dict[str, Any]:
    """What this program prints when called so."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", __file__, *arguments], capture_output=True, check=False
    )
    if done.returncode:
        raise SystemExit(done.stderr.decode())
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def measure(items: int, size: int) -> dict[str, Any]:
    """A whole server with one large answer, in a process of its own."""
    return in_a_process_of_its_own("--child", str(items), str(size))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--bytes-each", type=int, default=600)
    parser.add_argument("--child", nargs=2, help=argparse.SUPPRESS)
    parser.add_argument("--compare", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        with tempfile.TemporaryDirectory() as folder:
            print(json.dumps(run(Path(folder), *map(int, options.child))))
        return
    if options.compare:
        compared(*options.compare)
        return
    asked = '<QBXML><QBXMLMsgsRq><ItemQueryRq requestID="1"/></QBXMLMsgsRq></QBXML>'
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "answer.xml"
        with path.open("w", encoding="utf-8") as file:
            write_answer(file, asked, options.items, options.bytes_each, escaped=False)
        others = {way: in_a_process_of_its_own("--compare", way, str(path)) for way in ("tree", "pass")}
    told = measure(options.items, options.bytes_each)
    print(f"{told['items']} items, answer {told['answer_mb']:.1f} MB, SOAP body {told['body_mb']:.1f} MB")
    print(
        f"whole server: {told['seconds']:.2f} s ({told['cpu_seconds']:.2f} s CPU), {told['stored']} items stored"
    )
    print(f"peak {told['peak_mb']:.0f} MB, {told['peak_mb'] - told['idle_mb']:.0f} MB above idle")
    for way, found in others.items():
        took = f"{found['seconds']:.2f} s ({found['cpu_seconds']:.2f} s CPU)"
        print(f"lxml {way} of the bare answer: {took}, peak {found['peak_mb']:.0f} MB")
    print(
        f"CPU of the whole server: {told['cpu_seconds'] / others['pass']['cpu_seconds']:.1f} x that of a bare pass"
    )


if __name__ == "__main__":
    main()
