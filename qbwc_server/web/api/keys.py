"""Who may come in: the API key of every request, and the one connector it opens."""

import re

from flask import Flask, g, request

from qbwc_server.access import api_keys
from qbwc_server.domain import external_ids
from qbwc_server.domain.faults import Fault, InvalidInput, NotFound
from qbwc_server.domain.people import ApiKey
from qbwc_server.web.context import core

from .failures import Refusal

PUBLIC = frozenset({"openapi"})
"""Endpoints open to everybody."""

_REALM = 'Bearer realm="qbwc-server"'
_BEARER = re.compile(r"bearer +([A-Za-z0-9._~+/-]+=*) *", re.IGNORECASE)


def install(app: Flask) -> None:
    """Close everything in `app` that is not public to whoever has no good key for it.

    An address that does not exist is closed, too: nobody learns without a key what there is.
    """
    app.before_request(_guard)


def key_of_request() -> ApiKey:
    """The key the request came with."""
    key: ApiKey = g.key
    return key


def _guard() -> None:
    if request.endpoint in PUBLIC:
        return
    g.key = _authenticated()
    values = request.view_args or {}
    if "connector" in values:
        _check_tenant(g.key, values["connector"])
    if not external_ids.is_printable(values.get("external_id", "")):
        _refuse_unprintable()


def _authenticated() -> ApiKey:
    header = request.headers.get("Authorization")
    if header is None:
        raise Refusal(401, "send your API key as: Authorization: Bearer KEY", {"WWW-Authenticate": _REALM})
    found = _BEARER.fullmatch(header)
    key = api_keys.authenticate(core(), found[1]) if found else None
    if key is None:
        challenge = {"WWW-Authenticate": f'{_REALM}, error="invalid_token"'}
        raise Refusal(401, "this API key is unknown or revoked", challenge)
    return key


def _check_tenant(key: ApiKey, connector: str) -> None:
    """A key for one connector learns of no other: not even whether it exists (`connectors.by_name` says the same)."""
    if key.connector not in (None, connector):
        raise NotFound(f"there is no connector named {connector!r}")


def _refuse_unprintable() -> None:
    """No record has such an id, and none gets one."""
    if request.endpoint == "put_record":
        raise InvalidInput([Fault("/external_id", "must have printable characters only")])
    raise NotFound("no record has an external id that cannot be printed")
