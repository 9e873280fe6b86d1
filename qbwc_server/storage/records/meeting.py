"""What records that are handed over meet: those there are, and all that whoever takes them in begins with, at once."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, bindparam, exists, func, or_, select, true

from qbwc_server.domain.kinds import Kind, ListName
from qbwc_server.domain.records import Record
from qbwc_server.storage import lists, rulings
from qbwc_server.storage.bulk import listed, one_of
from qbwc_server.storage.prepared import Prepared
from qbwc_server.storage.records.looking_up import Question, parts_of
from qbwc_server.storage.records.rows import value_of
from qbwc_server.storage.schema import connector, error, list_load, record, ruling


@dataclass(frozen=True, slots=True)
class Met:
    """What there is where records are handed over.

    Attributes:
        found: the records that have the keys that were asked for, as `look_up` finds them.
        in_trouble: the ids of those of them with open error records.
        is_refused: whether any record that is handed over was refused when it was handed over last.
    """

    found: Mapping[Question, list[tuple[str, Record]]]
    in_trouble: Collection[int]
    is_refused: bool


def meet(
    conn: Connection,
    connector_id: int,
    handed: Mapping[Kind, Collection[str]],
    wanted: Mapping[Question, Collection[str]],
    *,
    needed: Sequence[ListName],
) -> Met:
    """What there is where records are handed over; in one statement, however many they are.

    Whether the lists are loaded that a check needs, and whether people ruled anything, is remembered beside.

    Args:
        handed: what the host calls them.
        wanted: what is to be looked up; at least one question.
    """
    questions = tuple(wanted)
    keys = {f"keys_{number}": listed(conn, wanted[question]) for number, question in enumerate(questions)}
    names = [name for some in handed.values() for name in some]
    about = {"refused_kinds": listed(conn, handed), "refused_ids": listed(conn, names)}
    query = _meeting(conn.dialect.name, questions, tuple(needed))
    rows = query.rows(conn, {"connector_id": connector_id, **keys, **about})
    found: dict[Question, list[tuple[str, Record]]] = {question: [] for question in questions}
    in_trouble = set()
    for _, _, _, number, asked, *columns, is_in_trouble in rows:
        if number is not None:
            item = value_of(columns)
            found[questions[number]].append((asked, item))
            if is_in_trouble:
                in_trouble.add(item.id)
    for items in found.values():
        items.sort(key=lambda item: item[1].id)
    loaded, is_ruled, is_refused, *_ = rows[0]
    lists.keep_loaded(conn, connector_id, needed, are_loaded=loaded == len(needed))
    if not is_ruled:
        rulings.keep_none(conn, connector_id)
    return Met(found, in_trouble, is_refused)


def undisturbed(
    conn: Connection, connector_name: str, handed: Mapping[Kind, Collection[str]]
) -> dict[tuple[Kind, str], Record]:
    """Those of the records that are handed over that are there and have no trouble: no open error record, nothing they
    wait for, and none was refused when it was handed over last. One statement, that holds nobody up.

    Args:
        handed: what the host calls them.
    """
    names = [name for some in handed.values() for name in some]
    about = {"kinds": listed(conn, handed), "names": listed(conn, names), "connector_name": connector_name}
    found = map(value_of, _undisturbed(conn.dialect.name).rows(conn, about))
    return {(item.kind, item.external_id): item for item in found}


@lru_cache
def _undisturbed(dialect: str) -> Prepared:
    refused = (error.c.refused_kind == record.c.kind, error.c.refused_id == record.c.external_id)
    is_open = (error.c.connector_id == record.c.connector_id, error.c.closed_at.is_(None))
    return Prepared(
        select(*record.c)
        .join_from(connector, record, record.c.connector_id == connector.c.id)
        .where(
            connector.c.name == bindparam("connector_name"),
            one_of(dialect, record.c.kind, "kinds"),
            one_of(dialect, record.c.external_id, "names"),
            record.c.waiting == 0,
            ~_IN_TROUBLE,
            ~exists().where(*refused, *is_open),
        )
    )


@lru_cache(maxsize=256)
def _meeting(dialect: str, questions: Sequence[Question], needed: Sequence[ListName]) -> Prepared:
    """One row at least, as some of it is true whether there is any record or not."""
    facts = select(_loaded(needed), _IS_RULED, _is_refused(dialect)).subquery("facts")
    named = parts_of(dialect, questions, _IS_IN_TROUBLE).subquery("named")
    return Prepared(select(facts, named).select_from(facts.outerjoin(named, true())))


def _loaded(needed: Sequence[ListName]) -> Any:
    is_needed = or_(*(list_load.c.list_name == name for name in needed))
    mine = list_load.c.connector_id == bindparam("connector_id")
    query = select(func.count()).where(mine, is_needed, list_load.c.loaded_at.is_not(None))
    return query.scalar_subquery().label("loaded")


_IN_TROUBLE = exists().where(error.c.record_id == record.c.id, error.c.closed_at.is_(None))
_IS_IN_TROUBLE = _IN_TROUBLE.label("is_in_trouble")
_IS_RULED = exists().where(ruling.c.connector_id == bindparam("connector_id")).label("is_ruled")


def _is_refused(dialect: str) -> Any:
    return (
        exists()
        .where(
            error.c.connector_id == bindparam("connector_id"),
            one_of(dialect, error.c.refused_kind, "refused_kinds"),
            one_of(dialect, error.c.refused_id, "refused_ids"),
            error.c.closed_at.is_(None),
        )
        .label("is_refused")
    )
