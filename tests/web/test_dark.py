"""Dark colours follow the system, without a script."""

import pytest

from qbwc_server.web import dark


def test_they_are_served_to_everybody_and_kept_by_browsers(stranger):
    page = stranger.get("/login").text
    assert "/dark.css?v=" in page
    answer = stranger.get("/dark.css")
    assert answer.mimetype == "text/css"
    assert answer.text.startswith("@media (prefers-color-scheme: dark) {:root{color-scheme:dark;")
    assert "data-bs-theme" not in answer.text
    assert "max-age" in answer.headers["Cache-Control"]
    again = stranger.client.get("/dark.css", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_only_rules_of_the_dark_are_taken():
    sheet = "a{x:y}[data-bs-theme=dark]{b:c}[data-bs-theme=light]{d:e}[data-bs-theme=dark] .f{g:h}"
    assert dark.in_the_dark(sheet) == "@media (prefers-color-scheme: dark) {:root{b:c}:root .f{g:h}}"


def test_a_release_without_them_is_noticed_at_once():
    with pytest.raises(LookupError, match="no dark colours"):
        dark.in_the_dark("a{x:y}")
