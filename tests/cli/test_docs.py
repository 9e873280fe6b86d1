"""The pages in docs/: every command they show is run or parsed, every page and place they name exists."""

import configparser
import json
import re
import shlex
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
import pytest
from werkzeug.routing import Map

from qbwc_server.cli import main
from qbwc_server.config.reading import load_config
from qbwc_server.desk.logs import bundles, redaction
from qbwc_server.domain.clock import utc_now
from qbwc_server.domain.kinds import Kind
from qbwc_server.simulator import WebConnector
from qbwc_server.simulator.quickbooks.company_file import CompanyFile
from qbwc_server.web import create_site
from qbwc_server.wiring import core_from
from tests.worlds.cli_world import Cli, WithoutHttp

ROOT = Path(__file__).parents[2]
PAGES = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "docs").glob("*.md")}
SUPPORT, SERVICE = PAGES["support.md"], PAGES["service.md"]
HEARD = (
    "I created a record and can't sync it",
    "I deleted an invoice",
    "My invoice failed",
    "Remove it and start over",
)


def blocks(text: str, language: str) -> list[str]:
    """The blocks of code in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.M | re.S)


def parsed(words: list[str]) -> click.Context:
    """A command as it would be run, all but running it; fails where it could not be understood."""
    if words[0] == "--config":
        words = words[2:]
    command: click.Command = main
    while isinstance(command, click.Group):
        name, *words = words
        assert name in command.commands, name
        command = command.commands[name]
    return command.make_context(name, list(words))


# --- support ------------------------------------------------------------------------------------------------------


class Pier:
    """The connector of the support page: an invoice deleted in QuickBooks, one that waits, one to be voided."""

    def __init__(self, folder: Path) -> None:
        self.cli = Cli(folder)
        self.company = CompanyFile.create()
        self.hours = 0

    def build(self) -> None:
        self.card = self.cli.json("connector", "add", "harbour", "--default-income-account", "Sales")
        self.put("customer", "c-7", name="Harbour Fish Co", email="ap@harbour.example")
        self.put("customer", "c-8", name="Quayside Deli")
        self.put("item", "i-1", sku="OY-100", name="Oyster 100ct", type="non_inventory", price="92.50")
        for number, customer in (("1042", "c-7"), ("1043", "c-8"), ("1044", "c-7")):
            line = {"item": {"sku": "OY-100"}, "quantity": "2", "rate": "92.50"}
            named = {"external_id": customer}
            self.put("invoice", f"so-{number}", ref_number=f"SO-{number}", customer=named, lines=[line])
        self.list_id = self.company.person.add("Customer", {"Name": "Deli on the Quay"})
        self.visit()
        self.visit()  # the customer's list was empty when it was first loaded
        view = self.cli.json("get", "invoice", "so-1042")
        self.company.person.delete_transaction("Invoice", view["txn_id"])
        self.visit()
        (error,) = self.cli.json("errors", "list", "--cause", "document_deleted")
        assert error["external_id"] == "so-1042"
        self.error_id = error["id"]
        core = core_from(load_config())
        bundle = redaction.as_text(bundles.of_record(core, "harbour", Kind.INVOICE, "so-1043"))
        core.database.close()
        (self.cli.folder / "qbwc-bundle-invoice.json").write_text(bundle, encoding="utf-8")

    def put(self, kind: str, external_id: str, **fields: object) -> None:
        self.cli.json("put", kind, external_id, "-", text=json.dumps(fields))

    def visit(self) -> None:
        """The Web Connector comes, three hours after its last visit."""
        later = timedelta(hours=self.hours)
        self.hours += 3
        core = core_from(load_config(), lambda: utc_now() + later)
        user, password = self.card["username"], self.card["password"]
        WebConnector("", user, password, self.company, endpoint=WithoutHttp(core)).run(max_sessions=5)
        core.database.close()


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Pier:
    """The world of the support page, built once."""
    folder = tmp_path_factory.mktemp("support")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        pier = Pier(folder)
        pier.build()
    return pier


@pytest.fixture
def pier(built: Pier, cli: Cli) -> Pier:
    """A copy of that world, to do something to."""
    for file in built.cli.folder.iterdir():
        shutil.copy(file, cli.folder)
    return built


def typed(pier: Pier, line: str) -> str:
    """What a command of the page says, with the ids of this world in place of the page's words for them."""
    words = [{"ID": str(pier.error_id), "LISTID": pier.list_id}.get(word, word) for word in shlex.split(line)]
    assert words[0] == "qbwc-server", line
    done = pier.cli.run(*words[1:])
    assert done.exit_code == 0, f"{line}\n{done.output}"
    return done.stdout


@pytest.mark.parametrize("block", blocks(SUPPORT, "bash"), ids=lambda block: block.splitlines()[0][12:60])
def test_every_command_for_support_does_what_it_says(pier: Pier, block: str) -> None:
    for line in block.splitlines():
        assert typed(pier, line)


def test_support_finds_its_pages_by_what_it_hears() -> None:
    headings = re.findall(r"^## (.*)$", SUPPORT, re.M)
    assert set(HEARD) <= set(headings)
    assert all(f"“{heading}”" in SUPPORT.partition("## ")[0] for heading in headings)


def test_a_deleted_invoice_is_found_and_posted_once_more(pier: Pier) -> None:
    assert "invoice so-1042" in typed(pier, "qbwc-server errors list --cause document_deleted")
    typed(pier, "qbwc-server post-as-new invoice so-1042")
    assert pier.cli.json("get", "invoice", "so-1042")["state"] == "queued"


def test_one_that_is_not_wanted_any_more_rests(pier: Pier) -> None:
    typed(pier, 'qbwc-server errors dismiss ID --note "ordered by mistake, says Ann"')
    assert pier.cli.json("get", "invoice", "so-1042")["state"] == "cancelled"


def test_a_retry_before_anything_changed_does_no_harm_and_a_link_helps(pier: Pier) -> None:
    assert "its cause has not gone away" in typed(pier, "qbwc-server retry invoice so-1043")
    typed(pier, "qbwc-server link customer c-8 LISTID")
    assert pier.cli.json("get", "customer", "c-8")["state"] == "synced"
    assert pier.cli.json("get", "invoice", "so-1043")["state"] == "queued"


def test_starting_over_keeps_records_and_makes_a_new_password(pier: Pier) -> None:
    before = pier.cli.json("records", "list")["records"]
    said = typed(pier, "qbwc-server connector reset harbour --full")
    assert "New password" in said
    assert pier.card["password"] not in said
    after = pier.cli.json("records", "list")["records"]
    assert {record["external_id"] for record in after} == {record["external_id"] for record in before}


# --- what any page names ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def addresses(tmp_path_factory: pytest.TempPathFactory) -> Map:
    """The addresses of the site."""
    folder = tmp_path_factory.mktemp("site")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        Cli(folder).json("connector", "add", "harbour")
        core = core_from(load_config())
    app = create_site(core, secret_key=b"x" * 32, secure_cookies=False)
    core.database.close()
    return app.url_map


def test_every_page_of_the_site_that_support_is_sent_to_exists(addresses: Map) -> None:
    named = re.findall(r"`(/[a-z][^`]*)`", SUPPORT)
    assert len(named) > 6
    for path in named:
        assert addresses.bind("localhost").match(path, method="GET"), path


@pytest.mark.parametrize("name", PAGES)
def test_every_command_a_page_names_exists(name: str) -> None:
    code = "\n".join([*re.findall(r"```(?:bash|console|bat)\n(.*?)```", PAGES[name], re.S)])
    code += "\n" + "\n".join(re.findall(r"`([^`\n]+)`", PAGES[name]))
    for line in re.findall(
        r"^(?:\$ )?(?:sudo -u qbwc )?(?:\S*[/\\])?qbwc-server(?:\.exe)? (.*)$", code, re.M
    ):
        words = shlex.split(line.partition(" >>")[0], comments=True)
        if words[0] == "--config":
            words = words[2:]
        command: click.Command = main
        while isinstance(command, click.Group) and words:
            assert words[0] in command.commands, line
            command = command.commands[words.pop(0)]
        options = {
            option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)
        }
        assert {word for word in words if word.startswith("--")} <= options | {"--help"}, line


@pytest.mark.parametrize("name", [*PAGES, "../README.md"])
def test_every_place_a_page_leads_to_exists(name: str) -> None:
    text = (ROOT / "docs" / name).read_text(encoding="utf-8")
    for file, _, anchor in (target.partition("#") for target in re.findall(r"\]\(([^)\s]+)\)", text)):
        if file.startswith("http"):
            continue
        target = (ROOT / "docs" / name).parent / file if file else ROOT / "docs" / name
        assert target.exists(), file
        if anchor:
            headings = re.findall(r"^#+ (.*)$", target.read_text(encoding="utf-8"), re.M)
            assert anchor in {slug(heading) for heading in headings}, anchor


def slug(heading: str) -> str:
    """The anchor of a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


# --- services -----------------------------------------------------------------------------------------------------


def test_the_systemd_unit_starts_the_server_and_may_write_its_folder() -> None:
    (text,) = blocks(SERVICE, "ini")
    unit = configparser.ConfigParser(interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read_string(text)
    service = unit["Service"]
    program, *words = shlex.split(service["ExecStart"])
    assert program == f"{service['WorkingDirectory']}/.venv/bin/qbwc-server"
    assert parsed(words).command is main.commands["serve"]
    assert service["ReadWritePaths"] == service["WorkingDirectory"]
    assert unit["Install"]["WantedBy"] == "multi-user.target"


def test_the_container_serves_for_everybody_in_its_network() -> None:
    (text,) = blocks(SERVICE, "dockerfile")
    said: dict[str, Any] = dict(re.findall(r"^(ENTRYPOINT|CMD) (.*)$", text, re.M))
    assert json.loads(said["ENTRYPOINT"]) == ["qbwc-server"]
    context = parsed(json.loads(said["CMD"]))
    assert (context.command, context.params["host"]) == (main.commands["serve"], "0.0.0.0")


def test_the_lines_for_windows_start_the_server() -> None:
    lines = "\n".join(blocks(SERVICE, "bat"))
    started = re.findall(r"qbwc-server(?:\.exe)? (--config .*?)(?: >>.*)?$", lines, re.M)
    assert len(started) == 2
    assert all(parsed(line.split()).command is main.commands["serve"] for line in started)
