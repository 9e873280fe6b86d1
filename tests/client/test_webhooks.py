"""What the server signs is taken, and nothing else is."""

from __future__ import annotations

import http.server
import threading
import time
from datetime import UTC, datetime

import pytest
from qbwc_client import WrongSignature, verified
from standardwebhooks import Webhook

CUSTOMER = {"name": "Ocean Grill", "email": "ap@ocean.example"}


@pytest.fixture
def came():
    """What came to a receiver: bodies with their headers."""
    return []


@pytest.fixture
def address(came):
    """Where it listens."""

    class Receiver(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            came.append((self.rfile.read(int(self.headers["Content-Length"])), dict(self.headers)))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_):
            pass

    receiver = http.server.HTTPServer(("127.0.0.1", 0), Receiver)
    thread = threading.Thread(target=receiver.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{receiver.server_port}/"
    receiver.shutdown()
    thread.join()
    receiver.server_close()


def test_what_the_server_delivers_is_genuine_and_the_event_it_tells_of(server, address, came):
    body = {"url": address, "types": ["customer.*"], "allow_private": True}
    secret = server.call("POST", "webhooks", body)[1]["secret"]
    server.call("PUT", "customers/c-7", CUSTOMER)
    server.deliver()
    ((text, headers),) = came
    event = verified(secret, text, headers)
    assert (event.type, event.kind, event.external_id) == ("customer.handed_over", "customer", "c-7")
    assert verified(["whsec_" + "A" * 32, secret], text, headers) == event


SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = (
    b'{"id":1,"at":"2026-11-27T12:00:00+00:00","type":"invoice.synced","kind":"invoice","external_id":"x",'
    b'"from":"sent","to":"synced","actor":"quickbooks","data":{}}'
)


def signed(body=BODY, secret=SECRET, at=None):
    moment = int(time.time()) if at is None else at
    signature = Webhook(secret).sign("msg_1", datetime.fromtimestamp(moment, UTC), body.decode())
    return {
        "Webhook-Id": "msg_1",
        "webhook-timestamp": str(moment),
        "WEBHOOK-SIGNATURE": f"v1,AAAA {signature}",
    }


def test_what_the_specifications_own_package_signs_is_taken():
    assert verified(SECRET, BODY, signed()).type == "invoice.synced"
    assert verified(SECRET, BODY.decode(), signed()).external_id == "x"


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (BODY + b" ", signed()),
        (BODY, signed(secret="whsec_" + "B" * 32)),
        (BODY, signed(at=int(time.time()) - 3600)),
        (BODY, signed(at=int(time.time()) + 3600)),
        (BODY, {**signed(), "Webhook-Id": "msg_2"}),
        (BODY, {}),
        (BODY, {**signed(), "webhook-timestamp": "soon"}),
        (BODY, {**signed(), "WEBHOOK-SIGNATURE": "v1,ä"}),
    ],
    ids=["changed", "forged", "old", "ahead", "renamed", "bare", "no-time", "odd"],
)
def test_what_was_changed_forged_or_copied_is_refused(body, headers):
    with pytest.raises(WrongSignature):
        verified(SECRET, body, headers)


def test_what_is_no_secret_is_told_to_the_developer():
    with pytest.raises(ValueError, match="whsec_"):
        verified("hunter2 is no base64!", BODY, signed())
