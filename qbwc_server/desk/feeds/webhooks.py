"""Webhooks as a host or a person sees to them: endpoints that are made, changed, removed and sent everything anew."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from qbwc_server.domain import event_types
from qbwc_server.domain import webhooks as rules
from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.event_types import ConnectorHappening
from qbwc_server.domain.faults import Conflict, Fault, InvalidInput, NotFound
from qbwc_server.domain.webhooks import MOST_ENDPOINTS, OLD_SECRET_LIFE, SWITCHED_OFF, Endpoint
from qbwc_server.storage import Transaction, events, webhook_lanes
from qbwc_server.storage import webhooks as rows
from qbwc_server.sync import webhook_errors
from qbwc_server.sync.core import Core
from qbwc_server.sync.look import look
from qbwc_server.sync.turn import turn

EVERYTHING = ("*",)


@dataclass(frozen=True, slots=True)
class Found:
    """An endpoint, and how it is.

    Attributes:
        behind: with how many records it is behind.
        newest_id: the newest event of its connector.
    """

    endpoint: Endpoint
    behind: int
    newest_id: int


def add(
    core: Core, connector_name: str, *, url: str, types: Sequence[str], allow_private: bool, actor: str
) -> tuple[Found, str]:
    """Have what happens from now on sent to an address.

    Returns:
        The endpoint, and the secret with which it is signed: it is kept nowhere, and is shown this once.

    Raises:
        NotFound: there is no such connector.
        InvalidInput: the address does not fit, or there is no such type.
        Conflict: there are as many as there may be, or one to this address.
    """
    faults = [*rules.faults_of_url(url, allow_private=allow_private), *faults_of_types(types)]
    if faults:
        raise InvalidInput(faults)
    with turn(core, connector_name) as (conn, connector):
        _check_room(rows.of_connector(conn, connector.id), url)
        note(core, conn, connector, ConnectorHappening.WEBHOOK_ADDED, url, actor)
        salt, after_id = rules.new_salt(), rows.newest_event(conn, connector.id)
        made = rows.add(
            conn,
            connector.id,
            url=url,
            types=list(types),
            allow_private=allow_private,
            salt=salt,
            after_id=after_id,
            now=core.clock(),
        )
    return Found(made, 0, after_id), rules.secret_of(core.digest_key, salt)


def _check_room(endpoints: Sequence[Endpoint], url: str) -> None:
    same = next((endpoint for endpoint in endpoints if endpoint.url == url), None)
    if same is not None:
        raise Conflict(f"webhook {same.id} has this address already: change that one, or remove it first")
    if len(endpoints) >= MOST_ENDPOINTS:
        raise Conflict(f"a connector may have {MOST_ENDPOINTS} webhooks, and this one has: remove one first")


def faults_of_types(types: Sequence[str]) -> list[Fault]:
    """What is wrong with the types of events that are wanted."""
    if not types:
        return [Fault("/types", 'is empty: name some types, or "*" for all of them')]
    return [fault for place, word in enumerate(types) for fault in faults_of_type(place, word)]


def faults_of_type(place: int, word: str) -> list[Fault]:
    """What is wrong with one of them."""
    try:
        event_types.chosen([word])
    except ValueError as error:
        return [Fault(f"/types/{place}", str(error))]
    return []


def every(core: Core, connector_name: str) -> list[Found]:
    """The endpoints of a connector, in the order they were made.

    Raises:
        NotFound: there is no such connector.
    """
    with look(core, connector_name) as (conn, connector):
        endpoints = rows.of_connector(conn, connector.id)
        behind = webhook_lanes.counts(conn, [endpoint.id for endpoint in endpoints])
        newest = rows.newest_event(conn, connector.id) if endpoints else 0
        return [Found(endpoint, behind.get(endpoint.id, 0), newest) for endpoint in endpoints]


def get(core: Core, connector_name: str, webhook_id: int) -> Found:
    """One endpoint.

    Raises:
        NotFound: there is no such connector or endpoint.
    """
    with look(core, connector_name) as (conn, connector):
        return _found(conn, chosen(conn, connector, webhook_id))


def _found(conn: Transaction, endpoint: Endpoint) -> Found:
    behind = webhook_lanes.counts(conn, [endpoint.id])
    return Found(endpoint, behind.get(endpoint.id, 0), rows.newest_event(conn, endpoint.connector_id))


def chosen(conn: Transaction, connector: Connector, webhook_id: int) -> Endpoint:
    """An endpoint of a connector.

    Raises:
        NotFound: there is no such endpoint.
    """
    endpoint = rows.find(conn, connector.id, webhook_id)
    if endpoint is None:
        raise NotFound(f"the connector {connector.name} has no webhook {webhook_id}")
    return endpoint


def change(
    core: Core,
    connector_name: str,
    webhook_id: int,
    *,
    url: str | None = None,
    types: Sequence[str] | None = None,
    allow_private: bool | None = None,
    enabled: bool | None = None,
    actor: str,
) -> Found:
    """Change what is not None. One that is enabled, or gets another address, is tried at once, where it stopped.

    Raises:
        NotFound: there is no such connector or endpoint.
        InvalidInput: the address does not fit, or there is no such type.
        Conflict: there is one to this address.
    """
    with turn(core, connector_name) as (conn, connector):
        before = chosen(conn, connector, webhook_id)
        private = before.allow_private if allow_private is None else allow_private
        faults = rules.faults_of_url(before.url if url is None else url, allow_private=private)
        faults += [] if types is None else faults_of_types(types)
        if faults:
            raise InvalidInput(faults)
        others = [other for other in rows.of_connector(conn, connector.id) if other.id != webhook_id]
        _check_room(others[: MOST_ENDPOINTS - 1], url or "")
        columns = _switched(core, before, enabled, actor)
        if enabled or url not in (None, before.url):
            columns |= _tried_anew(before)
            webhook_lanes.begin_anew(conn, webhook_id, now=core.clock())
        columns |= {"url": url} if url is not None else {}
        columns |= {"types": list(types)} if types is not None else {}
        after = rows.change(conn, webhook_id, allow_private=private, **columns)
        detail = ", ".join(name for name in _SHOWN if getattr(before, name) != getattr(after, name))
        if detail:
            note(core, conn, connector, ConnectorHappening.WEBHOOK_CHANGED, f"{webhook_id}: {detail}", actor)
        webhook_errors.seen_to(conn, connector, now=core.clock(), actor=actor)
        return _found(conn, after)


_SHOWN = ("url", "types", "allow_private", "is_enabled")


def _switched(core: Core, before: Endpoint, enabled: bool | None, actor: str) -> dict[str, Any]:
    if enabled is None or enabled == before.is_enabled:
        return {}
    if enabled:
        return {"disabled_at": None, "disabled_reason": None}
    return {"disabled_at": core.clock(), "disabled_reason": SWITCHED_OFF + actor}


def _tried_anew(before: Endpoint) -> dict[str, Any]:
    return {"attempts": 0, "failing_since": None, "not_before": None, "epoch": before.epoch + 1}


def remove(core: Core, connector_name: str, webhook_id: int, *, actor: str) -> Endpoint:
    """Send nothing to an endpoint any more, and forget it with its log.

    Raises:
        NotFound: there is no such connector or endpoint.
    """
    with turn(core, connector_name) as (conn, connector):
        removed = chosen(conn, connector, webhook_id)
        rows.remove(conn, webhook_id)
        note(core, conn, connector, ConnectorHappening.WEBHOOK_REMOVED, removed.place, actor)
        webhook_errors.seen_to(conn, connector, now=core.clock(), actor=actor)
        return removed


def rotate_secret(
    core: Core, connector_name: str, webhook_id: int, *, old_life: timedelta = OLD_SECRET_LIFE, actor: str
) -> tuple[Found, str]:
    """Sign with a new secret, and for a while with the old one as well.

    Returns:
        The endpoint, and its new secret, which is shown this once.

    Raises:
        NotFound: there is no such connector or endpoint.
    """
    with turn(core, connector_name) as (conn, connector):
        before, salt = chosen(conn, connector, webhook_id), rules.new_salt()
        after = rows.change(
            conn, webhook_id, salt=salt, old_salt=before.salt, old_until=core.clock() + old_life
        )
        note(core, conn, connector, ConnectorHappening.WEBHOOK_SECRET_ROTATED, f"{webhook_id}", actor)
        return _found(conn, after), rules.secret_of(core.digest_key, salt)


def secret_of(core: Core, found: Found, salt: str) -> str | None:
    """The secret that was made from a salt, as long as the endpoint signs with it."""
    return rules.secret_of(core.digest_key, salt) if salt == found.endpoint.salt else None


def replay(core: Core, connector_name: str, webhook_id: int, after_id: int, *, actor: str) -> Found:
    """Send an endpoint everything anew that happened after an event, and forget what it was behind with.

    Raises:
        NotFound: there is no such connector or endpoint.
        InvalidInput: there is no such event yet.
    """
    with turn(core, connector_name) as (conn, connector):
        before, newest = chosen(conn, connector, webhook_id), rows.newest_event(conn, connector.id)
        if after_id > newest:
            raise InvalidInput(
                [Fault("/after", f"there is no event {after_id} yet: the newest one is {newest}")]
            )
        webhook_lanes.clear(conn, webhook_id)
        after = rows.change(conn, webhook_id, after_id=after_id, **_tried_anew(before))
        note(core, conn, connector, ConnectorHappening.WEBHOOK_CHANGED, f"{webhook_id}: replay", actor)
        return _found(conn, after)


def note(
    core: Core, conn: Transaction, connector: Connector, what: ConnectorHappening, detail: str, actor: str
) -> None:
    """Note in the feed what was done."""
    events.add(conn, connector.id, what, at=core.clock(), actor=actor, detail=detail)
