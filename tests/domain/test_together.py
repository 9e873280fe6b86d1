"""Words for error records that stand together: none is quoted, and each is said once."""

import re

import pytest

from qbwc_server.domain.causes import (
    CATALOGUE,
    Candidate,
    ClosedPeriod,
    CustomerNotMatched,
    ItemNotMatched,
    ReferenceMissing,
    Refused,
)
from qbwc_server.domain.causes.together import WayOn, heading, remedy, subject, title, way_on

from .test_causes import EXAMPLES


@pytest.mark.parametrize("cause", EXAMPLES, ids=lambda cause: f"{cause.name}-{cause.sub_reason}")
def test_every_cause_has_a_title_a_heading_a_remedy_and_a_subject(cause):
    said = [title(cause), heading(cause, 1_234), remedy(cause, 2), subject(cause)]
    assert all(said)
    assert re.search(r"1,234", said[1])
    assert not any("_" in text or "{" in text for text in said[1:2])
    assert said[1][0].isupper() or said[1][0].isdigit()
    assert said[2].endswith(".")
    assert way_on(cause) in WayOn


def test_the_title_of_a_group_never_quotes_one_member():
    for why in ("sku_unknown", "name_unknown", "not_handed_over", "id_unknown"):
        cause = ItemNotMatched(why, "invoice re-375", "line 2 of invoice re-375", "A-77")
        assert "re-375" not in title(cause)
        assert "A-77" in title(cause)
    for other in (
        ClosedPeriod("invoice re-375"),
        ReferenceMissing("invoice re-375", "terms", "Netto 14 Tage", "terms"),
        ReferenceMissing("invoice re-375", "income account"),
        CustomerNotMatched("email_unknown", "invoice re-375", "ap@x.example"),
    ):
        assert "re-375" not in title(other)
        assert "re-375" not in heading(other, 2)
        assert "re-375" not in remedy(other, 2)


def test_a_remedy_for_many_names_none_of_them():
    terms = ReferenceMissing("invoice re-375", "terms", "Netto 14 Tage", "terms")
    assert "Netto" in remedy(terms, 1)
    assert "Netto" not in remedy(terms, 2)


def test_the_first_button_is_what_the_remedy_says():
    two = (Candidate("A", "1-1"), Candidate("B", "1-2"))
    assert way_on(CustomerNotMatched("several", "invoice i", "a@x.example", two)) is WayOn.CHECK_AGAIN
    assert way_on(Refused("invoice i")) is WayOn.RETRY
    assert (
        way_on(ItemNotMatched("not_handed_over", "invoice i", "line 1 of invoice i", "i-7"))
        is WayOn.BY_ITSELF
    )
    for name, cause in CATALOGUE.items():
        if cause.retry_decides:
            example = next(each for each in EXAMPLES if each.name == name)
            assert way_on(example) in (WayOn.DECIDE, WayOn.CHECK_AGAIN)
