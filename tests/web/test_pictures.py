"""Pictures say in a sentence and in numbers what they draw; they need no script and no inline style."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from lxml import etree, html

from qbwc_server.desk import pictures
from qbwc_server.desk.administration import connectors
from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.days import Day
from qbwc_server.storage import connectors as connector_rows
from qbwc_server.storage import days as rows

NOW = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)
TODAY = NOW.date()


@pytest.fixture
def connector(world, lab) -> Connector:
    return replace(connectors.get(world.core, lab.CONNECTOR), created_at=NOW - timedelta(days=400))


def day(before: int, **numbers: float) -> Day:
    return Day(TODAY - timedelta(days=before), **numbers)


def came(*before: int, **numbers: float) -> list[Day]:
    return [day(each, hours=1 << 9, **numbers) for each in before]


def test_a_strip_tells_on_how_many_days_it_came_and_when_last(connector):
    told = pictures.strip(connector, came(*range(2, 30)), NOW)
    assert told.text == "Came on 28 of 29 days, last on 25 Nov."
    told = pictures.strip(connector, came(0, 1, 2), NOW)
    assert told.text == "Came on 3 of 30 days, last on 27 Nov."
    told = pictures.strip(connector, [*came(3), *came(4, visits=2, visits_failed=1)], NOW)
    assert told.text == "Came on 2 of 29 days, with trouble on 1, last on 24 Nov."
    assert pictures.strip(connector, [], NOW).text == "Did not come on any of 29 days."


def test_a_day_before_it_was_set_up_or_that_is_not_over_is_no_absence(connector):
    fresh = replace(connector, created_at=NOW - timedelta(days=3))
    told = pictures.strip(fresh, came(1, 3), NOW)
    assert told.text == "Came on 2 of 3 days, last on 26 Nov."
    assert [row[1] for row in told.table[:5]] == [
        "not yet today",
        "came",
        "did not come",
        "came",
        "not set up yet",
    ]
    seen = replace(connector, created_at=NOW, last_seen_at=NOW)
    assert pictures.strip(seen, [], NOW).text == "No visit has been counted yet."
    newest = pictures.strip(replace(seen, last_seen_at=None), [], NOW)
    assert newest.text == "Has not come yet."


def test_days_of_one_mark_that_follow_each_other_are_one_line(connector):
    told = pictures.strip(connector, came(*range(20)), NOW)
    assert {path.name: path.drawing for path in told.paths} == {"away": "M0 0H99", "came": "M100 0H299"}


def test_bars_are_as_long_as_what_they_tell_and_a_small_thing_is_seen(connector):
    found = [day(0, synced=1000, blocked=1), day(1, synced=500)]
    told = pictures.drawn(connector, found, NOW).outcomes
    assert told.text == "1,500 records went into QuickBooks in 30 days, 1 stopped; most on 27 Nov: 1,000."
    lengths = {path.name: re.findall(r"v-(\d+)", path.drawing) for path in told.paths}
    assert lengths == {"synced": ["29", "58"], "failed": ["1"]}
    assert told.table[0] == ("27 Nov", "1,000", "1", "0")


def test_queue_wait_and_pace_are_told_in_words(connector):
    found = [day(2, queue_most=37, waited_most=3 * 86_400), day(1, writes=950, write_seconds=60.0)]
    all_of_it = pictures.drawn(connector, found, NOW)
    assert all_of_it.queue.text == "At most 37 records waited, on 25 Nov."
    assert all_of_it.oldest.text == "The longest wait was 3 days, on 25 Nov."
    assert all_of_it.pace.text == "QuickBooks takes about 950 a minute."
    assert all_of_it.pace.table[2] == ("25 Nov", "nothing written")


def test_nothing_at_all_is_told_too(connector):
    told = pictures.drawn(connector, [], NOW)
    assert told.outcomes.is_empty
    assert told.pace.is_empty
    assert told.outcomes.text == "Nothing went into QuickBooks in 30 days, and nothing stopped."


def test_a_sparkline_counts_moments_of_the_last_thirty_days(connector):
    moments = [NOW - timedelta(days=2)] * 5 + [NOW] * 2 + [NOW - timedelta(days=90)]
    told = pictures.sparkline(moments, NOW)
    assert told.text == "7 errors in 30 days, most on 25 Nov: 5."
    assert pictures.sparkline({date(2026, 11, 25): 5, TODAY: 2}, NOW).paths == told.paths


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 seconds"),
        (59, "59 seconds"),
        (60, "1 minute"),
        (7199, "119 minutes"),
        (7200, "2 hours"),
        (200_000, "2 days"),
    ],
)
def test_how_long_something_took_is_said_as_one_says_it(seconds, words):
    assert pictures.for_long(seconds) == words


def test_the_pictures_of_a_connector_are_read_from_its_days(world, lab):
    with world.core.database.begin() as conn:
        owner = connector_rows.by_name(conn, lab.CONNECTOR).id
        rows.add(conn, owner, world.clock(), hours=1, synced=12, queue_most=4, waited_most=90)
    told = pictures.of_connector(world.core, lab.CONNECTOR)
    assert told.queue.text.startswith("At most 4 records waited")


def test_every_picture_has_a_sentence_and_neither_script_nor_style(site, connector):
    found = [day(0, hours=1, synced=5, blocked=2, queue_most=3, waited_most=60, writes=5, write_seconds=3.0)]
    with site.test_request_context("/"):
        template = site.jinja_env.from_string(
            "{% from 'pictures.html' import pictures, sparkline %}"
            "<div>{{ pictures(all) }}{{ sparkline(line) }}</div>"
        )
        made = template.render(all=pictures.drawn(connector, found, NOW), line=pictures.sparkline([NOW], NOW))
    tree = html.fragment_fromstring(made)
    drawn = tree.xpath('.//svg[@role="img"]')
    assert len(drawn) == 6
    assert all(each.findtext("title") for each in drawn)
    assert not tree.xpath(".//script | .//@style | .//style")
    assert len(tree.xpath(".//details/table")) == 5
    assert all(len(table.xpath(".//tbody/tr")) == 30 for table in tree.xpath(".//table"))
    etree.fromstring(etree.tostring(tree))
