"""DataExtAdd, DataExtMod and DataExtDel: the custom fields of one record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from lxml import etree
from pydantic import ValidationError

from qbxml.encode import Element, Encoder
from qbxml.errors import FieldError
from qbxml.record import faults_of
from qbxml.records.data_ext import DataExtTarget, DataExtValue
from qbxml.requests.base import Request
from qbxml.table import Shape


@dataclass(frozen=True, slots=True, init=False)
class _DataExtRequest(Request):
    """Sets one field of one record; fields are those of `qbxml.records.data_ext.DataExtValue`."""

    target: DataExtTarget
    request_id: str = ""
    verb: ClassVar[str] = ""
    shape: ClassVar[Shape] = Shape.ADD
    model: ClassVar[type[DataExtTarget]] = DataExtValue

    def __init__(self, *, request_id: str = "", **fields: Any) -> None:
        try:
            target = self.model(**fields)
        except ValidationError as error:
            raise faults_of(error, f"DataExt{self.verb}") from None
        object.__setattr__(self, "target", target)
        object.__setattr__(self, "request_id", request_id)

    @property
    def name(self) -> str:
        """`DataExtModRq`."""
        return f"DataExt{self.verb}Rq"

    def _fill(self, element: Element, encoder: Encoder) -> None:
        encoder.write(etree.SubElement(element, f"DataExt{self.verb}"), self.target, self.shape)
        if self.target.list_data_ext_type is not None and self.target.list_obj is None:
            encoder.faults.append(
                FieldError("list_obj", "QuickBooks needs this field", None, None, "missing")
            )
        if self.target.txn_data_ext_type is not None and self.target.txn_id is None:
            encoder.faults.append(FieldError("txn_id", "QuickBooks needs this field", None, None, "missing"))


class DataExtAdd(_DataExtRequest):
    """Gives a custom field its first value; fails where it has one already (then use DataExtMod)."""

    verb: ClassVar[str] = "Add"


class DataExtMod(_DataExtRequest):
    """Changes the value of a custom field."""

    verb: ClassVar[str] = "Mod"
    shape: ClassVar[Shape] = Shape.MOD


class DataExtDel(_DataExtRequest):
    """Clears a custom field of one record."""

    verb: ClassVar[str] = "Del"
    model: ClassVar[type[DataExtTarget]] = DataExtTarget
