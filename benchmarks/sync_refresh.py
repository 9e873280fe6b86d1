"""Loading a list of 100,000 items into the list cache, page by page as the Web Connector brings it.

    python benchmarks/sync_refresh.py [--items 100000] [--pages 500 5000]

Prints for the first load and for a Resync of the same list, by page size: items a second, and by how much the
peak memory rose above what the server needs before (goal: it does not grow with the list). QuickBooks' answers
are made up beforehand, so that only this server's work is counted. Every measurement has a process of its own.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from lxml import etree

from qbwc_server.desk.administration import connectors
from qbwc_server.domain.clock import utc_now
from qbwc_server.domain.limits import Limits
from qbwc_server.simulator import CompanyFile
from qbwc_server.storage.database import Database
from qbwc_server.sync.core import Core
from qbwc_server.visit.calls import WebConnectorCalls

_PROLOG = '<?xml version="1.0" ?>\n<QBXML>\n<QBXMLMsgsRs>\n'
_OK = 'statusCode="0" statusSeverity="Info" statusMessage="Status OK"'


def _item(number: int) -> str:
    return (
        f"<ItemInventoryRet>\n<ListID>80{number:06X}-1446673838</ListID>\n"
        f"<TimeModified>2026-11-19T17:05:21-08:00</TimeModified>\n<EditSequence>17637171{number:06d}</EditSequence>\n"
        f"<Name>Oyster {number:06d}</Name>\n<FullName>Oyster {number:06d}</FullName>\n<IsActive>true</IsActive>\n"
        f"<ManufacturerPartNumber>OYS-{number:06d}</ManufacturerPartNumber>\n</ItemInventoryRet>\n"
    )


class Answers:
    """A QuickBooks that has so many items and nothing else."""

    def __init__(self, items: int, page: int) -> None:
        self.items, self.page, self.place = items, page, 0

    def to(self, text: str) -> str:
        """The answer to a message set."""
        (message_set,) = etree.fromstring(text.encode())
        return _PROLOG + "".join(map(self._one, message_set)) + "</QBXMLMsgsRs>\n</QBXML>\n"

    def _one(self, request: etree._Element) -> str:
        tag, number = str(request.tag).removesuffix("Rq"), request.get("requestID")
        if tag != "ItemQuery":
            return f'<{tag}Rs requestID="{number}" statusCode="1" statusSeverity="Info" statusMessage="none" />\n'
        if request.get("iterator") == "Start":
            self.place = 0
        first, self.place = self.place, min(self.items, self.place + self.page)
        left = f'iteratorRemainingCount="{self.items - self.place}" iteratorID="{{1}}"'
        body = "".join(map(_item, range(first, self.place)))
        return f'<ItemQueryRs requestID="{number}" {_OK} {left}>\n{body}</ItemQueryRs>\n'


def _visit(core: Core, answers: Answers, name: str, password: str) -> Iterator[tuple[str, float]]:
    """One visit; the seconds of every call of the server."""
    calls, connector = WebConnectorCalls(core), connectors.get(core, name)
    company = CompanyFile.create(None)
    hcp = company.hcp_response(connector.owner_id, connector.file_id)
    started = time.perf_counter()
    ticket = calls.authenticate(connector.username, password, address="127.0.0.1")[0]
    yield "authenticate", time.perf_counter() - started
    percent = 0
    while percent < 100:
        started = time.perf_counter()
        text = calls.send_request_xml(ticket, hcp, "C:\\a.qbw", "US", 13, 0)
        yield "send", time.perf_counter() - started
        answer = answers.to(text)
        started = time.perf_counter()
        percent = calls.receive_response_xml(ticket, answer, "", "")
        yield "receive", time.perf_counter() - started
    calls.close_connection(ticket)


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def child(items: int, page: int) -> None:
    """One measurement, printed."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'refresh.db'}")
        database.upgrade()
        core = Core(database, utc_now, b"k" * 32, "https://qb.example.com", Limits(page_size=page))
        password = connectors.add(core, "acme", actor="staff").password
        for _ in _visit(core, Answers(1, page), "acme", password):
            pass  # everything is imported and warm now
        for what in ("first load", "Resync"):
            connectors.resync(core, "acme", actor="benchmark")
            before = _peak_mb()
            seconds = sum(taken for _, taken in _visit(core, Answers(items, page), "acme", password))
            print(
                f"{what:10} of {items} items in pages of {page}: {items / seconds:8.0f} items/s, "
                f"peak memory {_peak_mb() - before:+6.1f} MB (above {before:.0f} MB)",
                flush=True,
            )
        database.close()


def main() -> int:
    """Run it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--pages", type=int, nargs="+", default=[500, 5000], help="page sizes")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        child(options.items, options.pages[0])
        return 0
    for page in options.pages:
        command = [sys.executable, __file__, "--child", "--items", str(options.items), "--pages", str(page)]
        subprocess.run(command, check=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
