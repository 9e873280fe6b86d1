"""How far each list is loaded."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any, Unpack

from sqlalchemy import (
    Connection,
    Integer,
    bindparam,
    exists,
    func,
    insert,
    select,
    update,
)

from qbwc_server.domain.kinds import ListName
from qbwc_server.domain.lists import ListLoad
from qbwc_server.storage import memory, rulings
from qbwc_server.storage.bulk import among_ids
from qbwc_server.storage.columns import LoadColumns
from qbwc_server.storage.lists.rows import REMEMBERED, these
from qbwc_server.storage.prepared import Prepared
from qbwc_server.storage.schema import list_entry as table
from qbwc_server.storage.schema import list_load, ruling


def _load(columns: Mapping[str, Any]) -> ListLoad:
    values = dict(columns)
    del values["connector_id"]
    values["list_name"] = ListName(values["list_name"])
    return ListLoad(**values)


def loads(conn: Connection, connector_id: int, wanted: Sequence[ListName]) -> list[ListLoad]:
    """How far the wanted lists are, in that order."""
    found = memory.recall(conn, REMEMBERED, ("loads", connector_id), lambda: every_load(conn, connector_id))
    return [found.get(name) or _NEVER[name] for name in wanted]


_NEVER = {name: ListLoad.never(name) for name in ListName}


def every_load(conn: Connection, connector_id: int) -> dict[ListName, ListLoad]:
    """How far each list is that was ever asked for."""
    found = _EVERY_LOAD.named(conn, {"connector_id": connector_id})
    return {load.list_name: load for load in map(_load, found)}


_EVERY_LOAD = Prepared(select(list_load).where(list_load.c.connector_id == bindparam("connector_id")))


def all_loaded(conn: Connection, connector_id: int, wanted: Sequence[ListName]) -> bool:
    """Whether each of these lists has been loaded at least once.

    Whoever asks is about to check records, so the same statement tells whether people ruled anything.
    """
    known = memory.known(conn, REMEMBERED, ("loads", connector_id))
    if known is not None:
        return all(name in known and known[name].loaded_at is not None for name in wanted)
    question = _loaded(connector_id, wanted)
    return memory.recall(conn, REMEMBERED, question, lambda: _all_loaded(conn, connector_id, wanted))


def keep_loaded(conn: Connection, connector_id: int, wanted: Sequence[ListName], *, are_loaded: bool) -> None:
    """It is known whether each of these lists has been loaded at least once."""
    memory.keep(conn, REMEMBERED, _loaded(connector_id, wanted), are_loaded)


def _loaded(connector_id: int, wanted: Sequence[ListName]) -> tuple[str, int, tuple[ListName, ...]]:
    """What `all_loaded` is remembered by."""
    return ("loaded", connector_id, tuple(wanted))


def _all_loaded(conn: Connection, connector_id: int, wanted: Sequence[ListName]) -> bool:
    ((loaded, is_ruled),) = _how_many_loaded(tuple(wanted)).rows(conn, {"connector_id": connector_id})
    if not is_ruled:
        rulings.keep_none(conn, connector_id)
    return int(loaded) == len(wanted)


@lru_cache
def _how_many_loaded(wanted: tuple[ListName, ...]) -> Prepared:
    loaded = select(func.count()).where(
        list_load.c.connector_id == bindparam("connector_id"),
        list_load.c.list_name.in_(wanted),
        list_load.c.loaded_at.is_not(None),
    )
    is_ruled = exists().where(ruling.c.connector_id == bindparam("connector_id"))
    return Prepared(select(loaded.scalar_subquery().label("loaded"), is_ruled.label("is_ruled")))


def change_load(
    conn: Connection, connector_id: int, list_name: ListName, **values: Unpack[LoadColumns]
) -> None:
    """Set columns of a list's progress; the first time makes its row."""
    known = memory.known(conn, REMEMBERED, ("loads", connector_id))
    memory.forget(conn, REMEMBERED)
    which = {"connector": connector_id, "which": list_name}
    if not conn.execute(_CHANGE, {**which, **values}).rowcount:
        first = {"connector_id": connector_id, "list_name": list_name, "number": 0, "is_resumed": False}
        conn.execute(_NEW, {**first, "changes": {}, **values})
    if known is not None:
        changed = replace(known.get(list_name) or _NEVER[list_name], **values)
        memory.keep(conn, REMEMBERED, ("loads", connector_id), {**known, list_name: changed})


_CHANGE = update(list_load).where(
    list_load.c.connector_id == bindparam("connector"), list_load.c.list_name == bindparam("which")
)
_NEW = insert(list_load)
"""What they set are the names of the values they are executed with."""


def count_changes(conn: Connection, connector_id: int, list_name: ListName, what: str, number: int) -> None:
    """Add to what the report on a list's last load counts."""
    (load,) = loads(conn, connector_id, (list_name,))
    change_load(
        conn, connector_id, list_name, changes={**load.changes, what: load.changes.get(what, 0) + number}
    )


def seen(conn: Connection, connector_id: int, list_name: ListName, load: int) -> int:
    """How many entries of a list a full load has seen."""
    query = select(func.count()).where(these(connector_id, list_name), table.c.seen_in_load == load)
    return conn.execute(query).scalar_one()


def drop_iterators(conn: Connection, connector_id: int) -> None:
    """Forget iterators: they die with the session that started them."""
    conn.execute(_DROP_ITERATORS, {"connector": connector_id})


_DROP_ITERATORS = (
    update(list_load)
    .where(list_load.c.connector_id == bindparam("connector"), list_load.c.running.is_not(None))
    .values(running=None, iterator_id=None, session_id=None)
)


def sizes(conn: Connection, connector_id: int) -> dict[ListName, int]:
    """How many living entries each list has."""
    query = select(list_load.c.list_name, list_load.c.entries).where(
        list_load.c.connector_id == connector_id, list_load.c.entries > 0
    )
    return {ListName(name): number for name, number in conn.execute(query)}


def loads_of(conn: Connection, connector_ids: Collection[int]) -> dict[int, list[ListLoad]]:
    """How far each list of each of these connectors is, in the order of the lists."""
    return memory.recall(
        conn, REMEMBERED, ("loads of", *connector_ids), lambda: _loads_of(conn, connector_ids)
    )


def _loads_of(conn: Connection, connector_ids: Collection[int]) -> dict[int, list[ListLoad]]:
    found: dict[int, dict[ListName, ListLoad]] = {connector_id: {} for connector_id in connector_ids}
    query = select(list_load).where(among_ids(conn, list_load.c.connector_id, connector_ids))
    for row in conn.execute(query):
        load = _load(row._asdict())
        found[row.connector_id][load.list_name] = load
    for each, of_it in found.items():
        memory.keep(conn, REMEMBERED, ("loads", each), of_it)
    return {each: [of_it.get(name) or _NEVER[name] for name in ListName] for each, of_it in found.items()}


def count_more(conn: Connection, connector_id: int, list_name: ListName, more: int) -> None:
    """Keep how many living entries a list has."""
    if not more:
        return
    given = {"connector": connector_id, "which": list_name, "more": more}
    if not conn.execute(_COUNT_MORE, given).rowcount:
        change_load(conn, connector_id, list_name, entries=more)


_COUNT_MORE = _CHANGE.values(entries=list_load.c.entries + bindparam("more", type_=Integer))
