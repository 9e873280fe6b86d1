"""The pages of the API: open to everybody, drawn from what this server brings along, and closed to anything else."""

import re

import pytest


def test_the_page_is_open_to_everybody_and_names_only_what_this_server_has(stranger):
    page = stranger.get("/api/docs")
    assert page.status_code == 200
    sources = re.findall(r'(?:src|href|data-document)="([^"]+)"', page.text)
    assert "/api/v1/openapi.json" in sources
    assert len(sources) >= 5
    for source in sources:
        assert source.startswith("/api/")
        answer = stranger.get(source)
        assert answer.status_code == 200, source
        assert len(answer.data) > 100, source


def test_its_scripts_may_ask_this_server_and_nobody_else(stranger):
    policy = stranger.get("/api/docs").headers["Content-Security-Policy"]
    assert "connect-src 'self'" in policy
    assert "script-src 'self'; style-src 'self'" in policy
    assert "unsafe" not in policy
    assert "connect-src" not in stranger.get("/login").headers["Content-Security-Policy"]


def test_browsers_may_keep_its_files_and_not_the_page(stranger):
    assert "no-store" in stranger.get("/api/docs").headers["Cache-Control"]
    assert "max-age=86400" in stranger.get("/api/docs/swagger-ui.css").headers["Cache-Control"]


@pytest.mark.parametrize("name", ["index.html", "swagger-initializer.js", "..%2Fsite.css", "site.css", ""])
def test_no_other_file_is_served(stranger, name):
    assert stranger.get(f"/api/docs/{name}").status_code == 401


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_it_is_for_looking_only(stranger, method):
    assert getattr(stranger.client, method)("/api/docs").status_code in (401, 405)


def test_the_site_leads_there(stranger):
    assert 'href="/api/docs"' in stranger.get("/login").text
