"""What is left of voided and deleted records (read only)."""

from __future__ import annotations

from typing import ClassVar

import qbxml.table as q
from qbxml.record import Record
from qbxml.timestamps import Timestamp
from qbxml.words import LIST_DEL_TYPES, TXN_DEL_TYPES, TXN_VOID_TYPES


class ListDeleted(Record):
    """A list record that was deleted or merged away, as ListDeletedQuery tells."""

    kind: ClassVar[str] = "ListDeleted"

    list_del_type: str | None = q.word("ListDelType", LIST_DEL_TYPES, "R")
    list_id: str | None = q.ident("ListID")
    time_created: Timestamp | None = q.moment("TimeCreated")
    time_deleted: Timestamp | None = q.moment("TimeDeleted")
    full_name: str | None = q.text("FullName", None, "R")


class TxnDeleted(Record):
    """A transaction that was deleted, as TxnDeletedQuery tells."""

    kind: ClassVar[str] = "TxnDeleted"

    txn_del_type: str | None = q.word("TxnDelType", TXN_DEL_TYPES, "R")
    txn_id: str | None = q.ident("TxnID")
    time_created: Timestamp | None = q.moment("TimeCreated")
    time_deleted: Timestamp | None = q.moment("TimeDeleted")
    ref_number: str | None = q.text("RefNumber", None, "R")


class TxnVoidResult(Record):
    """What TxnVoidRs says about the voided transaction."""

    kind: ClassVar[str] = "TxnVoidResult"

    txn_void_type: str | None = q.word("TxnVoidType", TXN_VOID_TYPES, "R")
    txn_id: str | None = q.ident("TxnID")
    time_created: Timestamp | None = q.moment("TimeCreated")
    time_modified: Timestamp | None = q.moment("TimeModified")
    ref_number: str | None = q.text("RefNumber", None, "R")


class TxnDelResult(Record):
    """What TxnDelRs says about the deleted transaction."""

    kind: ClassVar[str] = "TxnDelResult"

    txn_del_type: str | None = q.word("TxnDelType", TXN_DEL_TYPES, "R")
    txn_id: str | None = q.ident("TxnID")
    time_deleted: Timestamp | None = q.moment("TimeDeleted")
    ref_number: str | None = q.text("RefNumber", None, "R")


class ListDelResult(Record):
    """What ListDelRs says about the deleted list record."""

    kind: ClassVar[str] = "ListDelResult"

    list_del_type: str | None = q.word("ListDelType", LIST_DEL_TYPES, "R")
    list_id: str | None = q.ident("ListID")
    time_deleted: Timestamp | None = q.moment("TimeDeleted")
    full_name: str | None = q.text("FullName", None, "R")
