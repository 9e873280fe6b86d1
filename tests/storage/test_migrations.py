"""The schema: migrations build exactly the tables of `schema.py`, and an unknown one is refused."""

from __future__ import annotations

import json
import re
import runpy
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import CheckConstraint, Connection, bindparam, inspect, text

import qbwc_server.storage
from qbwc_server.domain.causes import (
    CATALOGUE,
    AlreadyLinked,
    CustomerNotMatched,
    ItemNotMatched,
    NotAccepted,
    NotPermitted,
    Refused,
    RequestUncertain,
    VendorNotMatched,
)
from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.days import Day
from qbwc_server.domain.event_types import TYPES
from qbwc_server.domain.faults import Conflict, DatabaseUnavailable, SchemaMismatch
from qbwc_server.domain.findable import beginnings_asked, item_key, items_of, words_of_entry
from qbwc_server.domain.in_quickbooks import KINDS
from qbwc_server.domain.kinds import Kind, ListName
from qbwc_server.domain.matching import fold
from qbwc_server.domain.people import Scope
from qbwc_server.domain.raw_requests import RawState
from qbwc_server.domain.records import Link, State
from qbwc_server.domain.repeats import Claim
from qbwc_server.domain.rights import RIGHTS, Right
from qbwc_server.storage import (
    api_keys,
    audit,
    connectors,
    days,
    errors,
    events,
    finding,
    idempotency,
    kept_counts,
    lists,
    log_pages,
    looks,
    of_item,
    raw_requests,
    records,
    refused,
    searching,
    support_rights,
    users,
    visit_pages,
    webhooks,
)
from qbwc_server.storage import revisions as known
from qbwc_server.storage.database import Database
from qbwc_server.storage.schema import metadata
from qbwc_server.storage.types import Moment
from qbwc_server.sync import list_cache
from qbxml.text import SAFE_MAPPINGS
from tests.domain.test_causes import EXAMPLES
from tests.worlds.former_database import FORMER_CONNECTOR, upgrade_to

FOLDER = Path(qbwc_server.storage.__file__).parent / "migrations"


def revisions() -> list[str]:
    """All revisions, oldest first."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    return [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()][::-1]


def test_the_revisions_that_are_known_without_alembic_are_alembics() -> None:
    assert list(known.KNOWN) == revisions()
    assert revisions()[-1] == known.NEWEST


def test_the_revision_of_a_database_is_what_alembic_says_it_is(database: Database) -> None:
    before = known.NEWEST
    assert database.revision() == before
    with database.read() as conn:
        assert MigrationContext.configure(conn).get_current_revision() == before


def differences(conn: Connection) -> list[object]:
    """What alembic would have to change so that the tables are those of `schema.py`."""
    context = MigrationContext.configure(conn, opts={"compare_type": True, "compare_server_default": True})
    return list(compare_metadata(context, metadata))


def tables(database: Database) -> set[str]:
    with database.begin() as conn:
        return set(inspect(conn).get_table_names())


def test_migrations_build_exactly_the_tables_of_the_schema(
    empty_url: str, open_database: Callable[[str], Database]
) -> None:
    database = open_database(empty_url)
    database.upgrade()
    assert tables(database) == {*metadata.tables, "alembic_version"}
    with database.begin() as conn:
        assert differences(conn) == []
    assert database.revision() == revisions()[-1]


def test_every_constraint_and_index_is_there_under_the_name_the_schema_gives_it(database: Database) -> None:
    with database.begin() as conn:
        inspector = inspect(conn)
        for table in metadata.sorted_tables:
            wanted = {str(each.name) for each in table.constraints if not isinstance(each, CheckConstraint)}
            found = {inspector.get_pk_constraint(table.name)["name"]}
            found |= {each["name"] for each in inspector.get_unique_constraints(table.name)}
            found |= {each["name"] for each in inspector.get_foreign_keys(table.name)}
            assert found == wanted, table.name
            indexes = {
                each["name"]: bool(each["unique"])
                for each in inspector.get_indexes(table.name)
                if not each.get("duplicates_constraint")
            }
            assert indexes == {str(each.name): bool(each.unique) for each in table.indexes}, table.name


def test_names_of_constraints_follow_the_convention_and_fit_everywhere() -> None:
    names = [
        str(getattr(each, "name", None))
        for table in metadata.sorted_tables
        for each in (*table.constraints, *table.indexes)
    ]
    assert all(re.fullmatch(r"(pk|uq|fk|ix|ck)_[a-z_]+", name) for name in names), names
    assert all(len(name) <= 63 for name in names)
    assert len(set(names)) == len(names)


def test_every_table_of_a_tenant_belongs_to_a_connector() -> None:
    alone = {table.name for table in metadata.sorted_tables if "connector_id" not in table.columns}
    assert alone <= {
        "connector",
        "record_wait",
        "user",
        "support_right",
        "password_link",
        "installation",
        "audit",
        "setup_token",
        "login_failure",
        "errand",
        "idempotency_key",
    }


def test_upgrading_twice_changes_nothing(database: Database) -> None:
    before = tables(database)
    database.upgrade()
    database.check()
    assert tables(database) == before


@pytest.mark.parametrize("before", [None, revisions()[0], revisions()[-2]])
def test_an_older_schema_is_refused_until_it_is_upgraded(
    empty_url: str, open_database: Callable[[str], Database], before: str | None
) -> None:
    database = open_database(empty_url)
    if before is not None:
        config = Config()
        config.set_main_option("script_location", str(FOLDER))
        with database.begin() as conn:
            config.attributes["connection"] = conn
            command.upgrade(config, before)
    told = f"its schema is {before}.*Back it up" if before else "no tables yet"
    with pytest.raises(SchemaMismatch, match=rf"(?s){told}.*qbwc-server db upgrade"):
        database.check()
    database.upgrade()
    database.check()
    with database.begin() as conn:
        assert differences(conn) == []


def test_a_schema_of_a_newer_version_is_refused_and_left_alone(database: Database) -> None:
    with database.begin() as conn:
        conn.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for attempt in (database.check, database.upgrade):
        with pytest.raises(SchemaMismatch, match=r"newer.*9999"):
            attempt()
    assert database.revision() == "9999"
    with database.begin() as conn:
        assert differences(conn) == []


def test_two_processes_that_upgrade_at_once_both_end_well(
    empty_url: str, open_database: Callable[[str], Database], processes: Callable[..., list[str]]
) -> None:
    assert processes(2, "upgrade", empty_url) == ["upgraded", "upgraded"]
    with open_database(empty_url).begin() as conn:
        assert differences(conn) == []


def test_a_migration_that_fails_leaves_an_empty_database_empty(
    empty_url: str, open_database: Callable[[str], Database]
) -> None:
    database = open_database(empty_url)
    with database.begin() as conn:
        conn.execute(text("CREATE TABLE ix_login_failure_at (id INTEGER)"))  # in the way of an index of ours
    with pytest.raises(DatabaseUnavailable):
        database.upgrade()
    assert tables(database) <= {"ix_login_failure_at", "alembic_version"}
    assert database.revision() is None


FORMER_RECORD = """
    INSERT INTO record (id, connector_id, kind, kind_rank, external_id, state, revision, content, priority,
        match_key, waiting, line_ids, needs_reading, is_void, generation, warnings, attempts, created_at,
        updated_at)
    VALUES (:id, 1, 'item', 2, :external_id, 'queued', 1, '{}', 100, :key, 0, '[]', false, false, 0, '[]', 0,
        '2026-11-20 15:00:00+00:00', '2026-11-20 15:00:00+00:00')
"""


def test_keys_folded_by_a_former_version_are_folded_anew(
    empty_url: str, open_database: Callable[[str], Database]
) -> None:
    database = open_database(empty_url)
    upgrade_to(database, "0001")
    with database.begin() as conn:
        conn.execute(text(FORMER_CONNECTOR))
        for number, key in enumerate((None, "a-77", "5″ – bolt")):
            conn.execute(text(FORMER_RECORD), {"id": number + 1, "external_id": f"i{number}", "key": key})
        entry = text(
            "INSERT INTO list_entry (connector_id, list_name, list_id, type, full_name, name_key, is_active, "
            "is_deleted, sku, sku_key, seen_in_load) "
            "VALUES (1, 'item', :id, 'ItemService', :name, :name_key, true, false, :sku, :sku, 1)"
        )
        for list_id, name, sku in (("1", "O’Hara –  Sons", "5″"), ("2", "Plain", None)):
            conn.execute(entry, {"id": list_id, "name": name, "name_key": name.casefold(), "sku": sku})
        email = text("INSERT INTO list_email VALUES (1, 'customer', :key, '1')")
        for key in ("o’hara@x.example", "o'hara@x.example", "a@x.example"):
            conn.execute(email, {"key": key})
        conn.execute(
            text(
                "INSERT INTO error (connector_id, record_id, cause, cause_key, folded_key, data, opened_at) "
                "VALUES (1, 1, 'item_not_matched', 'sku:5″', 'sku:5″', '{}', '2026-11-20 15:00:00+00:00')"
            )
        )
    upgrade_to(database, "0005")
    with database.begin() as conn:
        assert list(conn.execute(text("SELECT match_key FROM record ORDER BY id")).scalars()) == [
            None,
            "a-77",
            '5" - bolt',
        ]
        keys = conn.execute(text("SELECT name_key, sku_key, sides FROM list_entry ORDER BY list_id"))
        assert [tuple(row) for row in keys] == [("o'hara - sons", '5"', None), ("plain", None, None)]
        assert list(conn.execute(text("SELECT folded_key FROM error")).scalars()) == ['sku:5"']
        emails = conn.execute(text("SELECT email_key FROM list_email ORDER BY email_key")).scalars()
        assert list(emails) == ["a@x.example", "o'hara@x.example"]


def test_what_was_linked_by_hand_before_is_no_claim(
    empty_url: str, open_database: Callable[[str], Database]
) -> None:
    database = open_database(empty_url)
    upgrade_to(database, "0009")
    former = {"id": 1, "kind": "invoice", "external_id": "i", "state": "synced", "content": "{}"}
    with database.begin() as conn:
        conn.execute(text(FORMER_CONNECTOR))
        conn.execute(text(FORMER_LINKED), {**former, "quickbooks_id": "1-1"})
        conn.execute(text("UPDATE record SET matched_by = 'hand', proof = 'person'"))
    database.upgrade()
    with database.begin() as conn:
        record = records.get(conn, 1)
        assert (record.claim, record.linked_document) == (None, None)
        assert record.link is not None
        assert (record.link.quickbooks_id, record.link.proof) == ("1-1", "person")


def test_a_connector_error_of_a_former_version_has_happened_once_and_is_open_once(
    empty_url: str, open_database: Callable[[str], Database]
) -> None:
    database = open_database(empty_url)
    upgrade_to(database, "0010")
    former = text(
        "INSERT INTO error (id, connector_id, cause, cause_key, folded_key, data, opened_at, closed_at, close_reason) "
        "VALUES (:id, 1, :cause, 'k', 'k', '{}', :at, :closed, :reason)"
    )
    began = datetime(2026, 11, 20, 15, tzinfo=UTC)
    with database.begin() as conn:
        conn.execute(text(FORMER_CONNECTOR))
        for number, (cause, closed) in enumerate(
            [("bad_credentials", True), ("bad_credentials", False), ("bad_credentials", False)], start=1
        ):
            moment = f"2026-11-20 15:0{number}:00+00:00"
            values = {"closed": moment if closed else None, "reason": "went away" if closed else None}
            conn.execute(former, {"id": number, "cause": cause, "at": moment, **values})
    database.upgrade()
    with database.begin() as conn:
        (still,) = errors.find(conn, 1)
        told = (still.id, still.times, still.last_at, still.address)
        assert told == (2, 1, began + timedelta(minutes=2), None)
        assert [item.close_reason for item in errors.closed(conn, 1)] == [
            "told by an earlier error record",
            "went away",
        ]
        assert differences(conn) == []


def test_what_a_former_version_told_of_the_connector_is_no_refusal_of_the_hosts(
    empty_url: str, open_database: Callable[[str], Database]
) -> None:
    database = open_database(empty_url)
    upgrade_to(database, "0014")
    former = text(
        "INSERT INTO error (connector_id, cause, cause_key, folded_key, data, opened_at, times) "
        "VALUES (1, 'bad_credentials', 'k', 'k', '{}', '2026-11-20 15:00:00+00:00', 12)"
    )
    with database.begin() as conn:
        conn.execute(text(FORMER_CONNECTOR))
        conn.execute(former)
    database.upgrade()
    with database.begin() as conn:
        (still,) = errors.find(conn, 1, connector_wide=True)
        assert (still.times, still.kind, still.about_id) == (12, None, None)
        assert errors.count_open(conn, 1) == (1, 0)
        now = datetime(2026, 11, 20, tzinfo=UTC)
        for external_id in ("a", "b"):
            refused.keep(conn, 1, [NotAccepted("item", external_id, (("/sku", "is wrong"),))], now=now)
        assert errors.count_open(conn, 1) == (3, 2)
        assert differences(conn) == []


def test_when_quickbooks_confirmed_a_record_is_taken_from_the_events(
    empty_url: str, open_database: Callable[[str], Database]
) -> None:
    database = open_database(empty_url)
    upgrade_to(database, "0017")
    with database.begin() as conn:
        conn.execute(text(FORMER_CONNECTOR))
        for number, proof in enumerate(("answer", "cache", "answer"), start=1):
            values = {"kind": "invoice", "state": "synced", "content": "{}", "quickbooks_id": f"1-{number}"}
            conn.execute(text(FORMER_LINKED), {"id": number, "external_id": f"i{number}", **values})
            conn.execute(
                text("UPDATE record SET proof = :proof WHERE id = :id"), {"proof": proof, "id": number}
            )
        for number, to_state, minute in (
            (1, "synced", 1),
            (1, "synced", 3),
            (1, "queued", 4),
            (2, "synced", 1),
        ):
            conn.execute(
                text(
                    "INSERT INTO event (connector_id, record_id, at, what, to_state, actor) "
                    "VALUES (1, :id, :at, 'x', :to_state, 'quickbooks')"
                ),
                {"id": number, "at": f"2026-11-20 15:0{minute}:00+00:00", "to_state": to_state},
            )
    database.upgrade()
    with database.begin() as conn:
        seen = [records.get(conn, number).seen_at for number in (1, 2, 3)]
        assert seen == [datetime(2026, 11, 20, 15, 3, tzinfo=UTC), None, None]
        assert differences(conn) == []


def test_the_events_of_a_former_version_get_their_types_and_the_errors_of_their_moment(
    empty_url: str, open_database: Callable[[str], Database]
) -> None:
    database = open_database(empty_url)
    upgrade_to(database, "0025")
    moment, later = "2026-11-20 15:01:00+00:00", "2026-11-20 15:02:00+00:00"
    told = [
        (None, None, None, "paused", None, "connector.paused"),
        (
            None,
            None,
            None,
            "connector error began",
            "wrong_company_file; from 10.0.0.7",
            "connector.quarantined",
        ),
        (None, None, None, "connector error began", "bad_credentials", "connector.error_began"),
        (None, None, None, "said by nobody any more", None, "connector.other"),
        (1, None, "queued", "handed over by the host", None, "invoice.handed_over"),
        (1, "queued", "blocked", "cannot be sent as things stand", "missing_field", "invoice.blocked"),
        (1, "blocked", "queued", "the cause went away", None, "invoice.released"),
        (1, "queued", "sent", "picked into a message set", None, "invoice.sent"),
        (1, "sent", "uncertain", "the answer was lost", None, "invoice.uncertain"),
        (1, "uncertain", "queued", "proven absent from QuickBooks", None, "invoice.requeued"),
        (1, "queued", "synced", "QuickBooks already holds it", None, "invoice.synced"),
        (1, "synced", "queued", "a new revision was handed over", None, "invoice.revised"),
        (1, None, None, "linked by hand", None, "invoice.linked"),
    ]
    with database.begin() as conn:
        conn.execute(text(FORMER_CONNECTOR))
        values = {"kind": "invoice", "state": "queued", "content": "{}", "quickbooks_id": "1-1"}
        conn.execute(text(FORMER_LINKED), {"id": 1, "external_id": "i1", **values})
        conn.execute(
            text(
                "INSERT INTO error (id, connector_id, record_id, cause, cause_key, folded_key, data, opened_at) "
                "VALUES (8, 1, 1, 'missing_field', 'k', 'k', '{}', :later), "
                "(9, 1, 1, 'missing_field', 'key', 'key', '{}', :moment)"
            ),
            {"moment": moment, "later": later},
        )
        for record_id, before, after, what, detail, _ in told:
            row = {"record": record_id, "before": before, "after": after, "what": what, "detail": detail}
            conn.execute(
                text(
                    "INSERT INTO event (connector_id, record_id, at, what, from_state, to_state, actor, detail) "
                    "VALUES (1, :record, :at, :what, :before, :after, 'server', :detail)"
                ),
                {**row, "at": moment},
            )
    database.upgrade()
    with database.begin() as conn:
        found = events.of_connector(conn, 1)
        assert [event.type for event in found] == [row[-1] for row in told]
        assert {event.type for event in found} <= set(TYPES)
        of_the_moment = {"error_id": 9, "cause": "missing_field", "cause_key": "key", "actor": "staff"}
        assert [event.data for event in found if event.data] == [
            {"errors": [of_the_moment], "error_count": 1}
        ]
        assert differences(conn) == []


FORMER_LINKED = """
    INSERT INTO record (id, connector_id, kind, kind_rank, external_id, state, revision, content, priority, waiting,
        quickbooks_id, quickbooks_name, line_ids, needs_reading, is_void, generation, warnings, attempts,
        created_at, updated_at)
    VALUES (:id, 1, :kind, 0, :external_id, :state, 1, :content, 100, 0, :quickbooks_id, 'Chain', '[]', false, false,
        0, '[]', 0, '2026-11-20 15:00:00+00:00', '2026-11-20 15:00:00+00:00')
"""


def test_records_that_share_an_entry_are_blocked_and_named_and_what_finds_them_is_kept(
    empty_url: str, open_database: Callable[[str], Database]
) -> None:
    database = open_database(empty_url)
    upgrade_to(database, "0002")
    party = '{"name": " Chain Co", "email": "Ann <a@x.example>, B@x.example", "parent": "Group"}'
    rows = [
        ("customer", "gone", "cancelled", party, "8-1"),
        ("customer", "a", "synced", party, "8-1"),
        ("customer", "b", "synced", party, "8-1"),
        ("customer", "c", "blocked", party, "8-1"),
        ("customer", "on its way", "sent", party, "8-1"),
        ("customer", "d", "queued", "{}", None),
        ("vendor", "v", "synced", '{"name": "V", "email": ""}', "8-1"),
        ("item", "i", "synced", '{"sku": "A-77"}', "8-9"),
        ("invoice", "one", "synced", "{}", "5-1"),
        ("invoice", "two", "synced", "{}", "5-1"),
    ]
    with database.begin() as conn:
        conn.execute(text(FORMER_CONNECTOR))
        for number, row in enumerate(rows, start=1):
            values = dict(zip(("kind", "external_id", "state", "content", "quickbooks_id"), row, strict=True))
            conn.execute(text(FORMER_LINKED), {"id": number, **values})
        conn.execute(
            text(
                "INSERT INTO list_entry (connector_id, list_name, list_id, type, full_name, name_key, is_active, "
                "is_deleted, email, seen_in_load) VALUES (1, 'customer', '8-1', 'Customer', 'Chain', 'chain', true, "
                "false, 'Ann <a@x.example>; a@x.example', 1)"
            )
        )
        for key in ("<a@x.example>", "a@x.example"):
            conn.execute(text("INSERT INTO list_email VALUES (1, 'customer', :key, '8-1')"), {"key": key})
    database.upgrade()
    with database.begin() as conn:
        assert [each.external_id for each in records.surplus(conn)] == ["b", "c", "on its way", "two"]
        states = [records.get(conn, number).state for number in (2, 3, 4, 5, 10)]
        assert states == ["synced", "blocked", "blocked", "sent", "blocked"]
        told = {item.external_id: item.cause for item in errors.find(conn)}
        assert told == {
            "b": AlreadyLinked("customer b", "customer a", "8-1", False, "Chain"),
            "c": AlreadyLinked("customer c", "customer a", "8-1", False, "Chain"),
            "two": AlreadyLinked("invoice two", "invoice one", "5-1", True, "Chain"),
        }
        assert all(item.cause_key == item.cause.key for item in errors.find(conn))
        for key in ("email:a@x.example", "email:b@x.example", "name:chain co"):
            assert [each.id for each in records.by_keys(conn, 1, Kind.CUSTOMER, [key])] == [2, 3, 4, 5], key
        assert [each.id for each in records.by_keys(conn, 1, Kind.ITEM, ["sku:a-77"])] == [8]
        found = lists.by_email(conn, 1, ListName.CUSTOMER, "a@x.example")
        assert [entry.list_id for entry in found] == ["8-1"]
        assert differences(conn) == []


def test_the_database_itself_lets_no_two_records_have_one_entry(
    database: Database, connector: Connector
) -> None:
    link = records.link_columns(Link("8-1", "1", "Chain", "email", "cache"))
    now = datetime(2026, 11, 20, tzinfo=UTC)
    with database.begin() as conn:
        first, second = (
            records.add(conn, connector.id, Kind.CUSTOMER, name, {}, now=now, actor="host")
            for name in ("a", "b")
        )
        records.change(conn, first, now=now, **link)
    with pytest.raises(Conflict, match="linked to the same"), database.begin() as conn:
        records.change(conn, second, now=now, **link)
    with database.begin() as conn:
        records.change(conn, second, now=now, **{**link, "is_surplus": True})
        vendor = records.add(conn, connector.id, Kind.VENDOR, "a", {}, now=now, actor="host")
        records.change(conn, vendor, now=now, **link)


def test_a_record_of_a_former_version_has_no_version_of_the_hosts(
    empty_url: str, open_database: Callable[[str], Database]
) -> None:
    database = open_database(empty_url)
    upgrade_to(database, "0005")
    with database.begin() as conn:
        conn.execute(text(FORMER_CONNECTOR))
        conn.execute(text(FORMER_RECORD), {"id": 1, "external_id": "i1", "key": "a-77"})
    database.upgrade()
    with database.begin() as conn:
        record = records.get(conn, 1)
        assert (record.external_id, record.version, record.revised_at) == ("i1", None, None)
        assert records.change(conn, record, now=record.created_at, version=2**63 - 1).version == 2**63 - 1


def test_the_migration_folds_as_the_program_does() -> None:
    path = FOLDER / "versions" / "0002_keys_of_names_that_look_alike.py"
    values = runpy.run_path(str(path))
    # of ligatures, and of control characters that Python takes for blanks, it knew nothing
    unknown = {*"\ufb00\ufb01\ufb02\ufb03\ufb04", *"\x0b\x0c\x1c\x1d\x1e\x1f"}
    for character in {*SAFE_MAPPINGS, *"‘’‚“”„–—…\u00a0"} - unknown:
        name = f"a {character} b{character}c"
        assert values["_refolded"](name.casefold()) == fold(name), repr(character)


def test_lists_and_records_of_a_former_version_wait_for_nothing_that_was_never_told(
    empty_url: str, open_database: Callable[[str], Database]
) -> None:
    database = open_database(empty_url)
    upgrade_to(database, "0002")
    with database.begin() as conn:
        conn.execute(text(FORMER_CONNECTOR))
        conn.execute(text(FORMER_RECORD), {"id": 1, "external_id": "i", "key": None})
        conn.execute(
            text(
                "INSERT INTO list_load (connector_id, list_name, number, is_resumed, changes) "
                "VALUES (1, 'customer', 3, false, '{}')"
            )
        )
    database.upgrade()
    with database.begin() as conn:
        assert conn.execute(text("SELECT pause_reason FROM record")).scalar_one() is None
        assert tuple(conn.execute(text("SELECT attempts, refusal FROM list_load")).one()) == (0, None)


def test_a_list_cache_of_a_former_version_is_kept_and_its_items_get_their_own_names(
    empty_url: str, open_database: Callable[[str], Database]
) -> None:
    database = open_database(empty_url)
    upgrade_to(database, "0003")
    with database.begin() as conn:
        conn.execute(text(FORMER_CONNECTOR))
        entry = text(
            "INSERT INTO list_entry (connector_id, list_name, list_id, type, full_name, name_key, is_active, "
            "is_deleted, seen_in_load) VALUES (1, :list_name, '1', 'X', :name, :key, true, false, 3)"
        )
        conn.execute(entry, {"list_name": "item", "name": "Oyster:100ct", "key": "oyster:100ct"})
        conn.execute(entry, {"list_name": "customer", "name": "Quay", "key": "quay"})
        conn.execute(
            text(
                "INSERT INTO list_load (connector_id, list_name, number, loaded_at, high_water, is_resumed, changes) "
                "VALUES (1, 'item', 3, '2026-11-20 15:00:00+00:00', '2026-11-20T14:00:00', false, '{}')"
            )
        )
    database.upgrade()
    with database.begin() as conn:
        assert [item.full_name for item in lists.by_own_names(conn, 1, ["100CT"])["100ct"]] == [
            "Oyster:100ct"
        ]
        assert [item.full_name for item in lists.page(conn, 1, ListName.CUSTOMER)] == ["Quay"]
        (load,) = lists.loads(conn, 1, [ListName.ITEM])
        assert (load.number, load.high_water, load.fields) == (3, "2026-11-20T14:00:00", None)


def test_a_mark_of_a_former_version_is_kept_but_not_believed(
    empty_url: str, open_database: Callable[[str], Database]
) -> None:
    database = open_database(empty_url)
    upgrade_to(database, "0006")
    with database.begin() as conn:
        conn.execute(text(FORMER_CONNECTOR))
        conn.execute(
            text(
                "INSERT INTO list_load (connector_id, list_name, number, loaded_at, high_water, is_resumed, changes) "
                "VALUES (1, 'customer', 3, '2026-11-20 15:00:00+00:00', '2030-11-20T14:00:00', false, '{}')"
            )
        )
    database.upgrade()
    with database.begin() as conn:
        (load,) = lists.loads(conn, 1, [ListName.CUSTOMER])
        assert (load.number, load.high_water) == (3, "2030-11-20T14:00:00")
        assert (load.read_from, load.fully_loaded_at, load.newest) == (None, None, None)
        assert conn.execute(text("SELECT pc_offset FROM connector")).scalar_one() is None


def test_no_resync_of_a_former_version_was_a_persons(
    empty_url: str, open_database: Callable[[str], Database]
) -> None:
    database = open_database(empty_url)
    upgrade_to(database, "0008")
    with database.begin() as conn:
        conn.execute(text(FORMER_CONNECTOR))
        conn.execute(
            text(
                "INSERT INTO list_load (connector_id, list_name, number, is_resumed, changes) "
                "VALUES (1, 'customer', 3, false, '{}')"
            )
        )
    database.upgrade()
    with database.begin() as conn:
        (load,) = lists.loads(conn, 1, (ListName.CUSTOMER,))
    assert (load.number, load.is_persons) == (3, False)


def test_nothing_of_a_former_version_is_noted_to_be_looked_at(
    empty_url: str, open_database: Callable[[str], Database]
) -> None:
    database = open_database(empty_url)
    upgrade_to(database, "0005")
    with database.begin() as conn:
        conn.execute(text(FORMER_CONNECTOR))
        conn.execute(text(FORMER_RECORD), {"id": 1, "external_id": "i1", "key": "a-77"})
    database.upgrade()
    with database.begin() as conn:
        assert looks.count(conn, 1) == 0
        looks.note(conn, 1, [1], actor="ada", list_name=ListName.ITEM)
        assert looks.take(conn, 1, limit=5) == [looks.Look(1, "ada", ListName.ITEM)]


def test_when_an_error_record_of_a_former_version_was_looked_at_is_not_known(
    empty_url: str, open_database: Callable[[str], Database]
) -> None:
    database = open_database(empty_url)
    upgrade_to(database, "0005")
    with database.begin() as conn:
        conn.execute(text(FORMER_CONNECTOR))
        conn.execute(text(FORMER_RECORD), {"id": 1, "external_id": "i1", "key": "a-77"})
        conn.execute(
            text(
                "INSERT INTO error (connector_id, record_id, cause, cause_key, folded_key, data, opened_at) VALUES "
                "(1, 1, 'not_permitted', 'permission', 'permission', '{\"record\": \"item i1\"}', "
                "'2026-11-20 15:00:00')"
            )
        )
    database.upgrade()
    with database.begin() as conn:
        (look,) = errors.looks(conn, 1)
        assert (look.record_id, look.looked_at, look.looked_by) == (1, None, None)
        errors.note_looks(conn, [1], now=datetime(2026, 11, 20, 16, 0, tzinfo=UTC))
        (look,) = errors.looks(conn, 1)
        assert look.looked_at == datetime(2026, 11, 20, 16, 0, tzinfo=UTC)


def test_the_records_of_a_former_version_keep_the_order_in_which_they_are_sent(
    empty_url: str, open_database: Callable[[str], Database]
) -> None:
    database = open_database(empty_url)
    upgrade_to(database, "0005")
    with database.begin() as conn:
        conn.execute(text(FORMER_CONNECTOR))
        for number, kind in enumerate(("purchase_order", "invoice", "item", "vendor", "customer"), start=1):
            conn.execute(text(FORMER_RECORD), {"id": number, "external_id": f"r{number}", "key": None})
            conn.execute(
                text("UPDATE record SET kind = :kind, kind_rank = :rank WHERE id = :id"),
                {"kind": kind, "rank": 5 - number, "id": number},
            )
    database.upgrade()
    with database.begin() as conn:
        ranks = {row.kind: row.kind_rank for row in conn.execute(text("SELECT kind, kind_rank FROM record"))}
    assert ranks == {kind: row.rank for kind, row in KINDS.items()}


def test_what_a_former_version_never_counted_is_counted(
    empty_url: str, open_database: Callable[[str], Database]
) -> None:
    database = open_database(empty_url)
    upgrade_to(database, "0018")
    with database.begin() as conn:
        conn.execute(text(FORMER_CONNECTOR))
        added = FORMER_RECORD.replace("match_key, ", "").replace(":key, ", "").replace("'queued'", ":state")
        for number, state in enumerate(("queued", "queued", "blocked", "synced")):
            values = {"id": number + 1, "external_id": f"i{number}", "state": state}
            conn.execute(text(added), values)
        opened = text(
            "INSERT INTO error (id, connector_id, record_id, cause, cause_key, folded_key, data, opened_at, closed_at) "
            "VALUES (:id, 1, :record_id, :cause, :key, :key, :data, '2026-11-20 15:00:00+00:00', :closed_at)"
        )
        for number, (cause, data) in enumerate(FORMER_ERRORS):
            for place, record_id in enumerate((3, 4, 4)):
                values = {
                    "id": 3 * number + place + 1,
                    "record_id": record_id,
                    "cause": cause.name,
                    "key": cause.key,
                    "data": data,
                    "closed_at": datetime(2026, 11, 21, tzinfo=UTC) if place == 2 else None,
                }
                conn.execute(opened, values)
    database.upgrade()
    with database.begin() as conn:
        assert records.counts(conn, 1) == {
            **dict.fromkeys(State, 0),
            State.QUEUED: 2,
            State.BLOCKED: 1,
            State.SYNCED: 1,
        }
        assert kept_counts.open_errors(conn, [1])[1] == {
            (cause.name, cause.actor): 2 for cause, _ in FORMER_ERRORS
        }
        assert set(kept_counts.words(conn, [1])[1]) == {
            kept_counts.Word(cause.name, cause.sub_reason, cause.actor, 2, 1) for cause, _ in FORMER_ERRORS
        }
        assert kept_counts.wrong(conn) == []
        assert set(conn.execute(text("SELECT kind FROM error")).scalars()) == {"item"}
        since = {3 * number + 1 for number in range(len(FORMER_ERRORS))}
        assert set(conn.execute(text("SELECT since_id FROM error_group WHERE actor = ''")).scalars()) == since
        conn.execute(text("UPDATE record SET state = 'blocked' WHERE state = 'queued'"))
        conn.execute(text("DELETE FROM error WHERE id <= 3"))
        assert records.counts(conn, 1)[State.BLOCKED] == 3
        assert kept_counts.wrong(conn) == []


FORMER_ERRORS = [
    (cause, json.dumps(cause.data()))
    for cause in (
        CustomerNotMatched("email_unknown", "invoice a", "a@x.example"),
        VendorNotMatched("email_missing", "purchase order a"),
        NotPermitted("invoice a"),
        Refused("invoice a"),
    )
]


def test_who_must_act_is_said_of_former_errors_as_the_program_says_it() -> None:
    migration = runpy.run_path(str(FOLDER / "versions" / "0019_numbers_that_are_kept.py"))
    usual = {name: actor for actor, names in migration["ACTORS"].items() for name in names}
    assert {name: usual.get(name, "staff") for name in CATALOGUE} == {
        name: cause.usual_actor for name, cause in CATALOGUE.items()
    }
    for cause in (CustomerNotMatched, VendorNotMatched, ItemNotMatched):
        place = ("line 1",) if cause is ItemNotMatched else ()
        for why in (*migration["MENDED_IN_QUICKBOOKS"], "email_missing", "sku_missing", "name_unknown"):
            mended = why in migration["MENDED_IN_QUICKBOOKS"]
            assert cause(why, "invoice a", *place).actor == ("quickbooks_user" if mended else "host")


def test_how_long_the_lists_of_a_former_version_are_is_counted(
    empty_url: str, open_database: Callable[[str], Database]
) -> None:
    database = open_database(empty_url)
    upgrade_to(database, "0021")
    with database.begin() as conn:
        conn.execute(text(FORMER_CONNECTOR))
        conn.execute(
            text(
                "INSERT INTO list_load (connector_id, list_name, number, is_resumed, changes) "
                "VALUES (1, 'customer', 3, false, '{}'), (1, 'item', 1, false, '{}')"
            )
        )
        entry = text(
            "INSERT INTO list_entry (connector_id, list_name, list_id, type, full_name, name_key, is_active, "
            "is_deleted, seen_in_load) VALUES (1, :list_name, :id, 'T', :id, :id, true, :is_deleted, 3)"
        )
        for number in range(5):
            for list_name in ("customer", "vendor"):
                values = {"list_name": list_name, "id": str(number), "is_deleted": number == 4}
                conn.execute(entry, values)
    database.upgrade()
    with database.begin() as conn:
        assert lists.sizes(conn, 1) == {ListName.CUSTOMER: 4, ListName.VENDOR: 4}
        customer, vendor = lists.loads(conn, 1, (ListName.CUSTOMER, ListName.VENDOR))
        assert (customer.number, customer.entries) == (3, 4)
        assert (vendor.number, vendor.loaded_at, vendor.running) == (0, None, None)
        assert kept_counts.wrong(conn) == []


def test_an_endpoint_begins_behind_the_events_of_a_former_version(
    empty_url: str, open_database: Callable[[str], Database]
) -> None:
    database = open_database(empty_url)
    upgrade_to(database, "0024")
    with database.begin() as conn:
        conn.execute(text(FORMER_CONNECTOR))
        event = "INSERT INTO event (connector_id, at, what, actor) VALUES (1, '2026-11-20 15:00:00+00:00', 'x', 'y')"
        for _ in range(3):
            conn.execute(text(event))
    database.upgrade()
    now = datetime(2026, 11, 27, tzinfo=UTC)
    with database.begin() as conn:
        assert not webhooks.there_are(conn)
        newest = webhooks.newest_event(conn, 1)
        for after in (newest, newest - 1):
            webhooks.add(
                conn,
                1,
                url="https://a.example",
                types=["*"],
                allow_private=False,
                salt="s",
                after_id=after,
                now=now,
            )
        assert (newest, webhooks.due(conn, now=now, limit=9)) == (3, [2])


def test_keys_that_exist_may_go_on_doing_everything(
    empty_url: str, open_database: Callable[[str], Database]
) -> None:
    database = open_database(empty_url)
    upgrade_to(database, "0023")
    with database.begin() as conn:
        conn.execute(text(FORMER_CONNECTOR))
        conn.execute(
            text(
                "INSERT INTO api_key (id, connector_id, name, digest, created_at) VALUES "
                "(1, 1, 'shop', 'd1', '2026-11-20 15:00:00+00:00'), "
                "(2, NULL, 'all', 'd2', '2026-11-20 15:00:00+00:00')"
            )
        )
    database.upgrade()
    with database.begin() as conn:
        found = [(key.name, key.connector, key.scope, key.expires_at) for key in api_keys.every(conn)]
    assert found == [("shop", "acme", Scope.MANAGE, None), ("all", None, Scope.MANAGE, None)]


def test_the_records_of_a_former_version_are_found_by_what_they_say(
    empty_url: str, open_database: Callable[[str], Database]
) -> None:
    database = open_database(empty_url)
    upgrade_to(database, "0026")
    contents = {
        "c-1": ("customer", {"name": "Harbour Fish", "email": "ap@harbour.example"}, None),
        "i-1": ("invoice", {"ref_number": "SO-1042", "customer": {"external_id": "c-1"}}, "W-1042"),
    }
    with database.begin() as conn:
        conn.execute(text(FORMER_CONNECTOR))
        added = FORMER_RECORD.replace("match_key, ", "").replace(":key, ", "")
        for number, external_id in enumerate(contents, start=1):
            conn.execute(text(added), {"id": number, "external_id": external_id})
            kind, content, name = contents[external_id]
            values = {"id": number, "kind": kind, "content": json.dumps(content), "name": name}
            told = (
                "UPDATE record SET kind = :kind, content = :content, quickbooks_name = :name WHERE id = :id"
            )
            conn.execute(text(told), values)
    database.upgrade()

    def found(conn: Connection, **wanted: Any) -> list[str]:
        return [record.external_id for record in finding.find(conn, 1, finding.Wanted(**wanted))]

    with database.read() as conn:
        assert found(conn, number="so-1042") == found(conn, number="W-1042") == ["i-1"]
        assert found(conn, parties=["external_id:c-1"]) == ["i-1"]
        assert found(conn, words=beginnings_asked("harb ap@")) == ["c-1"]


def test_the_finer_word_of_an_error_record_of_a_former_version_is_what_the_program_says(
    empty_url: str, open_database: Callable[[str], Database]
) -> None:
    migration = runpy.run_path(str(FOLDER / "versions" / "0029_finer_words_of_errors.py"))
    for cause in EXAMPLES:
        assert migration["sub_reason_of"](cause.name, cause.data()) == cause.sub_reason, cause
    database = open_database(empty_url)
    upgrade_to(database, "0028")
    with database.begin() as conn:
        conn.execute(text(FORMER_CONNECTOR))
        opened = text(
            "INSERT INTO error (connector_id, cause, cause_key, folded_key, data, opened_at, closed_at) "
            "VALUES (1, :cause, :key, :key, :data, '2026-11-20 15:00:00+00:00', '2026-11-20 15:00:00+00:00')"
        )
        for cause in EXAMPLES:
            conn.execute(opened, {"cause": cause.name, "key": cause.key, "data": json.dumps(cause.data())})
    database.upgrade()
    with database.read() as conn:
        found = list(conn.execute(text("SELECT sub_reason FROM error ORDER BY id")).scalars())
    assert found == [cause.sub_reason for cause in EXAMPLES]


def test_connectors_that_exist_have_no_raw_requests(
    empty_url: str, open_database: Callable[[str], Database]
) -> None:
    database = open_database(empty_url)
    upgrade_to(database, "0029")
    with database.begin() as conn:
        conn.execute(text(FORMER_CONNECTOR))
    database.upgrade()
    with database.begin() as conn:
        assert connectors.by_name(conn, "acme").has_requests is False
        assert raw_requests.page(conn, 1, limit=10) == []


def test_what_was_lost_before_somebody_was_asked_about_it_is_asked_about_once(
    empty_url: str, open_database: Callable[[str], Database]
) -> None:
    database, lost_at = open_database(empty_url), datetime(2026, 11, 20, 15, tzinfo=UTC)
    upgrade_to(database, "0045")
    with database.begin() as conn:
        conn.execute(text(FORMER_CONNECTOR))
        requests = {
            name: raw_requests.add(
                conn, 1, name=name, writes=writes, follow=False, text="<x/>", actor="host (till)", now=lost_at
            )
            for name, writes in [
                ("LostRq", True),
                ("AlsoLostRq", True),
                ("LetBeRq", True),
                ("AskedRq", True),
                ("FindRq", False),
            ]
        }
        for name, raw in requests.items():
            raw_requests.move(
                conn, raw, RawState.UNCERTAIN if name != "FindRq" else RawState.REFUSED, now=lost_at
            )
        for name in ("LetBeRq", "AskedRq"):
            errors.open_error(conn, 1, None, RequestUncertain(requests[name].id, name, "anna"), now=lost_at)
            if name == "LetBeRq":
                errors.close(conn, [each.id for each in errors.find(conn, 1)], "dismissed", now=lost_at)
    database.upgrade()
    with database.begin() as conn:
        found = errors.find(conn, 1)
        assert [each.cause for each in found] == [
            RequestUncertain(requests["AskedRq"].id, "AskedRq", "anna"),
            RequestUncertain(requests["LostRq"].id, "LostRq", "host (till)"),
            RequestUncertain(requests["AlsoLostRq"].id, "AlsoLostRq", "host (till)"),
        ]
        assert {each.opened_at for each in found} == {lost_at}
        assert kept_counts.wrong(conn) == []


def test_keys_of_a_former_version_have_no_requests_that_may_come_again(
    empty_url: str, open_database: Callable[[str], Database]
) -> None:
    database, now = open_database(empty_url), datetime(2026, 11, 20, tzinfo=UTC)
    upgrade_to(database, "0030")
    with database.begin() as conn:
        conn.execute(text(FORMER_CONNECTOR))
        made = api_keys.add(conn, "till", "d", 1, scope=Scope.WRITE, expires_at=None, now=now)
    database.upgrade()
    ours = Claim(made.id, "k", "d", now, now)
    with database.begin() as conn:
        assert idempotency.claim(conn, ours, kept_since=now, takes_over=False)
        assert not idempotency.claim(conn, ours, kept_since=now, takes_over=False)


def test_deeds_of_a_former_version_are_told_once_and_by_day(
    empty_url: str, open_database: Callable[[str], Database]
) -> None:
    database, now = open_database(empty_url), datetime(2026, 11, 20, tzinfo=UTC)
    upgrade_to(database, "0035")
    with database.begin() as conn:
        conn.execute(text(FORMER_CONNECTOR))
        conn.execute(
            text("INSERT INTO audit (at, actor, what, about) VALUES (:at, 'ann', 'user added', 'bob')"),
            {"at": "2026-11-20 15:00:00+00:00"},
        )
        noted = text(
            "INSERT INTO event (connector_id, at, type, what, actor) "
            "VALUES (1, :at, 'connector.paused', 'paused', :actor)"
        )
        for actor in ("ann", "server", "host (shop)"):
            conn.execute(noted, {"at": "2026-11-20 15:00:00+00:00", "actor": actor})
    database.upgrade()
    with database.read() as conn:
        (deed,) = audit.newest(conn)
        found = log_pages.find_events(
            conn, 1, log_pages.Wanted(deeds=True, since=now), log_pages.Place(), limit=9
        )
    assert (deed.about, deed.times, deed.last_at, deed.data) == ("bob", 1, None, None)
    assert [event.actor for event in found.events] == ["host (shop)", "ann"]


def test_users_of_a_former_version_may_sign_in_and_support_may_what_it_may_by_default(
    empty_url: str, open_database: Callable[[str], Database]
) -> None:
    database = open_database(empty_url)
    upgrade_to(database, "0033")
    with database.begin() as conn:
        conn.execute(text(FORMER_CONNECTOR))
        columns = "name, password_hash, role, session_stamp, created_at"
        values = "'ann', 'h', 'admin', 's', '2026-11-20 15:00:00+00:00'"
        conn.execute(text(f'INSERT INTO "user" ({columns}) VALUES ({values})'))
    database.upgrade()
    with database.read() as conn:
        assert users.named(conn, "ann").disabled_at is None
        assert support_rights.allowed(conn) == {right for right in Right if RIGHTS[right].default}


def test_the_days_of_a_former_version_are_counted_from_what_is_still_there(
    empty_url: str, open_database: Callable[[str], Database]
) -> None:
    database = open_database(empty_url)
    upgrade_to(database, "0031")
    with database.begin() as conn:
        conn.execute(text(FORMER_CONNECTOR))
        conn.execute(text("UPDATE connector SET last_seen_at = '2026-11-22 09:10:00+00:00'"))
        visit = text(
            "INSERT INTO session (id, connector_id, ticket_digest, state, opened_at, last_call_at, ended_at, "
            "end_reason, quarantined, last_error, connection_errors) "
            "VALUES (:id, 1, :id, :state, :opened, :opened, :ended, :reason, false, '', 0)"
        )
        for number, (state, opened, minutes, reason) in enumerate(FORMER_VISITS):
            moment = datetime.fromisoformat(f"{opened}+00:00")
            ended = None if minutes is None else moment + timedelta(minutes=minutes)
            values = {"id": number + 1, "state": state, "opened": moment, "ended": ended, "reason": reason}
            conn.execute(
                visit.bindparams(bindparam("opened", type_=Moment), bindparam("ended", type_=Moment)), values
            )
        happened = text(
            "INSERT INTO event (connector_id, at, type, what, from_state, to_state, actor) "
            "VALUES (1, :at, 'invoice.other', 'x', :before, :after, 'host')"
        ).bindparams(bindparam("at", type_=Moment))
        for hour, before, after in FORMER_STEPS:
            at = datetime(2026, 11, 20, tzinfo=UTC) + timedelta(hours=hour)
            conn.execute(happened, {"at": at, "before": before, "after": after})
        conn.execute(
            text(
                "INSERT INTO error (connector_id, cause, cause_key, folded_key, data, opened_at) "
                "VALUES (1, 'uncertain', 'k', 'k', '{}', '2026-11-21 00:00:00+00:00')"
            )
        )
        conn.execute(
            text(
                "INSERT INTO message_set (id, connector_id, session_id, state, writes, resent, text, sent_at, "
                "answered_at) VALUES (1, 1, 1, 'answered', true, false, '', '2026-11-20 15:00:00+00:00', "
                "'2026-11-20 15:00:30+00:00')"
            )
        )
        asked = text(
            "INSERT INTO request (id, message_set_id, connector_id, position, operation, data, settled, absent) "
            "VALUES (:id, 1, 1, 0, :operation, '{}', true, false)"
        )
        for name, operation in (("a", "add"), ("b", "mod"), ("c", "number_probe")):
            conn.execute(asked, {"id": name, "operation": operation})
    database.upgrade()
    with database.begin() as conn:
        found = days.of(conn, [1], date(2026, 1, 1))[1]
        assert connectors.get(conn, 1).habit is None
    assert [replace(day, write_seconds=round(day.write_seconds, 3)) for day in found] == [
        Day(date(2026, 11, 20), hours=1 << 15 | 1 << 23, visits=2, visits_failed=1, synced=2, blocked=1,
            writes=2, write_seconds=30.0),
        Day(date(2026, 11, 21), visits=1, synced=1, errors_opened=1),
        Day(date(2026, 11, 22), hours=1 << 9 | 1 << 10),
    ]  # fmt: skip


FORMER_VISITS = [
    ("closed", "2026-11-20 15:00:00", 5, "Nothing to do."),
    ("superseded", "2026-11-20 15:10:00", 5, "a new session took its place"),
    ("closed", "2026-11-20 23:59:00", 5, "finished"),
    ("open", "2026-11-22 10:00:00", None, None),
]
FORMER_STEPS = [
    (15, "queued", "synced"),
    (15.1, "queued", "blocked"),
    (15.2, "blocked", "blocked"),
    (15.3, "queued", "sent"),
    (23.99, "uncertain", "synced"),
    (24.01, "sent", "synced"),
]


def test_the_documents_of_a_former_version_come_to_what_their_lines_say(
    empty_url: str, open_database: Callable[[str], Database]
) -> None:
    database = open_database(empty_url)
    upgrade_to(database, "0031")
    contents = {
        "c-1": ("customer", {"name": "Harbour Fish"}, None),
        "i-1": ("invoice", {"lines": [{"quantity": "3", "rate": "146.665"}]}, 44000),
        "i-2": ("invoice", {"lines": [{"quantity": "3", "item": {"sku": "A"}}]}, None),
        "p-1": ("purchase_order", {"lines": [{"amount": "1240.50"}]}, 124050),
    }
    with database.begin() as conn:
        conn.execute(text(FORMER_CONNECTOR))
        added = FORMER_RECORD.replace("match_key, ", "").replace(":key, ", "")
        for number, (external_id, (kind, content, _)) in enumerate(contents.items(), start=1):
            conn.execute(text(added), {"id": number, "external_id": external_id})
            told = "UPDATE record SET kind = :kind, content = :content WHERE id = :id"
            conn.execute(text(told), {"id": number, "kind": kind, "content": json.dumps(content)})
    database.upgrade()
    with database.read() as conn:
        amounts = list(conn.execute(text("SELECT amount FROM record ORDER BY id")).scalars())
    assert amounts == [cents for _, _, cents in contents.values()]


def test_the_words_of_a_former_version_are_found_without_their_marks(
    empty_url: str, open_database: Callable[[str], Database]
) -> None:
    database = open_database(empty_url)
    upgrade_to(database, "0037")
    words = ["söhne", "ærø", "pier", "#öl-1", "~1-lö"] + [f"ö{number:04}" for number in range(1_500)]
    with database.begin() as conn:
        conn.execute(text(FORMER_CONNECTOR))
        added = FORMER_RECORD.replace("match_key, ", "").replace(":key, ", "")
        conn.execute(text(added), {"id": 1, "external_id": "c-1"})
        told = text("INSERT INTO record_word (connector_id, word, record_id) VALUES (1, :word, 1)")
        conn.execute(told, [{"word": word} for word in words])
    database.upgrade()
    with database.read() as conn:
        found = set(conn.execute(text("SELECT word FROM record_word")).scalars())
    assert found >= {*words, "sohne", "soehne", "aero", "aeroe", "o0000", "oe1499"}
    assert len(found) == len(words) + 2 + 2 + 2 * 1_500


def test_the_customers_of_a_former_version_stay_known_and_are_loaded_anew(
    empty_url: str, open_database: Callable[[str], Database]
) -> None:
    database = open_database(empty_url)
    upgrade_to(database, "0038")
    now = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
    former = [
        "ListID",
        "EditSequence",
        "Name",
        "FullName",
        "IsActive",
        "TimeModified",
        "ExternalGUID",
        "Email",
    ]
    with database.begin() as conn:
        conn.execute(text(FORMER_CONNECTOR))
        entry = text(
            "INSERT INTO list_entry (connector_id, list_name, list_id, type, full_name, name_key, is_active, "
            "is_deleted, seen_in_load) VALUES (1, 'customer', '1', 'Customer', 'Quay', 'quay', true, false, 3)"
        )
        conn.execute(entry)
        load = text(
            "INSERT INTO list_load (connector_id, list_name, number, loaded_at, is_resumed, changes, fields) "
            "VALUES (1, 'customer', 3, '2026-11-20 14:59:00+00:00', false, '{}', :fields)"
        )
        conn.execute(load, {"fields": json.dumps([*former, "AccountNumber", "TermsRef"])})
    database.upgrade()
    with database.begin() as conn:
        (quay,) = lists.page(conn, 1, ListName.CUSTOMER)
        assert (quay.full_name, quay.shown, quay.told_at) == ("Quay", (None,) * 4, None)
        assert list_cache.any_due(conn, connectors.get(conn, 1), now)
        assert lists.all_loaded(conn, 1, [ListName.CUSTOMER])


def test_the_entries_of_a_former_version_are_found_by_any_word_of_their_names(
    empty_url: str, open_database: Callable[[str], Database]
) -> None:
    database = open_database(empty_url)
    upgrade_to(database, "0039")
    names = ["Quay", "Ocean Grill:Söhne_am Hafen", "Ærø & Co. KG", "a-b c", "Net 30", "名 前", "1/2 Oyster"]
    with database.begin() as conn:
        conn.execute(text(FORMER_CONNECTOR))
        entry = text(
            "INSERT INTO list_entry (connector_id, list_name, list_id, type, full_name, name_key, is_active, "
            "is_deleted, seen_in_load) VALUES (1, 'customer', :id, 'Customer', :name, :key, true, false, 3)"
        )
        every = [*names, *(f"Pier {number:05}" for number in range(2_500))]
        rows = [{"id": str(number), "name": name, "key": fold(name)} for number, name in enumerate(every)]
        conn.execute(entry, rows)
    database.upgrade()
    with database.read() as conn:
        kept = {tuple(row) for row in conn.execute(text("SELECT list_id, word FROM entry_word"))}
        (found,) = searching.entries(conn, [1], "soehne", ["soehne"], limit=5)
    # the migration tells the words as the program does
    assert kept == {(str(n), word) for n, name in enumerate(every) for word in words_of_entry(fold(name))}
    assert found[1].full_name == names[1]


def test_the_documents_of_a_former_version_are_found_by_the_items_their_lines_name(
    empty_url: str, open_database: Callable[[str], Database]
) -> None:
    database = open_database(empty_url)
    upgrade_to(database, "0040")
    lines = [
        {"item": {"sku": " a–77 "}, "quantity": "1"},
        {"item": "Fish:Oyster"},
        {"item": {"list_id": "80-1"}},
        {"item": {"external_id": "i 1"}},
        {"item": {"sku": "A-77"}, "item_group": {"full_name": "Box"}},
        {"desc": "thanks"},
    ]
    contents = [
        ("invoice", {"lines": lines}),
        ("purchase_order", {"lines": lines[:1]}),
        ("item", {"sku": "A-77"}),
    ]
    with database.begin() as conn:
        conn.execute(text(FORMER_CONNECTOR))
        added = FORMER_RECORD.replace("match_key, ", "").replace(":key, ", "")
        for number, (kind, content) in enumerate(contents, start=1):
            conn.execute(text(added), {"id": number, "external_id": f"r-{number}"})
            told = "UPDATE record SET kind = :kind, content = :content WHERE id = :id"
            conn.execute(text(told), {"id": number, "kind": kind, "content": json.dumps(content)})
    database.upgrade()
    with database.begin() as conn:
        kept = {
            tuple(row)
            for row in conn.execute(text("SELECT record_id, word FROM record_word WHERE word < '!'"))
        }
        keys = [item_key("sku", "A-77"), item_key("list_id", "80-1"), item_key("external_id", "none")]
        assert of_item.newest(conn, 1, keys, limit=5) == [2, 1]
        assert of_item.newest(conn, 1, keys, limit=1) == [2]
    every = enumerate(contents, start=1)
    assert kept == {(n, word) for n, (kind, content) in every for word in items_of(Kind(kind), content)}
    assert len(kept) == 6


def test_the_visits_of_a_former_version_in_which_something_was_refused_are_known(
    empty_url: str, open_database: Callable[[str], Database]
) -> None:
    database = open_database(empty_url)
    upgrade_to(database, "0045")
    now = "2026-11-20 15:00:00+00:00"
    with database.begin() as conn:
        conn.execute(text(FORMER_CONNECTOR))
        for number, (hresult, severity) in enumerate(
            [(None, "Info"), (None, "Error"), ("0x80040400", None)], 1
        ):
            given = {"id": number, "now": now, "hresult": hresult, "severity": severity}
            for statement in (
                "INSERT INTO session (id, connector_id, ticket_digest, state, opened_at, last_call_at, quarantined, "
                "last_error, connection_errors) VALUES (:id, 1, :id || 't', 'closed', :now, :now, false, '', 0)",
                "INSERT INTO message_set (id, connector_id, session_id, state, writes, resent, text, sent_at, hresult) "
                "VALUES (:id, 1, :id, 'answered', true, false, '', :now, :hresult)",
                "INSERT INTO request (id, message_set_id, connector_id, position, operation, data, settled, absent, "
                "status_severity) VALUES (:id || 'r', :id, 1, 0, 'add', '{}', true, false, :severity)",
            ):
                asked = text(statement)
                conn.execute(asked, {name: given[name] for name in asked.compile().params})
    database.upgrade()
    with database.read() as conn:
        failed = visit_pages.WantedVisits(failed=True)
        found = visit_pages.find_visits(conn, 1, failed, log_pages.NEWEST, limit=9)
        assert [each.id for each in found] == [3, 2]


def test_how_far_a_load_had_come_in_a_former_version_is_told_on(
    empty_url: str, open_database: Callable[[str], Database]
) -> None:
    database = open_database(empty_url)
    upgrade_to(database, "0050")
    with database.begin() as conn:
        conn.execute(text(FORMER_CONNECTOR))
        entry = text(
            "INSERT INTO list_entry (connector_id, list_name, list_id, type, full_name, name_key, is_active, "
            "is_deleted, seen_in_load) VALUES (1, 'customer', :id, 'Customer', 'Quay', 'quay', true, false, :load)"
        )
        conn.execute(entry, [{"id": "1", "load": 3}, {"id": "2", "load": 3}, {"id": "3", "load": 2}])
        load = text(
            "INSERT INTO list_load (connector_id, list_name, number, running, is_resumed, changes, expected) "
            "VALUES (1, :list, 3, :running, false, '{}', 7)"
        )
        conn.execute(
            load, [{"list": "customer", "running": "full"}, {"list": "vendor", "running": "changes"}]
        )
    database.upgrade()
    with database.begin() as conn:
        customers, vendors = lists.loads(conn, 1, [ListName.CUSTOMER, ListName.VENDOR])
    assert (customers.read_so_far, vendors.left_to_tell) == (2, None)
