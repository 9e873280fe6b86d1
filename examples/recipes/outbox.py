"""An outbox: what is to be in QuickBooks is noted in the host's own transaction, and a worker hands it over."""

import json
from typing import Any
from urllib.parse import quote

import requests
from sqlalchemy import Connection, Engine, text

TABLE = """
CREATE TABLE IF NOT EXISTS outbox (
    path TEXT NOT NULL,          -- 'invoices', 'customers', 'items', 'vendors', 'purchase-orders'
    external_id TEXT NOT NULL,
    content TEXT NOT NULL,
    version INTEGER NOT NULL,    -- goes up with each change
    sent INTEGER NOT NULL,       -- the version that was taken
    refused TEXT,                -- why this version was not taken: somebody must look
    PRIMARY KEY (path, external_id)
)"""


def note(conn: Connection, path: str, external_id: str, content: dict[str, Any]) -> None:
    """In the transaction in which the order changes: it is to be in QuickBooks like this."""
    conn.execute(
        text(
            "INSERT INTO outbox VALUES (:path, :id, :content, 1, 0, NULL)"
            " ON CONFLICT (path, external_id) DO UPDATE"
            " SET content = excluded.content, version = outbox.version + 1, refused = NULL"
        ),
        {"path": path, "id": external_id, "content": json.dumps(content)},
    )


def send(engine: Engine, http: requests.Session, api: str) -> float:
    """Hand over what was not taken yet. Run it as often as you like, also twice at a time.

    Returns: for how many seconds to wait before the next time.
    """
    with engine.connect() as conn:
        due = conn.execute(
            text(
                "SELECT path, external_id, content, version FROM outbox WHERE sent < version AND refused IS NULL"
            )
        ).all()
    for path, external_id, content, version in due:
        body = json.loads(content) | {"version": version}
        try:
            answer = http.put(f"{api}/{path}/{quote(external_id, safe='')}", json=body, timeout=30)
        except requests.RequestException:
            return 30  # nobody knows whether it was taken: the same again changes nothing
        if answer.status_code in (429, 503, 507):
            return float(answer.headers.get("Retry-After", 30))
        answered(engine, path, external_id, version, answer)
    return 1


def answered(engine: Engine, path: str, external_id: str, version: int, answer: requests.Response) -> None:
    """Keep what became of a version; of one that came late, as a later one was noted meanwhile, nothing."""
    if answer.ok:
        change = "sent = CASE WHEN sent < :version THEN :version ELSE sent END"
    elif answer.status_code in (409, 422):  # it will not be taken as it is
        change = "refused = CASE WHEN version = :version THEN :why ELSE refused END"
    else:
        answer.raise_for_status()  # a wrong key, a wrong address: not the fault of the record
        return
    with engine.begin() as conn:
        conn.execute(
            text(f"UPDATE outbox SET {change} WHERE path = :path AND external_id = :id"),  # noqa: S608 - one of three texts above
            {"version": version, "why": answer.text, "path": path, "id": external_id},
        )
