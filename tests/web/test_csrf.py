"""A form of another site does nothing here."""

from qbwc_server.domain.kinds import Kind


def test_every_button_needs_the_token_of_this_session(site, admin, lab):
    values = {
        "name": lab.CONNECTOR,
        "kind": Kind.INVOICE,
        "external_id": "SO-1041",
        "token": "t",
    }
    pressed = 0
    for rule in site.url_map.iter_rules():
        # the API takes no cookies, so no other site can use a browser's
        if "POST" not in rule.methods or rule.rule.startswith("/api/"):
            continue
        # every other part of an address is a number
        parts = {name: values.get(name, 1) for name in rule.arguments}
        path = site.url_map.bind("").build(rule.endpoint, parts)
        for form in ({}, {"csrf_token": "made-up"}):
            answer = admin.client.post(path, data={"name": lab.CONNECTOR, **form})
            assert answer.status_code == 400, path
            assert "no longer valid" in answer.text
            pressed += 1
    assert pressed >= 36


def test_a_token_of_somebody_elses_session_is_refused(admin, support, lab):
    answer = admin.client.post(f"/connectors/{lab.CONNECTOR}/resync", data={"csrf_token": support.token()})
    assert answer.status_code == 400


def test_whoever_comes_by_http_where_cookies_are_for_https_is_told_the_address(world, visit, lab):
    visitor = visit(world, secure_cookies=True)
    answer = visitor.client.post("/login", data={"name": lab.ADMIN, "password": lab.PASSWORD})
    assert answer.status_code == 400
    assert f"open the site at its own address: {lab.PUBLIC_URL}" in answer.text
