"""Connectors: adding, setting, resetting, pausing them, and their .qwc file."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from qbwc_server.desk.administration import setting_changes
from qbwc_server.desk.standing import resyncs
from qbwc_server.desk.views.error_views import seen_file
from qbwc_server.domain import company_files, once
from qbwc_server.domain import qwc as qwc_file
from qbwc_server.domain.causes import CONNECTOR_WIDE, WrongCompanyFile
from qbwc_server.domain.connectors import Binding, Connector, check_name, digest, new_guid, new_password, same
from qbwc_server.domain.event_types import ConnectorHappening as Happening
from qbwc_server.domain.faults import Conflict, Fault, InvalidInput
from qbwc_server.domain.kinds import ListName
from qbwc_server.domain.sessions import RESET_BY_STAFF
from qbwc_server.domain.settings import ConnectorSettings
from qbwc_server.storage import Transaction, audit, errors, events, lists, onboarding, sessions
from qbwc_server.storage import connectors as rows
from qbwc_server.sync import connector_errors, resolve, session_ends
from qbwc_server.sync.core import Core
from qbwc_server.sync.look import look
from qbwc_server.sync.turn import turn


@dataclass(frozen=True, slots=True)
class NewConnector:
    """A connector just added, and its Web Connector password, which is shown this once."""

    connector: Connector
    password: str


def add(
    core: Core,
    name: str,
    *,
    company_file: str | None = None,
    settings: Mapping[str, Any] | None = None,
    salt: str | None = None,
    actor: str,
) -> NewConnector:
    """Add a connector with its own credentials, OwnerID and FileID.

    Args:
        salt: what its password is derived from, for whoever shows that again (`shown_password`); None: from nothing.

    Raises:
        InvalidInput: the name or a setting does not fit; all faults are listed.
        Conflict: the name is taken.
    """
    check_name(name)
    defaults = {"refresh_minutes": core.limits.refresh_minutes, "company_file": company_file}
    wanted = ConnectorSettings().changed(**{**defaults, **(settings or {})})
    password = _password(core, salt)
    with core.database.begin() as conn:
        connector = rows.add(
            conn,
            uuid=uuid4(),
            name=name,
            username=f"qbwc-{name.lower()}",
            password_digest=digest(core.digest_key, password),
            owner_id=new_guid(),
            file_id=new_guid(),
            settings=wanted,
            now=core.clock(),
        )
        _note(core, conn, connector, Happening.ADDED, actor)
        audit.add(conn, "connector added", name, at=core.clock(), actor=actor)
    return NewConnector(connector, password)


def get(core: Core, name: str) -> Connector:
    """The connector with this name.

    Raises:
        NotFound: there is none.
    """
    with core.database.read() as conn:
        return rows.by_name(conn, name)


def qwc(core: Core, name: str) -> bytes:
    """The .qwc file of a connector.

    Raises:
        NotFound: there is no such connector.
        InvalidInput: the Web Connector would refuse this server's public address.
    """
    return qwc_file.build(get(core, name), core.public_url)


def change_settings(core: Core, name: str, values: Mapping[str, Any], *, actor: str) -> Connector:
    """Set some of a connector's settings.

    Raises:
        InvalidInput: an unknown key, a value that does not fit, or an account or terms that QuickBooks does not
            have; all faults are listed, nothing is set.
        NotFound: there is no such connector.
    """
    with turn(core, name) as (conn, connector):
        wanted = connector.settings.changed(**values)
        _check_names(conn, connector, wanted, values)
        rows.change(conn, connector.id, settings=wanted)
        resolve.release_all(conn, rows.get(conn, connector.id), now=core.clock(), actor=actor)
        setting_changes.note(conn, connector, wanted, at=core.clock(), actor=actor)
        return rows.get(conn, connector.id)


_NAMED = {
    "template": ListName.TEMPLATE,
    "default_terms": ListName.TERMS,
    "default_income_account": ListName.ACCOUNT,
    "default_expense_account": ListName.ACCOUNT,
    "default_cogs_account": ListName.ACCOUNT,
    "default_asset_account": ListName.ACCOUNT,
}


def _check_names(
    conn: Transaction, connector: Connector, wanted: ConnectorSettings, values: Mapping[str, Any]
) -> None:
    """Refuse a setting that names what is not in QuickBooks, as far as the list cache can tell."""
    faults = []
    for key, list_name in _NAMED.items():
        name = getattr(wanted, key)
        (load,) = lists.loads(conn, connector.id, (list_name,))
        if key not in values or name is None or load.loaded_at is None:
            continue
        found = lists.by_name(conn, connector.id, list_name, name)
        if list_name is ListName.TEMPLATE:
            found = [entry for entry in found if entry.type == "Invoice"]
        if not any(entry.is_active and not entry.is_deleted for entry in found):
            faults.append(Fault(f"/{key}", f"QuickBooks has no active {list_name} named {name!r}"))
    if faults:
        raise InvalidInput(faults)


def rotate_password(core: Core, name: str, *, salt: str | None = None, actor: str) -> str:
    """Give a connector a new password, which is returned this once; the old one is dead. `salt` is as in `add`."""
    with core.database.begin() as conn:
        return new_password_in(core, conn, _locked(conn, name), actor, salt=salt)


def shown_password(core: Core, connector: Connector, salt: str) -> str | None:
    """The password that was derived from a salt, as long as it is the connector's."""
    password = once.password_of(core.digest_key, salt)
    return password if same(digest(core.digest_key, password), connector.password_digest) else None


def _password(core: Core, salt: str | None) -> str:
    return new_password() if salt is None else once.password_of(core.digest_key, salt)


def new_password_in(
    core: Core, conn: Transaction, connector: Connector, actor: str, *, salt: str | None = None
) -> str:
    """`rotate_password` within an open transaction that holds the connector."""
    password = _password(core, salt)
    rows.change(conn, connector.id, password_digest=digest(core.digest_key, password))
    _note(core, conn, connector, Happening.PASSWORD_ROTATED, actor)
    return password


def reset(core: Core, name: str, *, full: bool, salt: str | None = None, actor: str) -> str | None:
    """Start a connector afresh.

    A session reset ends the live session; what it held becomes uncertain, and is looked for in QuickBooks
    before anything is sent again. A full reset also gives a new password and a new FileID (the old .qwc is
    dead), and forgets the company-file binding and the list cache; no onboarding link opens anything any more.
    Records, links and history are kept. `salt` is as in `add`.

    Returns:
        The new password after a full reset, else None.
    """
    with core.database.begin() as conn:
        connector = _locked(conn, name)
        live = sessions.live(conn, connector.id)
        if live is not None:
            session_ends.end_session(conn, connector, live, RESET_BY_STAFF, now=core.clock())
        lists.drop_iterators(conn, connector.id)
        _note(core, conn, connector, Happening.FULL_RESET if full else Happening.SESSION_RESET, actor)
        if not full:
            return None
        lists.forget(conn, connector.id)
        onboarding.end(conn, connector.id, now=core.clock())
        rows.change(conn, connector.id, file_id=new_guid(), binding=None, last_message_set=None)
        _close_connector_errors(core, conn, connector, "full reset", actor)
        return new_password_in(core, conn, connector, actor, salt=salt)


def _close_connector_errors(
    core: Core, conn: Transaction, connector: Connector, reason: str, actor: str, **find: Any
) -> None:
    found = [
        item
        for item in errors.find(conn, connector.id, connector_wide=True, **find)
        if item.cause.name in CONNECTOR_WIDE
    ]
    connector_errors.close(conn, connector, found, reason, now=core.clock(), actor=actor)


def pause(core: Core, name: str, *, actor: str) -> None:
    """Let the connector's Web Connector find nothing to do until `resume`."""
    _set_paused(core, name, True, actor)


def resume(core: Core, name: str, *, actor: str) -> None:
    """End `pause`."""
    _set_paused(core, name, False, actor)


def _set_paused(core: Core, name: str, paused: bool, actor: str) -> None:
    with core.database.begin() as conn:
        connector = _locked(conn, name)
        rows.change(conn, connector.id, paused=paused)
        _note(core, conn, connector, Happening.PAUSED if paused else Happening.RESUMED, actor)


def resync(core: Core, name: str, *, actor: str) -> datetime | None:
    """Have the whole list cache loaded anew at the Web Connector's next visit, ahead of schedule, and everything
    tried again that waits for a moment to come.

    Returns: since when a Resync has been waiting, so that nothing was asked for; None when none was.
    """
    with core.database.begin() as conn:
        return resyncs.ask(conn, _locked(conn, name), now=core.clock(), actor=actor)


def file_to_confirm(core: Core, name: str) -> Binding | None:
    """The company file that was open in place of the connector's own, and may be confirmed; None when there is none.

    Raises:
        NotFound: there is no such connector.
    """
    with look(core, name) as (conn, connector):
        return _seen_instead(conn, connector)


def confirm_company_file(core: Core, name: str, *, company: str, actor: str) -> Binding:
    """Accept the one company file that was found open as the right one: it was moved, renamed or restored. Its lists
    are read before anything is sent.

    Any third file is told as a wrong one again.

    Args:
        company: its company name as a person typed it (its path, if it reported no name).

    Raises:
        NotFound: there is no such connector.
        Conflict: no other file was found open.
        InvalidInput: that is not its name.
    """
    with core.database.begin() as conn:
        connector = _locked(conn, name)
        seen = _seen_instead(conn, connector)
        if seen is None:
            raise Conflict(f"{name} has no other company file to confirm; run the update with it open first")
        if not company_files.is_named(seen, company):
            wanted = seen.company_name or seen.path
            raise InvalidInput([Fault("/company", f"type the name of the company file: {wanted}")])
        rows.change(conn, connector.id, binding=seen)
        # the lists are the former file's: by them nothing may be matched or sent
        resyncs.ask(conn, connector, now=core.clock(), actor=actor)
        _close_connector_errors(
            core, conn, connector, f"confirmed by {actor}", actor, cause="wrong_company_file"
        )
        detail = ", ".join(filter(None, (seen.company_name, seen.path)))
        _note(core, conn, connector, Happening.COMPANY_FILE_CONFIRMED, actor, detail)
        return seen


def _seen_instead(conn: Transaction, connector: Connector) -> Binding | None:
    for item in errors.find(conn, connector.id, cause=WrongCompanyFile.name, connector_wide=True):
        if (seen := seen_file(item.cause)) is not None:
            return seen
    return None


def _locked(conn: Transaction, name: str) -> Connector:
    return rows.lock_named(conn, name)


def _note(
    core: Core,
    conn: Transaction,
    connector: Connector,
    what: Happening,
    actor: str,
    detail: str | None = None,
) -> None:
    events.add(conn, connector.id, what, at=core.clock(), actor=actor, detail=detail)
