"""What people agreed about error groups, in the tables: on every database, also one of a former version."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from sqlalchemy import text

from qbwc_server.desk.documents.documents import at_stake
from qbwc_server.domain.care import Care, Note, Snooze
from qbwc_server.domain.causes import ItemNotMatched
from qbwc_server.domain.errors import Narrowed, Total
from qbwc_server.domain.kinds import Kind, ListName
from qbwc_server.domain.matching import ListEntry
from qbwc_server.storage import care, errors, kept_counts, lists, records
from qbwc_server.storage.database import Database
from tests.worlds.former_database import FORMER_CONNECTOR, upgrade_to

NOW = datetime(2026, 11, 27, 16, 0, tzinfo=UTC)
KEY = ("item_not_matched", "sku:A-77")


def test_of_a_former_version_nothing_is_agreed_and_everything_can_be(
    empty_url: str, open_database: Callable[[str], Database]
) -> None:
    database = open_database(empty_url)
    upgrade_to(database, "0036")
    with database.begin() as conn:
        conn.execute(text(FORMER_CONNECTOR))
    database.upgrade()
    snooze = Snooze(NOW + timedelta(days=1), "ann", 3, frozenset({"invoice", "customer"}))
    with database.begin() as conn:
        assert care.every(conn, 1) == {}
        assert care.of(conn, 1, *KEY) == Care()
        care.snooze(conn, 1, *KEY, snooze, now=NOW)
        care.assign(conn, 1, *KEY, "ben", now=NOW)
        care.note(conn, 1, *KEY, "told the customer", actor="ann", now=NOW)
    with database.begin() as conn:
        assert care.every(conn, 1) == {KEY: Care("ben", snooze)}
        assert care.notes(conn, 1, *KEY, limit=5) == [Note(NOW, "ann", "told the customer")]
        care.snooze(conn, 1, *KEY, None, now=NOW)
        assert care.of(conn, 1, *KEY) == Care("ben")


def test_it_is_forgotten_once_nothing_was_open_since(
    empty_url: str, open_database: Callable[[str], Database]
) -> None:
    database = open_database(empty_url)
    database.upgrade()
    day = timedelta(days=1)
    with database.begin() as conn:
        conn.execute(text(FORMER_CONNECTOR))
        record = records.add(conn, 1, Kind.INVOICE, "i", {}, now=NOW, actor="host")
        care.assign(conn, 1, *KEY, "ben", now=NOW)
        care.note(conn, 1, *KEY, "n", actor="ann", now=NOW)
        errors.open_error(
            conn, 1, record.id, ItemNotMatched("sku_unknown", "invoice i", "line 1", "A-77"), now=NOW
        )
    with database.begin() as conn:
        care.forget(conn, 1, before=NOW + 40 * day)
        assert care.of(conn, 1, *KEY) == Care("ben")
        errors.close_of_record(conn, record.id, "went away", now=NOW + 40 * day)
    with database.begin() as conn:
        care.forget(conn, 1, before=NOW + 40 * day)
        assert care.notes(conn, 1, *KEY, limit=5)
        care.forget(conn, 1, before=NOW + 41 * day)
        assert care.of(conn, 1, *KEY) == Care()
        assert care.notes(conn, 1, *KEY, limit=5) == []


def test_what_waits_is_added_up_by_key_and_by_cause(
    empty_url: str, open_database: Callable[[str], Database]
) -> None:
    database = open_database(empty_url)
    database.upgrade()
    with database.begin() as conn:
        conn.execute(text(FORMER_CONNECTOR))
        for number in range(3):
            line = {"quantity": "2", "rate": f"{number + 1}.25"}
            made = records.add(conn, 1, Kind.INVOICE, f"i{number}", {"lines": [line]}, now=NOW, actor="host")
            for sku in ("A-1", "A-2")[: 1 + number % 2]:
                cause = ItemNotMatched("sku_unknown", made.label, "line 1", sku)
                errors.open_error(conn, 1, made.id, cause, now=NOW + timedelta(hours=number))
    with database.begin() as conn:
        found = {each.cause_key: each.sum for each in errors.by_key(conn, 1)}
        (total,) = errors.by_cause(conn, 1).values()
        assert errors.by_key(conn, 1, Narrowed(sub_reason="")) == []
        families = [("item_not_matched", "sku_unknown")]
        (longest,) = errors.longest(conn, 1, families, "", [], limit=1)
        with_other = errors.longest(conn, 1, families, "", [("item_not_matched", "sku:A-2")], limit=1)
        assert errors.longest(conn, 1, families, "staff", [], limit=9) == []
        assert errors.longest(conn, 1, [("item_not_matched", None)], "", [], limit=9) == []
        assert errors.since_and_last(conn, 1, families, "") == {families[0]: (NOW, NOW + timedelta(hours=2))}
        (word,) = kept_counts.words(conn, [1])[1]
    assert (longest.cause_key, longest.sum.number, longest.sum.amount) == ("sku:A-1", 3, None)
    assert (longest.sum.since, longest.sum.last) == (NOW, NOW + timedelta(hours=2))
    assert {each.cause_key: each.sum.number for each in with_other} == {"sku:A-1": 3, "sku:A-2": 1}
    assert (word.number, word.groups) == (4, 2)
    assert [(found[key].number, str(found[key].amount)) for key in ("sku:A-1", "sku:A-2")] == [
        (3, "13.5"),
        (1, "4.5"),
    ]
    assert (total.number, str(total.amount), total.kind) == (3, "13.5", Kind.INVOICE)
    assert (total.since, total.last) == (NOW, NOW + timedelta(hours=2))


def test_in_a_company_file_with_several_currencies_nothing_is_added_to_what_is_of_another(
    empty_url: str, open_database: Callable[[str], Database]
) -> None:
    database = open_database(empty_url)
    database.upgrade()
    euro, dollar = {"email": "ap@x.example, info@x.example"}, {"email": "ap@x.example"}
    whose: list[tuple[dict[str, str], str]] = [
        ({"list_id": "1"}, "Euro"),
        ({"full_name": "QUAY"}, "Euro"),
        ({"email": "Info@x.example"}, "Euro"),
        ({"external_id": "c-1"}, "Euro"),
        ({"list_id": "2"}, "US Dollar"),
        ({"email": "ap@x.example"}, ""),  # two have it
        ({"external_id": "nobody"}, ""),
    ]
    with database.begin() as conn:
        conn.execute(text(FORMER_CONNECTOR))
        lists.store(
            conn, 1, [_entry("1", "Quay", "Euro", **euro), _entry("2", "Pier", "US Dollar", **dollar)], load=1
        )
        own = records.add(conn, 1, Kind.CUSTOMER, "c-1", {"name": "Q"}, now=NOW, actor="host")
        records.change(conn, own, quickbooks_id="1", now=NOW)
        for number, (said, _) in enumerate(whose):
            given = {"customer": said, "lines": [{"amount": f"{2**number}.00"}]}
            made = records.add(conn, 1, Kind.INVOICE, f"i{number}", given, now=NOW, actor="host")
            for sku in ("A-1", "A-2"):
                errors.open_error(
                    conn, 1, made.id, ItemNotMatched("sku_unknown", made.label, "line 1", sku), now=NOW
                )
        (before,) = errors.by_cause(conn, 1).values()
        assert (before.amount, before.currencies) == (Decimal(127), ())
        codes = [_entry("3", "Euro", "EUR", ListName.CURRENCY), _entry("4", "Yen", "JPY", ListName.CURRENCY)]
        lists.store(conn, 1, codes, load=None)
    with database.begin() as conn:
        (total,) = errors.by_cause(conn, 1).values()
        groups = [each.sum for each in errors.by_key(conn, 1)]
    sums = (("EUR", Decimal(15)), ("US Dollar", Decimal(16)), ("", Decimal(96)))
    for each in (total, *groups):
        assert (each.number, each.amount, sorted(each.currencies)) == (7, None, sorted(sums))
    assert at_stake(total) == ["16.00 US Dollar", "15.00 EUR", "96.00 (currency not known)"]
    assert at_stake(Total.added(groups))[1] == "30.00 EUR"
    assert Total.added(groups).size == 254


def _entry(
    list_id: str, name: str, currency: str, list_name: ListName = ListName.CUSTOMER, email: str | None = None
) -> ListEntry:
    return ListEntry(
        list_name, list_id, "T", name, True, False, email, None, "1", None, None, currency=currency
    )
