"""A receiver of webhooks in Flask: verify, keep, answer; the work is done elsewhere."""

from collections.abc import Callable
from typing import Any

from flask import Flask, Response, request
from sqlalchemy import Engine, text
from standardwebhooks import Webhook, WebhookVerificationError

TABLE = """
CREATE TABLE IF NOT EXISTS inbox (
    place INTEGER PRIMARY KEY,       -- in the order in which they came (PostgreSQL: BIGSERIAL)
    webhook_id TEXT NOT NULL UNIQUE,
    body TEXT NOT NULL,
    done BOOLEAN NOT NULL
)"""


def create_receiver(engine: Engine, secret: str) -> Flask:
    """An application that takes events at /quickbooks."""
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = 1 << 20

    @app.post("/quickbooks")
    def take() -> Response:
        body = request.get_data(as_text=True)
        try:
            Webhook(secret).verify(body, dict(request.headers))
        except WebhookVerificationError:
            return Response(status=400)
        with engine.begin() as conn:
            # it may come twice: the second time changes nothing
            conn.execute(
                text(
                    "INSERT INTO inbox (webhook_id, body, done) VALUES (:id, :body, :done)"
                    " ON CONFLICT (webhook_id) DO NOTHING"
                ),
                {"id": request.headers["webhook-id"], "body": body, "done": False},
            )
        return Response(status=204)  # only now: it is not sent again

    return app


def work(engine: Engine, act: Callable[[Any, str], None]) -> int:
    """Act on what came, each in a transaction of its own with the note that it is done; how many there were.

    One worker at a time: the events of a record come in their order, and are to be acted on in it.
    """
    with engine.connect() as conn:
        due = conn.execute(text("SELECT place, body FROM inbox WHERE NOT done ORDER BY place")).all()
    for place, body in due:
        with engine.begin() as conn:
            act(conn, body)
            conn.execute(
                text("UPDATE inbox SET done = :done WHERE place = :place"), {"done": True, "place": place}
            )
    return len(due)
