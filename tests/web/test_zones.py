"""Moments are told as they are where the viewer is, else in the connector's zone, else in UTC."""

import re

import pytest

from qbwc_server.desk.administration import connectors


def titles(answer):
    """The moments that whoever points at a time is told."""
    return re.findall(r'<time datetime="[^"]*" title="([^"]*)"', answer.text)


def settle_in(world, lab, zone):
    connectors.change_settings(world.core, lab.CONNECTOR, {"time_zone": zone}, actor="ann")


def test_without_a_word_of_the_browser_a_connectors_times_are_those_of_its_zone(admin, world, lab):
    settle_in(world, lab, "America/New_York")
    page = admin.get(f"/connectors/{lab.CONNECTOR}/log")
    assert titles(page)
    assert all(re.fullmatch(r"2026-11-2\d \d\d:\d\d EST", each) for each in titles(page))
    assert "times in America/New York" in page.text


def test_the_zone_of_the_browser_comes_before_the_connectors(admin, world, lab):
    settle_in(world, lab, "America/New_York")
    admin.client.set_cookie("zone", "Asia/Tokyo")
    page = admin.get(f"/connectors/{lab.CONNECTOR}/log")
    assert titles(page)
    assert all(each.endswith(" JST") for each in titles(page))
    assert "times in Asia/Tokyo" in page.text


def test_pages_of_no_connector_are_in_utc_until_a_browser_tells_its_zone(admin):
    assert "times in UTC" in admin.get("/users").text
    admin.client.set_cookie("zone", "Europe/Berlin")
    assert "times in Europe/Berlin" in admin.get("/users").text


@pytest.mark.parametrize(
    "zone", ["", "../../etc/passwd", "Mars/Olympus", "America", "x" * 2_000, "<script>", "/etc/localtime"]
)
def test_what_is_no_zone_is_none(admin, zone):
    admin.client.set_cookie("zone", zone)
    page = admin.get("/users")
    assert page.status_code == 200
    assert "times in UTC" in page.text


def test_a_time_keeps_its_moment_for_programs(admin, world, lab):
    admin.client.set_cookie("zone", "Asia/Tokyo")
    page = admin.get(f"/connectors/{lab.CONNECTOR}")
    moments = re.findall(r'<time datetime="([^"]*)"', page.text)
    assert moments
    assert all(each.endswith("+00:00") for each in moments)
