"""One row a kind, one a list: complete, and in names that QuickBooks' language has."""

import itertools

import pytest

from qbwc_server.domain import in_quickbooks
from qbwc_server.domain.in_quickbooks import KINDS, LISTS, NAMED_BY
from qbwc_server.domain.kinds import Kind, ListName
from qbwc_server.domain.settings import ConnectorSettings
from qbxml import LATEST
from qbxml.queries import QUERIES
from qbxml.records import Invoice
from qbxml.requests import Query, ret_elements


def test_every_kind_and_every_list_has_its_row_and_no_other_has() -> None:
    assert set(KINDS) == set(Kind)
    assert set(LISTS) == set(ListName)


def test_what_documents_refer_to_goes_before_them_and_no_two_kinds_share_a_place() -> None:
    ranks = [row.rank for row in KINDS.values()]
    assert len(set(ranks)) == len(ranks)
    documents = [row.rank for kind, row in KINDS.items() if kind.is_document]
    assert min(documents) > max(row.rank for kind, row in KINDS.items() if not kind.is_document)


def test_there_is_room_for_a_kind_between_any_two() -> None:
    ranks = sorted(row.rank for row in KINDS.values())
    assert all(after - before > 1 for before, after in itertools.pairwise(ranks))


@pytest.mark.parametrize("kind", Kind)
def test_a_document_says_whose_it_is_and_what_it_comes_to_and_nothing_else_does(kind: Kind) -> None:
    row = KINDS[kind]
    said = [row.party is not None, row.party_list is not None, row.total is not None]
    assert said == [kind.is_document] * 3


@pytest.mark.parametrize("kind", Kind)
def test_a_kind_can_be_asked_for_by_its_name_with_what_it_is_recognised_by(kind: Kind) -> None:
    fields = in_quickbooks.document_fields(kind) if kind.is_document else in_quickbooks.identity_fields(kind)
    assert set(ret_elements(KINDS[kind].name, fields, LATEST, "US")) == set(fields)


def test_of_what_is_no_document_nothing_is_asked_as_of_one() -> None:
    with pytest.raises(ValueError, match="customer is no document"):
        in_quickbooks.document_fields(Kind.CUSTOMER)


@pytest.mark.parametrize("list_name", ListName)
def test_a_list_can_be_asked_for_by_its_name(list_name: ListName) -> None:
    row = LISTS[list_name]
    assert row.name in QUERIES
    assert set(ret_elements(row.name, row.fields, LATEST, "US")) <= set(row.fields)
    assert row.menu.startswith(("Lists > ", "the "))


@pytest.mark.parametrize("list_name", [name for name in ListName if name.is_matched])
def test_the_deletions_of_a_list_whose_changes_are_asked_for_can_be_asked_for(list_name: ListName) -> None:
    Query("ListDeleted", list_del_type=list(in_quickbooks.deletion_types(list_name)))


def test_no_field_names_an_entry_of_two_lists() -> None:
    assert len(NAMED_BY) == sum(len(row.named_by) for row in LISTS.values())


def test_the_switch_of_a_kind_is_a_setting() -> None:
    switches = {row.posted_if for row in KINDS.values() if row.posted_if is not None}
    assert switches <= ConnectorSettings.model_fields.keys()


def test_whose_a_document_is_and_what_it_comes_to_is_none_where_quickbooks_did_not_say() -> None:
    nothing = Invoice.believed({"txn_id": "1-1"})
    assert in_quickbooks.party_of(nothing) is None
    assert in_quickbooks.total_of(nothing) is None


def test_a_list_nobody_knows_is_somewhere_in_the_lists_menu() -> None:
    assert in_quickbooks.menu_of(None) == in_quickbooks.menu_of("planets") == "the Lists menu"
    assert in_quickbooks.menu_of("terms").endswith("Terms List")
