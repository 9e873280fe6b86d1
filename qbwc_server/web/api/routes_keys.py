"""The routes about API keys."""

from collections.abc import Iterator

from qbwc_server.domain.people import Scope
from qbwc_server.web.api import api_keys
from qbwc_server.web.api.bodies import Body
from qbwc_server.web.api.idempotency import Again
from qbwc_server.web.api.serving import Route

_PLACE = "/connectors/{connector}/api-keys"
_TAG = "API keys"


def routes() -> Iterator[Route]:
    """What can be done with the keys of a connector."""
    yield Route(
        "POST",
        _PLACE,
        api_keys.create,
        "create_api_key",
        "Make a key for this connector",
        {201: "NewApiKey"},
        _TAG,
        body=Body("ApiKeyToMake"),
        fails=(409,),
        description="The secret is in this answer and nowhere else. The new key opens this connector only, has no more "
        "rights than the one that makes it, and expires no later. 409 when a good key of the connector has this name.",
        scope=Scope.MANAGE,
        again=Again.IS_REFUSED_ALWAYS,
    )
    yield Route(
        "GET",
        _PLACE,
        api_keys.listing,
        "list_api_keys",
        "The keys that open this connector and no other",
        {200: "ApiKeys"},
        _TAG,
        description="Good and revoked ones, in the order they were made, without their secrets.",
        scope=Scope.MANAGE,
    )
    yield Route(
        "DELETE",
        f"{_PLACE}/{{key_name}}",
        api_keys.revoke,
        "revoke_api_key",
        "Let a key of this connector open nothing from now on",
        {200: "ApiKey"},
        _TAG,
        description="A key may revoke itself. Revoked keys are kept in the list.",
        scope=Scope.MANAGE,
    )
