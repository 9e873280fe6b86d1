"""Entries of the list cache as somebody types: what begins with a text comes first, in both databases."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import event

from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.kinds import ListName
from qbwc_server.domain.matching import ListEntry
from qbwc_server.storage import lists, pickers
from qbwc_server.storage.database import Database


def customer(number: int, name: str, email: str | None = None, account: str | None = None) -> ListEntry:
    return ListEntry(
        ListName.CUSTOMER, f"C{number}", "Customer", name, True, False, email, None, "1", None, None, account
    )


def test_what_begins_with_the_text_comes_before_what_holds_it(
    database: Database, connector: Connector
) -> None:
    entries = [
        customer(1, "Old Pier"),
        customer(2, "Pier Fish", "Office@Pier-Fish.example", "AC-17"),
        customer(3, "Éclair 100%_off"),
    ]
    with database.begin() as conn:
        lists.store(conn, connector.id, entries, load=1)

        def found(text: str, limit: int = 50) -> list[str]:
            shown = pickers.picked(conn, connector.id, ListName.CUSTOMER, text, limit=limit)
            return [each.list_id for each in shown]

        assert found("PIER") == ["C2", "C1"]
        assert found("pier", limit=1) == ["C2"]
        assert found("office@") == found("ac-1") == found("fish.EXAMPLE") == ["C2"]
        assert found("éc") == found("100%_") == ["C3"]
        assert found("%") == ["C3"]
        assert found("C1") == ["C1"]


def test_what_holds_a_text_is_found_whatever_it_stands_in_and_what_is_gone_comes_last(
    database: Database, connector: Connector
) -> None:
    entries = [
        customer(1, "Old Pier"),
        customer(2, "Pier Fish", "Office@Quay.example, ap@quay.example", "AC-17"),
        customer(3, "Pier Gone")._replace(is_deleted=True),
    ]
    items = [
        ListEntry(
            ListName.ITEM, "I1", "Inventory", "Oyster", True, False, None, "SKU-PIER-1", "1", None, None
        ),
        ListEntry(
            ListName.ITEM,
            "I2",
            "Inventory",
            "Mussel",
            True,
            False,
            None,
            None,
            "1",
            None,
            None,
            barcode="0PIER",
        ),
    ]
    with database.begin() as conn:
        lists.store(conn, connector.id, entries, load=1)
        lists.store(conn, connector.id, items, load=1)

        def found(text: str, list_name: ListName = ListName.CUSTOMER, limit: int = 50) -> list[str]:
            shown = pickers.holding(conn, connector.id, list_name, text, limit=limit)
            return [each.list_id for each in shown]

        assert found("PIER") == ["C2", "C1", "C3"]
        assert found("pier", limit=1) == ["C2"]
        assert found("QUAY") == found("c-1") == found(" c2 ") == ["C2"]
        assert sorted(found("pier", ListName.ITEM)) == ["I1", "I2"]
        assert found("%") == []


def test_what_holds_a_text_is_looked_for_in_indexes(database: Database, connector: Connector) -> None:
    if not database.is_sqlite:
        pytest.skip("PostgreSQL reads a table from its begin to its end, and is fast at it")
    told: list[tuple[str, Any]] = []
    with database.begin() as conn:
        event.listen(conn, "before_cursor_execute", lambda *each: told.append(each[2:4]))
        for list_name in (ListName.CUSTOMER, ListName.ITEM):
            pickers.picked(conn, connector.id, list_name, "xyzzy", limit=5)
            pickers.holding(conn, connector.id, list_name, "xyzzy", limit=5)
        asked = tuple(told)
        steps = [
            row[3]
            for text, given in asked
            for row in conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", given)
        ]
    assert [step for step in steps if "COVERING INDEX ix_list_entry_name" in step]
    # what is only looked through for a text is an index, never the rows
    assert not [step for step in steps if step.startswith("SEARCH same") and "COVERING" not in step], steps
    whole = "SEARCH list_entry USING INDEX"
    assert not [
        step for step in steps if step.startswith(whole) and step.endswith("(connector_id=? AND list_name=?)")
    ]
