"""The order system of examples/ against a real server: packed, synced, and decided by its user, as a browser would."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import requests
from lxml import html

from qbwc_server.cli.demo.server import free_port
from qbwc_server.simulator import CompanyFile
from qbwc_server.testing.office import WebConnector
from qbwc_server.testing.servers import Server

pytestmark = pytest.mark.slow  # a program of its own, with a server of its own

ROOT = Path(__file__).parents[2]
ORDER = {
    "number": "SO-1042",
    "customer": "Harbour Fish Co",
    "email": "ap@harbour.example",
    "sku": "OY-100",
    "quantity": "12",
    "price": "92.50",
}


@pytest.fixture
def shop(server: Server, quickbooks: CompanyFile, tmp_path: Path) -> Iterator[str]:
    """The address of the running order system; QuickBooks has oysters."""
    item = {"Name": "Oyster 100ct", "ManufacturerPartNumber": "OY-100"}
    sale = {"SalesOrPurchase": {"Price": "92.50", "AccountRef": {"FullName": "Sales"}}}
    quickbooks.person.add("ItemNonInventory", item | sale)
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    hook = {"url": f"{url}/quickbooks", "types": ["invoice.*"], "allow_private": True}
    environment = os.environ | {
        "QBWC_DATABASE_URL": server.database_url,
        "QBWC_API": server.api,
        "QBWC_API_KEY": server.key,
        "SHOP_WEBHOOK_SECRET": server.call("POST", "webhooks", hook)[1]["secret"],
        "SHOP_PORT": str(port),
    }
    command = [sys.executable, "-m", "examples.order_system"]
    with (tmp_path / "shop.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    try:
        until = time.monotonic() + 60
        while not is_there(port):
            assert process.poll() is None, (tmp_path / "shop.log").read_text()
            assert time.monotonic() < until
            time.sleep(0.1)
        yield url
    finally:
        process.terminate()
        process.wait(30)


def is_there(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5):
        return True
    return False


def post(address: str, **form: str) -> None:
    answer = requests.post(address, data=form, timeout=60)
    assert answer.ok, answer.text


def shown(shop: str, number: str = "SO-1042") -> html.HtmlElement:
    """The last cell of an order's row."""
    page = html.fromstring(requests.get(shop, timeout=60).text)
    (row,) = page.xpath(f"//tr[@id='{number}']")
    return row[-1]


def quickbooks_comes(server: Server, web_connector: WebConnector) -> None:
    web_connector.visit()
    for _ in range(10):
        server.deliver()


def test_a_packed_order_shows_what_its_invoice_is_in_quickbooks(shop, server, web_connector, quickbooks):
    post(f"{shop}/orders", **ORDER)
    assert server.call("GET", "invoices/SO-1042")[0] == 404
    post(f"{shop}/orders/SO-1042/pack")
    assert server.call("GET", "invoices/SO-1042")[0] == 200
    quickbooks_comes(server, web_connector)
    (invoice,) = quickbooks.records("Invoice")
    assert (invoice["RefNumber"], invoice["Subtotal"]) == ("SO-1042", "1110.00")
    assert shown(shop).text_content().split() == ["synced", invoice["TxnID"]]


def test_an_unknown_sku_is_decided_by_the_user_of_the_order_system(shop, server, web_connector, quickbooks):
    post(f"{shop}/orders", **ORDER | {"sku": "OY-1OO"})
    post(f"{shop}/orders/SO-1042/pack")
    quickbooks_comes(server, web_connector)
    cell = shown(shop)
    assert "OY-1OO" in cell.text_content()
    (link,) = cell.xpath(".//a/@href")
    page = html.fromstring(requests.get(f"{shop}{link}", params={"q": "oyster"}, timeout=60).text)
    (form,) = (each for each in page.forms if each.fields.get("choice") == "link")
    chosen = {name: value for name, value in form.form_values() if value}
    post(f"{shop}{link}", **chosen)
    quickbooks_comes(server, web_connector)
    (invoice,) = quickbooks.records("Invoice")
    assert shown(shop).text_content().split() == ["synced", invoice["TxnID"]]
    stale = requests.post(f"{shop}{link}", data=chosen, timeout=60)
    assert stale.status_code == 409
    assert html.fromstring(stale.text).xpath("string(//p)")


def test_an_order_that_cannot_be_handed_over_is_not_packed_and_nothing_of_it_is_there(shop, server):
    post(f"{shop}/orders", **ORDER | {"quantity": "-1000000000000"})
    refused = requests.post(f"{shop}/orders/SO-1042/pack", timeout=60)
    assert refused.status_code == 400
    assert "/lines/0/quantity" in refused.text
    assert shown(shop).xpath(".//button/text()") == ["Pack"]
    assert server.call("GET", "invoices/SO-1042")[0] == 404
    assert server.call("GET", "customers/ap@harbour.example")[0] == 404


def test_a_forged_message_changes_nothing(shop):
    post(f"{shop}/orders", **ORDER)
    forged = {"id": 1, "kind": "invoice", "external_id": "SO-1042", "to": "synced", "data": {"txn_id": "1-1"}}
    assert requests.post(f"{shop}/quickbooks", json=forged, timeout=60).status_code == 400
    assert "1-1" not in shown(shop).text_content()


def test_curl_is_enough(server, web_connector, quickbooks):
    environment = os.environ | {"QBWC_API": server.api, "QBWC_API_KEY": server.key, "WAIT": "0"}

    def run() -> str:
        script = ["bash", str(ROOT / "examples" / "curl.sh")]
        return subprocess.run(
            script, env=environment, capture_output=True, check=True, text=True, timeout=60
        ).stdout

    assert re.findall(r'"state": ?"(\w+)"', run())[-1] == "queued"
    web_connector.visit()
    assert "invoice.synced" in run()
    assert len(quickbooks.records("Invoice")) == 1


def test_its_readme_names_what_it_reads() -> None:
    folder = ROOT / "examples" / "order_system"
    read = re.findall(r"environ\W+(?:get\W+)?(\w+)", (folder / "__main__.py").read_text(encoding="utf-8"))
    told = re.findall(r"(\w+)=[$s]", (folder / "README.md").read_text(encoding="utf-8"))
    assert {*read} == {*told, "SHOP_PORT"}
