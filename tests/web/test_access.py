"""Who may open what: strangers nothing but the public pages, support no admin's page, nobody after the end."""

from typing import Any

import pytest
from flask import Flask, session
from hypothesis import given
from hypothesis import strategies as st
from lxml import html
from werkzeug.routing import Rule

from qbwc_server.access import rights
from qbwc_server.desk.administration import connectors
from qbwc_server.desk.requests import raw_requests
from qbwc_server.domain.kinds import Kind, ListName
from qbwc_server.domain.rights import RIGHTS, Right
from qbwc_server.storage.schema import user as user_table
from qbwc_server.web import create_site
from qbwc_server.web.site.access import safe_target

PUBLIC = {
    "/login",
    "/logout",
    "/setup/<token>",
    "/new-password/<token>",
    "/onboard/<token>",
    "/onboard/<token>/connector.qwc",
    "/onboard/<token>/password",
    "/onboard/<token>/hours",
    "/onboard/<token>/steps",
    "/support",
    "/healthz",
    "/readyz",
}
ONE_USER = "/users/<int(max=2147483647):user_id>"
ONE_KEY = "/api-keys/<int(max=2147483647):key_id>"
OF_RIGHTS = {
    "/connectors/<connector:name>/session-reset": Right.SESSION_RESET,
    "/connectors/<connector:name>/connector.qwc": Right.QWC,
    "/connectors/<connector:name>/password": Right.NEW_PASSWORD,
    "/connectors/<connector:name>/full-reset": Right.FULL_RESET,
    "/connectors/<connector:name>/pause": Right.PAUSE,
    "/connectors/<connector:name>/resume": Right.PAUSE,
    "/connectors/<connector:name>/onboarding": Right.ONBOARDING,
    "/connectors/<connector:name>/onboarding/revoke": Right.ONBOARDING,
    "/connectors/<connector:name>/sheet": Right.QWC,
    "/connectors/<connector:name>/post-as-new/<kind:kind>/<external_id:external_id>": Right.POST_AS_NEW,
}
"""What support may do if an admin says so."""
HOOKS = "/connectors/<connector:name>/webhooks"
ONE_HOOK = f"{HOOKS}/<int(max=2147483647):webhook_id>"
ONE_DELIVERY = f"{ONE_HOOK}/deliveries/<int(max=2147483647):delivery_id>"
FOR_ADMINS = {
    HOOKS,
    ONE_HOOK,
    *(
        f"{ONE_HOOK}/{deed}"
        for deed in ("change", "switch", "test", "rotate-secret", "noted", "replay", "remove")
    ),
    ONE_DELIVERY,
    f"{ONE_DELIVERY}/resend",
    "/connectors/<connector:name>/set-up",
    "/connectors/<connector:name>/set-up/steps",
    "/connectors/<connector:name>/set-up/defaults",
    "/connectors/<connector:name>/onboarding/hours",
    f"{ONE_KEY}/noted",
    "/connectors/new",
    "/connectors/<connector:name>/settings",
    "/connectors/<connector:name>/confirm-company-file",
    *(
        f"/connectors/<connector:name>/requests/<int(max=2147483647):request_id>/{part}"
        for part in ("cancel", "request.xml", "answer.xml")
    ),
    "/connectors/<connector:name>/message-sets/<int(max=2147483647):set_id>",
    "/connectors/<connector:name>/message-sets/<int(max=2147483647):set_id>/request.xml",
    "/connectors/<connector:name>/message-sets/<int(max=2147483647):set_id>/answer.xml",
    *(
        f"/connectors/<connector:name>/{deed}/<kind:kind>/<external_id:external_id>"
        for deed in ("void", "unlink", "cancel")
    ),
    "/connectors/<connector:name>/remove",
    "/removed",
    "/users",
    f"{ONE_USER}",
    f"{ONE_USER}/role",
    f"{ONE_USER}/password",
    f"{ONE_USER}/remove",
    "/audit",
    "/audit.csv",
    f"{ONE_USER}/reset-link",
    f"{ONE_USER}/disable",
    f"{ONE_USER}/enable",
    "/users/support",
    "/api-keys",
    f"{ONE_KEY}",
    f"{ONE_KEY}/revoke",
}
DEFAULT = {rule for rule, right in OF_RIGHTS.items() if RIGHTS[right].default}
ADMIN_ONLY = FOR_ADMINS | (set(OF_RIGHTS) - DEFAULT)
"""What support may not do as long as no admin has decided anything."""


def routes(site: Flask) -> list[tuple[str, Rule]]:
    """Every page and button: its method and rule."""
    return [
        (method, rule)
        for rule in site.url_map.iter_rules()
        for method in sorted(rule.methods & {"GET", "POST"})
        if of_site(rule)
    ]


def of_site(rule: Rule) -> bool:
    """Whether a rule is a page's; the API has keys of its own."""
    return not rule.endpoint.endswith("static") and not rule.rule.startswith("/api/")


def address(site: Flask, rule: Rule, lab) -> str:
    """An address under `rule` that exists."""
    values = {
        "name": lab.CONNECTOR,
        "kind": Kind.INVOICE,
        "list_name": ListName.CUSTOMER,
        "external_id": "SO-1041",
        "token": "some-token",
        "error_id": 1,
        "set_id": 1,
        "session_id": 1,
        "user_id": 1,
        "key_id": 1,
        "part": "request",
        "webhook_id": 1,
        "delivery_id": 1,
        "event_id": 1,
        "request_id": 1,
        "ruling_id": 1,
    }
    with site.test_request_context():
        return site.url_map.bind("").build(rule.endpoint, {name: values[name] for name in rule.arguments})


def test_a_stranger_is_sent_to_the_sign_in_from_every_page_that_is_not_public(site, stranger, lab):
    closed = [(method, rule) for method, rule in routes(site) if rule.rule not in PUBLIC]
    assert len(closed) > 15
    for method, rule in closed:
        answer = stranger.client.open(address(site, rule, lab), method=method)
        assert answer.status_code == 302, rule
        assert answer.location.startswith("/login"), rule


def test_a_button_pressed_by_a_stranger_does_nothing(site, stranger, lab, world):
    before = connectors.get(world.core, lab.CONNECTOR)
    for method, rule in routes(site):
        if method == "POST" and "connectors" in rule.rule:
            stranger.post(address(site, rule, lab), name=lab.CONNECTOR)
    assert connectors.get(world.core, lab.CONNECTOR) == before


def test_support_opens_every_page_but_those_for_admins(site, support, world, lab):
    asked = raw_requests.hand_over(world.core, lab.CONNECTOR, "<TermsQueryRq/>", follow=False, actor="host")
    assert asked.id == 1
    for method, rule in routes(site):
        if method != "GET" or rule.rule in PUBLIC or "part" in rule.arguments:
            continue  # the last is of a record that was sent, and this one was not
        expected = 403 if rule.rule in ADMIN_ONLY else 200
        assert support.get(address(site, rule, lab)).status_code == expected, rule


def test_support_presses_no_button_for_admins(site, support, lab, world):
    before = connectors.get(world.core, lab.CONNECTOR)
    refused = [
        rule.rule
        for method, rule in routes(site)
        if method == "POST"
        and rule.rule not in PUBLIC
        and support.post(address(site, rule, lab)).status_code == 403
    ]
    ends = (".qwc", ".xml", ".csv", ":set_id>", ":user_id>", ":key_id>", ":webhook_id>", ":delivery_id>")
    looked_at_only = {
        rule for rule in ADMIN_ONLY if rule.endswith((*ends, "/audit", "/set-up", "/steps", "/sheet"))
    }
    assert set(refused) == ADMIN_ONLY - looked_at_only
    assert connectors.get(world.core, lab.CONNECTOR) == before


def test_support_is_not_offered_what_it_may_not_do_and_hears_who_can(support, admin, lab):
    page = f"/connectors/{lab.CONNECTOR}"
    for word in ("Full reset…", "Pause", "Remove the connector"):
        assert word in admin.get(page).text
        assert word not in support.get(page).text
    for word in ("Resync", "Session reset…", "Download .qwc", "New password…"):
        assert word in support.get(page).text
    others = "pause it, create an onboarding link, do a full reset, change its settings or remove it"
    assert f"An admin ({lab.ADMIN}) can also {others}." in support.get(page).text
    assert "An admin (" not in admin.get(page).text
    assert "New connector" not in support.get("/").text


@pytest.mark.parametrize("right", Right)
def test_what_an_admin_decides_is_what_support_may_do(site, support, admin, lab, world, right):
    mine = [rule for rule in routes(site) if OF_RIGHTS.get(rule[1].rule) is right]
    for is_allowed in (True, False):
        ticked = {right.value: "on"} if is_allowed else {}
        assert admin.post("/users/support", **ticked).status_code == 302
        for method, rule in routes(site):
            if method == "GET" and rule.rule in OF_RIGHTS:
                expected = 200 if is_allowed and OF_RIGHTS[rule.rule] is right else 403
                assert support.get(address(site, rule, lab)).status_code == expected, rule
        refused = [
            support.post(address(site, rule, lab)).status_code for _, rule in mine if "POST" in rule.methods
        ]
        assert all((status == 403) is not is_allowed for status in refused)
    assert mine


def test_what_support_may_do_is_noted_with_what_changed(admin, world, lab):
    allowed = rights.of_support(world.core)
    admin.post("/users/support", **{right.value: "on" for right in (allowed | {Right.PAUSE}) - {Right.QWC}})
    page = admin.get("/audit").text
    assert "What support may do changed" in page
    assert "Download the .qwc file: no, Pause and resume: yes" in page
    admin.post("/users/support", **{right.value: "on" for right in (allowed | {Right.PAUSE}) - {Right.QWC}})
    assert admin.get("/audit").text.count("What support may do changed") == 1


def test_the_refusal_says_who_can_do_it(support, lab):
    answer = support.get(f"/connectors/{lab.CONNECTOR}/full-reset")
    assert answer.status_code == 403
    assert lab.ADMIN in answer.text


def test_a_session_ends_after_its_minutes(visit, world, lab):
    visitor = visit(world, session_minutes=30).sign_in(lab.ADMIN, lab.PASSWORD)
    world.clock.forward(minutes=29)
    assert visitor.get("/").status_code == 200
    world.clock.forward(minutes=1)
    answer = visitor.get("/connectors/pier-seven")
    assert answer.status_code == 302
    assert answer.location == "/login?next=/connectors/pier-seven"
    assert "Please sign in again" in visitor.get("/login").text


def test_a_role_taken_away_is_gone_at_once(admin, world, lab):
    assert admin.get("/users").status_code == 200
    with world.core.database.begin() as conn:
        conn.execute(user_table.update().where(user_table.c.name == lab.ADMIN).values(role="support"))
    assert admin.get("/users").status_code == 403


def test_a_user_taken_away_is_a_stranger_at_once(admin, world, lab):
    with world.core.database.begin() as conn:
        conn.execute(user_table.delete().where(user_table.c.name == lab.ADMIN))
    assert admin.get("/").status_code == 302


def test_a_forged_cookie_is_worth_nothing(site, world, lab):
    forger = create_site(world.core, secret_key=b"x" * 32, secure_cookies=False)
    with forger.test_request_context():
        session["_user_id"] = "1"
        session["expires"] = "2999-01-01T00:00:00+00:00"
        sessions: Any = forger.session_interface
        cookie = sessions.get_signing_serializer(forger).dumps(dict(session))
    client = site.test_client()
    client.set_cookie("qbwc_session", cookie)
    assert client.get("/").status_code == 302


def test_signing_in_begins_a_new_session(stranger, lab):
    old_token = stranger.token()
    old_cookie = stranger.client.get_cookie("qbwc_session").value
    stranger.sign_in(lab.ADMIN, lab.PASSWORD)
    assert stranger.client.get_cookie("qbwc_session").value != old_cookie
    refused = stranger.client.post("/connectors/pier-seven/pause", data={"csrf_token": old_token})
    assert refused.status_code == 400


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "javascript:alert(1)",
        "evil.example",
        "",
        None,
    ],
)
def test_a_link_to_the_sign_in_cannot_lead_to_another_site(target, stranger, lab):
    assert safe_target(target) is None
    form = {"name": lab.ADMIN, "password": lab.PASSWORD, "next": target or ""}
    assert stranger.post("/login", **form).location == "/"


@given(st.text(alphabet="/\\:@.ab \t\r\n?#%", max_size=12))
def test_whatever_is_taken_as_a_target_stays_on_this_site(target):
    taken = safe_target(target)
    assert taken is None or (taken.startswith("/") and taken[1:2] not in ("/", "\\"))


def test_the_sign_in_leads_back_to_the_page_that_was_wanted(stranger, lab):
    wanted = f"/connectors/{lab.CONNECTOR}/records?state=blocked"
    page = stranger.client.get(wanted, follow_redirects=True)
    assert f'name="next" value="{wanted}"' in page.text
    answer = stranger.post("/login", name=lab.ADMIN, password=lab.PASSWORD, next=wanted)
    assert answer.location == wanted


def test_a_wrong_password_is_beside_the_way_to_a_new_one_for_who_may_make_one(support, world, lab):
    lab.wrong_password(world)
    link = "//section[@aria-label='Bad credentials']//a[contains(., 'New password')]/@href"
    address = f"/connectors/{lab.CONNECTOR}"
    (found,) = html.fromstring(support.get(address).text).xpath(link)
    assert support.get(found).status_code == 200
    rights.decide(world.core, rights.of_support(world.core) - {Right.NEW_PASSWORD}, actor=lab.ADMIN)
    assert html.fromstring(support.get(address).text).xpath(link) == []
