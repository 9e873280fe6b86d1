"""`qbwc-server connector onboard`: a link for the person at the QuickBooks PC, who has no account."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

import click

from qbwc_server.cli.invocation import ACTOR, Invocation, json_option, pass_invocation
from qbwc_server.cli.opening import core_of
from qbwc_server.cli.output import Console, say
from qbwc_server.cli.words import Whole
from qbwc_server.desk.administration import onboarding
from qbwc_server.domain.onboarding import LIFE, LONGEST, Onboarding
from qbwc_server.domain.once import new_salt

_HOUR = timedelta(hours=1)


@click.command("onboard")
@click.argument("name")
@click.option(
    "--hours",
    type=Whole(1, LONGEST // _HOUR),
    default=LIFE // _HOUR,
    show_default=True,
    help="Good for so long.",
)
@click.option("--revoke", is_flag=True, help="Let the link there is open nothing any more.")
@json_option
@pass_invocation
def onboard(invocation: Invocation, name: str, hours: int, revoke: bool) -> None:
    """Print a link that walks the person at the QuickBooks PC through it, without an account.

    It leads to the steps, the .qwc and a new password of this connector, and to nothing else. It is shown this once,
    and one made before stops working; so does it when the connector is removed or gets a full reset.
    """
    with core_of(invocation) as core:
        if revoke:
            was_good = onboarding.revoke(core, name, actor=ACTOR)
            words = f"The onboarding link of {name} is revoked." if was_good else f"{name} had no good link."
            invocation.output.result({"name": name, "revoked": was_good}, lambda target: say(target, words))
            return
        salt = new_salt()
        made = onboarding.make(core, name, salt, life=hours * _HOUR, actor=ACTOR)
        url = onboarding.address_of(core, salt)
    warning = _SET_IT if urlsplit(url).hostname == "localhost" else None
    card = {"name": name, "url": url, "expires_at": made.expires_at, "warning": warning}
    invocation.output.result(card, lambda target: _print(target, url, made, warning))


_SET_IT = (
    "It opens on this very machine only, as no public address is set. QuickBooks runs on another one? Set public_url "
    "in [server] of the configuration, or QBWC_PUBLIC_URL, to the https:// address of this server, and run this again."
)


def _print(target: Console, url: str, made: Onboarding, warning: str | None) -> None:
    say(target, url)
    if warning:
        say(target, warning, "yellow")
    say(
        target,
        "For the person at the QuickBooks PC alone: whoever opens it can create a new password.",
        "dim",
    )
    say(target, f"It is good until {made.expires_at:%Y-%m-%d %H:%M} UTC.", "dim")
