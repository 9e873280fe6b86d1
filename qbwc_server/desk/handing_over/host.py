"""What a host asks for beside handing records over: pages of them, another try, the list cache."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from qbwc_server.desk.error_records import errors
from qbwc_server.desk.error_records.errors import group
from qbwc_server.desk.handing_over import intake
from qbwc_server.desk.pages import Page
from qbwc_server.desk.views import record_views
from qbwc_server.desk.views.error_views import ErrorGroup, ErrorRecord, shown
from qbwc_server.domain.decisions import Decision
from qbwc_server.domain.errors import EVERY, Narrowed
from qbwc_server.domain.faults import Fault, InvalidInput, NotFound
from qbwc_server.domain.kinds import Kind, ListName
from qbwc_server.domain.matching import ListEntry, email_keys, fold
from qbwc_server.domain.order import ANYTHING, Expected
from qbwc_server.domain.records import State
from qbwc_server.storage import Transaction, lists, records
from qbwc_server.storage import errors as error_rows
from qbwc_server.sync import resolve
from qbwc_server.sync.core import Core
from qbwc_server.sync.look import look
from qbwc_server.sync.turn import turn


@dataclass(frozen=True, slots=True)
class CachedList:
    """A part of a list of QuickBooks as it was when it was last loaded; `loaded_at` None: never yet."""

    page: Page[ListEntry, str]
    loaded_at: datetime | None


# --- records ------------------------------------------------------------------------------------------------


def retry(
    core: Core,
    connector_name: str,
    kind: Kind,
    external_id: str,
    *,
    actor: str,
    expected: Expected = ANYTHING,
) -> dict[str, Any]:
    """Try a blocked record again; one that is queued is left as it is.

    Returns:
        The record as `record_views.view` shows it: queued, or still blocked when the list cache shows that the cause
        remains.

    Raises:
        NotFound: there is no such connector or record.
        Conflict: it is neither blocked nor queued.
    """
    with turn(core, connector_name) as (conn, connector):
        record = record_views.existing(conn, connector, kind, external_id)
        expected.check(record.label, record)
        intake.ensure_may(conn, record, Decision.RETRY)
        if record.state is State.BLOCKED:
            resolve.retry(conn, connector, [record.id], now=core.clock(), actor=actor)
        return record_views.view_of(conn, records.get(conn, record.id))


def find(
    core: Core,
    connector_name: str,
    *,
    kind: Kind | None = None,
    state: State | None = None,
    after_id: int = 0,
    limit: int = 100,
) -> list[dict[str, Any]]:
    """A page of records as `record_views.view` shows them, each with its ``id`` for the next page's `after_id`."""
    with look(core, connector_name) as (conn, connector):
        page = records.page(conn, connector.id, kind=kind, state=state, after_id=after_id, limit=limit)
        return [
            {"id": record.id, **view}
            for record, view in zip(page, record_views.views_of(conn, page), strict=True)
        ]


# --- error records ------------------------------------------------------------------------------------------


def error_records(
    core: Core,
    connector_name: str,
    *,
    is_open: bool | None = True,
    narrowed: Narrowed = EVERY,
    after_id: int = 0,
    limit: int = 100,
) -> Page[ErrorRecord, int]:
    """Error records of a connector, oldest first; `is_open` None means open and closed ones.

    Raises:
        NotFound: there is no such connector.
    """
    with look(core, connector_name) as (conn, connector):
        found = error_rows.page(
            conn, connector.id, is_open=is_open, narrowed=narrowed, after_id=after_id, limit=limit + 1
        )
    items = tuple(shown(item) for item in found[:limit])
    return Page(items, items[-1].id if len(found) > limit else None)


def error_groups(
    core: Core,
    connector_name: str,
    *,
    is_open: bool | None = True,
    narrowed: Narrowed = EVERY,
    after_id: int = 0,
    limit: int = 100,
    most_listed: int = 100,
) -> Page[ErrorGroup, int]:
    """Error records of a connector by cause and cause key, in the order in which each group began.

    Args:
        after_id: `end` of the page before.
        most_listed: so many error records of a group are given at most.

    Raises:
        NotFound: there is no such connector.
        InvalidInput: groups are not told by what was asked for.
    """
    faults = [
        Fault(f"/{name}", "cannot be asked for together with group_by")
        for name in ("sub_reason", "kind", "external_id")
        if getattr(narrowed, name) is not None
    ]
    if faults:
        raise InvalidInput(faults)
    with look(core, connector_name) as (conn, connector):
        if is_open:
            asked = errors.groups_since(
                conn, connector.id, narrowed, after_id=after_id, limit=limit + 1, most_listed=most_listed
            )
        else:
            # what is over is kept in no groups
            found = error_rows.page(conn, connector.id, is_open=is_open, narrowed=narrowed, limit=None)
            groups = sorted(group(map(shown, found)), key=_oldest)
            asked = [(_oldest(item), item) for item in groups if _oldest(item) > after_id]
    items = tuple(item for _, item in asked[:limit])
    return Page(items, asked[limit - 1][0] if len(asked) > limit else None)


def _oldest(group: ErrorGroup) -> int:
    return group.errors[0].id


def error_record(core: Core, connector_name: str, error_id: int) -> ErrorRecord:
    """One error record of a connector, open or closed.

    Raises:
        NotFound: there is no such connector, or it has no such error record.
    """
    with look(core, connector_name) as (conn, connector):
        found = error_rows.find(conn, connector.id, open_only=False, ids=[error_id])
    if not found:
        raise NotFound(f"the connector {connector_name} has no error record {error_id}")
    return shown(found[0])


# --- the list cache -----------------------------------------------------------------------------------------


def look_up(
    core: Core,
    connector_name: str,
    list_name: ListName,
    *,
    email: str | None = None,
    sku: str | None = None,
    name: str | None = None,
    after: str = "",
    limit: int = 100,
) -> CachedList:
    """What QuickBooks' list holds, deleted entries left out, compared as in matching: in any case, trimmed.

    Args:
        email: one of the entry's addresses; customers and vendors have them.
        sku: its ManufacturerPartNumber; items have one.
        name: its FullName.
        after: `end` of the page before.

    Raises:
        NotFound: there is no such connector.
        InvalidInput: this list has no emails or no SKUs.
    """
    _check_filters(list_name, email, sku)
    with look(core, connector_name) as (conn, connector):
        (load,) = lists.loads(conn, connector.id, (list_name,))
        if email is None and sku is None and name is None:
            found = lists.page(conn, connector.id, list_name, after=after, limit=limit + 1)
        else:
            named = _named(conn, connector.id, list_name, email, sku, name)
            found = sorted((item for item in named if item.list_id > after), key=lambda item: item.list_id)
    page = Page(tuple(found[:limit]), found[limit - 1].list_id if len(found) > limit else None)
    return CachedList(page, load.loaded_at)


WITH_EMAIL = (ListName.CUSTOMER, ListName.VENDOR)
"""The lists whose entries have an email."""
WITH_SKU = (ListName.ITEM,)
"""The lists whose entries have a ManufacturerPartNumber."""


def _check_filters(list_name: ListName, email: str | None, sku: str | None) -> None:
    faults = []
    if email is not None and list_name not in WITH_EMAIL:
        faults.append(Fault("/email", f"{list_name.label} have no email"))
    if sku is not None and list_name not in WITH_SKU:
        faults.append(Fault("/sku", f"{list_name.label} have no SKU"))
    if faults:
        raise InvalidInput(faults)


def _named(
    conn: Transaction,
    connector_id: int,
    list_name: ListName,
    email: str | None,
    sku: str | None,
    name: str | None,
) -> list[ListEntry]:
    if email is not None:
        found = lists.by_email(conn, connector_id, list_name, email)
    elif sku is not None:
        found = lists.by_sku(conn, connector_id, sku)
    else:
        found = lists.by_name(conn, connector_id, list_name, name or "")
    return [
        entry
        for entry in found
        if not entry.is_deleted
        and (email is None or fold(email) in email_keys(entry.email))
        and (sku is None or fold(sku) == fold(entry.sku or ""))
        and (name is None or fold(name) == fold(entry.full_name))
    ]
