"""The events of a connector, each acted on once: the place where one has got to lies with the host's own data."""

from typing import Any

import requests
from sqlalchemy import Connection, Engine, text

TABLES = (
    """
    CREATE TABLE IF NOT EXISTS place (
        next INTEGER NOT NULL, mark TEXT, round INTEGER NOT NULL  -- one row
    )""",
    """
    CREATE TABLE IF NOT EXISTS in_quickbooks (
        kind TEXT NOT NULL, external_id TEXT NOT NULL,
        state TEXT NOT NULL, quickbooks_id TEXT, message TEXT,
        round INTEGER NOT NULL,
        PRIMARY KEY (kind, external_id)
    )""",
    "INSERT INTO place SELECT 0, NULL, 1 WHERE NOT EXISTS (SELECT 1 FROM place)",
)


def listen(engine: Engine, http: requests.Session, api: str, wait: int = 30) -> bool:
    """Ask once for what happened, and act on it; whether there is more already. Call it again and again."""
    with engine.connect() as conn:
        after, mark, _ = conn.execute(text("SELECT * FROM place")).one()
    asked = {"after": after, "wait": wait} | ({"mark": mark} if mark else {})
    answer = http.get(f"{api}/events", params=asked, timeout=wait + 30)
    if answer.status_code == 410:
        begin_again(engine)
        return True
    answer.raise_for_status()
    heard = answer.json()
    with engine.begin() as conn:
        moved = conn.execute(
            text("UPDATE place SET next = :next, mark = :mark WHERE next = :after"),
            {"next": heard["next"], "mark": heard["mark"], "after": after},
        )
        if moved.rowcount:  # else another worker has acted on these
            for event in heard["events"]:
                act(conn, event)
    return bool(heard["more"])


def act(conn: Connection, event: dict[str, Any]) -> None:
    """Keep what became of a record; put your own work here."""
    if event["to"] is None:
        return  # it concerns the connector, or changes no state
    data = event["data"]
    values = {
        "kind": event["kind"],
        "id": event["external_id"],
        "state": event["to"],
        "quickbooks_id": data.get("txn_id") or data.get("list_id"),
        "message": data.get("message"),
    }
    conn.execute(
        text(
            "INSERT INTO in_quickbooks"
            " SELECT :kind, :id, :state, :quickbooks_id, :message, round FROM place WHERE true"
            " ON CONFLICT (kind, external_id) DO UPDATE SET state = excluded.state, message = excluded.message,"
            " quickbooks_id = coalesce(excluded.quickbooks_id, in_quickbooks.quickbooks_id), round = excluded.round"
        ),
        values,
    )


def begin_again(engine: Engine) -> None:
    """The server has another database, or a backup of it: hear everything anew."""
    with engine.begin() as conn:
        conn.execute(text("UPDATE place SET next = 0, mark = NULL, round = round + 1"))


def lost(conn: Connection) -> list[tuple[str, str]]:
    """When all was heard anew: what the server knows nothing of any more. Hand it over again."""
    found = conn.execute(
        text("SELECT kind, external_id FROM in_quickbooks WHERE round < (SELECT round FROM place)")
    )
    return [(kind, external_id) for kind, external_id in found]
