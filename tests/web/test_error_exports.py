"""What leaves the pages about errors: CSV for a spreadsheet, and a message for whoever must act."""

import csv
from io import StringIO
from urllib.parse import quote

import pytest
from lxml import html

from qbwc_server.domain.causes import ItemNotMatched, NumberConflict
from qbwc_server.domain.kinds import Kind
from tests.worlds import errors_world


def path(lab) -> str:
    """The address of the list."""
    return f"/connectors/{lab.CONNECTOR}/errors"


def rows(text: str) -> list[dict[str, str]]:
    """A file as a spreadsheet reads it."""
    assert text.startswith("\ufeff")
    return list(csv.DictReader(StringIO(text.removeprefix("\ufeff"), newline=""), strict=True))


def test_all_open_errors_are_downloaded_with_what_documents_are_recognised_by(support, lab, world):
    errors_world.behind_one(world, 450, NumberConflict("invoice", "9", "9-1"))
    answer = support.get(f"{path(lab)}.csv")
    assert answer.content_type == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="errors-{lab.CONNECTOR}.csv"'
    assert answer.text.count("\r\n") == answer.text.count("\n")
    found = rows(answer.text)
    assert len(found) == 455
    row = next(each for each in found if each["Number"] == "20001")
    assert row["Customer or vendor"] == errors_world.LONG_NAME
    assert row["Date"] == "2026-11-02"
    assert row["Amount"] == "46.00"
    assert row["What to do"].startswith("If it is the same order, link the record to it")
    assert f"/connectors/{lab.CONNECTOR}/errors/" in row["Page"]
    assert len({each["Id in the order system"] for each in found}) == 455


def test_a_group_alone_is_downloaded_and_not_one_spelled_otherwise(support, lab, world):
    for sku, first in (("ab-1", 0), ("AB-1", 5)):
        cause = ItemNotMatched("sku_unknown", "invoice re-1", "line 1 of invoice re-1", sku)
        errors_world.behind_one(world, 3, cause, first=first)
    found = rows(support.get(f"{path(lab)}.csv?cause=item_not_matched&key=sku%3AAB-1").text)
    assert [each["Number"] for each in found] == ["20005", "20006", "20007"]
    assert len(rows(support.get(f"{path(lab)}.csv?who=staff").text)) == 1
    assert rows(support.get(f"{path(lab)}.csv?cause=no_such").text) == []


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t="])
def test_no_cell_is_a_formula(support, lab, world, begin):
    name = f'{begin}HYPERLINK("http://evil.example","x")'
    errors_world.behind_one(world, 1, NumberConflict("invoice", "9", "9-1"), party=name)
    (row,) = rows(support.get(f"{path(lab)}.csv?cause=number_conflict").text)
    assert not row["Customer or vendor"].startswith(("=", "+", "-", "@", "\t", "\r"))
    assert row["Customer or vendor"].lstrip("'").strip() == name.strip()


def test_strangers_and_other_connectors_download_nothing(support, stranger, lab):
    assert stranger.get(f"{path(lab)}.csv").status_code == 302
    assert rows(support.get(f"/connectors/{lab.FRESH}/errors.csv").text) == []
    assert support.get("/connectors/no-such/errors.csv").status_code == 404


# --- messages -----------------------------------------------------------------------------------------------


def message(page: str) -> str:
    """The message on a page, as it is copied."""
    return str(html.fromstring(page).get_element_by_id("message-text").text)


def test_a_message_tells_whoever_must_act_what_is_wrong_with_what_and_where(support, lab, world):
    text = message(support.get(f"{path(lab)}/group?cause=item_not_matched&key={quote('sku:OY-100')}").text)
    assert text.startswith("For whoever works at the PC with QuickBooks (harbour-fish):")
    assert "has the Manufacturer's Part Number OY-100 (2 invoices, 342.00 in all)." in text
    assert "(Lists > Item List)" in text
    assert "- Invoice 1041 · Harbour Fish Co · 2026-11-20 · 114.00" in text
    assert f"{lab.PUBLIC_URL}{path(lab)}/group?cause=item_not_matched&key=sku:OY-100" in text
    assert "<" not in text


def test_a_message_names_some_of_very_many_and_counts_the_rest(support, lab, world):
    cause = ItemNotMatched("sku_unknown", "invoice re-1", "line 1 of invoice re-1", "Z-9")
    errors_world.behind_one(world, 187, cause)
    text = message(support.get(f"{path(lab)}/group?cause=item_not_matched&key=sku:Z-9").text)
    assert text.count("- Invoice ") == 50
    assert "- … and 137 more, on the page" in text


def test_all_groups_of_one_cause_are_one_message(support, lab, world):
    for number in range(3):
        cause = ItemNotMatched("sku_unknown", "invoice re-1", "line 1 of invoice re-1", f"Z-{number}")
        errors_world.behind_one(world, 2, cause, first=10 * number)
    page = support.get(f"{path(lab)}?cause=item_not_matched&why=sku_unknown").text
    text = message(page)
    assert "4 SKUs are missing in QuickBooks (8 invoices" in text
    assert "- SKU Z-2 (2 invoices" in text


def test_one_error_record_has_its_message_with_quickbooks_own_sentence(support, lab, world):
    (row,) = [
        each
        for each in rows(support.get(f"{path(lab)}.csv").text)
        if each["Id in the order system"] == "SO-1046"
    ]
    page = support.get(row["Page"].removeprefix(lab.PUBLIC_URL)).text
    text = message(page)
    assert "QuickBooks said: There was an error when saving a Invoice <transaction>. (3180)" in text
    assert "- Invoice 1046 · Harbour Fish Co" in text
    support.post(f"{path(lab)}/{row['Page'].rpartition('/')[2]}/dismiss", note="x")
    assert lab.state_of(world, Kind.INVOICE, "SO-1046").value == "cancelled"
    assert "Copy as message" not in support.get(row["Page"].removeprefix(lab.PUBLIC_URL)).text
