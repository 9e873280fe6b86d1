"""The whole application: SOAP at its address, the site everywhere else, one limit over both."""

import io
import json
import logging
import re
from datetime import UTC, datetime
from wsgiref.util import setup_testing_defaults

import pytest
from lxml import etree
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from qbwc_server.app import application_of, compose
from qbwc_server.config import Config, SiteConfig
from qbwc_server.server_log import DiscreetFormatter
from qbwc_server.wiring import core_from

TNS = "http://developer.intuit.com/"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"


def run(application, path, method="GET", body=b"", **environ):
    """Status, headers and body of one request."""
    environ = {
        "PATH_INFO": path,
        "REQUEST_METHOD": method,
        "CONTENT_LENGTH": str(len(body)),
        "CONTENT_TYPE": "text/xml; charset=utf-8",
        "REMOTE_ADDR": "192.0.2.7",
        "wsgi.input": io.BytesIO(body),
        **environ,
    }
    setup_testing_defaults(environ)
    started = []
    answer = application(environ, lambda status, headers, exc=None: started.append((status, headers)))
    text = b"".join(answer)
    if hasattr(answer, "close"):
        answer.close()
    ((status, headers),) = started
    return int(status[:3]), dict(headers), text


def named(name):
    def application(environ, start_response):
        start_response("200 OK", [])
        return [
            f"{name} {environ['REMOTE_ADDR']} {environ['wsgi.url_scheme']} {environ['HTTP_HOST']}".encode()
        ]

    return application


def composed(**options):
    return compose(named("soap"), named("site"), max_body_bytes=10, **options)


@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
@pytest.mark.parametrize("path", ["/qbwc", "/qbwc/"])
def test_the_soap_address_is_soaps_with_and_without_a_slash(path, method):
    assert run(composed(), path, method)[2].startswith(b"soap ")


@pytest.mark.parametrize("path", ["/", "", "/qbwc2", "/qbwc/x", "/QBWC", "/api/v1/qbwc", "//qbwc"])
def test_every_other_address_is_the_sites(path):
    assert run(composed(), path)[2].startswith(b"site ")


@pytest.mark.parametrize("path", ["/qbwc", "/api/v1/connectors"])
def test_the_body_limit_covers_both(path):
    assert run(composed(), path, "POST", b"x" * 10)[0] == 200
    assert run(composed(), path, "POST", b"x" * 11)[0] == 413


@pytest.mark.parametrize("path", ["/api", "/api/v1/connectors"])
def test_a_host_is_told_about_the_limit_by_a_problem_document(path):
    status, headers, body = run(composed(), path, "POST", b"x" * 11)
    assert (status, headers["Content-Type"]) == (413, "application/problem+json")
    assert headers["Content-Length"] == str(len(body))
    told = json.loads(body)
    assert (told["status"], told["title"]) == (413, "The body is too large")
    assert "10 bytes" in told["detail"]


@pytest.mark.parametrize("path", ["/qbwc", "/", "/apiary"])
def test_everybody_else_is_told_about_the_limit_by_a_sentence(path):
    _, headers, body = run(composed(), path, "POST", b"x" * 11)
    assert headers["Content-Type"] == "text/plain; charset=utf-8"
    assert b"10 bytes" in body


FORWARDED = {
    "HTTP_X_FORWARDED_FOR": "198.51.100.1, 203.0.113.9",
    "HTTP_X_FORWARDED_PROTO": "https",
    "HTTP_X_FORWARDED_HOST": "quickbooks.example.com",
}


def test_without_proxies_forwarded_headers_are_not_believed():
    assert run(composed(), "/", **FORWARDED)[2] == b"site 192.0.2.7 http 127.0.0.1"


def test_behind_one_proxy_its_word_counts_and_the_clients_own_does_not():
    assert run(composed(proxies=1), "/", **FORWARDED)[2] == b"site 203.0.113.9 https quickbooks.example.com"


# --- the real parts together ------------------------------------------------------------------------------------


@pytest.fixture
def opened():
    """The application of a configuration, on a database that is closed afterwards."""
    cores = []

    def application(config, **clock):
        cores.append(core_from(config, create=True, **clock))
        return application_of(cores[-1], config)

    yield application
    for core in cores:
        core.database.close()


@pytest.fixture
def application(tmp_path, opened):
    config = Config(
        database_url=f"sqlite:///{tmp_path}/qbwc.db",
        public_url="https://quickbooks.example.com",
        site=SiteConfig(session_minutes=5),
    )
    return opened(config, clock=lambda: datetime(2026, 11, 20, 12, tzinfo=UTC))


def soap(application, inner):
    body = f'<s:Envelope xmlns:s="{SOAP}"><s:Body>{inner}</s:Body></s:Envelope>'.encode()
    status, headers, text = run(application, "/qbwc", "POST", body)
    assert (status, headers["Content-Type"]) == (200, "text/xml; charset=utf-8")
    return [
        element.text or "" for element in etree.fromstring(text).iter("{*}string", "{*}getLastErrorResult")
    ]


def test_a_stranger_is_refused_by_the_real_endpoint(application):
    call = (
        f'<authenticate xmlns="{TNS}"><strUserName>x</strUserName><strPassword>y</strPassword></authenticate>'
    )
    assert soap(application, call)[1] == "nvu"


def test_a_ticket_nobody_knows_gets_a_sentence(application):
    (sentence,) = soap(application, f'<getLastError xmlns="{TNS}"><ticket>unknown</ticket></getLastError>')
    assert sentence


def test_the_wsdl_names_the_public_address(application):
    _, _, text = run(application, "/qbwc", QUERY_STRING="wsdl")
    assert b'location="https://quickbooks.example.com/qbwc"' in text


class TestMounted:
    """In another application, under an address of that."""

    @pytest.fixture
    def mounted(self, tmp_path, opened):
        config = Config(
            database_url=f"sqlite:///{tmp_path}/qbwc.db", public_url="https://shop.example/quickbooks"
        )
        return DispatcherMiddleware(named("shop"), {"/quickbooks": opened(config)})

    def test_the_document_names_the_address_the_api_has(self, mounted):
        _, _, text = run(mounted, "/quickbooks/api/v1/openapi.json")
        assert json.loads(text)["servers"] == [{"url": "/quickbooks/api/v1"}]

    def test_the_type_of_a_problem_is_an_address_that_answers(self, mounted):
        for path, body in (("/connectors", b""), ("/nothing", b""), ("/connectors", b"x" * 70_000_000)):
            _, _, text = run(mounted, f"/quickbooks/api/v1{path}", "POST" if body else "GET", body)
            told = json.loads(text)
            document, _, place = told["type"].partition("#")
            assert document == "/quickbooks/api/v1/openapi.json"
            assert place.startswith("/components/responses/")
            assert run(mounted, document)[0] == 200

    def test_pages_redirect_and_link_below_that_address(self, mounted):
        status, headers, _ = run(mounted, "/quickbooks/")
        assert (status, headers["Location"].startswith("/quickbooks/")) == (302, True)
        _, _, page = run(mounted, "/quickbooks/login")
        links = re.findall(rb'(?:href|src|action)="(/[^"]*)"', page)
        assert links
        assert [link for link in links if not link.startswith(b"/quickbooks/")] == []

    def test_the_wsdl_and_the_support_page_are_there(self, mounted):
        _, _, text = run(mounted, "/quickbooks/qbwc", QUERY_STRING="wsdl")
        assert b'location="https://shop.example/quickbooks/qbwc"' in text
        assert run(mounted, "/quickbooks/support")[0] == 200
        assert run(mounted, "/elsewhere")[2].startswith(b"shop ")


def test_the_site_answers_the_support_address_without_a_login(application):
    assert run(application, "/support")[0] == 200


def test_the_site_asks_for_a_login_and_soap_never_does(application):
    assert run(application, "/")[0] == 302
    assert run(application, "/qbwc")[0] == 200


# --- ids of requests -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/qbwc", "/", "/api/v1/openapi.json"])
def test_an_answer_has_the_id_its_request_came_with(path):
    _, headers, _ = run(composed(), path, HTTP_X_REQUEST_ID="order-7.retry/2")
    assert headers["X-Request-Id"] == "order-7.retry/2"


@pytest.mark.parametrize("sent", [None, "", "with blank", "x" * 129, "line\nbreak", "caf\xe9"])
def test_an_answer_has_a_new_id_where_none_that_a_log_can_show_was_sent(sent):
    more = {} if sent is None else {"HTTP_X_REQUEST_ID": sent}
    (_, first, _), (_, second, _) = (run(composed(), "/", **more) for _ in range(2))
    assert re.fullmatch("[0-9a-f]{32}", first["X-Request-Id"])
    assert first["X-Request-Id"] != second["X-Request-Id"]


def test_what_is_refused_before_it_is_read_has_its_id_too():
    status, headers, _ = run(composed(), "/api/v1", "POST", b"x" * 11, HTTP_X_REQUEST_ID="r-1")
    assert (status, headers["X-Request-Id"]) == (413, "r-1")


def test_a_line_of_the_log_names_the_request_it_was_written_for():
    heard = io.StringIO()
    handler = logging.StreamHandler(heard)
    handler.setFormatter(DiscreetFormatter("%(levelname)s %(message)s"))
    log = logging.getLogger("tests.request_ids")
    log.addHandler(handler)

    def application(environ, start_response):
        log.warning("half done")
        start_response("200 OK", [])
        return []

    run(compose(application, application, max_body_bytes=10), "/", HTTP_X_REQUEST_ID="r-9")
    log.removeHandler(handler)
    assert heard.getvalue() == "WARNING half done [request r-9]\n"
