"""Words, icons and moments."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

import qbwc_server.web
from qbwc_server.desk.overview import ListAge, Mood
from qbwc_server.domain.causes import CATALOGUE, Actor
from qbwc_server.domain.kinds import ListName
from qbwc_server.domain.operations import Operation
from qbwc_server.domain.records import State
from qbwc_server.web.site import presentation
from qbwc_server.web.site.presentation import (
    ACTOR_NAMES,
    ACTORS,
    CATEGORIES,
    MOODS,
    OPERATIONS,
    SEVERITIES,
    STATES,
    absolute,
    change,
    count,
    did,
    reading,
    relative,
    words,
)

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
TONES = {"success", "info", "warning", "danger", "secondary"}


def test_every_mood_state_severity_and_actor_has_its_words():
    assert set(MOODS) == set(Mood)
    assert set(STATES) == set(State)
    assert set(SEVERITIES) == {"ok", "warning", "problem"}
    assert set(ACTORS) == set(ACTOR_NAMES) == set(Actor)


def test_no_state_is_told_by_its_colour_alone(site):
    icons = site.jinja_env.get_template("icons.html").module.icon
    for table in (MOODS, STATES, SEVERITIES, CATEGORIES):
        labels = [look.label for look in table.values()]
        assert len(set(labels)) == len(labels)
        for look in table.values():
            assert "<path d=" in icons(look.icon)
            assert 'd=""' not in icons(look.icon)
            assert look.tone in TONES


def test_every_operation_of_a_session_has_its_words():
    assert set(OPERATIONS) == set(Operation)
    assert did(Operation.ADD, 1) == "1 record to create"
    assert did(Operation.LIST_PAGE, 1200) == "1,200 pages of lists read"


def test_what_a_load_changed_is_told_in_words():
    assert change("sku_changed", 2) == "2 SKU changed"
    assert change("released", 1) == "1 waiting record released"


def test_every_cause_has_a_heading_for_people():
    for name in CATALOGUE:
        heading = words(name)
        assert "_" not in heading
        assert heading[0].isupper()
    assert words("quickbooks_unreachable") == "QuickBooks unreachable"


@pytest.mark.parametrize(
    ("delta", "text"),
    [
        (timedelta(0), "just now"),
        (timedelta(seconds=-59), "just now"),
        (timedelta(seconds=-60), "1 minute ago"),
        (timedelta(minutes=-59, seconds=-59), "59 minutes ago"),
        (timedelta(hours=-1), "1 hour ago"),
        (timedelta(hours=-47), "47 hours ago"),
        (timedelta(days=-2), "2 days ago"),
        (timedelta(days=-400), "400 days ago"),
        (timedelta(minutes=5), "in 5 minutes"),
        (timedelta(hours=2), "in 2 hours"),
    ],
)
def test_a_moment_is_told_as_a_person_says_it(delta, text):
    assert relative(NOON + delta, NOON) == text


def test_a_moment_is_shown_in_utc_wherever_it_comes_from():
    moment = datetime(2026, 11, 22, 23, 30, tzinfo=timezone(timedelta(hours=-5)))
    assert absolute(moment) == "2026-11-23 04:30 UTC"


@pytest.mark.parametrize(("number", "text"), [(0, "0 records"), (1, "1 record"), (1200, "1,200 records")])
def test_a_number_agrees_with_its_noun(number, text):
    assert count(number, "record") == text


def test_no_template_has_a_style_or_script_of_its_own():
    folder = Path(qbwc_server.web.__file__).parent / "templates"
    for template in folder.glob("*.html"):
        text = template.read_text(encoding="utf-8")
        for forbidden in (" style=", "<style", " onclick=", " onsubmit=", "javascript:", "|safe"):
            assert forbidden not in text, (template.name, forbidden)
        assert "<script" not in text.replace("<script src=", ""), template.name


def test_the_module_offers_what_it_says():
    assert presentation.when(None).striptags() == "never"


def _age(entries: int, **more: object) -> ListAge:
    values = {"loaded_at": NOON, "loading": False, "read_so_far": None, "resync_requested_at": None, **more}
    return ListAge(list=ListName.CUSTOMER, entries=entries, changes={}, **values)


@pytest.mark.parametrize(
    ("lists", "sentence"),
    [
        ([_age(3)], ""),
        (
            [_age(16), _age(12_500, loading=True, loaded_at=None, read_so_far=12_484)],
            "The lists are read for the first time: 12,500 entries so far. "
            "How many there are is known at the end only.",
        ),
        (
            [_age(1, loading=True, loaded_at=None, read_so_far=1)],
            "The lists are read for the first time: 1 entry so far. How many there are is known at the end only.",
        ),
        ([_age(5, loading=True)], "The lists are being read from QuickBooks now."),
        (
            [_age(5, loading=True), _age(2, resync_requested_at=NOON), _age(1)],
            "Resync in progress: 2 of 3 lists are read.",
        ),
    ],
)
def test_the_reading_of_the_lists_is_told_in_a_sentence(lists, sentence):
    assert reading(lists) == sentence
