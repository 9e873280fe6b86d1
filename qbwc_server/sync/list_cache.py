"""The list cache: when a list is due, how far back a load must reach, and what an answer to a write teaches."""

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple, Self, cast

import qbxml.records as qb
from qbwc_server.domain import host_records as host
from qbwc_server.domain import in_quickbooks
from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.kinds import Kind, ListName
from qbwc_server.domain.lists import ListLoad
from qbwc_server.domain.matching import ListEntry
from qbwc_server.storage import Transaction, connectors, lists
from qbwc_server.storage.standing import Standing
from qbxml import LATEST, Country, Version
from qbxml.requests import ret_elements
from qbxml.timestamps import Timestamp

OVERLAP = timedelta(hours=2)
"""How far a load of changes reaches back behind the begin of the last one. QuickBooks filters by the wall clock
of its PC, which jumps back an hour when daylight saving ends, and its From is inclusive."""

_FURTHEST_BEHIND = timedelta(hours=-12)
FURTHEST_AHEAD = timedelta(hours=15)
"""The wall clock of a PC against UTC: no time zone is further behind; none is further ahead than 14 hours, and some
clocks are a little fast. A stamp beyond that is of no change there was: it tells nothing of when to ask from."""


# --- when it is due -----------------------------------------------------------------------------------------


def is_due(load: ListLoad, connector: Connector, now: datetime) -> bool:
    """Whether a list is to be loaded now: a load is going on, or it is too old, or a Resync was asked for."""
    if not load.is_wanted or (load.not_before is not None and load.not_before > now):
        return False
    if load.running is not None or load.loaded_at is None or load.resync_requested_at is not None:
        return True
    if lacks_fields(load.fields or (), asked_for(load.list_name, connector.qbxml_version, connector.country)):
        return True
    return load.loaded_at + timedelta(minutes=connector.settings.refresh_minutes) <= now


@lru_cache(maxsize=256)
def asked_for(list_name: ListName, version: str | None, country: str | None) -> tuple[str, ...]:
    """The elements of a list that are kept, as far as QuickBooks has them."""
    return ret_elements(
        in_quickbooks.LISTS[list_name].name,
        in_quickbooks.LISTS[list_name].fields,
        Version(version) if version else LATEST,
        cast(Country, country or "US"),
    )


def lacks_fields(fields: Iterable[str], wanted: Iterable[str]) -> bool:
    """Whether the cache was filled without something that is kept now: after an update of this server, or of
    QuickBooks to a version that tells more."""
    return not set(wanted) <= set(fields)


def want(conn: Transaction, connector: Connector, list_name: ListName, *, now: datetime) -> None:
    """Have a list kept from now on that is kept on demand only, as something named an entry of it."""
    (load,) = lists.loads(conn, connector.id, (list_name,))
    if not load.is_wanted:
        lists.change_load(conn, connector.id, list_name, resync_requested_at=now)


def any_due(conn: Transaction, connector: Connector, now: datetime) -> bool:
    """Whether any list is to be loaded now."""
    return any(is_due(load, connector, now) for load in lists.loads(conn, connector.id, tuple(ListName)))


def rests(found: Standing, now: datetime) -> bool:
    """Whether no list is to be loaded now, of a connector that stands so: what `any_due` tells from the rows."""
    connector = found.connector
    if found.has_new_lists or found.has_lists_due:
        return False
    patience = timedelta(minutes=connector.settings.refresh_minutes)
    if found.oldest_list is not None and found.oldest_list + patience <= now:
        return False
    return not _any_lacks_fields(found.fields or "", connector.qbxml_version, connector.country)


@lru_cache(maxsize=256)
def _any_lacks_fields(kept: str, version: str | None, country: str | None) -> bool:
    lists = (each.split(":", 1) for each in kept.split(";") if each)
    return any(
        lacks_fields(json.loads(fields) or (), asked_for(ListName(name), version, country))
        for name, fields in lists
    )


# --- the clock of QuickBooks' PC ----------------------------------------------------------------------------


def reaching_back(connector: Connector, load: ListLoad) -> datetime:
    """The From of a load of changes: a time that the PC's clock had not passed when the last load began.

    Whatever time zone the PC is in, was in or is put into; and no later than the latest change seen, which is the
    better knowledge of a PC whose clock is slow.
    """
    if load.read_from is None:
        raise RuntimeError("a load of changes needs a full load before it")
    since = _wall_clock_at(connector, load.read_from)
    if load.high_water is not None:
        since = min(since, datetime.fromisoformat(load.high_water))
    return since - OVERLAP


def _wall_clock_at(connector: Connector, moment: datetime) -> datetime:
    """The earliest that the clock of QuickBooks' PC may have shown at a moment of ours."""
    offset = timedelta(seconds=connector.pc_offset or 0)
    return naive(moment + min(offset, _FURTHEST_BEHIND))


def naive(moment: datetime) -> datetime:
    """A moment in UTC, without saying so: as QuickBooks' wall clock is written."""
    return moment.astimezone(UTC).replace(tzinfo=None)


def wall_clock_before(connector: Connector, moment: datetime) -> datetime:
    """A time by the clock of QuickBooks' PC that is before a moment of ours, whatever its time zone, and even if
    it is some days wrong."""
    return _wall_clock_at(connector, moment) - timedelta(days=7)


def wall_clock(stamp: Timestamp | None) -> str | None:
    """TimeModified as the PC's clock showed it; QuickBooks' offset is wrong during daylight saving.

    None where there is none, or none that can be read: the record itself is good all the same.
    """
    try:
        return None if stamp is None else str(stamp.wall.isoformat()[:19])
    except (ValueError, OverflowError):
        return None


_STEADY = timedelta(minutes=15)


def learn_clock(conn: Transaction, connector: Connector, written: Iterable[Any], *, now: datetime) -> None:
    """Learn from what QuickBooks has just written how far the clock of its PC is from ours: the only thing that shows a
    clock that is days slow."""
    stamps = [
        stamp
        for stamp in (wall_clock(vars(each).get("time_modified")) for each in written)
        if stamp is not None
    ]
    if not stamps:
        return
    offset = datetime.fromisoformat(min(stamps)) - naive(now)
    known = timedelta(seconds=connector.pc_offset) if connector.pc_offset is not None else None
    if known is None or abs(offset - known) > _STEADY:
        connectors.change(conn, connector.id, pc_offset=round(offset.total_seconds()))


# --- what it learns, and what it lets go --------------------------------------------------------------------


def learn(
    conn: Transaction,
    connector: Connector,
    list_name: ListName,
    written: Iterable[qb.Record],
    *,
    now: datetime,
) -> list[ListEntry]:
    """Take answers to writes into the cache at once, without waiting for the next refresh.

    Returns:
        The entries they changed, as they were and as they are: what waits for either can go on.
    """
    entries = [
        entry._replace(sides=host.sides_of(record))
        for record in written
        if isinstance(record, qb.Record)
        and (entry := entry_of(list_name, record.kind, Kept.of(vars(record)))) is not None
    ]
    stored = lists.store(conn, connector.id, entries, load=None, told_at=now)
    return [each for pair in stored for each in pair if each is not None]


class Kept(NamedTuple):
    """The fields of a record that are read at all: its entry is made of them, but for the first."""

    time_modified: Timestamp | None
    list_id: str | None
    full_name: str | None
    name: str | None
    initial: str | None
    template_type: str | None
    account_type: str | None
    is_active: bool | None
    email: str | None
    manufacturer_part_number: str | None
    edit_sequence: str | None
    external_guid: str | None
    terms: qb.Ref | None
    account_number: str | None
    bar_code_value: str | None
    bill_address: Any
    vendor_address: Any
    phone: str | None
    total_balance: Decimal | None
    balance: Decimal | None
    currency: qb.Ref | None
    currency_code: str | None

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Self:
        """Those among the fields of a record."""
        return cls._make(map(values.get, cls._fields))


def entry_of(list_name: ListName, kind: str, kept: Kept) -> ListEntry | None:
    """A record of a list as the cache keeps it; None for what has no identity.

    Args:
        kind: the qbXML name of what it is.
    """
    name = kept.full_name or kept.name or kept.initial
    if not kept.list_id or not name:
        return None
    return ListEntry(
        list_name,
        kept.list_id,
        kept.template_type or kept.account_type or kind,
        name,
        kept.is_active is not False,
        False,
        kept.email or None,
        kept.manufacturer_part_number or None,
        kept.edit_sequence,
        kept.external_guid,
        kept.terms.full_name if kept.terms is not None else None,
        kept.account_number or None,
        kept.bar_code_value or None,
        None,
        *_SHOWN.get(list_name, _nothing)(kept),
    )


_Shown = tuple[str | None, str | None, Decimal | None, str | None]


def _of_party(kept: Kept, address: Any) -> _Shown:
    city = address.city if address is not None else None
    balance = kept.balance if kept.total_balance is None else kept.total_balance
    currency = kept.currency.full_name if kept.currency is not None else None
    return (city or None, kept.phone or None, balance, currency)


def _nothing(_: Kept) -> _Shown:
    return (None, None, None, None)


_SHOWN: Mapping[ListName, Callable[[Kept], _Shown]] = {
    ListName.CUSTOMER: lambda kept: _of_party(kept, kept.bill_address),
    ListName.VENDOR: lambda kept: _of_party(kept, kept.vendor_address),
    ListName.CURRENCY: lambda kept: (None, None, None, kept.currency_code or None),
}
"""What of an entry is only shown to people, as `ListEntry.shown` has it."""


def count_released(conn: Transaction, connector: Connector, kind: Kind, number: int) -> None:
    """Add documents that could be released to what the refresh reports that they were looked at with."""
    list_name = in_quickbooks.KINDS[kind].deletions_with
    if list_name is None:
        raise RuntimeError(f"with no list a {kind.label} is looked at")
    lists.count_changes(conn, connector.id, list_name, "released", number)
