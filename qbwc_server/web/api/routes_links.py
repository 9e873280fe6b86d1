"""The routes about what many records are in QuickBooks; those about one stand with its kind."""

from collections.abc import Iterator

from qbwc_server.domain.people import Scope
from qbwc_server.web.api import links
from qbwc_server.web.api import parameters as p
from qbwc_server.web.api.bodies import LINES, Body
from qbwc_server.web.api.serving import Route


def routes() -> Iterator[Route]:
    """What is linked many at a time."""
    yield Route(
        "POST",
        "/connectors/{connector}/links",
        links.batch,
        "link_batch",
        "Say of many records what they are in QuickBooks, one a line",
        {200: "LinkOutcome"},
        "Batch",
        query=(p.DRY_RUN,),
        body=Body("LinkLine", LINES),
        description="Each line names a record that was handed over, and one entry or document of QuickBooks. It is "
        "answered by one line, and is done whole or not at all; a faulty line holds up no other, so the status is 200 "
        "whatever becomes of the lines. Lines may be sent again: what is linked so already is `unchanged`.",
        scope=Scope.MANAGE,
    )
