"""The same as a Celery task."""

import os
from typing import Any

import requests
from celery import Celery, Task

from .hand_over import TryLater, hand_over

app = Celery("orders", broker=os.environ["CELERY_BROKER_URL"])
http = requests.Session()
http.headers["Authorization"] = f"Bearer {os.environ['QBWC_API_KEY']}"


@app.task(bind=True, acks_late=True, max_retries=None)
def to_quickbooks(self: Task, path: str, external_id: str, content: dict[str, Any]) -> str:
    """Hand a record over; a `Refused` fails the task, so that somebody sees it."""
    try:
        record = hand_over(http, os.environ["QBWC_API"], path, external_id, content, self.request.retries)
    except TryLater as later:
        raise self.retry(countdown=later.seconds) from later
    return str(record["state"])
