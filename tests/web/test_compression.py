"""Pages and their files are sent small, to whoever can read them so."""

import gzip

TAKES = {"Accept-Encoding": "br, gzip"}


def test_a_page_is_the_same_when_it_is_unpacked(admin):
    plain = admin.client.get("/users")
    packed = admin.client.get("/users", headers=TAKES)
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert int(packed.headers["Content-Length"]) == len(packed.data) < len(plain.data) / 2
    unpacked = gzip.decompress(packed.data).decode()
    assert unpacked.count("\n") == plain.text.count("\n")
    assert "<h1>Users</h1>" in unpacked


def test_how_long_a_packed_page_is_tells_nothing_of_its_secrets(admin):
    lengths = {len(admin.client.get("/users", headers=TAKES).data) for _ in range(12)}
    assert len(lengths) > 4


def test_a_style_sheet_is_packed_and_known_again(stranger):
    path = "/bootstrap/static/css/bootstrap.min.css"
    plain = stranger.client.get(path)
    packed = stranger.client.get(path, headers=TAKES)
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert len(packed.data) < len(plain.data) / 5
    known = {**TAKES, "If-None-Match": packed.headers["ETag"]}
    assert stranger.client.get(path, headers=known).status_code == 304


def test_what_is_small_or_refused_is_sent_as_it_is(stranger):
    assert "Content-Encoding" not in stranger.client.get("/healthz", headers=TAKES).headers
    assert (
        "Content-Encoding"
        not in stranger.client.get("/login", headers={"Accept-Encoding": "gzip;q=0"}).headers
    )
