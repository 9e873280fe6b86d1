"""Rows of the people who use the site, and of the one-time tokens that let the first of them, or any of them, in."""

import secrets
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from qbwc_server.domain.faults import Conflict, NotFound
from qbwc_server.domain.people import Role, User
from qbwc_server.storage.schema import password_link, setup_token
from qbwc_server.storage.schema import user as table


def _value(row: Row[Any]) -> User:
    values = {name: value for name, value in row._mapping.items() if name != "password_hash"}
    return User(**{**values, "role": Role(values["role"])})


def _new_stamp() -> str:
    return secrets.token_urlsafe(12)


def add(conn: Connection, name: str, password_hash: str, role: Role, *, now: datetime) -> User:
    """Store a new user.

    Raises:
        Conflict: the name is taken.
    """
    query = insert(table).values(
        name=name, password_hash=password_hash, role=role, created_at=now, session_stamp=_new_stamp()
    )
    try:
        return _value(conn.execute(query.returning(*table.c)).one())
    except IntegrityError:
        raise Conflict(f"there is already a user named {name!r}") from None


def get(conn: Connection, user_id: int) -> User | None:
    """The user with this id, or None."""
    row = conn.execute(select(table).where(table.c.id == user_id)).one_or_none()
    return None if row is None else _value(row)


def with_hash(conn: Connection, name: str) -> tuple[User, str] | None:
    """The user with this name and their password hash, or None."""
    row = conn.execute(select(table).where(table.c.name == name)).one_or_none()
    return None if row is None else (_value(row), row.password_hash)


def set_hash(conn: Connection, user_id: int, password_hash: str) -> None:
    """Replace a password hash by another one of the same password."""
    conn.execute(update(table).where(table.c.id == user_id).values(password_hash=password_hash))


def named(conn: Connection, name: str) -> User:
    """The user with this name.

    Raises:
        NotFound: there is none.
    """
    found = with_hash(conn, name)
    if found is None:
        raise NotFound(f"there is no user named {name!r}")
    return found[0]


def set_password(conn: Connection, user_id: int, password_hash: str) -> User:
    """Give a user another password, which ends all their sessions, and any link to one."""
    drop_link(conn, user_id)
    query = update(table).where(table.c.id == user_id)
    query = query.values(password_hash=password_hash, session_stamp=_new_stamp())
    return _value(conn.execute(query.returning(*table.c)).one())


def set_role(conn: Connection, user_id: int, role: Role) -> User:
    """Give a user another role."""
    query = update(table).where(table.c.id == user_id).values(role=role)
    return _value(conn.execute(query.returning(*table.c)).one())


def set_disabled(conn: Connection, user_id: int, since: datetime | None) -> User:
    """Let a user sign in no more, which ends all their sessions and any link to a password; None: they may again."""
    drop_link(conn, user_id)
    query = update(table).where(table.c.id == user_id)
    query = query.values(disabled_at=since, session_stamp=_new_stamp())
    return _value(conn.execute(query.returning(*table.c)).one())


def replace_link(conn: Connection, user_id: int, digest: str, *, expires_at: datetime) -> None:
    """Make this the only link by which a user gives themselves a password."""
    drop_link(conn, user_id)
    conn.execute(insert(password_link).values(user_id=user_id, digest=digest, expires_at=expires_at))


def drop_link(conn: Connection, user_id: int) -> None:
    """Let no link give a user a password."""
    conn.execute(delete(password_link).where(password_link.c.user_id == user_id))


def use_link(conn: Connection, user_id: int, digest: str) -> bool:
    """Use up the link of a user; False when it is not theirs any more."""
    these = (password_link.c.user_id == user_id, password_link.c.digest == digest)
    return conn.execute(delete(password_link).where(*these)).rowcount == 1


def of_link(conn: Connection, digest: str, *, now: datetime) -> User | None:
    """Whose link this is, if its time is not over."""
    joined = select(table).join(password_link, password_link.c.user_id == table.c.id)
    query = joined.where(password_link.c.digest == digest, password_link.c.expires_at > now)
    row = conn.execute(query).one_or_none()
    return None if row is None else _value(row)


def signed_in(conn: Connection, user_id: int, *, now: datetime) -> None:
    """Note that a user signed in."""
    conn.execute(update(table).where(table.c.id == user_id).values(last_sign_in_at=now))


def remove(conn: Connection, user_id: int) -> None:
    """Forget a user; their sessions are over with that."""
    conn.execute(delete(table).where(table.c.id == user_id))


def lock_admins(conn: Connection) -> list[User]:
    """The admins who may sign in, held until the transaction ends: of two who take each other's role away, one is
    refused."""
    query = select(table).where(table.c.role == Role.ADMIN, table.c.disabled_at.is_(None))
    query = query.order_by(table.c.id).with_for_update()
    return [_value(row) for row in conn.execute(query)]


def end_sessions(conn: Connection, user_id: int) -> None:
    """End every session of a user."""
    conn.execute(update(table).where(table.c.id == user_id).values(session_stamp=_new_stamp()))


def end_every_session(conn: Connection) -> None:
    """End the sessions of everybody."""
    for user_id in conn.execute(select(table.c.id)).scalars().all():
        end_sessions(conn, user_id)


def every(conn: Connection) -> list[User]:
    """All users, by name."""
    return [_value(row) for row in conn.execute(select(table).order_by(table.c.name))]


def count(conn: Connection) -> int:
    """How many users there are."""
    return conn.execute(select(func.count()).select_from(table)).scalar_one()


def replace_setup_token(conn: Connection, digest: str | None, *, now: datetime) -> None:
    """Make this the only valid setup token; None leaves none."""
    conn.execute(delete(setup_token))
    if digest is not None:
        conn.execute(insert(setup_token).values(digest=digest, created_at=now))


def setup_digest(conn: Connection) -> str | None:
    """The digest of the valid setup token, or None."""
    return conn.execute(select(setup_token.c.digest)).scalar_one_or_none()
