"""The fields of a record that were given."""

from collections.abc import Mapping
from typing import Any

import qbxml.records as qb


def given(values: Mapping[str, Any]) -> dict[str, Any]:
    """Those of `values` that are not None."""
    return {key: value for key, value in values.items() if value is not None}


def given_of(record: qb.Record) -> dict[str, Any]:
    """The fields of a record that were given, and are not None."""
    values = record.__dict__
    return {name: value for name in record.model_fields_set if (value := values[name]) is not None}
