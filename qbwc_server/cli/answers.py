"""`qbwc-server errors answer`: one of the choices of an error record, carried out for all that wait behind it."""

import sys
from typing import Any

import click

from qbwc_server.cli.failures import BrokenOff, Failure
from qbwc_server.cli.invocation import ACTOR, Invocation, json_option, pass_invocation
from qbwc_server.cli.opening import core_of
from qbwc_server.cli.output import Console, say
from qbwc_server.cli.words import Whole
from qbwc_server.desk.deciding import answering
from qbwc_server.desk.deciding.choice_views import AnsweredView, ErrorInFullView
from qbwc_server.desk.error_records import choices
from qbwc_server.desk.error_records import errors as error_records
from qbwc_server.desk.error_records.choices import Offer, Stale
from qbwc_server.domain.causes import Candidate
from qbwc_server.domain.choices import Choice
from qbwc_server.domain.faults import place_in_words
from qbwc_server.domain.near import did_you_mean


@click.command("answer")
@click.argument("error_id", metavar="ID", type=Whole(1))
@click.argument("choice_id", metavar="CHOICE")
@click.option("--value", metavar="TEXT", help="What the choice needs: a ListID, a TxnID, a name.")
@click.option("--note", metavar="TEXT", help="Why, for the next person.")
@click.option("--yes", "is_sure", is_flag=True, help="Do not ask whether it is meant.")
@json_option
@pass_invocation
def answer(
    invocation: Invocation,
    error_id: int,
    choice_id: str,
    value: str | None,
    note: str | None,
    is_sure: bool,
) -> None:
    """Carry out one of the choices of an error record, for everything that waits behind its cause key.

    `errors show ID` prints the choices. On a terminal it is asked whether it is meant, unless --yes or --json is given.
    """
    with core_of(invocation) as core:
        name = error_records.get(core, error_id).connector
        offer = choices.of_error(core, name, error_id)
        choice = _chosen(offer, choice_id)
        if not (is_sure or invocation.as_json) and sys.stdin.isatty():
            _ask(choice)
        try:
            done = answering.answer(
                core, name, error_id, choice.id, offer.token, value=value, note=note, actor=ACTOR
            )
        except Stale as error:
            raise Failure(str(error)) from None
    words = f"{choice.label}: {done.answered:,} answered, {done.still_waiting:,} still waiting."
    invocation.output.result(AnsweredView.of(done).as_json(), lambda target: say(target, words, "green"))


def _chosen(offer: Offer, choice_id: str) -> Choice:
    """The choice that is meant."""
    found = next((each for each in offer.choices if each.id == choice_id), None)
    if found is not None:
        return found
    if offer.error.closed_at is not None:
        raise Failure(
            f"error record {offer.error.id} is closed: {offer.error.close_reason or 'it went away'}"
        )
    ids = [each.id for each in offer.choices if each.is_answerable]
    near = did_you_mean(choice_id, ids) or f"; there are {', '.join(ids)}"
    raise Failure(f"error record {offer.error.id} has no choice {choice_id!r}{near}")


def _ask(choice: Choice) -> None:
    if not click.confirm(f"{choice.label}: {choice.consequence} Go on", err=True):
        raise BrokenOff("nothing was done")


def offered(offer: Offer) -> dict[str, Any]:
    """An error record with its choices, as `errors show --json` has it."""
    return {**ErrorInFullView.whole(offer).as_json(), "connector": offer.error.connector}


def print_choices(target: Console, offer: Offer) -> None:
    """What may be chosen, each with the word to answer it by."""
    if offer.answered is not None:
        said = offer.answered
        say(target, f"  Answered:        {said.at:%Y-%m-%d %H:%M} UTC by {said.actor}: {said.label}")
    for title, are_answerable in (("Choices", True), ("Or elsewhere", False)):
        some = [each for each in offer.choices if each.is_answerable is are_answerable]
        if some:
            say(target, f"  {title}:")
        for each in some:
            _print_choice(target, offer, each)


def _print_choice(target: Console, offer: Offer, choice: Choice) -> None:
    say(target, f"    {choice.label}", "bold")
    say(target, f"      {choice.consequence}")
    if choice.candidate is not None and (known := _known_of(choice.candidate)):
        say(target, f"      {known}")
    if choice.is_answerable:
        value = f" --value {choice.needs.name.upper()}" if choice.needs is not None else ""
        say(target, f"      qbwc-server errors answer {offer.error.id} {choice.id}{value}", "dim")
    elif choice.fields:
        say(target, f"      where: {'; '.join(map(place_in_words, choice.fields))}", "dim")


def _known_of(it: Candidate) -> str:
    """What a customer or vendor is told apart by, in a line."""
    told = [it.email, it.account_number, it.city, it.phone]
    if it.balance is not None:
        at = f" at {it.told_at:%Y-%m-%d %H:%M} UTC" if it.told_at is not None else ""
        told.append(f"balance {it.balance:,.2f}{' ' + it.currency if it.currency else ''}{at}")
    if it.last_document is not None:
        last = it.last_document
        told.append(f"last {last.kind.label} {last.number or last.external_id}")
    return ", ".join(filter(None, told))
