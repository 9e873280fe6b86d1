"""What is worth nothing any more once a database belongs to another digest key, and giving it up."""

from dataclasses import dataclass
from datetime import datetime

from qbwc_server.domain.event_types import ConnectorHappening
from qbwc_server.storage import Transaction, api_keys, audit, connectors, events, users, webhooks
from qbwc_server.storage.database import Database
from qbwc_server.sync import webhook_errors

_WHAT_TO_DO = (
    "the secrets file was replaced: rotate the secret of this webhook, tell the receiver, then enable it"
)


@dataclass(frozen=True, slots=True)
class AtStake:
    """By name: the connectors whose passwords, and the API keys that, another digest key does not know.

    Attributes:
        webhooks: by connector and id: their secrets are derived from the key.
    """

    connectors: tuple[str, ...]
    api_keys: tuple[str, ...]
    webhooks: tuple[str, ...]


def at_stake(database: Database) -> AtStake:
    """What would have to be made new."""
    with database.read() as conn:
        return _at_stake(conn)


def give_up(conn: Transaction, *, now: datetime, actor: str) -> AtStake:
    """Revoke every API key, end every session of a person, disable every webhook; passwords of Web Connectors are
    refused by themselves."""
    lost = _at_stake(conn)
    api_keys.revoke_all(conn, now=now)
    users.end_every_session(conn)
    users.replace_setup_token(conn, None, now=now)
    audit.add(conn, "secrets file replaced", "this server", at=now, actor=actor)
    for connector in connectors.every(conn):
        connectors.lock(conn, connector.id)
        events.add(conn, connector.id, ConnectorHappening.SECRETS_REPLACED, at=now, actor=actor)
        for endpoint in webhooks.of_connector(conn, connector.id):
            webhook_errors.disable(conn, connector, endpoint, _WHAT_TO_DO, now=now)
    return lost


def _at_stake(conn: Transaction) -> AtStake:
    keys = (key.name for key in api_keys.every(conn) if key.revoked_at is None)
    living = connectors.every(conn)
    hooks = (f"{each.name} {hook.id}" for each in living for hook in webhooks.of_connector(conn, each.id))
    return AtStake(tuple(connector.name for connector in living), tuple(keys), tuple(hooks))
