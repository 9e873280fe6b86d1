"""What may be set of a row by name is a column of its table, and only what nobody may set is left out."""

from __future__ import annotations

from typing import get_type_hints

import pytest
from sqlalchemy import Table

from qbwc_server.storage import columns, schema

_OF = {
    columns.RecordColumns: schema.record,
    columns.LinkColumns: schema.record,
    columns.ClaimColumns: schema.record,
    columns.PauseColumns: schema.record,
    columns.SessionColumns: schema.session,
    columns.SetColumns: schema.message_set,
    columns.LoadColumns: schema.list_load,
    columns.ConnectorColumns: schema.connector,
}


@pytest.mark.parametrize(("names", "table"), _OF.items(), ids=lambda each: getattr(each, "__name__", ""))
def test_every_name_is_a_column_that_may_be_null_where_its_type_says_so(names: type, table: Table) -> None:
    for name, told in get_type_hints(names).items():
        assert name in table.c
        allows_none = type(None) in getattr(told, "__args__", ())
        assert not (allows_none and not table.c[name].nullable), f"{name} is never NULL"


def test_whatever_of_a_record_is_not_its_identity_may_be_set() -> None:
    fixed = {"id", "connector_id", "kind", "kind_rank", "external_id", "created_at", "updated_at", "state"}
    assert set(get_type_hints(columns.RecordColumns)) == set(schema.record.c.keys()) - fixed
