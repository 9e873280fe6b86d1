"""Serving a route: reads what the route declares, calls its view, writes the answer."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from flask import Flask, Response, request

from qbwc_server.desk.feeds.waits import ASIDE, Aside
from qbwc_server.domain.faults import Fault, InvalidInput
from qbwc_server.domain.order import ANYTHING, Expected
from qbwc_server.domain.people import ApiKey, Scope
from qbwc_server.sync.core import Core
from qbwc_server.web.api import bodies, budget, failures, idempotency, preconditions, queries
from qbwc_server.web.api.bodies import Body, Form
from qbwc_server.web.api.idempotency import Again
from qbwc_server.web.api.keys import PUBLIC, key_of_request
from qbwc_server.web.api.queries import Parameter
from qbwc_server.web.context import core

VERSION = "/v1"


@dataclass(frozen=True, slots=True)
class Call:
    """What a view is given beside the parts of the address.

    Attributes:
        key: the key the request came with; None only where none is needed.
        query: the parameters of the query that were given, read as the route declares them.
        body: the JSON object that was sent; empty where the route takes none.
        lines: the lines that were sent, where the route takes lines.
        expected: what must hold of the record the address names.
        aside: entered while nothing is done but waiting, so that others are served meanwhile.
    """

    core: Core
    key: ApiKey | None
    query: Mapping[str, Any] = field(default_factory=dict)
    body: Mapping[str, Any] = field(default_factory=dict)
    lines: Iterator[bytes] = field(default_factory=lambda: iter(()))
    expected: Expected = ANYTHING
    aside: Aside = nullcontext

    @property
    def seconds(self) -> int:
        """So long the answer may wait for what the host wants to hear."""
        return int(self.query.get("wait", 0))

    @property
    def actor(self) -> str:
        """Under which name what is done here goes into the history."""
        return f"host ({self.key.name})" if self.key else "host"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a view answers.

    Attributes:
        content: a JSON value; None with status 304, which has none.
        revision: of the record it shows, for its ETag.
        had_room: False: too many wait already, so that this one was not waited for.
    """

    content: object
    status: int = 200
    revision: int | None = None
    had_room: bool = True


@dataclass(frozen=True, slots=True)
class Lines:
    """Values written one a line, each as soon as it is there; or in the form in which lines were sent."""

    values: Iterator[object]


View = Callable[..., Answer | Lines]
Judge = Callable[..., Sequence[Fault]]
"""Called with a body, and the parts of the address by name."""


@dataclass(frozen=True, slots=True)
class Route:
    """One address with one method: how it is served, and what its documentation says.

    Attributes:
        path: as OpenAPI writes it, below ``/api/v1``: ``/connectors/{connector}/events``.
        view: called with a `Call` and the parts of the address by name.
        name: unique; the operationId of the documentation.
        answers: status → name of the schema of the answer.
        fails: statuses of failures particular to this route; those that follow from its parts are added.
        scope: what a key must be good for; None: reading with GET, and writing with any other method.
        judge: what is wrong with a body, where the query is refused as well: all faults are told at once.
        again: what becomes of a POST that comes again, where it is not known whether the first was carried out.
    """

    method: str
    path: str
    view: View
    name: str
    summary: str
    answers: Mapping[int, str]
    tag: str
    query: tuple[Parameter, ...] = ()
    body: Body | None = None
    fails: tuple[int, ...] = ()
    description: str = ""
    scope: Scope | None = None
    again: Again = Again.IS_DONE
    judge: Judge | None = None

    @property
    def needs(self) -> Scope:
        """The scope a key must have for it."""
        return self.scope or (Scope.READ if self.method == "GET" else Scope.WRITE)

    @property
    def is_keyed(self) -> bool:
        """Whether hosts may give its requests a key. Lines may be sent again without one: each is answered."""
        return self.method == "POST" and not (self.body and self.body.is_lines)

    @property
    def is_of_a_record(self) -> bool:
        """Whether the address names one record, of which something may be expected."""
        return "{external_id}" in self.path


_CONVERTERS = {
    "{connector}": "<connector:connector>",
    "/links/{kind}": "/links/<kind_or_word:kind>",
    "{kind}": "<kind:kind>",
    "{external_id}": "<external_id:external_id>",
    "{error_id}": "<row:error_id>",
    "{ruling_id}": "<row:ruling_id>",
    "{webhook_id}": "<row:webhook_id>",
    "{delivery_id}": "<row:delivery_id>",
    "{list}": "<list_name>",
    "{request_id}": "<row:request_id>",
    "{key_name}": "<external_id:key_name>",
}


def add(app: Flask, route: Route) -> None:
    """Serve `route` in `app`."""
    rule = VERSION + route.path
    for part, converter in _CONVERTERS.items():
        rule = rule.replace(part, converter)
    app.add_url_rule(
        rule,
        endpoint=route.name,
        view_func=partial(_serve, route),
        methods=[route.method],
        provide_automatic_options=False,
    )


def _serve(route: Route, **address: Any) -> Response:
    expected = preconditions.read(honoured=route.is_of_a_record, keyed=route.is_keyed)
    key = idempotency.key_of_request() if route.is_keyed else None
    form, lines = _lines(route.body)
    data = bodies.read(route.body) if route.body and form is None else b""
    call = Call(
        core=core(),
        key=None if route.name in PUBLIC else key_of_request(),
        query={},
        body=bodies.as_object(route.body, data) if route.body and form is None else {},
        lines=lines,
        expected=expected,
        aside=request.environ.get(ASIDE, nullcontext),
    )
    call = replace(call, query=_query(route, call.body, address))
    work = partial(_answered, route, call, form, address)
    if key is None or call.key is None:
        return work()
    asked = idempotency.Request(call.core, call.key, key, data, call.seconds, route.again)
    return idempotency.once(asked, work)


def _query(route: Route, body: Mapping[str, Any], address: Mapping[str, Any]) -> Mapping[str, Any]:
    try:
        return queries.read(route.query, request.args)
    except InvalidInput as error:
        more = route.judge(body, **address) if route.judge is not None else ()
        raise InvalidInput([*error.faults, *more]) from None


def _answered(route: Route, call: Call, form: Form | None, address: Mapping[str, Any]) -> Response:
    answer = route.view(call, **address)
    if not isinstance(answer, Lines):
        return _response(answer)
    if form is Form.LINES:
        return Response(map(_line, answer.values), content_type=bodies.LINES[0])
    return _response(Answer(next(answer.values) if form is Form.ONE else list(answer.values)))


def _lines(body: Body | None) -> tuple[Form | None, Iterator[bytes]]:
    """In which form lines were sent, and they; None where the route takes none."""
    if body is None or not body.is_lines:
        return None, iter(())
    form, lines = bodies.read_lines(body)
    return form, budget.weighed(key_of_request(), lines)


def _response(answer: Answer) -> Response:
    if answer.status == 304:
        response = Response(status=304)
    else:
        response = Response(to_json(answer.content), answer.status, content_type="application/json")
    if answer.revision is not None:
        response.headers["ETag"] = f'"{answer.revision}"'
    if not answer.had_room:
        response.headers["Retry-After"] = str(failures.RETRY_AFTER_SECONDS)
    return response


def _line(value: object) -> str:
    return to_json(value) + "\n"


def to_json(value: object) -> str:
    """JSON in pure ASCII: decimals as strings, times as ISO 8601 in UTC."""
    return json.dumps(value, default=_plain)


def _plain(value: object) -> object:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    raise TypeError(f"{type(value).__name__} has no place in an answer")
