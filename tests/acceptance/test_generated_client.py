"""A client generated from the API's document works: every operation is there, and a first invoice arrives with it."""

from __future__ import annotations

import importlib
import json
import re
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from qbwc_server.web.api.routes import documentation
from tests.worlds.acceptance_world import World

pytestmark = pytest.mark.slow

PACKAGE = "generated_client"


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Where the generated package lies, and what its generator said."""
    folder = tmp_path_factory.mktemp("generated")
    document = folder / "openapi.json"
    document.write_text(json.dumps(documentation()))
    made = folder / PACKAGE
    generator = Path(sys.executable).with_name("openapi-python-client")
    done = subprocess.run(
        [generator, "generate", "--meta", "none", "--path", document, "--output-path", made],
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    return folder, done.stdout + done.stderr


@pytest.fixture
def world(shared_world: World) -> World:
    """The server goes on from test to test."""
    return shared_world


def test_every_operation_is_generated_with_all_its_types(generated: tuple[Path, str]) -> None:
    folder, told = generated
    assert "will not be generated" not in told
    assert "Unable to process schema" not in told
    operations = {
        operation["operationId"] for path in documentation()["paths"].values() for operation in path.values()
    }
    modules = {path.stem for path in (folder / PACKAGE / "api").glob("*/*.py")}
    assert operations <= modules


def test_names_of_types_are_names_and_no_numbered_collisions(generated: tuple[Path, str]) -> None:
    folder, _ = generated
    names = {path.stem for path in (folder / PACKAGE / "models").glob("*.py")}
    assert [name for name in names if re.search(r"_\d+$", name) and "_type_" not in name] == []


def test_a_first_invoice_arrives_with_it(
    generated: tuple[Path, str], world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(generated[0]))
    world.company.person.add("ItemService", {"Name": "Ice", "SalesOrPurchase": {"AccountRef": "Sales"}})
    key = world.command("api-key", "create", "shop", "--connector", "seafood")["key"]
    with loaded("").AuthenticatedClient(base_url=f"{world.server.url}/api/v1", token=key) as client:
        models = loaded("models")

        def ask(tag: str, operation: str, *parts: str, **more: Any) -> Any:
            return loaded(f"api.{tag}.{operation}").sync(*parts, client=client, **more)

        customer = models.Customer(name="Pier 7", email="ap@pier7.example")
        assert ask("customers", "put_customer", "seafood", "c-1", body=customer).state == "queued"
        line = models.InvoiceLine(quantity="2", rate="9.50")
        line.item = models.ItemReferenceType1.from_dict({"full_name": "Ice"})
        invoice = models.Invoice(
            customer=models.PartyReferenceType1.from_dict({"external_id": "c-1"}),
            txn_date=date(2026, 11, 20),
            ref_number="G-1",
            lines=[line],
        )
        ask("invoices", "put_invoice", "seafood", "i-1", body=invoice)
        world.visit()
        found = ask("invoices", "get_invoice", "seafood", "i-1")
        assert (found.state, found.ref_number) == ("synced", "G-1")
        assert found.txn_id in {each["TxnID"] for each in world.company.records("Invoice")}
        missing = ask("invoices", "get_invoice", "seafood", "nobody")
        assert missing.status == 404
        events = ask("connectors", "list_events", "seafood")
        assert [each.external_id for each in events.events].count("i-1") >= 2


def loaded(name: str) -> Any:
    """A module of the generated package."""
    return importlib.import_module(f"{PACKAGE}.{name}".rstrip("."))
