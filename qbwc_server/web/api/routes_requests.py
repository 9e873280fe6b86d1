"""The routes about requests in qbXML that hosts write themselves."""

from collections.abc import Iterator

from qbwc_server.domain.raw_requests import RawState
from qbwc_server.web.api import parameters as p
from qbwc_server.web.api import raw_requests
from qbwc_server.web.api.bodies import QBXML, Body
from qbwc_server.web.api.idempotency import Again
from qbwc_server.web.api.queries import Parameter, one_of, one_or_several, words_of
from qbwc_server.web.api.serving import Route

_PLACE = "/connectors/{connector}/requests"
_ONE = f"{_PLACE}/{{request_id}}"
_TAG = "Raw requests"

FOLLOW = Parameter(
    "follow",
    "`true`: go on with the iterator to its end; the pages become one answer.",
    one_of({"true": True, "false": False}),
    {"type": "boolean", "default": False},
)
STATE = Parameter(
    "state",
    "Only requests in one of these states.",
    one_or_several(words_of(RawState)),
    {"type": "array", "items": {"type": "string", "enum": list(RawState)}, "minItems": 1},
    is_list=True,
)


def routes() -> Iterator[Route]:
    """What can be done with raw requests."""
    yield Route(
        "POST",
        _PLACE,
        raw_requests.create,
        "create_request",
        "Have QuickBooks asked or told anything, in qbXML",
        {202: "WholeRawRequest"},
        _TAG,
        query=(FOLLOW, p.WAIT),
        body=Body("RequestToMake", QBXML),
        judge=raw_requests.judge,
        fails=(409,),
        description="One request element, or a whole document with one; as JSON or as XML itself. It goes with the "
        "next visit of the Web Connector, with a requestID of ours. What is no query takes a key of scope `manage` and "
        "is sent once: if its answer is lost it is `uncertain`, and for a person to look at. 409 for such a one where "
        "nothing may be written, and when very many requests wait already.",
        again=Again.IS_REFUSED,
    )
    yield Route(
        "GET",
        _PLACE,
        raw_requests.listing,
        "list_requests",
        "The raw requests, newest first",
        {200: "RawRequests"},
        _TAG,
        query=(STATE, p.BY_ROW, p.LIMIT),
    )
    yield Route(
        "GET",
        _ONE,
        raw_requests.show,
        "get_request",
        "A raw request and its answer",
        {200: "WholeRawRequest"},
        _TAG,
        query=(p.WAIT,),
        description="What is over is kept as long as the texts of message sets are.",
    )
    yield Route(
        "DELETE",
        _ONE,
        raw_requests.cancel,
        "cancel_request",
        "Take a raw request back that is still queued",
        {200: "WholeRawRequest"},
        _TAG,
        fails=(409,),
        description="409 once QuickBooks has heard of it. Cancelling twice is as good as once.",
    )
