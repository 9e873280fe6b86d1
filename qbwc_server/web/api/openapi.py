"""The OpenAPI 3.1 document, made from the table of routes and the schemas."""

from collections.abc import Iterable
from typing import Any

from qbwc_server import __version__
from qbwc_server.domain.connectors import NAME_PATTERN
from qbwc_server.domain.cursors import LARGEST_ID
from qbwc_server.domain.people import Scope
from qbwc_server.web.api.bodies import OBJECT, Body
from qbwc_server.web.api.failures import MEDIA_TYPE, PROBLEMS, RETRY_AFTER_SECONDS
from qbwc_server.web.api.generators import readable
from qbwc_server.web.api.idempotency import HEADER, PATTERN, REPLAYED, Again
from qbwc_server.web.api.keys import PUBLIC
from qbwc_server.web.api.queries import Parameter
from qbwc_server.web.api.schemas import EXTERNAL_ID, all_schemas, ref
from qbwc_server.web.api.serving import Route

_DESCRIPTION = """\
Hand over what QuickBooks should hold, under your own ids, and see how it fares.

Every request but the one for this document carries an API key: `Authorization: Bearer KEY`. A key opens one
connector or all of them; what it does not open does not exist for it (404). Its scope says what it may be used for:
`read`, `write` (records, too) or `manage` (everything); what needs more is refused with 403.

Money and quantities are decimals in strings (`"9.50"`). Times are ISO 8601 with an offset. An external id may hold
any printable characters, but no space or slash at either end; percent-encode what an address cannot hold, a slash as
`%2F`: an address with a slash too many is not there (404).

A key may make so many requests a minute; a batch costs one for each 50 lines begun, a long wait one. Every answer says
what is left: `RateLimit: "key";r=5990;t=42` (requests, and seconds until it has all of them again), beside
`RateLimit-Policy: "key";q=6000;w=60`. Whoever has none left gets 429 with `Retry-After`, and nothing was done.

Failures are `application/problem+json` (RFC 9457) and list every fault with its JSON pointer. PUT may be repeated at
any time: the same content again changes nothing. Every record has its revision as its `ETag`; `If-Match` and
`If-None-Match` are honoured where one record is meant, and any other precondition (`If-Unmodified-Since`) is
refused with 400, never ignored.

A POST may carry an `Idempotency-Key` of your own, a UUID say. The same request with the same key within 24 hours is not
carried out again: it is answered as it was the first time, with `Idempotency-Replayed: true`. PUT and DELETE need none,
nor do lines of a batch: repeat them as they are; there the header is refused with 400.
"""

_ADDRESS: dict[str, dict[str, Any]] = {
    "connector": {
        "description": "Its name.",
        "schema": {"type": "string", "pattern": f"^{NAME_PATTERN.pattern}$"},
    },
    "external_id": {
        "description": "Your own id.",
        "schema": EXTERNAL_ID,
    },
    "key_name": {
        "description": "Its name.",
        "schema": EXTERNAL_ID,
    },
    **{
        name: {
            "description": "Its id.",
            "schema": {"type": "integer", "minimum": 1, "maximum": LARGEST_ID},
        }
        for name in ("error_id", "request_id", "webhook_id", "delivery_id")
    },
    "ruling_id": {
        "description": "Its id.",
        "schema": {"type": "integer", "minimum": 1, "maximum": LARGEST_ID},
    },
}


def document(routes: Iterable[Route]) -> dict[str, Any]:
    """The document that describes these routes."""
    paths: dict[str, dict[str, Any]] = {}
    every = tuple(routes)
    for route in every:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {"title": "qbwc-server", "version": __version__, "description": _DESCRIPTION},
        "servers": [{"url": "/api/v1"}],
        "security": [{"key": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
            "schemas": {name: readable(schema) for name, schema in all_schemas().items()},
            "parameters": {
                _KEY_COMPONENT: _KEY,
                **{
                    each.component: _described(each)
                    for route in every
                    for each in route.query
                    if each.component
                },
            },
            "responses": {known.name: _problem(status) for status, known in PROBLEMS.items()},
        },
    }


def _operation(route: Route) -> dict[str, Any]:
    answers = {str(status): _answer(name, route) for status, name in route.answers.items()}
    if route.is_of_a_record and route.method == "GET":
        answers["304"] = {"description": "Nothing became of it since that revision was handed over."}
    answers |= {
        str(status): {"$ref": f"#/components/responses/{PROBLEMS[status].name}"}
        for status in failures_of(route)
    }
    operation: dict[str, Any] = {
        "operationId": route.name,
        "summary": route.summary,
        "tags": [route.tag],
        "parameters": [*_parts(route), *_headers(route), *map(_parameter, route.query)],
        "responses": dict(sorted(answers.items())),
    }
    if described := _description(route):
        operation["description"] = described
    if route.body:
        operation["requestBody"] = {"required": True, "content": _content(route.body)}
    operation["security"] = [] if route.name in PUBLIC else [{"key": [route.needs.value]}]
    return operation


def _content(body: Body) -> dict[str, Any]:
    """Media type → schema; what is taken one a line is taken as an array, too."""
    content = {media: {"schema": _body(media, body)} for media in body.media_types}
    if body.is_lines and not body.may_be_one:
        content[OBJECT[0]] = {"schema": {"type": "array", "items": ref(body.schema)}}
    return content


def _body(media: str, body: Body) -> dict[str, Any]:
    if media.endswith("/xml"):
        return {"type": "string"}
    return _one_or_several(body.schema) if body.may_be_one and media in OBJECT else ref(body.schema)


def _one_or_several(schema: str) -> dict[str, Any]:
    return {"oneOf": [ref(schema), {"type": "array", "items": ref(schema)}]}


def _description(route: Route) -> str:
    """What is said of a route; what most keys may do needs no words."""
    scope = f"Takes a key of scope `{route.needs}`." if route.needs is Scope.MANAGE else ""
    again = _AGAIN[route.again] if route.is_keyed else ""
    return " ".join(filter(None, (route.description, scope, again)))


_AGAIN = {
    Again.IS_DONE: "",
    Again.IS_REFUSED: "With an `Idempotency-Key` whose first request was cut off, so that its outcome is not known: "
    "409.",
    Again.IS_REFUSED_ALWAYS: "With an `Idempotency-Key` that came before: 409, as the secret is not kept.",
}


def failures_of(route: Route) -> list[int]:
    """Every status of failure this route can answer."""
    found = {*route.fails, 400, 422, 500, 503}
    if route.name not in PUBLIC:
        found |= {401, 429}
    if route.needs is not Scope.READ:
        found.add(403)
    if "{" in route.path:
        found.add(404)
    if route.is_of_a_record:
        found.add(412)
    if route.path.endswith("{external_id}"):
        # behind a server that does not tell how an address was sent, `x%2Fvoid` is what is done with x
        found.add(405)
    if route.is_keyed:
        found.add(409)
    if route.body:
        found |= {413, 415}
    if route.method != "GET":
        found.add(507)
    return sorted(found)


def _answer(schema: str, route: Route) -> dict[str, Any]:
    body = route.body
    media = body.media_types[0] if body and body.is_lines else "application/json"
    words = "One object a line" if body and body.is_lines else "Done"
    content: dict[str, Any] = {media: {"schema": ref(schema)}}
    if body and body.is_lines:
        words = "One object a line, or an array of them where an array was sent"
        content["application/json"] = {"schema": {"type": "array", "items": ref(schema)}}
    if body and body.may_be_one:
        words = "In the form in which it was sent: an object, an array, or one object a line"
        content["application/json"] = {"schema": _one_or_several(schema)}
    answer = {"description": words, "content": content}
    headers = {"ETag": _ETAG} if route.is_of_a_record else {}
    if route.is_keyed and route.again is not Again.IS_REFUSED_ALWAYS:
        headers[REPLAYED] = _REPLAYED
    return answer | ({"headers": headers} if headers else {})


_ETAG = {
    "description": "The revision in double quotes. A record changes its state without a new one.",
    "schema": {"type": "string", "examples": ['"3"']},
}
_REPLAYED = {
    "description": "The answer is that of the first request with this `Idempotency-Key`.",
    "schema": {"type": "string", "enum": ["true"]},
}
_KEY = {
    "name": HEADER,
    "in": "header",
    "description": "Your own name for this request, such as a UUID: sent again with it within 24 hours, it is answered "
    "as it was the first time. 409 with `Retry-After`: the first one is still under way. 422: another address or body "
    "came with it.",
    "schema": {"type": "string", "pattern": PATTERN},
}
_KEY_COMPONENT = "IdempotencyKey"
_PRECONDITIONS = {
    "If-Match": "Only if the record has this ETag, or one of several with commas between; otherwise 412.",
    "If-None-Match": "`*`: only if there is no such record yet; otherwise 412. With GET an ETag: 304 while nothing "
    "became of the record since that revision was handed over.",
}


def _preconditions(route: Route) -> list[dict[str, Any]]:
    if not route.is_of_a_record:
        return []
    tag = r'(W/)?"[!#-~]*"'
    tags = {"type": "string", "pattern": rf"^(\*|{tag}(, ?{tag})*)$", "examples": ['"3"']}
    return [
        {"name": name, "in": "header", "description": words, "schema": tags}
        for name, words in _PRECONDITIONS.items()
    ]


def _headers(route: Route) -> list[dict[str, Any]]:
    """What a request may carry beside its body."""
    key = {"$ref": f"#/components/parameters/{_KEY_COMPONENT}"}
    return [*_preconditions(route), *([key] if route.is_keyed else [])]


def _parts(route: Route) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, **more}
        for name, more in _ADDRESS.items()
        if f"{{{name}}}" in route.path
    ]


def _parameter(declared: Parameter) -> dict[str, Any]:
    """What several routes have stands once, in the components."""
    if declared.component:
        return {"$ref": f"#/components/parameters/{declared.component}"}
    return _described(declared)


def _described(declared: Parameter) -> dict[str, Any]:
    several = {"style": "form", "explode": False} if declared.is_list else {}
    return {
        "name": declared.name,
        "in": "query",
        "description": declared.description,
        **several,
        "schema": dict(declared.schema),
    }


def _problem(status: int) -> dict[str, Any]:
    made: dict[str, Any] = {
        "description": PROBLEMS[status].title,
        "content": {MEDIA_TYPE: {"schema": ref("Problem")}},
    }
    headers = {
        401: {"WWW-Authenticate": {"schema": {"type": "string"}}},
        403: {"WWW-Authenticate": {"schema": {"type": "string"}}},
        409: {
            "Retry-After": {
                "description": "Seconds; where the first request with the same `Idempotency-Key` is under way.",
                "schema": {"type": "integer", "default": RETRY_AFTER_SECONDS},
            }
        },
        405: {"Allow": {"schema": {"type": "string"}}},
        429: {
            "Retry-After": {"description": "Seconds.", "schema": {"type": "integer", "minimum": 1}},
            "RateLimit-Policy": {"schema": {"type": "string", "examples": ['"key";q=6000;w=60']}},
            "RateLimit": {"schema": {"type": "string", "examples": ['"key";r=0;t=17']}},
        },
        503: {"Retry-After": {"schema": {"type": "integer", "default": RETRY_AFTER_SECONDS}}},
    }
    return made | ({"headers": headers[status]} if status in headers else {})
