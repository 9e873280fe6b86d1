"""The pytest plugin, as those use it whose tests know nothing of ours."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow  # test runs in test runs

pytest_plugins = ["pytester"]

PAGE = (Path(__file__).parents[2] / "docs" / "testing.md").read_text(encoding="utf-8")
CONFTEST, SHOWN = re.findall(r"^```python\n(.*?)^```$", PAGE, re.M | re.S)


@pytest.fixture
def tests(pytester: pytest.Pytester) -> pytest.Pytester:
    """A folder of somebody else's tests, which are strict about what is left open."""
    pytester.makeconftest(CONFTEST)
    pytester.makeini(
        "[pytest]\naddopts = -p no:cacheprovider -p no:xdist\nfilterwarnings =\n    error\n"
        "    ignore::DeprecationWarning\n    ignore::ImportWarning"
    )
    return pytester


def test_what_the_documentation_shows_passes(tests: pytest.Pytester) -> None:
    tests.makepyfile(test_shown=SHOWN)
    tests.runpytest_subprocess().assert_outcomes(passed=3)


def test_each_test_has_a_server_a_company_file_and_a_clock_of_its_own(tests: pytest.Pytester) -> None:
    tests.makepyfile(
        """
        from datetime import UTC, datetime
        import urllib.request

        import pytest
        from qbwc_server.simulator import SimulatorError


        @pytest.fixture
        def qbwc_settings():
            return {"create_customers": False}


        @pytest.mark.parametrize("number", [1, 2])
        def test_one(number, server, quickbooks, web_connector, clock):
            assert quickbooks.records("Customer") == []
            assert [each for each in server.call("GET", "events")[1]["events"] if each["kind"]] == []
            moment = datetime(2031, 5, 1, 12, tzinfo=UTC)
            clock.set(moment)
            put = server.call("PUT", "customers/c-1", {"name": "Ocean", "email": "a@ocean.example"})
            assert put[0] == 201
            assert put[1]["created_at"].startswith("2031-05-01T12:0")
            web_connector.visit()
            assert quickbooks.records("Customer") == []
            (error,) = server.call("GET", "errors")[1]["errors"]
            assert (error["cause"], error["sub_reason"]) == ("customer_not_matched", "creation_off")
            with server.in_process() as harbour:
                assert harbour.get("customer", "c-1").state == "blocked"


        def test_a_moment_has_a_zone(clock):
            with pytest.raises(ValueError, match="time zone"):
                clock.set(datetime(2031, 5, 1))
            before = clock.now
            clock.forward(days=1)
            assert (clock.now - before).days == 1


        def test_pages_and_batches_are_served_too(server):
            with urllib.request.urlopen(server.url + "/support") as page:
                assert page.status == 200
            assert server.call("GET", "invoices/none")[0] == 404
            assert server.call("DELETE", "customers/c-1")[0] == 404


        def test_a_fault_nobody_knows_is_refused(fault):
            with pytest.raises(SimulatorError):
                fault("no-such-thing")
            assert fault().fired == []
        """
    )
    tests.runpytest_subprocess().assert_outcomes(passed=5)


def test_webhooks_are_delivered_when_told(tests: pytest.Pytester) -> None:
    tests.makepyfile(
        """
        import http.server, json, threading

        import pytest

        heard = []


        class Receiver(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                heard.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_):
                pass


        def test_it(server, web_connector):
            receiver = http.server.HTTPServer(("127.0.0.1", 0), Receiver)
            thread = threading.Thread(target=receiver.serve_forever)
            thread.start()
            address = f"http://127.0.0.1:{receiver.server_port}/"
            made = server.call(
                "POST", "webhooks", {"url": address, "types": ["customer.synced"], "allow_private": True}
            )
            assert made[0] == 201, made
            server.call("PUT", "customers/c-1", {"name": "Ocean", "email": "a@ocean.example"})
            web_connector.visit()
            assert heard == []
            server.deliver()
            receiver.shutdown()
            thread.join()
            receiver.server_close()
            assert [(event["type"], event["external_id"]) for event in heard] == [("customer.synced", "c-1")]
        """
    )
    tests.runpytest_subprocess().assert_outcomes(passed=1)


def test_whoever_names_the_plugin_and_uses_nothing_of_it_loads_nothing_heavy() -> None:
    told = "import sys, qbwc_server.testing; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    assert not set(done.stdout.split()) & {
        "sqlalchemy",
        "flask",
        "lxml",
        "pydantic",
        "spyne",
        "zeep",
        "requests",
    }
