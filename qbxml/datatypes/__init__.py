"""The qbXML value types, one class each: out (`encode`), in (`decode`), from JSON (`accept`), as JSON Schema.

Lexical rules follow the qbXML 13.0 schema; where QuickBooks itself is known to send something else the
decoder says so. Money never passes through a binary float.
"""

from qbxml.datatypes.base import DataType, JsonSchema, Problem
from qbxml.datatypes.numbers import Amount, Int, Number, Percent, Price, Quantity
from qbxml.datatypes.texts import Bool, Enum, Guid, Id, Name, Text
from qbxml.datatypes.times import Date, DateTime, Duration

__all__ = [
    "Amount",
    "Bool",
    "DataType",
    "Date",
    "DateTime",
    "Duration",
    "Enum",
    "Guid",
    "Id",
    "Int",
    "JsonSchema",
    "Name",
    "Number",
    "Percent",
    "Price",
    "Problem",
    "Quantity",
    "Text",
]
