"""What belongs to one connector is neither read nor changed through another: SOAP, pages and commands, all of them.

The routes of the REST API are enumerated in tests/web/api/test_tenancy.py.
"""

import contextlib
import copy
import itertools
import json
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import click
import pytest
from lxml import etree

from qbwc_server.cli import main
from qbwc_server.desk.error_records import errors
from qbwc_server.desk.feeds import deliveries, webhooks
from qbwc_server.desk.handing_over import intake
from qbwc_server.desk.requests import raw_requests
from qbwc_server.desk.views import record_views
from qbwc_server.domain.kinds import Kind, ListName
from qbwc_server.soap.service import METHODS
from qbwc_server.storage import connectors as connector_rows
from qbwc_server.storage import rulings
from qbwc_server.web import create_site
from tests.worlds.security_world import PATH, Place, Shop, sign_in

MARK = "Xyzzy"
"""In every name and text of the other connector, and nowhere else."""


class Neighbours:
    """Two connectors of one server: ``mine``, and ``theirs`` whose rows are watched."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.mine = Shop.create(place, "mine")
        self.theirs = Shop.create(place, "theirs")
        self.mine.poll()
        self.theirs.poll()
        for shop, name in ((self.mine, "Plain"), (self.theirs, MARK)):
            self._busy(shop, name)
        self.ticket = self.mine.authenticate()[0]
        self.my_text = self.mine.send(self.ticket)
        self.their_ticket = self.theirs.authenticate()[0]
        self.their_text = self.theirs.send(self.their_ticket)
        self.their_requests = etree.fromstring(self.their_text.encode()).xpath("//@requestID")
        assert self.their_requests
        (self.their_error,) = [error.id for error in errors.find(place.core, connector="theirs")]
        url = f"https://{MARK.lower()}.example/{MARK}"
        hook, _ = webhooks.add(place.core, "theirs", url=url, types=("*",), allow_private=False, actor="host")
        self.their_webhook = hook.endpoint.id
        self.their_delivery = deliveries.test(place.core, "theirs", self.their_webhook, actor="host").id
        asked = f"<CustomerQueryRq><FullName>{MARK}</FullName></CustomerQueryRq>"
        made = raw_requests.hand_over(place.core, "theirs", asked, follow=False, actor="host")
        self.their_request = made.id
        self.their_ruling = self._ruled()

    def _ruled(self) -> int:
        """Something that was decided for good; its id."""
        core = self.place.core
        with core.database.begin() as conn:
            row = connector_rows.by_name(conn, "theirs").id
            key = f"email:{MARK}@fish.example"
            rulings.set_one(conn, row, ListName.CUSTOMER, key, f"{MARK}-1", actor=MARK, now=core.clock())
            return rulings.every(conn, row)[0].id

    def _busy(self, shop: Shop, name: str) -> None:
        """A customer to be created, and an invoice that is blocked."""
        core = self.place.core
        fields = {"name": f"{name} Co", "email": f"{name}@fish.example"}
        intake.put(core, shop.name, Kind.CUSTOMER, f"c-{name}", fields, actor="host")
        invoice = {"txn_date": "2026-11-20", "customer": {"external_id": f"c-{name}"}}
        line = {"item": {"sku": f"{name}-SKU"}, "quantity": "1", "rate": "2"}
        intake.put(
            core,
            shop.name,
            Kind.INVOICE,
            f"i-{name}",
            {**invoice, "memo": name, "lines": [line]},
            actor="host",
        )

    def copied(self, folder: Path) -> "Neighbours":
        """The same on a database of its own; the company files are shared, as none but one test writes to them."""
        made = copy.copy(self)
        made.place = Place.create(folder, self.place.database_path)
        made.place.adopt_secrets(self.place)
        made.mine, made.theirs = (replace(shop, place=made.place) for shop in (self.mine, self.theirs))
        return made

    def rows(self) -> dict[str, list[tuple[object, ...]]]:
        """Every row of theirs, in every table that has a connector."""
        found = {}
        with contextlib.closing(sqlite3.connect(self.place.database_path)) as connection:
            (own,) = connection.execute("SELECT id FROM connector WHERE name = 'theirs'").fetchone()
            found["connector"] = connection.execute("SELECT * FROM connector WHERE id = ?", (own,)).fetchall()
            for (table,) in connection.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table'"
            ).fetchall():
                columns = [row[1] for row in connection.execute(f'PRAGMA table_info("{table}")')]
                if "connector_id" in columns:
                    query = f'SELECT * FROM "{table}" WHERE connector_id = ?'
                    found[table] = sorted(connection.execute(query, (own,)), key=repr)
        assert {"record", "error", "event", "session", "message_set", "request", "list_entry"} <= set(found)
        assert all(
            found[table] for table in ("record", "error", "event", "session", "message_set", "request")
        )
        return found


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory, template: Path) -> Neighbours:
    made = Neighbours(Place.create(tmp_path_factory.mktemp("neighbours"), template))
    made.place.close()
    return made


@pytest.fixture
def both(original: Neighbours, tmp_path: Path) -> Iterator[Neighbours]:
    """A copy of the two, so that every test finds them as they were."""
    copied = original.copied(tmp_path)
    yield copied
    copied.place.close()


# --- SOAP ---------------------------------------------------------------------------------------------------------


def answer_to(requests: list[str]) -> str:
    """QuickBooks' answer to somebody's requests: all of them done."""
    root = etree.Element("QBXML")
    message_set = etree.SubElement(root, "QBXMLMsgsRs")
    for number, name in enumerate(requests):
        response = etree.SubElement(
            message_set,
            "CustomerAddRs",
            {"requestID": name, "statusCode": "0", "statusSeverity": "Info", "statusMessage": "OK"},
        )
        record = etree.SubElement(response, "CustomerRet")
        for tag, text in (("ListID", f"8000{number}-1"), ("EditSequence", "1"), ("Name", "Taken over")):
            etree.SubElement(record, tag).text = text
    return etree.tostring(root, encoding="unicode")


def arguments_of(both: Neighbours, name: str) -> list[str]:
    """What a caller might try for a parameter, the other connector's own among it."""
    return {
        "ticket": [both.ticket],
        "wcTicket": [both.ticket],
        "strUserName": [both.theirs.username, both.mine.username],
        "strPassword": [both.mine.password, "", both.their_ticket],
        "strHCPResponse": ["", both.theirs.hcp, both.mine.hcp],
        "strCompanyFileName": [PATH],
        "response": ["", answer_to(both.their_requests), both.their_text],
        "hresult": ["", "0x80040400", "0x80040408"],
        "sessionID": [both.their_ticket],
    }.get(name, [""])


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
def test_a_ticket_or_password_of_one_connector_does_nothing_to_another(both: Neighbours, method) -> None:
    before, said = both.rows(), []
    for values in itertools.product(*(arguments_of(both, name) for name in method.parameters)):
        given = dict(zip(method.parameters, values, strict=True))
        if (given.get("strUserName"), given.get("strPassword")) == (both.mine.username, both.mine.password):
            continue  # that is no attack: it ends the session these calls need
        said += both.mine.call(method.name, **given)
    assert both.rows() == before or method.name == "authenticate"
    if method.name == "authenticate":
        assert _but_the_refusal(both.rows()) == _but_the_refusal(before)
        assert set(said) <= {"", "nvu"}
    assert not any(MARK in text for text in said)


def _but_the_refusal(rows: dict[str, list[tuple[object, ...]]]) -> dict[str, list[tuple[object, ...]]]:
    """Without what a wrong password is meant to leave behind: an error record that says so, its begin, and that it is
    counted, also as a visit of its day that failed."""
    rows = {table: found for table, found in rows.items() if table != "connector_day"}
    left = {"event": "connector error began"}
    left |= dict.fromkeys(("error", "error_count", "error_group"), "bad_credentials")
    return {
        table: [row for row in found if table not in left or left[table] not in row]
        for table, found in rows.items()
    }


def test_the_other_connectors_session_goes_on_as_if_nothing_had_been(both: Neighbours) -> None:
    for response in (answer_to(both.their_requests), "", "<broken"):
        both.mine.call("receiveResponseXML", ticket=both.ticket, response=response)
    both.mine.call("closeConnection", ticket=both.ticket)
    assert both.theirs.send(both.their_ticket) == both.their_text
    response = both.theirs.company.process(both.their_text)
    both.theirs.call("receiveResponseXML", ticket=both.their_ticket, response=response)
    assert both.theirs.created() == {f"{MARK} Co": 1}
    assert record_views.view(both.place.core, "theirs", Kind.CUSTOMER, f"c-{MARK}")["state"] == "synced"


# --- pages --------------------------------------------------------------------------------------------------------


def addresses(both: Neighbours) -> Iterator[tuple[str, str]]:
    """Every page and button about a connector: at mine, with the ids of theirs."""
    site = create_site(both.place.core, secret_key=b"s" * 32, secure_cookies=False)
    values = {
        "name": "mine",
        "kind": Kind.INVOICE,
        "external_id": f"i-{MARK}",
        "error_id": both.their_error,
        "part": "request",
        "list_name": ListName.CUSTOMER,
        "webhook_id": both.their_webhook,
        "delivery_id": both.their_delivery,
        "request_id": both.their_request,
        "ruling_id": both.their_ruling,
    }
    with contextlib.closing(sqlite3.connect(both.place.database_path)) as connection:
        for name, table in (("set_id", "message_set"), ("session_id", "session"), ("event_id", "event")):
            of_theirs = (
                f"FROM \"{table}\" t JOIN connector c ON c.id = t.connector_id WHERE c.name = 'theirs'"
            )
            (values[name],) = connection.execute(f"SELECT max(t.id) {of_theirs}").fetchone()
    for rule in site.url_map.iter_rules():
        if "name" in rule.arguments:
            path = site.url_map.bind("").build(rule.endpoint, {name: values[name] for name in rule.arguments})
            yield from ((method, path) for method in sorted(rule.methods & {"GET", "POST"}))


def test_no_page_or_button_of_one_connector_shows_or_changes_another(both: Neighbours) -> None:
    client = sign_in(both.place)
    before, seen, missing = both.rows(), 0, 0
    for method, path in addresses(both):
        form = {
            "id": str(both.their_error),
            "error_id": str(both.their_error),
            "cause_key": f"sku:{MARK}-SKU",
        }
        form |= {"confirm": "mine", "quickbooks_id": "80000001-1", "note": "mine", "all": "on"}
        answer = client.open(path, method=method, data=form if method == "POST" else None)
        assert answer.status_code < 500, path
        inside = answer.text.replace(f"i-{MARK}", "")  # the id that was asked for may be repeated
        assert MARK not in inside, (method, path)
        assert both.rows() == before, (method, path)
        seen += 1
        missing += answer.status_code == 404
    assert seen > 30
    assert missing > 10


def test_the_same_pages_show_the_connector_they_belong_to(both: Neighbours) -> None:
    """So that the test above cannot pass on pages that show nothing."""
    client = sign_in(both.place)
    shown = [
        path
        for method, path in addresses(both)
        if method == "GET" and MARK in client.get(path.replace("/mine", "/theirs")).text
    ]
    assert len(shown) >= 6


# --- commands -----------------------------------------------------------------------------------------------------


Arguments = Callable[[Neighbours], list[str]]
COMMANDS: dict[str, Arguments] = {
    "connector show": lambda both: ["mine"],
    "connector doctor": lambda both: ["mine"],
    "connector set": lambda both: ["mine", "read_only=true"],
    "connector qwc": lambda both: ["mine", "-o", str(both.place.folder / "mine.qwc")],
    "connector reset": lambda both: ["mine", "--full"],
    "connector rotate-password": lambda both: ["mine"],
    "connector onboard": lambda both: ["mine"],
    "connector remove": lambda both: ["mine", "--yes", "mine"],
    "connector restore": lambda both: ["mine"],
    "connector pause": lambda both: ["mine"],
    "connector resume": lambda both: ["mine"],
    "connector confirm": lambda both: ["mine", "--company", "Fish"],
    "resync": lambda both: ["mine"],
    "log": lambda both: ["mine"],
    "api-key create": lambda both: ["shop", "--connector", "mine"],
    "api-key revoke": lambda both: ["key of theirs", "--connector", "mine"],
    "request": lambda both: ["-", "--connector", "mine"],
    "requests list": lambda both: ["--connector", "mine"],
    "requests show": lambda both: [str(both.their_request), "--connector", "mine"],
    "requests cancel": lambda both: [str(both.their_request), "--connector", "mine"],
    "rulings list": lambda both: ["--connector", "mine"],
    "rulings take-back": lambda both: [str(both.their_ruling), "--connector", "mine"],
    "webhook add": lambda both: ["https://mine.example/hook", "--connector", "mine"],
    "webhook list": lambda both: ["--connector", "mine"],
    **{
        f"webhook {deed}": lambda both: ["1", "--connector", "mine"]
        for deed in ("deliveries", "remove", "rotate-secret", "show", "test")
    },
    "webhook change": lambda both: ["1", "--connector", "mine", "--disable"],
    "webhook replay": lambda both: ["1", "--connector", "mine", "--after", "0"],
    "webhook resend": lambda both: ["1", "1", "--connector", "mine"],
    "put": lambda both: ["customer", f"c-{MARK}", "-", "--connector", "mine"],
    "get": lambda both: ["invoice", f"i-{MARK}", "--connector", "mine"],
    "cancel": lambda both: ["invoice", f"i-{MARK}", "--connector", "mine"],
    "import": lambda both: ["customer", "-", "--connector", "mine"],
    "queue": lambda both: ["--connector", "mine"],
    "errors list": lambda both: ["--connector", "mine"],
    "errors retry": lambda both: ["--cause", f"sku:{MARK}-SKU", "--connector", "mine"],
    "records list": lambda both: ["--connector", "mine"],
    "retry": lambda both: ["invoice", f"i-{MARK}", "--connector", "mine"],
    "link": lambda both: ["invoice", f"i-{MARK}", "1A-1", "--connector", "mine"],
    "unlink": lambda both: ["customer", f"c-{MARK}", "--connector", "mine"],
    "void": lambda both: ["invoice", f"i-{MARK}", "--connector", "mine"],
    "post-as-new": lambda both: ["invoice", f"i-{MARK}", "--connector", "mine"],
}
"""Every command that is about one connector, as somebody would use it to get at another's."""

TEXTS = {
    "request": "<CustomerQueryRq/>",
    "put": '{"name": "New Co", "email": "new@fish.example"}',
    "import": json.dumps({"external_id": f"c-{MARK}", "name": "New Co", "email": "new@fish.example"}),
}


def commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[str, click.Command]]:
    """Every command there is, with the words it is called by."""
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        else:
            yield " ".join((*path, name)), command


def test_the_table_of_commands_about_one_connector_is_complete() -> None:
    about_one = {
        name
        for name, command in commands(main)
        if any(parameter.name == "connector" for parameter in command.params)
        or (
            name.split()[0] in ("connector", "resync", "log")
            and name not in ("connector add", "connector list")
        )
    }
    # that one goes on until it is stopped, and looks at the same feed as `log`
    assert about_one == {*COMMANDS, "listen"}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_about_one_connector_neither_tells_nor_changes_another(both: Neighbours, name: str) -> None:
    before = both.rows()
    done = both.place.run(*name.split(), *COMMANDS[name](both), "--json", text=TEXTS.get(name))
    assert done.exit_code in (0, 1), done.output
    assert not isinstance(done.exception, Exception), done.exception
    inside = done.output.replace(f"i-{MARK}", "").replace(f"c-{MARK}", "").replace(f"{MARK}-SKU", "")
    assert MARK not in inside
    assert both.rows() == before
