"""What anybody may open."""

import pytest
from lxml import etree

from qbwc_server.desk.administration import connectors


def test_the_support_page_of_the_qwc_answers_200_without_a_sign_in(stranger, world, lab):
    root = etree.fromstring(connectors.qwc(world.core, lab.CONNECTOR))
    path = root.findtext("AppSupport").removeprefix(lab.PUBLIC_URL)
    answer = stranger.get(path)
    assert answer.status_code == 200
    assert "Whom to ask" in answer.text
    assert stranger.client.head(path).status_code == 200


def test_the_support_page_gives_nothing_away(admin, stranger, lab):
    for visitor in (stranger, admin):
        page = visitor.get("/support").text
        for secret in (lab.CONNECTOR, lab.FRESH, lab.ADMIN, lab.SUPPORT, "qbwc-harbour"):
            assert secret not in page


def test_the_support_page_needs_no_database(stranger, world):
    with world.core.database.begin() as conn:
        conn.exec_driver_sql("DROP TABLE user")
    assert stranger.get("/support").status_code == 200


@pytest.mark.parametrize(("path", "text"), [("/healthz", "ok\n"), ("/readyz", "ready\n")])
def test_a_monitor_gets_its_answer_as_plain_text(stranger, path, text):
    answer = stranger.get(path)
    assert (answer.status_code, answer.text, answer.mimetype) == (200, text, "text/plain")


def test_a_database_of_another_schema_is_not_ready_but_alive(stranger, world):
    with world.core.database.begin() as conn:
        conn.exec_driver_sql("UPDATE alembic_version SET version_num = 'future'")
    answer = stranger.get("/readyz")
    assert answer.status_code == 503
    assert "future" not in answer.text
    assert stranger.get("/healthz").status_code == 200


def test_a_monitor_begins_no_session(stranger):
    for path in ("/healthz", "/readyz", "/support"):
        assert "Set-Cookie" not in stranger.get(path).headers
