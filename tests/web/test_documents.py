"""A record is named everywhere by what people know of it, on one line that leads to its page."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from qbwc_server.desk.documents.documents import Recognised
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.records import State

INVOICE = Recognised(
    id=1,
    connector="harbour-fish",
    kind=Kind.INVOICE,
    external_id="inv 7",
    state=State.BLOCKED,
    number="1042",
    party="Ocean <Grill> & Söhne",
    party_kind=Kind.CUSTOMER,
    party_id="c-103",
    date=date(2026, 11, 20),
    amount=Decimal("1240.5"),
    mark=None,
    reason=None,
    error_id=None,
    updated_at=datetime(2026, 11, 22, tzinfo=UTC),
)
CUSTOMER = replace(
    INVOICE, kind=Kind.CUSTOMER, number=None, party="Ærø Fisk", date=None, amount=None, mark="k@a.example"
)


def text_of(html: str) -> str:
    """What a reader sees."""
    return " ".join(re.sub(r"<[^>]+>", "", html).split())


@pytest.fixture
def macros(site: Any) -> Any:
    with site.test_request_context():
        yield site.jinja_env.get_template("documents.html").module


def test_a_document_is_a_line_of_number_party_date_and_amount_that_leads_to_its_page(macros) -> None:
    line = macros.document(INVOICE)
    assert text_of(line) == "Invoice 1042 · Ocean &lt;Grill&gt; &amp; Söhne · 2026-11-20 · 1,240.50"
    assert 'href="/connectors/harbour-fish/records/invoices/inv%207"' in line
    assert 'class="number text-nowrap">1,240.50<' in line
    assert (
        macros.document_words(INVOICE)
        == "Invoice 1042 · Ocean &lt;Grill&gt; &amp; Söhne · 2026-11-20 · 1,240.50"
    )


def test_what_nobody_knows_is_left_out(macros) -> None:
    bare = replace(INVOICE, number=None, party=None, date=None, amount=None)
    assert text_of(macros.document(bare)) == "Invoice inv 7"
    assert text_of(macros.document(replace(bare, amount=Decimal(0)), with_kind=False)) == "inv 7 · 0.00"


def test_a_list_record_is_a_line_of_its_name_and_email(macros) -> None:
    assert text_of(macros.document(CUSTOMER)) == "Customer Ærø Fisk · k@a.example"
