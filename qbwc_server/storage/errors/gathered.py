"""Open error records gathered by what they share: how many, since when, what is at stake; added up by the database."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, func, literal_column, select

from qbwc_server.domain.causes import Cause, restore
from qbwc_server.domain.errors import EVERY, Narrowed, QuickBooksAnswer, Total
from qbwc_server.storage import currencies
from qbwc_server.storage.bulk import among_ids
from qbwc_server.storage.schema import error as table
from qbwc_server.storage.schema import record
from qbwc_server.storage.types import Moment


@dataclass(frozen=True, slots=True)
class Gathered:
    """The open error records of one cause, with one finer word, behind one key.

    Attributes:
        first_id: the oldest of them; `record_id` a record that waits, of one that waits alone it.
    """

    cause: str
    sub_reason: str | None
    cause_key: str
    actor: str
    first_id: int
    record_id: int | None
    sum: Total


_GROUP = (table.c.cause, table.c.sub_reason, table.c.cause_key)
_CENTS = record.c.amount


def by_key(conn: Connection, connector_id: int, narrowed: Narrowed = EVERY) -> list[Gathered]:
    """What is open of a connector by cause, finer word and key; one statement, however many there are."""
    # of one key SQLite is not to read in the order of the words, which is that of all that has the cause
    word = (
        table.c.sub_reason if narrowed.cause_key is None else table.c.sub_reason.concat(literal_column("''"))
    )
    group = (table.c.cause, word.label("sub_reason"), table.c.cause_key)
    query = (
        select(
            *group,
            func.min(table.c.actor).label("actor"),
            func.min(table.c.id).label("first_id"),
            func.min(table.c.record_id).label("record_id"),
            *_summed(func.count(), func.sum(_CENTS)),
        )
        .select_from(_WITH_RECORD)
        .where(*is_open(connector_id, narrowed))
        .group_by(table.c.cause, word, table.c.cause_key)
    )
    found = conn.execute(query).all()
    told = _in_currencies(conn, connector_id, narrowed, _GROUP)
    return [
        Gathered(
            row.cause,
            row.sub_reason,
            row.cause_key,
            row.actor,
            row.first_id,
            row.record_id,
            _sum(row, told, (row.cause, row.sub_reason, row.cause_key)),
        )
        for row in found
    ]


def by_cause(
    conn: Connection, connector_id: int, narrowed: Narrowed = EVERY
) -> dict[tuple[str, str | None], Total]:
    """The same by cause and finer word; a record that waits for several keys of a cause is counted once."""
    each = (
        select(
            table.c.cause,
            table.c.sub_reason,
            func.coalesce(table.c.record_id, -table.c.id).label("whose"),
            func.min(_CENTS).label("cents"),
            func.min(_KIND).label("kind"),
            func.min(table.c.opened_at).label("began"),
            func.max(func.coalesce(table.c.last_at, table.c.opened_at)).label("ended"),
        )
        .select_from(_WITH_RECORD)
        .where(*is_open(connector_id, narrowed))
        .group_by(table.c.cause, table.c.sub_reason, func.coalesce(table.c.record_id, -table.c.id))
        .subquery()
    )
    query = select(
        each.c.cause,
        each.c.sub_reason,
        func.count().label("number"),
        func.sum(each.c.cents).label("cents"),
        func.min(each.c.began, type_=Moment).label("since"),
        func.max(each.c.ended, type_=Moment).label("last"),
        func.min(each.c.kind).label("least"),
        func.max(each.c.kind).label("most"),
    ).group_by(each.c.cause, each.c.sub_reason)
    told = _in_currencies(conn, connector_id, narrowed, _GROUP[:2])
    return {
        (row.cause, row.sub_reason): _sum(row, told, (row.cause, row.sub_reason))
        for row in conn.execute(query)
    }


_Sums = Mapping[tuple[str | None, ...], Sequence[tuple[str, Decimal]]]


def _in_currencies(
    conn: Connection, connector_id: int, narrowed: Narrowed, group: Sequence[ColumnElement[Any]]
) -> _Sums:
    """In a company file that has several currencies, what the documents of each group come to in each; else nothing.
    A record is counted once in a group."""
    if not currencies.has_several(conn, connector_id):
        return {}
    each = (
        select(
            *group,
            func.min(_CENTS).label("cents"),
            func.min(currencies.of_document()).label("currency"),
        )
        .select_from(_WITH_RECORD)
        .where(*is_open(connector_id, narrowed), _CENTS.is_not(None))
        .group_by(*group, table.c.record_id)
        .subquery()
    )
    names = [each.c[column.name] for column in group]
    query = select(*names, each.c.currency, func.sum(each.c.cents).label("cents")).group_by(
        *names, each.c.currency
    )
    rows = list(conn.execute(query))
    called = currencies.codes(conn, {(connector_id, row.currency) for row in rows if row.currency})
    found: dict[tuple[str | None, ...], list[tuple[str, Decimal]]] = {}
    for row in rows:
        code = called.get((connector_id, row.currency or ""), "")
        found.setdefault(tuple(row[: len(group)]), []).append((code, Decimal(int(row.cents)) / 100))
    return found


_WITH_RECORD = table.outerjoin(record, record.c.id == table.c.record_id)
_KIND = table.c.kind


def _summed(number: ColumnElement[int], cents: ColumnElement[Any]) -> tuple[ColumnElement[Any], ...]:
    last = func.max(func.coalesce(table.c.last_at, table.c.opened_at), type_=Moment)
    return (
        number.label("number"),
        cents.label("cents"),
        func.min(table.c.opened_at, type_=Moment).label("since"),
        last.label("last"),
        func.min(_KIND).label("least"),
        func.max(_KIND).label("most"),
    )


def is_open(connector_id: int, narrowed: Narrowed) -> Iterator[ColumnElement[bool]]:
    yield table.c.connector_id == connector_id
    yield table.c.closed_at.is_(None)
    for name in ("cause", "sub_reason", "actor", "cause_key"):
        value = getattr(narrowed, name)
        if value is not None:
            # an empty finer word: those that have none
            yield table.c[name].is_(None) if value == "" else table.c[name] == value


def _sum(row: Row[Any], told: _Sums, group: tuple[str | None, ...]) -> Total:
    kinds = tuple(dict.fromkeys(each for each in (row.least, row.most) if each is not None))
    amount = None if row.cents is None else Decimal(int(row.cents)) / 100
    made = Total(row.number, amount, row.since, row.last, kinds)
    return made.in_currencies(told[group]) if group in told else made


def causes(conn: Connection, error_ids: Collection[int]) -> dict[int, tuple[Cause, QuickBooksAnswer | None]]:
    """The causes of these error records with what QuickBooks said, by id, in one statement."""
    query: Select[Any] = select(
        table.c.id,
        table.c.cause,
        table.c.data,
        table.c.quickbooks_code,
        table.c.quickbooks_severity,
        table.c.quickbooks_message,
    ).where(among_ids(conn, table.c.id, error_ids))
    found = {}
    for error_id, cause, data, code, *said in conn.execute(query):
        answer = None if code is None else QuickBooksAnswer(code, *said)
        found[error_id] = (restore(cause, data), answer)
    return found
