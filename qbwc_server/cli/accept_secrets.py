"""`qbwc-server db accept-secrets`: go on without the secrets file that a database belongs to."""

from __future__ import annotations

from dataclasses import asdict

import click

from qbwc_server import installation, new_key
from qbwc_server.access import key_change
from qbwc_server.access.key_change import AtStake
from qbwc_server.cli.configuration import config_of
from qbwc_server.cli.failures import Failure
from qbwc_server.cli.invocation import ACTOR, Invocation, json_option, pass_invocation
from qbwc_server.cli.output import Console, console, say
from qbwc_server.config import secrets_path
from qbwc_server.domain.clock import utc_now
from qbwc_server.sole import sole_server


@click.command("accept-secrets")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@pass_invocation
def accept_secrets(invocation: Invocation, yes: bool) -> None:
    """Let the database belong to the secrets file that is there now, or to a new one if there is none.

    Only for when the right file is lost for good. Every Web Connector password and every API key is dead
    afterwards and has to be made new; people are signed out and keep their passwords. Records, links to
    QuickBooks and history are kept.
    """
    config = config_of(invocation)
    with installation.opened_database(config) as database, sole_server(config):
        if installation.belongs(config, database):
            words = f"{secrets_path(config)} is the secrets file of this database: nothing has to be done."
            invocation.output.result({"accepted": False}, lambda target: say(target, words, "green"))
            return
        _confirm(invocation, key_change.at_stake(database), yes)
        lost = new_key.accept_secrets(config, database, now=utc_now(), actor=ACTOR)
    payload = {"accepted": True, "secrets_file": str(secrets_path(config)), "to_make_new": asdict(lost)}
    invocation.output.result(payload, lambda target: _tell(target, lost))


def _confirm(invocation: Invocation, lost: AtStake, yes: bool) -> None:
    if yes:
        return
    if invocation.as_json:
        raise Failure(
            "this makes every Web Connector password and every API key worthless; --yes says that it is meant"
        )
    target = console(stderr=True)
    say(
        target,
        "Without the secrets file that belongs to this database these are worth nothing:",
        "bold yellow",
    )
    for line in _dead(lost):
        say(target, f"  {line}")
    if not click.confirm("It is lost for good, and they shall be made new", err=True):
        raise Failure("nothing was changed")


def _dead(lost: AtStake) -> list[str]:
    return [
        f"the Web Connector passwords of these connectors: {', '.join(lost.connectors) or 'there is none'}",
        f"these API keys: {', '.join(lost.api_keys) or 'there is none'}",
        f"the secrets of these webhooks: {', '.join(lost.webhooks) or 'there is none'}",
        "the sessions of everybody who is signed in to the site (their passwords stay good)",
    ]


def _tell(target: Console, lost: AtStake) -> None:
    say(target, "The database belongs to the secrets file that is there now. To make new:", "bold green")
    for name in lost.connectors:
        say(target, f"  qbwc-server connector rotate-password {name}   (and type it into the Web Connector)")
    for name in lost.api_keys:
        say(target, f"  qbwc-server api-key create {name!r}   (and give it to the host)")
    for name in lost.webhooks:
        connector, _, webhook_id = name.rpartition(" ")
        say(
            target,
            f"  qbwc-server webhook rotate-secret {webhook_id} --connector {connector}   (then enable it)",
        )
    say(target, "People sign in again with the passwords they have.")
