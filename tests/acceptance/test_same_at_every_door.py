"""API, command line and in process: the same deed on the same database leaves the same rows, but for the actor."""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from qbwc_server import Conflict, Connector, InvalidInput, NotFound
from qbwc_server.config.reading import load_config
from qbwc_server.domain.kinds import Kind
from qbwc_server.simulator import CompanyFile, WebConnector
from qbwc_server.storage.schema import metadata
from qbwc_server.web import create_site
from qbwc_server.wiring import core_from
from tests.worlds.cli_world import Cli, WithoutHttp

NAME = "harbour"
THOROUGH = "THOROUGH" in os.environ
OPTIONS = {"secret_key": b"s" * 32, "secure_cookies": False}
OF_A_DOOR = {"api_key", "idempotency"}
"""What only the API has: the last use of a key, and what was answered to whom."""
ACTORS = re.compile(r"(?<![a-z])(cli|host \(shop\)|host)(?![a-z])")
"""Who did it, in a column of its own or in a sentence."""
MOMENTS = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d+)?")


# --- the deeds ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Deed:
    """What is done: at the command line, at the API, and in process.

    Attributes:
        is_done: False: it is refused; None: either, at all of them.
    """

    name: str
    command: Sequence[str]
    request: tuple[str, str, object]
    call: Callable[[Connector], object]
    text: str | None = None
    is_done: bool | None = True


def put(
    kind: Kind,
    external_id: str,
    content: Mapping[str, object],
    *,
    revive: bool = False,
    is_done: bool | None = True,
) -> Deed:
    return Deed(
        f"put {external_id} {json.dumps(content)[:40]} revive={revive}",
        ["put", kind.value, external_id, "-", *(["--revive"] if revive else [])],
        ("PUT", f"{kind.plural}/{external_id}{'?revive=true' if revive else ''}", content),
        lambda harbour: harbour.put(kind, external_id, content, revive=revive),
        json.dumps(content),
        is_done,
    )


OWN = {
    "cancel": Connector.cancel,
    "void": Connector.void,
    "retry": Connector.retry,
    "post-as-new": Connector.post_as_new,
}


def decide(word: str, kind: Kind, external_id: str, *, is_done: bool | None = True) -> Deed:
    place = f"{kind.plural}/{external_id}"
    request = ("DELETE", place, None) if word == "cancel" else ("POST", f"{place}/{word}", None)
    return Deed(
        f"{word} {kind} {external_id}",
        [word, kind.value, external_id],
        request,
        lambda harbour: OWN[word](harbour, kind, external_id),
        is_done=is_done,
    )


def many(kind: Kind, lines: Mapping[str, Mapping[str, object]]) -> Deed:
    """Of several, as the import, the batch and `put_many` take them; one of them is faulty."""
    text = "".join(json.dumps({"external_id": name, **line}) + "\n" for name, line in lines.items())
    batch = [{"kind": kind, "external_id": name, **line} for name, line in lines.items()]

    def call(harbour: Connector) -> None:
        harbour.put_many([(kind, name, line) for name, line in lines.items()])

    return Deed("many", ["import", kind.value, "-"], ("POST", "batch", batch), call, text)


def link(kind: Kind, external_id: str, quickbooks_id: str, *, is_done: bool | None = True) -> Deed:
    return Deed(
        f"link {external_id}",
        ["link", kind.value, external_id, quickbooks_id],
        ("PUT", f"links/{kind.plural}/{external_id}", {kind.id_name: quickbooks_id}),
        lambda harbour: harbour.link(kind, external_id, quickbooks_id),
        is_done=is_done,
    )


def unlink(kind: Kind, external_id: str) -> Deed:
    return Deed(
        f"unlink {kind} {external_id}",
        ["unlink", kind.value, external_id],
        ("DELETE", f"links/{kind.plural}/{external_id}", None),
        lambda harbour: harbour.unlink(kind, external_id),
        is_done=None,
    )


def answer(error: Mapping[str, Any], choice: str, **more: str) -> Deed:
    number = error["id"]
    body = {"choice": choice, "token": error["token"], **more}
    return Deed(
        f"answer {choice}",
        ["errors", "answer", str(number), choice, *(f"--{name}={text}" for name, text in more.items())],
        ("POST", f"errors/{number}/answer", body),
        lambda harbour: harbour.answer(number, choice, **more),
    )


def dismiss(error_id: int) -> Deed:
    return Deed(
        f"dismiss {error_id}",
        ["errors", "dismiss", str(error_id), "--note", "let it be"],
        ("POST", f"errors/{error_id}/dismiss", {"note": "let it be"}),
        lambda harbour: harbour.dismiss(error_id, "let it be"),
        is_done=None,
    )


def retry_behind(key: str) -> Deed:
    return Deed(
        f"retry behind {key}",
        ["errors", "retry", "--cause", key],
        ("POST", "errors/retry", {"cause_key": key}),
        lambda harbour: harbour.retry_errors(cause_key=key),
        is_done=None,
    )


def ask(qbxml: str) -> Deed:
    return Deed(
        f"request {qbxml}",
        ["request", "-"],
        ("POST", "requests", {"qbxml": qbxml}),
        lambda harbour: harbour.request(qbxml),
        qbxml,
        is_done=None,
    )


def of_connector(word: str) -> Deed:
    """`pause`, `resume` and `resync`, which can be done at any time."""
    command = ["resync", NAME] if word == "resync" else ["connector", word, NAME]
    call = {"pause": Connector.pause, "resume": Connector.resume, "resync": Connector.resync}[word]
    return Deed(word, command, ("POST", word, None), call)


def set_to(is_done: bool | None = True, **values: object) -> Deed:
    typed = [f"{name}={_typed(value)}" for name, value in values.items()]
    return Deed(
        f"set {values}",
        ["connector", "set", NAME, *typed],
        ("PATCH", "settings", values),
        lambda harbour: harbour.change_settings(**values),
        is_done=is_done,
    )


def _typed(value: object) -> object:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else value


# --- the three doors ----------------------------------------------------------------------------------------


@dataclass
class Doors:
    """Three copies of one database, and a door to each."""

    folders: Mapping[str, Path]
    key: str
    client: Any = None
    opened: list[Any] = field(default_factory=list)

    def open(self) -> None:
        os.chdir(self.folders["api"])
        core = core_from(load_config())
        self.client = create_site(core, **OPTIONS).test_client()
        self.opened.append(core.database)

    def close(self) -> None:
        for each in self.opened:
            each.close()

    def do(self, deed: Deed) -> None:
        """The deed at each door: it is done at all of them, or refused at all."""
        done = {
            "cli": self._by_command("cli", deed),
            "api": self._over_the_api(deed),
            "in_process": self._in_process(deed),
        }
        wanted = done["cli"] if deed.is_done is None else deed.is_done
        assert done == dict.fromkeys(done, wanted), (deed.name, done)
        rows = {door: rows_of(folder) for door, folder in self.folders.items()}
        for door in ("api", "in_process"):
            assert different(rows["cli"], rows[door]) == {}, (deed.name, door)

    def _by_command(self, door: str, deed: Deed) -> bool:
        os.chdir(self.folders[door])
        done = Cli(self.folders[door]).run(*deed.command, "--json", text=deed.text)
        return done.exit_code == 0 or (deed.name == "many" and done.exit_code == 1)

    def _over_the_api(self, deed: Deed) -> bool:
        os.chdir(self.folders["api"])
        method, path, body = deed.request
        place = f"/api/v1/connectors/{NAME}/{path}"
        told = self.client.open(
            place,
            method=method,
            headers={"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"},
            data=None if body is None else json.dumps(body),
        )
        return bool(told.status_code < 400)

    def _in_process(self, deed: Deed) -> bool:
        os.chdir(self.folders["in_process"])
        with Connector(NAME) as harbour:
            try:
                deed.call(harbour)
            except (Conflict, InvalidInput, NotFound):
                return False
        return True


Rows = dict[str, list[dict[str, Any]]]


def rows_of(folder: Path) -> Rows:
    """Every row of every table, its moments and actors left out."""
    with closing(sqlite3.connect(folder / "qbwc.db")) as conn:
        return {name: rows_in(conn, name) for name in metadata.tables if name not in OF_A_DOOR}


def rows_in(conn: sqlite3.Connection, table: str) -> list[dict[str, Any]]:
    found = conn.execute(f'SELECT * FROM "{table}"')
    names = [each[0] for each in found.description]
    rows = [dict(zip(names, map(plain, row), strict=True)) for row in found]
    return sorted(rows, key=str)


def plain(value: Any) -> Any:
    return ACTORS.sub("somebody", MOMENTS.sub("…", value)) if isinstance(value, str) else value


def different(one: Rows, other: Rows) -> dict[str, Any]:
    """By table, the rows that only one has."""
    return {
        table: (
            [row for row in rows if row not in other[table]],
            [row for row in other[table] if row not in rows],
        )
        for table, rows in one.items()
        if rows != other[table]
    }


# --- the database they begin with ---------------------------------------------------------------------------

LINE = {"item": {"full_name": "Ice"}, "quantity": "2", "rate": "9.50"}


def content(kind: Kind, number: str, **more: object) -> dict[str, object]:
    """A record that QuickBooks takes."""
    match kind:
        case Kind.CUSTOMER | Kind.VENDOR:
            return {"name": f"{kind} {number}", "email": f"{kind}-{number}@x.example", **more}
        case Kind.ITEM:
            return {"sku": f"S-{number}", "name": f"Item {number}", "price": "3.50", **more}
    party = (
        {"customer": {"full_name": "Regular"}} if kind is Kind.INVOICE else {"vendor": {"full_name": "Boats"}}
    )
    return {"ref_number": f"N-{number}", "txn_date": "2026-11-20", **party, "lines": [LINE], **more}


def that_stops(kind: Kind) -> dict[str, object]:
    """What is blocked."""
    match kind:
        case Kind.CUSTOMER | Kind.VENDOR:
            return {"name": f"{kind} without email"}
        case Kind.ITEM:
            return content(kind, "9", income_account="Nowhere")
    party = "customer" if kind is Kind.INVOICE else "vendor"
    return content(kind, "9", **{party: {"email": "nobody@x.example"}})


def changed(kind: Kind) -> dict[str, object]:
    match kind:
        case Kind.CUSTOMER | Kind.VENDOR:
            return {"phone": "555-1"}
        case Kind.ITEM:
            return {"price": "4.00"}
    return {"memo": "two"}


@dataclass
class Origin:
    """The database all begin with, and what is in QuickBooks."""

    folder: Path
    key: str
    links: Mapping[Kind, str]


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Origin]:
    """Of every kind one that is synced (``s``), one that is blocked (``b``), one deleted in QuickBooks (``d``)."""
    folder, before = tmp_path_factory.mktemp("origin"), Path.cwd()
    os.chdir(folder)
    try:
        yield filled(folder)
    finally:
        os.chdir(before)


def filled(folder: Path) -> Origin:
    cli, company = Cli(folder), CompanyFile.create()
    card = cli.json("connector", "add", NAME, "--default-income-account", "Sales")
    person = company.person
    links = {
        Kind.CUSTOMER: person.add("Customer", {"Name": "Regular", "Email": "r@x.example"}),
        Kind.VENDOR: person.add("Vendor", {"Name": "Boats", "Email": "b@x.example"}),
        Kind.ITEM: person.add("ItemService", {"Name": "Ice", "SalesOrPurchase": {"AccountRef": "Sales"}}),
    }
    for name in ("Twin A", "Twin B"):
        links[Kind.CUSTOMER] = person.add("Customer", {"Name": name, "Email": "twin@x.example"})
    for kind in Kind:
        for name in ("s", "d"):
            cli.json("put", kind.value, name, "-", text=json.dumps(content(kind, name)))
    visit(cli, card, company)
    for kind in Kind:
        found = cli.json("get", kind.value, "d")
        assert found["state"] == "synced", found
        if kind.is_document:
            links[kind] = found["txn_id"]
            name = "Invoice" if kind is Kind.INVOICE else "PurchaseOrder"
            person.delete_transaction(name, found["txn_id"])
        cli.json("put", kind.value, "b", "-", text=json.dumps(that_stops(kind)))
    twin = {"name": "Twin", "email": "twin@x.example"}
    cli.json("put", "customer", "twin", "-", text=json.dumps(twin))
    cli.json("resync", NAME)
    visit(cli, card, company)
    for kind in Kind:
        assert cli.json("get", kind.value, "b")["state"] == "blocked"
        assert not kind.is_document or cli.json("get", kind.value, "d")["state"] == "blocked"
    key = cli.json("api-key", "create", "shop", "--connector", NAME)["key"]
    return Origin(folder, key, links)


def visit(cli: Cli, card: Mapping[str, str], company: CompanyFile) -> None:
    core = core_from(load_config())
    try:
        WebConnector("", card["username"], card["password"], company, endpoint=WithoutHttp(core)).run(
            max_sessions=6
        )
    finally:
        core.database.close()


@pytest.fixture
def doors(origin: Origin, tmp_path: Path) -> Iterator[Doors]:
    with opened(origin, tmp_path) as made:
        yield made


@contextmanager
def opened(origin: Origin, folder: Path) -> Iterator[Doors]:
    """Three copies of the database, and a door to each."""
    folders = {door: folder / door for door in ("cli", "api", "in_process")}
    for each in folders.values():
        shutil.copytree(origin.folder, each)
    made = Doors(folders, origin.key)
    with pytest.MonkeyPatch.context() as patch:
        for name in [each for each in os.environ if each.startswith("QBWC_")]:
            patch.delenv(name)
        made.open()
        try:
            yield made
        finally:
            made.close()
            os.chdir(origin.folder)


# --- what is the same ---------------------------------------------------------------------------------------

QUICK = (Kind.CUSTOMER, Kind.INVOICE)
"""One of each sort for every day; the others are slow only together."""


def kinds(*some: Kind) -> Iterator[object]:
    for kind in some:
        yield pytest.param(kind, id=kind.value, marks=() if kind in QUICK else pytest.mark.slow)


@pytest.mark.parametrize("kind", kinds(*Kind))
def test_what_is_done_with_a_record_is_the_same_at_every_door(
    doors: Doors, origin: Origin, kind: Kind
) -> None:
    new, synced, more = content(kind, "n"), content(kind, "s"), changed(kind)
    for deed in (
        put(kind, "n", new),
        put(kind, "n", new),
        put(kind, "n", {**new, **more}),
        put(kind, "n", {**new, "nonsense": 1}, is_done=False),
        put(kind, "x", {}, is_done=False),
        put(kind, "x", content(kind, "x")),
        decide("cancel", kind, "n"),
        put(kind, "n", new, is_done=False),
        put(kind, "n", new, revive=True),
        put(kind, "s", synced),
        decide("retry", kind, "s", is_done=False),
        put(kind, "s", {**synced, **more, "version": 3}),
        put(kind, "s", {**synced, "version": 2}, is_done=False),
        decide("cancel", kind, "s", is_done=False),
        decide("retry", kind, "b"),
        link(kind, "b", "80000099-1", is_done=kind.is_document),
        link(kind, "b", origin.links[kind]) if not kind.is_document else decide("retry", kind, "b"),
        many(kind, {"m-1": content(kind, "m"), "": {}, "m-2": that_stops(kind), "m-3": {}}),
        decide("cancel", kind, "nobody", is_done=False),
    ):
        doors.do(deed)


@pytest.mark.parametrize("kind", kinds(Kind.INVOICE, Kind.PURCHASE_ORDER))
def test_what_is_done_with_a_document_is_the_same_at_every_door(doors: Doors, kind: Kind) -> None:
    doors.do(decide("post-as-new", kind, "s", is_done=False))
    doors.do(decide("post-as-new", kind, "d"))
    doors.do(decide("void", kind, "s"))
    doors.do(decide("void", kind, "s"))
    doors.do(put(kind, "s", content(kind, "s", memo="void?"), is_done=False))
    doors.do(put(kind, "n", content(kind, "n")))
    doors.do(decide("void", kind, "n"))


def test_what_is_answered_is_the_same_at_every_door(doors: Doors, origin: Origin) -> None:
    os.chdir(doors.folders["cli"])
    cli = Cli(doors.folders["cli"])
    ids = {(each["kind"], each["external_id"]): each["id"] for each in cli.json("errors", "list")}

    def error(kind: Kind, external_id: str) -> Mapping[str, Any]:
        os.chdir(doors.folders["cli"])
        found: Mapping[str, Any] = cli.json("errors", "show", str(ids[kind, external_id]))
        return found

    doors.do(answer(error(Kind.CUSTOMER, "twin"), f"link:{origin.links[Kind.CUSTOMER]}", note="the second"))
    doors.do(answer(error(Kind.CUSTOMER, "b"), "create"))
    doors.do(answer(error(Kind.INVOICE, "d"), "post_as_new"))
    doors.do(answer(error(Kind.PURCHASE_ORDER, "b"), "dismiss"))


def test_what_is_done_with_a_connector_is_the_same_at_every_door(doors: Doors) -> None:
    for deed in (
        of_connector("pause"),
        of_connector("pause"),
        of_connector("resume"),
        of_connector("resync"),
        of_connector("resync"),
        set_to(create_items=False),
        set_to(create_items=False),
        set_to(default_terms="Net 30", run_every_minutes=30),
        set_to(is_done=False, nonsense="1"),
    ):
        doors.do(deed)


# --- any sequence -------------------------------------------------------------------------------------------

RECORDS = st.tuples(st.sampled_from((Kind.CUSTOMER, Kind.ITEM, Kind.INVOICE)), st.sampled_from("nsbd"))
"""One that is new, or there already: synced, blocked, deleted in QuickBooks."""
Step = Callable[[Doors, Origin], Deed | None]
"""A deed, chosen when its turn comes; None: there is nothing to be done so."""


def always(deed: Deed) -> Step:
    return lambda doors, origin: deed


def put_again(of: tuple[Kind, str], is_changed: bool, revive: bool) -> Step:
    kind, name = of
    more = changed(kind) if is_changed else {}
    return always(put(kind, name, content(kind, name, **more), revive=revive, is_done=None))


def link_to_known(of: tuple[Kind, str]) -> Step:
    kind, name = of
    return lambda doors, origin: link(
        kind, name, origin.links.get(kind) or origin.links[Kind.INVOICE], is_done=None
    )


def answer_one(error: int, choice: int) -> Step:
    """One of the choices of one of the open errors."""

    def step(doors: Doors, origin: Origin) -> Deed | None:
        os.chdir(doors.folders["cli"])
        cli = Cli(doors.folders["cli"])
        ids = [each["id"] for each in cli.json("errors", "list")]
        shown = cli.json("errors", "show", str(ids[error % len(ids)])) if ids else {"choices": []}
        plain = [each["id"] for each in shown["choices"] if each["answerable"] and not each["needs"]]
        if not plain:
            return None
        return replace(answer(shown, plain[choice % len(plain)]), is_done=None)

    return step


NUMBERS = st.integers(0, 20)
STEPS = st.one_of(
    st.builds(put_again, RECORDS, st.booleans(), st.booleans()),
    st.builds(
        lambda word, of: always(decide(word, *of, is_done=None)), st.sampled_from(sorted(OWN)), RECORDS
    ),
    st.builds(link_to_known, RECORDS),
    st.builds(lambda of: always(unlink(*of)), RECORDS),
    st.builds(answer_one, NUMBERS, NUMBERS),
    st.builds(lambda number: always(dismiss(number)), NUMBERS),
    st.sampled_from([always(retry_behind(key)) for key in ("email:twin@x.example", "account:Nowhere")]),
    st.sampled_from([always(ask(each)) for each in ("<SalesRepQueryRq/>", "<Nonsense/>")]),
    st.sampled_from([always(of_connector(word)) for word in ("pause", "resume", "resync")]),
    st.sampled_from(
        [always(set_to(create_items=False)), always(set_to(create_items=True, match_vendors_by="name"))]
    ),
)


@settings(
    max_examples=60 if THOROUGH else 3,
    deadline=None,
    database=None,
    phases=[Phase.generate, Phase.shrink] if THOROUGH else [Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(steps=st.lists(STEPS, min_size=5, max_size=15 if THOROUGH else 7))
def test_any_sequence_of_deeds_is_the_same_at_every_door(origin: Origin, steps: list[Step]) -> None:
    with TemporaryDirectory() as folder, opened(origin, Path(folder)) as doors:
        for step in steps:
            deed = step(doors, origin)
            if deed is not None:
                doors.do(deed)
