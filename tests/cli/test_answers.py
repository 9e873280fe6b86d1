"""`qbwc-server errors answer`, and the choices that `errors show` prints."""

from __future__ import annotations

from tests.worlds.cli_world import Cli


def the_error(cli: Cli, cause_key: str) -> int:
    return next(error["id"] for error in cli.json("errors", "list") if error["cause_key"] == cause_key)


def test_show_names_the_choices_with_the_words_to_answer_them_by(blocked: Cli) -> None:
    number = the_error(blocked, "record:customer c-1")
    shown = blocked.json("errors", "show", str(number))
    ids = [choice["id"] for choice in shown["choices"] if choice["answerable"]]
    assert ids == ["link", "create", "dismiss", "dismiss_this"]
    assert shown["token"]
    words = blocked.run("errors", "show", str(number)).stdout
    assert f"qbwc-server errors answer {number} create" in words
    assert f"qbwc-server errors answer {number} link --value LIST_ID" in words
    assert "where: email" in words


def test_an_answer_releases_all_that_wait_and_is_told_in_the_log(blocked: Cli) -> None:
    number = the_error(blocked, "record:customer c-1")
    done = blocked.json("errors", "answer", str(number), "create", "--note", "has no email")
    assert (done["choice"], done["answered"], done["still_waiting"]) == ("create", 2, 0)
    assert done["error"]["answered"]["actor"] == "cli"
    assert blocked.json("get", "customer", "c-1")["state"] == "queued"
    events = blocked.json("log", "harbour")
    told = [event for event in events if event["type"] == "customer.answered"]
    assert [event["actor"] for event in told] == ["cli"]
    assert "create it in QuickBooks (create): has no email" in str(told[0])
    again = blocked.fails("errors", "answer", str(number), "create")
    assert "is closed" in again["error"]


def test_a_choice_that_is_mistyped_is_told_with_those_there_are(blocked: Cli) -> None:
    number = the_error(blocked, "record:customer c-1")
    assert "did you mean create" in blocked.fails("errors", "answer", str(number), "creat")["error"]
    told = blocked.fails("errors", "answer", str(number), "link")
    assert "ListID of the customer" in str(told)
    assert "PUT" in str(blocked.fails("errors", "answer", str(number), "hand_over_again"))
    assert blocked.json("get", "customer", "c-1")["state"] == "blocked"
