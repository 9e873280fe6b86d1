"""The example of an order system, over HTTP, on the database of a server, beside a simulated QuickBooks."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import threading
import urllib.error
import urllib.parse
import urllib.request
from html import unescape
from pathlib import Path

import pytest
from werkzeug.serving import make_server

from examples.order_system.app import create_app, take_order

BY_HAND = Path(__file__).parents[2] / "examples" / "order_system" / "by_hand.sh"


class Shop:
    """The order system at its address, as its user sees it in a browser without scripts."""

    def __init__(self, url: str, engine) -> None:
        self.url, self.engine = url, engine

    def page(self) -> str:
        with urllib.request.urlopen(f"{self.url}/") as answer:
            return unescape(answer.read().decode())

    def press(self, label: str) -> str:
        """Press the button of this label; the page that follows."""
        for action, inside in re.findall(
            r'<form method="post" action="([^"]+)">(.*?)</form>', self.page(), re.S
        ):
            if f">{label}</button>" in inside:
                fields = re.findall(r'name="(\w+)" value="([^"]*)"', inside)
                return self.send(action, fields)
        raise AssertionError(f"there is no button {label}: {self.page()}")

    def send(self, action: str, fields=()) -> str:
        data = urllib.parse.urlencode(fields).encode()
        with urllib.request.urlopen(f"{self.url}{action}", data=data) as answer:
            return unescape(answer.read().decode())


@pytest.fixture
def shop(server):
    port = make_server("127.0.0.1", 0, None)
    address = f"http://127.0.0.1:{port.port}"
    hook = {"url": f"{address}/quickbooks", "types": ["invoice.*"], "allow_private": True}
    secret = server.call("POST", "webhooks", hook)[1]["secret"]
    app = create_app(server.database_url, server.connector, secret)
    port.app = app
    thread = threading.Thread(target=port.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    take_order(app.extensions["engine"], "SO-1042", ("Ocean Grill", "ap@ocean.example"), "OY-100", 12, "9.50")
    server.call("PUT", "items/i-1", {"sku": "OY-100", "name": "Oysters", "price": "9.50"})
    yield Shop(address, app.extensions["engine"])
    port.shutdown()
    thread.join()
    port.server_close()
    app.extensions["engine"].dispose()


@pytest.fixture
def known(quickbooks):
    return quickbooks.person.add("Customer", {"Name": "Ocean Grill", "Email": "ap@ocean.example"})


def test_an_order_that_is_packed_shows_its_txn_id_as_soon_as_quickbooks_has_it(
    shop, known, server, web_connector, quickbooks
):
    shop.press("Pack")
    web_connector.visit()
    server.deliver()
    (invoice,) = quickbooks.records("Invoice")
    assert (invoice["RefNumber"], invoice["Subtotal"]) == ("SO-1042", "114.00")
    page = shop.page()
    assert invoice["TxnID"] in page
    assert "synced" in page
    assert "Pack</button>" not in page


def test_an_order_whose_invoice_is_refused_stays_unpacked(shop, server):
    take_order(
        shop.engine, "a number that is too long", ("Ocean Grill", "ap@ocean.example"), "OY-100", 1, "1"
    )
    page = shop.send("/orders/a%20number%20that%20is%20too%20long/pack")
    assert "a number that is too long was not packed: /ref_number" in page
    assert page.count("Pack</button>") == 2
    assert server.call("GET", "invoices")[1]["records"] == []


def test_the_user_of_the_order_system_settles_an_error_there(shop, known, server, web_connector, quickbooks):
    twin = quickbooks.person.add("Customer", {"Name": "Ocean Grill II", "Email": "ap@ocean.example"})
    web_connector.visit()
    shop.press("Pack")
    page = shop.page()
    labels = [label for label in re.findall(r">([^<>]+)</button>", page) if "Ocean Grill II" in label]
    assert labels, page
    stale = re.search(
        r'action="(/errors/\d+/answer)".*?name="token" value="([^"]+)".*?value="([^"]+)"', page, re.S
    )
    shop.press(labels[0])
    web_connector.visit()
    server.deliver()
    (invoice,) = quickbooks.records("Invoice")
    assert invoice["CustomerRef"]["ListID"] == twin
    assert invoice["TxnID"] in shop.page()
    told = shop.send(stale[1], [("token", stale[2]), ("choice", stale[3])])
    assert "this answer changed nothing" in told


def test_a_forged_webhook_changes_nothing(shop):
    with pytest.raises(urllib.error.HTTPError) as refused:
        shop.send("/quickbooks", [("type", "invoice.synced")])
    with refused.value as answer:
        assert answer.code == 400
    assert "synced" not in shop.page()


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_same_by_hand(server, web_connector, quickbooks):
    quickbooks.person.add("Customer", {"Name": "Ocean Grill", "Email": "ap@ocean.example"})
    server.call("PUT", "items/i-1", {"sku": "OY-100", "name": "Oysters", "price": "9.50"})
    around = {**os.environ, "QBWC_API": server.api, "QBWC_API_KEY": server.key}
    done = subprocess.run(
        ["sh", str(BY_HAND), "SO-7"], env=around, capture_output=True, text=True, check=True
    )
    assert '"invoice.handed_over"' in done.stdout
    web_connector.visit()
    (invoice,) = quickbooks.records("Invoice")
    assert (invoice["RefNumber"], invoice["Subtotal"]) == ("SO-7", "19.00")
