"""Who may come in: the API key of every request, and the one connector it opens."""

import re
from collections.abc import Mapping
from functools import partial

from flask import Flask, g, request

from qbwc_server.access import api_keys
from qbwc_server.domain import external_ids
from qbwc_server.domain.faults import Fault, InvalidInput, NotFound
from qbwc_server.domain.people import ApiKey, Scope
from qbwc_server.web.api import budget, viewer
from qbwc_server.web.api.failures import Refusal
from qbwc_server.web.context import core

PUBLIC = frozenset({"openapi"})
"""Routes open to everybody."""

_REALM = 'Bearer realm="qbwc-server"'
_BEARER = re.compile(r"bearer +([A-Za-z0-9._~+/-]+=*) *", re.IGNORECASE)


def install(app: Flask, needs: Mapping[str, Scope]) -> None:
    """Close everything in `app` that is not public to whoever has no good key for it.

    An address that does not exist is closed, too: nobody learns without a key what there is.

    Args:
        needs: endpoint → the scope a key must have for it.
    """
    app.before_request(partial(_guard, needs))


def key_of_request() -> ApiKey:
    """The key the request came with."""
    key: ApiKey = g.key
    return key


def _guard(needs: Mapping[str, Scope]) -> None:
    if request.endpoint in PUBLIC | viewer.PAGES:
        return
    g.key = key = _authenticated()
    budget.admit(key)
    values = request.view_args or {}
    if "connector" in values:
        _check_tenant(key, values["connector"])
    if request.endpoint is not None:
        check_scope(key, needs[request.endpoint])
    if not external_ids.is_printable(values.get("external_id", "")):
        _refuse_unprintable()


def _authenticated() -> ApiKey:
    header = request.headers.get("Authorization")
    if header is None:
        raise Refusal(401, "send your API key as: Authorization: Bearer KEY", {"WWW-Authenticate": _REALM})
    found = _BEARER.fullmatch(header)
    challenge = {"WWW-Authenticate": f'{_REALM}, error="invalid_token"'}
    try:
        key = api_keys.authenticate(core(), found[1]) if found else None
    except api_keys.Expired as error:
        raise Refusal(401, f"{error}; have another one made", challenge) from None
    if key is None:
        raise Refusal(401, "this API key is unknown or revoked", challenge)
    return key


def _check_tenant(key: ApiKey, connector: str) -> None:
    """A key for one connector learns of no other: not even whether it exists (`connectors.by_name` says the same)."""
    if key.connector not in (None, connector):
        raise NotFound(f"there is no connector named {connector!r}")


def check_scope(key: ApiKey, needed: Scope) -> None:
    """Refuse what a key is not good for.

    Raises:
        Refusal: 403; it says which scope is needed.
    """
    if not key.scope.covers(needed):
        told = f"this needs an API key of scope {needed}; the scope of this one is {key.scope}"
        challenge = {"WWW-Authenticate": f'{_REALM}, error="insufficient_scope", scope="{needed}"'}
        raise Refusal(403, told, challenge)


def _refuse_unprintable() -> None:
    """No record has such an id, and none gets one."""
    if request.endpoint == "put_record":
        raise InvalidInput([Fault("/external_id", "must have printable characters only")])
    raise NotFound("no record has an external id that cannot be printed")
