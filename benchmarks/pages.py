"""What a page of the site costs to draw, and weighs, beside an empty Flask template in the same run.

    python -m benchmarks.pages [--connectors 200] [--errors 3000] [--rounds 10]

All pages take turns with the empty template, in one process, so that a busy moment meets all of them; what counts are
the ratios. The world is a wholesaler with so many error records in 40 groups, beside connectors that are fine.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from statistics import median
from time import process_time

from flask import Flask, render_template_string
from flask.testing import FlaskClient
from sqlalchemy import event

from qbwc_server.access import users
from qbwc_server.desk.administration import connectors
from qbwc_server.web import create_site
from tests.worlds import errors_world, site_world
from tests.worlds.site_world import CONNECTOR

EMPTY = "an empty template"
PAGES = {
    "overview": "/",
    "search by part of a number": "/search?q=10",
    "connector": f"/connectors/{CONNECTOR}",
    "records, blocked": f"/connectors/{CONNECTOR}/records/invoices?state=blocked",
    "record": f"/connectors/{CONNECTOR}/records/invoices/SO-1045",
    "errors": f"/connectors/{CONNECTOR}/errors",
    "errors of one group": f"/connectors/{CONNECTOR}/errors/group?cause=item_not_matched&key=sku:A-03",
    "list of QuickBooks": f"/connectors/{CONNECTOR}/lists/customers",
    "log": f"/connectors/{CONNECTOR}/log",
    "settings": f"/connectors/{CONNECTOR}/settings",
}


def main() -> None:
    """Build the world, draw every page in turn, print what each took."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--connectors", type=int, default=200)
    parser.add_argument("--errors", type=int, default=3000)
    parser.add_argument("--rounds", type=int, default=10)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, site_world.empty_world(Path(folder)) as world:
        site_world.populate(world)
        errors_world.forty_groups(world, options.errors)
        for number in range(options.connectors - 2):
            connectors.add(world.core, f"branch-{number}", actor="cli")
        statements: list[str] = []
        event.listen(
            world.core.database._engine, "before_cursor_execute", lambda *told: statements.append(told[2])
        )
        site = create_site(world.core, secret_key=b"s" * 32, secure_cookies=False)
        site.config["WTF_CSRF_ENABLED"] = False
        client = site.test_client()
        users.add(world.core, "Bo Bench", site_world.PASSWORD, users.Role.ADMIN, actor="cli")
        signed_in = client.post("/login", data={"name": "Bo Bench", "password": site_world.PASSWORD})
        assert signed_in.status_code == 302
        visitors = {
            EMPTY: (_empty().test_client(), "/"),
            **{name: (client, at) for name, at in PAGES.items()},
        }
        taken: dict[str, list[float]] = {name: [] for name in visitors}
        weights: dict[str, tuple[int, int]] = {}
        for _ in range(options.rounds + 1):
            for name, (visitor, address) in visitors.items():
                statements.clear()
                weight, milliseconds = _drawn(visitor, address)
                taken[name].append(milliseconds)
                weights[name] = weight, len(statements)
    # the first time of a page compiles its template
    costs = {name: median(each[1:]) for name, each in taken.items()}
    print(f"{'page':<28}{'ms CPU':>8}{'× empty':>9}{'kB sent':>9}{'statements':>12}")
    for name, cost in costs.items():
        weight, asked = weights[name]
        print(f"{name:<28}{cost:>8.1f}{cost / costs[EMPTY]:>9.0f}{weight / 1000:>9.1f}{asked:>12}")


def _empty() -> Flask:
    app = Flask("empty")

    @app.get("/")
    def page() -> str:
        return render_template_string("<!doctype html><title>Empty</title>")

    return app


def _drawn(visitor: FlaskClient, address: str) -> tuple[int, float]:
    begun = process_time()
    answer = visitor.get(address, headers={"Accept-Encoding": "gzip"})
    weight = len(answer.data)
    spent = (process_time() - begun) * 1000
    assert answer.status_code == 200, (address, answer.status_code)
    return weight, spent


if __name__ == "__main__":
    main()
