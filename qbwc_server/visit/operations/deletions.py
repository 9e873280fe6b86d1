"""Deletions: what QuickBooks says was deleted from its lists and of its documents, asked for with the lists."""

from collections.abc import Iterator

import qbxml.records as qb
from qbwc_server.domain import in_quickbooks
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.lists import ListLoad
from qbwc_server.domain.operations import DocumentDeletions, ListDeletions, Operation
from qbwc_server.domain.sessions import new_request_id
from qbwc_server.storage import lists
from qbwc_server.sync import resolve, revision
from qbwc_server.visit.questions import Heard, Question
from qbxml.requests import Query


def with_list(load: ListLoad) -> Iterator[Question]:
    """What is asked beside the first page of a load: what was deleted since the last one.

    A full load finds the list records that were deleted by not seeing them, but no load sees documents. All that
    QuickBooks remembers (some three months) is asked for: it is little, and no clock has a say in it.
    """
    if load.running == "changes" or load.is_resumed:
        yield _deletions(load)
    kind = in_quickbooks.documents_with(load.list_name)
    if kind is not None and load.loaded_at is not None:
        yield _deleted_documents(kind)


def _deletions(load: ListLoad) -> Question:
    types = in_quickbooks.deletion_types(load.list_name)
    query = Query("ListDeleted", request_id=new_request_id(), list_del_type=list(types))
    return Question(query, Operation.LIST_DELETED, ListDeletions(load.list_name))


def _deleted_documents(kind: Kind) -> Question:
    query = Query("TxnDeleted", request_id=new_request_id(), txn_del_type=[in_quickbooks.KINDS[kind].name])
    return Question(query, Operation.TXN_DELETED, DocumentDeletions(kind))


def read_entries(heard: Heard) -> None:
    """Mark what QuickBooks says was deleted from a list."""
    conn, connector, now = heard.conn, heard.connector, heard.now
    ids = [
        each.list_id for each in heard.response.records if isinstance(each, qb.ListDeleted) and each.list_id
    ]
    if ids:
        gone = lists.mark_deleted(conn, connector.id, heard.purpose_as(ListDeletions).list_name, ids)
        resolve.review(conn, connector, gone, now=now)
        resolve.release_behind(conn, connector, gone, now=now)


def read_documents(heard: Heard) -> None:
    """Which of our documents QuickBooks says were deleted."""
    ids = [each.txn_id for each in heard.response.records if isinstance(each, qb.TxnDeleted) and each.txn_id]
    if ids:
        kind = heard.purpose_as(DocumentDeletions).kind
        revision.documents_gone(heard.conn, heard.connector, kind, ids, now=heard.now)
