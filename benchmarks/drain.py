"""What the server costs, beside the least that could do the same: all in one run, as only ratios mean anything.

    python benchmarks/drain.py [--only drain,poll,…] [--customers 500] [--invoices 500]

The floor is a no-op Spyne service on the same server program, which hands out and takes in the same bytes; for
PUT it is a Flask route with one INSERT (both: floors.py). Server CPU is user and system time of all processes of
`qbwc-server serve`; that of the simulated Web Connector and of this program is not in it. The statements are counted
in a process that makes the same calls without HTTP: everything the driver is told, BEGIN of SQLite included.

drain       customers and invoices of 5 lines, lists warm, items in QuickBooks: CPU, round trips, peak memory
poll        serverVersion, clientVersion, authenticate -> none, each poll on a connection of its own
pace        the same, one poll every 2.5 seconds
idle        nobody calls: CPU over --idle-seconds
put         invoices handed over one by one, and again unchanged
batch       5,000 invoices in one POST …/batch; again unchanged
import      5,000 invoices by `qbwc-server import`; again unchanged; as a dry run (new, all told, and unchanged)
statements  of every SOAP call of a drain in sets of 5 and of 50, of a poll, of a PUT
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import resource
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lxml import etree

from qbwc_server.simulator import CompanyFile, WebConnector

PARTS = ("drain", "poll", "pace", "idle", "put", "batch", "import", "statements")
ITEMS, LINES = 500, 5
TNS = "http://developer.intuit.com/"
ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
MANY = 5_000

Json = dict[str, Any]


# --- SOAP, as plain as can be -----------------------------------------------------------------------------------


def request_of(method: str, arguments: Mapping[str, Any]) -> bytes:
    """The envelope of a call."""
    root = etree.Element(f"{{{ENVELOPE}}}Envelope", nsmap={"s": ENVELOPE})
    call = etree.SubElement(
        etree.SubElement(root, f"{{{ENVELOPE}}}Body"), f"{{{TNS}}}{method}", nsmap={None: TNS}
    )
    for name, value in arguments.items():
        etree.SubElement(call, f"{{{TNS}}}{name}").text = str(value)
    return etree.tostring(root, xml_declaration=True, encoding="utf-8")


def answer_of(method: str, body: bytes) -> Any:
    """The result of a call, as the simulated Web Connector wants it."""
    found = etree.fromstring(body, etree.XMLParser(huge_tree=True)).find(f"{{{ENVELOPE}}}Body")
    result = found[0][0] if len(found) and len(found[0]) else None
    if result is None:
        raise SystemExit(f"{method} was answered: {body[:500]!r}")
    if method == "authenticate":
        return tuple(part.text or "" for part in result)
    return int(result.text) if method == "receiveResponseXML" else result.text or ""


class Http:
    """Takes the simulator's calls to a server, over one connection until it is closed."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)

    def send(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
        """Any request."""
        self._connection.request(method, path, body, dict(headers))
        answer = self._connection.getresponse()
        return answer.status, answer.read()

    def call(self, method: str, arguments: Mapping[str, Any]) -> Any:
        """A SOAP call."""
        headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{TNS}{method}"'}
        status, body = self.send("POST", "/qbwc", request_of(method, arguments), headers)
        if status != 200:
            raise SystemExit(f"{method} was answered {status}: {body[:500]!r}")
        return answer_of(method, body)

    def close(self) -> None:
        """Hang up."""
        self._connection.close()


class InProcess:
    """Takes the same calls to an application in this process, and counts what the driver is told."""

    def __init__(self, application: Any) -> None:
        from sqlalchemy import Engine, event

        self._application, self.statements = application, 0
        self.texts: list[str] = []
        self.seen: dict[str, list[tuple[int, float]]] = defaultdict(list)
        event.listen(Engine, "before_cursor_execute", self._said)

    def _said(self, _: Any, __: Any, text: str, *___: Any) -> None:
        self.statements += 1
        self.texts.append(text)

    def send(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
        """Any request, counted under its method."""
        import io

        environ = {
            "REQUEST_METHOD": method,
            "PATH_INFO": path,
            "QUERY_STRING": "",
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": sys.stderr,
            "wsgi.version": (1, 0),
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        for name, value in headers.items():
            key = name.upper().replace("-", "_")
            environ[key if key == "CONTENT_TYPE" else f"HTTP_{key}"] = value
        answered: list[str] = []
        self.texts.clear()
        before, busy = self.statements, time.process_time()
        answer = self._application(environ, lambda status, *_: answered.append(status))
        text = b"".join(answer)
        if hasattr(answer, "close"):
            answer.close()
        said = dict(headers).get("SOAPAction", method).strip('"').rpartition("/")[2]
        self.seen[said].append((self.statements - before, time.process_time() - busy))
        return int(answered[0].split()[0]), text

    call = Http.call


# --- processes --------------------------------------------------------------------------------------------------


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Server:
    """A server program and all its processes, as /proc knows them."""

    def __init__(self, name: str, command: list[str], port: int, log: Path) -> None:
        self.name, self.port = name, port
        environ = {key: value for key, value in os.environ.items() if not key.startswith("QBWC_")}
        with log.open("ab") as file:
            self._process = subprocess.Popen(command, env=environ, stdout=file, stderr=file)
        deadline = time.monotonic() + 60
        while True:
            try:
                Http(port).call("serverVersion", {}) if name != "flask" else Http(port).send(
                    "GET", "/readyz", b"", {}
                )
                break
            except OSError:
                if time.monotonic() > deadline or self._process.poll() is not None:
                    raise SystemExit(f"{name} did not start:\n{log.read_text()[-2000:]}") from None
                time.sleep(0.1)

    def processes(self) -> list[int]:
        """It and all that descend from it."""
        found, todo = [], [self._process.pid]
        while todo:
            pid = todo.pop()
            found.append(pid)
            for task in Path(f"/proc/{pid}/task").iterdir():
                todo += map(int, (task / "children").read_text().split())
        return found

    def cpu(self) -> float:
        """Seconds of user and system time so far."""
        spent = 0
        for pid in self.processes():
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            spent += int(fields[11]) + int(fields[12])
        return spent / os.sysconf("SC_CLK_TCK")

    def memory(self, field: str) -> float:
        """A line of /proc/PID/status or smaps_rollup, of all processes together, in MB."""
        total = 0
        for pid in self.processes():
            for name in ("status", "smaps_rollup"):
                lines = Path(f"/proc/{pid}/{name}").read_text().splitlines()
                total += sum(int(line.split()[1]) for line in lines if line.startswith(f"{field}:"))
        return total / 1024

    def stop(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait(30)


class House:
    """A server's folder: its configuration, its connectors, and the company file of the first."""

    def __init__(
        self,
        folder: Path,
        name: str,
        batch_size: int = 50,
        *,
        connector: str = "acme",
        database_url: str | None = None,
    ) -> None:
        self.folder, self._connector = folder / name, connector
        self.folder.mkdir()
        self.port = free_port()
        self.config = self.folder / "config.toml"
        url = database_url or f"sqlite:///{self.folder}/qbwc.db"
        secrets = f'secrets_file = "{folder}/secrets.json"\n' if database_url else ""
        self.config.write_text(
            f'database_url = "{url}"\n{secrets}public_url = "http://localhost:{self.port}"\n'
            f'[server]\nhost = "127.0.0.1"\nport = {self.port}\n'
        )
        if database_url:
            self.command("db", "upgrade")
        self.card = self.command("connector", "add", connector, "--batch-size", str(batch_size))
        key = self.command("api-key", "create", f"host of {connector}", "--connector", connector)["key"]
        self.headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        self.company = CompanyFile.create(None)
        for number in range(ITEMS):
            entry = {
                "Name": f"Item {number}",
                "ManufacturerPartNumber": f"SKU-{number}",
                "SalesOrPurchase": {"Price": "9.50", "AccountRef": "Sales"},
            }
            self.company.person.add("ItemNonInventory", entry)

    def arguments(self, *words: str) -> list[str]:
        """A command of the command line."""
        return [sys.executable, "-m", "qbwc_server.cli", "--config", str(self.config), *words]

    def command(self, *words: str) -> Json:
        """What it prints, as JSON."""
        done = subprocess.run(self.arguments(*words, "--json"), capture_output=True, check=False)
        if done.returncode:
            raise SystemExit(done.stderr.decode() + done.stdout.decode())
        told: Json = json.loads(done.stdout)
        return told

    def serve(self) -> Server:
        """The server as it is started in earnest."""
        return Server("server", self.arguments("serve"), self.port, self.folder / "server.log")

    def in_process(self) -> InProcess:
        """The application alone."""
        from qbwc_server.app import create_app
        from qbwc_server.config.reading import load_config

        return InProcess(create_app(load_config(self.config, environ={})))

    def web_connector(self, endpoint: Any) -> WebConnector:
        """A Web Connector with its .qwc loaded."""
        card = self.card
        made = WebConnector(
            card["soap_url"],
            card["username"],
            card["password"],
            self.company,
            card["owner_id"],
            card["file_id"],
            endpoint=endpoint,
        )
        made.add_application()
        return made

    def poll(self, endpoint: Any) -> None:
        """A visit that finds nothing to do."""
        poll(endpoint, self.card["username"], self.card["password"])

    def hand_over(self, endpoint: Any, kind: str, records: list[Json]) -> None:
        """Many in one request."""
        lines = [json.dumps({"kind": kind, **record}) for record in records]
        headers = {**self.headers, "Content-Type": "application/x-ndjson"}
        path = f"/api/v1/connectors/{self._connector}/batch"
        status, text = endpoint.send("POST", path, "\n".join(lines).encode(), headers)
        results = [json.loads(line) for line in text.splitlines()]
        if status != 200 or len(results) != len(records) or any("errors" in line for line in results):
            raise SystemExit(f"the batch was answered {status}: {text[:500]!r}")


def poll(endpoint: Any, username: str, password: str) -> None:
    """A visit that finds nothing to do."""
    endpoint.call("serverVersion", {})
    endpoint.call("clientVersion", {"strVersion": "2.3.0.215"})
    answer = endpoint.call("authenticate", {"strUserName": username, "strPassword": password})
    if answer[1] != "none":
        raise SystemExit(f"an idle poll was answered {answer[1]!r}")


def customer(number: int) -> Json:
    """A customer as an order system hands it over."""
    return {
        "external_id": f"c-{number}",
        "name": f"Customer {number}",
        "email": f"buyer{number}@fish.example",
        "phone": "555-0100",
        "bill_address": {"addr1": f"{number} Pier Road", "city": "Gloucester", "state": "MA"},
    }


def invoice(number: int, customers: int, mark: str = "SO") -> Json:
    """An invoice of 5 lines, its customer by external id, its items by SKU."""
    lines = [
        {
            "item": {"sku": f"SKU-{(number * 7 + place * 101) % ITEMS}"},
            "quantity": str(1 + (number + place) % 9),
            "rate": f"{1 + number % 40}.{place}5",
        }
        for place in range(LINES)
    ]
    return {
        "external_id": f"{mark}-{number}",
        "ref_number": f"{mark}{number}",
        "txn_date": "2026-11-20",
        "customer": {"external_id": f"c-{number % customers}"},
        "po_number": f"PO-{number}",
        "lines": lines,
    }


def invoices(many: int, customers: int, mark: str = "SO") -> list[Json]:
    """So many."""
    return [invoice(number, customers, mark) for number in range(many)]


# --- the drain --------------------------------------------------------------------------------------------------


class Recorder:
    """Passes calls on, and keeps the message sets that went by."""

    def __init__(self, endpoint: Any, folder: Path) -> None:
        self._endpoint, self._folder, self.calls, self._sets = endpoint, folder, 0, 0

    def call(self, method: str, arguments: Mapping[str, Any]) -> Any:
        """Pass it on."""
        answer = self._endpoint.call(method, arguments)
        self.calls += 1
        if method == "sendRequestXML" and answer:
            self._sets += 1
            (self._folder / f"{self._sets:04}.request.xml").write_text(answer, "utf-8")
        if method == "receiveResponseXML":
            (self._folder / f"{self._sets:04}.response.xml").write_text(str(arguments["response"]), "utf-8")
        return answer


def floor_of(folder: Path) -> Server:
    """The service that does nothing, with what was recorded in a folder."""
    return _floor("soap", folder)


def bare_route(folder: Path) -> Server:
    """The Flask route that stores each body with one INSERT, its database in a folder."""
    return _floor("flask", folder)


def _floor(which: str, folder: Path) -> Server:
    port = free_port()
    command = [
        sys.executable,
        "-W",
        "ignore",
        str(Path(__file__).with_name("floors.py")),
        which,
        str(port),
        str(folder),
    ]
    return Server(which, command, port, folder / "floor.log")


def replay(port: int, folder: Path) -> None:
    """The drain that was recorded, against the floor."""
    endpoint = Http(port)
    endpoint.call("serverVersion", {})
    endpoint.call("clientVersion", {"strVersion": "2.3.0.215"})
    ticket = endpoint.call("authenticate", {"strUserName": "busy", "strPassword": "x" * 32})[0]
    for path in sorted(folder.glob("*.response.xml")):
        sent = {"strHCPResponse": "", "strCompanyFileName": "C:\\a.qbw", "qbXMLCountry": "US"}
        endpoint.call("sendRequestXML", {"ticket": ticket, **sent, "qbXMLMajorVers": 13, "qbXMLMinorVers": 0})
        answer = {"response": path.read_text("utf-8"), "hresult": "", "message": ""}
        endpoint.call("receiveResponseXML", {"ticket": ticket, **answer})
    endpoint.call("closeConnection", {"ticket": ticket})


def drained(folder: Path, customers: int, many: int) -> tuple[House, Server, Path]:
    """A server whose lists are loaded and whose queue was drained, and what went by; prints the cost."""
    house = House(folder, "drain")
    recorded = folder / "recorded"
    recorded.mkdir()
    server = house.serve()
    house.web_connector(Http(house.port)).run(max_sessions=5)
    house.hand_over(Http(house.port), "customer", [customer(number) for number in range(customers)])
    house.hand_over(Http(house.port), "invoice", invoices(many, customers))
    recorder = Recorder(Http(house.port), recorded)
    before, started = server.cpu(), time.perf_counter()
    house.web_connector(recorder).run(max_sessions=5)
    took, wall = server.cpu() - before, time.perf_counter() - started
    found = len(house.company.records("Invoice"))
    if found != many:
        raise SystemExit(f"{found} of {many} invoices are in QuickBooks")
    messages = customers + many
    print(
        f"drain: server {took:.2f} s CPU = {1000 * took / messages:.2f} ms a message, {recorder.calls} calls, "
        f"{wall:.1f} s with the simulator's time"
    )
    return house, server, recorded


def drain(server: Server, recorded: Path, floor: Server, messages: int) -> None:
    """The floor's cost, and the memory of both."""
    rounds = 5
    before = floor.cpu()
    for _ in range(rounds):
        replay(floor.port, recorded)
    took = (floor.cpu() - before) / rounds
    print(f"drain: floor  {took:.2f} s CPU = {1000 * took / messages:.2f} ms a message (mean of {rounds})")
    for each in (server, floor):
        print(
            f"memory after it: {each.name:6} peak {each.memory('VmHWM'):.0f} MB, now {each.memory('VmRSS'):.0f} MB, "
            f"proportional {each.memory('Pss'):.0f} MB, {len(each.processes())} processes"
        )


# --- polls ------------------------------------------------------------------------------------------------------


def polls(house: House, server: Server, floor: Server, many: int, rounds: int) -> None:
    """In turn with the floor, so that a busy moment of the machine meets both."""

    def ours(endpoint: Http) -> None:
        house.poll(endpoint)

    def theirs(endpoint: Http) -> None:
        poll(endpoint, "idle", "x" * 32)

    costs: dict[str, list[float]] = {"server": [], "floor": []}
    for _ in range(rounds):
        for name, at, visit in (("server", server, ours), ("floor", floor, theirs)):
            before = at.cpu()
            for _ in range(many):
                endpoint = Http(at.port)
                visit(endpoint)
                endpoint.close()
            costs[name].append(1000 * (at.cpu() - before) / many)
    ratios = [ours / theirs for ours, theirs in zip(costs["server"], costs["floor"], strict=True)]
    best = min(costs["server"]) / min(costs["floor"])
    for name, found in costs.items():
        print(f"poll: {name:6} {min(found):.2f} ms CPU best, {statistics.median(found):.2f} median")
    print(f"poll: {best:.2f} x floor (best), {statistics.median(ratios):.2f} (median)")


def pace(house: House, server: Server, floor: Server, many: int = 8, seconds: float = 2.5) -> None:
    """One poll now and then: what is spent between them counts."""
    before = {at: at.cpu() for at in (server, floor)}
    for _ in range(many):
        for at in (server, floor):
            endpoint = Http(at.port)
            house.poll(endpoint) if at is server else poll(endpoint, "idle", "x" * 32)
            endpoint.close()
        time.sleep(seconds)
    for at in (server, floor):
        print(
            f"pace: {at.name:6} {1000 * (at.cpu() - before[at]) / many:.1f} ms CPU a poll, one every {seconds} s"
        )


def idle(server: Server, floor: Server, seconds: float) -> None:
    """Nobody calls."""
    before = {at: at.cpu() for at in (server, floor)}
    time.sleep(seconds)
    for at in (server, floor):
        print(f"idle: {at.name:6} {1000 * (at.cpu() - before[at]):.0f} ms CPU in {seconds:.0f} s")


# --- taking in --------------------------------------------------------------------------------------------------


def put(house: House, server: Server, many: int, customers: int) -> None:
    """One by one, beside the bare route."""
    flask = bare_route(house.folder)
    bodies = []
    for record in invoices(many, customers, "PUT"):
        name = record.pop("external_id")
        bodies.append((name, json.dumps(record).encode()))
    costs: dict[str, float] = {}
    for what, at, where, headers in (
        ("bare route", flask, "/records", {"Content-Type": "application/json"}),
        ("new", server, "/api/v1/connectors/acme/invoices", house.headers),
        ("unchanged", server, "/api/v1/connectors/acme/invoices", house.headers),
    ):
        endpoint, before = Http(at.port), at.cpu()
        for name, body in bodies:
            status, text = endpoint.send("PUT", f"{where}/{name}", body, headers)
            if status not in (200, 201):
                raise SystemExit(f"a PUT was answered {status}: {text[:500]!r}")
        costs[what] = 1000 * (at.cpu() - before) / many
        print(
            f"put: {what:10} {costs[what]:.2f} ms CPU = {costs[what] / costs['bare route']:.1f} x the bare route"
        )
    flask.stop()


def batch(house: House, server: Server, many: int, customers: int) -> None:
    """Very many in one request."""
    for what in ("new", "unchanged"):
        before = server.cpu()
        house.hand_over(Http(server.port), "invoice", invoices(many, customers, "BAT"))
        print(f"batch: {what:10} {1000 * (server.cpu() - before) / many:.2f} ms CPU a record")


def bring_in(house: House, many: int, customers: int) -> None:
    """Very many from a file, by the command line; its own start is in it."""
    path = house.folder / "invoices.ndjson"
    path.write_text("\n".join(json.dumps(each) for each in invoices(many, customers, "IMP")))
    for what, options in (
        ("dry run", ["--dry-run"]),
        ("dry run, all told", ["--dry-run", "--json"]),
        ("new", ["--json"]),
        ("unchanged", ["--json"]),
        ("dry run, unchanged", ["--dry-run"]),
    ):
        command = house.arguments("import", "invoice", str(path), "--connector", "acme", *options)
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run(command, capture_output=True, check=False)
        if done.returncode:
            raise SystemExit(done.stderr.decode())
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        print(f"import: {what:18} {1000 * spent / many:.2f} ms CPU a record")


# --- statements -------------------------------------------------------------------------------------------------


def count(folder: Path, customers: int, many: int, *, show: bool) -> None:
    """How many statements each call takes, in the middle of a drain."""
    for size in (5, 50):
        house = House(folder, f"sets-of-{size}", batch_size=size)
        endpoint = house.in_process()
        house.web_connector(endpoint).run(max_sessions=5)
        house.hand_over(endpoint, "customer", [customer(number) for number in range(customers)])
        house.hand_over(endpoint, "invoice", invoices(many, customers))
        endpoint.seen.clear()
        before, busy = endpoint.statements, time.process_time()
        house.web_connector(endpoint).run(max_sessions=5)
        total, busy = endpoint.statements - before, time.process_time() - busy
        print(
            f"statements: sets of {size:2}: {total} for {customers} customers and {many} invoices, "
            f"{total / (customers + many):.2f} a record; the calls took "
            f"{1000 * sum(spent for calls in endpoint.seen.values() for _, spent in calls) / (customers + many):.2f} "
            "ms CPU a message"
        )
        for method in ("sendRequestXML", "receiveResponseXML"):
            counted = [number for number, _ in endpoint.seen[method]]
            print(f"statements: sets of {size:2}: {method:18} {_spread(counted)}")
        if size == 50:
            _single(house, endpoint, customers, show=show)


def _single(house: House, endpoint: InProcess, customers: int, *, show: bool) -> None:
    house.poll(endpoint)
    endpoint.seen.clear()
    house.poll(endpoint)
    texts = list(endpoint.texts)
    for method in ("serverVersion", "clientVersion", "authenticate"):
        print(f"statements: poll: {method:18} {endpoint.seen[method][0][0]}")
    for text in texts if show else ():
        print("   ", " ".join(text.split())[:150])
    record = invoice(1_000_000, customers, "ONE")
    name = record.pop("external_id")
    for what in ("PUT new", "PUT unchanged"):
        endpoint.seen.clear()
        path = f"/api/v1/connectors/acme/invoices/{name}"
        endpoint.send("PUT", path, json.dumps(record).encode(), house.headers)
        print(f"statements: {what:18} {endpoint.seen['PUT'][0][0]}")
        for text in endpoint.texts if show else ():
            print("   ", " ".join(text.split())[:150])


def _spread(counted: list[int]) -> str:
    return f"median {statistics.median(counted):.0f}, most {max(counted)}, {len(counted)} calls"


@contextmanager
def running(server: Server) -> Iterator[Server]:
    """Stop it in the end."""
    try:
        yield server
    finally:
        server.stop()


def measure(folder: Path, options: argparse.Namespace) -> None:
    """What was asked for, in an order in which no part stands in another's way."""
    wanted = set(options.only.split(","))
    customers, many = options.customers, options.invoices
    if wanted - {"statements"}:
        house, started, recorded = drained(folder, customers, many)
        with running(started) as server, running(floor_of(recorded)) as floor:
            floor.name = "floor"
            steps: dict[str, Callable[[], None]] = {
                "drain": lambda: drain(server, recorded, floor, customers + many),
                "poll": lambda: polls(house, server, floor, options.polls, options.rounds),
                "pace": lambda: pace(house, server, floor),
                "idle": lambda: idle(server, floor, options.idle_seconds),
                "put": lambda: put(house, server, options.puts, customers),
                "batch": lambda: batch(house, server, MANY, customers),
                "import": lambda: bring_in(house, MANY, customers),
            }
            for name, step in steps.items():
                if name in wanted:
                    step()
                    sys.stdout.flush()
    if "statements" in wanted:
        count(folder, options.counted, options.counted, show=options.show)


def main() -> int:
    """Run it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", default=",".join(PARTS), metavar="PART,…", help="the parts to run")
    parser.add_argument("--customers", type=int, default=500)
    parser.add_argument("--invoices", type=int, default=500)
    parser.add_argument("--polls", type=int, default=200, help="in a round")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--puts", type=int, default=300)
    parser.add_argument("--idle-seconds", type=float, default=60)
    parser.add_argument(
        "--counted", type=int, default=200, help="customers and invoices of the part `statements`"
    )
    parser.add_argument("--show", action="store_true", help="print the statements of a poll and of a PUT")
    options = parser.parse_args()
    if unknown := set(options.only.split(",")) - set(PARTS):
        parser.error(f"there is no part {', '.join(sorted(unknown))}")
    with tempfile.TemporaryDirectory() as folder:
        measure(Path(folder), options)
    return 0


if __name__ == "__main__":
    sys.exit(main())
