"""Bodies that are compressed on their way: taken within the bounds of what they hold, given to whoever asks."""

import gzip
import json
import tracemalloc

import pytest

from qbwc_server.web.api.bodies import LARGEST_OBJECT

INVOICE = {"customer": {"email": "ap@harbour.example"}, "lines": [{"item": {"sku": "MU-1"}, "quantity": "1"}]}
PACKED = {"Content-Encoding": "gzip"}
WANTED = {"Accept-Encoding": "gzip, deflate"}


@pytest.fixture
def place(lab) -> str:
    """The address of the busy connector."""
    return f"/connectors/{lab.CONNECTOR}"


def packed(value: object) -> bytes:
    return gzip.compress(json.dumps(value).encode())


def test_a_record_may_come_compressed(host, place):
    assert host.put(f"{place}/invoices/z-1", packed(INVOICE), headers=PACKED).status_code == 201
    assert host.get(f"{place}/invoices/z-1").json["record"] == INVOICE
    both = gzip.compress(json.dumps(INVOICE).encode()[:20]) + gzip.compress(json.dumps(INVOICE).encode()[20:])
    assert host.put(f"{place}/invoices/z-1", both, headers=PACKED).json["revision"] == 1


def test_a_batch_may_come_compressed(host, place):
    lines = [json.dumps({"kind": "invoice", "external_id": f"z-{n}", **INVOICE}) for n in range(300)]
    body = gzip.compress("\n".join(lines).encode())
    headers = {**PACKED, "Content-Type": "application/x-ndjson"}
    answer = host.post(f"{place}/batch", body, headers=headers)
    assert [json.loads(line)["result"] for line in answer.text.splitlines()] == ["created"] * 300


def test_what_grows_beyond_the_bound_is_refused_without_being_held(host, place):
    bomb = gzip.compress(b"[" + b" " * (200 * LARGEST_OBJECT))
    assert len(bomb) < LARGEST_OBJECT
    tracemalloc.start()
    answer = host.put(f"{place}/invoices/z-1", bomb, headers=PACKED)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert answer.status_code == 413
    assert "unpacked" in answer.json["detail"]
    assert peak < 10 * LARGEST_OBJECT


@pytest.mark.parametrize(
    "body",
    [b"", b"{}", packed(INVOICE)[:-9], packed(INVOICE)[:5], packed(INVOICE) + b"x"],
    ids=["nothing", "plain", "without its end", "its beginning", "with something behind it"],
)
def test_what_is_no_whole_gzip_is_refused(host, place, body):
    answer = host.put(f"{place}/invoices/z-1", body, headers=PACKED)
    assert answer.status_code == 400
    assert host.get(f"{place}/invoices/z-1").status_code == 404


def test_an_answer_is_compressed_for_whoever_takes_it_so(host, place):
    plain = host.get(f"{place}/invoices?limit=100")
    answer = host.client.get(
        f"/api/v1{place}/invoices?limit=100", headers={**WANTED, "Authorization": f"Bearer {host.key}"}
    )
    assert "Content-Encoding" not in plain.headers
    assert answer.headers["Content-Encoding"] == "gzip"
    assert int(answer.headers["Content-Length"]) == len(answer.data) < len(plain.data) / 2
    assert json.loads(gzip.decompress(answer.data)) == plain.json
    assert {plain.headers["Vary"], answer.headers["Vary"]} == {"Accept-Encoding"}


@pytest.mark.parametrize("accepted", ["gzip;q=0", "br", "identity"])
def test_an_answer_is_sent_as_it_is_to_whoever_does_not(host, place, accepted):
    answer = host.get(f"{place}/invoices?limit=100", headers={"Accept-Encoding": accepted})
    assert "Content-Encoding" not in answer.headers


def test_what_is_short_or_written_line_by_line_is_not_compressed(host, place):
    assert "Content-Encoding" not in host.get(f"{place}/counts?x=1", headers=WANTED).headers
    line = json.dumps({"kind": "invoice", "external_id": "z", **INVOICE})
    headers = {**WANTED, "Content-Type": "application/x-ndjson"}
    answer = host.post(f"{place}/batch", "\n".join([line] * 200).encode(), headers=headers)
    assert "Content-Encoding" not in answer.headers
