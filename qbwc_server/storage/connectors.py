"""Rows of connectors."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Unpack
from uuid import UUID

from sqlalchemy import Connection, Row, bindparam, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from qbwc_server.domain.connectors import Binding, Connector
from qbwc_server.domain.days import hour_bit, is_another_hour
from qbwc_server.domain.faults import Conflict, NoConnector
from qbwc_server.domain.settings import ConnectorSettings
from qbwc_server.storage import days, gathering
from qbwc_server.storage.bulk import among_ids
from qbwc_server.storage.columns import ConnectorColumns
from qbwc_server.storage.prepared import Prepared
from qbwc_server.storage.schema import connector as table
from qbwc_server.storage.schema import session

_COLUMNS = tuple(table.c.keys())

_IDENTIFIED = select(table).where(table.c.id == bindparam("which"))
_BY_ID = Prepared(_IDENTIFIED)
_NAMED = select(table).where(table.c.name == bindparam("name"))
_BY_NAME = Prepared(_NAMED)
_BY_USERNAME = select(table).where(table.c.username == bindparam("username"))
_LOCK = Prepared(_IDENTIFIED.with_for_update())
_LOCK_NAMED = Prepared(_NAMED.with_for_update())
_OF_TICKET = select(session.c.connector_id).where(session.c.ticket_digest == bindparam("ticket_digest"))
_LOCK_OF_TICKET = Prepared(select(table).where(table.c.id == _OF_TICKET.scalar_subquery()).with_for_update())
_CHANGE = Prepared(update(table).where(table.c.id == bindparam("which")))


def _value(row: Row[Any]) -> Connector:
    return value_of(tuple(row))


def value_of(columns: Sequence[Any]) -> Connector:
    """The connector whose columns, all of them, these are."""
    values = dict(zip(_COLUMNS, columns, strict=True))
    values["settings"] = _settings_of(values["settings"])
    values["binding"] = _bound(values["binding"])
    return Connector(**values)


def _settings_of(stored: Mapping[str, Any]) -> ConnectorSettings:
    """The settings in a row. They are read with every call and change once in a while, so each is validated once."""
    told = repr(stored)
    known = _validated.get(told)
    if known is None:
        if len(_validated) >= _MOST_VALIDATED:
            _validated.clear()
        known = _validated[told] = ConnectorSettings.model_validate(stored)
    return known


_validated: dict[str, ConnectorSettings] = {}
_MOST_VALIDATED = 2_000


def add(
    conn: Connection,
    *,
    uuid: UUID,
    name: str,
    username: str,
    password_digest: str,
    owner_id: str,
    file_id: str,
    settings: ConnectorSettings,
    now: datetime,
) -> Connector:
    """Store a new connector.

    Raises:
        Conflict: the name or the user name is taken.
    """
    values = {
        "uuid": uuid,
        "name": name,
        "username": username,
        "password_digest": password_digest,
        "owner_id": owner_id,
        "file_id": file_id,
        "settings": settings.model_dump(),
        "paused": False,
        "is_restored": False,
        "is_verifying": False,
        "created_at": now,
    }
    try:
        row = conn.execute(insert(table).values(values).returning(*table.c)).one()
    except IntegrityError:
        raise Conflict(f"there is already a connector named {name!r}") from None
    return _value(row)


def get(conn: Connection, connector_id: int) -> Connector:
    """The connector with this id, which must exist."""
    (columns,) = _BY_ID.rows(conn, {"which": connector_id})
    return value_of(columns)


def by_name(conn: Connection, name: str) -> Connector:
    """The connector with this name.

    Raises:
        NoConnector: there is none.
    """
    row = _BY_NAME.row(conn, {"name": name})
    if row is None:
        raise NoConnector(name)
    return value_of(row)


def by_username(conn: Connection, username: str) -> Connector | None:
    """The connector with this Web Connector user name, or None."""
    row = conn.execute(_BY_USERNAME, {"username": username}).one_or_none()
    return None if row is None else _value(row)


def every(conn: Connection) -> list[Connector]:
    """All connectors that live, by name."""
    query = select(table).where(table.c.removed_at.is_(None)).order_by(table.c.name)
    return [_value(row) for row in conn.execute(query)]


def living(conn: Connection) -> dict[int, str]:
    """What all connectors that live are called, by their ids and in the order of the names."""
    query = select(table.c.id, table.c.name).where(table.c.removed_at.is_(None)).order_by(table.c.name)
    return dict(conn.execute(query).all())


def with_guid(conn: Connection, guid: UUID) -> set[int]:
    """The ids of those that have this GUID, or whose Web Connector file has it."""
    written = f"{{{guid}}}".upper()
    is_it = or_(table.c.uuid == guid, table.c.owner_id == written, table.c.file_id == written)
    return set(conn.execute(select(table.c.id).where(is_it)).scalars())


def page(conn: Connection, *, after: str, limit: int) -> list[Connector]:
    """Connectors that live, by name, behind one."""
    query = select(table).where(table.c.removed_at.is_(None), table.c.name > after)
    return [_value(row) for row in conn.execute(query.order_by(table.c.name).limit(limit))]


@dataclass(frozen=True, slots=True)
class Brief:
    """As much of a connector as tells, with the numbers that are kept, where it stands among all.

    Attributes:
        company: of the company file it is bound to.
    """

    id: int
    name: str
    company: str | None
    last_seen_at: datetime | None
    paused: bool
    run_every_minutes: int
    habit: str | None


_USUAL = ConnectorSettings()
_BRIEF = (
    select(
        table.c.id,
        table.c.name,
        table.c.binding["company_name"].as_string(),
        table.c.last_seen_at,
        table.c.paused,
        func.coalesce(table.c.settings["run_every_minutes"].as_integer(), _USUAL.run_every_minutes),
        table.c.habit,
    )
    .where(table.c.removed_at.is_(None))
    .order_by(table.c.name)
)


def briefs(conn: Connection) -> list[Brief]:
    """All connectors that live, by name, in brief."""
    return [Brief(*row) for row in conn.execute(_BRIEF)]


def some(conn: Connection, ids: Collection[int]) -> dict[int, Connector]:
    """The connectors with these ids."""
    found = map(_value, conn.execute(select(table).where(among_ids(conn, table.c.id, ids))))
    return {connector.id: connector for connector in found}


def names(conn: Connection, connector_ids: Collection[int]) -> dict[int, tuple[str, bool]]:
    """What these connectors are called, and whether they were removed."""
    query = select(table).where(among_ids(conn, table.c.id, connector_ids))
    found = [_value(row) for row in conn.execute(query)]
    return {item.id: (item.given_name, item.removed_at is not None) for item in found}


def not_tidied_since(conn: Connection, moment: datetime) -> list[int]:
    """The ids of those whose old texts were last looked for before a moment, or never; removed ones too."""
    query = select(table.c.id).where(or_(table.c.tidied_at.is_(None), table.c.tidied_at <= moment))
    return list(conn.execute(query.order_by(table.c.id)).scalars())


def buried(conn: Connection) -> list[Connector]:
    """All that were removed, the last one first."""
    query = (
        select(table).where(table.c.removed_at.is_not(None)).order_by(table.c.removed_at.desc(), table.c.id)
    )
    return [_value(row) for row in conn.execute(query)]


def bury(conn: Connection, connector: Connector, *, now: datetime) -> Connector:
    """Take a connector its name and user name, under which it is found by everybody who comes."""
    name, username = connector.buried(connector.name), connector.buried(connector.username)
    change(conn, connector.id, name=name, username=username, removed_at=now)
    return get(conn, connector.id)


def unearth(conn: Connection, connector: Connector, name: str, username: str) -> None:
    """Give a removed connector a name and a user name again."""
    change(conn, connector.id, name=name, username=username, removed_at=None)


def is_there(conn: Connection, connector_id: int) -> bool:
    """Whether a connector, dead or alive, is there; held until the transaction ends."""
    query = select(table.c.id).where(table.c.id == connector_id).with_for_update()
    return conn.execute(query).one_or_none() is not None


def lock_named(conn: Connection, name: str) -> Connector:
    """The connector with this name, held as `lock` does.

    Raises:
        NotFound: there is none; not any more, perhaps, when it was its turn.
    """
    row = _LOCK_NAMED.row(conn, {"name": name})
    if row is None:
        raise NoConnector(name)
    return value_of(row)


def lock(conn: Connection, connector_id: int) -> Connector:
    """The connector, held until the transaction ends: whatever changes a connector's rows does so one by one.

    SQLite has one writer at a time anyhow; PostgreSQL locks the row.
    """
    (columns,) = _LOCK.rows(conn, {"which": connector_id})
    return value_of(columns)


def lock_of_ticket(conn: Connection, ticket_digest: str) -> Connector | None:
    """The connector of the session with this ticket, held as `lock` does; None for a ticket that nobody has."""
    columns = _LOCK_OF_TICKET.row(conn, {"ticket_digest": ticket_digest})
    return None if columns is None else value_of(columns)


def see(conn: Connection, connector: Connector, *, now: datetime) -> None:
    """Note that its Web Connector called, to the minute: its day, to the hour. One may call very often."""
    if not connector.was_seen(now):
        change(conn, connector.id, last_seen_at=now)
        if is_another_hour(connector.last_seen_at, now):
            days.add(conn, connector.id, now, hours=hour_bit(now))


def change(conn: Connection, connector_id: int, **values: Unpack[ConnectorColumns]) -> None:
    """Set columns of a connector; settings and binding are given as values of the domain."""
    columns: dict[str, Any] = {**values}
    if "settings" in values:
        columns["settings"] = values["settings"].model_dump()
    if (binding := values.get("binding")) is not None:
        columns["binding"] = _binding(binding)
    gathering.keep_back(conn, _store_changes, (connector_id, columns))


def _store_changes(conn: Connection, changes: Sequence[tuple[int, Mapping[str, Any]]]) -> None:
    for rows in gathering.together(changes):
        _CHANGE.write(conn, rows)


def _binding(binding: Binding) -> Mapping[str, Any]:
    return asdict(binding)


def _bound(stored: Mapping[str, Any] | None) -> Binding | None:
    """Rows of former versions know one path only."""
    return None if not stored else Binding(**{**stored, "paths": tuple(stored.get("paths", ()))})
