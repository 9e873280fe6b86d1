"""`qbwc-server connector` and `resync`."""

import re
import uuid
from dataclasses import replace

import pytest
from lxml import etree

from qbwc_server.desk import overview
from qbwc_server.domain.settings import WORDS, ConnectorSettings
from qbwc_server.sync.core import Core
from tests.worlds.cli_world import Cli


def test_add_prints_what_the_web_connector_needs_and_the_password_once(cli: Cli) -> None:
    card = cli.json("connector", "add", "harbour")
    assert set(card) == {"name", "username", "password", "owner_id", "file_id", "soap_url", "qwc_url"}
    assert card["soap_url"] == "http://localhost:8000/qbwc"
    assert card["qwc_url"] == "http://localhost:8000/connectors/harbour/connector.qwc"
    assert uuid.UUID(card["owner_id"]) != uuid.UUID(card["file_id"])
    assert card["password"] not in cli.words("connector", "show", "harbour", "--json")


def test_every_setting_has_an_option_of_add(cli: Cli) -> None:
    words = cli.words("connector", "add", "--help")
    for name in ConnectorSettings.model_fields:
        assert f"--{name.replace('_', '-')}" in words


def test_every_setting_says_what_it_is_for() -> None:
    assert set(WORDS) == set(ConnectorSettings.model_fields)


def test_settings_are_shown_as_they_are_written(harbour: Cli) -> None:
    words = harbour.words("connector", "set", "harbour", "create_items=no", "host_wins=yes")
    assert re.search(r"create_items +no", words)
    assert re.search(r"host_wins +yes", words)
    assert not re.search(r"True|False|None", harbour.words("connector", "show", "harbour"))


def test_a_list_that_is_being_read_says_how_far_it_is(harbour: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    overview_of = overview.health

    def loading(core: Core, name: str) -> overview.Health:
        found = overview_of(core, name)
        first, *others = found.lists
        return replace(found, lists=(replace(first, loading=True, read_so_far=12_500), *others))

    monkeypatch.setattr(overview, "health", loading)
    assert "never, being read (12,500 entries so far)" in harbour.words("connector", "show", "harbour")


def test_doctor_speaks_of_the_connector_and_leads_to_what_stands_in_the_way_of_records(
    harbour: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    overview_of = overview.health

    def well(core: Core, name: str) -> overview.Health:
        bound = overview.Finding("ok", "Bound to Harbour.", "")
        return replace(overview_of(core, name), findings=(bound,), open_errors=2)

    monkeypatch.setattr(overview, "health", well)
    words = harbour.words("connector", "doctor", "harbour")
    assert "Nothing is wrong with the connector itself." in words
    assert "qbwc-server errors list --group --connector harbour" in words


def test_what_is_wrong_is_said_once(harbour: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    overview_of = overview.health

    def ill(core: Core, name: str) -> overview.Health:
        wrong = overview.Finding("problem", "Another company file is open.", "Open the right one.")
        return replace(overview_of(core, name), headline=wrong.text, findings=(wrong,))

    monkeypatch.setattr(overview, "health", ill)
    assert harbour.run("connector", "doctor", "harbour").stdout.count("Another company file is open.") == 1
    assert harbour.words("connector", "show", "harbour").count("Another company file is open.") == 1


def test_settings_given_to_add_are_kept_and_the_others_have_their_defaults(cli: Cli) -> None:
    cli.json(
        "connector",
        "add",
        "harbour",
        "--company-file",
        r"C:\books\h.qbw",
        "--no-create-items",
        "--batch-size",
        "7",
    )
    settings = cli.json("connector", "show", "harbour")["settings"]
    asked = {"company_file": r"C:\books\h.qbw", "create_items": False, "batch_size": 7}
    assert settings == {**ConnectorSettings().model_dump(mode="json"), **asked}


def test_a_taken_name_is_refused(harbour: Cli) -> None:
    assert "harbour" in harbour.fails("connector", "add", "harbour")["error"]


def test_a_name_that_cannot_stand_in_an_address_is_refused(cli: Cli) -> None:
    (fault,) = cli.fails("connector", "add", "my files/harbour")["faults"]
    assert fault["pointer"] == "/name"


def test_list_says_how_each_connector_is(harbour: Cli) -> None:
    harbour.json("connector", "add", "pier")
    first, second = harbour.json("connector", "list")
    assert (first["name"], first["mood"], first["open_errors"]) == ("harbour", "never_seen", 0)
    assert second["name"] == "pier"
    assert first["counts"]["queued"] == 0
    assert "The Web Connector has never called" in harbour.words("connector", "list")


def test_list_of_none_says_what_to_do(cli: Cli) -> None:
    cli.words("db", "upgrade")
    assert cli.json("connector", "list") == []
    assert "connector add" in cli.words("connector", "list")


def test_show_never_shows_a_digest(harbour: Cli) -> None:
    card = harbour.json("connector", "show", "harbour")
    assert not [key for key in card if "password" in key or "digest" in key]
    assert {"settings", "findings", "lists", "live_session", "last_session"} <= set(card)


def test_show_of_an_unknown_connector_fails(cli: Cli) -> None:
    assert cli.fails("connector", "show", "nowhere")["error"]


def test_set_changes_several_settings_at_once(harbour: Cli) -> None:
    answer = harbour.json(
        "connector", "set", "harbour", "default_terms=Net 30", "create-items=no", "batch_size=10"
    )
    assert answer["settings"]["default_terms"] == "Net 30"
    assert answer["settings"]["create_items"] is False
    assert answer["settings"]["batch_size"] == 10


def test_set_to_nothing_takes_a_setting_back(harbour: Cli) -> None:
    assert (
        harbour.json("connector", "set", "harbour", "default_income_account=")["settings"][
            "default_income_account"
        ]
        is None
    )


def test_set_lists_every_fault_and_sets_nothing(harbour: Cli) -> None:
    error = harbour.fails("connector", "set", "harbour", "batch_size=0", "colour=red", "create_items=no")
    assert {fault["pointer"] for fault in error["faults"]} == {"/batch_size", "/colour"}
    assert harbour.json("connector", "show", "harbour")["settings"]["create_items"] is True


def test_set_without_an_equals_sign_is_a_usage_error(harbour: Cli) -> None:
    assert harbour.run("connector", "set", "harbour", "batch_size").exit_code == 2


def test_qwc_writes_the_file_of_the_connector(harbour: Cli) -> None:
    harbour.words("connector", "qwc", "harbour", "-o", "harbour.qwc")
    root = etree.fromstring((harbour.folder / "harbour.qwc").read_bytes())
    card = harbour.json("connector", "show", "harbour")
    assert root.findtext("FileID") == card["file_id"]
    assert root.findtext("UserName") == card["username"]
    assert (
        harbour.run("connector", "qwc", "harbour").stdout_bytes
        == (harbour.folder / "harbour.qwc").read_bytes()
    )


def test_qwc_is_refused_for_an_address_the_web_connector_would_refuse(
    harbour: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QBWC_PUBLIC_URL", "http://192.0.2.7")
    (fault,) = harbour.fails("connector", "qwc", "harbour")["faults"]
    assert "IP address" in fault["message"]


def test_a_session_reset_keeps_password_and_file_id(harbour: Cli) -> None:
    before = harbour.json("connector", "show", "harbour")
    answer = harbour.json("connector", "reset", "harbour")
    assert answer["reset"] == "session"
    assert "password" not in answer
    assert answer["file_id"] == before["file_id"]


def test_a_full_reset_gives_a_new_password_and_file_id(harbour: Cli) -> None:
    before = harbour.json("connector", "show", "harbour")
    answer = harbour.json("connector", "reset", "harbour", "--full")
    assert answer["reset"] == "full"
    assert len(answer["password"]) >= 22
    assert answer["file_id"] != before["file_id"]
    assert answer["owner_id"] == before["owner_id"]


def test_rotate_password_gives_another_one_each_time(harbour: Cli) -> None:
    passwords = {harbour.json("connector", "rotate-password", "harbour")["password"] for _ in range(3)}
    assert len(passwords) == 3


def test_pause_and_resume(harbour: Cli) -> None:
    assert harbour.json("connector", "pause", "harbour")["paused"] is True
    (paused,) = harbour.json("connector", "list")
    assert (paused["mood"], paused["paused"]) == ("never_seen", True)
    assert "never seen, paused" in " ".join(harbour.words("connector", "list").split())
    doctor = harbour.json("connector", "doctor", "harbour")
    assert doctor["paused"] is True
    assert [item["text"][:15] for item in doctor["findings"][:2]] == ["Paused by staff", "The Web Connect"]
    assert harbour.json("connector", "resume", "harbour")["paused"] is False
    assert harbour.json("connector", "list")[0]["mood"] == "never_seen"


def test_resync_is_noted_and_a_second_one_is_told_that_the_first_waits(harbour: Cli) -> None:
    harbour.words("resync", "harbour")
    asked = harbour.json("connector", "show", "harbour")["resync_requested_at"]
    assert asked
    said = " ".join(harbour.words("resync", "harbour").split())
    day, minute = asked[:10], asked[11:16]
    assert said.startswith(f"A Resync of harbour asked for at {day} {minute} UTC is still waiting")
    assert harbour.json("resync", "harbour") == {"name": "harbour", "resync": "already_requested"}
    assert harbour.json("connector", "show", "harbour")["resync_requested_at"] == asked


def test_confirm_needs_a_connector(harbour: Cli) -> None:
    assert "has no other company file" in harbour.fails("connector", "confirm", "harbour")["error"]
    assert harbour.fails("connector", "confirm", "nowhere")["error"]


def test_the_words_of_add_hold_the_password_in_one_piece(cli: Cli) -> None:
    assert re.search(r"Password +[a-z0-9]{8}(-[a-z0-9]{8}){3}\n", cli.words("connector", "add", "harbour"))


def test_the_rules_to_match_by_are_set_in_their_order(harbour: Cli) -> None:
    harbour.json("connector", "set", "harbour", "match_items_by=name,part_number")
    settings = harbour.json("connector", "show", "harbour")["settings"]
    assert settings["match_items_by"] == ["name", "part_number"]
    assert re.search(r"match_items_by +name,part_number", harbour.words("connector", "show", "harbour"))
    refused = harbour.run("connector", "set", "harbour", "match_items_by=sku")
    assert refused.exit_code != 0
    assert "use one or several of: part_number, name, sub_name, barcode" in refused.output + refused.stderr
    harbour.json("connector", "set", "harbour", "match_items_by=")
    assert harbour.json("connector", "show", "harbour")["settings"]["match_items_by"] == ["part_number"]


def test_an_onboarding_link_is_printed_with_its_end_and_can_be_revoked(harbour: Cli) -> None:
    made = harbour.json("connector", "onboard", "harbour", "--hours", "2")
    assert re.fullmatch(r"http://localhost:\d+/onboard/[\w-]{43}", made["url"])
    said = harbour.words("connector", "onboard", "harbour")
    assert "whoever opens it can create a new password" in said
    # a link that only this machine can open is not handed on without a word
    assert "It opens on this very machine only" in said
    assert "QBWC_PUBLIC_URL" in made["warning"]
    assert harbour.json("connector", "onboard", "harbour", "--revoke")["revoked"] is True
    assert harbour.json("connector", "onboard", "harbour", "--revoke")["revoked"] is False
    told = harbour.words("log", "harbour")
    assert "onboarding link created" in told
    assert "onboarding link revoked" in told
