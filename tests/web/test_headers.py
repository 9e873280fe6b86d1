"""The headers that keep other sites, caches and injected text out."""

import pytest


def policy(answer) -> dict[str, list[str]]:
    """The Content-Security-Policy, by directive."""
    parts = (part.split() for part in answer.headers["Content-Security-Policy"].split(";"))
    return {name: values for name, *values in parts}


@pytest.mark.parametrize("path", ["/", "/login", "/support", "/healthz", "/no-such-page", "/static/site.css"])
def test_every_answer_has_the_strict_policy(stranger, path):
    answer = stranger.get(path)
    rules = policy(answer)
    assert rules["default-src"] == ["'none'"]
    assert rules["script-src"] == rules["style-src"] == rules["form-action"] == ["'self'"]
    assert rules["frame-ancestors"] == rules["base-uri"] == ["'none'"]
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"


def test_over_https_the_cookie_is_for_https_only_and_browsers_must_stay_there(world, visit, lab):
    visitor = visit(world, secure_cookies=True)
    visitor.client.environ_base["wsgi.url_scheme"] = "https"
    answer = visitor.get("/login")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-qbwc=")
    for attribute in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
        assert attribute in cookie
    assert "Domain" not in cookie
    assert "max-age" in answer.headers["Strict-Transport-Security"]


def test_over_http_the_cookie_still_keeps_scripts_and_other_sites_out(stranger):
    answer = stranger.get("/login")
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Strict-Transport-Security" not in answer.headers


def test_no_page_is_kept_in_a_cache(admin, lab):
    for path in ("/", f"/connectors/{lab.CONNECTOR}", f"/connectors/{lab.CONNECTOR}/connector.qwc", "/nope"):
        assert admin.get(path).headers["Cache-Control"] == "no-store"


def test_static_files_are_kept_and_carry_the_release(stranger):
    page = stranger.get("/login").text
    assert "/static/site.css?v=" in page
    assert "/bootstrap/static/css/bootstrap.min.css?v=" in page
    assert "max-age" in stranger.get("/static/site.css").headers["Cache-Control"]


def test_nothing_is_fetched_from_elsewhere(admin, lab):
    page = admin.get(f"/connectors/{lab.CONNECTOR}").text
    assert 'src="http' not in page
    assert 'href="http' not in page
