"""Sentences name a record as people know it, and break no code in two."""

import pytest

from qbwc_server.domain.kinds import Kind
from qbwc_server.web.site.sentences import in_one_piece, of_this


@pytest.mark.parametrize(
    ("told", "read"),
    [
        ("QuickBooks refused invoice SO-1.", "QuickBooks refused this invoice."),
        ("Invoice SO-1 was deleted in QuickBooks (TxnID 2B-17).", "This invoice was deleted in QuickBooks."),
        ("No item has the SKU A-7 (line 1 of invoice SO-1).", "No item has the SKU A-7 (line 1)."),
        ("QuickBooks refused invoice SO-10.", "QuickBooks refused invoice SO-10."),
        ("QuickBooks refused invoice SO-1-b.", "QuickBooks refused invoice SO-1-b."),
    ],
)
def test_beside_its_record_a_sentence_needs_no_id(told, read):
    assert of_this(told, Kind.INVOICE, "SO-1") == read


def test_a_code_stays_on_one_line_and_what_is_no_code_may_break():
    told = in_one_piece("No <item> has OY-100; well-known.")
    assert told == 'No &lt;item&gt; has <span class="text-nowrap">OY-100</span>; well-known.'


def test_a_code_too_long_for_a_phone_may_break():
    code = "A-1234567890-1234567890-1234567890"
    assert in_one_piece(code) == code


def test_a_list_says_why_without_the_id_of_the_order_system(support, lab):
    page = support.get(f"/connectors/{lab.CONNECTOR}/records/invoices").text
    assert "QuickBooks refused this invoice." in page
    assert "SO-1046." not in page


def test_a_group_of_one_is_named_by_its_number(support, lab):
    assert "QuickBooks refused invoice 1046." in support.get(f"/connectors/{lab.CONNECTOR}/errors").text
