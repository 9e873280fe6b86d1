"""The API keys of a connector: made, listed and revoked by whoever may manage it."""

from qbwc_server.access import api_keys
from qbwc_server.desk.views.key_views import ApiKeyView, NewApiKeyView
from qbwc_server.domain.faults import Fault, InvalidInput
from qbwc_server.domain.near import did_you_mean
from qbwc_server.domain.people import Scope
from qbwc_server.web.api.serving import Answer, Call

_FIELDS = ("name", "scope", "expires")


def create(call: Call, connector: str) -> Answer:
    """Make a key for this connector; its secret is shown this once."""
    faults = [
        Fault(f"/{name}", f"there is no such field{did_you_mean(name, _FIELDS)}")
        for name in call.body
        if name not in _FIELDS
    ]
    name, scope, expires = (call.body.get(field) for field in _FIELDS)
    if not isinstance(name, str):
        faults.append(Fault("/name", "is needed, as text"))
    if scope is not None and scope not in list(Scope):
        faults.append(Fault("/scope", f"must be one of {', '.join(Scope)}"))
    if expires is not None and not isinstance(expires, str):
        faults.append(Fault("/expires", "must be text, such as 2027-01-31"))
    if faults:
        fitting = [each if isinstance(each, str) else None for each in (name, expires)]
        raise InvalidInput([*faults, *api_keys.faults_of(call.core, *fitting)])
    made = api_keys.create(
        call.core,
        str(name),
        connector=connector,
        scope=Scope.MANAGE if scope is None else Scope(scope),
        expires=expires,
        actor=call.actor,
        by=call.key,
    )
    return Answer(NewApiKeyView.with_secret(made.key, made.secret).as_json(), 201)


def listing(call: Call, connector: str) -> Answer:
    """The keys that open this connector and no other."""
    found = api_keys.of_connector(call.core, connector)
    return Answer({"api_keys": [ApiKeyView.of(key).as_json() for key in found]})


def revoke(call: Call, connector: str, key_name: str) -> Answer:
    """Let a key of this connector open nothing from now on."""
    revoked = api_keys.revoke(call.core, key_name, connector=connector, actor=call.actor)
    return Answer(ApiKeyView.of(revoked).as_json())
