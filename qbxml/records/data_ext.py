"""Custom fields: their definitions, and the requests that set, change and clear them."""

from __future__ import annotations

from typing import ClassVar

import qbxml.table as q
from qbxml.record import Record, Ref
from qbxml.table import Choice, Shape
from qbxml.timestamps import Timestamp
from qbxml.words import ASSIGNABLE, DATA_EXT_TYPES, LIST_DATA_EXT_TYPES, TXN_DATA_EXT_TYPES

TARGET = Choice("target", needed=frozenset((Shape.ADD, Shape.MOD)))
LIST = TARGET.of("list")
TXN = TARGET.of("txn")


class DataExtTarget(Record):
    """One field of one record: a list record, a transaction or its line, or the company."""

    kind: ClassVar[str] = "DataExt"

    owner_id: str | None = q.guid("OwnerID", "A!M!R")
    data_ext_name: str | None = q.text("DataExtName", 31, "A!M!R")
    list_data_ext_type: str | None = q.word("ListDataExtType", LIST_DATA_EXT_TYPES, choice=LIST)
    list_obj: Ref | None = q.ref("ListObjRef", 159, choice=LIST)
    txn_data_ext_type: str | None = q.word("TxnDataExtType", TXN_DATA_EXT_TYPES, choice=TXN)
    txn_id: str | None = q.ident("TxnID", "AMR", choice=TXN)
    txn_line_id: str | None = q.ident("TxnLineID", "AMR", since="3.0", choice=TXN, vital=True)
    other_data_ext_type: str | None = q.word("OtherDataExtType", "Company", choice=TARGET)


class DataExtValue(DataExtTarget):
    """A field and the value it shall have. Use a Mod where the field may hold a value already."""

    data_ext_value: str | None = q.text("DataExtValue", None, "A!M!R")


class DataExtDeleted(DataExtTarget):
    """What DataExtDelRs tells."""

    time_deleted: Timestamp | None = q.moment("TimeDeleted")


class DataExtDef(Record):
    """The definition of a custom field or of an application's private field."""

    kind: ClassVar[str] = "DataExtDef"

    owner_id: str | None = q.guid("OwnerID", "A!R")
    data_ext_id: int | None = q.whole("DataExtID", "R", since="11.0")
    data_ext_name: str | None = q.text("DataExtName", 31, "A!R")
    data_ext_type: str | None = q.word("DataExtType", DATA_EXT_TYPES, "A!R")
    assign_to_object: tuple[str, ...] = q.word("AssignToObject", ASSIGNABLE, "AR", most=None)
    data_ext_list_require: bool | None = q.flag("DataExtListRequire", "AR", since="12.0")
    data_ext_txn_require: bool | None = q.flag("DataExtTxnRequire", "AR", since="12.0")
    data_ext_format_string: str | None = q.text("DataExtFormatString", None, "AR", since="12.0")
