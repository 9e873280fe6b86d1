"""How many events a second one worker delivers to a receiver on this machine, beside bare POSTs to the same one.

    python benchmarks/webhooks.py [--events 3000] [--records 300]

The receiver is a program of its own that answers as soon as it has read; the floor is one connection of `http.client`
that POSTs the same bodies without database, signature or log.
"""

from __future__ import annotations

import argparse
import http.client
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import fields
from pathlib import Path

from qbwc_server.courier.delivering import deliver
from qbwc_server.desk.administration import connectors
from qbwc_server.desk.feeds import webhooks
from qbwc_server.desk.handing_over import intake
from qbwc_server.domain.clock import utc_now
from qbwc_server.domain.events import NewEvent
from qbwc_server.domain.kinds import Kind
from qbwc_server.storage import connectors as connector_rows
from qbwc_server.storage import events as event_rows
from qbwc_server.storage.database import Database
from qbwc_server.sync.core import Core

RECEIVER = """
import socket, threading
server = socket.create_server(("127.0.0.1", 0))
print(server.getsockname()[1], flush=True)
def serve(caller):
    caller.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    data = b""
    while True:
        while b"\\r\\n\\r\\n" not in data:
            piece = caller.recv(65536)
            if not piece:
                return
            data += piece
        head, _, rest = data.partition(b"\\r\\n\\r\\n")
        lines = head.lower().split(b"\\r\\n")
        length = next(int(line.split(b":")[1]) for line in lines if line.startswith(b"content-length"))
        while len(rest) < length:
            rest += caller.recv(65536)
        data = rest[length:]
        caller.sendall(b"HTTP/1.1 204 No Content\\r\\n\\r\\n")
while True:
    threading.Thread(target=serve, args=[server.accept()[0]], daemon=True).start()
"""


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--events", type=int, default=3000)
    options.add_argument("--records", type=int, default=300)
    chosen = options.parse_args()
    receiver = subprocess.Popen([sys.executable, "-c", RECEIVER], stdout=subprocess.PIPE, text=True)
    try:
        assert receiver.stdout is not None
        port = int(receiver.stdout.readline())
        with tempfile.TemporaryDirectory() as folder:
            run(Path(folder), f"http://127.0.0.1:{port}/", port, chosen.events, chosen.records)
    finally:
        receiver.kill()


def run(folder: Path, url: str, port: int, events: int, records: int) -> None:
    database = Database(f"sqlite:///{folder / 'qbwc.db'}")
    database.upgrade()
    core = Core(database, utc_now, b"k" * 32, "https://qb.example.com")
    connectors.add(core, "acme", settings={}, actor="staff")
    found, _ = webhooks.add(core, "acme", url=url, types=["*"], allow_private=True, actor="host")
    lines = [
        {"kind": "customer", "external_id": f"c-{number}", "name": f"C {number}"} for number in range(records)
    ]
    for line in lines:
        intake.put(core, "acme", Kind.CUSTOMER, line["external_id"], {"name": line["name"]}, actor="host")
    happen(core, events)
    cpu, began = os.times(), time.perf_counter()
    attempts = deliver(core, found.endpoint.id, seconds=600)
    seconds, after = time.perf_counter() - began, os.times()
    floor = bare(port, attempts)
    used = after.user + after.system - cpu.user - cpu.system
    rate, each = attempts / seconds, 1000 * used / attempts
    print(f"{attempts} events in {seconds:.2f} s: {rate:.0f} events/s, {each:.2f} ms of CPU each")
    print(f"bare POSTs over one connection: {floor:.0f}/s; ratio {attempts / seconds / floor:.2f}")
    database.close()


def happen(core: Core, number: int) -> None:
    """So many events more, of all records in turn."""
    with core.database.begin() as conn:
        known = event_rows.of_connector(conn, connector_rows.lock_named(conn, "acme").id, limit=100_000)
        of_records = [event for event in known if event.record_id is not None]
        told = (of_records[each % len(of_records)] for each in range(number))
        names = [field.name for field in fields(NewEvent) if field.name not in ("data", "reasons")]
        event_rows.add_all(
            conn,
            [
                NewEvent(**{name: getattr(event, name) for name in names}, data=event.data or {})
                for event in told
            ],
        )


def bare(port: int, number: int) -> float:
    """POSTs a second without anything else."""
    connection, body = http.client.HTTPConnection("127.0.0.1", port), b"x" * 600
    began = time.perf_counter()
    for _ in range(number):
        connection.request("POST", "/", body)
        connection.getresponse().read()
    return number / (time.perf_counter() - began)


if __name__ == "__main__":
    main()
